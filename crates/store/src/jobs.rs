//! The job table, which is also the outbox: a job exists if and only if the change it follows does.
//!
//! **Invariant:** a running job has a lease with a token of its own; every outcome is written only
//! `WHERE locked_by = token`, so a runner that lost its lease changes nothing any more.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::{
    JobId, TenantId,
    job::{Job, JobState},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, LockBehavior, LockType, OnConflict},
};
use uuid::Uuid;

use crate::{Page, PlatformTx, StoreError, TenantRead, TenantTx, entity::job, tenant::tenant_owned};

tenant_owned!(job);

/// A job as the administrator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobRow {
    /// Its id.
    pub id: JobId,
    /// The wire name of its kind.
    pub kind: String,
    /// Ids it works on; never patient data.
    pub payload: serde_json::Value,
    /// Where it stands.
    pub state: JobState,
    /// How many runs began.
    pub attempts: i32,
    /// After so many failures it is dead.
    pub max_attempts: i32,
    /// Not before then.
    pub run_at: DateTime<Utc>,
    /// When it was queued.
    pub created_at: DateTime<Utc>,
    /// When it finished or died.
    pub finished_at: Option<DateTime<Utc>>,
    /// Why the last run failed.
    pub last_error: Option<String>,
}

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

/// How many jobs a tenant has in each state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct JobCounts {
    /// Waiting.
    pub queued: u64,
    /// Leased.
    pub running: u64,
    /// Dead letters.
    pub dead: u64,
    /// Finished since the given moment.
    pub done: u64,
}

impl TenantTx {
    /// Queues `job` in this transaction, to run from `run_at` on. One that is queued already under the
    /// same dedupe key stays as it is.
    pub async fn enqueue<J: Job>(
        &mut self,
        id: Uuid,
        now: DateTime<Utc>,
        run_at: DateTime<Utc>,
        job: &J,
    ) -> Result<(), StoreError> {
        let payload = serde_json::to_value(job).map_err(|source| StoreError::Encode {
            what: "job payload",
            source,
        })?;
        let row = job::ActiveModel {
            id: Set(id),
            tenant_id: Set(self.tenant().uuid()),
            kind: Set(J::KIND.to_owned()),
            payload: Set(payload),
            state: Set(JobState::Queued.as_str().to_owned()),
            priority: Set(J::PRIORITY),
            run_at: Set(run_at),
            attempts: Set(0),
            max_attempts: Set(i32::from(J::MAX_ATTEMPTS)),
            dedupe_key: Set(job.dedupe_key()),
            locked_by: Set(None),
            locked_until: Set(None),
            last_error: Set(None),
            created_at: Set(now),
            finished_at: Set(None),
        };
        // The unique key covers queued jobs only: a job that is already running may have looked too early.
        self.insert::<job::Entity>(row)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(&self.conn)
            .await?;
        self.outbox.jobs_queued = true;
        Ok(())
    }

    /// Puts a dead job back into the queue. False when there is no such dead job.
    pub async fn revive_job(&mut self, id: JobId, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let updated = self
            .update::<job::Entity>()
            .filter(job::Column::Id.eq(id.uuid()))
            .filter(job::Column::State.eq(JobState::Dead.as_str()))
            .set(job::ActiveModel {
                state: Set(JobState::Queued.as_str().to_owned()),
                attempts: Set(0),
                run_at: Set(now),
                finished_at: Set(None),
                ..Default::default()
            })
            .exec(&self.conn)
            .await?;
        self.outbox.jobs_queued |= updated.rows_affected > 0;
        Ok(updated.rows_affected > 0)
    }
}

impl TenantRead {
    /// The tenant's jobs, newest first. The cursor is a job id.
    pub async fn jobs(&self, state: Option<JobState>, page: &Page) -> Result<Vec<JobRow>, StoreError> {
        let mut query = self.find::<job::Entity>();
        if let Some(state) = state {
            query = query.filter(job::Column::State.eq(state.as_str()));
        }
        if let Some(after) = page
            .after
            .as_deref()
            .and_then(|cursor| cursor.parse::<JobId>().ok())
        {
            query = query.filter(job::Column::Id.lt(after.uuid()));
        }
        let rows = query
            .order_by_desc(job::Column::Id)
            .limit(page.limit())
            .all(&self.conn)
            .await?;
        rows.into_iter().map(JobRow::try_from).collect()
    }

    /// One job.
    pub async fn job(&self, id: JobId) -> Result<Option<JobRow>, StoreError> {
        let row = self
            .find::<job::Entity>()
            .filter(job::Column::Id.eq(id.uuid()))
            .one(&self.conn)
            .await?;
        row.map(JobRow::try_from).transpose()
    }

    /// How many jobs stand where; `done` counts those finished since `since`.
    pub async fn job_counts(&self, since: DateTime<Utc>) -> Result<JobCounts, StoreError> {
        let rows: Vec<(String, i64)> = self
            .find::<job::Entity>()
            .filter(
                Condition::any()
                    .add(job::Column::State.ne(JobState::Done.as_str()))
                    .add(job::Column::FinishedAt.gte(since)),
            )
            .select_only()
            .column(job::Column::State)
            .column_as(job::Column::Id.count(), "jobs")
            .group_by(job::Column::State)
            .into_tuple()
            .all(&self.conn)
            .await?;
        let mut counts = JobCounts::default();
        for (state, jobs) in rows {
            let jobs = jobs.unsigned_abs();
            match JobState::from_name(&state) {
                Some(JobState::Queued) => counts.queued = jobs,
                Some(JobState::Running) => counts.running = jobs,
                Some(JobState::Dead) => counts.dead = jobs,
                Some(JobState::Done) => counts.done = jobs,
                None => {}
            }
        }
        Ok(counts)
    }
}

impl PlatformTx {
    /// Leases the most urgent due job whose kind is in `kinds`, also one whose runner went silent.
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

    /// Extends a lease. False when it was lost.
    pub async fn extend_lease(&self, job: &LeasedJob, until: DateTime<Utc>) -> Result<bool, StoreError> {
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
    pub async fn finish_job(&self, job: &LeasedJob, now: DateTime<Utc>) -> Result<bool, StoreError> {
        self.settle(
            job,
            job::ActiveModel {
                state: Set(JobState::Done.as_str().to_owned()),
                locked_by: Set(None),
                locked_until: Set(None),
                last_error: Set(None),
                finished_at: Set(Some(now)),
                ..Default::default()
            },
        )
        .await
    }

    /// The run failed and is tried again at `run_at`. False when the lease was lost.
    pub async fn retry_job_later(
        &self,
        job: &LeasedJob,
        reason: &str,
        run_at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.settle(
            job,
            job::ActiveModel {
                state: Set(JobState::Queued.as_str().to_owned()),
                locked_by: Set(None),
                locked_until: Set(None),
                // A newer job of the same key may be queued by now; this one goes on without the key.
                dedupe_key: Set(None),
                last_error: Set(Some(reason.to_owned())),
                run_at: Set(run_at),
                ..Default::default()
            },
        )
        .await
    }

    /// The job failed for good. False when the lease was lost.
    pub async fn bury_job(
        &self,
        job: &LeasedJob,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.settle(
            job,
            job::ActiveModel {
                state: Set(JobState::Dead.as_str().to_owned()),
                locked_by: Set(None),
                locked_until: Set(None),
                dedupe_key: Set(None),
                last_error: Set(Some(reason.to_owned())),
                finished_at: Set(Some(now)),
                ..Default::default()
            },
        )
        .await
    }

    async fn settle(&self, job: &LeasedJob, change: job::ActiveModel) -> Result<bool, StoreError> {
        let updated = self
            .update_rows::<job::Entity>()
            .filter(job::Column::Id.eq(job.id.uuid()))
            .filter(job::Column::LockedBy.eq(job.token))
            .set(change)
            .exec(self.conn())
            .await?;
        Ok(updated.rows_affected == 1)
    }

    /// When the next queued job is due, so that a runner knows how long it may sleep.
    pub async fn next_job_at(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        Ok(self
            .all_rows::<job::Entity>()
            .filter(job::Column::State.eq(JobState::Queued.as_str()))
            .order_by_asc(job::Column::RunAt)
            .one(self.conn())
            .await?
            .map(|row| row.run_at))
    }

    /// Jobs waiting or running across all tenants, for the metrics.
    pub async fn unfinished_jobs(&self) -> Result<u64, StoreError> {
        Ok(self
            .all_rows::<job::Entity>()
            .filter(job::Column::State.is_in([JobState::Queued.as_str(), JobState::Running.as_str()]))
            .count(self.conn())
            .await?)
    }
}

impl TryFrom<job::Model> for JobRow {
    type Error = StoreError;

    fn try_from(row: job::Model) -> Result<Self, StoreError> {
        let state = JobState::from_name(&row.state).ok_or_else(|| StoreError::Inconsistent {
            table: "job",
            id: row.id.to_string(),
            what: "the state is known",
        })?;
        Ok(Self {
            id: JobId::from_uuid(row.id),
            kind: row.kind,
            payload: row.payload,
            state,
            attempts: row.attempts,
            max_attempts: row.max_attempts,
            run_at: row.run_at,
            created_at: row.created_at,
            finished_at: row.finished_at,
            last_error: row.last_error,
        })
    }
}
