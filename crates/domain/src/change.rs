//! The per-tenant change feed: what live screens are told.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::FacilityId;

/// What kind of thing changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ChangeTopic {
    /// A reading case, its claim, clock, report or deliveries.
    Case,
    /// A study received images or renditions.
    Study,
    /// An upload made progress.
    Upload,
    /// A job died or was retried.
    Job,
    /// A member or invitation.
    Member,
    /// A facility.
    Facility,
    /// A work item that others created.
    Workitem,
}

impl ChangeTopic {
    /// Every topic.
    pub const ALL: &'static [Self] = &[
        Self::Case,
        Self::Study,
        Self::Upload,
        Self::Job,
        Self::Member,
        Self::Facility,
        Self::Workitem,
    ];

    /// The name on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Case => "CASE",
            Self::Study => "STUDY",
            Self::Upload => "UPLOAD",
            Self::Job => "JOB",
            Self::Member => "MEMBER",
            Self::Facility => "FACILITY",
            Self::Workitem => "WORKITEM",
        }
    }

    /// The topic of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|topic| topic.as_str() == name)
    }
}

/// One change to announce when the transaction commits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What kind of thing.
    pub topic: ChangeTopic,
    /// Its bare id.
    pub object: Uuid,
    /// The facility it belongs to, where it matters who may hear of it.
    pub facility: Option<FacilityId>,
}
