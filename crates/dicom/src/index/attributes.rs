//! The attributes that rows, worklists and QIDO answers are made of.

use super::value::Value;
use crate::person_name::PersonName;
use crate::prescan::{Opening, note};
use crate::refusal::{Refusal, Warning};
use crate::tag::{Tag, tags};
use crate::temporal::{normal_date, normal_time};
use crate::uid::{Uid, UidError};
use std::collections::HashMap;
use std::str::FromStr;

/// Attributes of one instance, decoded by its character set. `None` where absent, empty or unusable.
///
/// Texts are trimmed; of several values the first one counts unless said otherwise. Dates are `YYYYMMDD`, times
/// `HHMMSS` with an optional fraction.
#[derive(Debug, Clone, PartialEq)]
pub struct Attributes {
    /// SOP Class UID (0008,0016).
    pub sop_class_uid: Uid,
    /// SOP Instance UID (0008,0018).
    pub sop_instance_uid: Uid,
    /// Study Instance UID (0020,000D).
    pub study_instance_uid: Uid,
    /// Series Instance UID (0020,000E).
    pub series_instance_uid: Uid,
    /// Patient ID (0010,0020).
    pub patient_id: Option<String>,
    /// Issuer of Patient ID (0010,0021).
    pub issuer_of_patient_id: Option<String>,
    /// Patient's Name (0010,0010) as DICOM writes it, with `^` and `=`.
    pub patient_name: Option<String>,
    /// Patient's Birth Date (0010,0030).
    pub patient_birth_date: Option<String>,
    /// Patient's Sex (0010,0040): `M`, `F`, `O` or what the sender wrote.
    pub patient_sex: Option<String>,
    /// Patient's Age (0010,1010), such as `045Y`.
    pub patient_age: Option<String>,
    /// Accession Number (0008,0050).
    pub accession_number: Option<String>,
    /// Issuer of Accession Number Sequence (0008,0051).
    pub issuer_of_accession_number: Option<Issuer>,
    /// Study ID (0020,0010).
    pub study_id: Option<String>,
    /// Study Date (0008,0020).
    pub study_date: Option<String>,
    /// Study Time (0008,0030).
    pub study_time: Option<String>,
    /// Series Date (0008,0021).
    pub series_date: Option<String>,
    /// Series Time (0008,0031).
    pub series_time: Option<String>,
    /// Acquisition Date (0008,0022), else Content Date (0008,0023).
    pub acquisition_date: Option<String>,
    /// Acquisition Time (0008,0032), else Content Time (0008,0033).
    pub acquisition_time: Option<String>,
    /// Timezone Offset From UTC (0008,0201), such as `+0100`.
    pub timezone_offset: Option<String>,
    /// Study Description (0008,1030).
    pub study_description: Option<String>,
    /// Referring Physician's Name (0008,0090) as DICOM writes it.
    pub referring_physician_name: Option<String>,
    /// Modality (0008,0060).
    pub modality: Option<String>,
    /// Series Number (0020,0011).
    pub series_number: Option<i64>,
    /// Series Description (0008,103E).
    pub series_description: Option<String>,
    /// Performed Procedure Step Start Date (0040,0244).
    pub performed_date: Option<String>,
    /// Performed Procedure Step Start Time (0040,0245).
    pub performed_time: Option<String>,
    /// The items of Request Attributes Sequence (0040,0275) that say anything, at most [`MOST_REQUESTED_STEPS`].
    pub requested_steps: Vec<RequestedStep>,
    /// Protocol Name (0018,1030).
    pub protocol_name: Option<String>,
    /// Body Part Examined (0018,0015).
    pub body_part_examined: Option<String>,
    /// Laterality (0020,0060), else Image Laterality (0020,0062).
    pub laterality: Option<String>,
    /// Frame of Reference UID (0020,0052).
    pub frame_of_reference_uid: Option<Uid>,
    /// Instance Number (0020,0013).
    pub instance_number: Option<i64>,
    /// Image Type (0008,0008), all values.
    pub image_type: Vec<String>,
    /// Rows (0028,0010).
    pub rows: Option<u16>,
    /// Columns (0028,0011).
    pub columns: Option<u16>,
    /// Number of Frames (0028,0008), when it is a positive number.
    pub frames: Option<u32>,
    /// Samples per Pixel (0028,0002).
    pub samples_per_pixel: Option<u16>,
    /// Photometric Interpretation (0028,0004).
    pub photometric_interpretation: Option<String>,
    /// Planar Configuration (0028,0006).
    pub planar_configuration: Option<u16>,
    /// Bits Allocated (0028,0100).
    pub bits_allocated: Option<u16>,
    /// Bits Stored (0028,0101).
    pub bits_stored: Option<u16>,
    /// High Bit (0028,0102).
    pub high_bit: Option<u16>,
    /// Pixel Representation (0028,0103): 1 is two's complement.
    pub pixel_representation: Option<u16>,
    /// Pixel Spacing (0028,0030), row and column, in millimetres; of an enhanced object its shared one.
    pub pixel_spacing: Option<[f64; 2]>,
    /// Imager Pixel Spacing (0018,1164), in millimetres at the detector.
    pub imager_pixel_spacing: Option<[f64; 2]>,
    /// Slice Thickness (0018,0050), in millimetres.
    pub slice_thickness: Option<f64>,
    /// First Window Center (0028,1050).
    pub window_center: Option<f64>,
    /// First Window Width (0028,1051).
    pub window_width: Option<f64>,
    /// Rescale Intercept (0028,1052).
    pub rescale_intercept: Option<f64>,
    /// Rescale Slope (0028,1053).
    pub rescale_slope: Option<f64>,
    /// Institution Name (0008,0080).
    pub institution_name: Option<String>,
    /// Manufacturer (0008,0070).
    pub manufacturer: Option<String>,
    /// Manufacturer's Model Name (0008,1090).
    pub manufacturer_model_name: Option<String>,
    /// Station Name (0008,1010).
    pub station_name: Option<String>,
}

/// Who issued an accession number (PS3.3 table 10-17, HL7v2 Hierarchic Designator).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer {
    /// Local Namespace Entity ID (0040,0031).
    pub local_namespace: Option<String>,
    /// Universal Entity ID (0040,0032).
    pub universal_entity: Option<String>,
}

/// So many requested steps of one instance are looked at; real ones have one or two.
pub const MOST_REQUESTED_STEPS: u32 = 16;

/// What was requested: an item of Request Attributes Sequence (0040,0275).
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct RequestedStep {
    /// Scheduled Procedure Step ID (0040,0009).
    pub scheduled_procedure_step_id: Option<String>,
    /// Requested Procedure ID (0040,1001).
    pub requested_procedure_id: Option<String>,
    /// Accession Number (0008,0050) of the request.
    pub accession_number: Option<String>,
}

/// Where in the nesting an attribute was found, as far as it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Place {
    Top,
    AccessionIssuer,
    /// An item of Request Attributes Sequence, from 0.
    RequestedStep(u32),
    FunctionalGroup,
    Measures,
    Voi,
    Elsewhere,
}

impl Place {
    /// The place of item `number` of the sequence `tag`; of most sequences the first one only.
    pub(super) fn inside(self, tag: Tag, number: u32) -> Self {
        match (self, tag) {
            (Self::Top, tags::REQUEST_ATTRIBUTES_SEQUENCE) if number < MOST_REQUESTED_STEPS => {
                Self::RequestedStep(number)
            }
            _ if number > 0 => Self::Elsewhere,
            (Self::Top, tags::ISSUER_OF_ACCESSION_NUMBER_SEQUENCE) => Self::AccessionIssuer,
            (
                Self::Top,
                tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE | tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE,
            ) => Self::FunctionalGroup,
            (Self::FunctionalGroup, tags::PIXEL_MEASURES_SEQUENCE) => Self::Measures,
            (Self::FunctionalGroup, tags::FRAME_VOI_LUT_SEQUENCE) => Self::Voi,
            _ => Self::Elsewhere,
        }
    }
}

/// Values caught on the way.
#[derive(Debug, Default)]
pub(super) struct Captured(HashMap<(Place, Tag), Vec<String>>);

impl Captured {
    /// Keeps the value if it is of use and the first of its kind.
    pub(super) fn offer(&mut self, place: Place, tag: Tag, value: Value) {
        let wanted = match place {
            Place::Top => {
                matches!(tag.group(), 0x0008 | 0x0010 | 0x0018 | 0x0020 | 0x0028)
                    || matches!(
                        tag,
                        tags::PERFORMED_PROCEDURE_STEP_START_DATE | tags::PERFORMED_PROCEDURE_STEP_START_TIME
                    )
            }
            Place::AccessionIssuer => tag.group() == 0x0040,
            Place::RequestedStep(_) => matches!(
                tag,
                tags::SCHEDULED_PROCEDURE_STEP_ID | tags::REQUESTED_PROCEDURE_ID | tags::ACCESSION_NUMBER
            ),
            Place::Measures => matches!(tag, tags::PIXEL_SPACING | tags::SLICE_THICKNESS),
            Place::Voi => matches!(tag, tags::WINDOW_CENTER | tags::WINDOW_WIDTH),
            Place::FunctionalGroup | Place::Elsewhere => false,
        };
        if wanted {
            self.0.entry((place, tag)).or_insert_with(|| value.into_strings());
        }
    }

    pub(super) fn is_signed(&self) -> bool {
        self.number::<u16>(tags::PIXEL_REPRESENTATION) == Some(1)
    }

    pub(super) fn is_without_instance(&self) -> bool {
        self.text(tags::SOP_INSTANCE_UID).is_none()
    }

    fn at(&self, place: Place, tag: Tag) -> Option<&str> {
        let first = self.0.get(&(place, tag))?.first()?;
        (!first.is_empty()).then_some(first.as_str())
    }

    pub(super) fn text(&self, tag: Tag) -> Option<String> {
        self.at(Place::Top, tag).map(str::to_owned)
    }

    fn number<T: FromStr>(&self, tag: Tag) -> Option<T> {
        self.at(Place::Top, tag)?.trim_start_matches('+').parse().ok()
    }

    fn requested_steps(&self) -> Vec<RequestedStep> {
        let steps = (0..MOST_REQUESTED_STEPS).map(|number| {
            let text = |tag| self.at(Place::RequestedStep(number), tag).map(str::to_owned);
            RequestedStep {
                scheduled_procedure_step_id: text(tags::SCHEDULED_PROCEDURE_STEP_ID),
                requested_procedure_id: text(tags::REQUESTED_PROCEDURE_ID),
                accession_number: text(tags::ACCESSION_NUMBER),
            }
        });
        steps.filter(|step| *step != RequestedStep::default()).collect()
    }

    fn decimal(&self, places: &[Place], tag: Tag) -> Option<f64> {
        let finite = |text: &str| text.parse().ok().filter(|number: &f64| number.is_finite());
        places
            .iter()
            .find_map(|&place| self.at(place, tag).and_then(finite))
    }

    fn spacing(&self, places: &[Place], tag: Tag) -> Option<[f64; 2]> {
        places.iter().find_map(|&place| {
            let values = self.0.get(&(place, tag))?;
            let [row, column] = values.as_slice() else {
                return None;
            };
            let spacing = [row.parse().ok()?, column.parse().ok()?];
            spacing
                .iter()
                .all(|millimetres: &f64| millimetres.is_finite() && *millimetres > 0.0)
                .then_some(spacing)
        })
    }

    fn uid(&self, tag: Tag, attribute: &'static str, fallback: Option<&str>) -> Result<Uid, Refusal> {
        let values = self
            .0
            .get(&(Place::Top, tag))
            .map(Vec::as_slice)
            .unwrap_or_default();
        let text = match values {
            [] => fallback.unwrap_or_default(),
            [one] => one.as_str(),
            _ => {
                return Err(Refusal::InvalidUid {
                    attribute,
                    problem: UidError::Character,
                });
            }
        };
        Uid::parse(text).map_err(|problem| Refusal::InvalidUid { attribute, problem })
    }
}

impl Attributes {
    /// The patient's name in its parts.
    pub fn patient_person_name(&self) -> PersonName {
        PersonName::parse(self.patient_name.as_deref().unwrap_or_default())
    }

    pub(super) fn from_captured(
        captured: &Captured,
        opening: &Opening,
        warnings: &mut Vec<Warning>,
    ) -> Result<Self, Refusal> {
        use tags::*;
        let text = |tag| captured.text(tag);
        // The data set is what counts; file meta helps where it is silent.
        let sop_class_uid = captured.uid(
            SOP_CLASS_UID,
            "SOPClassUID",
            opening.value(MEDIA_STORAGE_SOP_CLASS_UID),
        )?;
        let sop_instance_uid = captured.uid(
            SOP_INSTANCE_UID,
            "SOPInstanceUID",
            opening.value(MEDIA_STORAGE_SOP_INSTANCE_UID),
        )?;
        let study_instance_uid = captured.uid(STUDY_INSTANCE_UID, "StudyInstanceUID", None)?;
        let series_instance_uid = captured.uid(SERIES_INSTANCE_UID, "SeriesInstanceUID", None)?;
        let mut temporal = |name, tag, normal: fn(&str) -> Option<String>| {
            let text = captured.text(tag)?;
            let value = normal(&text);
            if value.is_none() {
                note(warnings, Warning::Temporal(name));
            }
            value
        };
        let patient_birth_date = temporal("PatientBirthDate", PATIENT_BIRTH_DATE, normal_date);
        let study_date = temporal("StudyDate", STUDY_DATE, normal_date);
        let study_time = temporal("StudyTime", STUDY_TIME, normal_time);
        let series_date = temporal("SeriesDate", SERIES_DATE, normal_date);
        let series_time = temporal("SeriesTime", SERIES_TIME, normal_time);
        let acquisition_date = temporal("AcquisitionDate", ACQUISITION_DATE, normal_date)
            .or_else(|| temporal("ContentDate", CONTENT_DATE, normal_date));
        let acquisition_time = temporal("AcquisitionTime", ACQUISITION_TIME, normal_time)
            .or_else(|| temporal("ContentTime", CONTENT_TIME, normal_time));

        let performed_date = temporal(
            "PerformedProcedureStepStartDate",
            PERFORMED_PROCEDURE_STEP_START_DATE,
            normal_date,
        );
        let performed_time = temporal(
            "PerformedProcedureStepStartTime",
            PERFORMED_PROCEDURE_STEP_START_TIME,
            normal_time,
        );

        let frames_text = text(NUMBER_OF_FRAMES);
        let frames = frames_text
            .as_deref()
            .and_then(|text| text.parse().ok())
            .filter(|&frames: &u32| frames > 0);
        if frames_text.is_some() && frames.is_none() {
            note(warnings, Warning::FrameCount);
        }
        let issuer = Issuer {
            local_namespace: captured
                .at(Place::AccessionIssuer, LOCAL_NAMESPACE_ENTITY_ID)
                .map(str::to_owned),
            universal_entity: captured
                .at(Place::AccessionIssuer, UNIVERSAL_ENTITY_ID)
                .map(str::to_owned),
        };
        const MEASURES: &[Place] = &[Place::Top, Place::Measures];
        const VOI: &[Place] = &[Place::Top, Place::Voi];
        Ok(Self {
            sop_class_uid,
            sop_instance_uid,
            study_instance_uid,
            series_instance_uid,
            patient_id: text(PATIENT_ID),
            issuer_of_patient_id: text(ISSUER_OF_PATIENT_ID),
            patient_name: text(PATIENT_NAME),
            patient_birth_date,
            patient_sex: text(PATIENT_SEX),
            patient_age: text(PATIENT_AGE),
            accession_number: text(ACCESSION_NUMBER),
            issuer_of_accession_number: (issuer.local_namespace.is_some()
                || issuer.universal_entity.is_some())
            .then_some(issuer),
            study_id: text(STUDY_ID),
            study_date,
            study_time,
            series_date,
            series_time,
            acquisition_date,
            acquisition_time,
            timezone_offset: text(TIMEZONE_OFFSET_FROM_UTC),
            study_description: text(STUDY_DESCRIPTION),
            referring_physician_name: text(REFERRING_PHYSICIAN_NAME),
            modality: text(MODALITY),
            series_number: captured.number(SERIES_NUMBER),
            series_description: text(SERIES_DESCRIPTION),
            performed_date,
            performed_time,
            requested_steps: captured.requested_steps(),
            protocol_name: text(PROTOCOL_NAME),
            body_part_examined: text(BODY_PART_EXAMINED),
            laterality: text(LATERALITY).or_else(|| text(IMAGE_LATERALITY)),
            frame_of_reference_uid: text(FRAME_OF_REFERENCE_UID).and_then(|uid| Uid::parse(&uid).ok()),
            instance_number: captured.number(INSTANCE_NUMBER),
            image_type: captured
                .0
                .get(&(Place::Top, IMAGE_TYPE))
                .cloned()
                .unwrap_or_default(),
            rows: captured.number(ROWS),
            columns: captured.number(COLUMNS),
            frames,
            samples_per_pixel: captured.number(SAMPLES_PER_PIXEL),
            photometric_interpretation: text(PHOTOMETRIC_INTERPRETATION),
            planar_configuration: captured.number(PLANAR_CONFIGURATION),
            bits_allocated: captured.number(BITS_ALLOCATED),
            bits_stored: captured.number(BITS_STORED),
            high_bit: captured.number(HIGH_BIT),
            pixel_representation: captured.number(PIXEL_REPRESENTATION),
            pixel_spacing: captured.spacing(MEASURES, PIXEL_SPACING),
            imager_pixel_spacing: captured.spacing(&[Place::Top], IMAGER_PIXEL_SPACING),
            slice_thickness: captured.decimal(MEASURES, SLICE_THICKNESS),
            window_center: captured.decimal(VOI, WINDOW_CENTER),
            window_width: captured.decimal(VOI, WINDOW_WIDTH),
            rescale_intercept: captured.decimal(&[Place::Top], RESCALE_INTERCEPT),
            rescale_slope: captured.decimal(&[Place::Top], RESCALE_SLOPE),
            institution_name: text(INSTITUTION_NAME),
            manufacturer: text(MANUFACTURER),
            manufacturer_model_name: text(MANUFACTURER_MODEL_NAME),
            station_name: text(STATION_NAME),
        })
    }
}
