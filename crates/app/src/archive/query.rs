//! Searching the archive (QIDO-RS, PS3.18 §10.6).
//!
//! **Invariant:** an attribute we cannot search by never widens a result in silence: the answer names it.

use dicom::{
    JsonObject, Tag,
    query::{Level, Matching as Asked, Query},
    tags,
};
use domain::{Actor, Permission, StudyId, audit::AuditAction};
use store::{
    FoundInstance, FoundSeries, FoundStudy, InstanceRow, Matching, PatientRow, Search, SearchField,
    SeriesRow, StudyRow, TenantRead, Tier,
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
    /// Attributes of the query that were not searched by, as the query wrote them.
    pub ignored: Vec<String>,
    /// Parameters of the query that ask for a way of matching that is not offered.
    pub unsupported: Vec<&'static str>,
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
        let mut matching = matching_of(query, &mut ignored);
        let tx = self.store.read(actor).await?;
        if let Some(address) = within {
            // What does not exist is an error, not an empty result.
            if address.series.is_some() {
                self.series_at(&tx, actor, address).await?;
            } else {
                self.study_at(&tx, actor, address).await?;
            }
            matching.push((
                SearchField::StudyInstanceUid,
                Matching::Text(vec![address.study.to_string()]),
            ));
            if let Some(series) = &address.series {
                matching.push((
                    SearchField::SeriesInstanceUid,
                    Matching::Text(vec![series.to_string()]),
                ));
            }
        }
        let limit = query.limit.map_or(u64::MAX, u64::from).min(most(query.level));
        let search = Search {
            scope: actor.facilities().clone(),
            matching,
            offset: u64::from(query.offset),
            // One more, to know whether there is more.
            limit: limit + 1,
        };
        let root = self.dicomweb_root(&tx).await?;
        let mut found = found(&tx, query.level, &search, within, &root).await?;
        drop(tx);
        let has_more = found.len() as u64 > limit;
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let (objects, mut studies): (Vec<_>, Vec<_>) = found.into_iter().unzip();
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
}

/// How a search is written down: the level and the keys. Their values are what somebody typed about a patient.
fn asked(level: Level, search: &Search) -> String {
    let mut keys: Vec<String> = search
        .matching
        .iter()
        .filter_map(|(field, _)| tag_of(*field))
        .map(|tag| name_of(&[tag]))
        .collect();
    keys.sort_unstable();
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

/// Each result with the study it tells of.
async fn found(
    tx: &TenantRead,
    level: Level,
    search: &Search,
    within: Option<&ArchiveAddress>,
    root: &str,
) -> Result<Vec<(JsonObject, StudyId)>, AppError> {
    // Below a study its attributes are known to the asker (PS3.18 §10.6.3.3).
    let relational = within.is_none();
    Ok(match level {
        Level::Study => tx
            .search_studies(search)
            .await?
            .iter()
            .map(|found| (study_object(found, root), found.study.id))
            .collect(),
        Level::Series => tx
            .search_series(search)
            .await?
            .iter()
            .map(|found| (series_object(found, relational, root), found.study.study.id))
            .collect(),
        Level::Instance => tx
            .search_instances(search)
            .await?
            .iter()
            .map(|found| {
                (
                    instance_object(found, relational, root),
                    found.series.study.study.id,
                )
            })
            .collect(),
    })
}

fn study_object(found: &FoundStudy, root: &str) -> JsonObject {
    let url = format!("{root}/studies/{}", found.study.study_instance_uid);
    with_study(JsonObject::new(), found).text(tags::RETRIEVE_URL, "UR", [url])
}

fn series_object(found: &FoundSeries, relational: bool, root: &str) -> JsonObject {
    let study_uid = &found.study.study.study_instance_uid;
    let url = format!(
        "{root}/studies/{study_uid}/series/{}",
        found.series.series_instance_uid
    );
    let object = if relational {
        with_study(JsonObject::new(), &found.study)
    } else {
        JsonObject::new()
    };
    with_series(object, &found.series)
        .text(tags::STUDY_INSTANCE_UID, "UI", [study_uid])
        .text(tags::RETRIEVE_URL, "UR", [url])
}

fn instance_object(found: &FoundInstance, relational: bool, root: &str) -> JsonObject {
    let study_uid = &found.series.study.study.study_instance_uid;
    let series_uid = &found.series.series.series_instance_uid;
    let instance_uid = &found.instance.sop_instance_uid;
    let url = format!("{root}/studies/{study_uid}/series/{series_uid}/instances/{instance_uid}");
    let object = if relational {
        with_series(
            with_study(JsonObject::new(), &found.series.study),
            &found.series.series,
        )
    } else {
        JsonObject::new().optional_text(tags::MODALITY, "CS", Some(&found.series.series.modality))
    };
    with_instance(object, &found.instance)
        .text(tags::STUDY_INSTANCE_UID, "UI", [study_uid])
        .text(tags::SERIES_INSTANCE_UID, "UI", [series_uid])
        .text(tags::RETRIEVE_URL, "UR", [url])
}

fn with_study(object: JsonObject, found: &FoundStudy) -> JsonObject {
    let study: &StudyRow = &found.study;
    with_patient(object, &found.patient, study)
        .optional_text(tags::STUDY_DATE, "DA", study.study_date.as_deref())
        .optional_text(tags::STUDY_TIME, "TM", study.study_time.as_deref())
        .optional_text(tags::ACCESSION_NUMBER, "SH", study.accession_number.as_deref())
        .text(
            tags::INSTANCE_AVAILABILITY,
            "CS",
            [availability(study.tier, false)],
        )
        .text(tags::MODALITIES_IN_STUDY, "CS", &study.modalities)
        .person_name(
            tags::REFERRING_PHYSICIAN_NAME,
            study.referring_physician.as_deref().unwrap_or_default(),
        )
        .optional_text(tags::STUDY_DESCRIPTION, "LO", study.description.as_deref())
        .text(tags::STUDY_INSTANCE_UID, "UI", [&study.study_instance_uid])
        .optional_text(tags::STUDY_ID, "SH", study.study_id.as_deref())
        .integer(tags::NUMBER_OF_STUDY_RELATED_SERIES, "IS", [study.series_count])
        .integer(
            tags::NUMBER_OF_STUDY_RELATED_INSTANCES,
            "IS",
            [study.instance_count],
        )
}

fn with_patient(object: JsonObject, patient: &PatientRow, study: &StudyRow) -> JsonObject {
    let object = object
        .person_name(tags::PATIENT_NAME, &patient.name)
        .optional_text(tags::PATIENT_ID, "LO", Some(&patient.patient_id))
        .optional_text(tags::PATIENT_BIRTH_DATE, "DA", patient.birth_date.as_deref())
        .optional_text(tags::PATIENT_SEX, "CS", patient.sex.as_deref());
    // The facility that stands in for an issuer is no attribute of the images.
    if patient.issuer == study.facility.to_string() {
        return object;
    }
    object.text(tags::ISSUER_OF_PATIENT_ID, "LO", [&patient.issuer])
}

fn with_series(object: JsonObject, series: &SeriesRow) -> JsonObject {
    object
        .optional_text(tags::MODALITY, "CS", Some(&series.modality))
        .optional_text(tags::SERIES_DESCRIPTION, "LO", series.description.as_deref())
        .text(tags::SERIES_INSTANCE_UID, "UI", [&series.series_instance_uid])
        .integer(tags::SERIES_NUMBER, "IS", series.number)
        .optional_text(tags::BODY_PART_EXAMINED, "CS", series.body_part.as_deref())
        .optional_text(tags::LATERALITY, "CS", series.laterality.as_deref())
        .optional_text(tags::SERIES_DATE, "DA", series.series_date.as_deref())
        .optional_text(tags::SERIES_TIME, "TM", series.series_time.as_deref())
        .integer(
            tags::NUMBER_OF_SERIES_RELATED_INSTANCES,
            "IS",
            [series.instance_count],
        )
}

/// How soon something can be retrieved (PS3.3 §C.4.23.1.1).
fn availability(tier: Tier, is_damaged: bool) -> &'static str {
    match tier {
        _ if is_damaged => "UNAVAILABLE",
        Tier::Hot => "ONLINE",
        Tier::Cold => "NEARLINE",
    }
}

fn with_instance(object: JsonObject, instance: &InstanceRow) -> JsonObject {
    object
        .text(tags::SOP_CLASS_UID, "UI", [&instance.sop_class_uid])
        .text(tags::SOP_INSTANCE_UID, "UI", [&instance.sop_instance_uid])
        .text(
            tags::INSTANCE_AVAILABILITY,
            "CS",
            [availability(instance.tier, instance.damaged_at.is_some())],
        )
        .text(
            tags::AVAILABLE_TRANSFER_SYNTAX_UID,
            "UI",
            [&instance.transfer_syntax_uid],
        )
        .integer(tags::INSTANCE_NUMBER, "IS", instance.number)
        .integer(tags::ROWS, "US", instance.rows)
        .integer(tags::COLUMNS, "US", instance.columns)
        .integer(tags::BITS_ALLOCATED, "US", instance.bits_allocated)
        .integer(tags::NUMBER_OF_FRAMES, "IS", instance.frames)
}

/// The optional ways of matching (PS3.18 §8.3.4) that the query wants; none is offered.
fn unsupported(query: &Query) -> Vec<&'static str> {
    [
        (query.fuzzy_matching, "fuzzymatching"),
        (query.empty_value_matching, "emptyvaluematching"),
        (query.multiple_value_matching, "multiplevaluematching"),
    ]
    .into_iter()
    .filter_map(|(wanted, name)| wanted.then_some(name))
    .collect()
}

/// What the store is asked; what it cannot be asked goes to `ignored`.
fn matching_of(query: &Query, ignored: &mut Vec<String>) -> Vec<(SearchField, Matching)> {
    let mut matching = Vec::with_capacity(query.conditions.len());
    for condition in &query.conditions {
        if condition.matching == Asked::Universal {
            continue;
        }
        let field = match condition.path.as_slice() {
            [tag] => field(*tag).filter(|field| is_searchable(*field, query.level)),
            _ => None,
        };
        match field.and_then(|field| Some((field, matching_for(field, &condition.matching)?))) {
            Some(pair) => matching.push(pair),
            None => ignored.push(name_of(&condition.path)),
        }
    }
    matching
}

fn matching_for(field: SearchField, asked: &Asked) -> Option<Matching> {
    let is_number = matches!(field, SearchField::SeriesNumber | SearchField::InstanceNumber);
    Some(match asked {
        Asked::Universal => return None,
        // No image has a number beyond these.
        Asked::Single(text) if is_number => Matching::Number(text.parse().unwrap_or(i64::MAX)),
        Asked::Single(text) if field == SearchField::ModalitiesInStudy => Matching::Text(
            text.split([',', '\\'])
                .map(|name| name.trim().to_owned())
                .collect(),
        ),
        Asked::Single(text) => Matching::Text(vec![text.clone()]),
        Asked::Wildcard(pattern) => Matching::Text(vec![pattern.as_str().to_owned()]),
        Asked::DateRange { from, to } | Asked::TimeRange { from, to } => {
            Matching::Range(from.clone(), to.clone())
        }
        Asked::UidList(uids) => Matching::Text(uids.iter().map(ToString::to_string).collect()),
    })
}

fn name_of(path: &[Tag]) -> String {
    let name = |tag: &Tag| tag.keyword().map_or_else(|| tag.to_string(), str::to_owned);
    path.iter().map(name).collect::<Vec<_>>().join(".")
}

const fn is_searchable(field: SearchField, level: Level) -> bool {
    use SearchField as F;
    match field {
        F::SopInstanceUid | F::SopClassUid | F::InstanceNumber => matches!(level, Level::Instance),
        F::SeriesInstanceUid
        | F::Modality
        | F::SeriesNumber
        | F::SeriesDescription
        | F::BodyPartExamined
        | F::SeriesDate
        | F::SeriesTime => matches!(level, Level::Series | Level::Instance),
        _ => true,
    }
}

/// What can be searched by.
const FIELDS: [(Tag, SearchField); 23] = [
    (tags::PATIENT_NAME, SearchField::PatientName),
    (tags::PATIENT_ID, SearchField::PatientId),
    (tags::ISSUER_OF_PATIENT_ID, SearchField::IssuerOfPatientId),
    (tags::PATIENT_BIRTH_DATE, SearchField::PatientBirthDate),
    (tags::PATIENT_SEX, SearchField::PatientSex),
    (tags::STUDY_INSTANCE_UID, SearchField::StudyInstanceUid),
    (tags::STUDY_DATE, SearchField::StudyDate),
    (tags::STUDY_TIME, SearchField::StudyTime),
    (tags::ACCESSION_NUMBER, SearchField::AccessionNumber),
    (tags::STUDY_ID, SearchField::StudyId),
    (tags::STUDY_DESCRIPTION, SearchField::StudyDescription),
    (
        tags::REFERRING_PHYSICIAN_NAME,
        SearchField::ReferringPhysicianName,
    ),
    (tags::MODALITIES_IN_STUDY, SearchField::ModalitiesInStudy),
    (tags::SERIES_INSTANCE_UID, SearchField::SeriesInstanceUid),
    (tags::MODALITY, SearchField::Modality),
    (tags::SERIES_NUMBER, SearchField::SeriesNumber),
    (tags::SERIES_DESCRIPTION, SearchField::SeriesDescription),
    (tags::BODY_PART_EXAMINED, SearchField::BodyPartExamined),
    (tags::SERIES_DATE, SearchField::SeriesDate),
    (tags::SERIES_TIME, SearchField::SeriesTime),
    (tags::SOP_INSTANCE_UID, SearchField::SopInstanceUid),
    (tags::SOP_CLASS_UID, SearchField::SopClassUid),
    (tags::INSTANCE_NUMBER, SearchField::InstanceNumber),
];

fn field(tag: Tag) -> Option<SearchField> {
    FIELDS.iter().find(|(of, _)| *of == tag).map(|(_, field)| *field)
}

fn tag_of(field: SearchField) -> Option<Tag> {
    FIELDS.iter().find(|(_, of)| *of == field).map(|(tag, _)| *tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(level: Level, query: &str) -> (Vec<(SearchField, Matching)>, Vec<String>) {
        let mut ignored = Vec::new();
        let matching = matching_of(&Query::parse(level, query).unwrap(), &mut ignored);
        (matching, ignored)
    }

    #[test]
    fn the_usual_keys_become_conditions() {
        let (matching, ignored) = asked(
            Level::Study,
            "PatientName=Doe*&StudyDate=20260101-20260131&ModalitiesInStudy=CT,MR&limit=5",
        );
        assert!(ignored.is_empty());
        assert_eq!(
            matching,
            [
                (SearchField::PatientName, Matching::Text(vec!["Doe*".to_owned()])),
                (
                    SearchField::StudyDate,
                    Matching::Range(Some("20260101".to_owned()), Some("20260131".to_owned()))
                ),
                (
                    SearchField::ModalitiesInStudy,
                    Matching::Text(vec!["CT".to_owned(), "MR".to_owned()])
                ),
            ]
        );
    }

    #[test]
    fn what_cannot_be_searched_by_is_named() {
        let (matching, ignored) = asked(
            Level::Study,
            "SeriesInstanceUID=1.2&PatientWeight=70&AccessionNumber=&fuzzymatching=true",
        );
        assert!(matching.is_empty());
        assert_eq!(ignored, ["SeriesInstanceUID", "PatientWeight"]);
    }
}
