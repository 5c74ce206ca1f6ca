//! How many sockets may be open, and who has them: strangers, one tenant, one caller.

use std::{
    collections::{HashMap, hash_map::Entry},
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::{Actor, TenantId};

/// The most sockets of each kind one process keeps open, and how long it trusts them.
#[derive(Debug, Clone, Copy)]
pub struct SocketLimits {
    /// In all.
    pub all: usize,
    /// Of those who have not yet said who they are.
    pub strangers: usize,
    /// Of one tenant.
    pub of_tenant: usize,
    /// Of one person or one key.
    pub of_caller: usize,
    /// How long a caller stays of whom nobody can say whether they are still welcome.
    pub longest_doubt: Duration,
}

impl Default for SocketLimits {
    fn default() -> Self {
        Self {
            all: 4096,
            strangers: 256,
            of_tenant: 1024,
            of_caller: 20,
            longest_doubt: Duration::from_secs(20),
        }
    }
}

/// A person or key within a tenant.
type CallerKey = (TenantId, String);

/// The open sockets of a process.
#[derive(Debug)]
pub(crate) struct Sockets {
    limits: SocketLimits,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    strangers: usize,
    tenants: HashMap<TenantId, usize>,
    callers: HashMap<CallerKey, usize>,
}

impl Sockets {
    pub(crate) fn new(limits: SocketLimits) -> Arc<Self> {
        Arc::new(Self {
            limits,
            taken: Mutex::default(),
        })
    }

    /// A seat for somebody who has not said who they are, if there is room.
    pub(super) fn stranger(self: &Arc<Self>) -> Option<Seat> {
        let mut taken = self.taken();
        if taken.all >= self.limits.all || taken.strangers >= self.limits.strangers {
            metrics::counter!("telerad_live_refused_total", "what" => "socket").increment(1);
            return None;
        }
        taken.all += 1;
        taken.strangers += 1;
        metrics::gauge!("telerad_live_sockets").set(taken.all as f64);
        Some(Seat {
            sockets: Arc::clone(self),
            caller: None,
        })
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One place among the open sockets; free again when it is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    sockets: Arc<Sockets>,
    caller: Option<CallerKey>,
}

impl Seat {
    /// The stranger is this actor. False when the actor, or their tenant, has too many sockets.
    pub(super) fn belongs_to(&mut self, actor: &Actor) -> bool {
        let caller = (actor.tenant(), actor.to_string());
        let limits = self.sockets.limits;
        let mut taken = self.sockets.taken();
        let of_tenant = taken.tenants.get(&caller.0).copied().unwrap_or_default();
        let of_caller = taken.callers.get(&caller).copied().unwrap_or_default();
        if self.caller.is_some() || of_tenant >= limits.of_tenant || of_caller >= limits.of_caller {
            metrics::counter!("telerad_live_refused_total", "what" => "socket").increment(1);
            return false;
        }
        taken.strangers -= 1;
        *taken.tenants.entry(caller.0).or_default() += 1;
        *taken.callers.entry(caller.clone()).or_default() += 1;
        drop(taken);
        self.caller = Some(caller);
        true
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.sockets.taken();
        taken.all -= 1;
        metrics::gauge!("telerad_live_sockets").set(taken.all as f64);
        match self.caller.take() {
            None => taken.strangers -= 1,
            Some(caller) => {
                one_less(&mut taken.tenants, caller.0);
                one_less(&mut taken.callers, caller);
            }
        }
    }
}

/// Counts down, and forgets who has none.
fn one_less<K: Eq + Hash>(counts: &mut HashMap<K, usize>, key: K) {
    if let Entry::Occupied(mut count) = counts.entry(key) {
        *count.get_mut() -= 1;
        if *count.get() == 0 {
            count.remove();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sockets() -> Arc<Sockets> {
        Sockets::new(SocketLimits {
            all: 4,
            strangers: 2,
            of_tenant: 3,
            of_caller: 3,
            ..SocketLimits::default()
        })
    }

    #[test]
    fn strangers_make_room_by_saying_who_they_are_or_by_leaving() {
        let (sockets, actor) = (sockets(), Actor::system(TenantId::PLATFORM, None));
        let mut first = sockets.stranger().unwrap();
        let second = sockets.stranger().unwrap();
        assert!(sockets.stranger().is_none());
        assert!(first.belongs_to(&actor));
        drop(second);
        let rest: Vec<_> = (0..2).map(|_| sockets.stranger().unwrap()).collect();
        assert!(sockets.stranger().is_none());
        drop((first, rest));
        let taken = sockets.taken();
        assert_eq!((taken.all, taken.strangers), (0, 0));
        assert!(taken.tenants.is_empty() && taken.callers.is_empty(), "{taken:?}");
    }

    #[test]
    fn one_caller_has_a_bounded_number() {
        let (sockets, actor) = (sockets(), Actor::system(TenantId::PLATFORM, None));
        let mut seats: Vec<_> = (0..3)
            .map(|_| {
                let mut seat = sockets.stranger().unwrap();
                assert!(seat.belongs_to(&actor));
                seat
            })
            .collect();
        let mut one_more = sockets.stranger().unwrap();
        assert!(!one_more.belongs_to(&actor));
        seats.pop();
        assert!(one_more.belongs_to(&actor));
    }
}
