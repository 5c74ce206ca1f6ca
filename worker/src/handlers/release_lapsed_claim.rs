//! Gives a case back to the queue when its reader is gone.

use app::reading::ReleaseLapsedClaim;

use crate::{JobContext, JobError};

pub async fn run(context: JobContext, job: ReleaseLapsedClaim) -> Result<(), JobError> {
    Ok(context
        .app
        .release_lapsed_claim(&context.actor, job.work_item)
        .await?)
}
