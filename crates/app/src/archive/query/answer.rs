//! What is told of a result: the attributes of PS3.18 tables 10.6.3-3 to 10.6.3-5.

use dicom::{JsonObject, tags};
use store::{
    FoundInstance, FoundSeries, FoundStudy, InstanceHit, PatientRow, RequestedStep, SeriesRow, StudyRow,
};

use crate::App;

/// What every answer to a search is told with.
#[derive(Clone, Copy)]
pub(super) struct Teller<'a> {
    /// Knows how soon something can be retrieved.
    pub app: &'a App,
    /// The address of the tenant's DICOMweb service.
    pub root: &'a str,
}

/// DICOM JSON is UTF-8, and so says Specific Character Set (0008,0005), which XML needs (PS3.18 §8.8).
fn in_utf8() -> JsonObject {
    JsonObject::new().text(tags::SPECIFIC_CHARACTER_SET, "CS", ["ISO_IR 192"])
}

fn with_timezone(object: JsonObject, offset: Option<&str>) -> JsonObject {
    match offset {
        Some(offset) => object.text(tags::TIMEZONE_OFFSET_FROM_UTC, "SH", [offset]),
        None => object,
    }
}

fn with_requested(object: JsonObject, found: &FoundSeries) -> JsonObject {
    if found.requested.is_empty() {
        return object;
    }
    object.sequence(
        tags::REQUEST_ATTRIBUTES_SEQUENCE,
        found.requested.iter().map(requested),
    )
}

fn requested(step: &RequestedStep) -> JsonObject {
    let item = JsonObject::new()
        .optional_text(
            tags::SCHEDULED_PROCEDURE_STEP_ID,
            "SH",
            Some(&step.scheduled_procedure_step_id),
        )
        .optional_text(
            tags::REQUESTED_PROCEDURE_ID,
            "SH",
            Some(&step.requested_procedure_id),
        );
    match step.accession_number.as_str() {
        "" => item,
        number => item.text(tags::ACCESSION_NUMBER, "SH", [number]),
    }
}

pub(super) fn study_object(found: &FoundStudy, teller: Teller<'_>) -> JsonObject {
    let root = teller.root;
    let url = format!("{root}/studies/{}", found.study.study_instance_uid);
    with_study(in_utf8(), found, teller).text(tags::RETRIEVE_URL, "UR", [url])
}

pub(super) fn series_object(found: &FoundSeries, relational: bool, teller: Teller<'_>) -> JsonObject {
    let root = teller.root;
    let study_uid = &found.study.study.study_instance_uid;
    let url = format!(
        "{root}/studies/{study_uid}/series/{}",
        found.series.series_instance_uid
    );
    let object = if relational {
        with_study(in_utf8(), &found.study, teller)
    } else {
        in_utf8()
    };
    with_requested(with_series(object, &found.series), found)
        .text(tags::STUDY_INSTANCE_UID, "UI", [study_uid])
        .text(tags::RETRIEVE_URL, "UR", [url])
}

pub(super) fn instance_object(found: &FoundInstance, relational: bool, teller: Teller<'_>) -> JsonObject {
    let root = teller.root;
    let study_uid = &found.series.study.study.study_instance_uid;
    let series_uid = &found.series.series.series_instance_uid;
    let instance_uid = &found.instance.sop_instance_uid;
    let url = format!("{root}/studies/{study_uid}/series/{series_uid}/instances/{instance_uid}");
    let object = if relational {
        with_series(
            with_study(in_utf8(), &found.series.study, teller),
            &found.series.series,
        )
    } else {
        in_utf8().optional_text(tags::MODALITY, "CS", Some(&found.series.series.modality))
    };
    let object = with_timezone(object, found.series.series.timezone_offset.as_deref());
    let tier = found.series.study.study.tier;
    let availability = match found.instance.is_damaged {
        true => "UNAVAILABLE",
        false => teller.app.availability(tier).as_str(),
    };
    with_instance(object, &found.instance, availability)
        .text(tags::STUDY_INSTANCE_UID, "UI", [study_uid])
        .text(tags::SERIES_INSTANCE_UID, "UI", [series_uid])
        .text(tags::RETRIEVE_URL, "UR", [url])
}

fn with_study(object: JsonObject, found: &FoundStudy, teller: Teller<'_>) -> JsonObject {
    let study: &StudyRow = &found.study;
    with_timezone(
        with_patient(object, &found.patient, study),
        study.timezone_offset.as_deref(),
    )
    .optional_text(tags::STUDY_DATE, "DA", study.study_date.as_deref())
    .optional_text(tags::STUDY_TIME, "TM", study.study_time.as_deref())
    .optional_text(tags::ACCESSION_NUMBER, "SH", study.accession_number.as_deref())
    .text(
        tags::INSTANCE_AVAILABILITY,
        "CS",
        [teller.app.availability(study.tier).as_str()],
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
    with_timezone(object, series.timezone_offset.as_deref())
        .optional_text(tags::MODALITY, "CS", Some(&series.modality))
        .optional_text(tags::SERIES_DESCRIPTION, "LO", series.description.as_deref())
        .text(tags::SERIES_INSTANCE_UID, "UI", [&series.series_instance_uid])
        .integer(tags::SERIES_NUMBER, "IS", series.number)
        .optional_text(tags::BODY_PART_EXAMINED, "CS", series.body_part.as_deref())
        .optional_text(tags::LATERALITY, "CS", series.laterality.as_deref())
        .optional_text(tags::SERIES_DATE, "DA", series.series_date.as_deref())
        .optional_text(tags::SERIES_TIME, "TM", series.series_time.as_deref())
        .optional_text(
            tags::PERFORMED_PROCEDURE_STEP_START_DATE,
            "DA",
            series.performed_date.as_deref(),
        )
        .optional_text(
            tags::PERFORMED_PROCEDURE_STEP_START_TIME,
            "TM",
            series.performed_time.as_deref(),
        )
        .integer(
            tags::NUMBER_OF_SERIES_RELATED_INSTANCES,
            "IS",
            [series.instance_count],
        )
}

fn with_instance(object: JsonObject, instance: &InstanceHit, availability: &str) -> JsonObject {
    object
        .text(tags::SOP_CLASS_UID, "UI", [&instance.sop_class_uid])
        .text(tags::SOP_INSTANCE_UID, "UI", [&instance.sop_instance_uid])
        .text(tags::INSTANCE_AVAILABILITY, "CS", [availability])
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
