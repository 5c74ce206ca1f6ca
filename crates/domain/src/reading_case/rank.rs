//! The order of the worklist: what breaches first stands on top.

use chrono::{DateTime, Utc};

use super::{CaseState, Priority};
use crate::sla::{ClockState, SlaClock};

/// Further in the future than any date, in microseconds, and small enough to be added up.
const BAND: i64 = 1 << 60;

/// Where a case stands in the worklist, smallest first: cases whose target runs by the moment it ends,
/// then paused ones, then those still arriving by their first image, then what is done, newest first.
pub fn worklist_rank(state: CaseState, clock: &SlaClock, created_at: DateTime<Utc>) -> i64 {
    let micros = |moment: DateTime<Utc>| moment.timestamp_micros().clamp(0, BAND - 1);
    let done = |moment: DateTime<Utc>| 4 * BAND - 1 - micros(moment);
    match (state, clock.state(), clock.stopped_at(), clock.due_at()) {
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

    use super::*;
    use crate::sla::{ClockEvent, ClockEventKind as K};

    fn rank(target_minutes: i64, events: &[(i64, K)]) -> i64 {
        let at = |second: i64| DateTime::UNIX_EPOCH + TimeDelta::seconds(second);
        let events = events
            .iter()
            .map(|(second, kind)| ClockEvent::new(at(*second), *kind, None))
            .collect();
        let clock = SlaClock::new(TimeDelta::minutes(target_minutes), events);
        worklist_rank(CaseState::ReadyToRead, &clock, at(0))
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
}
