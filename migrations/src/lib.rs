//! Schema migrations for SQLite and PostgreSQL.
//!
//! **Invariant:** a released migration file is frozen; it imports no entity, so that it means the
//! same for ever.
//!
//! **Invariant:** every table with a `tenant_id` is under row-level security on PostgreSQL, and every
//! unique key and index on it begins with `tenant_id`; the store's schema test checks both.

mod roles;
mod run;
#[cfg(feature = "scratch")]
mod scratch;
mod support;

mod m20261122_000001_foundation;
mod m20261122_000002_identity;
mod m20261122_000003_archive;
mod m20261122_000004_reading;
mod m20261122_000005_schedule;
mod m20261126_000006_dicom_nodes;
mod m20261126_000008_finding;
mod m20261126_000008_workitem;
mod m20261126_000009_life;
mod m20261126_000010_pseudonyms;
mod m20261126_000012_lossy;

pub use roles::grant_to_program;
pub use run::{migrate, pending};
#[cfg(feature = "scratch")]
pub use scratch::{ScratchDatabase, postgres_at_hand, scratch_databases};
pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::prelude::*;

/// All migrations, oldest first.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261122_000001_foundation::Migration),
            Box::new(m20261122_000002_identity::Migration),
            Box::new(m20261122_000003_archive::Migration),
            Box::new(m20261122_000004_reading::Migration),
            Box::new(m20261122_000005_schedule::Migration),
            Box::new(m20261126_000006_dicom_nodes::Migration),
            Box::new(m20261126_000008_finding::Migration),
            Box::new(m20261126_000008_workitem::Migration),
            Box::new(m20261126_000009_life::Migration),
            Box::new(m20261126_000010_pseudonyms::Migration),
            Box::new(m20261126_000012_lossy::Migration),
        ]
    }
}
