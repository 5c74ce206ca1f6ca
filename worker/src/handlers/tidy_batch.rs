//! Frees the space of a batch of which instances were removed or moved elsewhere.

use app::archive::TidyBatch;

use crate::{JobContext, JobError};

pub async fn run(context: JobContext, job: TidyBatch) -> Result<(), JobError> {
    Ok(context.app.tidy_batch(&context.actor, job.batch).await?)
}
