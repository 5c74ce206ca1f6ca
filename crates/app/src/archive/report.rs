//! What a sender is told about each part of a request.

use dicom::{Uid, stow::WarningReason};
use domain::ErrorCode;

use super::{
    batch_file::SpooledInstance,
    part::Part,
    verdict::{Verdict, reason},
};

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreReport {
    /// Its parts, in their order.
    pub parts: Vec<StoredPart>,
}

/// How a request ended, as it is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RequestOutcome {
    /// Everything is stored, now or before.
    Stored,
    /// Something is and something is not.
    PartlyStored,
    /// Nothing is.
    Refused,
    /// It could not be stored; nothing is.
    Failed,
    /// It did not come to its end.
    BrokenOff,
}

impl RequestOutcome {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Stored => "stored",
            Self::PartlyStored => "partly_stored",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::BrokenOff => "broken_off",
        }
    }
}

impl StoreReport {
    pub(super) fn outcome(&self) -> RequestOutcome {
        let is_refused = |part: &StoredPart| matches!(part.outcome, PartOutcome::Refused { .. });
        match self.parts.iter().filter(|part| is_refused(part)).count() {
            0 => RequestOutcome::Stored,
            refused if refused == self.parts.len() => RequestOutcome::Refused,
            _ => RequestOutcome::PartlyStored,
        }
    }
}

/// What became of one part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPart {
    /// The instance in it, when there was one.
    pub instance: Option<InstanceName>,
    /// The SOP Instance UID the sender says it has, when no instance could be read.
    pub claimed_uid: Option<Uid>,
    /// What became of it.
    pub outcome: PartOutcome,
    /// What is odd about it, when it is stored.
    pub warning: Option<StoreWarning>,
}

/// What is odd about a stored instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreWarning {
    /// The Standard's word for it.
    pub reason: WarningReason,
    /// For people.
    pub text: String,
}

/// The UIDs of an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceName {
    /// SOP Class UID.
    pub sop_class_uid: String,
    /// SOP Instance UID.
    pub sop_instance_uid: String,
    /// Series Instance UID.
    pub series_instance_uid: String,
    /// Study Instance UID.
    pub study_instance_uid: String,
}

/// How a part ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartOutcome {
    /// It is stored.
    Stored,
    /// It was stored already, byte for byte: nothing changed.
    Duplicate,
    /// It is not stored.
    Refused {
        /// Why, for programs.
        code: ErrorCode,
        /// Why, for people, with what to do.
        text: String,
    },
}

impl StoredPart {
    pub(super) fn judged(part: &Part, verdict: Verdict) -> Self {
        let refused = |code| PartOutcome::Refused {
            code,
            text: Self::reason(part, code),
        };
        let name = |instance: &SpooledInstance| {
            let facts = &instance.facts;
            InstanceName {
                sop_class_uid: facts.sop_class_uid.clone(),
                sop_instance_uid: facts.sop_instance_uid.clone(),
                series_instance_uid: facts.series_instance_uid.clone(),
                study_instance_uid: facts.study.study_instance_uid.clone(),
            }
        };
        let instance = part.content.as_deref().ok().map(name);
        Self {
            claimed_uid: match instance {
                Some(_) => None,
                None => part.claimed_uid.clone(),
            },
            instance,
            outcome: match verdict {
                Verdict::New => PartOutcome::Stored,
                Verdict::Duplicate => PartOutcome::Duplicate,
                Verdict::Conflict => refused(ErrorCode::InstanceConflict),
                Verdict::Refused(code) => refused(code),
            },
            warning: warning(part),
        }
    }

    /// Why a part was refused, for people. What is wrong with a file says more than what is usual for its code.
    pub(super) fn reason(part: &Part, code: ErrorCode) -> String {
        match &part.content {
            Err((of_content, text)) if *of_content == code => text.clone(),
            _ => reason(code).to_owned(),
        }
    }
}

/// What was changed comes before what is missing: the sender has one warning of each instance.
fn warning(part: &Part) -> Option<StoreWarning> {
    let missing = &part.content.as_deref().ok()?.facts.missing;
    let (reason, text) = match part.warning {
        Some(WarningReason::Discarded) => (
            WarningReason::Discarded,
            "elements that have no place in it".to_owned(),
        ),
        Some(reason) => (reason, "its text is stored in UTF-8".to_owned()),
        None if missing.is_empty() => return None,
        None => (
            WarningReason::DataSetMismatch,
            format!("it lacks {}", missing.join(", ")),
        ),
    };
    Some(StoreWarning { reason, text })
}
