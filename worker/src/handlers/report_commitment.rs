//! Tells a node what is safely kept.

use app::nodes::ReportCommitment;

use crate::{JobContext, JobError};

pub async fn run(context: JobContext, job: ReportCommitment) -> Result<(), JobError> {
    Ok(context
        .app
        .report_commitment(&context.actor, job.commitment)
        .await?)
}
