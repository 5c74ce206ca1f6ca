//! The job runner on real databases: leases, retries, drain and schedule.

mod bench;
mod leases;
mod runner;
