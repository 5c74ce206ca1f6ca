//! Removes for good what has lain in the trash for its time.

use app::archive::PurgeDeleted;

use crate::{JobContext, JobError};

pub async fn run(context: JobContext, job: PurgeDeleted) -> Result<(), JobError> {
    Ok(context.app.purge_deleted(&context.actor, job.deletion).await?)
}
