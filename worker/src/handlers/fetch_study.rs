//! Fetches a study from another archive.

use app::nodes::FetchStudy;

use crate::{JobContext, JobError};

pub async fn run(context: JobContext, job: FetchStudy) -> Result<(), JobError> {
    Ok(context.app.fetch_study_now(&context.actor, &job).await?)
}
