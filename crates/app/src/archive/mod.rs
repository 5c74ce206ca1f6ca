//! The archive: taking images in, finding them, handing them out as they came.
//!
//! **Invariant:** an acknowledged instance is there, bit for bit; what was not acknowledged is nowhere.
//!
//! **Invariant:** what an actor may not see answers like what does not exist.

mod address;
mod batch;
mod batch_file;
mod bulk;
mod commit;
mod completeness;
mod composing;
mod data_set_hash;
mod facts;
mod forms;
mod frames;
mod group;
mod identity;
mod images;
mod ingest;
mod jobs;
mod joining;
mod judging;
mod known_uids;
mod life;
mod metadata;
mod native_model;
mod part;
mod patients;
mod policy;
mod query;
mod report;
mod retrieve;
mod series;
mod spool;
mod sweep;
mod tar;
mod uploads;
mod verdict;
mod whose;

pub use address::ArchiveAddress;
pub use bulk::{FoundBulk, FoundValue};
pub use composing::Composing;
pub(crate) use forms::place_in_spool;
pub use forms::{InstanceForm, OpenInstance, is_impossible};
pub(crate) use frames::FramedImage;
pub use frames::{FrameForm, FrameSource, OpenFrame};
pub use group::Commits;
pub use images::{PICTURE_VERSION, RenderRequest};
pub use ingest::{Ingest, IngestTarget, SentInstance};
pub use jobs::{JudgeCompleteness, WarmSeriesMetadata};
pub(crate) use life::checked_modality;
pub use life::{
    ArchiveDecisions, Availability, AwaitedObject, CompactStudy, MoveStudy, NewRetentionRule, PurgeDeleted,
    RemoveObject, RetentionPreview, StudyDeletion, StudyHome, TidyBatch,
};
pub use metadata::MetadataDocument;
pub use native_model::NativeModels;
pub use patients::age_at_study;
pub use query::SearchAnswer;
pub use report::{InstanceName, PartOutcome, StoreReport, StoreWarning, StoredPart};
pub use retrieve::{FoundInstances, file_length};
pub use sweep::Swept;
pub use uploads::{Announced, AnnouncedInstance, Announcement, Receipt};

/// Rows of the archive, as transports show them.
pub mod rows {
    pub use store::{
        AgingStudy, ArchivePolicy, DeletionRow, DeletionTarget, HoldRow, InstanceRow, ItemOutcome,
        PatientRow, QuarantinedRow, RefusedFile, RenditionState, SeriesRow, StudyRow, Tier, TrashedStudy,
        UploadItem, UploadState,
    };
}
