//! The case axis: from the first image to delivery.

use chrono::{DateTime, Utc};

use super::{CaseState, Priority, ProtocolFlag, WorkItemKind};
use crate::{CaseId, FacilityId, PatientId, StudyId};

/// One thing to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadingCase {
    /// Its id.
    pub id: CaseId,
    /// The study to read.
    pub study: StudyId,
    /// Whose study it is.
    pub patient: PatientId,
    /// The facility that sent it and gets the report.
    pub facility: FacilityId,
    /// Where it stands.
    pub state: CaseState,
    /// How soon it is to be read.
    pub priority: Priority,
    /// The clinical pathway, if any.
    pub protocol_flag: Option<ProtocolFlag>,
    /// Why the examination was made.
    pub indication: Option<String>,
    /// When its first image arrived.
    pub created_at: DateTime<Utc>,
    /// When it was complete; the target runs from here.
    pub ready_at: Option<DateTime<Utc>>,
    /// Images stored.
    pub received_count: u32,
    /// Images the sender announced.
    pub expected_count: Option<u32>,
    /// A preliminary report is signed.
    pub has_preliminary: bool,
    /// Images arrived after a signature and nobody has looked at the report since.
    pub late_images: bool,
}

/// The case is not in a state that allows the attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a case in state {} cannot be {attempt}", state.as_str())]
pub struct CaseRefused {
    /// The state it is in.
    pub state: CaseState,
    /// What was attempted, as a participle: `claimed`, `signed`.
    pub attempt: &'static str,
}

/// The study has grown since the reader looked at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the study has {stored} images and you have seen {seen}; look at the new ones, then sign")]
pub struct StudyChanged {
    /// Images the reader has seen.
    pub seen: u32,
    /// Images there are.
    pub stored: u32,
}

/// Why a signature is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureRefused {
    /// The case is not being read.
    #[error(transparent)]
    State(#[from] CaseRefused),
    /// There are images that were not seen.
    #[error(transparent)]
    StudyChanged(#[from] StudyChanged),
}

/// What an arrival of images meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// Nothing new, or not yet signed: the count changed at most.
    Counted,
    /// New images after a preliminary signature, the first: whoever makes the report final sees them.
    AfterPreliminary,
    /// New images on a signed case, the first since the report was last looked at.
    Late,
}

impl ReadingCase {
    /// Notes that `received` images are stored of `expected`, of which `new` are new.
    ///
    /// A signed report stays as it is; [`Arrival::Late`] asks for a work item to verify it. After a preliminary one
    /// there is a task to make it final anyway, which then covers the new images, too.
    pub fn receive(&mut self, received: u32, expected: Option<u32>, new: u32) -> Arrival {
        self.received_count = received;
        self.expected_count = expected.or(self.expected_count);
        if self.state == CaseState::Expected {
            self.state = CaseState::Receiving;
        }
        let signed = self.state.is_final() || self.has_preliminary;
        if !signed || new == 0 || self.late_images {
            return Arrival::Counted;
        }
        self.late_images = true;
        if self.state.is_final() {
            Arrival::Late
        } else {
            Arrival::AfterPreliminary
        }
    }

    /// The study is complete. True when that made the case ready; saying it again changes nothing.
    pub fn complete(&mut self, now: DateTime<Utc>) -> bool {
        if !matches!(self.state, CaseState::Expected | CaseState::Receiving) {
            return false;
        }
        self.state = CaseState::ReadyToRead;
        self.ready_at = Some(now);
        true
    }

    /// A reader begins.
    pub fn begin_reading(&mut self) -> Result<(), CaseRefused> {
        match self.state {
            CaseState::ReadyToRead | CaseState::Assigned => {
                self.state = CaseState::InProgress;
                Ok(())
            }
            _ => Err(self.refuse("claimed")),
        }
    }

    /// The reader gave it back, or lost it.
    pub fn return_to_queue(&mut self) -> Result<(), CaseRefused> {
        self.expect_in_progress("released")?;
        self.state = CaseState::ReadyToRead;
        Ok(())
    }

    /// A preliminary report was signed: the case passes PRELIM_SIGNED and waits for its final reader,
    /// whose task is returned. `seen` is how many images the reader has seen.
    pub fn sign_preliminary(&mut self, seen: u32) -> Result<WorkItemKind, SignatureRefused> {
        self.expect_signable(seen)?;
        self.state = CaseState::ReadyToRead;
        self.has_preliminary = true;
        self.late_images = false;
        Ok(WorkItemKind::OverRead)
    }

    /// The final report was signed. `seen` is how many images the reader has seen.
    pub fn sign_final(&mut self, seen: u32) -> Result<(), SignatureRefused> {
        self.expect_signable(seen)?;
        self.state = CaseState::FinalSigned;
        self.late_images = false;
        Ok(())
    }

    /// An addendum was signed; it answers late images too. `seen` is how many images the reader has seen.
    pub fn amend(&mut self, seen: u32) -> Result<(), SignatureRefused> {
        if !self.state.is_final() {
            return Err(self.refuse("amended").into());
        }
        self.expect_seen(seen)?;
        self.late_images = false;
        Ok(())
    }

    /// The late images do not change the report. `seen` is how many images the reader has seen.
    pub fn confirm_report(&mut self, seen: u32) -> Result<(), SignatureRefused> {
        if !(self.state.is_final() && self.late_images) {
            return Err(self
                .refuse("confirmed: no images came after the signature")
                .into());
        }
        self.expect_seen(seen)?;
        self.late_images = false;
        Ok(())
    }

    /// The facility has the report. True when that was news.
    pub fn deliver(&mut self) -> Result<bool, CaseRefused> {
        match self.state {
            CaseState::FinalSigned => {
                self.state = CaseState::Delivered;
                Ok(true)
            }
            CaseState::Delivered | CaseState::Closed => Ok(false),
            _ => Err(self.refuse("delivered")),
        }
    }

    /// Gives the case another urgency while it still matters. True when that changed anything.
    pub fn prioritise(
        &mut self,
        priority: Priority,
        flag: Option<ProtocolFlag>,
    ) -> Result<bool, CaseRefused> {
        if self.state.is_final() || self.state == CaseState::Cancelled {
            return Err(self.refuse("given another priority"));
        }
        let changed = (self.priority, self.protocol_flag) != (priority, flag);
        self.priority = priority;
        self.protocol_flag = flag;
        Ok(changed)
    }

    /// How much has arrived, 0 to 100; unknown without an announcement.
    pub fn received_percent(&self) -> Option<u32> {
        let expected = self.expected_count.filter(|expected| *expected > 0)?;
        Some((u64::from(self.received_count) * 100 / u64::from(expected)).min(100) as u32)
    }

    fn expect_in_progress(&self, attempt: &'static str) -> Result<(), CaseRefused> {
        if self.state == CaseState::InProgress {
            Ok(())
        } else {
            Err(self.refuse(attempt))
        }
    }

    /// A signature stands for the whole study as it is now.
    fn expect_signable(&self, seen: u32) -> Result<(), SignatureRefused> {
        self.expect_in_progress("signed")?;
        Ok(self.expect_seen(seen)?)
    }

    fn expect_seen(&self, seen: u32) -> Result<(), StudyChanged> {
        let stored = self.received_count;
        if seen == stored {
            Ok(())
        } else {
            Err(StudyChanged { seen, stored })
        }
    }

    fn refuse(&self, attempt: &'static str) -> CaseRefused {
        CaseRefused {
            state: self.state,
            attempt,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn arriving() -> ReadingCase {
        ReadingCase {
            id: CaseId::from_uuid(Uuid::nil()),
            study: StudyId::from_uuid(Uuid::nil()),
            patient: PatientId::from_uuid(Uuid::nil()),
            facility: FacilityId::from_uuid(Uuid::nil()),
            state: CaseState::Receiving,
            priority: Priority::Routine,
            protocol_flag: None,
            indication: None,
            created_at: DateTime::UNIX_EPOCH,
            ready_at: None,
            received_count: 0,
            expected_count: None,
            has_preliminary: false,
            late_images: false,
        }
    }

    /// Applies move number `which`; refusals leave the case alone.
    fn step(case: &mut ReadingCase, which: u8) -> Result<(), SignatureRefused> {
        let seen = case.received_count;
        match which {
            0 => {
                case.receive(case.received_count + 1, None, 1);
                Ok(())
            }
            1 => {
                case.complete(DateTime::UNIX_EPOCH);
                Ok(())
            }
            2 => Ok(case.begin_reading()?),
            3 => Ok(case.return_to_queue()?),
            4 => case.sign_preliminary(seen).map(drop),
            5 => case.sign_final(seen),
            6 => case.amend(seen),
            7 => case.confirm_report(seen),
            8 => Ok(case.deliver().map(drop)?),
            _ => Ok(case.prioritise(Priority::Stat, None).map(drop)?),
        }
    }

    proptest! {
        #[test]
        fn no_sequence_of_moves_leads_back_from_the_final_signature(moves in prop::collection::vec(0u8..10, 0..60)) {
            let mut case = arriving();
            let mut was_final = false;
            for which in moves {
                let before = case.clone();
                if step(&mut case, which).is_err() {
                    prop_assert_eq!(&case, &before, "a refusal changes nothing");
                }
                prop_assert!(!was_final || case.state.is_final());
                let signed = case.state.is_final() || case.has_preliminary;
                prop_assert!(!case.late_images || signed, "images are late only after signing");
                if case.state.is_final() && !was_final {
                    prop_assert_eq!(before.state, CaseState::InProgress, "only a case in progress is signed");
                }
                was_final = case.state.is_final();
            }
        }
    }

    #[test]
    fn completeness_may_be_said_again_and_changes_nothing() {
        let mut case = arriving();
        assert!(case.complete(DateTime::UNIX_EPOCH));
        case.begin_reading().unwrap();
        assert!(!case.complete(DateTime::UNIX_EPOCH));
        assert_eq!(case.state, CaseState::InProgress);
    }

    #[test]
    fn a_case_still_arriving_cannot_be_claimed_or_signed() {
        let mut case = arriving();
        assert_eq!(
            case.begin_reading(),
            Err(CaseRefused {
                state: CaseState::Receiving,
                attempt: "claimed"
            })
        );
        assert!(case.sign_final(0).is_err());
    }

    #[test]
    fn nobody_signs_for_images_they_have_not_seen() {
        let mut case = ReadingCase {
            state: CaseState::InProgress,
            received_count: 5,
            ..arriving()
        };
        case.receive(7, None, 2);
        let changed = StudyChanged { seen: 5, stored: 7 };
        assert_eq!(case.sign_final(5), Err(changed.into()));
        assert_eq!(case.sign_preliminary(5), Err(changed.into()));
        assert_eq!(case.state, CaseState::InProgress);
        assert!(case.sign_final(7).is_ok());
    }

    #[test]
    fn images_after_a_preliminary_report_are_late_until_somebody_signs_for_them() {
        let mut case = ReadingCase {
            state: CaseState::InProgress,
            received_count: 5,
            ..arriving()
        };
        case.sign_preliminary(5).unwrap();
        assert_eq!(case.receive(6, None, 1), Arrival::AfterPreliminary);
        assert_eq!(case.receive(7, None, 1), Arrival::Counted);
        assert!(case.late_images);
        case.begin_reading().unwrap();
        case.sign_final(7).unwrap();
        assert!(!case.late_images);
    }

    #[test]
    fn late_images_ask_for_verification_once() {
        let mut case = ReadingCase {
            state: CaseState::Delivered,
            ..arriving()
        };
        assert_eq!(
            case.receive(5, None, 0),
            Arrival::Counted,
            "the same images again are not late"
        );
        assert_eq!(case.receive(6, None, 1), Arrival::Late);
        assert_eq!(case.receive(7, None, 1), Arrival::Counted);
        let changed = StudyChanged { seen: 6, stored: 7 };
        assert_eq!(case.confirm_report(6), Err(changed.into()));
        assert_eq!(case.amend(6), Err(changed.into()));
        case.confirm_report(7).unwrap();
        assert!(case.confirm_report(7).is_err());
    }
}
