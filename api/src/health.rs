//! Whether the program is alive, whether it can do its work, and its metrics.

use actix_web::{HttpResponse, Responder, http::header, web};
use app::ports::BlobError;
use serde_json::json;

use crate::{ApiState, Doc, Routes};

pub fn register(routes: &mut Routes<'_>) {
    routes.get(
        "/healthz",
        alive,
        Doc::new("Whether the process answers")
            .open()
            .answers(200, "It does"),
    );
    routes.get(
        "/readyz",
        ready,
        Doc::new("Whether database and object store answer and the server is not stopping")
            .open()
            .answers(
                200,
                "Ready; without \"storing\" new images are refused with 507 and everything else goes on",
            )
            .answers(503, "Not ready; which check failed"),
    );
    routes.get(
        "/metrics",
        metrics,
        Doc::new("Metrics as Prometheus reads them")
            .open()
            .answers(200, "Metrics"),
    );
}

async fn alive() -> impl Responder {
    web::Json(json!({ "alive": true }))
}

async fn ready(state: web::Data<ApiState>) -> impl Responder {
    let stopping = state.is_stopping();
    let (database, objects) = tokio::join!(state.app.store.ping(), state.app.blobs.check());
    if let Err(error) = &database {
        tracing::warn!(error = %error, "the database does not answer");
    }
    if let Err(error) = &objects {
        tracing::warn!(error = %error, "the object store cannot be written to");
    }
    // A full disk takes no new images; looking at the old ones goes on, so nobody is to be sent away.
    let storing = objects.is_ok();
    let objects = matches!(objects, Ok(()) | Err(BlobError::Full));
    let ready = database.is_ok() && objects && !stopping;
    let mut response = if ready {
        HttpResponse::Ok()
    } else {
        HttpResponse::ServiceUnavailable()
    };
    response.json(json!({
        "ready": ready,
        "checks": {
            "database": database.is_ok(), "objectStore": objects, "storing": storing, "accepting": !stopping,
        },
    }))
}

async fn metrics(state: web::Data<ApiState>) -> impl Responder {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"))
        .body((state.options.metrics)())
}
