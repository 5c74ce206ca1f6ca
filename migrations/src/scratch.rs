//! Databases for tests: a fresh, migrated one of each kind that is at hand.
//!
//! SQLite always is. PostgreSQL is where `TELERAD_TEST_PG_URL` (the program's plain role) and
//! `TELERAD_TEST_PG_OWNER_URL` (a role that may create databases) name a server; `make test` starts one.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::SystemTime,
};

use sea_orm_migration::sea_orm::{ConnectionTrait as _, Database, DbErr};
use tempfile::TempDir;

use crate::migrate;

const PROGRAM_URL: &str = "TELERAD_TEST_PG_URL";
const OWNER_URL: &str = "TELERAD_TEST_PG_OWNER_URL";

/// A database that nobody else uses.
#[derive(Debug)]
pub struct ScratchDatabase {
    /// `sqlite` or `postgres`, for the message of a failed test.
    pub kind: &'static str,
    /// Where the program connects, as the role it has in production.
    pub url: String,
    /// Where the owner of the tables connects; the same on SQLite.
    pub owner_url: String,
    _folder: Option<TempDir>,
}

/// One database of each kind that is at hand, migrated.
pub async fn scratch_databases() -> Result<Vec<ScratchDatabase>, DbErr> {
    let mut databases = vec![ScratchDatabase::sqlite()?];
    if postgres_at_hand() {
        databases.push(ScratchDatabase::postgres().await?);
    }
    for database in &databases {
        database.migrate().await?;
    }
    Ok(databases)
}

/// Whether the environment names a PostgreSQL server for tests.
pub fn postgres_at_hand() -> bool {
    std::env::var_os(PROGRAM_URL).is_some() && std::env::var_os(OWNER_URL).is_some()
}

impl ScratchDatabase {
    /// Runs one statement as the owner of the tables, whom no right of the program binds and no filter hides rows from.
    pub async fn as_owner(&self, sql: &str) -> Result<(), DbErr> {
        let owner = Database::connect(&self.owner_url).await?;
        let sql = match self.kind {
            "postgres" => format!("BEGIN; SELECT set_config('app.platform', 'on', true); {sql}; COMMIT"),
            _ => sql.to_owned(),
        };
        owner.execute_unprepared(&sql).await?;
        owner.close().await
    }

    /// Takes away the triggers that keep the rows of `table`.
    pub async fn lift_write_once(&self, table: &str) -> Result<(), DbErr> {
        let on = match self.kind {
            "postgres" => format!(" ON {table}"),
            _ => String::new(),
        };
        for change in ["update", "delete"] {
            self.as_owner(&format!("DROP TRIGGER {table}_refuses_{change}{on}"))
                .await?;
        }
        if self.kind != "postgres" {
            self.as_owner(&format!("DROP TRIGGER {table}_refuses_replace"))
                .await?;
        }
        Ok(())
    }

    /// An empty embedded database.
    pub fn sqlite() -> Result<Self, DbErr> {
        let folder = TempDir::new().map_err(custom)?;
        let url = format!("sqlite://{}", folder.path().join("scratch.db").display());
        Ok(Self {
            kind: "sqlite",
            owner_url: url.clone(),
            url,
            _folder: Some(folder),
        })
    }

    /// An empty database on the server the environment names.
    pub async fn postgres() -> Result<Self, DbErr> {
        let [program, owner] = [PROGRAM_URL, OWNER_URL].map(std::env::var);
        let (program, owner) = (program.map_err(custom)?, owner.map_err(custom)?);
        let name = fresh_name();
        let server = Database::connect(&owner).await?;
        server
            .execute_unprepared(&format!("CREATE DATABASE {name}"))
            .await?;
        server.close().await?;
        let (url, owner_url) = (with_database(&program, &name)?, with_database(&owner, &name)?);
        Ok(Self {
            kind: "postgres",
            url,
            owner_url,
            _folder: None,
        })
    }

    /// Brings it to this version's schema, as `telerad migrate` does.
    pub async fn migrate(&self) -> Result<(), DbErr> {
        let role = match self.kind {
            "postgres" => Some(user_of(&self.url)?),
            _ => None,
        };
        migrate(&self.owner_url, role.as_deref()).await?;
        Ok(())
    }
}

fn custom(error: impl std::fmt::Display) -> DbErr {
    DbErr::Custom(error.to_string())
}

fn fresh_name() -> String {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let nanos = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_nanos());
    format!(
        "scratch_{}_{}_{}",
        std::process::id(),
        nanos,
        MADE.fetch_add(1, Ordering::Relaxed)
    )
}

fn with_database(url: &str, name: &str) -> Result<String, DbErr> {
    let mut url = url::Url::parse(url).map_err(custom)?;
    url.set_path(name);
    Ok(url.to_string())
}

fn user_of(url: &str) -> Result<String, DbErr> {
    let url = url::Url::parse(url).map_err(custom)?;
    Ok(url.username().to_owned())
}
