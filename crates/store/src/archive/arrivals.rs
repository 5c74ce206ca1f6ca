//! What ingest hands to the store and learns from it: plain values, no queries.

use domain::{BatchId, FacilityId, InstanceId, PatientId, QuarantineId, SeriesId, StudyId, UploadId};

/// What tells one patient from another.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PatientIdentity {
    /// Who gave the id.
    pub issuer: String,
    /// The id; empty when the images carry none.
    pub patient_id: String,
    /// The one study of a patient without an id, or under an id that is another's; otherwise empty.
    pub lone_study_uid: String,
}

/// A patient to be found or made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPatient {
    /// The id of the row, if it is made.
    pub id: PatientId,
    /// Who it is.
    pub identity: PatientIdentity,
    /// Patient's Name as DICOM writes it.
    pub name: String,
    /// Patient's Birth Date.
    pub birth_date: Option<String>,
    /// Patient's Sex.
    pub sex: Option<String>,
}

/// A study to be found or made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewStudy {
    /// The id of the row, if it is made.
    pub id: StudyId,
    /// The facility that sends it.
    pub facility: FacilityId,
    /// Whose it is.
    pub patient: PatientId,
    /// The birth date its instances name.
    pub patient_birth_date: Option<String>,
    /// What its instances say about it.
    pub attributes: StudyAttributes,
}

/// What instances say about their study. A value once known stays; one that was absent is filled in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StudyAttributes {
    /// Study Instance UID.
    pub study_instance_uid: String,
    /// Accession Number.
    pub accession_number: Option<String>,
    /// Study ID.
    pub study_id: Option<String>,
    /// Study Date.
    pub study_date: Option<String>,
    /// Study Time.
    pub study_time: Option<String>,
    /// Study Description.
    pub description: Option<String>,
    /// Referring Physician's Name.
    pub referring_physician: Option<String>,
    /// Patient's Age.
    pub patient_age: Option<String>,
    /// Body Part Examined.
    pub body_part: Option<String>,
    /// Timezone Offset From UTC.
    pub timezone_offset: Option<String>,
}

/// What was requested: an item of Request Attributes Sequence. What it does not say is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestedStep {
    /// Scheduled Procedure Step ID.
    pub scheduled_procedure_step_id: String,
    /// Requested Procedure ID.
    pub requested_procedure_id: String,
    /// The request's Accession Number.
    pub accession_number: String,
}

/// A series to be found or made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSeries {
    /// The id of the row, if it is made.
    pub id: SeriesId,
    /// Its study.
    pub study: StudyId,
    /// Series Instance UID.
    pub series_instance_uid: String,
    /// Modality.
    pub modality: String,
    /// Series Number.
    pub number: Option<i32>,
    /// Series Description.
    pub description: Option<String>,
    /// Body Part Examined.
    pub body_part: Option<String>,
    /// Laterality.
    pub laterality: Option<String>,
    /// Series Date.
    pub series_date: Option<String>,
    /// Series Time.
    pub series_time: Option<String>,
    /// Performed Procedure Step Start Date.
    pub performed_date: Option<String>,
    /// Performed Procedure Step Start Time.
    pub performed_time: Option<String>,
    /// Timezone Offset From UTC.
    pub timezone_offset: Option<String>,
    /// Protocol Name.
    pub protocol_name: Option<String>,
    /// Station Name.
    pub station_name: Option<String>,
    /// Manufacturer.
    pub manufacturer: Option<String>,
}

/// The object that holds a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBatch {
    /// The row, and the object's own id.
    pub id: BatchId,
    /// The object's key.
    pub object_key: String,
    /// The object's length.
    pub stored_bytes: u64,
    /// Who sent it.
    pub facility: FacilityId,
    /// The upload it belongs to.
    pub upload: Option<UploadId>,
}

/// An instance to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewInstance {
    /// The row.
    pub id: InstanceId,
    /// Its study.
    pub study: StudyId,
    /// Its series.
    pub series: SeriesId,
    /// SOP Instance UID.
    pub sop_instance_uid: String,
    /// SOP Class UID.
    pub sop_class_uid: String,
    /// The transfer syntax its bytes are in.
    pub transfer_syntax_uid: String,
    /// Instance Number.
    pub number: Option<i32>,
    /// Rows.
    pub rows: Option<u16>,
    /// Columns.
    pub columns: Option<u16>,
    /// Bits Allocated.
    pub bits_allocated: Option<u16>,
    /// Number of Frames.
    pub frames: Option<u32>,
    /// Whether it has pixel data.
    pub has_pixels: bool,
    /// What its transfer syntax and data set hash to.
    pub data_set_hash: [u8; 32],
    /// What was odd about the file.
    pub remarks: Option<String>,
    /// The DICOM JSON, gzip.
    pub metadata_gzip: Vec<u8>,
    /// Its file.
    pub bytes: InstanceBytes,
}

/// Where the bytes of an instance's file lie, and what is in them where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceBytes {
    /// The batch they are in.
    pub batch: BatchId,
    /// Where they begin in the batch object.
    pub offset: u64,
    /// How many they are.
    pub length: u64,
    /// What they hash to.
    pub sha256: [u8; 32],
    /// Whether they begin with a preamble and `DICM`.
    pub has_preamble: bool,
    /// Where the data set begins in them.
    pub data_set_offset: u64,
    /// The sums of their chunks.
    pub chunk_sums: Vec<u8>,
    /// The frame index.
    pub frame_index: Vec<u8>,
    /// Where the bulk values behind the DICOM JSON lie in them, as JSON.
    pub bulk_values: String,
}

/// An instance to be set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewQuarantined {
    /// The row.
    pub id: QuarantineId,
    /// SOP Instance UID.
    pub sop_instance_uid: String,
    /// Series Instance UID.
    pub series_instance_uid: String,
    /// Study Instance UID.
    pub study_instance_uid: String,
    /// The error code that says why.
    pub reason: &'static str,
    /// Where its bytes begin in the batch object.
    pub offset: u64,
    /// How many they are.
    pub length: u64,
    /// What they hash to.
    pub sha256: [u8; 32],
}

/// What is known about an instance that is stored already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredInstance {
    /// SOP Instance UID.
    pub sop_instance_uid: String,
    /// SOP Class UID.
    pub sop_class_uid: String,
    /// Its study's row.
    pub study: StudyId,
    /// Its study's UID.
    pub study_instance_uid: String,
    /// The facility that sent the study.
    pub facility: FacilityId,
    /// The SHA-256 of its bytes.
    pub sha256: Vec<u8>,
    /// What its transfer syntax and data set hash to.
    pub data_set_hash: Vec<u8>,
    /// How many bytes it has.
    pub length: u64,
    /// Whether its bytes were found missing or damaged.
    pub is_damaged: bool,
}

/// How a series grew by one batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeriesGrowth {
    /// Which series.
    pub series: SeriesId,
    /// New instances.
    pub instances: u32,
    /// Those of them with pixels.
    pub images: u32,
    /// The frames of these.
    pub frames: u32,
    /// The sum of their lengths.
    pub bytes: u64,
}
