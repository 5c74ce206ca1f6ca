//! Announcing uploads, and their receipts.

mod in_flight;
mod manifest;
mod receipt;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web,
};
use app::archive::Receipt;
use domain::{ErrorCode, UploadId};
use serde::Serialize;

pub(crate) use in_flight::ManifestRoom;

use crate::{
    ApiState, Caller, Doc, Problem, Routes,
    bodies::{announced_bytes, require_json, whole},
    routes::blocking,
    streams,
};

/// The largest manifest, in bytes: room for the fifty thousand instances one may announce.
const MAX_MANIFEST_BYTES: usize = 12 << 20;

pub(crate) fn register(routes: &mut Routes<'_>) {
    let doc = Doc::new(
        "Announces what will be sent, at most 50,000 instances in 12 MB; says what need not be sent",
    )
    .takes("application/json")
    .answers(201, "Announced")
    .answers(413, "The manifest is too long: announce it in several uploads")
    .answers(
        429,
        "Too many manifests are being read; Retry-After says when to try again",
    );
    routes.post("/uploads", announce, doc);
    let doc = Doc::new("The receipt: what became of every announced instance").answers(200, "The receipt");
    routes.get("/uploads/{upload}", read, doc);
    let doc = Doc::new("Says that nothing more will come").answers(200, "The receipt");
    routes.post("/uploads/{upload}/finish", finish, doc);
}

#[derive(Debug, Serialize)]
struct AnnouncedAnswer {
    upload_id: String,
    dicomweb_url: String,
    missing: Vec<String>,
    stored: usize,
}

/// Token, scope and facility are looked at, and room is found, before a byte of the manifest is read.
async fn announce(
    caller: Caller,
    state: web::Data<ApiState>,
    request: HttpRequest,
    mut body: web::Payload,
) -> Result<HttpResponse, Problem> {
    require_json(&request)?;
    state.app.may_announce(&caller)?;
    let _room = state.manifests.take(announced_bytes(&request)).await?;
    let body = whole(&request, &mut body, MAX_MANIFEST_BYTES, state.options.body_idle).await?;
    let announcement = blocking(move || manifest::parse(&body)).await??;
    let announced = state.app.announce_upload(&caller, announcement).await?;
    let answer = AnnouncedAnswer {
        upload_id: announced.upload.to_string(),
        dicomweb_url: state.app.dicomweb_url(&caller).await?,
        missing: announced.missing,
        stored: announced.stored,
    };
    Ok(HttpResponse::build(StatusCode::CREATED)
        .insert_header((header::LOCATION, format!("/uploads/{}", answer.upload_id)))
        .json(answer))
}

async fn read(
    caller: Caller,
    state: web::Data<ApiState>,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let receipt = state.app.upload_receipt(&caller, upload_id(&path)?).await?;
    Ok(answer(caller, &state, &receipt))
}

async fn finish(
    caller: Caller,
    state: web::Data<ApiState>,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let receipt = state.app.finish_upload(&caller, upload_id(&path)?).await?;
    Ok(answer(caller, &state, &receipt))
}

fn answer(Caller(actor): Caller, state: &ApiState, receipt: &Receipt) -> HttpResponse {
    let document = receipt::document(state.app.clone(), actor, receipt);
    HttpResponse::Ok()
        .content_type("application/json")
        .streaming(streams::breaking_off(document))
}

fn upload_id(text: &str) -> Result<UploadId, Problem> {
    text.parse()
        .map_err(|_| Problem::new(ErrorCode::NotFound, "upload not found"))
}
