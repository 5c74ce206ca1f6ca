//! Rows of the archive in batches, remembered for one request of one actor.

use std::{collections::HashMap, hash::Hash, sync::Arc};

use app::{
    App, AppError,
    archive::rows::{PatientRow, SeriesRow, StudyRow},
};
use async_graphql::{
    Context, Data, Error, Result,
    dataloader::{DataLoader, Loader},
};
use domain::{Actor, PatientId, StudyId};

use super::graphql_error;
use crate::error::log_if_ours;

/// Adds the request's loader.
pub(super) fn add_loaders(data: &mut Data, app: &App, actor: &Actor) {
    let archive = ArchiveLoader {
        app: app.clone(),
        actor: actor.clone(),
    };
    data.insert(DataLoader::new(archive, tokio::spawn));
}

/// Loads rows for one actor.
#[derive(Debug)]
pub(super) struct ArchiveLoader {
    app: App,
    actor: Actor,
}

/// The series of a study.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct SeriesOf(pub StudyId);

/// The tenant's short name in addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Slug;

/// An error of a loader, shared by all who waited for it.
type Shared = Arc<AppError>;

impl Loader<StudyId> for ArchiveLoader {
    type Value = StudyRow;
    type Error = Shared;

    async fn load(&self, keys: &[StudyId]) -> Result<HashMap<StudyId, StudyRow>, Shared> {
        let rows = self.app.studies_of_cases(&self.actor, keys).await?;
        Ok(rows.into_iter().map(|row| (row.id, row)).collect())
    }
}

impl Loader<PatientId> for ArchiveLoader {
    type Value = PatientRow;
    type Error = Shared;

    async fn load(&self, keys: &[PatientId]) -> Result<HashMap<PatientId, PatientRow>, Shared> {
        let rows = self.app.patients_of_cases(&self.actor, keys).await?;
        Ok(rows.into_iter().map(|row| (row.id, row)).collect())
    }
}

impl Loader<SeriesOf> for ArchiveLoader {
    type Value = Vec<SeriesRow>;
    type Error = Shared;

    async fn load(&self, keys: &[SeriesOf]) -> Result<HashMap<SeriesOf, Vec<SeriesRow>>, Shared> {
        let studies: Vec<StudyId> = keys.iter().map(|key| key.0).collect();
        let mut found: HashMap<SeriesOf, Vec<SeriesRow>> = HashMap::new();
        for row in self.app.series_of_cases(&self.actor, &studies).await? {
            found.entry(SeriesOf(row.study)).or_default().push(row);
        }
        Ok(found)
    }
}

impl Loader<Slug> for ArchiveLoader {
    type Value = String;
    type Error = Shared;

    async fn load(&self, keys: &[Slug]) -> Result<HashMap<Slug, String>, Shared> {
        let slug = self.app.tenant_slug(&self.actor).await?;
        Ok(keys.iter().map(|key| (*key, slug.clone())).collect())
    }
}

/// The request's loader, with errors as resolvers give them.
#[derive(Clone, Copy)]
pub(super) struct Loading<'a>(&'a DataLoader<ArchiveLoader>);

impl Loading<'_> {
    /// The row of a key, with those of all keys asked for at the same time.
    pub async fn load_one<K>(self, key: K) -> Result<Option<<ArchiveLoader as Loader<K>>::Value>>
    where
        K: Send + Sync + Hash + Eq + Clone + 'static,
        ArchiveLoader: Loader<K, Error = Shared>,
    {
        self.0.load_one(key).await.map_err(|error| shared_error(&error))
    }
}

/// The loader of the request.
pub(super) fn loader<'a>(ctx: &Context<'a>) -> Result<Loading<'a>> {
    Ok(Loading(ctx.data::<DataLoader<ArchiveLoader>>()?))
}

/// The tenant's short name.
pub(super) async fn slug(ctx: &Context<'_>) -> Result<String> {
    loader(ctx)?.load_one(Slug).await?.ok_or_else(missing)
}

/// A row that another refers to is not there, or not for the actor.
pub(super) fn missing() -> Error {
    graphql_error(AppError::NotFound { what: "study" })
}

/// One failure answers many fields; each gets the same code.
fn shared_error(error: &AppError) -> Error {
    log_if_ours(error);
    graphql_error(AppError::refused(error.code(), error.public_message()))
}
