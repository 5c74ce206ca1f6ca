//! The life of what is stored, after it was stored: deleted, restored, kept by law, removed for good.
//!
//! **Invariant:** a deletion only hides. Rows and bytes go when its time has come, no hold forbids it, and a row of the
//! trail has said so; an object goes last, when no row names it.

mod availability;
mod delete;
mod hold;
mod keeping;
mod purge;
mod recalls;
mod repack;
mod tiers;
mod trash;

use domain::{Actor, BatchId, DeletionId, Principal, StudyId, job::Job};
use serde::{Deserialize, Serialize};

pub use availability::Availability;
pub use delete::StudyDeletion;
pub(crate) use keeping::checked_modality;
pub use keeping::{ArchiveDecisions, NewRetentionRule, RetentionPreview};
pub use recalls::AwaitedObject;

/// Removes for good what a deletion put into the trash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurgeDeleted {
    /// Which deletion.
    pub deletion: DeletionId,
}

impl Job for PurgeDeleted {
    const KIND: &'static str = "purge_deleted";
    const PRIORITY: i16 = -20;

    fn dedupe_key(&self) -> Option<String> {
        Some(self.deletion.to_string())
    }
}

/// Frees the space of a batch of which instances were removed or moved elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TidyBatch {
    /// Which batch.
    pub batch: BatchId,
}

impl Job for TidyBatch {
    const KIND: &'static str = "tidy_batch";
    const PRIORITY: i16 = -20;

    fn dedupe_key(&self) -> Option<String> {
        Some(self.batch.to_string())
    }
}

/// Puts the small objects of a study together, when it is quiet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompactStudy {
    /// Which study.
    pub study: StudyId,
}

impl Job for CompactStudy {
    const KIND: &'static str = "compact_study";
    const PRIORITY: i16 = -30;

    fn dedupe_key(&self) -> Option<String> {
        Some(self.study.to_string())
    }
}

/// Which store a study lives in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StudyHome {
    /// The one that new images go to.
    Fast,
    /// The one for the long term.
    Slow,
}

impl StudyHome {
    /// The name in metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fast => "fast",
            Self::Slow => "slow",
        }
    }
}

/// Moves a study into a store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoveStudy {
    /// Which study.
    pub study: StudyId,
    /// Where to.
    pub to: StudyHome,
}

impl Job for MoveStudy {
    const KIND: &'static str = "move_study";
    const PRIORITY: i16 = -5;

    fn dedupe_key(&self) -> Option<String> {
        Some(format!("{} {}", self.study, self.to.as_str()))
    }
}

/// Removes an object that no row names any more. Queued for a while later: who read its row just before may still
/// open it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoveObject {
    /// Its key.
    pub object_key: String,
}

impl Job for RemoveObject {
    const KIND: &'static str = "remove_object";
    const PRIORITY: i16 = -20;

    fn dedupe_key(&self) -> Option<String> {
        Some(self.object_key.clone())
    }
}

/// The wire id and the name of who acts, as rows keep them.
fn person(actor: &Actor) -> (String, String) {
    let name = match actor.principal() {
        Principal::User { name, .. } | Principal::ApiKey { name, .. } | Principal::Node { name, .. } => {
            name.clone()
        }
        Principal::System { .. } => "telerad".to_owned(),
    };
    (actor.to_string(), name)
}
