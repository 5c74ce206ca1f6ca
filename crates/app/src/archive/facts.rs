//! What an instance says about itself, its series, its study and its patient, cut to what rows hold.
//!
//! **Invariant:** facts have a bounded size, whatever the data set was made to hold.

use dicom::{FrameIndex, InstanceIndex};
use store::{RequestedStep, StudyAttributes};

/// The longest text kept in a column, in characters. The Standard's texts are at most 64, or 1,024 for a long
/// one; the original and its metadata keep all of it.
const LONGEST_TEXT: usize = 1024;

/// The longest id of a request, in characters; the Standard allows 16.
const LONGEST_ID: usize = 64;

/// The facts of one instance.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct InstanceFacts {
    /// SOP Instance UID.
    pub sop_instance_uid: String,
    /// SOP Class UID.
    pub sop_class_uid: String,
    /// Series Instance UID.
    pub series_instance_uid: String,
    /// The transfer syntax of the bytes.
    pub transfer_syntax_uid: String,
    /// Instance Number.
    pub number: Option<i32>,
    /// Rows.
    pub rows: Option<u16>,
    /// Columns.
    pub columns: Option<u16>,
    /// Bits Allocated.
    pub bits_allocated: Option<u16>,
    /// Number of Frames; 1 for an image that does not say.
    pub frames: Option<u32>,
    /// Whether it has pixel data.
    pub has_pixels: bool,
    /// What was odd about the file, one remark a line.
    pub remarks: Option<String>,
    /// Attributes that its SOP class requires and that it lacks, by their keywords.
    pub missing: Vec<&'static str>,
    /// The patient.
    pub patient: PatientFacts,
    /// The study.
    pub study: StudyAttributes,
    /// The series.
    pub series: SeriesFacts,
}

/// What an instance says about its patient.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct PatientFacts {
    /// Patient ID.
    pub patient_id: Option<String>,
    /// Issuer of Patient ID.
    pub issuer: Option<String>,
    /// Patient's Name as DICOM writes it.
    pub name: Option<String>,
    /// Patient's Birth Date.
    pub birth_date: Option<String>,
    /// Patient's Sex.
    pub sex: Option<String>,
}

/// What an instance says about its series.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct SeriesFacts {
    /// Modality.
    pub modality: Option<String>,
    /// Series Number.
    pub number: Option<i32>,
    /// Series Description.
    pub description: Option<String>,
    /// Laterality.
    pub laterality: Option<String>,
    /// Series Date.
    pub date: Option<String>,
    /// Series Time.
    pub time: Option<String>,
    /// Performed Procedure Step Start Date.
    pub performed_date: Option<String>,
    /// Performed Procedure Step Start Time.
    pub performed_time: Option<String>,
    /// Timezone Offset From UTC.
    pub timezone_offset: Option<String>,
    /// What was requested.
    pub requested_steps: Vec<RequestedStep>,
    /// Protocol Name.
    pub protocol_name: Option<String>,
    /// Station Name.
    pub station_name: Option<String>,
    /// Manufacturer.
    pub manufacturer: Option<String>,
}

impl InstanceFacts {
    /// Takes the facts out of an index.
    pub fn from_index(index: InstanceIndex) -> Self {
        let has_pixels = !matches!(index.frames, FrameIndex::None);
        let remarks: Vec<String> = index.warnings.iter().map(ToString::to_string).collect();
        let missing = index.missing_attributes();
        let of = index.attributes;
        let timezone_offset = text(of.timezone_offset);
        let requested_steps = of.requested_steps.into_iter().map(|step| RequestedStep {
            scheduled_procedure_step_id: short_id(step.scheduled_procedure_step_id),
            requested_procedure_id: short_id(step.requested_procedure_id),
            accession_number: short_id(step.accession_number),
        });
        Self {
            sop_instance_uid: of.sop_instance_uid.into(),
            sop_class_uid: of.sop_class_uid.into(),
            series_instance_uid: of.series_instance_uid.into(),
            transfer_syntax_uid: index.meta.transfer_syntax_uid.into(),
            number: of.instance_number.and_then(|number| i32::try_from(number).ok()),
            rows: of.rows,
            columns: of.columns,
            bits_allocated: of.bits_allocated,
            frames: of.frames.or(has_pixels.then_some(1)),
            has_pixels,
            remarks: (!remarks.is_empty()).then(|| cut(&remarks.join("\n"))),
            missing,
            patient: PatientFacts {
                patient_id: text(of.patient_id),
                issuer: text(of.issuer_of_patient_id),
                name: text(of.patient_name),
                birth_date: of.patient_birth_date,
                sex: text(of.patient_sex),
            },
            study: StudyAttributes {
                study_instance_uid: of.study_instance_uid.into(),
                accession_number: text(of.accession_number),
                study_id: text(of.study_id),
                study_date: of.study_date,
                study_time: of.study_time,
                description: text(of.study_description),
                referring_physician: text(of.referring_physician_name),
                patient_age: text(of.patient_age),
                body_part: text(of.body_part_examined),
                timezone_offset: timezone_offset.clone(),
            },
            series: SeriesFacts {
                modality: text(of.modality),
                number: of.series_number.and_then(|number| i32::try_from(number).ok()),
                description: text(of.series_description),
                laterality: text(of.laterality),
                date: of.series_date,
                time: of.series_time,
                performed_date: of.performed_date,
                performed_time: of.performed_time,
                timezone_offset,
                requested_steps: requested_steps.collect(),
                protocol_name: text(of.protocol_name),
                station_name: text(of.station_name),
                manufacturer: text(of.manufacturer),
            },
        }
    }
}

/// Without NUL, which PostgreSQL's text cannot hold, cut, and nothing instead of an empty text.
fn text(value: Option<String>) -> Option<String> {
    value.map(|value| cut(&value)).filter(|value| !value.is_empty())
}

fn short_id(value: Option<String>) -> String {
    let text = text(value).unwrap_or_default();
    text.chars().take(LONGEST_ID).collect()
}

fn cut(value: &str) -> String {
    value
        .chars()
        .filter(|character| *character != '\0')
        .take(LONGEST_TEXT)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_bounded_and_fits_both_databases() {
        let long = "ä".repeat(5000);
        assert_eq!(
            text(Some(long)).map(|text| text.chars().count()),
            Some(LONGEST_TEXT)
        );
        assert_eq!(text(Some("a\0b".to_owned())).as_deref(), Some("ab"));
        assert_eq!(text(Some("\0".to_owned())), None);
    }
}
