//! Leases jobs and runs them, several at a time.
//!
//! **Invariant:** a handler whose lease was lost is dropped at once, and what it would have said about
//! the job is not written.

use std::{
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};

use app::{
    App,
    jobs::{FeedSignal, LeasedJob, RunOutcome, Settled, job_actor},
};
use futures_util::FutureExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{JobContext, JobError, Registry};

/// How a [`Runner`] works.
#[derive(Debug, Clone)]
pub struct RunnerSettings {
    /// How many jobs run at once.
    pub slots: usize,
    /// How long a lease holds without a heartbeat; after a crash the job waits so long.
    pub lease: Duration,
    /// How often to look when nothing wakes the runner: for lapsed leases and lost signals.
    pub poll: Duration,
    /// How long running jobs may go on after the runner was told to stop; then they are given back.
    pub grace: Duration,
}

impl Default for RunnerSettings {
    fn default() -> Self {
        Self {
            slots: 4,
            lease: Duration::from_secs(30),
            poll: Duration::from_secs(5),
            grace: Duration::from_secs(8),
        }
    }
}

/// Takes jobs from the job table and runs them.
#[derive(Debug, Clone)]
pub struct Runner {
    app: App,
    registry: Arc<Registry>,
    settings: RunnerSettings,
}

impl Runner {
    /// A runner; [`Runner::run`] starts it.
    pub fn new(app: App, registry: Registry, settings: RunnerSettings) -> Self {
        Self {
            app,
            registry: Arc::new(registry),
            settings,
        }
    }

    /// Runs jobs until `stop`, then lets the running ones finish for the grace period and gives back the
    /// rest. Returns when no job of this runner runs any more.
    pub async fn run(self, stop: CancellationToken) {
        let kinds = self.registry.kinds();
        let slots = Arc::new(Semaphore::new(self.settings.slots.max(1)));
        let jobs = TaskTracker::new();
        let break_off = CancellationToken::new();
        let mut signals = self.app.store.signals();
        loop {
            let slot = tokio::select! {
                () = stop.cancelled() => break,
                slot = Arc::clone(&slots).acquire_owned() => slot.expect("the semaphore is never closed"),
            };
            match self.app.lease_job(&kinds, self.settings.lease).await {
                Ok(Some(job)) => {
                    jobs.spawn(self.clone().run_leased(job, slot, break_off.clone()));
                    continue;
                }
                Ok(None) => {}
                Err(error) => tracing::warn!(error = %error, "cannot look for jobs"),
            }
            drop(slot);
            tokio::select! {
                () = stop.cancelled() => break,
                () = self.until_due(&kinds) => {}
                () = jobs_queued(&mut signals) => {}
            }
        }
        jobs.close();
        if tokio::time::timeout(self.settings.grace, jobs.wait())
            .await
            .is_err()
        {
            tracing::info!(jobs.running = jobs.len(), "giving back the jobs that still run");
            break_off.cancel();
            jobs.wait().await;
        }
    }

    /// Sleeps until the next queued job is due, at most one poll interval.
    async fn until_due(&self, kinds: &[&'static str]) {
        // A job that is due but was not leased is locked by another runner just now.
        const SHORTEST: Duration = Duration::from_millis(100);
        let next = self.app.next_job_in(kinds).await.ok().flatten();
        let sleep = next
            .unwrap_or(self.settings.poll)
            .clamp(SHORTEST, self.settings.poll.max(SHORTEST));
        tokio::time::sleep(sleep).await;
    }

    async fn run_leased(self, job: LeasedJob, _slot: OwnedSemaphorePermit, break_off: CancellationToken) {
        let started = Instant::now();
        let context = JobContext {
            app: self.app.clone(),
            actor: job_actor(&job),
        };
        let work =
            AssertUnwindSafe(self.registry.run(&job.kind, context, job.payload.clone())).catch_unwind();
        let outcome = tokio::select! {
            result = work => match result {
                Ok(Ok(())) => RunOutcome::Done,
                Ok(Err(JobError::Retry { reason })) => RunOutcome::Retry { reason },
                Ok(Err(JobError::Fail { reason })) => RunOutcome::Fail { reason },
                Ok(Err(JobError::Wait)) => RunOutcome::Waits,
                // The panic's own words may quote data; the panic hook has logged where it happened.
                Err(_) => RunOutcome::Retry { reason: "the handler panicked".to_owned() },
            },
            () = break_off.cancelled() => RunOutcome::BrokenOff,
            () = self.until_lease_lost(&job) => {
                tracing::warn!(job.id = %job.id, job.kind = job.kind, "lost the lease of a running job; dropped it");
                count(&job, Settled::LeaseLost, started);
                return;
            }
        };
        let reason = match &outcome {
            RunOutcome::Retry { reason } | RunOutcome::Fail { reason } => Some(reason.clone()),
            RunOutcome::Done | RunOutcome::Waits | RunOutcome::BrokenOff => None,
        };
        match self.settle(&job, outcome).await {
            Ok(settled) => {
                count(&job, settled, started);
                log(&job, settled, reason.as_deref());
            }
            // The lease runs out and the job runs again, which it must bear anyway.
            Err(error) => tracing::error!(job.id = %job.id, error = %error, "cannot settle a job"),
        }
    }

    /// Settles, trying again while the database is away for a moment.
    async fn settle(&self, job: &LeasedJob, outcome: RunOutcome) -> Result<Settled, app::AppError> {
        const TRIES: u32 = 3;
        let mut tries = 1;
        loop {
            match self.app.settle_job(job, outcome.clone()).await {
                Err(error) if tries < TRIES => {
                    tracing::warn!(job.id = %job.id, error = %error, "cannot settle a job yet");
                    tokio::time::sleep(self.settings.lease / 10 * tries).await;
                    tries += 1;
                }
                result => return result,
            }
        }
    }

    /// Extends the lease again and again; returns when it belongs to somebody else.
    async fn until_lease_lost(&self, job: &LeasedJob) {
        let mut extended = Instant::now();
        loop {
            tokio::time::sleep(self.settings.lease / 3).await;
            match self.app.extend_job_lease(job, self.settings.lease).await {
                Ok(true) => extended = Instant::now(),
                Ok(false) => return,
                Err(error) => {
                    tracing::warn!(job.id = %job.id, error = %error, "cannot extend a lease");
                    if extended.elapsed() > self.settings.lease {
                        return;
                    }
                }
            }
        }
    }
}

/// Waits for the word that jobs were queued.
async fn jobs_queued(signals: &mut broadcast::Receiver<FeedSignal>) {
    loop {
        match signals.recv().await {
            Ok(FeedSignal::JobsQueued) | Err(broadcast::error::RecvError::Lagged(_)) => return,
            Ok(FeedSignal::Changed(_)) => {}
            // The store is going away; polling goes on until the runner is stopped.
            Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
        }
    }
}

fn count(job: &LeasedJob, settled: Settled, started: Instant) {
    metrics::counter!("telerad_jobs_total", "kind" => job.kind.clone(), "outcome" => settled.as_str())
        .increment(1);
    metrics::histogram!("telerad_job_seconds", "kind" => job.kind.clone())
        .record(started.elapsed().as_secs_f64());
}

fn log(job: &LeasedJob, settled: Settled, reason: Option<&str>) {
    match (settled, reason) {
        (Settled::Dead, reason) => {
            tracing::error!(job.id = %job.id, job.kind = job.kind, job.attempt = job.attempt, job.error = reason, "job died");
        }
        (Settled::Again(at), Some(reason)) => {
            tracing::warn!(job.id = %job.id, job.kind = job.kind, job.attempt = job.attempt, job.error = reason, job.run_at = %at, "job failed, to be run again");
        }
        (Settled::LeaseLost, _) => {
            tracing::warn!(job.id = %job.id, job.kind = job.kind, "a finished job's lease had passed to another runner");
        }
        (Settled::Done | Settled::Again(_), _) => {
            tracing::debug!(job.id = %job.id, job.kind = job.kind, "job settled");
        }
    }
}
