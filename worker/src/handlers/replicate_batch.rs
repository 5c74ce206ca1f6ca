//! Copies an object of originals to the replica.

use app::integrity::ReplicateBatch;

use crate::{JobContext, JobError};

pub async fn run(context: JobContext, job: ReplicateBatch) -> Result<(), JobError> {
    Ok(context.app.replicate_batch(&context.actor, job.batch).await?)
}
