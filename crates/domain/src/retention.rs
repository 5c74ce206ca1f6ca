//! How long studies are kept, by rules of their tenant.
//!
//! **Invariant:** without a rule that speaks of it a study is kept for ever; of several that do, the longest holds. No
//! rule touches what is on hold or not read yet.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{CaseState, RetentionRuleId};

/// The shortest time a rule may name: a slip of the pen must not empty an archive.
pub const SHORTEST_KEEP_DAYS: u32 = 30;

/// From when on the days of a rule are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountedFrom {
    /// The arrival of the newest image.
    Arrival,
    /// The last time anybody opened the study, or its arrival.
    LastLook,
}

impl CountedFrom {
    /// The name on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Arrival => "ARRIVAL",
            Self::LastLook => "LAST_LOOK",
        }
    }

    /// The one of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Arrival, Self::LastLook]
            .into_iter()
            .find(|from| from.as_str() == name)
    }
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetentionRule {
    /// Its id.
    pub id: RetentionRuleId,
    /// Of studies with a series of this modality; of all when none.
    pub modality: Option<String>,
    /// For so many days.
    pub keep_days: u32,
    /// From when on.
    pub counted_from: CountedFrom,
}

/// What a rule looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptStudy {
    /// The modalities of its series.
    pub modalities: Vec<String>,
    /// When its newest image came.
    pub last_received_at: DateTime<Utc>,
    /// When it was last opened.
    pub last_read_at: Option<DateTime<Utc>>,
    /// Whether a legal hold forbids to delete it.
    pub on_hold: bool,
    /// Where its case stands.
    pub case: Option<CaseState>,
}

impl RetentionRule {
    fn speaks_of(&self, study: &KeptStudy) -> bool {
        self.modality
            .as_ref()
            .is_none_or(|modality| study.modalities.contains(modality))
    }

    /// Until when it keeps a study.
    fn keeps_until(&self, study: &KeptStudy) -> DateTime<Utc> {
        let from = match self.counted_from {
            CountedFrom::Arrival => study.last_received_at,
            CountedFrom::LastLook => study
                .last_read_at
                .map_or(study.last_received_at, |read| read.max(study.last_received_at)),
        };
        from.checked_add_signed(TimeDelta::days(i64::from(self.keep_days)))
            .unwrap_or(DateTime::<Utc>::MAX_UTC)
    }
}

/// The rule by which a study has been kept long enough; none while it is to be kept.
pub fn outlived<'a>(
    rules: &'a [RetentionRule],
    study: &KeptStudy,
    now: DateTime<Utc>,
) -> Option<&'a RetentionRule> {
    let is_done = study
        .case
        .is_none_or(|state| state.is_final() || state == CaseState::Cancelled);
    if study.on_hold || !is_done {
        return None;
    }
    rules
        .iter()
        .filter(|rule| rule.speaks_of(study))
        .max_by_key(|rule| rule.keeps_until(study))
        .filter(|longest| longest.keeps_until(study) <= now)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn rule(modality: Option<u8>, keep_days: u32, by_look: bool) -> RetentionRule {
        RetentionRule {
            id: RetentionRuleId::from_uuid(Uuid::nil()),
            modality: modality.map(|number| format!("M{number}")),
            keep_days,
            counted_from: if by_look {
                CountedFrom::LastLook
            } else {
                CountedFrom::Arrival
            },
        }
    }

    fn rules() -> impl Strategy<Value = Vec<RetentionRule>> {
        let one = (proptest::option::of(0u8..3), 0u32..100, any::<bool>())
            .prop_map(|(modality, days, by_look)| rule(modality, days, by_look));
        prop::collection::vec(one, 0..5)
    }

    fn study() -> impl Strategy<Value = KeptStudy> {
        (
            prop::collection::vec(0u8..3, 0..3),
            0i64..100,
            proptest::option::of(0i64..100),
            any::<bool>(),
            proptest::option::of(0..CaseState::ALL.len()),
        )
            .prop_map(|(modalities, received, read, on_hold, case)| KeptStudy {
                modalities: modalities
                    .into_iter()
                    .map(|number| format!("M{number}"))
                    .collect(),
                last_received_at: day(received),
                last_read_at: read.map(day),
                on_hold,
                case: case.map(|at| CaseState::ALL[at]),
            })
    }

    fn day(number: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(number)
    }

    proptest! {
        #[test]
        fn nothing_is_outlived_that_is_held_unread_or_spoken_of_by_no_rule(
            rules in rules(), study in study(), now in 0i64..300
        ) {
            let spoken_of = rules.iter().any(|rule| rule.speaks_of(&study));
            let unread = study.case.is_some_and(|state| !state.is_final() && state != CaseState::Cancelled);
            if outlived(&rules, &study, day(now)).is_some() {
                prop_assert!(spoken_of && !study.on_hold && !unread);
            }
        }

        #[test]
        fn another_rule_never_shortens_what_the_others_keep(
            rules in rules(), study in study(), days in 0u32..100, now in 0i64..300
        ) {
            let speaks = rules.iter().any(|rule| rule.speaks_of(&study));
            let before = outlived(&rules, &study, day(now)).is_some();
            let mut more = rules;
            more.push(rule(None, days, false));
            if speaks && outlived(&more, &study, day(now)).is_some() {
                prop_assert!(before);
            }
        }

        #[test]
        fn what_is_outlived_stays_so_while_nobody_looks(rules in rules(), study in study(), now in 0i64..300) {
            if outlived(&rules, &study, day(now)).is_some() {
                prop_assert!(outlived(&rules, &study, day(now + 1)).is_some());
            }
        }
    }
}
