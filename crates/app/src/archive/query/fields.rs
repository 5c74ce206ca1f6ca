//! From the attributes of a query to what the store can be asked.
//!
//! **Invariant:** an attribute we cannot search by never widens a result in silence: it is named.

use dicom::{
    Tag,
    query::{Level, Matching as Asked, Query},
    tags,
};
use domain::name_index;
use store::{Matching, SearchField};

/// What the store is asked; what it cannot be asked goes to `ignored`.
pub(super) fn matching_of(query: &Query, ignored: &mut Vec<String>) -> Vec<(SearchField, Matching)> {
    let mut matching = Vec::with_capacity(query.conditions.len());
    for condition in &query.conditions {
        if condition.matching == Asked::Universal {
            continue;
        }
        let field = field(&condition.path).filter(|(_, of)| *of <= query.level);
        let asked = field.and_then(|(field, _)| {
            Some((
                field,
                matching_for(field, &condition.matching, query.fuzzy_matching)?,
            ))
        });
        match asked {
            Some(pair) => matching.push(pair),
            None => ignored.push(name_of(&condition.path)),
        }
    }
    matching
}

fn matching_for(field: SearchField, asked: &Asked, fuzzy: bool) -> Option<Matching> {
    use SearchField as F;
    let is_number = matches!(
        field,
        F::SeriesNumber | F::InstanceNumber | F::Rows | F::Columns | F::BitsAllocated | F::NumberOfFrames
    );
    let is_name = matches!(field, F::PatientName | F::ReferringPhysicianName);
    Some(match asked {
        Asked::Universal => return None,
        // No image has a number beyond these.
        Asked::Single(text) if is_number => Matching::Number(
            text.parse()
                .ok()
                .filter(|number| i32::try_from(*number).is_ok())
                .unwrap_or(-1),
        ),
        Asked::Single(text) if field == F::ModalitiesInStudy => Matching::Text(
            text.split([',', '\\'])
                .map(|name| name.trim().to_owned())
                .collect(),
        ),
        Asked::Single(text) if is_name && fuzzy => words(text),
        Asked::Single(text) => Matching::Text(vec![text.clone()]),
        Asked::Wildcard(pattern) if is_name && fuzzy => words(pattern.as_str()),
        Asked::Wildcard(pattern) => Matching::Text(vec![pattern.as_str().to_owned()]),
        Asked::DateRange { from, to } | Asked::TimeRange { from, to } | Asked::DateTimeRange { from, to } => {
            Matching::Range(from.clone(), to.clone())
        }
        Asked::UidList(uids) => Matching::Text(uids.iter().map(ToString::to_string).collect()),
    })
}

/// Words in any order, without accents. A name without any, such as `-`, is looked for as it is written.
fn words(text: &str) -> Matching {
    let words = name_index::wanted_words(text);
    if words.is_empty() {
        Matching::Text(vec![text.to_owned()])
    } else {
        Matching::Words(words)
    }
}

/// The name of an attribute, from the outside in.
pub(super) fn name_of(path: &[Tag]) -> String {
    let name = |tag: &Tag| tag.keyword().map_or_else(|| tag.to_string(), str::to_owned);
    path.iter().map(name).collect::<Vec<_>>().join(".")
}

/// The names of the attributes that are searched by, sorted.
pub(super) fn names_of(matching: &[(SearchField, Matching)]) -> Vec<String> {
    let path = |wanted: SearchField| {
        FIELDS
            .iter()
            .find(|(_, field, _)| *field == wanted)
            .map(|(path, ..)| *path)
    };
    let mut names: Vec<String> = matching
        .iter()
        .filter_map(|(field, _)| path(*field))
        .map(name_of)
        .collect();
    names.sort_unstable();
    names
}

fn field(path: &[Tag]) -> Option<(SearchField, Level)> {
    FIELDS
        .iter()
        .find(|(of, ..)| *of == path)
        .map(|(_, field, level)| (*field, *level))
}

/// What can be searched by, and from which level on.
const FIELDS: &[(&[Tag], SearchField, Level)] = &[
    (&[tags::PATIENT_NAME], SearchField::PatientName, Level::Study),
    (&[tags::PATIENT_ID], SearchField::PatientId, Level::Study),
    (
        &[tags::ISSUER_OF_PATIENT_ID],
        SearchField::IssuerOfPatientId,
        Level::Study,
    ),
    (
        &[tags::PATIENT_BIRTH_DATE],
        SearchField::PatientBirthDate,
        Level::Study,
    ),
    (&[tags::PATIENT_SEX], SearchField::PatientSex, Level::Study),
    (
        &[tags::STUDY_INSTANCE_UID],
        SearchField::StudyInstanceUid,
        Level::Study,
    ),
    (&[tags::STUDY_DATE], SearchField::StudyDate, Level::Study),
    (&[tags::STUDY_TIME], SearchField::StudyTime, Level::Study),
    (
        &[tags::ACCESSION_NUMBER],
        SearchField::AccessionNumber,
        Level::Study,
    ),
    (&[tags::STUDY_ID], SearchField::StudyId, Level::Study),
    (
        &[tags::STUDY_DESCRIPTION],
        SearchField::StudyDescription,
        Level::Study,
    ),
    (
        &[tags::REFERRING_PHYSICIAN_NAME],
        SearchField::ReferringPhysicianName,
        Level::Study,
    ),
    (
        &[tags::MODALITIES_IN_STUDY],
        SearchField::ModalitiesInStudy,
        Level::Study,
    ),
    (
        &[tags::SERIES_INSTANCE_UID],
        SearchField::SeriesInstanceUid,
        Level::Series,
    ),
    (&[tags::MODALITY], SearchField::Modality, Level::Series),
    (&[tags::SERIES_NUMBER], SearchField::SeriesNumber, Level::Series),
    (
        &[tags::SERIES_DESCRIPTION],
        SearchField::SeriesDescription,
        Level::Series,
    ),
    (
        &[tags::BODY_PART_EXAMINED],
        SearchField::BodyPartExamined,
        Level::Series,
    ),
    (&[tags::LATERALITY], SearchField::Laterality, Level::Series),
    (&[tags::SERIES_DATE], SearchField::SeriesDate, Level::Series),
    (&[tags::SERIES_TIME], SearchField::SeriesTime, Level::Series),
    (
        &[tags::PERFORMED_PROCEDURE_STEP_START_DATE],
        SearchField::PerformedDate,
        Level::Series,
    ),
    (
        &[tags::PERFORMED_PROCEDURE_STEP_START_TIME],
        SearchField::PerformedTime,
        Level::Series,
    ),
    (&[tags::PROTOCOL_NAME], SearchField::ProtocolName, Level::Series),
    (&[tags::STATION_NAME], SearchField::StationName, Level::Series),
    (&[tags::MANUFACTURER], SearchField::Manufacturer, Level::Series),
    (
        &[
            tags::REQUEST_ATTRIBUTES_SEQUENCE,
            tags::SCHEDULED_PROCEDURE_STEP_ID,
        ],
        SearchField::ScheduledProcedureStepId,
        Level::Study,
    ),
    (
        &[tags::REQUEST_ATTRIBUTES_SEQUENCE, tags::REQUESTED_PROCEDURE_ID],
        SearchField::RequestedProcedureId,
        Level::Study,
    ),
    (
        &[tags::REQUEST_ATTRIBUTES_SEQUENCE, tags::ACCESSION_NUMBER],
        SearchField::RequestedAccessionNumber,
        Level::Study,
    ),
    (
        &[tags::SOP_INSTANCE_UID],
        SearchField::SopInstanceUid,
        Level::Instance,
    ),
    (&[tags::SOP_CLASS_UID], SearchField::SopClassUid, Level::Instance),
    (
        &[tags::INSTANCE_NUMBER],
        SearchField::InstanceNumber,
        Level::Instance,
    ),
    (&[tags::ROWS], SearchField::Rows, Level::Instance),
    (&[tags::COLUMNS], SearchField::Columns, Level::Instance),
    (
        &[tags::BITS_ALLOCATED],
        SearchField::BitsAllocated,
        Level::Instance,
    ),
    (
        &[tags::NUMBER_OF_FRAMES],
        SearchField::NumberOfFrames,
        Level::Instance,
    ),
];

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

    #[test]
    fn a_name_is_looked_for_by_its_words_when_it_is_fuzzy() {
        let (matching, _) = asked(Level::Study, "PatientName=M%C3%BCller%5EAnn*&fuzzymatching=true");
        let words = Matching::Words(vec!["muller".to_owned(), "ann*".to_owned()]);
        assert_eq!(matching, [(SearchField::PatientName, words)]);
    }

    #[test]
    fn an_attribute_of_a_request_is_a_path() {
        let (matching, ignored) = asked(Level::Series, "00400275.00400009=S1&00400275.00400007=x");
        assert_eq!(
            matching,
            [(
                SearchField::ScheduledProcedureStepId,
                Matching::Text(vec!["S1".to_owned()])
            )]
        );
        assert_eq!(
            ignored,
            ["RequestAttributesSequence.ScheduledProcedureStepDescription"]
        );
    }
}
