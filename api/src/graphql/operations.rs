//! Jobs and the audit trail.

use app::operations::rows::{AuditRow, JobCounts as Counts, JobRow, Page};
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};

use super::{CallerContext, JobState, context::parse_id, graphql_error};

/// The most rows one page may have.
const LARGEST_PAGE: u64 = 500;

/// A background job.
#[derive(Debug, Clone, SimpleObject)]
pub struct Job {
    id: ID,
    kind: String,
    state: JobState,
    /// The id of what it works on.
    subject: Option<String>,
    attempts: i32,
    max_attempts: i32,
    run_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
    last_error: Option<String>,
}

impl From<JobRow> for Job {
    fn from(row: JobRow) -> Self {
        Self {
            id: row.id.to_string().into(),
            subject: subject_of(&row.payload),
            kind: row.kind,
            state: row.state.into(),
            attempts: row.attempts,
            max_attempts: row.max_attempts,
            run_at: row.run_at,
            created_at: row.created_at,
            finished_at: row.finished_at,
            last_error: row.last_error,
        }
    }
}

/// Payloads hold ids; the first one names what the job is about.
fn subject_of(payload: &serde_json::Value) -> Option<String> {
    payload
        .as_object()?
        .values()
        .find_map(|value| value.as_str())
        .map(str::to_owned)
}

/// How many jobs stand where.
#[derive(Debug, Clone, Copy, SimpleObject)]
pub struct JobCounts {
    queued: u64,
    running: u64,
    dead: u64,
    done_last_day: u64,
}

impl From<Counts> for JobCounts {
    fn from(counts: Counts) -> Self {
        Self {
            queued: counts.queued,
            running: counts.running,
            dead: counts.dead,
            done_last_day: counts.done,
        }
    }
}

/// A page of jobs, newest first.
#[derive(Debug, SimpleObject)]
pub struct JobConnection {
    nodes: Vec<Job>,
    end_cursor: Option<String>,
    has_next_page: bool,
    counts: JobCounts,
}

/// One entry of the audit trail.
#[derive(Debug, Clone, SimpleObject)]
pub struct AuditEvent {
    sequence: i64,
    at: DateTime<Utc>,
    actor: String,
    actor_kind: String,
    action: String,
    object: String,
    outcome: String,
    address: Option<String>,
    detail: Option<String>,
    /// The hash of this entry and all before it.
    hash: String,
}

impl From<AuditRow> for AuditEvent {
    fn from(row: AuditRow) -> Self {
        Self {
            sequence: row.sequence,
            at: row.at,
            actor: row.actor_name,
            actor_kind: row.actor_kind,
            action: row.action,
            object: row.object,
            outcome: row.outcome,
            address: row.address,
            detail: row.detail,
            hash: row.hash.iter().map(|byte| format!("{byte:02x}")).collect(),
        }
    }
}

/// A page of the audit trail, newest first.
#[derive(Debug, SimpleObject)]
pub struct AuditConnection {
    nodes: Vec<AuditEvent>,
    end_cursor: Option<String>,
    has_next_page: bool,
}

/// What recomputing the chain found.
#[derive(Debug, Clone, Copy, SimpleObject)]
pub struct AuditVerification {
    intact: bool,
    events: u64,
    first_broken_sequence: Option<i64>,
}

#[derive(Debug, InputObject)]
pub struct RetryJobInput {
    job_id: ID,
}

/// A page one row longer than asked for: the extra row says whether there is more.
fn page(first: u64, after: Option<String>) -> Page {
    Page {
        first: first.clamp(1, LARGEST_PAGE) + 1,
        after,
    }
}

/// Drops the extra row; whether there was one.
fn trim<T>(rows: &mut Vec<T>, page: &Page) -> bool {
    let wanted = usize::try_from(page.first - 1).unwrap_or(usize::MAX);
    let more = rows.len() > wanted;
    rows.truncate(wanted);
    more
}

#[derive(Debug, Default)]
pub struct OperationsQuery;

#[Object]
impl OperationsQuery {
    /// The tenant's background jobs, newest first.
    async fn jobs(
        &self,
        ctx: &Context<'_>,
        state: Option<JobState>,
        #[graphql(default = 100)] first: u64,
        after: Option<String>,
    ) -> Result<JobConnection> {
        let page = page(first, after);
        let (mut rows, counts) = ctx
            .app()?
            .jobs(ctx.actor()?, state.map(Into::into), &page)
            .await
            .map_err(graphql_error)?;
        let has_next_page = trim(&mut rows, &page);
        let end_cursor = rows.last().map(|row| row.id.to_string());
        let nodes = rows.into_iter().map(Job::from).collect();
        Ok(JobConnection {
            nodes,
            end_cursor,
            has_next_page,
            counts: counts.into(),
        })
    }

    /// Who did what when from where, newest first; of one case or of everything.
    async fn audit_trail(
        &self,
        ctx: &Context<'_>,
        case_id: Option<ID>,
        #[graphql(default = 100)] first: u64,
        after: Option<String>,
    ) -> Result<AuditConnection> {
        let case = case_id.map(|id| parse_id("caseId", &id)).transpose()?;
        let page = page(first, after);
        let mut rows = ctx
            .app()?
            .audit_trail(ctx.actor()?, case, &page)
            .await
            .map_err(graphql_error)?;
        let has_next_page = trim(&mut rows, &page);
        let end_cursor = rows.last().map(|row| row.sequence.to_string());
        Ok(AuditConnection {
            nodes: rows.into_iter().map(AuditEvent::from).collect(),
            end_cursor,
            has_next_page,
        })
    }

    /// Recomputes the chain over the tenant's whole trail.
    async fn audit_verification(&self, ctx: &Context<'_>) -> Result<AuditVerification> {
        let verdict = ctx
            .app()?
            .verify_audit_trail(ctx.actor()?)
            .await
            .map_err(graphql_error)?;
        Ok(AuditVerification {
            intact: verdict.first_broken.is_none(),
            events: verdict.events,
            first_broken_sequence: verdict.first_broken,
        })
    }
}

#[derive(Debug, Default)]
pub struct OperationsMutation;

#[Object]
impl OperationsMutation {
    /// Queues a dead job again.
    async fn retry_job(&self, ctx: &Context<'_>, input: RetryJobInput) -> Result<Job> {
        let id = parse_id("jobId", &input.job_id)?;
        Ok(ctx
            .app()?
            .retry_job(ctx.actor()?, id)
            .await
            .map_err(graphql_error)?
            .into())
    }
}
