//! Storing (STOW-RS, PS3.18 §10.5).

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web,
};
use app::archive::{Ingest, IngestTarget, PartOutcome, StoreReport};
use dicom::{
    Uid,
    multipart::{Event, MultipartReader, PartHeaders},
    stow::{FailureReason, StowResponse},
};
use domain::{ErrorCode, UploadId};

use super::address::{Address, Asker};
use crate::{ApiState, Problem, bodies::next_chunk};

/// The header that ties a request to an announced upload.
const UPLOAD_HEADER: &str = "telerad-upload";
/// What to do about a request that did not come to its end.
const SEND_AGAIN: &str = "send it again, what is stored already stays as it is";
/// The most characters of a value of LO.
const LONGEST_COMMENT: usize = 64;

pub async fn store(
    request: HttpRequest,
    asker: Asker,
    address: Address,
    state: web::Data<ApiState>,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    let reader = reader(&request)?;
    let target = IngestTarget {
        instance: None,
        study_instance_uid: address.0.map(|address| address.study.to_string()),
        upload: upload_of(&request)?,
    };
    let mut ingest = asker.app.begin_ingest(&asker.actor, target).await?;
    let parts = receive(&mut ingest, reader, body, state.options.body_idle).await?;
    if parts == 0 {
        return Err(Problem::new(ErrorCode::BadRequest, "the request has no parts"));
    }
    let report = ingest.commit().await?;
    let answer = stow_response(&report, &asker.root());
    let status = StatusCode::from_u16(answer.status()).unwrap_or(StatusCode::OK);
    Ok(HttpResponse::build(status)
        .content_type("application/dicom+json")
        .body(answer.to_json()))
}

/// Streams the body into the archive; gives the number of parts.
async fn receive(
    ingest: &mut Ingest,
    mut reader: MultipartReader,
    mut body: web::Payload,
    idle: Duration,
) -> Result<u64, Problem> {
    let mut parts = 0;
    while let Some(chunk) = next_chunk(&mut body, idle).await.map_err(broke_off)? {
        reader.push(chunk);
        while let Some(event) = reader.next_event().map_err(unreadable)? {
            match event {
                Event::PartStart(headers) => {
                    parts += 1;
                    ingest.begin_part(name_of(&headers)).await?;
                }
                Event::Data(bytes) => ingest.write(bytes).await?,
                Event::PartEnd => ingest.end_part().await?,
                Event::End => {}
            }
        }
    }
    reader.finish().map_err(unreadable)?;
    Ok(parts)
}

fn reader(request: &HttpRequest) -> Result<MultipartReader, Problem> {
    let content_type = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let unsupported = |text| Problem::new(ErrorCode::UnsupportedMediaType, text);
    let media_type = dicom::MediaType::parse(content_type);
    let part_type = media_type
        .as_ref()
        .and_then(|media_type| media_type.parameter("type"));
    if part_type.is_some_and(|part_type| !part_type.eq_ignore_ascii_case("application/dicom")) {
        return Err(unsupported("send parts of type application/dicom".to_owned()));
    }
    // How large a part may be is the archive's to say: it refuses the part and not the request.
    MultipartReader::new(content_type, u64::MAX).map_err(|error| unsupported(error.to_string()))
}

fn upload_of(request: &HttpRequest) -> Result<Option<UploadId>, Problem> {
    let Some(value) = request.headers().get(UPLOAD_HEADER) else {
        return Ok(None);
    };
    let id = value.to_str().ok().and_then(|text| text.parse().ok());
    id.map(Some)
        .ok_or_else(|| Problem::new(ErrorCode::NotFound, "upload not found"))
}

/// What the sender calls a part: the last segment of its Content-Location.
fn name_of(headers: &PartHeaders) -> Option<&str> {
    headers
        .get("content-location")?
        .rsplit('/')
        .next()
        .map(str::trim)
        .filter(|name| !name.is_empty())
}

fn broke_off(problem: Problem) -> Problem {
    Problem {
        detail: format!("{}: {SEND_AGAIN}", problem.detail),
        ..problem
    }
}

fn unreadable(error: dicom::multipart::MultipartError) -> Problem {
    Problem::new(ErrorCode::BadRequest, format!("{error}; {SEND_AGAIN}"))
}

fn stow_response(report: &StoreReport, root: &str) -> StowResponse {
    let mut answer = StowResponse::new(study_url(report, root));
    for part in &report.parts {
        let uids = part.instance.as_ref().and_then(|instance| {
            Some((
                Uid::parse(&instance.sop_class_uid).ok()?,
                Uid::parse(&instance.sop_instance_uid).ok()?,
            ))
        });
        let url = part.instance.as_ref().map(|instance| {
            format!(
                "{root}/studies/{}/series/{}/instances/{}",
                instance.study_instance_uid, instance.series_instance_uid, instance.sop_instance_uid
            )
        });
        match (&part.outcome, &uids, &url) {
            (PartOutcome::Stored, Some((class, instance)), Some(url)) => {
                answer.stored(class, instance, url, None, None);
            }
            (PartOutcome::Duplicate, Some((class, instance)), Some(url)) => {
                let comment = "DUPLICATE: it was stored already, byte for byte";
                answer.stored(class, instance, url, None, Some(comment));
            }
            (PartOutcome::Refused { code, text }, Some((class, instance)), _) => {
                answer.failed(
                    Some((class, instance)),
                    failure_reason(*code),
                    &comment(*code, text),
                );
            }
            (PartOutcome::Refused { code, text }, None, _) => {
                answer.failed_unread(
                    part.claimed_uid.as_ref(),
                    failure_reason(*code),
                    &comment(*code, text),
                );
            }
            // A stored instance always has its UIDs.
            (PartOutcome::Stored | PartOutcome::Duplicate, ..) => {}
        }
    }
    answer
}

/// The study's address, when everything that is stored belongs to one.
fn study_url(report: &StoreReport, root: &str) -> Option<String> {
    let mut studies = report
        .parts
        .iter()
        .filter(|part| matches!(part.outcome, PartOutcome::Stored | PartOutcome::Duplicate))
        .filter_map(|part| part.instance.as_ref())
        .map(|instance| &instance.study_instance_uid);
    let first = studies.next()?;
    studies
        .all(|study| study == first)
        .then(|| format!("{root}/studies/{first}"))
}

/// Error Comment (0000,0902) is LO: 64 characters at the most, and no backslash (PS3.5 table 6.2-1).
fn comment(code: ErrorCode, text: &str) -> String {
    let words = format!("{}: {text}", code.as_str());
    let is_allowed = |character: &char| *character != '\\' && !character.is_control();
    words.chars().filter(is_allowed).take(LONGEST_COMMENT).collect()
}

/// PS3.18 table 10.5.3-2.
fn failure_reason(code: ErrorCode) -> FailureReason {
    match code {
        ErrorCode::InstanceConflict => FailureReason::DuplicateInstance,
        ErrorCode::StudyMismatch
        | ErrorCode::PatientMismatch
        | ErrorCode::NotInManifest
        | ErrorCode::DiffersFromManifest => FailureReason::DataSetMismatch,
        ErrorCode::TransferSyntaxUnknown => FailureReason::TransferSyntax,
        ErrorCode::PayloadTooLarge | ErrorCode::StudyDeleted | ErrorCode::Internal => {
            FailureReason::Processing
        }
        _ => FailureReason::CannotUnderstand,
    }
}
