//! Puts a series' metadata together before its first viewer asks for it.

use app::archive::WarmSeriesMetadata;

use crate::{JobContext, JobError};

pub async fn run(context: JobContext, job: WarmSeriesMetadata) -> Result<(), JobError> {
    Ok(context
        .app
        .warm_series_metadata(&context.actor, job.series)
        .await?)
}
