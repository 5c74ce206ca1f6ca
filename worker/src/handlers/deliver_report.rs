//! Hands one copy of a report to its carrier.

use app::reading::DeliverReport;

use crate::{JobContext, JobError};

pub async fn run(context: JobContext, job: DeliverReport) -> Result<(), JobError> {
    Ok(context.app.deliver_report(&context.actor, job.delivery).await?)
}
