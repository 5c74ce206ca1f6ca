//! Attributes that are asked for and not kept in columns: they are read from the metadata of stored instances.
//!
//! **Invariant:** metadata is read for many results at once and for a bounded number of them; no answer grows beyond
//! [`MOST_BYTES`] by it.
//!
//! **Invariant:** a result is told only what is the same for all of it: no attribute of one instance for its study.

use std::{borrow::Cow, collections::BTreeMap};

use dicom::{
    Tag,
    query::{IncludeFields, Level, Query},
    resolve_bulk_uris, tags,
};
use domain::{InstanceId, SeriesId, StudyId};
use serde_json::value::RawValue;
use store::{FoundInstance, MetadataOf, TenantRead};

use super::{Found, fields::name_of};
use crate::{
    AppError,
    archive::{metadata::read_gzip, spool::blocking},
};

/// So many results of one answer are read.
pub(super) const MOST_READ: u64 = 500;
/// So many at a time.
const READ_AT_ONCE: usize = 50;
/// What is read for one answer.
const MOST_BYTES: usize = 32 << 20;

/// What of a series or study comes from columns that are counted, and not from any instance.
const COUNTED: [Tag; 6] = [
    tags::MODALITIES_IN_STUDY,
    tags::NUMBER_OF_STUDY_RELATED_SERIES,
    tags::NUMBER_OF_STUDY_RELATED_INSTANCES,
    tags::NUMBER_OF_SERIES_RELATED_INSTANCES,
    tags::INSTANCE_AVAILABILITY,
    tags::RETRIEVE_URL,
];

/// Where more of a result stands.
#[derive(Debug, Clone)]
pub(super) enum Source {
    /// In any instance of this study.
    Study(StudyId),
    /// In any instance of this series.
    Series(SeriesId),
    /// In this instance, whose bulk data has this address.
    Instance(InstanceId, String),
}

impl Source {
    pub fn instance(found: &FoundInstance, root: &str) -> Self {
        let url = format!(
            "{root}/studies/{}/series/{}/instances/{}/bulkdata/",
            found.series.study.study.study_instance_uid,
            found.series.series.series_instance_uid,
            found.instance.sop_instance_uid
        );
        Self::Instance(found.instance.id, url)
    }
}

/// What is asked for beyond the usual.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Extra {
    level: Level,
    /// The attributes wanted, `None` for all there are.
    wanted: Option<Vec<Tag>>,
    of_study: bool,
}

impl Extra {
    /// What the query asks for; what a result of its level cannot have goes to `ignored`.
    pub fn of(query: &Query, ignored: &mut Vec<String>) -> Self {
        let level = query.level;
        let IncludeFields::Named(paths) = &query.include else {
            return Self {
                level,
                wanted: None,
                of_study: true,
            };
        };
        let mut wanted = Vec::new();
        let mut of_study = false;
        for path in paths {
            // A sequence is returned whole.
            let Some(tag) = path.first().copied() else {
                continue;
            };
            if COUNTED.contains(&tag) {
                of_study = true;
            } else if Level::of(tag) <= level {
                of_study |= Level::of(tag) == Level::Study;
                wanted.push(tag);
            } else {
                ignored.push(name_of(path));
            }
        }
        Self {
            level,
            wanted: Some(wanted),
            of_study,
        }
    }

    /// Whether metadata has to be read.
    pub fn is_read(&self) -> bool {
        self.wanted
            .as_ref()
            .is_none_or(|wanted| !wanted.iter().all(|tag| is_always_told(*tag)))
    }

    /// Whether something of the study is wanted.
    pub fn is_of_study(&self) -> bool {
        self.of_study
    }

    /// Adds to the results what is wanted of them. Whether results were left out because the answer grew too large.
    pub async fn read(self, tx: &TenantRead, found: &mut Vec<Found>) -> Result<bool, AppError> {
        if !self.is_read() {
            return Ok(false);
        }
        let mut read = 0;
        for from in (0..found.len()).step_by(READ_AT_ONCE) {
            if read > MOST_BYTES {
                found.truncate(from);
                return Ok(true);
            }
            let until = found.len().min(from + READ_AT_ONCE);
            let group = &mut found[from..until];
            let mut packed = tx.metadata_of(&asked_for(group)).await?;
            let work: Vec<_> = group
                .iter()
                .map(|one| {
                    (
                        packed.remove(&owner(&one.source)).unwrap_or_default(),
                        bulk_root(&one.source),
                    )
                })
                .collect();
            let extra = self.clone();
            let members = blocking(move || {
                work.iter()
                    .map(|(packed, root)| extra.pick(packed, root.as_deref()))
                    .collect()
            })
            .await?;
            let members: Vec<Vec<(Tag, Vec<u8>)>> = members;
            for (one, members) in group.iter_mut().zip(members) {
                read += members.iter().map(|(_, json)| json.len()).sum::<usize>();
                let object = std::mem::take(&mut one.object);
                one.object = members
                    .into_iter()
                    .fold(object, |object, (tag, json)| object.or_member(tag, json));
            }
        }
        Ok(false)
    }

    /// The wanted members of one instance's metadata.
    fn pick(&self, packed: &[u8], bulk_root: Option<&str>) -> std::io::Result<Vec<(Tag, Vec<u8>)>> {
        if packed.is_empty() {
            return Ok(Vec::new());
        }
        let json = read_gzip(packed)?;
        let members: BTreeMap<Cow<'_, str>, &RawValue> = serde_json::from_slice(&json)?;
        let picked = members.into_iter().filter_map(|(name, member)| {
            let tag = Tag::parse(&name)?;
            let is_wanted = match &self.wanted {
                Some(wanted) => wanted.contains(&tag),
                None => Level::of(tag) <= self.level,
            };
            if !is_wanted {
                return None;
            }
            match bulk_root {
                Some(root) => Some((tag, resolve_bulk_uris(member.get().as_bytes(), root))),
                // What stands for a series or a study has no bulk data of its own.
                None if member.get().contains("\"BulkDataURI\"") => None,
                None => Some((tag, member.get().as_bytes().to_vec())),
            }
        });
        Ok(picked.collect())
    }
}

fn is_always_told(tag: Tag) -> bool {
    [
        tags::STUDY_DATE,
        tags::STUDY_TIME,
        tags::ACCESSION_NUMBER,
        tags::REFERRING_PHYSICIAN_NAME,
        tags::STUDY_DESCRIPTION,
        tags::TIMEZONE_OFFSET_FROM_UTC,
        tags::PATIENT_NAME,
        tags::PATIENT_ID,
        tags::PATIENT_BIRTH_DATE,
        tags::PATIENT_SEX,
        tags::STUDY_INSTANCE_UID,
        tags::STUDY_ID,
        tags::MODALITY,
        tags::SERIES_DESCRIPTION,
        tags::SERIES_INSTANCE_UID,
        tags::SERIES_NUMBER,
        tags::BODY_PART_EXAMINED,
        tags::SOP_CLASS_UID,
        tags::SOP_INSTANCE_UID,
        tags::INSTANCE_NUMBER,
        tags::ROWS,
        tags::COLUMNS,
        tags::BITS_ALLOCATED,
        tags::NUMBER_OF_FRAMES,
    ]
    .contains(&tag)
}

fn owner(source: &Source) -> uuid::Uuid {
    match source {
        Source::Study(id) => id.uuid(),
        Source::Series(id) => id.uuid(),
        Source::Instance(id, _) => id.uuid(),
    }
}

fn bulk_root(source: &Source) -> Option<String> {
    match source {
        Source::Instance(_, root) => Some(root.clone()),
        Source::Study(_) | Source::Series(_) => None,
    }
}

fn asked_for(group: &[Found]) -> MetadataOf {
    let mut asked = MetadataOf::default();
    for one in group {
        match &one.source {
            Source::Study(id) => asked.studies.push(*id),
            Source::Series(id) => asked.series.push(*id),
            Source::Instance(id, _) => asked.instances.push(*id),
        }
    }
    asked
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extra(level: Level, query: &str) -> (Extra, Vec<String>) {
        let mut ignored = Vec::new();
        let extra = Extra::of(&Query::parse(level, query).unwrap(), &mut ignored);
        (extra, ignored)
    }

    #[test]
    fn what_is_told_anyway_is_not_read() {
        assert!(!extra(Level::Study, "").0.is_read());
        assert!(
            !extra(Level::Study, "includefield=StudyDescription,ModalitiesInStudy")
                .0
                .is_read()
        );
        assert!(extra(Level::Study, "includefield=PatientComments").0.is_read());
        assert!(extra(Level::Study, "includefield=all").0.is_read());
    }

    #[test]
    fn a_study_is_not_told_what_one_of_its_instances_says() {
        let (extra, ignored) = extra(Level::Study, "includefield=WindowCenter,PatientSize");
        assert_eq!(ignored, ["WindowCenter"]);
        assert_eq!(extra.wanted, Some(vec![Tag::new(0x0010, 0x1020)]));
    }
}
