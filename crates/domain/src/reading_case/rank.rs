//! The order of the worklist: what breaches first stands on top.

use chrono::{DateTime, Utc};

use super::{CaseState, Priority, ReadingCase};
use crate::sla::{ClockEventKind, ClockState, SlaClock};

/// Further in the future than any date, in microseconds, and small enough to be added up.
const BAND: i64 = 1 << 60;

/// Where a case stands in the worklist, smallest first: cases whose target runs by the moment it ends, and among
/// them those whose signed report late images put in question, owed since these came; then paused ones, then those
/// still arriving by their first image, then what is done, newest first.
pub fn worklist_rank(case: &ReadingCase, clock: &SlaClock) -> i64 {
    let micros = |moment: DateTime<Utc>| moment.timestamp_micros().clamp(0, BAND - 1);
    let done = |moment: DateTime<Utc>| 4 * BAND - 1 - micros(moment);
    let created_at = case.created_at;
    if case.late_images && case.state.is_final() {
        let mut events = clock.events().iter().rev();
        let late = events.find(|event| event.kind == ClockEventKind::LateImages);
        return micros(late.map_or(created_at, |event| event.at));
    }
    match (case.state, clock.state(), clock.stopped_at(), clock.due_at()) {
        (CaseState::Cancelled, ..) => done(created_at),
        (_, _, Some(stopped), _) => done(stopped),
        (_, ClockState::Running, None, Some(due)) => micros(due),
        (_, ClockState::Paused, ..) => BAND + micros(created_at),
        _ => 2 * BAND + micros(created_at),
    }
}

impl Priority {
    /// What decides between cases of the same rank: 0 for the most urgent.
    pub const fn urgency(self) -> i16 {
        match self {
            Self::Stat => 0,
            Self::Asap => 1,
            Self::Urgent => 2,
            Self::Routine => 3,
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use uuid::Uuid;

    use super::*;
    use crate::{
        CaseId, FacilityId, PatientId, StudyId,
        sla::{ClockEvent, ClockEventKind as K},
    };

    fn case(state: CaseState, late_images: bool) -> ReadingCase {
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
            received_count: 0,
            expected_count: None,
            has_preliminary: false,
            late_images,
        }
    }

    fn rank(target_minutes: i64, events: &[(i64, K)]) -> i64 {
        rank_of(&case(CaseState::ReadyToRead, false), target_minutes, events)
    }

    fn rank_of(case: &ReadingCase, target_minutes: i64, events: &[(i64, K)]) -> i64 {
        let at = |second: i64| DateTime::UNIX_EPOCH + TimeDelta::seconds(second);
        let events = events
            .iter()
            .map(|(second, kind)| ClockEvent::new(at(*second), *kind, None))
            .collect();
        let clock = SlaClock::new(TimeDelta::minutes(target_minutes), events);
        worklist_rank(case, &clock)
    }

    #[test]
    fn what_breaches_first_stands_on_top_and_what_is_done_at_the_end() {
        let order = [
            rank(15, &[(0, K::Receiving), (600, K::ReadyToRead)]),
            rank(30, &[(0, K::Receiving), (0, K::ReadyToRead)]),
            rank(1440, &[(0, K::Receiving), (0, K::ReadyToRead), (9, K::Claimed)]),
            rank(1, &[(0, K::Receiving), (0, K::ReadyToRead), (5, K::Paused)]),
            rank(1, &[(0, K::Receiving)]),
            rank(1, &[(0, K::Receiving), (0, K::ReadyToRead), (900, K::Delivered)]),
            rank(1, &[(0, K::Receiving), (0, K::ReadyToRead), (50, K::Delivered)]),
        ];
        assert!(order.is_sorted(), "{order:?}");
    }

    #[test]
    fn a_report_in_question_stands_among_what_is_owed() {
        let ledger = [
            (0, K::Receiving),
            (0, K::ReadyToRead),
            (900, K::Delivered),
            (1200, K::LateImages),
        ];
        let in_question = rank_of(&case(CaseState::Delivered, true), 1440, &ledger);
        let confirmed = rank_of(&case(CaseState::Delivered, false), 1440, &ledger);
        let breached = rank(15, &[(0, K::Receiving), (0, K::ReadyToRead)]);
        let in_time = rank(30, &[(0, K::Receiving), (0, K::ReadyToRead)]);
        let order = [breached, in_question, in_time, confirmed];
        assert!(order.is_sorted(), "{order:?}");
    }
}
