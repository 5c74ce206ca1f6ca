//! How many sockets may be open, and who has them: strangers, those of one address, one tenant, one caller.

use std::{
    collections::{HashMap, hash_map::Entry},
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use app::identity::network_of;
use domain::{Actor, TenantId};

/// The most sockets of each kind one process keeps open, and how long it trusts them.
#[derive(Debug, Clone, Copy)]
pub struct SocketLimits {
    /// In all.
    pub all: usize,
    /// Of those who have not yet said who they are.
    pub strangers: usize,
    /// Of these from one address, or one /64 of IPv6, so that nobody keeps all others out by saying nothing.
    pub strangers_of_network: usize,
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
            strangers_of_network: 16,
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
    /// The strangers by where they come from.
    networks: HashMap<String, usize>,
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

    /// A seat for somebody at `address` who has not said who they are, if there is room.
    pub(crate) fn stranger(self: &Arc<Self>, address: Option<&str>) -> Option<Seat> {
        let network = network_of(address);
        let mut taken = self.taken();
        let of_network = taken.networks.get(&network).copied().unwrap_or_default();
        if taken.all >= self.limits.all
            || taken.strangers >= self.limits.strangers
            || of_network >= self.limits.strangers_of_network
        {
            metrics::counter!("telerad_live_refused_total", "what" => "socket").increment(1);
            return None;
        }
        taken.all += 1;
        taken.strangers += 1;
        *taken.networks.entry(network.clone()).or_default() += 1;
        metrics::gauge!("telerad_live_sockets").set(taken.all as f64);
        Some(Seat {
            sockets: Arc::clone(self),
            sitter: Sitter::Stranger { network },
        })
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Who has a seat.
#[derive(Debug)]
enum Sitter {
    Stranger { network: String },
    Caller(CallerKey),
}

/// One place among the open sockets; free again when it is dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    sockets: Arc<Sockets>,
    sitter: Sitter,
}

impl Seat {
    /// The stranger is this actor. False when the actor, or their tenant, has too many sockets.
    pub(crate) fn belongs_to(&mut self, actor: &Actor) -> bool {
        let Sitter::Stranger { network } = &self.sitter else {
            return false;
        };
        let caller = (actor.tenant(), actor.to_string());
        let limits = self.sockets.limits;
        let mut taken = self.sockets.taken();
        let of_tenant = taken.tenants.get(&caller.0).copied().unwrap_or_default();
        let of_caller = taken.callers.get(&caller).copied().unwrap_or_default();
        if of_tenant >= limits.of_tenant || of_caller >= limits.of_caller {
            metrics::counter!("telerad_live_refused_total", "what" => "socket").increment(1);
            return false;
        }
        taken.strangers -= 1;
        one_less(&mut taken.networks, network.clone());
        *taken.tenants.entry(caller.0).or_default() += 1;
        *taken.callers.entry(caller.clone()).or_default() += 1;
        drop(taken);
        self.sitter = Sitter::Caller(caller);
        true
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.sockets.taken();
        taken.all -= 1;
        metrics::gauge!("telerad_live_sockets").set(taken.all as f64);
        match &self.sitter {
            Sitter::Stranger { network } => {
                taken.strangers -= 1;
                one_less(&mut taken.networks, network.clone());
            }
            Sitter::Caller(caller) => {
                one_less(&mut taken.tenants, caller.0);
                one_less(&mut taken.callers, caller.clone());
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
            strangers_of_network: 2,
            of_tenant: 3,
            of_caller: 3,
            ..SocketLimits::default()
        })
    }

    #[test]
    fn strangers_make_room_by_saying_who_they_are_or_by_leaving() {
        let (sockets, actor) = (sockets(), Actor::system(TenantId::PLATFORM, None));
        let mut first = sockets.stranger(None).unwrap();
        let second = sockets.stranger(None).unwrap();
        assert!(sockets.stranger(None).is_none());
        assert!(first.belongs_to(&actor));
        drop(second);
        let rest: Vec<_> = (0..2).map(|_| sockets.stranger(None).unwrap()).collect();
        assert!(sockets.stranger(None).is_none());
        drop((first, rest));
        let taken = sockets.taken();
        assert_eq!((taken.all, taken.strangers), (0, 0));
        assert!(taken.networks.is_empty(), "{taken:?}");
        assert!(taken.tenants.is_empty() && taken.callers.is_empty(), "{taken:?}");
    }

    #[test]
    fn strangers_of_one_address_leave_room_for_those_of_others() {
        let sockets = Sockets::new(SocketLimits::default());
        let from = |address: &str| sockets.stranger(Some(address));
        let mut silent: Vec<_> = (0..16).map(|_| from("203.0.113.9").unwrap()).collect();
        assert!(from("203.0.113.9").is_none());
        assert!(from("::ffff:203.0.113.9").is_none(), "the same in other words");
        assert!(from("192.0.2.1").is_some());
        let of_one_customer = |host: u32| from(&format!("2001:db8::{host:x}"));
        let _customer: Vec<_> = (0..16).map(|host| of_one_customer(host).unwrap()).collect();
        assert!(of_one_customer(16).is_none());
        assert!(from("2001:db8:0:1::1").is_some(), "the next customer");
        assert!(silent[0].belongs_to(&Actor::system(TenantId::PLATFORM, None)));
        assert!(
            from("203.0.113.9").is_some(),
            "who said who they are is none of them"
        );
        silent.pop();
        assert!(from("203.0.113.9").is_some());
    }

    #[test]
    fn one_caller_has_a_bounded_number() {
        let (sockets, actor) = (sockets(), Actor::system(TenantId::PLATFORM, None));
        let mut seats: Vec<_> = (0..3)
            .map(|_| {
                let mut seat = sockets.stranger(None).unwrap();
                assert!(seat.belongs_to(&actor));
                seat
            })
            .collect();
        let mut one_more = sockets.stranger(None).unwrap();
        assert!(!one_more.belongs_to(&actor));
        seats.pop();
        assert!(one_more.belongs_to(&actor));
    }
}
