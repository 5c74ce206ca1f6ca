//! Moves a study to the slow store, or back.

use app::archive::MoveStudy;

use crate::{JobContext, JobError};

pub async fn run(context: JobContext, job: MoveStudy) -> Result<(), JobError> {
    Ok(context.app.move_study(&context.actor, job.study, job.to).await?)
}
