//! What an administrator sees of the machinery: its jobs.

use domain::{
    Actor, ErrorCode, JobId, Permission,
    audit::{AuditAction, AuditEvent},
    change::{Change, ChangeTopic},
    job::JobState,
};
use store::{JobCounts, JobRow, Page};

use crate::{App, AppError};

/// Rows as the use cases hand them out, for transports that do not know the store.
pub mod rows {
    pub use store::{JobCounts, JobRow, Page};
}

impl App {
    /// The tenant's jobs, newest first, with the counts of each state.
    pub async fn jobs(
        &self,
        actor: &Actor,
        state: Option<JobState>,
        page: &Page,
    ) -> Result<(Vec<JobRow>, JobCounts), AppError> {
        self.authorise(actor, Permission::ManageOperations)?;
        let since = self.clock.now() - chrono::Duration::days(1);
        let tx = self.store.read(actor).await?;
        Ok((tx.jobs(state, page).await?, tx.job_counts(since).await?))
    }

    /// Queues a dead job again.
    ///
    /// Errors: `JOB_NOT_DEAD` when it waits, runs or is done.
    pub async fn retry_job(&self, actor: &Actor, id: JobId) -> Result<JobRow, AppError> {
        self.authorise(actor, Permission::ManageOperations)?;
        let now = self.clock.now();
        let mut tx = self.store.begin(actor).await?;
        tx.job(id).await?.ok_or(AppError::NotFound { what: "job" })?;
        if !tx.revive_job(id, now).await? {
            return Err(AppError::refused(
                ErrorCode::JobNotDead,
                "only a dead job can be retried",
            ));
        }
        let job = tx.job(id).await?.ok_or(AppError::NotFound { what: "job" })?;
        tx.audit(AuditEvent::of(actor, now, AuditAction::JobRetry, id).detail(job.kind.clone()));
        tx.announce(Change {
            topic: ChangeTopic::Job,
            object: id.uuid(),
            facility: None,
        });
        tx.commit().await?;
        Ok(job)
    }
}
