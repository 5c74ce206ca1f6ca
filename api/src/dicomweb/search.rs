//! Searching (QIDO-RS, PS3.18 §10.6).

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{HeaderName, HeaderValue},
};
use dicom::query::{Level, Query};
use domain::ErrorCode;

use super::{
    address::{Address, Asker},
    results::ResultForm,
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
    let form = ResultForm::of_list(request)?;
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
            warning(&format!("{name} is not supported here and was ignored")),
        ));
    }
    if found.objects.is_empty() {
        return Ok(response.finish());
    }
    form.answer(response, asker, &found.objects)
}

fn warning(text: &str) -> HeaderValue {
    let text: String = text
        .chars()
        .filter(|character| character.is_ascii_graphic() || *character == ' ')
        .collect();
    HeaderValue::try_from(format!("299 telerad \"{}\"", text.replace(['"', '\\'], "")))
        .unwrap_or_else(|_| HeaderValue::from_static("299 telerad \"an attribute was ignored\""))
}
