//! Signed reports as documents.

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, ETAG},
    web,
};
use app::AppError;

use crate::{ApiState, Caller, Doc, Problem, Routes};

pub(crate) fn register(routes: &mut Routes<'_>) {
    routes.get(
        "/reports/{version}/pdf",
        document,
        Doc::new("The document of a signed report version")
            .answers(200, "PDF/A")
            .answers(500, "The stored document is missing or damaged"),
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
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/pdf"))
        .insert_header((CONTENT_DISPOSITION, "inline; filename=\"report.pdf\""))
        .insert_header((CACHE_CONTROL, "private, no-store"))
        .insert_header((ETAG, format!("\"{}\"", document.row.sha256)))
        .body(document.bytes))
}
