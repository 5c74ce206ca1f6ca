//! Noticing what other processes wrote into the same SQLite file, which cannot notify anybody.

use std::{collections::HashMap, time::Duration};

use domain::TenantId;
use sqlx::{Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::sync::broadcast;
use uuid::Uuid;

use crate::signal::FeedSignal;

/// How often it is looked: SQLite counts the commits of others, and reading the count touches no table.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long to wait before a connection that broke is opened again.
const AGAIN_AFTER: Duration = Duration::from_secs(5);

/// Passes on that a tenant's feed grew and that there may be jobs, until nobody can hear it any more.
pub(crate) async fn watch(database: SqliteConnectOptions, signals: broadcast::WeakSender<FeedSignal>) {
    while signals.upgrade().is_some() {
        if let Err(error) = watch_once(&database, &signals).await {
            tracing::debug!(error = %error, "cannot look for what other processes wrote");
        }
        tokio::time::sleep(AGAIN_AFTER).await;
    }
}

async fn watch_once(
    database: &SqliteConnectOptions,
    signals: &broadcast::WeakSender<FeedSignal>,
) -> Result<(), sqlx::Error> {
    // A connection of its own: the count is of the commits of all others.
    let mut connection = SqliteConnection::connect_with(database).await?;
    let mut seen = 0;
    let mut heads: HashMap<TenantId, i64> = HashMap::new();
    loop {
        let version: i64 = sqlx::query_scalar("PRAGMA data_version")
            .fetch_one(&mut connection)
            .await?;
        if version != seen {
            let is_first = seen == 0;
            seen = version;
            let rows: Vec<(Uuid, i64)> = sqlx::query_as("SELECT tenant_id, change_sequence FROM tenant_head")
                .fetch_all(&mut connection)
                .await?;
            let Some(signals) = signals.upgrade() else {
                return Ok(());
            };
            for (tenant, sequence) in rows {
                let tenant = TenantId::from_uuid(tenant);
                let before = heads.insert(tenant, sequence);
                if !is_first && before != Some(sequence) {
                    // An error only says that nobody is waiting.
                    let _ = signals.send(FeedSignal::Changed(tenant));
                }
            }
            if !is_first {
                let _ = signals.send(FeedSignal::JobsQueued);
            }
        } else if signals.upgrade().is_none() {
            return Ok(());
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
