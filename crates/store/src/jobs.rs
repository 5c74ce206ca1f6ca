//! The job table, which is also the outbox: a job exists if and only if the change it follows does.

use chrono::{DateTime, Utc};
use domain::{
    JobId,
    job::{Job, JobState},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use crate::{Page, StoreError, TenantRead, TenantTx, entity::job, tenant::tenant_owned};

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
    /// same dedupe key stays, and runs at the earlier of both moments.
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
        // The unique key covers queued jobs only: a job that is already running may have looked too early. One that
        // failed waits as long as its failures ask for.
        let sooner = OnConflict::columns([job::Column::TenantId, job::Column::Kind, job::Column::DedupeKey])
            .target_and_where(Expr::cust("state = 'QUEUED'"))
            .update_column(job::Column::RunAt)
            .action_and_where(Expr::cust("job.attempts = 0 AND job.run_at > excluded.run_at"))
            .to_owned();
        self.insert::<job::Entity>(row)
            .on_conflict(sooner)
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
        if let Some(after) = page.cursor(|cursor| cursor.parse::<JobId>().ok())? {
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
