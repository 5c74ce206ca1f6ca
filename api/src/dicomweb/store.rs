//! Storing (STOW-RS, PS3.18 §10.5).

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use app::archive::{IngestTarget, PartOutcome, StoreReport};
use dicom::{
    Uid,
    stow::{FailureReason, StowResponse},
};
use domain::{ErrorCode, UploadId};

use super::{
    address::{Address, Asker},
    results::ResultForm,
    sending::Sending,
};
use crate::{ApiState, Problem};

/// The header that ties a request to an announced upload.
const UPLOAD_HEADER: &str = "telerad-upload";
/// The most characters of a value of LO.
const LONGEST_COMMENT: usize = 64;

pub async fn store(
    request: HttpRequest,
    asker: Asker,
    address: Address,
    state: web::Data<ApiState>,
    mut body: web::Payload,
) -> Result<HttpResponse, Problem> {
    let form = ResultForm::of_answer(&request);
    let sending = Sending::of(&request)?;
    let target = IngestTarget {
        instance: None,
        study_instance_uid: address.0.map(|address| address.study.to_string()),
        upload: upload_of(&request)?,
    };
    let ingest = asker.app.begin_ingest(&asker.actor, target).await?;
    let report = sending
        .receive(ingest, &mut body, state.options.body_idle)
        .await?;
    let answer = stow_response(&report, &asker.root());
    let status = match StatusCode::from_u16(answer.status()) {
        Ok(StatusCode::CONFLICT) if all_too_large(&report) => StatusCode::PAYLOAD_TOO_LARGE,
        status => status.unwrap_or(StatusCode::OK),
    };
    form.answer_object(HttpResponse::build(status), &asker, &answer.to_object())
}

/// Whether size alone kept everything out (PS3.18 table 10.5.3-1).
fn all_too_large(report: &StoreReport) -> bool {
    let is_too_large = |outcome: &PartOutcome| {
        matches!(
            outcome,
            PartOutcome::Refused {
                code: ErrorCode::PayloadTooLarge,
                ..
            }
        )
    };
    report.parts.iter().all(|part| is_too_large(&part.outcome))
}

fn upload_of(request: &HttpRequest) -> Result<Option<UploadId>, Problem> {
    let Some(value) = request.headers().get(UPLOAD_HEADER) else {
        return Ok(None);
    };
    let id = value.to_str().ok().and_then(|text| text.parse().ok());
    id.map(Some)
        .ok_or_else(|| Problem::new(ErrorCode::NotFound, "upload not found"))
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
                let text = part.warning.as_ref().map(|warning| lo(&warning.text));
                let reason = part.warning.as_ref().map(|warning| warning.reason);
                answer.stored(class, instance, url, reason, text.as_deref());
            }
            (PartOutcome::Duplicate, Some((class, instance)), Some(url)) => {
                let comment = "DUPLICATE: the same data set was stored already";
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
    lo(&format!("{}: {text}", code.as_str()))
}

fn lo(words: &str) -> String {
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
        ErrorCode::StorageUnavailable | ErrorCode::StorageFull => FailureReason::OutOfResources,
        ErrorCode::PayloadTooLarge | ErrorCode::StudyDeleted | ErrorCode::Internal => {
            FailureReason::Processing
        }
        _ => FailureReason::CannotUnderstand,
    }
}
