//! Searching studies, series and instances by attributes (PS3.18 §10.6, PS3.4 §C.2.2.2).
//!
//! **Invariant:** the order of results is total and does not depend on the page, so that pages neither overlap
//! nor leave anything out while nothing is stored.
//!
//! **Invariant:** the order is that of an index which the question names (`lead`), so that a page costs what is on
//! it and not what is in the archive.

mod columns;
mod condition;
mod lead;
mod loading;
mod patterns;
mod statement;

use domain::{FacilityScope, InstanceId, SeriesId, StudyId};

use super::{PatientRow, RequestedStep, SeriesRow, StudyRow};

/// An attribute that can be searched by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SearchField {
    /// Patient's Name; without regard to case, in each of its groups.
    PatientName,
    /// Patient ID.
    PatientId,
    /// Issuer of Patient ID.
    IssuerOfPatientId,
    /// Patient's Birth Date.
    PatientBirthDate,
    /// Patient's Sex.
    PatientSex,
    /// Study Instance UID.
    StudyInstanceUid,
    /// Study Date.
    StudyDate,
    /// Study Time.
    StudyTime,
    /// Accession Number.
    AccessionNumber,
    /// Study ID.
    StudyId,
    /// Study Description.
    StudyDescription,
    /// Referring Physician's Name; without regard to case, in each of its groups.
    ReferringPhysicianName,
    /// Modalities in Study: one of them.
    ModalitiesInStudy,
    /// Series Instance UID.
    SeriesInstanceUid,
    /// Modality.
    Modality,
    /// Series Number.
    SeriesNumber,
    /// Series Description.
    SeriesDescription,
    /// Body Part Examined.
    BodyPartExamined,
    /// Laterality.
    Laterality,
    /// Series Date.
    SeriesDate,
    /// Series Time.
    SeriesTime,
    /// Performed Procedure Step Start Date.
    PerformedDate,
    /// Performed Procedure Step Start Time.
    PerformedTime,
    /// Protocol Name.
    ProtocolName,
    /// Station Name.
    StationName,
    /// Manufacturer.
    Manufacturer,
    /// Request Attributes Sequence, Scheduled Procedure Step ID.
    ScheduledProcedureStepId,
    /// Request Attributes Sequence, Requested Procedure ID.
    RequestedProcedureId,
    /// Request Attributes Sequence, Accession Number.
    RequestedAccessionNumber,
    /// SOP Instance UID.
    SopInstanceUid,
    /// SOP Class UID.
    SopClassUid,
    /// Instance Number.
    InstanceNumber,
    /// Rows.
    Rows,
    /// Columns.
    Columns,
    /// Bits Allocated.
    BitsAllocated,
    /// Number of Frames.
    NumberOfFrames,
}

/// How an attribute must be. An attribute that may be anything is simply not named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Matching {
    /// One of these texts, each with `*` for any characters and `?` for one.
    Text(Vec<String>),
    /// Of a name: each of these words, folded by [`domain::name_index::wanted_words`], begins one of its words.
    Words(Vec<String>),
    /// This number.
    Number(i64),
    /// At least the first and at most the second, as text. Where a date and its time are both given, the range is
    /// one of moments (PS3.4 §C.2.2.2.5).
    Range(Option<String>, Option<String>),
}

/// The study, or the series, that is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Within {
    /// Its study.
    pub study: StudyId,
    /// The series, when it is one.
    pub series: Option<SeriesId>,
}

/// What is searched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// Whose studies.
    pub scope: FacilityScope,
    /// Where; everywhere if nothing is named.
    pub within: Option<Within>,
    /// All of these must hold.
    pub matching: Vec<(SearchField, Matching)>,
    /// How many results are left out.
    pub offset: u64,
    /// How many results are wanted.
    pub limit: u64,
}

impl Search {
    fn matching(&self, field: SearchField) -> Option<&Matching> {
        self.matching
            .iter()
            .find(|(of, _)| *of == field)
            .map(|(_, matching)| matching)
    }
}

/// A study that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundStudy {
    /// The study.
    pub study: StudyRow,
    /// Its patient.
    pub patient: PatientRow,
}

/// A series that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundSeries {
    /// The series.
    pub series: SeriesRow,
    /// What was requested.
    pub requested: Vec<RequestedStep>,
    /// Its study.
    pub study: FoundStudy,
}

/// An instance that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundInstance {
    /// The instance.
    pub instance: InstanceHit,
    /// Its series.
    pub series: FoundSeries,
}

/// What searches tell of an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceHit {
    /// The row.
    pub id: InstanceId,
    /// Its study.
    pub study: StudyId,
    /// Its series.
    pub series: SeriesId,
    /// SOP Instance UID (0008,0018).
    pub sop_instance_uid: String,
    /// SOP Class UID (0008,0016).
    pub sop_class_uid: String,
    /// The transfer syntax its bytes are in.
    pub transfer_syntax_uid: String,
    /// Instance Number (0020,0013).
    pub number: Option<i32>,
    /// Rows (0028,0010).
    pub rows: Option<u32>,
    /// Columns (0028,0011).
    pub columns: Option<u32>,
    /// Bits Allocated (0028,0100).
    pub bits_allocated: Option<u32>,
    /// Number of Frames (0028,0008), 1 for an image that does not say.
    pub frames: Option<u32>,
}
