//! Background jobs: their wire names, payloads and the retry rule.

use std::time::Duration;

use serde::{Serialize, de::DeserializeOwned};

/// A job's wire name and payload, and nothing about how it runs.
///
/// **Invariant:** payloads carry ids, never patient data.
pub trait Job: Serialize + DeserializeOwned + Send + Sync {
    /// The name in the job table; never renamed while such jobs may be queued.
    const KIND: &'static str;
    /// Higher runs first.
    const PRIORITY: i16 = 0;
    /// After so many failed runs the job is a dead letter.
    const MAX_ATTEMPTS: u16 = 8;

    /// Jobs of one kind with the same key are one while queued.
    fn dedupe_key(&self) -> Option<String> {
        None
    }
}

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobState {
    /// Waits for its time and a runner.
    Queued,
    /// A runner holds its lease.
    Running,
    /// Finished.
    Done,
    /// Failed for good; an administrator can retry it.
    Dead,
}

impl JobState {
    /// Every state.
    pub const ALL: &'static [Self] = &[Self::Queued, Self::Running, Self::Done, Self::Dead];

    /// The name on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "QUEUED",
            Self::Running => "RUNNING",
            Self::Done => "DONE",
            Self::Dead => "DEAD",
        }
    }

    /// The state of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.as_str() == name)
    }
}

/// How long to wait after failed run number `attempt` (1 for the first).
///
/// Doubles from two seconds up to fifteen minutes; `jitter` in `0..=1` spreads a herd of jobs that
/// failed together over the upper half of the interval.
pub fn retry_delay(attempt: u16, jitter: f64) -> Duration {
    const FIRST_SECONDS: f64 = 2.0;
    const LONGEST_SECONDS: f64 = 900.0;
    let doubled = FIRST_SECONDS * 2f64.powi(i32::from(attempt.clamp(1, 16)) - 1);
    let ceiling = doubled.min(LONGEST_SECONDS);
    Duration::from_secs_f64(ceiling * (0.5 + 0.5 * jitter.clamp(0.0, 1.0)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_retry_waits_longer_each_time_and_never_forever(attempt in 1u16..200, jitter in 0.0f64..=1.0) {
            let delay = retry_delay(attempt, jitter);
            prop_assert!(delay >= Duration::from_secs(1) && delay <= Duration::from_secs(900));
            prop_assert!(retry_delay(attempt + 1, jitter) >= delay);
        }
    }
}
