//! Draws a series' thumbnail.

use app::renditions::MakeThumbnail;

use crate::{JobContext, JobError};

pub async fn run(context: JobContext, job: MakeThumbnail) -> Result<(), JobError> {
    Ok(context.app.make_thumbnail(&context.actor, job.series).await?)
}
