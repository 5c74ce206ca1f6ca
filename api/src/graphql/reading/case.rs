//! A case, as lists and its own page show it.

use app::reading::{Holder as HolderRow, rows::CaseRow};
use async_graphql::{Context, Error, ID, Object, Result, SimpleObject, dataloader::DataLoader};
use chrono::{DateTime, Utc};
use domain::sla::Mark;

use super::{
    clock::SlaClock,
    enums::{CaseState, Priority, ProtocolFlag},
    loaders::{CaseLoader, DeliveriesOf, FacilityOf, HolderOf, KeyImagesOf, LedgerOf, ReportOf, VersionsOf},
    report::{Delivery, KeyImage, Report, ReportDraft},
};
use crate::graphql::{CallerContext, Facility, Patient, Study};

/// One thing to read.
#[derive(Debug, Clone)]
pub struct Case {
    row: CaseRow,
}

/// Who reads a case at this moment.
#[derive(Debug, Clone, SimpleObject)]
pub struct Holder {
    user_id: ID,
    name: String,
    since: DateTime<Utc>,
    lease_expires_at: DateTime<Utc>,
}

impl From<CaseRow> for Case {
    fn from(row: CaseRow) -> Self {
        Self { row }
    }
}

impl From<HolderRow> for Holder {
    fn from(holder: HolderRow) -> Self {
        Self {
            user_id: holder.claim.holder.to_string().into(),
            name: holder.name,
            since: holder.claim.since,
            lease_expires_at: holder.claim.lease_until,
        }
    }
}

impl Case {
    fn loader<'a>(ctx: &Context<'a>) -> Result<&'a DataLoader<CaseLoader>> {
        ctx.data::<DataLoader<CaseLoader>>()
    }

    async fn ledger(&self, ctx: &Context<'_>) -> Result<domain::sla::SlaClock> {
        let ledger = Self::loader(ctx)?
            .load_one(LedgerOf(self.row.case.id))
            .await?
            .unwrap_or_default();
        Ok(ctx.app()?.clock(&self.row.case, ledger))
    }

    async fn has_reached(&self, ctx: &Context<'_>, mark: Mark) -> Result<bool> {
        Ok(self.ledger(ctx).await?.has_reached(mark, ctx.app()?.clock.now()))
    }

    /// The claim of the case, if the caller holds it.
    async fn own_claim(&self, ctx: &Context<'_>) -> Result<Option<HolderRow>> {
        let caller = ctx.actor()?.user();
        let holder = Self::loader(ctx)?.load_one(HolderOf(self.row.case.id)).await?;
        Ok(holder.filter(|holder| Some(holder.claim.holder) == caller))
    }
}

/// One thing to read: its images, its clock, its report.
#[Object]
impl Case {
    async fn id(&self) -> ID {
        self.row.case.id.to_string().into()
    }

    async fn state(&self) -> CaseState {
        self.row.case.state.into()
    }

    async fn priority(&self) -> Priority {
        self.row.case.priority.into()
    }

    async fn protocol_flag(&self) -> Option<ProtocolFlag> {
        self.row.case.protocol_flag.map(ProtocolFlag::from)
    }

    /// Who sent it and gets the report.
    async fn facility(&self, ctx: &Context<'_>) -> Result<Facility> {
        let row = Self::loader(ctx)?
            .load_one(FacilityOf(self.row.case.facility))
            .await?;
        row.map(Facility::from)
            .ok_or_else(|| Error::new("a case without its facility"))
    }

    async fn patient(&self, ctx: &Context<'_>) -> Result<Patient> {
        Patient::load(ctx, self.row.case.study).await
    }

    async fn study(&self, ctx: &Context<'_>) -> Result<Study> {
        Study::load(ctx, self.row.case.study).await
    }

    /// Why the examination was made.
    async fn indication(&self) -> Option<&str> {
        self.row.case.indication.as_deref()
    }

    async fn created_at(&self) -> DateTime<Utc> {
        self.row.case.created_at
    }

    /// When it was complete and its target began to run.
    async fn ready_at(&self) -> Option<DateTime<Utc>> {
        self.row.case.ready_at
    }

    /// When its report is owed: null until it is ready to read, and while its clock is paused.
    async fn due_at(&self, ctx: &Context<'_>) -> Result<Option<DateTime<Utc>>> {
        Ok(self.ledger(ctx).await?.promised_at())
    }

    /// Half of the target has passed.
    async fn warned(&self, ctx: &Context<'_>) -> Result<bool> {
        self.has_reached(ctx, Mark::Half).await
    }

    /// The target has passed.
    async fn breached(&self, ctx: &Context<'_>) -> Result<bool> {
        self.has_reached(ctx, Mark::Breach).await
    }

    async fn received_count(&self) -> u32 {
        self.row.case.received_count
    }

    /// Null when the sender announced nothing.
    async fn expected_count(&self) -> Option<u32> {
        self.row.case.expected_count
    }

    /// 0 to 100; null when the sender announced nothing.
    async fn received_percent(&self) -> Option<u32> {
        self.row.case.received_percent()
    }

    /// Images arrived after the final signature: the report is to be verified.
    async fn late_images(&self) -> bool {
        self.row.case.late_images
    }

    /// Who reads it now.
    async fn holder(&self, ctx: &Context<'_>) -> Result<Option<Holder>> {
        let holder = Self::loader(ctx)?.load_one(HolderOf(self.row.case.id)).await?;
        Ok(holder.map(Holder::from))
    }

    /// The token of the caller's own claim; nobody else is given it.
    async fn my_claim_token(&self, ctx: &Context<'_>) -> Result<Option<ID>> {
        Ok(self
            .own_claim(ctx)
            .await?
            .map(|holder| holder.claim.token.to_string().into()))
    }

    async fn clock(&self, ctx: &Context<'_>) -> Result<SlaClock> {
        Ok(SlaClock::at(ctx.app()?.clock.now(), &self.ledger(ctx).await?))
    }

    /// What is being written; only for its reader.
    async fn draft(&self, ctx: &Context<'_>) -> Result<Option<ReportDraft>> {
        if self.own_claim(ctx).await?.is_none() {
            return Ok(None);
        }
        let report = Self::loader(ctx)?
            .load_one(ReportOf(self.row.case.id))
            .await?
            .transpose()?;
        Ok(report.and_then(|report| report.draft).map(ReportDraft::from))
    }

    /// Null until something is signed.
    async fn report(&self, ctx: &Context<'_>) -> Result<Option<Report>> {
        let loader = Self::loader(ctx)?;
        let versions = loader
            .load_one(VersionsOf(self.row.case.id))
            .await?
            .transpose()?
            .unwrap_or_default();
        let report = loader.load_one(ReportOf(self.row.case.id)).await?.transpose()?;
        Ok(report.and_then(|report| Report::signed(&report, versions)))
    }

    /// In the order they were marked. As they are now for the case's reader, as they were signed for others.
    async fn key_images(&self, ctx: &Context<'_>) -> Result<Vec<KeyImage>> {
        let rows = Self::loader(ctx)?
            .load_one(KeyImagesOf(self.row.case.id))
            .await?
            .unwrap_or_default();
        Ok(rows.into_iter().map(KeyImage::from).collect())
    }

    /// Oldest first.
    async fn deliveries(&self, ctx: &Context<'_>) -> Result<Vec<Delivery>> {
        let rows = Self::loader(ctx)?
            .load_one(DeliveriesOf(self.row.case.id))
            .await?
            .unwrap_or_default();
        Ok(rows.into_iter().map(Delivery::from).collect())
    }
}
