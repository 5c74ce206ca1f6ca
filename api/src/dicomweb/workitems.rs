//! Work items (UPS-RS, PS3.18 §11).

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{self, HeaderName, HeaderValue},
    },
    web,
};
use app::ups::{DataSet, WorkitemChange};
use dicom::{
    Limits, MediaType,
    query::{Level, Query},
    xml::read_native_model,
};
use domain::ErrorCode;
use serde_json::Value;

use super::{address::Asker, results::ResultForm};
use crate::{ApiState, Problem, bodies::whole};

const WARNING: HeaderName = HeaderName::from_static("warning");
/// What a work item or a request about one may have.
const MOST_BYTES: usize = 1 << 20;

pub async fn create(
    request: HttpRequest,
    asker: Asker,
    state: web::Data<ApiState>,
    mut body: web::Payload,
) -> Result<HttpResponse, Problem> {
    let set = data_set(&request, &mut body, &state).await?;
    let uid = named(&request, &["workitem", "AffectedSOPInstanceUID"]);
    let created = asker
        .app
        .create_workitem(&asker.actor, uid.as_deref(), set)
        .await?;
    let url = format!("{}/workitems/{}", asker.root(), created.uid);
    let mut response = HttpResponse::Created();
    response.insert_header((header::LOCATION, url.clone()));
    response.insert_header((header::CONTENT_LOCATION, url));
    warn(&mut response, created.warning.as_deref());
    Ok(response.finish())
}

pub async fn retrieve(
    request: HttpRequest,
    asker: Asker,
    uid: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let form = ResultForm::of_one(&request)?;
    let found = asker.app.retrieve_workitem(&asker.actor, &uid.1).await?;
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CACHE_CONTROL, "no-cache"));
    form.answer(response, &asker, &[found])
}

pub async fn update(
    request: HttpRequest,
    asker: Asker,
    uid: web::Path<(String, String)>,
    state: web::Data<ApiState>,
    mut body: web::Payload,
) -> Result<HttpResponse, Problem> {
    let changes = data_set(&request, &mut body, &state).await?;
    let transaction = named(&request, &["transaction", "transactionUID"]);
    let done = asker
        .app
        .update_workitem(&asker.actor, &uid.1, transaction.as_deref(), changes)
        .await?;
    Ok(changed(StatusCode::OK, &asker, &uid.1, &done))
}

pub async fn change_state(
    request: HttpRequest,
    asker: Asker,
    uid: web::Path<(String, String)>,
    state: web::Data<ApiState>,
    mut body: web::Payload,
) -> Result<HttpResponse, Problem> {
    let wanted = data_set(&request, &mut body, &state).await?;
    let done = asker
        .app
        .change_workitem_state(&asker.actor, &uid.1, &wanted)
        .await?;
    Ok(changed(StatusCode::OK, &asker, &uid.1, &done))
}

pub async fn request_cancellation(
    request: HttpRequest,
    asker: Asker,
    uid: web::Path<(String, String)>,
    state: web::Data<ApiState>,
    mut body: web::Payload,
) -> Result<HttpResponse, Problem> {
    let body = whole(&request, &mut body, MOST_BYTES, state.options.body_idle).await?;
    // Who asks and why may be left unsaid.
    let wanted = if body.is_empty() {
        DataSet::new()
    } else {
        parse(&request, &body)?
    };
    let done = asker
        .app
        .request_workitem_cancellation(&asker.actor, &uid.1, &wanted)
        .await?;
    Ok(changed(StatusCode::ACCEPTED, &asker, &uid.1, &done))
}

pub async fn search(request: HttpRequest, asker: Asker) -> Result<HttpResponse, Problem> {
    let form = ResultForm::of_list(&request)?;
    let query = Query::parse(Level::Instance, request.query_string())
        .map_err(|error| Problem::new(ErrorCode::BadRequest, error.to_string()))?;
    let found = asker.app.search_workitems(&asker.actor, &query).await?;
    if found.objects.is_empty() {
        return Ok(HttpResponse::NoContent().finish());
    }
    let mut response = HttpResponse::Ok();
    if found.has_more {
        response.append_header((
            WARNING,
            warning("there are more results; ask for them with an offset"),
        ));
    }
    form.answer(response, &asker, &found.objects)
}

fn changed(status: StatusCode, asker: &Asker, uid: &str, done: &WorkitemChange) -> HttpResponse {
    let mut response = HttpResponse::build(status);
    response.insert_header((
        header::CONTENT_LOCATION,
        format!("{}/workitems/{uid}", asker.root()),
    ));
    warn(&mut response, done.warning.as_deref());
    response.finish()
}

fn warn(response: &mut actix_web::HttpResponseBuilder, text: Option<&str>) {
    if let Some(text) = text {
        response.append_header((WARNING, warning(text)));
    }
}

fn warning(text: &str) -> HeaderValue {
    HeaderValue::try_from(format!("299 telerad \"{text}\""))
        .unwrap_or_else(|_| HeaderValue::from_static("299 telerad \"see the documentation\""))
}

/// A UID of the query: by one of these names, or alone as older editions of PS3.18 write it.
fn named(request: &HttpRequest, names: &[&str]) -> Option<String> {
    let mut pairs = url::form_urlencoded::parse(request.query_string().as_bytes());
    pairs
        .find(|(key, value)| {
            names.iter().any(|name| name.eq_ignore_ascii_case(key))
                || value.is_empty() && dicom::Uid::parse(key).is_ok()
        })
        .map(|(key, value)| {
            if value.is_empty() {
                key.into_owned()
            } else {
                value.into_owned()
            }
        })
}

/// The one data set of a body.
async fn data_set(
    request: &HttpRequest,
    body: &mut web::Payload,
    state: &ApiState,
) -> Result<DataSet, Problem> {
    let body = whole(request, body, MOST_BYTES, state.options.body_idle).await?;
    parse(request, &body)
}

fn parse(request: &HttpRequest, body: &[u8]) -> Result<DataSet, Problem> {
    let kind = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let kind = kind.and_then(MediaType::parse).map(|kind| kind.essence);
    let refused = |text: &str| Problem::new(ErrorCode::BadRequest, text);
    match kind.as_deref() {
        Some("application/dicom+json" | "application/json") => {
            // Never with the parser's own words: they quote the body.
            let value: Value =
                serde_json::from_slice(body).map_err(|_| refused("the body is not the DICOM JSON Model"))?;
            let one = match value {
                Value::Array(mut sets) if sets.len() == 1 => sets.pop(),
                Value::Object(set) => Some(Value::Object(set)),
                _ => None,
            };
            match one {
                Some(Value::Object(set)) => Ok(set),
                _ => Err(refused("send one data set")),
            }
        }
        Some("application/dicom+xml") => read_native_model(
            body,
            &Limits {
                metadata_bytes: MOST_BYTES,
                ..Limits::default()
            },
        )
        .map_err(|error| refused(&error.to_string())),
        _ => Err(Problem::new(
            ErrorCode::UnsupportedMediaType,
            "send application/dicom+json or application/dicom+xml",
        )),
    }
}
