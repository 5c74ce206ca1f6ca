//! The job runner on real databases: leases, retries, drain and schedule.

#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

mod bench;
mod checkpoints;
mod leases;
mod runner;
