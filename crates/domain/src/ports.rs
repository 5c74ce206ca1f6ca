//! What a rule or use case needs from the outside to be repeatable: time, ids, randomness.

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Where the time comes from; the system's clock in the program, a frozen one in tests.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// The present moment, to the microsecond (what both databases keep).
    fn now(&self) -> DateTime<Utc>;
}

/// Hands out row ids: UUIDv7, so that they sort by creation.
pub trait Ids: Send + Sync + std::fmt::Debug {
    /// A fresh id.
    fn next(&self) -> Uuid;
}

/// A source of secrets.
pub trait Randomness: Send + Sync + std::fmt::Debug {
    /// 32 bytes nobody can guess.
    fn secret(&self) -> [u8; 32];
}
