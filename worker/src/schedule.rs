//! What is due by the clock, once across all replicas.
//!
//! **Invariant:** a sweep catches up on everything that is due, so one that was missed (its runner died
//! after taking the slot) costs one period and nothing else.

use std::{fmt, sync::Arc, time::Duration};

use app::{App, AppError};
use futures_util::future::{BoxFuture, FutureExt as _};
use tokio_util::sync::CancellationToken;

type Sweep = Arc<dyn Fn(App) -> BoxFuture<'static, Result<u64, AppError>> + Send + Sync>;

#[derive(Clone)]
struct Entry {
    name: &'static str,
    period: Duration,
    sweep: Sweep,
}

/// Sweeps with their periods.
#[derive(Clone, Default)]
pub struct Schedule {
    entries: Vec<Entry>,
}

impl Schedule {
    /// An empty schedule.
    pub fn new() -> Self {
        Self::default()
    }

    /// What every installation sweeps.
    pub fn standard() -> Self {
        const HOUR: Duration = Duration::from_secs(3600);
        Self::new()
            .every(HOUR, "prune_done_jobs", async |app: App| {
                app.prune_done_jobs().await
            })
            .every(HOUR / 6, "checkpoint_trails", async |app: App| {
                app.checkpoint_trails().await
            })
            .every(HOUR / 6, "follow_with_replica", async |app: App| {
                app.follow_with_replica().await
            })
            .every(HOUR, "apply_retention", async |app: App| {
                app.apply_retention().await
            })
            .every(HOUR, "send_quiet_studies_away", async |app: App| {
                app.send_quiet_studies_away().await
            })
            .every(HOUR / 6, "chase_recalls", async |app: App| {
                app.chase_recalls().await
            })
            .every(24 * HOUR, "verify_archives", async |app: App| {
                app.verify_archives().await
            })
            .every(HOUR, "empty_trash", async |app: App| app.empty_trash().await)
            .every(HOUR / 6, "sweep_spool", async |app: App| {
                app.sweep_spool().await.map(|swept| u64::from(swept.batches))
            })
    }

    /// Fires `sweep` once in every `period`; it gives the number of things it changed.
    #[must_use]
    pub fn every<F, R>(mut self, period: Duration, name: &'static str, sweep: F) -> Self
    where
        F: Fn(App) -> R + Send + Sync + 'static,
        R: Future<Output = Result<u64, AppError>> + Send + 'static,
    {
        self.entries.push(Entry {
            name,
            period,
            sweep: Arc::new(move |app| sweep(app).boxed()),
        });
        self
    }

    /// Fires what is due until `stop`. A sweep that has begun is finished.
    pub async fn run(self, app: App, stop: CancellationToken) {
        let loops = self
            .entries
            .into_iter()
            .map(|entry| entry.run(app.clone(), stop.clone()));
        futures_util::future::join_all(loops).await;
    }
}

impl Entry {
    async fn run(self, app: App, stop: CancellationToken) {
        loop {
            self.fire(&app).await;
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(self.period) => {}
            }
        }
    }

    async fn fire(&self, app: &App) {
        let outcome = match app.take_schedule_slot(self.name, self.period).await {
            Ok(true) => (self.sweep)(app.clone()).await,
            Ok(false) => return,
            Err(error) => Err(error),
        };
        let result = match outcome {
            Ok(changed) => {
                if changed > 0 {
                    tracing::info!(schedule.name = self.name, schedule.changed = changed, "swept");
                }
                "done"
            }
            Err(error) => {
                tracing::warn!(schedule.name = self.name, error = %error, "a sweep failed");
                "failed"
            }
        };
        metrics::counter!("telerad_sweeps_total", "name" => self.name, "outcome" => result).increment(1);
    }
}

impl fmt::Debug for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.entries.iter().map(|entry| entry.name))
            .finish()
    }
}
