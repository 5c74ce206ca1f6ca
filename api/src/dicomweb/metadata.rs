//! Retrieving metadata (WADO-RS, PS3.18 §10.4.1.1.2), compressed as it is kept.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderValue},
};
use dicom::Offer;

use super::{
    address::{Address, Asker},
    body::{accept_of, choose},
    conditional::is_known,
};
use crate::{Problem, streams::breaking_off};

/// DICOM JSON under both its names.
pub const JSON_OFFERS: [Offer; 2] = [json("application/dicom+json"), json("application/json")];

const fn json(media_type: &'static str) -> Offer {
    Offer {
        media_type,
        multipart: false,
        transfer_syntax: None,
    }
}

pub async fn metadata(request: HttpRequest, asker: Asker, address: Address) -> Result<HttpResponse, Problem> {
    let address = address.required()?;
    let kind = choose(&accept_of(&request), &JSON_OFFERS)?.media_type;
    let document = asker.app.retrieve_metadata(&asker.actor, &address).await?;
    let mut response = if is_known(&request, &document.etag) {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    response
        .insert_header((header::ETAG, document.etag.clone()))
        // A private cache may keep it and has to ask whether it is still right.
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .insert_header((header::VARY, "Accept, Accept-Encoding, Authorization"));
    if is_known(&request, &document.etag) {
        return Ok(response.finish());
    }
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
