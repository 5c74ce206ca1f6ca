//! What is asked for, and streaming it.

use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, body::SizedStream, http::header};
use app::{AppError, ports::BlobStream};
use bytes::Bytes;
use dicom::{Accept, Offer, multipart::MultipartWriter};
use domain::ErrorCode;
use futures_util::{Stream, TryStreamExt, stream};

use super::address::Asker;
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

fn describe(offer: &Offer) -> String {
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

/// The frame of a multipart answer with a boundary nobody can foresee.
pub fn multipart(asker: &Asker, part_type: &str) -> MultipartWriter {
    let secret = asker.app.randomness.secret();
    let boundary: String = secret[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    MultipartWriter::new(&boundary, part_type)
}

/// The bytes of an object, opened when it is their turn.
pub fn opened(
    opening: impl Future<Output = Result<BlobStream, AppError>> + 'static,
) -> impl Stream<Item = Result<Bytes, AppError>> {
    stream::once(opening)
        .map_ok(|chunks| chunks.map_err(AppError::from))
        .try_flatten()
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
