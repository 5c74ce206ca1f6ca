//! Opening the database: embedded SQLite or PostgreSQL, chosen by URL.

use std::{sync::Arc, time::Duration};

use sea_orm::{
    AccessMode, ConnectOptions, ConnectionTrait, Database, DatabaseBackend, DatabaseConnection,
    DatabaseTransaction, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
    sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous},
};
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::{StoreError, feed::Feed};

/// How to reach the database.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// `sqlite://path` or `postgres://…`.
    pub url: String,
    /// The most connections this process opens.
    pub max_connections: u32,
}

impl StoreOptions {
    /// Options for `url` with the default pool.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            max_connections: 16,
        }
    }
}

/// The database, shared by all parts of the program.
#[derive(Debug, Clone)]
pub struct Store {
    pool: DatabaseConnection,
    /// SQLite has one writer at a time. Queueing for it here is fair and wakes at once; SQLite's own
    /// busy handler polls and starves.
    write_gate: Option<Arc<Mutex<()>>>,
    feed: Arc<Feed>,
}

/// A begun transaction with its place at the write gate.
#[derive(Debug)]
pub(crate) struct Begun {
    pub conn: DatabaseTransaction,
    pub gate: Option<OwnedMutexGuard<()>>,
}

impl Store {
    /// Connects and checks that row-level security will bind this connection.
    ///
    /// Errors: `RoleBypassesRowSecurity` on PostgreSQL when the role is a superuser or has `BYPASSRLS`.
    pub async fn connect(options: &StoreOptions) -> Result<Self, StoreError> {
        let pool = Database::connect(connect_options(options)).await?;
        let write_gate = match pool.get_database_backend() {
            DatabaseBackend::Sqlite => Some(Arc::default()),
            _ => {
                refuse_powerful_role(&pool).await?;
                None
            }
        };
        let feed = Arc::new(Feed::start(&pool).await?);
        Ok(Self {
            pool,
            write_gate,
            feed,
        })
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        Ok(self.pool.ping().await?)
    }

    pub(crate) fn feed(&self) -> &Arc<Feed> {
        &self.feed
    }

    /// Begins a transaction that may write.
    pub(crate) async fn begin_writing(&self) -> Result<Begun, StoreError> {
        let gate = match &self.write_gate {
            Some(gate) => Some(Arc::clone(gate).lock_owned().await),
            None => None,
        };
        // Deferred transactions that read and then write fail at once with "database is locked".
        let conn = self
            .pool
            .begin_with_options(TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..Default::default()
            })
            .await?;
        Ok(Begun { conn, gate })
    }

    /// Begins a transaction in which the database refuses writes (PostgreSQL) or nobody makes any.
    pub(crate) async fn begin_reading(&self) -> Result<DatabaseTransaction, StoreError> {
        let access_mode = match self.pool.get_database_backend() {
            DatabaseBackend::Postgres => Some(AccessMode::ReadOnly),
            _ => None,
        };
        Ok(self
            .pool
            .begin_with_options(TransactionOptions {
                access_mode,
                ..Default::default()
            })
            .await?)
    }
}

fn connect_options(options: &StoreOptions) -> ConnectOptions {
    let mut connect = ConnectOptions::new(&options.url);
    connect
        .max_connections(options.max_connections)
        .acquire_timeout(Duration::from_secs(20))
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                // Normal survives a crash of the program but loses commits when the power fails.
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(Duration::from_secs(20))
                .foreign_keys(true)
        });
    connect
}

async fn refuse_powerful_role(pool: &DatabaseConnection) -> Result<(), StoreError> {
    let row = pool
        .query_one_raw(Statement::from_string(
            DatabaseBackend::Postgres,
            "SELECT rolname::text AS role, rolsuper OR rolbypassrls AS powerful FROM pg_roles WHERE rolname = current_user",
        ))
        .await?;
    match row {
        Some(row) if row.try_get::<bool>("", "powerful")? => Err(StoreError::RoleBypassesRowSecurity {
            role: row.try_get("", "role")?,
        }),
        _ => Ok(()),
    }
}
