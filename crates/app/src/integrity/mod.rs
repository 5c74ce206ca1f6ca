//! Stored objects, read through the checksums their rows hold (ADR 0007).
//!
//! **Invariant:** no byte of a stored object leaves the program, or is decoded, that was not compared with its
//! checksum first. What is damaged or missing is an error and an alarm, never an answer.

mod alarm;
mod checked;
mod health;
mod prove;
mod reading;
mod replica;
mod tally;
mod verify;

use dicom::ChunkSums;
use domain::{Actor, ErrorCode, TenantId};
use store::{InstanceRow, ReadyRendition, SeriesRow, Tier};

pub(crate) use alarm::Subject;
pub use checked::HeldRanges;
pub use health::StorageHealth;
pub(crate) use prove::Proof;
pub use replica::{RepairBatch, ReplicateBatch};
pub use tally::{Finding, Trouble, VerifyTally};
pub use verify::{Mend, VerifyArchive, VerifyOrder};

use crate::{
    App, AppError,
    ports::{BlobError, ObjectKey},
};

/// Bytes of an object that belong together, and their sums.
#[derive(Debug, Clone)]
pub(crate) struct StoredBytes {
    /// The object.
    pub key: ObjectKey,
    /// Where they begin in it.
    pub offset: u64,
    /// How many they are.
    pub length: u64,
    /// The sums of their chunks.
    pub sums: ChunkSums,
    /// What they are, for the alarm.
    pub subject: Subject,
    /// Whether the slow store holds them.
    pub is_cold: bool,
}

impl StoredBytes {
    /// The original of an instance.
    pub fn original(tenant: TenantId, instance: &InstanceRow) -> Result<Self, AppError> {
        Ok(Self {
            key: object(tenant, &instance.object_key)?,
            offset: instance.offset,
            length: instance.length,
            sums: sums(&instance.chunk_sums)?,
            subject: Subject::Instance(instance.id, instance.batch),
            is_cold: instance.tier == Tier::Cold,
        })
    }

    /// The viewing rendition of an instance.
    pub fn rendition(
        tenant: TenantId,
        instance: &InstanceRow,
        rendition: &ReadyRendition,
    ) -> Result<Self, AppError> {
        Ok(Self {
            key: object(tenant, &rendition.object_key)?,
            offset: 0,
            length: rendition.stored_bytes(),
            sums: sums(&rendition.chunk_sums)?,
            subject: Subject::Rendition(instance.id, instance.study),
            is_cold: false,
        })
    }

    /// The thumbnail of a series, when it has one.
    pub fn thumbnail(tenant: TenantId, series: &SeriesRow) -> Result<Option<Self>, AppError> {
        let Some(thumbnail) = &series.thumbnail else {
            return Ok(None);
        };
        Ok(Some(Self {
            key: object(tenant, &thumbnail.object_key)?,
            offset: 0,
            length: thumbnail.stored_bytes,
            sums: sums(&thumbnail.chunk_sums)?,
            subject: Subject::Thumbnail(series.id),
            is_cold: false,
        }))
    }
}

impl App {
    /// The original of an instance is damaged, as a codec child found.
    pub(crate) async fn original_is_damaged(&self, actor: &Actor, instance: &InstanceRow) {
        self.raise(
            actor,
            Subject::Instance(instance.id, instance.batch),
            &instance.object_key,
        )
        .await;
    }
}

/// Whether the error says that an object is damaged or gone.
pub(crate) fn is_damage(error: &BlobError) -> bool {
    matches!(error, BlobError::Damaged { .. } | BlobError::NotFound { .. })
}

impl AppError {
    /// Whether a stored object turned out to be damaged or gone.
    pub fn is_damage(&self) -> bool {
        self.code() == ErrorCode::ObjectDamaged
    }
}

/// The object a row names, which must be the tenant's.
fn object(tenant: TenantId, key: &str) -> Result<ObjectKey, AppError> {
    ObjectKey::stored(tenant, key.to_owned()).ok_or_else(|| AppError::Internal {
        what: "an object key of another tenant".to_owned(),
    })
}

fn sums(blob: &[u8]) -> Result<ChunkSums, AppError> {
    ChunkSums::from_blob(blob.to_vec()).map_err(|_| AppError::Internal {
        what: "the checksums of an object are none".to_owned(),
    })
}
