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
mod frames;
mod identity;
mod images;
mod ingest;
mod jobs;
mod metadata;
mod part;
mod patients;
mod policy;
mod query;
mod report;
mod retrieve;
mod series;
mod sweep;
mod tar;
mod uploads;
mod verdict;
mod whose;

pub use address::ArchiveAddress;
pub use bulk::OpenBulk;
pub use composing::Composing;
pub use frames::{FrameForm, FrameSource, OpenFrame};
pub use images::RenderRequest;
pub use ingest::{Ingest, IngestTarget, SentInstance};
pub use jobs::{JudgeCompleteness, WarmSeriesMetadata};
pub use metadata::MetadataDocument;
pub use patients::age_at_study;
pub use query::SearchAnswer;
pub use report::{InstanceName, PartOutcome, StoreReport, StoreWarning, StoredPart};
pub use sweep::Swept;
pub use uploads::{Announced, AnnouncedInstance, Announcement, Receipt};

/// Rows of the archive, as transports show them.
pub mod rows {
    pub use store::{
        InstanceRow, ItemOutcome, PatientRow, QuarantinedRow, RefusedFile, RenditionState, SeriesRow,
        StudyRow, UploadItem, UploadState,
    };
}
