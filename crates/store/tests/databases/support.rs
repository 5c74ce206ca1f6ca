//! A fresh database for each test: SQLite always, PostgreSQL when the environment names one.
//!
//! `TELERAD_TEST_PG_OWNER_URL` is a role that may create databases; `TELERAD_TEST_PG_URL` the plain role
//! the program would connect as. Each test gets a database of its own, migrated by the owner.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{Actor, TenantId};
use migrations::{ScratchDatabase, postgres_at_hand};
use sea_orm::{ConnectionTrait, Database, DatabaseBackend, DatabaseConnection, Statement};
use store::{Store, StoreOptions, TenantRow};
use uuid::Uuid;

/// One test's database.
#[derive(Debug)]
pub struct Db {
    /// The store as the program opens it.
    pub store: Store,
    /// A connection that owns the tables and could do what the program cannot.
    pub owner: DatabaseConnection,
    /// The program's own URL, for raw connections.
    pub url: String,
    _database: ScratchDatabase,
}

/// A fixed moment; no test asks the machine's clock.
pub fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).expect("a moment in 2027")
}

/// Moments after [`now`].
pub fn later(seconds: i64) -> DateTime<Utc> {
    now() + TimeDelta::seconds(seconds)
}

/// A fresh id.
#[expect(clippy::disallowed_methods, reason = "tests make their own ids")]
pub fn id() -> Uuid {
    Uuid::now_v7()
}

/// Runs `check` on SQLite and, when there is one, on PostgreSQL.
pub async fn on_both(check: impl AsyncFn(&Db)) {
    let sqlite = ScratchDatabase::sqlite().expect("a temporary file");
    check(&Db::open(sqlite).await).await;
    on_postgres(check).await;
}

/// Runs `check` on PostgreSQL, when there is one.
pub async fn on_postgres(check: impl AsyncFn(&Db)) {
    if !postgres_at_hand() {
        eprintln!("TELERAD_TEST_PG_URL is not set: PostgreSQL left out");
        return;
    }
    let postgres = ScratchDatabase::postgres()
        .await
        .expect("the owner may create databases");
    check(&Db::open(postgres).await).await;
}

impl Db {
    async fn open(database: ScratchDatabase) -> Self {
        database.migrate().await.expect("the migrations run");
        let owner = Database::connect(&database.owner_url)
            .await
            .expect("the owner connects");
        let store = Store::connect(&StoreOptions {
            url: database.url.clone(),
            max_connections: 8,
        })
        .await
        .expect("the store opens");
        Self {
            store,
            owner,
            url: database.url.clone(),
            _database: database,
        }
    }

    /// Whether this is PostgreSQL.
    pub fn is_postgres(&self) -> bool {
        self.owner.get_database_backend() == DatabaseBackend::Postgres
    }

    /// A fresh tenant, as the program itself acting for it.
    pub async fn tenant(&self) -> Actor {
        let row = TenantRow {
            id: TenantId::from_uuid(id()),
            slug: format!("t-{}", id().simple()),
            name: "A tenant".to_owned(),
            created_at: now(),
        };
        let tx = self.store.begin_setup().await.expect("a transaction");
        tx.insert_tenant(&row).await.expect("the tenant is new");
        tx.commit().await.expect("it commits");
        Actor::system(row.id, None)
    }

    /// Runs one statement as the owner, who is seen by no filter of ours. Row-level security binds owners,
    /// too; so the statement says that it works for the platform.
    pub async fn as_owner(&self, sql: &str) {
        let sql = match self.is_postgres() {
            true => format!("BEGIN; SELECT set_config('app.platform', 'on', true); {sql}; COMMIT"),
            false => sql.to_owned(),
        };
        self.owner
            .execute_unprepared(&sql)
            .await
            .expect("the owner's statement runs");
    }

    /// The same, and what the database says when it refuses.
    pub async fn try_as_owner(&self, sql: &str) -> Result<(), String> {
        let tx = sea_orm::TransactionTrait::begin(&self.owner)
            .await
            .expect("a transaction");
        if self.is_postgres() {
            tx.execute_unprepared("SELECT set_config('app.platform', 'on', true)")
                .await
                .expect("the setting");
        }
        let done = tx.execute_unprepared(sql).await;
        done.map(|_| ()).map_err(|error| error.to_string())
    }

    /// Takes away the triggers that keep a table's rows, as who owns the database can.
    pub async fn lift_write_once(&self, table: &str) {
        let on = if self.is_postgres() {
            format!(" ON {table}")
        } else {
            String::new()
        };
        for change in ["update", "delete"] {
            self.as_owner(&format!("DROP TRIGGER {table}_refuses_{change}{on}"))
                .await;
        }
    }

    /// One text column of all rows, as the owner.
    pub async fn texts(&self, sql: &str) -> Vec<String> {
        texts(&self.owner, sql).await
    }

    /// A tenant's id as an SQL literal.
    pub fn literal(&self, tenant: TenantId) -> String {
        match self.is_postgres() {
            true => format!("'{}'::uuid", tenant.uuid()),
            false => format!("x'{}'", tenant.uuid().simple()),
        }
    }
}

/// One text column of all rows.
pub async fn texts(conn: &impl ConnectionTrait, sql: &str) -> Vec<String> {
    let statement = Statement::from_string(conn.get_database_backend(), sql);
    let rows = conn.query_all_raw(statement).await.expect("the query runs");
    rows.iter()
        .map(|row| row.try_get_by_index(0).expect("a text column"))
        .collect()
}
