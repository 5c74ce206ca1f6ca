//! Jobs.

use app::operations::rows::{JobCounts as Counts, JobRow, Page};
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

#[derive(Debug, InputObject)]
pub struct RetryJobInput {
    job_id: ID,
}

/// A page one row longer than asked for: the extra row says whether there is more.
pub(super) fn page(first: u64, after: Option<String>) -> Page {
    Page {
        first: first.clamp(1, LARGEST_PAGE) + 1,
        after,
    }
}

/// Drops the extra row; whether there was one.
pub(super) fn trim<T>(rows: &mut Vec<T>, page: &Page) -> bool {
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
