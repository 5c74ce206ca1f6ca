//! Removes an object that no row names any more.

use app::archive::RemoveObject;

use crate::{JobContext, JobError};

pub async fn run(context: JobContext, job: RemoveObject) -> Result<(), JobError> {
    Ok(context.app.remove_object(&context.actor, &job.object_key).await?)
}
