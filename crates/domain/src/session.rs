//! When a refresh token may be exchanged: once, in time, while its family lives.
//!
//! **Invariant:** a family has at most one live token; a token that comes a second time means that
//! two parties hold it, and nobody can tell which is the thief, so the whole family ends.

use chrono::{DateTime, Utc};

/// A refresh token as the store knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefreshToken {
    /// Until when it can be used.
    pub expires_at: DateTime<Utc>,
    /// When it was exchanged for the next one.
    pub used_at: Option<DateTime<Utc>>,
    /// Whether its family has ended.
    pub family_ended: bool,
}

/// What to do with a refresh token that somebody presents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redemption {
    /// Use it up and issue the next.
    Rotate,
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
            Self { used_at: Some(_), .. } => Redemption::EndFamily,
            Self { expires_at, .. } if now >= *expires_at => Redemption::Refuse,
            Self { .. } => Redemption::Rotate,
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
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

        fn present(&mut self, index: usize, now: DateTime<Utc>) -> Redemption {
            let token = RefreshToken {
                family_ended: self.ended,
                ..self.tokens[index]
            };
            let verdict = token.redeem(now);
            match verdict {
                Redemption::Rotate => {
                    self.tokens[index].used_at = Some(now);
                    self.issue(now);
                }
                Redemption::EndFamily => self.ended = true,
                Redemption::Refuse => {}
            }
            verdict
        }

        fn live(&self, now: DateTime<Utc>) -> usize {
            let presentable = |token: &&RefreshToken| {
                RefreshToken {
                    family_ended: self.ended,
                    ..**token
                }
                .redeem(now)
                    == Redemption::Rotate
            };
            self.tokens.iter().filter(presentable).count()
        }
    }

    proptest! {
        #[test]
        fn a_family_never_has_two_live_tokens_and_none_after_a_reuse(
            presented in prop::collection::vec((any::<prop::sample::Index>(), 0i64..90), 1..40),
        ) {
            let mut now = DateTime::UNIX_EPOCH;
            let mut family = Family::default();
            family.issue(now);
            let mut reused = false;
            for (index, minutes) in presented {
                now += TimeDelta::minutes(minutes);
                let index = index.index(family.tokens.len());
                let was_used = family.tokens[index].used_at.is_some();
                family.present(index, now);
                reused |= was_used;
                prop_assert!(family.live(now) <= usize::from(!reused));
            }
        }
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
