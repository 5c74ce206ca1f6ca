//! Announcing uploads, and their receipts.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
    web,
};
use app::{
    AppError,
    archive::{AnnouncedInstance, Announcement, Receipt},
};
use dicom::Uid;
use domain::{ErrorCode, FacilityId, Priority, ProtocolFlag, UploadId};
use serde::{Deserialize, Serialize};

use crate::{ApiState, Caller, Doc, Problem, Routes, routes::blocking};

/// The largest manifest, in bytes: a hundred thousand instances.
const MAX_MANIFEST_BYTES: usize = 32 << 20;

pub(crate) fn register(routes: &mut Routes<'_>) {
    let doc = Doc::new("Announces what will be sent; says what need not be sent")
        .takes("application/json")
        .answers(201, "Announced");
    routes.post("/uploads", announce, doc);
    let doc = Doc::new("The receipt: what became of every announced instance").answers(200, "The receipt");
    routes.get("/uploads/{upload}", receipt, doc);
    let doc = Doc::new("Says that nothing more will come").answers(200, "The receipt");
    routes.post("/uploads/{upload}/finish", finish, doc);
}

#[derive(Debug, Deserialize)]
struct Manifest {
    facility_id: String,
    priority: String,
    protocol_flag: Option<String>,
    indication: Option<String>,
    studies: Vec<ManifestStudy>,
    #[serde(default)]
    refused: Vec<SetAside>,
}

#[derive(Debug, Deserialize)]
struct ManifestStudy {
    study_instance_uid: String,
    series: Vec<ManifestSeries>,
}

#[derive(Debug, Deserialize)]
struct ManifestSeries {
    series_instance_uid: String,
    instances: Vec<ManifestInstance>,
}

#[derive(Debug, Deserialize)]
struct ManifestInstance {
    sop_instance_uid: String,
    bytes: u64,
    /// In hexadecimal digits. With it, what is stored already need not be sent.
    sha256: Option<String>,
}

#[derive(Debug, Deserialize)]
struct SetAside {
    name: String,
    reason: String,
}

#[derive(Debug, Serialize)]
struct AnnouncedAnswer<'a> {
    upload_id: String,
    dicomweb_url: String,
    missing: Vec<&'a str>,
    stored: u32,
}

#[derive(Debug, Serialize)]
struct ReceiptAnswer<'a> {
    upload_id: String,
    state: &'static str,
    facility_id: String,
    created_at: chrono::DateTime<chrono::Utc>,
    counts: Counts,
    instances: Vec<Line<'a>>,
    refused_files: Vec<RefusedLine<'a>>,
}

#[derive(Debug, Serialize)]
struct Counts {
    expected: u32,
    stored: u32,
    duplicate: u32,
    refused: u32,
    missing: u32,
}

#[derive(Debug, Serialize)]
struct Line<'a> {
    sop_instance_uid: &'a str,
    study_instance_uid: &'a str,
    outcome: &'static str,
    reason_code: Option<&'a str>,
    reason: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct RefusedLine<'a> {
    name: &'a str,
    reason_code: Option<&'a str>,
    reason: &'a str,
}

async fn announce(
    caller: Caller,
    state: web::Data<ApiState>,
    request: actix_web::HttpRequest,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    require_json(&request)?;
    let body = body
        .to_bytes_limited(MAX_MANIFEST_BYTES)
        .await
        .map_err(|_| Problem::new(ErrorCode::PayloadTooLarge, "a manifest has 32 MB at the most"))?
        .map_err(|_| Problem::new(ErrorCode::BadRequest, "the body could not be read"))?;
    let announcement = blocking(move || parse(&body)).await??;
    let receipt = state.app.announce_upload(&caller, announcement).await?;
    let root = state.app.dicomweb_url(&caller).await?;
    let missing = receipt
        .items
        .iter()
        .filter(|item| item.outcome.as_str() == "MISSING");
    let answer = AnnouncedAnswer {
        upload_id: receipt.upload.id.to_string(),
        dicomweb_url: root,
        missing: missing.map(|item| item.sop_instance_uid.as_str()).collect(),
        stored: receipt.counts.stored + receipt.counts.duplicate,
    };
    Ok(HttpResponse::build(StatusCode::CREATED)
        .insert_header((header::LOCATION, format!("/uploads/{}", answer.upload_id)))
        .json(answer))
}

async fn receipt(
    caller: Caller,
    state: web::Data<ApiState>,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let receipt = state.app.upload_receipt(&caller, upload_id(&path)?).await?;
    Ok(HttpResponse::Ok().json(answer(&receipt)))
}

async fn finish(
    caller: Caller,
    state: web::Data<ApiState>,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let receipt = state.app.finish_upload(&caller, upload_id(&path)?).await?;
    Ok(HttpResponse::Ok().json(answer(&receipt)))
}

fn upload_id(text: &str) -> Result<UploadId, Problem> {
    text.parse()
        .map_err(|_| Problem::new(ErrorCode::NotFound, "upload not found"))
}

fn require_json(request: &actix_web::HttpRequest) -> Result<(), Problem> {
    let kind = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let kind = kind.and_then(dicom::MediaType::parse);
    if kind.is_some_and(|kind| kind.essence == "application/json") {
        Ok(())
    } else {
        Err(Problem::new(
            ErrorCode::UnsupportedMediaType,
            "send application/json",
        ))
    }
}

fn parse(body: &[u8]) -> Result<Announcement, Problem> {
    // Never with the parser's own words: they quote the body.
    let manifest: Manifest = serde_json::from_slice(body).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        Problem::new(
            ErrorCode::BadRequest,
            format!("the body is not a manifest ({place})"),
        )
    })?;
    let facility: FacilityId = manifest
        .facility_id
        .parse()
        .map_err(|_| AppError::invalid("facility_id", "this is not the id of a facility"))?;
    let priority = Priority::from_name(&manifest.priority)
        .ok_or_else(|| AppError::invalid("priority", "ROUTINE, URGENT, ASAP or STAT"))?;
    let protocol_flag = match manifest.protocol_flag.as_deref() {
        None | Some("") => None,
        Some(name) => Some(
            ProtocolFlag::from_name(name)
                .ok_or_else(|| AppError::invalid("protocol_flag", "STROKE, TRAUMA or CRITICAL"))?,
        ),
    };
    let mut instances = Vec::new();
    for study in &manifest.studies {
        let study_instance_uid = uid(&study.study_instance_uid)?;
        for series in &study.series {
            let series_instance_uid = uid(&series.series_instance_uid)?;
            for instance in &series.instances {
                instances.push(AnnouncedInstance {
                    study_instance_uid: study_instance_uid.clone(),
                    series_instance_uid: series_instance_uid.clone(),
                    sop_instance_uid: uid(&instance.sop_instance_uid)?,
                    bytes: instance.bytes,
                    sha256: instance.sha256.as_deref().map(sha256).transpose()?,
                });
            }
        }
    }
    let refused = manifest
        .refused
        .into_iter()
        .map(|file| (file.name, file.reason))
        .collect();
    Ok(Announcement {
        facility,
        priority,
        protocol_flag,
        indication: manifest.indication,
        instances,
        refused,
    })
}

fn uid(text: &str) -> Result<Uid, Problem> {
    Uid::parse(text).map_err(|error| {
        Problem::new(
            ErrorCode::InvalidUid,
            format!("a UID of the manifest is not valid: {error}"),
        )
    })
}

fn sha256(digits: &str) -> Result<[u8; 32], Problem> {
    let mut hash = [0; 32];
    hex::decode_to_slice(digits, &mut hash)
        .map_err(|_| AppError::invalid("sha256", "a SHA-256 has 64 hexadecimal digits"))?;
    Ok(hash)
}

fn answer(receipt: &Receipt) -> ReceiptAnswer<'_> {
    let counts = receipt.counts;
    ReceiptAnswer {
        upload_id: receipt.upload.id.to_string(),
        state: receipt.upload.state.as_str(),
        facility_id: receipt.upload.facility.to_string(),
        created_at: receipt.upload.created_at,
        counts: Counts {
            expected: counts.expected(),
            stored: counts.stored,
            duplicate: counts.duplicate,
            refused: counts.refused,
            missing: counts.missing,
        },
        instances: receipt
            .items
            .iter()
            .map(|item| Line {
                sop_instance_uid: &item.sop_instance_uid,
                study_instance_uid: &item.study_instance_uid,
                outcome: item.outcome.as_str(),
                reason_code: item.reason_code.as_deref(),
                reason: item.reason.as_deref(),
            })
            .collect(),
        refused_files: receipt
            .refused_files
            .iter()
            .map(|file| RefusedLine {
                name: &file.name,
                reason_code: file.reason_code.as_deref(),
                reason: &file.reason,
            })
            .collect(),
    }
}
