//! Applying the migrations, and knowing whether they are applied.

use std::collections::HashSet;

use sea_orm_migration::{
    MigratorTrait as _, SchemaManager,
    sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DbErr, Statement},
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

/// Where the migrations library writes down what it applied.
const LEDGER: &str = "seaql_migrations";

/// The names of the migrations that are not applied at `url`. Only looks: the program's role may not
/// make the library's table where it is missing.
pub async fn pending(url: &str) -> Result<Vec<String>, DbErr> {
    let connection = connect(url).await?;
    let pending = names_of_pending(&connection).await;
    connection.close().await?;
    pending
}

async fn names_of_pending(connection: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    let applied = applied(connection).await?;
    Ok(Migrator::migrations()
        .iter()
        .map(|migration| migration.name().to_owned())
        .filter(|name| !applied.contains(name))
        .collect())
}

async fn applied(connection: &DatabaseConnection) -> Result<HashSet<String>, DbErr> {
    if !SchemaManager::new(connection).has_table(LEDGER).await? {
        return Ok(HashSet::new());
    }
    let versions = Statement::from_string(
        connection.get_database_backend(),
        format!("SELECT version FROM {LEDGER}"),
    );
    let rows = connection.query_all_raw(versions).await?;
    rows.iter().map(|row| row.try_get("", "version")).collect()
}

async fn connect(url: &str) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(1)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(|sqlite| sqlite.create_if_missing(true).foreign_keys(true));
    Database::connect(options).await
}
