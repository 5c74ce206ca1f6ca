//! Makes the document of a signed report.

use app::reading::PrintReport;

use crate::{JobContext, JobError};

pub async fn run(context: JobContext, job: PrintReport) -> Result<(), JobError> {
    Ok(context.app.print_report(&context.actor, job.version).await?)
}
