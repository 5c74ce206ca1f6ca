//! The claim axis: the lease a reader holds on a work item (after PS3.4 §CC.2.1.1).
//!
//! **Invariant:** at any moment at most one reader's token is good for a work item.

use chrono::{DateTime, TimeDelta, Utc};

use super::WorkItemKind;
use crate::{CaseId, ClaimToken, UserId, WorkItemId};

/// A reader's lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// What every write under this claim shows.
    pub token: ClaimToken,
    /// Whose it is.
    pub holder: UserId,
    /// Since when.
    pub since: DateTime<Utc>,
    /// It lapses at this moment unless renewed before.
    pub lease_until: DateTime<Utc>,
}

impl Claim {
    /// Whether the lease still holds at `now`.
    pub fn is_live(&self, now: DateTime<Utc>) -> bool {
        now < self.lease_until
    }
}

/// One task on a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkItem {
    /// Its id.
    pub id: WorkItemId,
    /// The case.
    pub case: CaseId,
    /// What is to be done.
    pub kind: WorkItemKind,
    /// The lease on it, which may have lapsed.
    pub claim: Option<Claim>,
}

/// How a claim came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// Nobody held it.
    Free,
    /// The same reader held it; the lease is renewed under the same token.
    Again,
    /// Somebody's lease had lapsed, which nobody had written down yet.
    Lapsed(Claim),
}

/// Another reader holds the work item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("another reader holds this case")]
pub struct AlreadyClaimed {
    /// The live claim.
    pub claim: Claim,
}

/// The shown token is not that of a live claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("you no longer hold this case")]
pub struct ClaimLost;

impl WorkItem {
    /// Takes the work item for `by` until `now + lease`, under `token` unless `by` holds it already.
    pub fn take(
        &mut self,
        by: UserId,
        token: ClaimToken,
        now: DateTime<Utc>,
        lease: TimeDelta,
    ) -> Result<Taken, AlreadyClaimed> {
        let fresh = Claim {
            token,
            holder: by,
            since: now,
            lease_until: now + lease,
        };
        let (claim, taken) = match self.claim {
            None => (fresh, Taken::Free),
            Some(held) if !held.is_live(now) => (fresh, Taken::Lapsed(held)),
            Some(held) if held.holder == by => (
                Claim {
                    lease_until: now + lease,
                    ..held
                },
                Taken::Again,
            ),
            Some(held) => return Err(AlreadyClaimed { claim: held }),
        };
        self.claim = Some(claim);
        Ok(taken)
    }

    /// The claim, if `by` and `token` are its own and it is live.
    pub fn held(&self, by: UserId, token: ClaimToken, now: DateTime<Utc>) -> Result<Claim, ClaimLost> {
        self.claim
            .filter(|claim| claim.holder == by && claim.token == token && claim.is_live(now))
            .ok_or(ClaimLost)
    }

    /// Extends a live claim to `now + lease`, never shortening it.
    pub fn renew(
        &mut self,
        by: UserId,
        token: ClaimToken,
        now: DateTime<Utc>,
        lease: TimeDelta,
    ) -> Result<Claim, ClaimLost> {
        let held = self.held(by, token, now)?;
        let renewed = Claim {
            lease_until: held.lease_until.max(now + lease),
            ..held
        };
        self.claim = Some(renewed);
        Ok(renewed)
    }

    /// Gives a live claim back.
    pub fn release(&mut self, by: UserId, token: ClaimToken, now: DateTime<Utc>) -> Result<Claim, ClaimLost> {
        let held = self.held(by, token, now)?;
        self.claim = None;
        Ok(held)
    }

    /// Takes a lapsed claim away from its reader and says whose it was.
    pub fn expire(&mut self, now: DateTime<Utc>) -> Option<Claim> {
        if self.claim.is_some_and(|claim| claim.is_live(now)) {
            None
        } else {
            self.claim.take()
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    const LEASE: TimeDelta = TimeDelta::seconds(120);

    fn user(number: u128) -> UserId {
        UserId::from_uuid(Uuid::from_u128(number))
    }

    fn token(number: u128) -> ClaimToken {
        ClaimToken::from_uuid(Uuid::from_u128(number))
    }

    fn open() -> WorkItem {
        WorkItem {
            id: WorkItemId::from_uuid(Uuid::nil()),
            case: CaseId::from_uuid(Uuid::nil()),
            kind: WorkItemKind::FinalRead,
            claim: None,
        }
    }

    proptest! {
        #[test]
        fn at_any_moment_at_most_one_token_is_good(
            steps in prop::collection::vec((0u8..4, 1u128..4, 0i64..200), 1..80),
        ) {
            let mut item = open();
            let mut now = DateTime::UNIX_EPOCH;
            let mut issued: Vec<(UserId, ClaimToken)> = Vec::new();
            for (number, (what, who, wait)) in steps.into_iter().enumerate() {
                now += TimeDelta::seconds(wait);
                let mine = issued.iter().rev().find(|(holder, _)| *holder == user(who)).map(|(_, token)| *token);
                match (what, mine) {
                    (0, _) => {
                        let fresh = token(1000 + number as u128);
                        let before = item.clone();
                        match item.take(user(who), fresh, now, LEASE) {
                            Ok(Taken::Again) => {}
                            Ok(Taken::Free | Taken::Lapsed(_)) => issued.push((user(who), fresh)),
                            Err(refused) => {
                                prop_assert!(refused.claim.is_live(now) && refused.claim.holder != user(who));
                                prop_assert_eq!(&item, &before);
                            }
                        }
                    }
                    (1, Some(token)) => { let _ = item.renew(user(who), token, now, LEASE); }
                    (2, Some(token)) => { let _ = item.release(user(who), token, now); }
                    _ => { let _ = item.expire(now); }
                }
                let good = issued.iter().filter(|(holder, token)| item.held(*holder, *token, now).is_ok()).count();
                prop_assert!(good <= 1);
            }
        }
    }

    #[test]
    fn a_lapsed_claim_cannot_be_renewed_and_is_free_for_the_next() {
        let mut item = open();
        item.take(user(1), token(1), DateTime::UNIX_EPOCH, LEASE).unwrap();
        let late = DateTime::UNIX_EPOCH + LEASE;
        assert_eq!(item.renew(user(1), token(1), late, LEASE), Err(ClaimLost));
        assert!(matches!(
            item.take(user(2), token(2), late, LEASE),
            Ok(Taken::Lapsed(_))
        ));
        assert_eq!(item.held(user(1), token(1), late), Err(ClaimLost));
        assert!(item.held(user(2), token(2), late).is_ok());
    }

    #[test]
    fn a_stolen_token_is_useless_to_another_reader() {
        let mut item = open();
        item.take(user(1), token(1), DateTime::UNIX_EPOCH, LEASE).unwrap();
        assert_eq!(item.held(user(2), token(1), DateTime::UNIX_EPOCH), Err(ClaimLost));
    }
}
