//! Applying the migrations, and knowing whether they are applied.

use sea_orm_migration::{
    MigratorTrait as _,
    sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr},
};

use crate::{Migrator, grant_to_program};

/// Applies what is pending at `url`, which must be an owner's on PostgreSQL, and grants `program_role`
/// what the program needs. Gives the names of what was applied.
pub async fn migrate(url: &str, program_role: Option<&str>) -> Result<Vec<String>, DbErr> {
    let owner = connect(url).await?;
    let pending = names_of_pending(&owner).await?;
    Migrator::up(&owner, None).await?;
    if let Some(role) = program_role {
        grant_to_program(&owner, role).await?;
    }
    owner.close().await?;
    Ok(pending)
}

/// The names of the migrations that are not applied at `url`. Changes nothing but SQLite's empty file.
pub async fn pending(url: &str) -> Result<Vec<String>, DbErr> {
    let connection = connect(url).await?;
    let pending = names_of_pending(&connection).await;
    connection.close().await?;
    pending
}

async fn names_of_pending(connection: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    let pending = Migrator::get_pending_migrations(connection).await?;
    Ok(pending
        .iter()
        .map(|migration| migration.name().to_owned())
        .collect())
}

async fn connect(url: &str) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(1)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(|sqlite| sqlite.create_if_missing(true).foreign_keys(true));
    Database::connect(options).await
}
