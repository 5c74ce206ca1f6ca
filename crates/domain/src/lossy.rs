//! When lossy copies of images may be handed out: never, unless an organisation decided so.
//!
//! **Invariant:** a copy is another object; no rule here speaks of replacing or removing an original.

use chrono::{DateTime, TimeDelta, Utc};

/// The least signal-to-noise ratio a policy may promise, and the greatest, in decibels.
pub const PSNR_DB: std::ops::RangeInclusive<u32> = 40..=80;

/// What an organisation decided about lossy copies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LossyPolicy {
    /// Only of studies of which nothing came for so many days.
    pub after_days: u32,
    /// Only of series of these modalities.
    pub modalities: Vec<String>,
    /// What every frame keeps to at least, in decibels.
    pub least_psnr_db: u32,
}

impl LossyPolicy {
    /// Whether a study is old enough.
    pub fn speaks_of(&self, last_received_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        now - last_received_at >= TimeDelta::days(i64::from(self.after_days))
    }

    /// Whether images of this modality may be copied so.
    pub fn allows(&self, modality: &str) -> bool {
        self.modalities.iter().any(|allowed| allowed == modality)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_policy_speaks_of_a_study_from_its_day_on(after_days in 0_u32..10_000, seconds in 0_i64..1_000_000_000) {
            let policy = LossyPolicy { after_days, modalities: vec!["CT".to_owned()], least_psnr_db: 50 };
            let came = DateTime::UNIX_EPOCH;
            let old_enough = seconds >= i64::from(after_days) * 86_400;
            prop_assert_eq!(policy.speaks_of(came, came + TimeDelta::seconds(seconds)), old_enough);
        }
    }

    #[test]
    fn only_named_modalities_are_copied() {
        let policy = LossyPolicy {
            after_days: 0,
            modalities: vec!["CT".to_owned(), "MR".to_owned()],
            least_psnr_db: 50,
        };
        assert!(policy.allows("MR"));
        for other in ["MG", "", "C", "CT\\MR"] {
            assert!(!policy.allows(other), "{other}");
        }
    }
}
