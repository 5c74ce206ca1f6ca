//! C-STORE: one instance, one batch, and the answer when it is durable.

use app::{
    App, AppError,
    archive::{Ingest, IngestTarget, PartOutcome, SentInstance, StoreReport},
};
use bytes::Bytes;
use dimse::{AeTitle, DataSetReader, Failure, Status, StoreRequest, file_meta};
use domain::Actor;

use super::status::{status, status_of};

/// Takes an instance. What breaks off leaves nothing.
pub(super) async fn store(
    app: &App,
    actor: &Actor,
    source: &AeTitle,
    request: StoreRequest,
    data: &mut DataSetReader<'_>,
) -> Result<Status, Failure> {
    let mut ingest = match begin(app, actor, source, &request).await {
        Ok(ingest) => ingest,
        Err(error) => return Ok(status_of(&error)),
    };
    while let Some(bytes) = data.next().await? {
        if let Err(error) = ingest.write(bytes).await {
            return Ok(status_of(&error));
        }
    }
    Ok(match commit(ingest).await {
        Ok(report) => told(&report),
        Err(error) => status_of(&error),
    })
}

async fn begin(
    app: &App,
    actor: &Actor,
    source: &AeTitle,
    request: &StoreRequest,
) -> Result<Ingest, AppError> {
    let target = IngestTarget {
        instance: Some(SentInstance {
            sop_class_uid: request.sop_class_uid.clone(),
            sop_instance_uid: request.sop_instance_uid.clone(),
        }),
        ..IngestTarget::default()
    };
    let mut ingest = app.begin_ingest(actor, target).await?;
    ingest.begin_part(Some(&request.sop_instance_uid)).await?;
    ingest.write(Bytes::from(file_meta(request, source))).await?;
    Ok(ingest)
}

async fn commit(mut ingest: Ingest) -> Result<StoreReport, AppError> {
    ingest.end_part().await?;
    ingest.commit().await
}

fn told(report: &StoreReport) -> Status {
    match report.parts.first().map(|part| &part.outcome) {
        Some(PartOutcome::Stored | PartOutcome::Duplicate) => Status::success(),
        Some(PartOutcome::Refused { code, text }) => status(*code, text),
        None => Status::of(Status::PROCESSING_FAILURE),
    }
}
