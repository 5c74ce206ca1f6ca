//! Puts the small objects of a quiet study together.

use app::archive::CompactStudy;

use crate::{JobContext, JobError};

pub async fn run(context: JobContext, job: CompactStudy) -> Result<(), JobError> {
    Ok(context.app.compact_study(&context.actor, job.study).await?)
}
