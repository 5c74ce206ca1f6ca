//! Opening the database: embedded SQLite or PostgreSQL, chosen by URL.

use std::{sync::Arc, time::Duration};

use domain::Actor;
use sea_orm::{
    AccessMode, ConnectOptions, ConnectionTrait, Database, DatabaseBackend, DatabaseConnection,
    DatabaseTransaction, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
    sqlx::{
        Connection as _,
        sqlite::{SqliteJournalMode, SqliteSynchronous},
    },
};
use tokio::sync::{Mutex, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};

use crate::{
    StoreError,
    feed::Feed,
    written::{Writes, Written},
};

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
    /// How many transactions of this handle may be open at once, where that is fewer than the pool has.
    share: Option<Arc<Semaphore>>,
    max_connections: u32,
    feed: Arc<Feed>,
    written: Arc<Written>,
}

/// How long a transaction waits for a connection, in all, before it fails.
const WAIT_FOR_CONNECTION: Duration = Duration::from_secs(20);

/// A begun transaction with its place.
#[derive(Debug)]
pub(crate) struct Begun {
    pub conn: DatabaseTransaction,
    pub place: Place,
}

/// What a transaction holds until it ends: its turn at the write gate, and its part of a share.
#[derive(Debug)]
pub(crate) struct Place {
    _gate: Option<OwnedMutexGuard<()>>,
    _share: Option<OwnedSemaphorePermit>,
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
            share: None,
            max_connections: options.max_connections,
            feed,
            written: Arc::default(),
        })
    }

    /// The same database for one kind of work, whose transactions together never hold more than `most`
    /// connections and never more than half of the pool. Clones of the handle share them.
    pub fn with_share(&self, most: u32) -> Self {
        let most = most.min(self.max_connections / 2).max(1);
        Self {
            share: Some(Arc::new(Semaphore::new(most as usize))),
            ..self.clone()
        }
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        Ok(self.pool.ping().await?)
    }

    /// What this process has written of the actor's tenant so far. Taken before a read, it tells later whether what
    /// was read may still be believed.
    pub fn writes_of(&self, actor: &Actor) -> Writes {
        self.written.of(actor.tenant())
    }

    /// Whether this process has written nothing since that could make what was read then untrue.
    pub fn has_not_written_since(&self, writes: Writes) -> bool {
        self.written.of(writes.tenant) == writes
    }

    pub(crate) fn feed(&self) -> &Arc<Feed> {
        &self.feed
    }

    pub(crate) fn written(&self) -> &Arc<Written> {
        &self.written
    }

    /// Begins a transaction that may write.
    pub(crate) async fn begin_writing(&self) -> Result<Begun, StoreError> {
        let share = self.part_of_share().await?;
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
        let place = Place {
            _gate: gate,
            _share: share,
        };
        Ok(Begun { conn, place })
    }

    /// Begins a transaction in which the database refuses writes (PostgreSQL) or nobody makes any.
    pub(crate) async fn begin_reading(&self) -> Result<Begun, StoreError> {
        let share = self.part_of_share().await?;
        let access_mode = match self.pool.get_database_backend() {
            DatabaseBackend::Postgres => Some(AccessMode::ReadOnly),
            _ => None,
        };
        let conn = self
            .pool
            .begin_with_options(TransactionOptions {
                access_mode,
                ..Default::default()
            })
            .await?;
        let place = Place {
            _gate: None,
            _share: share,
        };
        Ok(Begun { conn, place })
    }

    async fn part_of_share(&self) -> Result<Option<OwnedSemaphorePermit>, StoreError> {
        let Some(share) = &self.share else {
            return Ok(None);
        };
        match tokio::time::timeout(WAIT_FOR_CONNECTION, Arc::clone(share).acquire_owned()).await {
            Ok(Ok(part)) => Ok(Some(part)),
            Ok(Err(_)) | Err(_) => Err(StoreError::Contended {
                what: "share of the connections",
            }),
        }
    }
}

fn connect_options(options: &StoreOptions) -> ConnectOptions {
    let mut connect = ConnectOptions::new(&options.url);
    connect
        .max_connections(options.max_connections)
        .acquire_timeout(WAIT_FOR_CONNECTION)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                // Normal survives a crash of the program but loses commits when the power fails.
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(Duration::from_secs(20))
                .foreign_keys(true)
        })
        .map_sqlx_sqlite_pool_opts(|pool| {
            pool.after_release(|connection, _| {
                Box::pin(async move {
                    // The rollback of a dropped transaction is done by then.
                    connection.ping().await?;
                    // A full disk makes SQLite roll back by itself. The driver's own rollback then fails, it goes
                    // on counting a transaction that is none, and what the next one begins never ends: the
                    // database stays locked. Such a connection is closed.
                    Ok(!connection.is_in_transaction())
                })
            })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_full_disk_locks_nobody_out() {
        let database = migrations::ScratchDatabase::sqlite().unwrap();
        let store = Store::connect(&StoreOptions {
            url: database.url.clone(),
            max_connections: 1,
        })
        .await
        .unwrap();
        let write = async |bytes: u32| {
            let begun = store.begin_writing().await?;
            let insert = format!("INSERT INTO t VALUES (zeroblob({bytes}))");
            begun.conn.execute_unprepared(&insert).await?;
            begun.conn.commit().await?;
            Ok::<(), StoreError>(())
        };
        store
            .pool
            .execute_unprepared("CREATE TABLE t (b BLOB); PRAGMA max_page_count = 10")
            .await
            .unwrap();
        let full = write(1 << 20).await.unwrap_err();
        assert!(full.is_out_of_space(), "{full}");

        // As when room was made: each connection begins without the limit.
        for _ in 0..3 {
            let reading = store.begin_reading().await.unwrap();
            reading.conn.execute_unprepared("SELECT * FROM t").await.unwrap();
            drop(reading);
            write(1).await.unwrap();
        }
    }
}
