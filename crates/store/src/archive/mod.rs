//! The archive's rows: patients, studies, series, instances and where their bytes lie.
//!
//! **Invariant:** an instance's row says where its original bytes are and what they hash to; neither
//! ever changes, except that compaction may move the bytes as they are.

mod arrivals;
mod growth;
mod ingest;
mod instances;
mod metadata;
mod names;
mod quarantine;
mod rows;
mod search;
mod studies;
mod upload_items;
mod uploads;

use crate::{
    entity::{
        batch_object, instance, instance_metadata, name_part, patient, quarantined_instance, rendition,
        requested_step, series, series_metadata, study, upload, upload_item, upload_refused_file,
    },
    tenant::tenant_owned,
};

pub use arrivals::{
    NewBatch, NewInstance, NewPatient, NewQuarantined, NewSeries, NewStudy, PatientIdentity, RequestedStep,
    SeriesGrowth, StoredInstance, StudyAttributes,
};
pub(crate) use instances::with_object_key;
pub use metadata::{InstanceMetadata, MetadataOf, SeriesMetadata};
pub use quarantine::QuarantinedRow;
pub use rows::{InstanceRow, PatientRow, RenditionState, SeriesRow, StoredThumbnail, StudyRow};
pub use search::{
    FoundInstance, FoundSeries, FoundStudy, InstanceHit, Matching, Search, SearchField, Within,
};
pub use upload_items::{ItemCounts, ItemOutcome, SettledItem, UploadItem};
pub use uploads::{RefusedFile, UploadRow, UploadState};

tenant_owned!(
    batch_object,
    instance,
    instance_metadata,
    name_part,
    patient,
    quarantined_instance,
    rendition,
    requested_step,
    series,
    series_metadata,
    study,
    upload,
    upload_item,
    upload_refused_file,
);

/// How many values one statement names at the most; SQLite and PostgreSQL both bound them.
pub(crate) const VALUES_PER_STATEMENT: usize = 500;

/// A count as the databases know them: signed.
fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
