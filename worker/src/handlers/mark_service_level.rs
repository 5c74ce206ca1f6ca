//! Records that a share of a target has passed.

use app::reading::MarkServiceLevel;

use crate::{JobContext, JobError};

pub async fn run(context: JobContext, job: MarkServiceLevel) -> Result<(), JobError> {
    Ok(context.app.mark_service_level(&context.actor, job.case).await?)
}
