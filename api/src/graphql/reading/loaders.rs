//! What belongs to the cases of a page, each kind in one query.
//!
//! **Invariant:** the keys come from cases the caller was shown, so a loader asks for nothing else.

use std::{collections::HashMap, hash::Hash};

use app::{
    App,
    identity::rows::FacilityRow,
    reading::{
        Holder,
        rows::{DeliveryRow, KeyImageRow, VersionRow},
    },
};
use async_graphql::{
    Data, Error,
    dataloader::{DataLoader, Loader},
};
use domain::{Actor, CaseId, FacilityId, report::Report, sla::ClockEvent};

use crate::graphql::graphql_error;

/// Loads with the rights of one caller.
pub struct CaseLoader {
    app: App,
    actor: Actor,
}

/// The key of each kind of thing that belongs to a case.
macro_rules! keys {
    ($($(#[$doc:meta])* $name:ident($id:ident);)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub struct $name(pub $id);
    )*};
}

keys! {
    /// A facility.
    FacilityOf(FacilityId);
    /// A clock's ledger.
    LedgerOf(CaseId);
    /// Who holds a case.
    HolderOf(CaseId);
    /// A report with its draft.
    ReportOf(CaseId);
    /// Signed versions.
    VersionsOf(CaseId);
    /// Marked images.
    KeyImagesOf(CaseId);
    /// Copies on their way.
    DeliveriesOf(CaseId);
}

/// Adds the loader to what a request carries.
pub fn add_to(data: &mut Data, app: &App, actor: &Actor) {
    let loader = CaseLoader {
        app: app.clone(),
        actor: actor.clone(),
    };
    data.insert(DataLoader::new(loader, tokio::spawn));
}

/// Logged once; the caller reads a code.
fn broken(error: impl Into<app::AppError>) -> Error {
    graphql_error(error.into())
}

fn grouped<K: Eq + Hash, T>(rows: Vec<T>, key: impl Fn(&T) -> K) -> HashMap<K, Vec<T>> {
    let mut groups: HashMap<K, Vec<T>> = HashMap::new();
    for row in rows {
        groups.entry(key(&row)).or_default().push(row);
    }
    groups
}

impl Loader<FacilityOf> for CaseLoader {
    type Value = FacilityRow;
    type Error = Error;

    async fn load(&self, keys: &[FacilityOf]) -> Result<HashMap<FacilityOf, FacilityRow>, Error> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self
            .app
            .facilities_of_cases(&self.actor, &ids)
            .await
            .map_err(graphql_error)?;
        Ok(rows.into_iter().map(|row| (FacilityOf(row.id), row)).collect())
    }
}

impl Loader<LedgerOf> for CaseLoader {
    type Value = Vec<ClockEvent>;
    type Error = Error;

    async fn load(&self, keys: &[LedgerOf]) -> Result<HashMap<LedgerOf, Vec<ClockEvent>>, Error> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let ledgers = self
            .app
            .clock_ledgers(&self.actor, &ids)
            .await
            .map_err(graphql_error)?;
        Ok(ledgers
            .into_iter()
            .map(|(case, ledger)| (LedgerOf(case), ledger))
            .collect())
    }
}

impl Loader<HolderOf> for CaseLoader {
    type Value = Holder;
    type Error = Error;

    async fn load(&self, keys: &[HolderOf]) -> Result<HashMap<HolderOf, Holder>, Error> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let holders = self.app.holders(&self.actor, &ids).await.map_err(graphql_error)?;
        Ok(holders
            .into_iter()
            .map(|(case, holder)| (HolderOf(case), holder))
            .collect())
    }
}

impl Loader<ReportOf> for CaseLoader {
    /// One report that cannot be read costs only its own field.
    type Value = Result<Report, Error>;
    type Error = Error;

    async fn load(&self, keys: &[ReportOf]) -> Result<HashMap<ReportOf, Self::Value>, Error> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let reports = self.app.reports(&self.actor, &ids).await.map_err(graphql_error)?;
        Ok(reports
            .into_iter()
            .map(|(case, report)| (ReportOf(case), report.map_err(broken)))
            .collect())
    }
}

impl Loader<VersionsOf> for CaseLoader {
    /// One version that cannot be read costs only its own case's field.
    type Value = Result<Vec<VersionRow>, Error>;
    type Error = Error;

    async fn load(&self, keys: &[VersionsOf]) -> Result<HashMap<VersionsOf, Self::Value>, Error> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self
            .app
            .report_versions(&self.actor, &ids)
            .await
            .map_err(graphql_error)?;
        Ok(rows
            .into_iter()
            .map(|(case, versions)| (VersionsOf(case), versions.map_err(broken)))
            .collect())
    }
}

impl Loader<KeyImagesOf> for CaseLoader {
    type Value = Vec<KeyImageRow>;
    type Error = Error;

    async fn load(&self, keys: &[KeyImagesOf]) -> Result<HashMap<KeyImagesOf, Vec<KeyImageRow>>, Error> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self
            .app
            .key_images(&self.actor, &ids)
            .await
            .map_err(graphql_error)?;
        Ok(grouped(rows, |row| KeyImagesOf(row.case)))
    }
}

impl Loader<DeliveriesOf> for CaseLoader {
    type Value = Vec<DeliveryRow>;
    type Error = Error;

    async fn load(&self, keys: &[DeliveriesOf]) -> Result<HashMap<DeliveriesOf, Vec<DeliveryRow>>, Error> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self
            .app
            .deliveries(&self.actor, &ids)
            .await
            .map_err(graphql_error)?;
        Ok(grouped(rows, |row| DeliveriesOf(row.case)))
    }
}
