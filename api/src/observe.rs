//! Around every request: a correlation id, one log line, metrics, and the headers every answer carries.
//!
//! **Invariant:** neither log nor metrics hold an address's path or query: paths hold study UIDs. The
//! route's pattern stands for them.

use std::time::Instant;

use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{self, HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
    web,
};
use tracing::Instrument;

use crate::ApiState;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What an answer that is no page may do in a browser: nothing.
const NO_PAGE_POLICY: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";

/// Surrounds a request.
pub async fn observe(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let state = request.app_data::<web::Data<ApiState>>().cloned();
    let id = state
        .as_ref()
        .map(|state| state.app.ids.next().simple().to_string())
        .unwrap_or_default();
    let method = request.method().to_string();
    let span = tracing::info_span!("http", request.id = %id);
    let began = Instant::now();
    let mut response = next.call(request).instrument(span.clone()).await?;

    let route = response
        .request()
        .match_pattern()
        .unwrap_or_else(|| "(none)".to_owned());
    let status = response.status().as_u16();
    let seconds = began.elapsed().as_secs_f64();
    span.in_scope(|| {
        tracing::info!(
            http.method = %method, http.route = %route, http.status = status, duration.seconds = seconds,
            "request answered"
        );
    });
    let labels = [
        ("method", method),
        ("route", route),
        ("status", status.to_string()),
    ];
    metrics::counter!("telerad_http_requests_total", &labels).increment(1);
    metrics::histogram!("telerad_http_request_seconds", &labels[1..2]).record(seconds);

    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, id);
    }
    harden(headers, state.as_ref().is_some_and(|state| state.is_https()));
    if state.is_some_and(|state| state.is_stopping()) {
        response
            .response_mut()
            .head_mut()
            .set_connection_type(actix_web::http::ConnectionType::Close);
    }
    Ok(response)
}

/// Adds what is missing of the headers every answer carries.
fn harden(headers: &mut HeaderMap, https: bool) {
    let mut missing = |name: HeaderName, value: &'static str| {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    };
    missing(header::CACHE_CONTROL, "no-store");
    missing(header::CONTENT_SECURITY_POLICY, NO_PAGE_POLICY);
    missing(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    missing(header::X_FRAME_OPTIONS, "DENY");
    missing(header::REFERRER_POLICY, "no-referrer");
    missing(
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=()",
    );
    missing(
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    );
    missing(
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    );
    if https {
        missing(
            header::STRICT_TRANSPORT_SECURITY,
            "max-age=31536000; includeSubDomains",
        );
    }
}
