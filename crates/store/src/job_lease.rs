//! Leasing jobs across tenants, and settling each in its own tenant.
//!
//! **Invariant:** a running job has a lease with a token of its own; every outcome is written only
//! `WHERE locked_by = token`, so a runner that lost its lease changes nothing any more.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::{
    JobId, TenantId,
    change::{Change, ChangeTopic},
    job::JobState,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Alias, Expr, ExprTrait, LockBehavior, LockType, Query, SimpleExpr},
};
use uuid::Uuid;

use crate::{PlatformTx, StoreError, TenantTx, entity::job};

/// The name of the other job in a question for one of the same.
const TWIN: &str = "twin";

/// A job whose lease a runner holds.
#[derive(Debug, Clone)]
pub struct LeasedJob {
    /// Its id.
    pub id: JobId,
    /// The tenant whose change left it.
    pub tenant: TenantId,
    /// The wire name of its kind.
    pub kind: String,
    /// Its payload.
    pub payload: serde_json::Value,
    /// Which run this is, from 1.
    pub attempt: u16,
    /// After so many failures it is dead.
    pub max_attempts: u16,
    /// The lease's own token.
    pub token: Uuid,
}

/// No other job with the same dedupe key is running.
fn no_twin_runs(now: DateTime<Utc>) -> SimpleExpr {
    let twin = |column| Expr::col((Alias::new(TWIN), column));
    let same = |column| twin(column).equals((job::Entity, column));
    Expr::exists(
        Query::select()
            .expr(Expr::val(1))
            .from_as(job::Entity, Alias::new(TWIN))
            .and_where(same(job::Column::TenantId))
            .and_where(same(job::Column::Kind))
            .and_where(same(job::Column::DedupeKey))
            .and_where(twin(job::Column::Id).not_equals((job::Entity, job::Column::Id)))
            .and_where(twin(job::Column::State).eq(JobState::Running.as_str()))
            .and_where(twin(job::Column::LockedUntil).gte(now))
            .take(),
    )
    .not()
}

impl PlatformTx {
    /// Leases the most urgent due job whose kind is in `kinds`, also one whose runner went silent.
    ///
    /// What is queued again while it runs waits until that run ends: two of the same would do the same work.
    ///
    /// Among equal priorities the tenant with the fewest running jobs goes first, so that one tenant's
    /// flood does not starve the others.
    pub async fn lease_job(
        &self,
        kinds: &[&str],
        token: Uuid,
        now: DateTime<Utc>,
        lease: Duration,
    ) -> Result<Option<LeasedJob>, StoreError> {
        let due = Condition::any()
            .add(
                Condition::all()
                    .add(job::Column::State.eq(JobState::Queued.as_str()))
                    .add(job::Column::RunAt.lte(now)),
            )
            .add(
                Condition::all()
                    .add(job::Column::State.eq(JobState::Running.as_str()))
                    .add(job::Column::LockedUntil.lt(now)),
            );
        let running = Expr::cust(
            "(SELECT COUNT(*) FROM job AS other WHERE other.tenant_id = job.tenant_id AND other.state = 'RUNNING')",
        );
        let row = self
            .all_rows::<job::Entity>()
            .filter(due)
            .filter(no_twin_runs(now))
            .filter(job::Column::Kind.is_in(kinds.iter().copied()))
            .order_by_desc(job::Column::Priority)
            .order_by_asc(running)
            .order_by_asc(job::Column::RunAt)
            .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
            .one(self.conn())
            .await?;
        let Some(row) = row else { return Ok(None) };
        let attempts = row.attempts + 1;
        self.update_rows::<job::Entity>()
            .filter(job::Column::Id.eq(row.id))
            .set(job::ActiveModel {
                state: Set(JobState::Running.as_str().to_owned()),
                attempts: Set(attempts),
                locked_by: Set(Some(token)),
                locked_until: Set(Some(now + lease)),
                ..Default::default()
            })
            .exec(self.conn())
            .await?;
        Ok(Some(LeasedJob {
            id: JobId::from_uuid(row.id),
            tenant: TenantId::from_uuid(row.tenant_id),
            kind: row.kind,
            payload: row.payload,
            attempt: u16::try_from(attempts).unwrap_or(u16::MAX),
            max_attempts: u16::try_from(row.max_attempts).unwrap_or(u16::MAX),
            token,
        }))
    }

    /// When the next queued job of these kinds is due, so that a runner knows how long it may sleep.
    pub async fn next_job_at(
        &self,
        kinds: &[&str],
        now: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, StoreError> {
        Ok(self
            .all_rows::<job::Entity>()
            .filter(job::Column::State.eq(JobState::Queued.as_str()))
            .filter(job::Column::Kind.is_in(kinds.iter().copied()))
            .filter(no_twin_runs(now))
            .order_by_asc(job::Column::RunAt)
            .one(self.conn())
            .await?
            .map(|row| row.run_at))
    }

    /// How many jobs of all tenants wait, run and are dead, for the metrics.
    pub async fn job_totals(&self) -> Result<Vec<(JobState, u64)>, StoreError> {
        let rows: Vec<(String, i64)> = self
            .all_rows::<job::Entity>()
            .filter(job::Column::State.ne(JobState::Done.as_str()))
            .select_only()
            .column(job::Column::State)
            .column_as(job::Column::Id.count(), "jobs")
            .group_by(job::Column::State)
            .into_tuple()
            .all(self.conn())
            .await?;
        Ok(rows
            .into_iter()
            .filter_map(|(state, jobs)| Some((JobState::from_name(&state)?, jobs.unsigned_abs())))
            .collect())
    }

    /// Removes jobs that were done before `before`. Dead letters stay until somebody decides.
    pub async fn prune_done_jobs(&self, before: DateTime<Utc>) -> Result<u64, StoreError> {
        let deleted = self
            .delete_rows::<job::Entity>()
            .filter(job::Column::State.eq(JobState::Done.as_str()))
            .filter(job::Column::FinishedAt.lt(before))
            .exec(self.conn())
            .await?;
        Ok(deleted.rows_affected)
    }
}

impl TenantTx {
    /// Extends a lease. False when it was lost.
    pub async fn extend_lease(&mut self, job: &LeasedJob, until: DateTime<Utc>) -> Result<bool, StoreError> {
        self.settle(
            job,
            job::ActiveModel {
                locked_until: Set(Some(until)),
                ..Default::default()
            },
        )
        .await
    }

    /// The job is finished. False when the lease was lost.
    pub async fn finish_job(&mut self, job: &LeasedJob, now: DateTime<Utc>) -> Result<bool, StoreError> {
        self.settle(
            job,
            job::ActiveModel {
                state: Set(JobState::Done.as_str().to_owned()),
                last_error: Set(None),
                finished_at: Set(Some(now)),
                ..unlocked()
            },
        )
        .await
    }

    /// The run failed and is tried again at `run_at`. False when the lease was lost.
    pub async fn retry_job_later(
        &mut self,
        job: &LeasedJob,
        reason: &str,
        run_at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let again = job::ActiveModel {
            state: Set(JobState::Queued.as_str().to_owned()),
            // A newer job of the same key may be queued by now; this one goes on without the key.
            dedupe_key: Set(None),
            last_error: Set(Some(reason.to_owned())),
            run_at: Set(run_at),
            ..unlocked()
        };
        self.outbox.jobs_queued = true;
        self.settle(job, again).await
    }

    /// The run was broken off before it could fail: it does not count, and the job may run at once.
    /// False when the lease was lost.
    pub async fn give_job_back(&mut self, job: &LeasedJob, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let again = job::ActiveModel {
            state: Set(JobState::Queued.as_str().to_owned()),
            dedupe_key: Set(None),
            attempts: Set(i32::from(job.attempt) - 1),
            run_at: Set(now),
            ..unlocked()
        };
        self.outbox.jobs_queued = true;
        self.settle(job, again).await
    }

    /// The job failed for good; screens that list jobs are told. False when the lease was lost.
    pub async fn bury_job(
        &mut self,
        job: &LeasedJob,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let dead = job::ActiveModel {
            state: Set(JobState::Dead.as_str().to_owned()),
            dedupe_key: Set(None),
            last_error: Set(Some(reason.to_owned())),
            finished_at: Set(Some(now)),
            ..unlocked()
        };
        let buried = self.settle(job, dead).await?;
        if buried {
            self.announce(Change {
                topic: ChangeTopic::Job,
                object: job.id.uuid(),
                facility: None,
            });
        }
        Ok(buried)
    }

    async fn settle(&self, job: &LeasedJob, change: job::ActiveModel) -> Result<bool, StoreError> {
        let updated = self
            .update::<job::Entity>()
            .filter(job::Column::Id.eq(job.id.uuid()))
            .filter(job::Column::LockedBy.eq(job.token))
            .set(change)
            .exec(&self.conn)
            .await?;
        Ok(updated.rows_affected == 1)
    }
}

fn unlocked() -> job::ActiveModel {
    job::ActiveModel {
        locked_by: Set(None),
        locked_until: Set(None),
        ..Default::default()
    }
}
