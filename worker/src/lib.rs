//! Background work: jobs that changes left behind, and what is due by the clock.
//!
//! A [`Runner`] leases jobs from the job table, runs the handler its [`Registry`] names and settles the
//! outcome; a [`Schedule`] fires sweeps once across all replicas. Handlers stand one in a file and call
//! one use case each.
//!
//! **Invariant:** no transaction is open while a handler runs, and a handler may run twice: every use
//! case behind one is idempotent.

#![deny(missing_docs)]

mod error;
mod handlers;
mod registry;
mod runner;
mod schedule;

pub use error::JobError;
pub use handlers::registry;
pub use registry::{JobContext, Registry, UnhandledKinds};
pub use runner::{Runner, RunnerSettings};
pub use schedule::Schedule;
