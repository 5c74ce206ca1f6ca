//! Waking those who wait: live screens for changes, runners for jobs.
//!
//! In one process a broadcast suffices; between replicas PostgreSQL's LISTEN/NOTIFY carries the word, and processes
//! that share a SQLite file look for each other's commits.
//! A signal only says "look again": the rows are the truth, so a lost signal delays and never loses.

use std::sync::Arc;

use domain::{FacilityId, FacilityScope, TenantId, change::ChangeTopic};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseBackend, DatabaseConnection, DatabaseTransaction,
    QueryFilter, QueryOrder, QuerySelect, Statement,
};
use sqlx::postgres::PgListener;
use tokio::sync::broadcast;
use uuid::Uuid;

use crate::{
    Store, StoreError, TenantRead,
    entity::{change_event, tenant_head},
    neighbours,
    signal::FeedSignal,
};

const CHANNEL: &str = "telerad";

/// One row of the change feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeRow {
    /// Its place in the tenant's feed, from 1.
    pub sequence: i64,
    /// What kind of thing changed.
    pub topic: ChangeTopic,
    /// Its bare id.
    pub object: Uuid,
    /// The facility it belongs to.
    pub facility: Option<FacilityId>,
}

/// The in-process end of the wake-up line.
#[derive(Debug)]
pub(crate) struct Feed {
    signals: broadcast::Sender<FeedSignal>,
}

impl Feed {
    /// Starts listening for other replicas' signals where the database can carry them.
    pub async fn start(pool: &DatabaseConnection) -> Result<Self, StoreError> {
        let (signals, _) = broadcast::channel(1024);
        if pool.get_database_backend() == DatabaseBackend::Postgres {
            let pool = pool.get_postgres_connection_pool().clone();
            let signals = signals.clone();
            tokio::spawn(relay(pool, signals));
        } else {
            let database = pool.get_sqlite_connection_pool().connect_options();
            tokio::spawn(neighbours::watch((*database).clone(), signals.downgrade()));
        }
        Ok(Self { signals })
    }

    /// Sends the signals to other replicas when this transaction commits.
    pub async fn notify_in(
        &self,
        conn: &DatabaseTransaction,
        changed: Option<TenantId>,
        jobs: bool,
    ) -> Result<(), StoreError> {
        if conn.get_database_backend() != DatabaseBackend::Postgres {
            return Ok(());
        }
        let payloads = changed
            .map(|tenant| tenant.to_string())
            .into_iter()
            .chain(jobs.then(|| "jobs".to_owned()));
        for payload in payloads {
            conn.execute_raw(Statement::from_sql_and_values(
                DatabaseBackend::Postgres,
                "SELECT pg_notify($1, $2)",
                [CHANNEL.into(), payload.into()],
            ))
            .await?;
        }
        Ok(())
    }

    /// Wakes this process at once.
    pub fn wake(&self, changed: Option<TenantId>, jobs: bool) {
        // An error only says that nobody is waiting.
        if let Some(tenant) = changed {
            let _ = self.signals.send(FeedSignal::Changed(tenant));
        }
        if jobs {
            let _ = self.signals.send(FeedSignal::JobsQueued);
        }
    }
}

async fn relay(pool: sqlx::PgPool, signals: broadcast::Sender<FeedSignal>) {
    loop {
        match PgListener::connect_with(&pool).await {
            Ok(mut listener) => {
                if listener.listen(CHANNEL).await.is_ok() {
                    while let Ok(notification) = listener.recv().await {
                        let signal = match notification.payload() {
                            "jobs" => Some(FeedSignal::JobsQueued),
                            tenant => tenant.parse().ok().map(FeedSignal::Changed),
                        };
                        if let Some(signal) = signal {
                            let _ = signals.send(signal);
                        }
                    }
                }
                tracing::warn!("the database's wake-up line broke; listening again");
            }
            Err(error) => tracing::warn!(error = %error, "cannot listen for other replicas' changes"),
        }
        if pool.is_closed() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    }
}

impl Store {
    /// Signals from now on. A receiver that lags behind looks at the rows and misses nothing.
    pub fn signals(&self) -> broadcast::Receiver<FeedSignal> {
        Arc::clone(self.feed()).signals.subscribe()
    }
}

impl TenantRead {
    /// The number of the tenant's newest change.
    pub async fn change_sequence(&self) -> Result<i64, StoreError> {
        let head = self.find::<tenant_head::Entity>().one(&self.conn).await?;
        Ok(head.map_or(0, |head| head.change_sequence))
    }

    /// Changes after `sequence` that concern the facilities of `scope`, oldest first, at most `limit`.
    pub async fn changes_after(
        &self,
        sequence: i64,
        scope: &FacilityScope,
        limit: u64,
    ) -> Result<Vec<ChangeRow>, StoreError> {
        let mut query = self
            .find::<change_event::Entity>()
            .filter(change_event::Column::Sequence.gt(sequence));
        if let FacilityScope::Only(facilities) = scope {
            query = query.filter(
                Condition::any()
                    .add(change_event::Column::FacilityId.is_null())
                    .add(
                        change_event::Column::FacilityId
                            .is_in(facilities.iter().map(|facility| facility.uuid())),
                    ),
            );
        }
        let rows = query
            .order_by_asc(change_event::Column::Sequence)
            .limit(limit)
            .all(&self.conn)
            .await?;
        rows.into_iter()
            .map(|row| {
                Ok(ChangeRow {
                    sequence: row.sequence,
                    topic: ChangeTopic::from_name(&row.topic).ok_or(StoreError::Inconsistent {
                        table: "change_event",
                        id: row.sequence.to_string(),
                        what: "the topic is known",
                    })?,
                    object: row.object_id,
                    facility: row.facility_id.map(FacilityId::from_uuid),
                })
            })
            .collect()
    }
}
