//! Whether a study, or part of it, may be deleted.
//!
//! Nothing is removed at once: what is deleted lies in the trash for a while. Still it is hidden from everybody, so
//! it must not be taken from under a reader, and what a signed report speaks of is evidence.

use crate::{CaseState, ErrorCode, reading_case::ReadingCase};

/// Why a deletion is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DeletionRefused {
    /// Somebody has to keep it.
    #[error("a legal hold forbids to delete this study; nothing was deleted; lift the hold first")]
    OnHold,
    /// A reader has it open.
    #[error("a reader has this study now; nothing was deleted; try again when the case is given back")]
    BeingRead,
    /// A signed report speaks of it.
    #[error(
        "a signed report speaks of this study; nothing was deleted; say that it is to go with its report, or leave it"
    )]
    Reported,
}

impl DeletionRefused {
    /// The code of the contract.
    pub const fn code(self) -> ErrorCode {
        match self {
            Self::OnHold => ErrorCode::LegalHold,
            Self::BeingRead | Self::Reported => ErrorCode::StudyInUse,
        }
    }
}

/// What becomes of a signed report when its images are deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportedStudies {
    /// Its images stay: the deletion is refused.
    Keep,
    /// It is hidden with them.
    Delete,
}

/// Errors unless a study may be deleted, given whether it is on hold and where its case stands.
pub fn expect_deletable(
    on_hold: bool,
    case: Option<&ReadingCase>,
    reported: ReportedStudies,
) -> Result<(), DeletionRefused> {
    if on_hold {
        return Err(DeletionRefused::OnHold);
    }
    let Some(case) = case else { return Ok(()) };
    if matches!(case.state, CaseState::Assigned | CaseState::InProgress) {
        return Err(DeletionRefused::BeingRead);
    }
    let is_reported = case.has_preliminary || case.state.is_final();
    if is_reported && reported == ReportedStudies::Keep {
        return Err(DeletionRefused::Reported);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::{CaseId, FacilityId, PatientId, Priority, StudyId};

    fn case(state: CaseState, has_preliminary: bool) -> ReadingCase {
        ReadingCase {
            id: CaseId::from_uuid(Uuid::nil()),
            study: StudyId::from_uuid(Uuid::nil()),
            patient: PatientId::from_uuid(Uuid::nil()),
            facility: FacilityId::from_uuid(Uuid::nil()),
            state,
            priority: Priority::Routine,
            protocol_flag: None,
            indication: None,
            created_at: DateTime::UNIX_EPOCH,
            ready_at: None,
            received_count: 1,
            expected_count: None,
            has_preliminary,
            late_images: false,
        }
    }

    proptest! {
        #[test]
        fn nothing_on_hold_or_with_a_reader_is_ever_deleted(
            on_hold: bool, state in 0..CaseState::ALL.len(), has_preliminary: bool, with_report: bool
        ) {
            let state = CaseState::ALL[state];
            let reported = if with_report { ReportedStudies::Delete } else { ReportedStudies::Keep };
            let case = case(state, has_preliminary);
            let judged = expect_deletable(on_hold, Some(&case), reported);
            let with_reader = matches!(state, CaseState::Assigned | CaseState::InProgress);
            if on_hold || with_reader {
                prop_assert!(judged.is_err());
            }
            if (has_preliminary || state.is_final()) && !with_report {
                prop_assert!(judged.is_err());
            }
            if judged == Err(DeletionRefused::Reported) {
                prop_assert!(!with_report, "who says so may delete what was reported");
            }
        }
    }

    #[test]
    fn a_study_that_nobody_reads_yet_may_be_deleted() {
        for state in [CaseState::Receiving, CaseState::ReadyToRead] {
            assert_eq!(
                expect_deletable(false, Some(&case(state, false)), ReportedStudies::Keep),
                Ok(())
            );
        }
        assert_eq!(expect_deletable(false, None, ReportedStudies::Keep), Ok(()));
        assert_eq!(
            expect_deletable(true, None, ReportedStudies::Delete),
            Err(DeletionRefused::OnHold)
        );
    }
}
