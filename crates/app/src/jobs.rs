//! Running background jobs: leasing, settling, and the actor a job runs as.
//!
//! **Invariant:** the lease is committed before the job runs and no transaction is open while it runs.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::{
    Actor, CaseId, TenantId,
    audit::{AuditAction, AuditEvent},
    job::{Job as _, JobState, retry_delay},
};

use store::TenantTx;
pub use store::{FeedSignal, LeasedJob};

use crate::{
    App, AppError,
    archive::{
        CompactStudy, JudgeCompleteness, MoveStudy, PurgeDeleted, RemoveObject, TidyBatch, WarmSeriesMetadata,
    },
    identity::SendInvitation,
    integrity::{RepairBatch, ReplicateBatch, VerifyArchive},
    nodes::{FetchStudy, ReportCommitment, SendStudy},
    reading::{DeliverReport, MarkServiceLevel, PrintReport, ReleaseLapsedClaim},
    renditions::{MakeRenditions, MakeThumbnail},
};

/// The kinds of all jobs the use cases queue. A runner that has no handler for one of them does not start;
/// the architecture test finds a kind that is missing here.
pub const KINDS: &[&str] = &[
    CompactStudy::KIND,
    DeliverReport::KIND,
    FetchStudy::KIND,
    JudgeCompleteness::KIND,
    MakeRenditions::KIND,
    MakeThumbnail::KIND,
    MarkServiceLevel::KIND,
    MoveStudy::KIND,
    PrintReport::KIND,
    PurgeDeleted::KIND,
    ReleaseLapsedClaim::KIND,
    RemoveObject::KIND,
    RepairBatch::KIND,
    ReplicateBatch::KIND,
    ReportCommitment::KIND,
    SendInvitation::KIND,
    SendStudy::KIND,
    TidyBatch::KIND,
    VerifyArchive::KIND,
    WarmSeriesMetadata::KIND,
];

/// Done jobs are kept this long for the administrator to look at.
const KEEP_DONE_DAYS: i64 = 7;

/// So often a job looks whether its media are at hand.
const MEDIA_PATIENCE: Duration = Duration::from_secs(crate::error::OFFLINE_RETRY_SECONDS);

/// The longest reason kept with a failed job, in characters.
const LONGEST_REASON: usize = 500;

/// How a run of a job ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunOutcome {
    /// It did what it was queued for.
    Done,
    /// It failed and may succeed later.
    Retry {
        /// Why, free of patient data.
        reason: String,
    },
    /// It failed and will fail again.
    Fail {
        /// Why, free of patient data.
        reason: String,
    },
    /// What it works on is on media that are not at hand. It may take weeks, which is nobody's failure.
    Waits,
    /// The runner is stopping and broke it off.
    BrokenOff,
}

/// What became of a job after a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// It is finished.
    Done,
    /// It runs again from then on.
    Again(DateTime<Utc>),
    /// It is a dead letter.
    Dead,
    /// Its lease had passed to another runner; nothing was changed.
    LeaseLost,
}

impl Settled {
    /// The name in metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Again(_) => "again",
            Self::Dead => "dead",
            Self::LeaseLost => "lease_lost",
        }
    }
}

/// The actor a leased job runs as: the program itself, bound to the tenant whose change left the job.
pub fn job_actor(job: &LeasedJob) -> Actor {
    Actor::system(job.tenant, Some(job.id))
}

/// The program itself in a tenant, for what no job asked for: cleaning up, checkpoints, rows about refusals.
pub(crate) fn program_actor(tenant: TenantId) -> Actor {
    Actor::system(tenant, None)
}

impl App {
    /// Takes the next due job of these kinds, if there is one.
    ///
    /// A job whose process died in each of its runs was never settled by anyone: it is buried here.
    pub async fn lease_job(&self, kinds: &[&str], lease: Duration) -> Result<Option<LeasedJob>, AppError> {
        loop {
            let tx = self.store.begin_job_runner().await?;
            let Some(job) = tx
                .lease_job(kinds, self.ids.next(), self.clock.now(), lease)
                .await?
            else {
                return Ok(None);
            };
            tx.commit().await?;
            if job.attempt <= job.max_attempts {
                return Ok(Some(job));
            }
            let reason = format!(
                "the runner died or fell silent in each of {} runs",
                job.max_attempts
            );
            self.settle_job(&job, RunOutcome::Fail { reason }).await?;
        }
    }

    /// Keeps a lease for another `lease` from now. False when it was lost.
    pub async fn extend_job_lease(&self, job: &LeasedJob, lease: Duration) -> Result<bool, AppError> {
        let mut tx = self.store.begin(&job_actor(job)).await?;
        let kept = tx.extend_lease(job, self.clock.now() + lease).await?;
        tx.commit().await?;
        Ok(kept)
    }

    /// Records how a run ended and decides what becomes of the job.
    pub async fn settle_job(&self, job: &LeasedJob, outcome: RunOutcome) -> Result<Settled, AppError> {
        let now = self.clock.now();
        let outcome = match outcome {
            RunOutcome::Fail { reason } => return self.bury(job, &cut(&reason), now).await,
            RunOutcome::Retry { reason } if job.attempt >= job.max_attempts => {
                return self.bury(job, &cut(&reason), now).await;
            }
            others => others,
        };
        let mut tx = self.store.begin(&job_actor(job)).await?;
        let (kept, settled) = match outcome {
            RunOutcome::Done => (tx.finish_job(job, now).await?, Settled::Done),
            RunOutcome::BrokenOff => (tx.give_job_back(job, now).await?, Settled::Again(now)),
            RunOutcome::Waits => {
                let run_at = now + MEDIA_PATIENCE;
                (tx.give_job_back(job, run_at).await?, Settled::Again(run_at))
            }
            RunOutcome::Retry { reason } | RunOutcome::Fail { reason } => {
                let run_at = now + retry_delay(job.attempt, self.jitter());
                (
                    tx.retry_job_later(job, &cut(&reason), run_at).await?,
                    Settled::Again(run_at),
                )
            }
        };
        tx.commit().await?;
        Ok(if kept { settled } else { Settled::LeaseLost })
    }

    /// Makes a job a dead letter, and tells those who waited for what it would have done.
    async fn bury(&self, job: &LeasedJob, reason: &str, now: DateTime<Utc>) -> Result<Settled, AppError> {
        let kept = match self.bury_with_copies(job, reason, now).await {
            Ok(kept) => kept,
            Err(error) => {
                // A job that died of a broken row must not live on because of it.
                tracing::error!(job.id = %job.id, error = %error, "what a dead job leaves behind was not noted");
                let mut tx = self.store.begin(&job_actor(job)).await?;
                let kept = bury_in(&mut tx, job, None, reason, now).await?;
                tx.commit().await?;
                kept
            }
        };
        Ok(if kept { Settled::Dead } else { Settled::LeaseLost })
    }

    /// How long until the next queued job of these kinds is due; zero when one is due now.
    pub async fn next_job_in(&self, kinds: &[&str]) -> Result<Option<Duration>, AppError> {
        let next = self
            .store
            .read_jobs()
            .await?
            .next_job_at(kinds, self.clock.now())
            .await?;
        Ok(next.map(|at| (at - self.clock.now()).to_std().unwrap_or_default()))
    }

    /// How many jobs of all tenants wait, run and are dead.
    pub async fn job_totals(&self) -> Result<Vec<(JobState, u64)>, AppError> {
        Ok(self.store.read_jobs().await?.job_totals().await?)
    }

    /// Takes the present slot of a schedule that fires once every `period`. False when another replica,
    /// or this one, took it already.
    pub async fn take_schedule_slot(&self, name: &str, period: Duration) -> Result<bool, AppError> {
        let period_seconds = i64::try_from(period.as_secs().max(1)).unwrap_or(i64::MAX);
        let slot = self.clock.now().timestamp() / period_seconds;
        let tx = self.store.begin_job_runner().await?;
        let taken = tx.take_schedule_slot(name, slot).await?;
        tx.commit().await?;
        Ok(taken)
    }

    /// Forgets jobs that were done a week ago; gives their number.
    pub async fn prune_done_jobs(&self) -> Result<u64, AppError> {
        let before = self.clock.now() - chrono::Duration::days(KEEP_DONE_DAYS);
        let tx = self.store.begin_job_runner().await?;
        let pruned = tx.prune_done_jobs(before).await?;
        tx.commit().await?;
        Ok(pruned)
    }

    fn jitter(&self) -> f64 {
        let [first, second, ..] = self.randomness.secret();
        f64::from(u16::from_le_bytes([first, second])) / f64::from(u16::MAX)
    }
}

/// Makes a job a dead letter, with its row in the trail; filed under the case it was for. False when its lease had
/// passed to another runner.
pub(crate) async fn bury_in(
    tx: &mut TenantTx,
    job: &LeasedJob,
    case: Option<CaseId>,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<bool, AppError> {
    let kept = tx.bury_job(job, reason, now).await?;
    if kept {
        let event = AuditEvent::of(&job_actor(job), now, AuditAction::JobDead, job.id);
        tx.audit(event.denied().detail(job.kind.clone()).case(case));
    }
    Ok(kept)
}

fn cut(reason: &str) -> String {
    reason.chars().take(LONGEST_REASON).collect()
}
