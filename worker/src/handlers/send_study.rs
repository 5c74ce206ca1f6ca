//! Sends a study to another archive.

use app::nodes::SendStudy;

use crate::{JobContext, JobError};

pub async fn run(context: JobContext, job: SendStudy) -> Result<(), JobError> {
    Ok(context.app.send_study_now(&context.actor, &job).await?)
}
