//! Rights of the role the program connects as.

use sea_orm_migration::sea_orm::{ConnectionTrait, DatabaseBackend, DbErr};

/// Tables whose rows are written once and never changed or removed.
const APPEND_ONLY: &[&str] = &[
    "audit_event",
    "change_event",
    "clock_event",
    "report_version",
    "report_document",
];

/// Lets `role` work with the tables without owning them, and only append to those that are
/// append-only. Does nothing on SQLite, which has no roles.
pub async fn grant_to_program(owner: &impl ConnectionTrait, role: &str) -> Result<(), DbErr> {
    if owner.get_database_backend() != DatabaseBackend::Postgres {
        return Ok(());
    }
    let role = format!("\"{}\"", role.replace('"', "\"\""));
    owner
        .execute_unprepared(&format!(
            "GRANT USAGE ON SCHEMA public TO {role};
             GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role};"
        ))
        .await?;
    // What was applied is the owner's to say.
    owner
        .execute_unprepared(&format!(
            "REVOKE INSERT, UPDATE, DELETE ON seaql_migrations FROM {role};"
        ))
        .await?;
    for table in APPEND_ONLY {
        owner
            .execute_unprepared(&format!("REVOKE UPDATE, DELETE ON {table} FROM {role};"))
            .await?;
    }
    Ok(())
}
