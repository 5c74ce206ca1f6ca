//! Signed reports as documents.

use actix_web::{
    HttpResponse,
    body::SizedStream,
    http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, ETAG},
    web,
};
use app::AppError;
use futures_util::TryStreamExt as _;

use crate::{ApiState, Caller, Doc, Problem, Routes};

pub(crate) fn register(routes: &mut Routes<'_>) {
    routes.get(
        "/reports/{version}/pdf",
        document,
        Doc::new("The document of a signed report version").answers(200, "PDF/A"),
    );
}

async fn document(
    caller: Caller,
    version: web::Path<String>,
    state: web::Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let version = version.parse().map_err(|_not_one| AppError::NotFound {
        what: "report document",
    })?;
    let document = state.app.report_document(&caller, version).await?;
    let bytes = document.bytes.map_err(|error| {
        tracing::error!(error = %error, "a report document broke off");
        Box::<dyn std::error::Error>::from("broken off")
    });
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/pdf"))
        .insert_header((CONTENT_DISPOSITION, "inline; filename=\"report.pdf\""))
        .insert_header((CACHE_CONTROL, "private, no-store"))
        .insert_header((ETAG, format!("\"{}\"", document.row.sha256)))
        .body(SizedStream::new(document.row.byte_length, bytes)))
}
