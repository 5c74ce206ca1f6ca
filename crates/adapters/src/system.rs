//! Time, ids and randomness of the machine we run on.

#![expect(clippy::disallowed_methods, reason = "the one place that asks the machine")]

use chrono::{DateTime, SubsecRound, Utc};
use domain::{Clock, Ids, Randomness};
use uuid::Uuid;

/// The machine's clock, cut to what both databases keep.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now().trunc_subsecs(6)
    }
}

/// UUIDv7, in the order of creation also within one millisecond.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemIds;

impl Ids for SystemIds {
    fn next(&self) -> Uuid {
        Uuid::now_v7()
    }
}

/// The operating system's source of secrets.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandomness;

impl Randomness for SystemRandomness {
    fn secret(&self) -> [u8; 32] {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).expect("the operating system hands out random bytes once it has booted");
        secret
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_keeps_no_more_than_microseconds() {
        assert_eq!(SystemClock.now().timestamp_subsec_nanos() % 1000, 0);
    }

    #[test]
    fn ids_sort_by_creation() {
        let ids: Vec<_> = (0..1000).map(|_| SystemIds.next()).collect();
        assert!(ids.is_sorted_by(|one, next| one < next));
    }
}
