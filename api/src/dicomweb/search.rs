//! Searching (QIDO-RS, PS3.18 §10.6).

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{HeaderName, HeaderValue},
};
use dicom::{
    JsonObject,
    query::{Level, Query},
};
use domain::ErrorCode;

use super::{
    address::{Address, Asker},
    body::{accept_of, choose, parameter},
};
use crate::Problem;

const WARNING: HeaderName = HeaderName::from_static("warning");

pub async fn studies(request: HttpRequest, asker: Asker) -> Result<HttpResponse, Problem> {
    search(&request, &asker, Address(None), Level::Study).await
}

pub async fn series(request: HttpRequest, asker: Asker, within: Address) -> Result<HttpResponse, Problem> {
    search(&request, &asker, within, Level::Series).await
}

pub async fn instances(request: HttpRequest, asker: Asker, within: Address) -> Result<HttpResponse, Problem> {
    search(&request, &asker, within, Level::Instance).await
}

async fn search(
    request: &HttpRequest,
    asker: &Asker,
    within: Address,
    level: Level,
) -> Result<HttpResponse, Problem> {
    choose(&accept_of(request), &super::metadata::JSON_OFFERS)?;
    require_utf8(request)?;
    let query = Query::parse(level, request.query_string())
        .map_err(|error| Problem::new(ErrorCode::BadRequest, error.to_string()))?;
    let found = asker.app.search(&asker.actor, within.0.as_ref(), &query).await?;
    let mut response = if found.objects.is_empty() {
        HttpResponse::NoContent()
    } else {
        HttpResponse::Ok()
    };
    if found.has_more {
        response.append_header((
            WARNING,
            warning("there are more results; ask for them with an offset"),
        ));
    }
    for name in &found.unsupported {
        // PS3.18 §8.3.4: the words are the Standard's.
        let text =
            format!("The {name} parameter is not supported. Only literal matching has been performed.");
        response.append_header((WARNING, warning(&text)));
    }
    for name in &found.ignored {
        // PS3.18 §10.6.1.2: what is not supported is ignored, and said so.
        response.append_header((
            WARNING,
            warning(&format!("{name} is not supported and was ignored")),
        ));
    }
    if found.objects.is_empty() {
        return Ok(response.finish());
    }
    Ok(response
        .content_type("application/dicom+json")
        .body(JsonObject::array_of(&found.objects)))
}

/// JSON is UTF-8 (RFC 8259 §8.1): who accepts only other character sets (PS3.18 §8.3.3.2) cannot be served.
///
/// Errors: `NOT_ACCEPTABLE`.
fn require_utf8(request: &HttpRequest) -> Result<(), Problem> {
    let Some(charsets) = parameter(request, "charset") else {
        return Ok(());
    };
    let is_ours = |charset: &str| {
        let name = charset.split(';').next().unwrap_or_default().trim();
        name == "*" || name.eq_ignore_ascii_case("utf-8")
    };
    if charsets.trim().is_empty() || charsets.split(',').any(is_ours) {
        Ok(())
    } else {
        Err(Problem::new(
            ErrorCode::NotAcceptable,
            "this is available in UTF-8 only",
        ))
    }
}

fn warning(text: &str) -> HeaderValue {
    let text: String = text
        .chars()
        .filter(|character| character.is_ascii_graphic() || *character == ' ')
        .collect();
    HeaderValue::try_from(format!("299 telerad \"{}\"", text.replace(['"', '\\'], "")))
        .unwrap_or_else(|_| HeaderValue::from_static("299 telerad \"an attribute was ignored\""))
}
