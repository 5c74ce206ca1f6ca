//! Compares a tenant's stored objects with the database, slowly.

use app::integrity::VerifyArchive;

use crate::{JobContext, JobError};

pub async fn run(context: JobContext, _job: VerifyArchive) -> Result<(), JobError> {
    Ok(context.app.verify_in_background(&context.actor).await?)
}
