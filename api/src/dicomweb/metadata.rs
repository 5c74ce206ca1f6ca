//! Retrieving metadata (WADO-RS, PS3.18 §10.4.1.1.2): JSON, compressed as it is kept, or XML, a document a part.

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::header::{self, HeaderValue},
};
use dicom::{Offer, xml::NATIVE_MODEL_TYPE};
use futures_util::TryStreamExt as _;

use super::{
    address::{Address, Asker},
    body::{accept_of, choose},
    conditional::is_known,
    parts::{Part, send_many},
};
use crate::{Problem, streams::breaking_off};

/// DICOM JSON under both its names, and XML.
const OFFERS: [Offer; 3] = [
    offer("application/dicom+json", false),
    offer("application/json", false),
    offer(NATIVE_MODEL_TYPE, true),
];

const fn offer(media_type: &'static str, multipart: bool) -> Offer {
    Offer {
        media_type,
        multipart,
        transfer_syntax: None,
    }
}

pub async fn metadata(request: HttpRequest, asker: Asker, address: Address) -> Result<HttpResponse, Problem> {
    let address = address.required()?;
    let kind = choose(&accept_of(&request), &OFFERS)?.media_type;
    if kind == NATIVE_MODEL_TYPE {
        let models = asker.app.retrieve_native_models(&asker.actor, &address).await?;
        if is_known(&request, &models.etag) {
            return Ok(head(HttpResponse::NotModified(), &models.etag).finish());
        }
        let response = head(HttpResponse::Ok(), &models.etag);
        let documents = asker.app.stream_native_models(&asker.actor, models);
        let parts = documents.map_ok(|document| Part::held(NATIVE_MODEL_TYPE, document));
        return send_many(&asker, response, NATIVE_MODEL_TYPE, parts);
    }
    let document = asker.app.retrieve_metadata(&asker.actor, &address).await?;
    if is_known(&request, &document.etag) {
        return Ok(head(HttpResponse::NotModified(), &document.etag).finish());
    }
    let mut response = head(HttpResponse::Ok(), &document.etag);
    response.content_type(kind);
    let gzip = takes_gzip(&request);
    if gzip {
        response.insert_header((header::CONTENT_ENCODING, HeaderValue::from_static("gzip")));
    }
    if let (true, Some(whole)) = (gzip, document.packed()) {
        return Ok(response.body(whole));
    }
    let json = asker.app.stream_metadata(&asker.actor, document, gzip);
    Ok(response.streaming(breaking_off(json)))
}

/// What both a whole answer and "not modified" say of the document (RFC 9110 §15.4.5).
fn head(mut response: HttpResponseBuilder, etag: &str) -> HttpResponseBuilder {
    response
        .insert_header((header::ETAG, etag))
        // A private cache may keep it and has to ask whether it is still right.
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .insert_header((header::VARY, "Accept, Accept-Encoding, Authorization"));
    response
}

fn takes_gzip(request: &HttpRequest) -> bool {
    let accepted = request
        .headers()
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok());
    accepted.unwrap_or_default().split(',').any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let is_gzip = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
        let refused = parts.any(|parameter| matches!(parameter, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"));
        is_gzip && !refused
    })
}
