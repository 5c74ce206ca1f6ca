//! The clock axis: an append-only ledger in which every minute of a case has one owner.
//!
//! Minutes are attributed from the first image on; the target runs from READY_TO_READ and ends when
//! the facility has the report.
//!
//! **Invariant:** nothing about a clock is stored but its events; elapsed time, marks and owners are
//! recomputed from them for any instant.

mod clock;
mod ledger;
mod target;

pub use clock::{ClockSpan, SlaClock};
pub use ledger::{ClockEvent, ClockEventKind, ClockOwner, ClockState, Mark};
pub use target::default_target;
