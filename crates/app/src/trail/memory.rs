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

/// Looks, refusals and alarms of one kind closer together than this are one.
const WINDOW: TimeDelta = TimeDelta::minutes(10);
/// So many rows are remembered, at 40 bytes each; beyond it the oldest are forgotten and written again.
const REMEMBERED: usize = 200_000;
/// Writers of first rows queue on so many doors.
const DOORS: usize = 32;

/// What one row says, as far as repetition goes.
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

    /// That the stored object at `key`, or the part of it that is `id`, is damaged. What is made anew has a new key.
    pub fn of_object(tenant: TenantId, kind: &str, id: &str, key: &str) -> Self {
        Self::hash(&[
            tenant.uuid().as_bytes(),
            kind.as_bytes(),
            id.as_bytes(),
            key.as_bytes(),
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
    rows: Mutex<HashMap<Mark, DateTime<Utc>>>,
    refusals: Mutex<HashMap<Mark, Counted>>,
    /// How many refusals of an actor were written since when.
    budgets: Mutex<HashMap<Mark, (DateTime<Utc>, u32)>>,
    doors: [tokio::sync::Mutex<()>; DOORS],
    checkpoints: Mutex<HashMap<TenantId, i64>>,
}

/// The turn to write rows that were not written within the window; who else would write them waits until it is
/// dropped.
///
/// **Invariant:** nobody waits for a turn who has one, or who has begun a transaction.
#[must_use]
#[derive(Debug)]
pub(crate) struct Turn<'a> {
    trail: &'a Trail,
    new: Vec<(usize, Mark)>,
    now: DateTime<Utc>,
    _door: tokio::sync::MutexGuard<'a, ()>,
}

impl Turn<'_> {
    /// The places of those marks that are new.
    pub(super) fn new_places(&self) -> impl Iterator<Item = usize> {
        self.new.iter().map(|(place, _)| *place)
    }

    /// Notes that the rows are durable.
    pub fn written(self) {
        self.trail
            .remember(self.new.iter().map(|(_, mark)| *mark), self.now);
    }
}

/// The turn to write one refusal, as a [`Turn`] otherwise.
#[must_use]
#[derive(Debug)]
pub(super) struct RefusalTurn<'a> {
    trail: &'a Trail,
    mark: Mark,
    _door: tokio::sync::MutexGuard<'a, ()>,
}

impl RefusalTurn<'_> {
    /// Notes that the refusal is durable; gives what was counted of the one before it.
    pub fn written(self, counted: Counted) -> Option<Counted> {
        lock(&self.trail.refusals)
            .insert(self.mark, counted)
            .filter(|before| before.again > 0)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn is_recent(at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now - at < WINDOW && at <= now
}

impl Trail {
    /// The turn to write those of `marks` that were not written within the window; none when all were. Requests of
    /// one opening come at once, and only the first writes: the others wait for it and find it done.
    pub(crate) async fn first(&self, marks: &[Mark], now: DateTime<Utc>) -> Option<Turn<'_>> {
        if self.unwritten(marks, now).is_empty() {
            return None;
        }
        let door = self.door(*marks.first()?).await;
        let new = self.unwritten(marks, now);
        (!new.is_empty()).then_some(Turn {
            trail: self,
            new,
            now,
            _door: door,
        })
    }

    /// The turn to write a refusal that was not written within the window; one that was is counted.
    pub(super) async fn first_refusal(&self, mark: Mark, now: DateTime<Utc>) -> Option<RefusalTurn<'_>> {
        if self.count_again(mark, now) {
            return None;
        }
        let door = self.door(mark).await;
        (!self.count_again(mark, now)).then_some(RefusalTurn {
            trail: self,
            mark,
            _door: door,
        })
    }

    async fn door(&self, mark: Mark) -> tokio::sync::MutexGuard<'_, ()> {
        self.doors[usize::from(mark.0[0]) % DOORS].lock().await
    }

    /// Those of `marks` that were not written within the window, with their places.
    fn unwritten(&self, marks: &[Mark], now: DateTime<Utc>) -> Vec<(usize, Mark)> {
        let rows = lock(&self.rows);
        let is_new = |mark: &Mark| !rows.get(mark).is_some_and(|at| is_recent(*at, now));
        let marks = marks.iter().copied().enumerate();
        marks.filter(|(_, mark)| is_new(mark)).collect()
    }

    fn remember(&self, marks: impl IntoIterator<Item = Mark>, now: DateTime<Utc>) {
        let mut rows = lock(&self.rows);
        if rows.len() >= REMEMBERED {
            rows.retain(|_, at| is_recent(*at, now));
        }
        if rows.len() >= REMEMBERED {
            rows.clear();
        }
        rows.extend(marks.into_iter().map(|mark| (mark, now)));
    }

    /// Counts a refusal that was written within the window. False when it was not.
    fn count_again(&self, mark: Mark, now: DateTime<Utc>) -> bool {
        match lock(&self.refusals).get_mut(&mark) {
            Some(counted) if is_recent(counted.event.at, now) => {
                counted.again += 1;
                counted.last = now;
                true
            }
            _ => false,
        }
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

    #[tokio::test]
    async fn a_row_is_written_once_in_a_window_that_does_not_slide() {
        let trail = Trail::default();
        trail.first(&[mark(1)], later(0)).await.unwrap().written();
        assert!(trail.first(&[mark(1)], later(9)).await.is_none());
        assert!(trail.first(&[mark(2)], later(9)).await.is_some());
        assert!(trail.first(&[mark(1)], later(10)).await.is_some());
    }

    #[tokio::test]
    async fn what_could_not_be_written_is_somebody_else_s_turn() {
        let trail = Trail::default();
        drop(trail.first(&[mark(1)], later(0)).await.unwrap());
        assert!(trail.first(&[mark(1)], later(0)).await.is_some());
    }

    #[tokio::test]
    async fn who_waits_for_the_first_finds_it_done() {
        let trail = Trail::default();
        let first = trail.first(&[mark(1)], later(0)).await.unwrap();
        let marks = [mark(1)];
        let (second, ()) = tokio::join!(trail.first(&marks, later(0)), async move { first.written() });
        assert!(second.is_none());
    }

    #[tokio::test]
    async fn of_many_rows_those_that_are_new_are_named() {
        let trail = Trail::default();
        trail.first(&[mark(2)], later(0)).await.unwrap().written();
        let turn = trail.first(&[mark(1), mark(2), mark(3)], later(1)).await;
        let turn = turn.unwrap();
        assert_eq!(turn.new_places().collect::<Vec<_>>(), [0, 2]);
    }

    #[tokio::test]
    async fn a_full_memory_forgets_and_never_invents() {
        let trail = Trail::default();
        trail.remember((0..250_000).map(mark), later(0));
        trail.remember([mark(300_000)], later(1));
        assert!(trail.first(&[mark(1)], later(1)).await.is_some());
        assert!(trail.first(&[mark(300_000)], later(1)).await.is_none());
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

    #[tokio::test]
    async fn only_refusals_that_came_again_are_told_of() {
        let trail = Trail::default();
        let tenant = TenantId::from_uuid(Uuid::nil());
        let counted = |at| Counted {
            event: AuditEvent {
                at,
                actor_kind: domain::audit::ActorKind::User,
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
        for refused in [mark(1), mark(2)] {
            let turn = trail.first_refusal(refused, later(0)).await.unwrap();
            assert!(turn.written(counted(later(0))).is_none());
        }
        assert!(trail.first_refusal(mark(1), later(3)).await.is_none());
        assert!(trail.take_counted(false, later(9)).is_empty());
        let told = trail.take_counted(false, later(10));
        assert_eq!(told.len(), 1);
        assert_eq!((told[0].again, told[0].last), (1, later(3)));
        assert!(trail.take_counted(true, later(10)).is_empty());
    }
}
