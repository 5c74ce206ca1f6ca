//! Unified Procedure Steps: the states of a work item and who may change them (PS3.4 §CC.1.1 and §CC.2).
//!
//! **Invariant:** only SCHEDULED becomes IN PROGRESS, only IN PROGRESS becomes COMPLETED or CANCELED, and nothing
//! follows these; what is in progress is changed under its Transaction UID and no other.

use crate::names::named;

named! {
    /// Procedure Step State (0074,1000).
    StepState {
        /// Waits for a performer.
        Scheduled = "SCHEDULED",
        /// A performer holds it under a Transaction UID.
        InProgress = "IN PROGRESS",
        /// Ended without being done.
        Canceled = "CANCELED",
        /// Done.
        Completed = "COMPLETED",
    }
}

impl StepState {
    /// Whether nothing follows it.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Canceled | Self::Completed)
    }
}

/// A work item, as far as its rules go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Where it stands.
    pub state: StepState,
    /// What its performer shows; none before there is one.
    pub transaction_uid: Option<String>,
}

/// What was done about a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// The work item changed.
    Changed,
    /// It is so already; the Standard wants a warning.
    Already(StepState),
}

/// Why a request is refused, with the Standard's status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StepRefused {
    /// C300H
    #[error("the work item is {} and may no longer be updated", .0.as_str())]
    Final(StepState),
    /// C301H
    #[error("the correct Transaction UID was not provided")]
    Transaction,
    /// C302H
    #[error("the work item is already IN PROGRESS")]
    AlreadyInProgress,
    /// C303H
    #[error("a work item becomes SCHEDULED only when it is created")]
    OnlyCreated,
    /// C304H
    #[error("the final state requirements are not met: {0}")]
    Requirements(&'static str),
    /// C310H
    #[error("the work item is not yet IN PROGRESS")]
    NotInProgress,
    /// C311H
    #[error("the work item is already COMPLETED")]
    AlreadyCompleted,
    /// C313H
    #[error("the performer chooses not to cancel: {0}")]
    NotCanceled(&'static str),
}

impl StepRefused {
    /// The status of PS3.4 table CC.2.1-2 and its neighbours.
    pub const fn status(self) -> u16 {
        match self {
            Self::Final(_) => 0xc300,
            Self::Transaction => 0xc301,
            Self::AlreadyInProgress => 0xc302,
            Self::OnlyCreated => 0xc303,
            Self::Requirements(_) => 0xc304,
            Self::NotInProgress => 0xc310,
            Self::AlreadyCompleted => 0xc311,
            Self::NotCanceled(_) => 0xc313,
        }
    }
}

impl Step {
    /// A work item that nobody performs yet.
    pub const fn scheduled() -> Self {
        Self {
            state: StepState::Scheduled,
            transaction_uid: None,
        }
    }

    /// Changes the state under `transaction_uid` (PS3.4 §CC.2.1.3). `lacking` says what the data set lacks to be final.
    pub fn change_state(
        &mut self,
        to: StepState,
        transaction_uid: &str,
        lacking: Option<&'static str>,
    ) -> Result<Done, StepRefused> {
        match (self.state, to) {
            (_, StepState::Scheduled) => Err(StepRefused::OnlyCreated),
            (StepState::Scheduled, StepState::InProgress) => {
                self.state = to;
                self.transaction_uid = Some(transaction_uid.to_owned());
                Ok(Done::Changed)
            }
            (StepState::Scheduled, _) => Err(StepRefused::NotInProgress),
            (StepState::InProgress, StepState::InProgress) => Err(StepRefused::AlreadyInProgress),
            (StepState::InProgress, _) => {
                self.hold(transaction_uid)?;
                if let Some(lacking) = lacking {
                    return Err(StepRefused::Requirements(lacking));
                }
                self.state = to;
                Ok(Done::Changed)
            }
            (now, to) if now == to => Ok(Done::Already(now)),
            (now, _) => Err(StepRefused::Final(now)),
        }
    }

    /// Whether the data set may be changed under `transaction_uid` (PS3.4 §CC.2.6.3).
    pub fn may_update(&self, transaction_uid: Option<&str>) -> Result<(), StepRefused> {
        match self.state {
            StepState::Scheduled => Ok(()),
            StepState::InProgress => self.hold(transaction_uid.unwrap_or_default()),
            state => Err(StepRefused::Final(state)),
        }
    }

    /// Somebody asks for it to be cancelled (PS3.4 §CC.2.2.3): one that nobody performs is, of one in progress its
    /// performer is told.
    pub fn request_cancellation(&mut self) -> Result<Done, StepRefused> {
        match self.state {
            StepState::Scheduled => {
                self.state = StepState::Canceled;
                Ok(Done::Changed)
            }
            StepState::InProgress => Ok(Done::Changed),
            StepState::Canceled => Ok(Done::Already(StepState::Canceled)),
            StepState::Completed => Err(StepRefused::AlreadyCompleted),
        }
    }

    fn hold(&self, transaction_uid: &str) -> Result<(), StepRefused> {
        match &self.transaction_uid {
            Some(own) if own == transaction_uid => Ok(()),
            _ => Err(StepRefused::Transaction),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn states() -> impl Strategy<Value = StepState> {
        prop::sample::select(StepState::ALL)
    }

    proptest! {
        #[test]
        fn only_the_performer_ends_what_is_in_progress(
            moves in prop::collection::vec((states(), 0..3u8), 0..12),
        ) {
            let mut step = Step::scheduled();
            let mut performer = None;
            for (to, who) in moves {
                let before = step.clone();
                let who = format!("1.{who}");
                let done = step.change_state(to, &who, None);
                match (before.state, step.state) {
                    (same, now) if same == now => prop_assert_eq!(&before, &step),
                    (StepState::Scheduled, StepState::InProgress) => performer = Some(who.clone()),
                    (StepState::InProgress, StepState::Completed | StepState::Canceled) => {
                        prop_assert_eq!(performer.as_ref(), Some(&who));
                    }
                    other => prop_assert!(false, "{:?}", other),
                }
                if done.is_err() {
                    prop_assert_eq!(before, step.clone());
                }
            }
        }

        #[test]
        fn nothing_follows_a_final_state(to in states(), last in prop::sample::select(vec![StepState::Canceled, StepState::Completed])) {
            let mut step = Step { state: last, transaction_uid: Some("1.2".to_owned()) };
            let _ = step.change_state(to, "1.2", None);
            let _ = step.request_cancellation();
            prop_assert_eq!(step.state, last);
            prop_assert!(step.may_update(Some("1.2")).is_err());
        }
    }

    #[test]
    fn each_refusal_has_the_status_of_the_standard() {
        let mut step = Step::scheduled();
        let status =
            |step: &mut Step, to, uid: &str| step.change_state(to, uid, None).map_err(StepRefused::status);
        assert_eq!(status(&mut step, StepState::Completed, "1.2"), Err(0xc310));
        assert_eq!(status(&mut step, StepState::Scheduled, "1.2"), Err(0xc303));
        assert_eq!(step.may_update(None), Ok(()));
        assert_eq!(status(&mut step, StepState::InProgress, "1.2"), Ok(Done::Changed));
        assert_eq!(status(&mut step, StepState::InProgress, "1.3"), Err(0xc302));
        assert_eq!(status(&mut step, StepState::Completed, "1.3"), Err(0xc301));
        assert_eq!(step.may_update(None).map_err(StepRefused::status), Err(0xc301));
        let lacking = step.change_state(StepState::Completed, "1.2", Some("an end"));
        assert_eq!(lacking.map_err(StepRefused::status), Err(0xc304));
        assert_eq!(step.request_cancellation(), Ok(Done::Changed));
        assert_eq!(step.state, StepState::InProgress, "its performer decides");
        assert_eq!(status(&mut step, StepState::Completed, "1.2"), Ok(Done::Changed));
        assert_eq!(
            status(&mut step, StepState::Completed, "1.2"),
            Ok(Done::Already(StepState::Completed))
        );
        assert_eq!(status(&mut step, StepState::Canceled, "1.2"), Err(0xc300));
        assert_eq!(
            step.request_cancellation().map_err(StepRefused::status),
            Err(0xc311)
        );
    }
}
