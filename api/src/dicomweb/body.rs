//! What is asked for, and streaming it.

use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, body::SizedStream, http::header};
use app::AppError;
use bytes::Bytes;
use dicom::{Accept, Offer};
use domain::ErrorCode;
use futures_util::Stream;
use sha2::{Digest as _, Sha256};

use crate::{Problem, streams};

/// How long a private cache may keep pixels. Longer than one reading, shorter than a shift at a shared workstation.
pub const PIXELS_CACHE: &str = "private, max-age=600";

/// A parameter of the query, in the Standard's small letters or any others (PS3.18 §8.3.1).
pub fn parameter(request: &HttpRequest, name: &str) -> Option<String> {
    // A media type has a plus in its name, which in a form would be a space.
    let query = request.query_string().replace('+', "%2B");
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.into_owned())
}

/// What the request accepts: its `accept` parameter, for clients that cannot set headers (PS3.18 §8.3.3.1),
/// else its Accept header.
pub fn accept_of(request: &HttpRequest) -> Accept {
    if let Some(accept) = parameter(request, "accept").filter(|accept| !accept.trim().is_empty()) {
        return Accept::parse(&accept);
    }
    let values = request
        .headers()
        .get_all(header::ACCEPT)
        .filter_map(|value| value.to_str().ok());
    Accept::parse(&values.collect::<Vec<_>>().join(", "))
}

/// The most welcome of the offers.
///
/// Errors: `NOT_ACCEPTABLE`.
pub fn choose<'a>(accept: &Accept, offers: &'a [Offer]) -> Result<&'a Offer, Problem> {
    accept.choose(offers).ok_or_else(|| {
        let kinds: Vec<String> = offers.iter().map(describe).collect();
        Problem::new(
            ErrorCode::NotAcceptable,
            format!("this is available as {}", kinds.join(", ")),
        )
    })
}

/// An offer in words of the Accept header.
pub fn describe(offer: &Offer) -> String {
    let syntax = offer
        .transfer_syntax
        .as_ref()
        .map(|uid| format!("; transfer-syntax={uid}"))
        .unwrap_or_default();
    if offer.multipart {
        format!("multipart/related; type=\"{}\"{syntax}", offer.media_type)
    } else {
        format!("{}{syntax}", offer.media_type)
    }
}

/// Short, and different for different texts: for ETags of what never changes.
pub fn fingerprint(texts: impl IntoIterator<Item = String>) -> String {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    }
    hex::encode(&hash.finalize()[..12])
}

/// A header that cannot be written, which would be a fault of ours.
pub fn invalid_header(error: impl std::fmt::Display) -> Problem {
    tracing::error!(error = %error, "a header cannot be written");
    Problem::new(ErrorCode::Internal, ErrorCode::Internal.title())
}

/// Answers with a stream, of a known length where it is known.
pub fn answer(
    mut response: HttpResponseBuilder,
    length: Option<u64>,
    body: impl Stream<Item = Result<Bytes, AppError>> + 'static,
) -> HttpResponse {
    let body = streams::breaking_off(body);
    response.insert_header((header::VARY, "Accept, Authorization"));
    match length {
        Some(length) => response.body(SizedStream::new(length, body)),
        None => response.streaming(body),
    }
}
