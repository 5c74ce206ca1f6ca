//! Which web pages of others may use DICOMweb from a browser (Fetch standard, CORS protocol).
//!
//! **Invariant:** only `/dicomweb`, only for configured origins, and never with cookies: a page brings a token of its
//! own or gets nothing.

use actix_web::{
    Error, HttpResponse,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{self, HeaderMap, HeaderValue},
    },
    middleware::Next,
};

use crate::extract::state_of;

const PLACE: &str = "/dicomweb/";
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, PUT, DELETE, OPTIONS");
const TAKEN: HeaderValue = HeaderValue::from_static(
    "Accept, Authorization, Content-Type, If-None-Match, If-Range, Range, Telerad-Upload",
);
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "Accept-Ranges, Content-Disposition, Content-Length, Content-Location, Content-Range, ETag, Location, Retry-After, Warning",
);
/// How long a browser may remember a preflight: ten minutes.
const REMEMBERED: HeaderValue = HeaderValue::from_static("600");

/// Answers preflights of allowed origins and lets them read what they ask for.
pub async fn allow(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody>>, Error> {
    let Some(origin) = allowed_origin(&request) else {
        return Ok(next.call(request).await?.map_into_left_body());
    };
    let is_preflight = request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if is_preflight {
        let mut answer = HttpResponse::NoContent();
        answer
            .insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, METHODS))
            .insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, TAKEN))
            .insert_header((header::ACCESS_CONTROL_MAX_AGE, REMEMBERED));
        request.into_response(answer.finish()).map_into_right_body()
    } else {
        next.call(request).await?.map_into_left_body()
    };
    say_who_may_read(response.headers_mut(), origin);
    Ok(response)
}

/// The page's origin, where it is another's and allowed.
fn allowed_origin(request: &ServiceRequest) -> Option<HeaderValue> {
    if !request.path().starts_with(PLACE) {
        return None;
    }
    let origin = request.headers().get(header::ORIGIN)?;
    let state = state_of(request.request());
    let allowed = &state.options.allowed_origins;
    allowed.contains(origin.to_str().ok()?).then(|| origin.clone())
}

fn say_who_may_read(headers: &mut HeaderMap, origin: HeaderValue) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
}
