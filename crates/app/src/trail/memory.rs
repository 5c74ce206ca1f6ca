//! What this process wrote into the trail a short while ago.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Actor, TenantId,
    audit::{AuditAction, AuditEvent},
};
use sha2::{Digest as _, Sha256};

/// Looks and refusals of one kind closer together than this are one.
pub(super) const WINDOW: TimeDelta = TimeDelta::minutes(10);
/// So many looks are remembered, at 40 bytes each; beyond it the oldest are forgotten and written again.
const REMEMBERED: usize = 200_000;
/// Writers of first looks queue on so many doors.
const DOORS: usize = 32;

/// One look of one actor from one address, as far as repetition goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Mark([u8; 16]);

impl Mark {
    /// That `actor` did `action` to `what`.
    pub fn of(actor: &Actor, action: AuditAction, what: &str) -> Self {
        let address = actor.origin().address.as_deref().unwrap_or_default();
        Self::hash(&[
            actor.tenant().uuid().as_bytes(),
            actor.to_string().as_bytes(),
            address.as_bytes(),
            action.as_str().as_bytes(),
            what.as_bytes(),
        ])
    }

    /// Of `fields`, each after its length.
    pub fn hash(fields: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        for field in fields {
            hash.update((field.len() as u64).to_be_bytes());
            hash.update(field);
        }
        let mut mark = [0; 16];
        mark.copy_from_slice(&hash.finalize()[..16]);
        Self(mark)
    }
}

/// A refusal that was written and may have come again.
#[derive(Debug, Clone)]
pub(super) struct Counted {
    /// The row that was written.
    pub event: AuditEvent,
    /// Whose trail it is in.
    pub tenant: TenantId,
    /// How often it came again since.
    pub again: u64,
    /// When it last did.
    pub last: DateTime<Utc>,
}

/// What this process remembers of its own rows.
#[derive(Debug, Default)]
pub struct Trail {
    looks: Mutex<HashMap<Mark, DateTime<Utc>>>,
    refusals: Mutex<HashMap<Mark, Counted>>,
    /// How many refusals of an actor were written since when.
    budgets: Mutex<HashMap<Mark, (DateTime<Utc>, u32)>>,
    doors: [tokio::sync::Mutex<()>; DOORS],
    checkpoints: Mutex<HashMap<TenantId, i64>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn is_recent(at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now - at < WINDOW && at <= now
}

impl Trail {
    /// The places of those of `marks` that were not written within the window.
    pub(super) fn unwritten(&self, marks: &[Mark], now: DateTime<Utc>) -> Vec<usize> {
        let looks = lock(&self.looks);
        let is_new = |mark: &Mark| !looks.get(mark).is_some_and(|at| is_recent(*at, now));
        (0..marks.len()).filter(|place| is_new(&marks[*place])).collect()
    }

    /// Whether `mark` was not written within the window.
    pub(crate) fn is_unwritten(&self, mark: Mark, now: DateTime<Utc>) -> bool {
        !self.unwritten(&[mark], now).is_empty()
    }

    /// Notes that the rows of `marks` are durable.
    pub(crate) fn written(&self, marks: impl IntoIterator<Item = Mark>, now: DateTime<Utc>) {
        let mut looks = lock(&self.looks);
        if looks.len() >= REMEMBERED {
            looks.retain(|_, at| is_recent(*at, now));
        }
        if looks.len() >= REMEMBERED {
            looks.clear();
        }
        looks.extend(marks.into_iter().map(|mark| (mark, now)));
    }

    /// Waits for the turn to write these marks: requests of one opening come at once, and only the first writes.
    pub(super) async fn turn(&self, marks: &[Mark]) -> tokio::sync::MutexGuard<'_, ()> {
        let door = marks.first().map_or(0, |mark| usize::from(mark.0[0]));
        self.doors[door % self.doors.len()].lock().await
    }

    /// Counts a refusal that was written within the window. False when it was not.
    pub(super) fn count_again(&self, mark: Mark, now: DateTime<Utc>) -> bool {
        match lock(&self.refusals).get_mut(&mark) {
            Some(counted) if is_recent(counted.event.at, now) => {
                counted.again += 1;
                counted.last = now;
                true
            }
            _ => false,
        }
    }

    /// Notes that a refusal is written; gives what was counted of the one before it.
    pub(super) fn refused(&self, mark: Mark, counted: Counted) -> Option<Counted> {
        lock(&self.refusals)
            .insert(mark, counted)
            .filter(|before| before.again > 0)
    }

    /// Takes one from the `most` refusals an actor may have written in a window. False when none is left.
    pub(super) fn spend(&self, actor: Mark, most: u32, now: DateTime<Utc>) -> bool {
        let mut budgets = lock(&self.budgets);
        budgets.retain(|_, (since, _)| is_recent(*since, now));
        let (_, spent) = budgets.entry(actor).or_insert((now, 0));
        *spent += 1;
        *spent <= most
    }

    /// Takes out the refusals whose window is over, or all of them; those that never came again say nothing.
    pub(super) fn take_counted(&self, all: bool, now: DateTime<Utc>) -> Vec<Counted> {
        let mut refusals = lock(&self.refusals);
        let over: Vec<Mark> = refusals
            .iter()
            .filter(|(_, counted)| all || !is_recent(counted.event.at, now))
            .map(|(mark, _)| *mark)
            .collect();
        over.iter()
            .filter_map(|mark| refusals.remove(mark))
            .filter(|counted| counted.again > 0)
            .collect()
    }

    /// The place of the newest checkpoint this process knows of.
    pub(super) fn checkpoint_of(&self, tenant: TenantId) -> Option<i64> {
        lock(&self.checkpoints).get(&tenant).copied()
    }

    /// Notes that a checkpoint is durable.
    pub(super) fn checkpointed(&self, tenant: TenantId, sequence: i64) {
        lock(&self.checkpoints).insert(tenant, sequence);
    }
}

#[cfg(test)]
mod tests {
    use domain::TenantId;
    use uuid::Uuid;

    use super::*;

    fn mark(what: u32) -> Mark {
        Mark::hash(&[&what.to_be_bytes()])
    }

    fn later(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
    }

    #[test]
    fn a_look_is_written_once_in_a_window_that_does_not_slide() {
        let trail = Trail::default();
        assert!(trail.is_unwritten(mark(1), later(0)));
        trail.written([mark(1)], later(0));
        assert!(!trail.is_unwritten(mark(1), later(9)));
        assert!(trail.is_unwritten(mark(2), later(9)));
        assert!(trail.is_unwritten(mark(1), later(10)));
    }

    #[test]
    fn a_full_memory_forgets_and_never_invents() {
        let trail = Trail::default();
        trail.written((0..250_000).map(mark), later(0));
        trail.written([mark(300_000)], later(1));
        assert!(trail.is_unwritten(mark(1), later(1)));
        assert!(!trail.is_unwritten(mark(300_000), later(1)));
    }

    #[test]
    fn a_field_that_moves_makes_another_mark() {
        assert_ne!(Mark::hash(&[b"ab", b"c"]), Mark::hash(&[b"a", b"bc"]));
    }

    #[test]
    fn an_actor_s_budget_comes_back_with_the_next_window() {
        let trail = Trail::default();
        assert!((0..3).all(|_| trail.spend(mark(1), 3, later(0))));
        assert!(!trail.spend(mark(1), 3, later(9)));
        assert!(trail.spend(mark(2), 3, later(9)));
        assert!(trail.spend(mark(1), 3, later(10)));
    }

    #[test]
    fn only_refusals_that_came_again_are_told_of() {
        let trail = Trail::default();
        let tenant = TenantId::from_uuid(Uuid::nil());
        let counted = |at| Counted {
            event: AuditEvent {
                at,
                actor_kind: "USER",
                actor_id: "user".to_owned(),
                actor_name: "A".to_owned(),
                action: AuditAction::AccessRefused,
                object: "case".to_owned(),
                case: None,
                outcome: domain::audit::Outcome::Denied,
                address: None,
                user_agent: None,
                detail: None,
            },
            tenant,
            again: 0,
            last: at,
        };
        assert!(!trail.count_again(mark(1), later(0)));
        assert!(trail.refused(mark(1), counted(later(0))).is_none());
        assert!(trail.refused(mark(2), counted(later(0))).is_none());
        assert!(trail.count_again(mark(1), later(3)));
        assert!(trail.take_counted(false, later(9)).is_empty());
        let told = trail.take_counted(false, later(10));
        assert_eq!(told.len(), 1);
        assert_eq!((told[0].again, told[0].last), (1, later(3)));
        assert!(trail.take_counted(true, later(10)).is_empty());
    }
}
