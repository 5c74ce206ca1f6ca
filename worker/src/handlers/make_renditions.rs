//! Makes the viewing renditions of a study's images.

use app::renditions::MakeRenditions;

use crate::{JobContext, JobError};

pub async fn run(context: JobContext, job: MakeRenditions) -> Result<(), JobError> {
    Ok(context.app.make_renditions(&context.actor, job.study).await?)
}
