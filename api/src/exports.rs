//! A study as a ZIP for a person: the files and a DICOMDIR, as a CD has them.

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_DISPOSITION},
    web,
};
use app::export::{ExportRequest, Quality, ZipExport};
use serde::Deserialize;

use crate::{ApiState, Caller, Doc, Problem, Routes, streams::breaking_off};

pub(crate) fn register(routes: &mut Routes<'_>) {
    let doc = Doc::new(
        "A study as a ZIP with a DICOMDIR, as a CD has it; by its Study Instance UID. `?lossy=true`: images as lossy \
         copies, where a policy allows them",
    )
        .answers(200, "application/zip, made while it is sent");
    routes.get("/exports/{study}", study, doc);
}

/// How a study is exported.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    /// As lossy copies.
    #[serde(default)]
    lossy: bool,
}

async fn study(
    Caller(actor): Caller,
    study: web::Path<String>,
    wish: web::Query<Wish>,
    state: web::Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let request = ExportRequest {
        study_instance_uid: Some(study.into_inner()),
        quality: match wish.lossy {
            true => Quality::Lossy,
            false => Quality::Original,
        },
        ..ExportRequest::default()
    };
    let export = state.app.begin_export(&actor, request).await?;
    Ok(HttpResponse::Ok()
        .content_type("application/zip")
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"study.zip\""))
        .insert_header((CACHE_CONTROL, "private, no-store"))
        .streaming(breaking_off(ZipExport::new(export).into_stream())))
}
