//! How often a password may be tried.
//!
//! Three limits, each refilled steadily: per account and address, so that guessing stops after a
//! handful of tries; per address, so that one machine cannot try many accounts; per account, so that
//! many machines cannot try one. The last would let strangers lock a person out, so it is not asked
//! for an address from which this person signed in before.
//!
//! A try counts before its password is looked at, or tries side by side would all be free; a right
//! password then forgets the tries of that account and address, so that who knows theirs is never told
//! to wait, however often they sign.

use std::{
    net::IpAddr,
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use domain::{Clock, ErrorCode, Origin};
use governor::{
    Quota, RateLimiter,
    middleware::NoOpMiddleware,
    nanos::Nanos,
    state::{
        StateStore,
        keyed::{DashMapStateStore, ShrinkableKeyedStateStore},
    },
};

use crate::AppError;

type Limiter = RateLimiter<String, Counts, Moments, NoOpMiddleware<Duration>>;

/// Old entries are forgotten once in so many tries.
const FORGET_EVERY: u32 = 1024;

/// Counts tries in this process; replicas each have their own count.
#[derive(Debug)]
pub struct SignInThrottle {
    clock: Moments,
    per_account_and_address: Limiter,
    of_account_and_address: Counts,
    per_address: Limiter,
    per_account: Limiter,
    tries: AtomicU32,
}

/// Whose password is tried from where.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Try<'a> {
    /// The address typed in, or the id of the person who signs.
    pub account: &'a str,
    /// Where the request came from.
    pub origin: &'a Origin,
    /// Whether this person signed in from there before.
    pub known_address: bool,
}

impl Try<'_> {
    fn network(&self) -> String {
        network_of(self.origin.address.as_deref())
    }

    fn account_and_address(&self) -> String {
        format!("{} {}", self.account, self.network())
    }
}

impl SignInThrottle {
    /// Limits that run on `clock`.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let clock = Moments(clock);
        let limiter = |counts: Counts, burst: u32, every: Duration| {
            let quota = Quota::with_period(every)
                .expect("the periods below are not zero")
                .allow_burst(NonZeroU32::new(burst).expect("the bursts below are not zero"));
            RateLimiter::new(quota, counts, clock.clone())
        };
        let of_account_and_address = Counts::default();
        Self {
            per_account_and_address: limiter(of_account_and_address.clone(), 10, Duration::from_secs(12)),
            of_account_and_address,
            per_address: limiter(Counts::default(), 200, Duration::from_millis(500)),
            per_account: limiter(Counts::default(), 60, Duration::from_secs(60)),
            clock,
            tries: AtomicU32::new(0),
        }
    }

    /// Counts one try.
    ///
    /// Errors: `RATE_LIMITED` with the fact `retryAfterSeconds`.
    pub(crate) fn check(&self, attempt: Try<'_>) -> Result<(), AppError> {
        if self.tries.fetch_add(1, Ordering::Relaxed) % FORGET_EVERY == FORGET_EVERY - 1 {
            for limiter in [
                &self.per_account_and_address,
                &self.per_address,
                &self.per_account,
            ] {
                limiter.retain_recent();
            }
        }
        // The narrowest first: who is refused there takes nothing from the limits others share.
        self.take(&self.per_account_and_address, attempt.account_and_address())?;
        self.take(&self.per_address, attempt.network())?;
        if attempt.known_address {
            return Ok(());
        }
        self.take(&self.per_account, attempt.account.to_owned())
    }

    /// Forgets the tries of an account from one address: the last one was right.
    pub(crate) fn forget(&self, attempt: Try<'_>) {
        self.of_account_and_address
            .0
            .remove(&attempt.account_and_address());
    }

    fn take(&self, limiter: &Limiter, key: String) -> Result<(), AppError> {
        limiter.check_key(&key).map_err(|refused| {
            let now = governor::clock::Clock::now(&self.clock);
            let seconds = refused.wait_time_from(now).as_secs() + 1;
            let text = format!("too many tries; come back in {seconds} seconds");
            AppError::try_again(ErrorCode::RateLimited, text, seconds)
        })
    }
}

/// Whom an address belongs to, for bounds that each client has: an IPv6 customer has a whole /64 to choose
/// addresses from.
pub fn network_of(address: Option<&str>) -> String {
    match address.map(str::parse::<IpAddr>) {
        Some(Ok(IpAddr::V6(v6))) => match v6.to_ipv4_mapped() {
            Some(v4) => v4.to_string(),
            None => format!("{:x?}", &v6.segments()[..4]),
        },
        Some(Ok(IpAddr::V4(v4))) => v4.to_string(),
        Some(Err(_)) | None => "unknown".to_owned(),
    }
}

/// What a limiter has counted, which it alone would not let anybody forget.
#[derive(Debug, Clone, Default)]
struct Counts(Arc<DashMapStateStore<String>>);

impl StateStore for Counts {
    type Key = String;

    fn measure_and_replace<T, F, E>(&self, key: &String, f: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        self.0.measure_and_replace(key, f)
    }
}

impl ShrinkableKeyedStateStore<String> for Counts {
    fn retain_recent(&self, drop_below: Nanos) {
        self.0.retain_recent(drop_below);
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Our clock as the limiter reads it.
#[derive(Debug, Clone)]
struct Moments(Arc<dyn Clock>);

impl governor::clock::Clock for Moments {
    type Instant = Duration;

    fn now(&self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.now().timestamp_micros()).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use chrono::{DateTime, TimeDelta, Utc};
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug)]
    struct Frozen(Mutex<DateTime<Utc>>);

    impl Frozen {
        fn start() -> Arc<Self> {
            Arc::new(Self(Mutex::new(DateTime::UNIX_EPOCH + TimeDelta::days(20_000))))
        }

        fn pass(&self, time: TimeDelta) {
            *self.0.lock().unwrap() += time;
        }
    }

    impl Clock for Frozen {
        fn now(&self) -> DateTime<Utc> {
            *self.0.lock().unwrap()
        }
    }

    fn from(address: &str) -> Origin {
        Origin {
            address: Some(address.to_owned()),
            user_agent: None,
        }
    }

    fn tries(throttle: &SignInThrottle, account: &str, address: &str, known_address: bool, many: u32) -> u32 {
        let origin = from(address);
        let passes = |_: &u32| {
            throttle
                .check(Try {
                    account,
                    origin: &origin,
                    known_address,
                })
                .is_ok()
        };
        u32::try_from((0..many).filter(passes).count()).unwrap()
    }

    #[test]
    fn guessing_stops_after_ten_tries_and_goes_on_slowly() {
        let clock = Frozen::start();
        let throttle = SignInThrottle::new(Arc::clone(&clock) as Arc<dyn Clock>);
        assert_eq!(tries(&throttle, "ada", "192.0.2.1", false, 100), 10);
        clock.pass(TimeDelta::seconds(60));
        assert_eq!(tries(&throttle, "ada", "192.0.2.1", false, 100), 5);
    }

    #[test]
    fn who_knows_the_password_never_waits() {
        let throttle = SignInThrottle::new(Frozen::start());
        let origin = from("192.0.2.1");
        let right = Try {
            account: "ada",
            origin: &origin,
            known_address: true,
        };
        for _ in 0..50 {
            assert!(throttle.check(right).is_ok());
            throttle.forget(right);
        }
        assert_eq!(
            tries(&throttle, "bob", "192.0.2.1", true, 100),
            10,
            "nobody else gains by it"
        );
    }

    #[test]
    fn a_stranger_cannot_lock_a_person_out_of_the_address_they_work_from() {
        let throttle = SignInThrottle::new(Frozen::start());
        let stopped: u32 = (0..100)
            .map(|host| tries(&throttle, "ada", &format!("203.0.113.{host}"), false, 10))
            .sum();
        assert_eq!(stopped, 60, "many machines together get the account's share");
        assert_eq!(
            tries(&throttle, "ada", "192.0.2.1", true, 1),
            1,
            "her own machine is not stopped"
        );
        assert_eq!(
            tries(&throttle, "bob", "192.0.2.2", false, 1),
            1,
            "nor is anybody else"
        );
    }

    #[test]
    fn one_ipv6_customer_is_one_address() {
        let throttle = SignInThrottle::new(Frozen::start());
        let passed: u32 = (1..40)
            .map(|host| tries(&throttle, "ada", &format!("2001:db8::{host:x}"), false, 1))
            .sum();
        assert_eq!(passed, 10);
    }

    proptest! {
        #[test]
        fn no_schedule_of_tries_beats_the_rate(pauses in prop::collection::vec(0i64..30, 1..200)) {
            let clock = Frozen::start();
            let throttle = SignInThrottle::new(Arc::clone(&clock) as Arc<dyn Clock>);
            let (mut passed, mut seconds) = (0, 0);
            for pause in pauses {
                clock.pass(TimeDelta::seconds(pause));
                seconds += pause;
                passed += i64::from(tries(&throttle, "ada", "192.0.2.1", true, 1));
                prop_assert!(passed <= 10 + seconds / 12 + 1);
            }
        }
    }
}
