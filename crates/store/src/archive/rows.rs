//! What the archive's tables hold, as plain values.

use chrono::{DateTime, Utc};
use domain::{BatchId, DeletionId, FacilityId, InstanceId, PatientId, SeriesId, StudyId};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::{
    StoreError,
    entity::{patient, series, study},
};

/// A patient as one issuer knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatientRow {
    /// The row.
    pub id: PatientId,
    /// Who gave the patient id: Issuer of Patient ID (0010,0021), or the facility's wire id.
    pub issuer: String,
    /// Patient ID (0010,0020); empty when the images carry none.
    pub patient_id: String,
    /// Patient's Name (0010,0010), decoded but otherwise as sent: `Yamada^Tarou=山田^太郎`.
    pub name: String,
    /// Patient's Birth Date (0010,0030) as `YYYYMMDD`.
    pub birth_date: Option<String>,
    /// Patient's Sex (0010,0040).
    pub sex: Option<String>,
}

/// A study.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StudyRow {
    /// The row.
    pub id: StudyId,
    /// The facility that sent it.
    pub facility: FacilityId,
    /// Whose it is.
    pub patient: PatientId,
    /// Patient's Birth Date (0010,0030) as its own images name it, when they do.
    pub patient_birth_date: Option<String>,
    /// Study Instance UID (0020,000D).
    pub study_instance_uid: String,
    /// Accession Number (0008,0050).
    pub accession_number: Option<String>,
    /// Study ID (0020,0010).
    pub study_id: Option<String>,
    /// Study Date (0008,0020) as `YYYYMMDD`.
    pub study_date: Option<String>,
    /// Study Time (0008,0030) as `HHMMSS.FFFFFF`, as precise as it was sent.
    pub study_time: Option<String>,
    /// Study Description (0008,1030).
    pub description: Option<String>,
    /// Referring Physician's Name (0008,0090), decoded but otherwise as sent.
    pub referring_physician: Option<String>,
    /// Patient's Age (0010,1010) as sent.
    pub patient_age: Option<String>,
    /// Body Part Examined (0018,0015) of the first series that names one.
    pub body_part: Option<String>,
    /// The modalities of its series, sorted, each once.
    pub modalities: Vec<String>,
    /// Timezone Offset From UTC (0008,0201).
    pub timezone_offset: Option<String>,
    /// Stored series.
    pub series_count: u32,
    /// Stored instances.
    pub instance_count: u32,
    /// The sum of their lengths.
    pub stored_bytes: u64,
    /// The series that stands for the study in lists: the one with the most images.
    pub representative_series: Option<SeriesId>,
    /// When its first instance came.
    pub created_at: DateTime<Utc>,
    /// When its newest instance came.
    pub last_received_at: DateTime<Utc>,
    /// When it was last judged complete; none while images still come.
    pub completed_at: Option<DateTime<Utc>>,
    /// Whether a legal hold forbids to delete it.
    pub legal_hold: bool,
    /// Which object store holds its originals.
    pub tier: Tier,
    /// When something of it was last opened, as the audit trail tells looks apart.
    pub last_read_at: Option<DateTime<Utc>>,
    /// Since when it is to come back from the slow store; none when nobody asked, or it is back.
    pub recall_requested_at: Option<DateTime<Utc>>,
}

/// Which object store holds originals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tier {
    /// The fast one.
    Hot,
    /// The slow one, for the long term.
    Cold,
}

impl Tier {
    /// The name in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hot => "HOT",
            Self::Cold => "COLD",
        }
    }

    /// The tier of a row, which the database holds to these two.
    pub(crate) fn of_column(name: &str) -> Self {
        if name == Self::Cold.as_str() {
            Self::Cold
        } else {
            Self::Hot
        }
    }
}

/// How far the viewing rendition of a series is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RenditionState {
    /// To be made, or being made.
    Pending,
    /// Made, or the originals need none.
    Ready,
    /// Cannot be made; the originals serve.
    Unavailable,
}

impl RenditionState {
    /// The name on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Ready => "READY",
            Self::Unavailable => "UNAVAILABLE",
        }
    }

    /// The state of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Pending, Self::Ready, Self::Unavailable]
            .into_iter()
            .find(|state| state.as_str() == name)
    }
}

/// A series of a study.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeriesRow {
    /// The row.
    pub id: SeriesId,
    /// Its study.
    pub study: StudyId,
    /// Series Instance UID (0020,000E).
    pub series_instance_uid: String,
    /// Modality (0008,0060).
    pub modality: String,
    /// Series Number (0020,0011).
    pub number: Option<i32>,
    /// Series Description (0008,103E).
    pub description: Option<String>,
    /// Body Part Examined (0018,0015).
    pub body_part: Option<String>,
    /// Laterality (0020,0060).
    pub laterality: Option<String>,
    /// Series Date (0008,0021) as `YYYYMMDD`.
    pub series_date: Option<String>,
    /// Series Time (0008,0031).
    pub series_time: Option<String>,
    /// Performed Procedure Step Start Date (0040,0244).
    pub performed_date: Option<String>,
    /// Performed Procedure Step Start Time (0040,0245).
    pub performed_time: Option<String>,
    /// Timezone Offset From UTC (0008,0201).
    pub timezone_offset: Option<String>,
    /// Protocol Name (0018,1030).
    pub protocol_name: Option<String>,
    /// Station Name (0008,1010).
    pub station_name: Option<String>,
    /// Manufacturer (0008,0070).
    pub manufacturer: Option<String>,
    /// Stored instances.
    pub instance_count: u32,
    /// Those with pixels.
    pub image_count: u32,
    /// Their frames.
    pub frame_count: u32,
    /// The sum of their lengths.
    pub stored_bytes: u64,
    /// Grows with every change to its instances.
    pub revision: i32,
    /// How far its viewing rendition is.
    pub rendition_state: RenditionState,
    /// Its thumbnail.
    pub thumbnail: Option<StoredThumbnail>,
    /// The version of the code that drew the thumbnail, or found that there is none.
    pub thumbnail_version: Option<i32>,
    /// When its newest instance came.
    pub last_received_at: DateTime<Utc>,
}

/// The thumbnail of a series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredThumbnail {
    /// The object that holds it.
    pub object_key: String,
    /// Its bytes.
    pub stored_bytes: u64,
    /// `dicom::ChunkSums` of them as a blob.
    pub chunk_sums: Vec<u8>,
}

/// A stored instance and where its bytes lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceRow {
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
    /// Whether it has pixel data.
    pub has_pixels: bool,
    /// The batch it came in.
    pub batch: BatchId,
    /// The object that holds the original bytes.
    pub object_key: String,
    /// Where they begin in that object.
    pub offset: u64,
    /// How many they are.
    pub length: u64,
    /// The SHA-256 of the original bytes.
    pub sha256: Vec<u8>,
    /// Whether they begin with a preamble and `DICM`, as a Part 10 file does.
    pub has_preamble: bool,
    /// Where the data set begins in them.
    pub data_set_offset: u64,
    /// `dicom::ChunkSums` of the original bytes as a blob.
    pub chunk_sums: Vec<u8>,
    /// `dicom::FrameIndex` as a blob.
    pub frame_index: Vec<u8>,
    /// When it came.
    pub received_at: DateTime<Utc>,
    /// Which object store holds its bytes.
    pub tier: Tier,
    /// When its bytes were found missing or damaged; none while they are believed sound.
    pub damaged_at: Option<DateTime<Utc>>,
    /// The deletion by which it lies in the trash; none of what most queries find.
    pub deletion: Option<DeletionId>,
}

/// An instance with its object's key, as one query returns them.
#[derive(Debug, FromQueryResult)]
pub(crate) struct FlatInstance {
    id: Uuid,
    study_id: Uuid,
    series_id: Uuid,
    sop_instance_uid: String,
    sop_class_uid: String,
    transfer_syntax_uid: String,
    instance_number: Option<i32>,
    pixel_rows: Option<i32>,
    pixel_columns: Option<i32>,
    bits_allocated: Option<i32>,
    number_of_frames: Option<i32>,
    has_pixels: bool,
    batch_object_id: Uuid,
    object_key: String,
    byte_offset: i64,
    byte_length: i64,
    sha256: Vec<u8>,
    has_preamble: bool,
    data_set_offset: i64,
    chunk_sums: Vec<u8>,
    frame_index: Vec<u8>,
    received_at: DateTime<Utc>,
    tier: String,
    damaged_at: Option<DateTime<Utc>>,
    deletion_id: Option<Uuid>,
}

impl From<FlatInstance> for InstanceRow {
    fn from(row: FlatInstance) -> Self {
        Self {
            id: InstanceId::from_uuid(row.id),
            study: StudyId::from_uuid(row.study_id),
            series: SeriesId::from_uuid(row.series_id),
            sop_instance_uid: row.sop_instance_uid,
            sop_class_uid: row.sop_class_uid,
            transfer_syntax_uid: row.transfer_syntax_uid,
            number: row.instance_number,
            rows: row.pixel_rows.map(i32::unsigned_abs),
            columns: row.pixel_columns.map(i32::unsigned_abs),
            bits_allocated: row.bits_allocated.map(i32::unsigned_abs),
            frames: row.number_of_frames.map(i32::unsigned_abs),
            has_pixels: row.has_pixels,
            batch: BatchId::from_uuid(row.batch_object_id),
            object_key: row.object_key,
            offset: row.byte_offset.unsigned_abs(),
            length: row.byte_length.unsigned_abs(),
            sha256: row.sha256,
            has_preamble: row.has_preamble,
            data_set_offset: row.data_set_offset.unsigned_abs(),
            chunk_sums: row.chunk_sums,
            frame_index: row.frame_index,
            received_at: row.received_at,
            tier: Tier::of_column(&row.tier),
            damaged_at: row.damaged_at,
            deletion: row.deletion_id.map(DeletionId::from_uuid),
        }
    }
}

impl From<patient::Model> for PatientRow {
    fn from(row: patient::Model) -> Self {
        Self {
            id: PatientId::from_uuid(row.id),
            issuer: row.issuer,
            patient_id: row.patient_id,
            name: row.name,
            birth_date: row.birth_date,
            sex: row.sex,
        }
    }
}

impl From<study::Model> for StudyRow {
    fn from(row: study::Model) -> Self {
        Self {
            id: StudyId::from_uuid(row.id),
            facility: FacilityId::from_uuid(row.facility_id),
            patient: PatientId::from_uuid(row.patient_id),
            patient_birth_date: row.patient_birth_date,
            study_instance_uid: row.study_instance_uid,
            accession_number: row.accession_number,
            study_id: row.study_id,
            study_date: row.study_date,
            study_time: row.study_time,
            description: row.description,
            referring_physician: row.referring_physician,
            patient_age: row.patient_age,
            body_part: row.body_part,
            timezone_offset: row.timezone_offset,
            modalities: row
                .modalities
                .split('\\')
                .filter(|name| !name.is_empty())
                .map(str::to_owned)
                .collect(),
            series_count: row.series_count.unsigned_abs(),
            instance_count: row.instance_count.unsigned_abs(),
            stored_bytes: row.stored_bytes.unsigned_abs(),
            representative_series: row.representative_series_id.map(SeriesId::from_uuid),
            created_at: row.created_at,
            last_received_at: row.last_received_at,
            completed_at: row.completed_at,
            legal_hold: row.legal_hold,
            tier: Tier::of_column(&row.tier),
            last_read_at: row.last_read_at,
            recall_requested_at: row.recall_requested_at,
        }
    }
}

impl TryFrom<series::Model> for SeriesRow {
    type Error = StoreError;

    fn try_from(row: series::Model) -> Result<Self, StoreError> {
        let rendition_state =
            RenditionState::from_name(&row.rendition_state).ok_or_else(|| StoreError::Inconsistent {
                table: "series",
                id: row.id.to_string(),
                what: "the rendition state is known",
            })?;
        let thumbnail = match (row.thumbnail_key, row.thumbnail_bytes, row.thumbnail_sums) {
            (Some(object_key), Some(bytes), Some(chunk_sums)) => Some(StoredThumbnail {
                object_key,
                stored_bytes: bytes.unsigned_abs(),
                chunk_sums,
            }),
            _ => None,
        };
        Ok(Self {
            id: SeriesId::from_uuid(row.id),
            study: StudyId::from_uuid(row.study_id),
            series_instance_uid: row.series_instance_uid,
            modality: row.modality,
            number: row.series_number,
            description: row.description,
            body_part: row.body_part,
            laterality: row.laterality,
            series_date: row.series_date,
            series_time: row.series_time,
            performed_date: row.performed_date,
            performed_time: row.performed_time,
            timezone_offset: row.timezone_offset,
            protocol_name: row.protocol_name,
            station_name: row.station_name,
            manufacturer: row.manufacturer,
            instance_count: row.instance_count.unsigned_abs(),
            image_count: row.image_count.unsigned_abs(),
            frame_count: row.frame_count.unsigned_abs(),
            stored_bytes: row.stored_bytes.unsigned_abs(),
            revision: row.revision,
            rendition_state,
            thumbnail,
            thumbnail_version: row.thumbnail_version,
            last_received_at: row.last_received_at,
        })
    }
}
