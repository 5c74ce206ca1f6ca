//! The archive's rows: patients, studies, series, instances and where their bytes lie.
//!
//! **Invariant:** an instance's row says where its original bytes are and what they hash to; neither
//! ever changes, except that compaction may move the bytes as they are.

mod arrivals;
mod batches;
mod export;
mod growth;
mod holds;
mod ingest;
mod instances;
mod keeping;
mod lossy;
mod metadata;
mod names;
mod promised;
mod pseudonyms;
mod purge;
mod quarantine;
mod recount;
mod rows;
mod search;
mod soundness;
mod studies;
mod trash;
mod upload_items;
mod uploads;

use crate::{
    entity::{
        archive_policy, batch_object, deletion, instance, instance_metadata, legal_hold, lossy_policy,
        name_part, patient, pseudonym_key, quarantined_instance, rendition, requested_step, retention_rule,
        series, series_metadata, study, upload, upload_item, upload_refused_file,
    },
    tenant::tenant_owned,
};

pub use arrivals::{
    InstanceBytes, NewBatch, NewInstance, NewPatient, NewQuarantined, NewSeries, NewStudy, PatientIdentity,
    RequestedStep, SeriesGrowth, StoredInstance, StudyAttributes,
};
pub use batches::{BatchRow, Content, PromisedBytes};
pub use holds::HoldRow;
pub use instances::PlacedInstance;
pub(crate) use instances::with_object_key;
pub use keeping::{AgingStudy, ArchivePolicy};
pub use metadata::{InstanceMetadata, MetadataOf, SeriesMetadata};
pub use promised::PromisedObject;
pub use purge::Purged;
pub use quarantine::QuarantinedRow;
pub use rows::{InstanceRow, PatientRow, RenditionState, SeriesRow, StoredThumbnail, StudyRow, Tier};
pub use search::{
    FoundInstance, FoundSeries, FoundStudy, InstanceHit, Matching, Search, SearchField, Within,
};
pub use soundness::Healed;
pub use trash::{DeletionRow, DeletionTarget, TrashedStudy, TrashedUids};
pub use upload_items::{ItemCounts, ItemOutcome, SettledItem, UploadItem};
pub use uploads::{RefusedFile, UploadRow, UploadState};

tenant_owned!(
    archive_policy,
    batch_object,
    deletion,
    instance_metadata,
    legal_hold,
    lossy_policy,
    name_part,
    patient,
    pseudonym_key,
    quarantined_instance,
    rendition,
    requested_step,
    retention_rule,
    series_metadata,
    upload,
    upload_item,
    upload_refused_file;
    trash: instance, series, study
);

/// How many values one statement names at the most; SQLite and PostgreSQL both bound them.
pub(crate) const VALUES_PER_STATEMENT: usize = 500;

/// A count as the databases know them: signed.
fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
