//! Decides whether a study is complete when nothing new came for a while.

use app::archive::JudgeCompleteness;

use crate::{JobContext, JobError};

pub async fn run(context: JobContext, job: JudgeCompleteness) -> Result<(), JobError> {
    Ok(context.app.judge_completeness(&context.actor, job.study).await?)
}
