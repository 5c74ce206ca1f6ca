//! Puts an object right that was found missing or damaged.

use app::integrity::RepairBatch;

use crate::{JobContext, JobError};

pub async fn run(context: JobContext, job: RepairBatch) -> Result<(), JobError> {
    Ok(context.app.repair_batch(&context.actor, job.batch).await?)
}
