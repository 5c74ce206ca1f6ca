//! A study as a ZIP for a person: the files and a DICOMDIR, as a CD has them.

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_DISPOSITION},
    web,
};
use app::export::{ExportRequest, ZipExport};

use crate::{ApiState, Caller, Doc, Problem, Routes, streams::breaking_off};

pub(crate) fn register(routes: &mut Routes<'_>) {
    let doc = Doc::new("A study as a ZIP with a DICOMDIR, as a CD has it; by its Study Instance UID")
        .answers(200, "application/zip, made while it is sent");
    routes.get("/exports/{study}", study, doc);
}

async fn study(
    Caller(actor): Caller,
    study: web::Path<String>,
    state: web::Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let request = ExportRequest {
        study_instance_uid: Some(study.into_inner()),
        ..ExportRequest::default()
    };
    let export = state.app.begin_export(&actor, request).await?;
    Ok(HttpResponse::Ok()
        .content_type("application/zip")
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"study.zip\""))
        .insert_header((CACHE_CONTROL, "private, no-store"))
        .streaming(breaking_off(ZipExport::new(export).into_stream())))
}
