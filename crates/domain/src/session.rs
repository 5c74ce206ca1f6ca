//! When a refresh token may be exchanged: in time, while its family lives, and once but for lost answers.
//!
//! An answer may be lost on its way: a page is reloaded twice, a line drops. Then the browser has the old token
//! only, and brings it again at once. Each answer gets a token of its own; the first of them that is used makes
//! the others worthless.
//!
//! **Invariant:** a token that comes again later than that means that two parties hold tokens of the family, and
//! nobody can tell which is the thief, so the whole family ends.

use chrono::{DateTime, TimeDelta, Utc};

/// So long after its use a token may come again, because the answer was lost.
pub const LOST_ANSWER: TimeDelta = TimeDelta::seconds(30);

/// A refresh token as the store knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefreshToken {
    /// Until when it can be used.
    pub expires_at: DateTime<Utc>,
    /// When it, or another answer's in its place, was exchanged for the next one.
    pub used_at: Option<DateTime<Utc>>,
    /// Whether its family has ended.
    pub family_ended: bool,
}

/// What to do with a refresh token that somebody presents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redemption {
    /// Use it up, with those of lost answers, and issue the next.
    Rotate,
    /// The answer to its use was lost: answer again, with a token of its own.
    AnswerAgain,
    /// It was used before: end the family.
    EndFamily,
    /// It is too old or its family has ended: refuse, change nothing.
    Refuse,
}

impl RefreshToken {
    /// What to do when it is presented at `now`.
    pub fn redeem(&self, now: DateTime<Utc>) -> Redemption {
        match self {
            Self {
                family_ended: true, ..
            } => Redemption::Refuse,
            Self {
                used_at: Some(used_at),
                ..
            } if now - *used_at > LOST_ANSWER => Redemption::EndFamily,
            Self { expires_at, .. } if now >= *expires_at => Redemption::Refuse,
            Self { used_at: Some(_), .. } => Redemption::AnswerAgain,
            Self { .. } => Redemption::Rotate,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A family of tokens, driven by the rule alone.
    #[derive(Default)]
    struct Family {
        tokens: Vec<RefreshToken>,
        ended: bool,
    }

    impl Family {
        fn issue(&mut self, now: DateTime<Utc>) {
            self.tokens.push(RefreshToken {
                expires_at: now + TimeDelta::hours(1),
                used_at: None,
                family_ended: false,
            });
        }

        fn token(&self, index: usize) -> RefreshToken {
            RefreshToken {
                family_ended: self.ended,
                ..self.tokens[index]
            }
        }

        fn present(&mut self, index: usize, now: DateTime<Utc>) -> Redemption {
            let verdict = self.token(index).redeem(now);
            match verdict {
                Redemption::Rotate => {
                    for token in self.tokens.iter_mut().filter(|token| token.used_at.is_none()) {
                        token.used_at = Some(now);
                    }
                    self.issue(now);
                }
                Redemption::AnswerAgain => self.issue(now),
                Redemption::EndFamily => self.ended = true,
                Redemption::Refuse => {}
            }
            verdict
        }

        fn live(&self, now: DateTime<Utc>) -> usize {
            (0..self.tokens.len())
                .filter(|index| self.token(*index).redeem(now) == Redemption::Rotate)
                .count()
        }
    }

    proptest! {
        #[test]
        fn a_rotation_leaves_one_live_token_and_a_late_reuse_none(
            presented in prop::collection::vec((any::<prop::sample::Index>(), 0i64..200), 1..60),
        ) {
            let mut now = DateTime::UNIX_EPOCH;
            let mut family = Family::default();
            family.issue(now);
            let mut reused = false;
            for (index, seconds) in presented {
                now += TimeDelta::seconds(seconds);
                let index = index.index(family.tokens.len());
                reused |= family.tokens[index].used_at.is_some_and(|used| now - used > LOST_ANSWER);
                let verdict = family.present(index, now);
                prop_assert_eq!(family.ended, reused);
                match verdict {
                    Redemption::Rotate => prop_assert_eq!(family.live(now), 1),
                    Redemption::EndFamily => prop_assert_eq!(family.live(now), 0),
                    Redemption::AnswerAgain | Redemption::Refuse => {}
                }
            }
        }
    }

    #[test]
    fn whose_answer_was_lost_gets_another() {
        let mut now = DateTime::UNIX_EPOCH;
        let mut family = Family::default();
        family.issue(now);
        assert_eq!(family.present(0, now), Redemption::Rotate);
        now += LOST_ANSWER;
        assert_eq!(family.present(0, now), Redemption::AnswerAgain);
        assert_eq!(
            family.present(1, now),
            Redemption::Rotate,
            "whichever answer arrived is good"
        );
        now += LOST_ANSWER + TimeDelta::seconds(1);
        assert_eq!(
            family.present(2, now),
            Redemption::EndFamily,
            "and makes the others worthless"
        );
    }

    #[test]
    fn a_token_is_refused_from_the_moment_it_expires() {
        let expires_at = DateTime::UNIX_EPOCH;
        let token = RefreshToken {
            expires_at,
            used_at: None,
            family_ended: false,
        };
        assert_eq!(
            token.redeem(expires_at - TimeDelta::microseconds(1)),
            Redemption::Rotate
        );
        assert_eq!(token.redeem(expires_at), Redemption::Refuse);
    }
}
