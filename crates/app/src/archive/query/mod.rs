//! Searching the archive (QIDO-RS, PS3.18 §10.6).
//!
//! **Invariant:** an attribute we cannot search by or return never changes a result in silence: the answer names it.

mod answer;
mod extra;
mod fields;

use dicom::{
    JsonObject,
    query::{Level, Query},
};
use domain::{Actor, Permission, StudyId, audit::AuditAction};
use store::{Search, TenantRead, Within};

use self::{
    answer::{Teller, instance_object, series_object, study_object},
    extra::{Extra, Source},
    fields::{matching_of, names_of},
};
use super::address::ArchiveAddress;
use crate::{App, AppError};

/// The most results of one answer, by what is asked for; the rest is asked for with an offset.
const fn most(level: Level) -> u64 {
    match level {
        Level::Study => 1_000,
        Level::Series => 5_000,
        Level::Instance => 10_000,
    }
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchAnswer {
    /// One object for each result.
    pub objects: Vec<JsonObject>,
    /// Whether there is more behind the last one.
    pub has_more: bool,
    /// Attributes of the query that were not searched by or not returned, as the query wrote them.
    pub ignored: Vec<String>,
    /// Parameters of the query that ask for a way of matching that is not offered.
    pub unsupported: Vec<&'static str>,
}

/// A result: what is told of it, the study it tells of, and where to read more.
struct Found {
    object: JsonObject,
    study: StudyId,
    source: Source,
}

impl App {
    /// Searches studies, series or instances; `within` limits to a study or series.
    pub async fn search(
        &self,
        actor: &Actor,
        within: Option<&ArchiveAddress>,
        query: &Query,
    ) -> Result<SearchAnswer, AppError> {
        self.authorise(actor, Permission::RetrieveStudies)?;
        let mut ignored = Vec::new();
        let matching = matching_of(query, &mut ignored);
        let extra = Extra::of(query, &mut ignored);
        let tx = self.store.read(actor).await?;
        let most = if extra.is_read() {
            extra::MOST_READ
        } else {
            most(query.level)
        };
        let limit = query.limit.map_or(u64::MAX, u64::from).min(most);
        let search = Search {
            scope: actor.facilities().clone(),
            within: self.within(&tx, actor, within).await?,
            matching,
            offset: u64::from(query.offset),
            // One more, to know whether there is more.
            limit: limit + 1,
        };
        let root = self.dicomweb_root(&tx).await?;
        let relational = within.is_none() || extra.is_of_study();
        let mut found = found(
            &tx,
            query.level,
            &search,
            relational,
            Teller {
                app: self,
                root: &root,
            },
        )
        .await?;
        let mut has_more = found.len() as u64 > limit;
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        has_more |= extra.read(&tx, &mut found).await?;
        drop(tx);
        let (objects, mut studies): (Vec<_>, Vec<_>) =
            found.into_iter().map(|found| (found.object, found.study)).unzip();
        studies.sort_unstable();
        studies.dedup();
        let studies: Vec<String> = studies.iter().map(ToString::to_string).collect();
        self.record_list_look(
            actor,
            AuditAction::StudySearch,
            &asked(query.level, &search),
            &studies,
        )
        .await?;
        Ok(SearchAnswer {
            objects,
            has_more,
            ignored,
            unsupported: unsupported(query),
        })
    }

    /// The study or series of an address. What does not exist is an error, not an empty result.
    async fn within(
        &self,
        tx: &TenantRead,
        actor: &Actor,
        address: Option<&ArchiveAddress>,
    ) -> Result<Option<Within>, AppError> {
        let Some(address) = address else { return Ok(None) };
        let (study, series) = if address.series.is_some() {
            let (study, series) = self.series_at(tx, actor, address).await?;
            (study.id, Some(series.id))
        } else {
            (self.study_at(tx, actor, address).await?.id, None)
        };
        Ok(Some(Within { study, series }))
    }
}

/// How a search is written down: the level and the keys. Their values are what somebody typed about a patient.
fn asked(level: Level, search: &Search) -> String {
    let mut keys = names_of(&search.matching);
    if let Some(within) = search.within {
        keys.push("StudyInstanceUID".to_owned());
        keys.extend(within.series.map(|_| "SeriesInstanceUID".to_owned()));
        keys.sort_unstable();
    }
    let level = match level {
        Level::Study => "studies",
        Level::Series => "series",
        Level::Instance => "instances",
    };
    format!(
        "{level} by {}",
        if keys.is_empty() {
            "nothing".to_owned()
        } else {
            keys.join(" ")
        }
    )
}

/// The results. Below a study its attributes are known to the asker (PS3.18 §10.6.3.3), unless `relational`.
async fn found(
    tx: &TenantRead,
    level: Level,
    search: &Search,
    relational: bool,
    teller: Teller<'_>,
) -> Result<Vec<Found>, AppError> {
    Ok(match level {
        Level::Study => tx
            .search_studies(search)
            .await?
            .iter()
            .map(|found| Found {
                object: study_object(found, teller),
                study: found.study.id,
                source: Source::Study(found.study.id),
            })
            .collect(),
        Level::Series => tx
            .search_series(search)
            .await?
            .iter()
            .map(|found| Found {
                object: series_object(found, relational, teller),
                study: found.study.study.id,
                source: Source::Series(found.series.id),
            })
            .collect(),
        Level::Instance => tx
            .search_instances(search)
            .await?
            .iter()
            .map(|found| Found {
                object: instance_object(found, relational, teller),
                study: found.series.study.study.id,
                source: Source::instance(found, teller.root),
            })
            .collect(),
    })
}

/// The optional ways of matching (PS3.18 §8.3.4) that the query wants and that are not offered.
fn unsupported(query: &Query) -> Vec<&'static str> {
    [
        (query.empty_value_matching, "emptyvaluematching"),
        (query.multiple_value_matching, "multiplevaluematching"),
    ]
    .into_iter()
    .filter_map(|(wanted, name)| wanted.then_some(name))
    .collect()
}
