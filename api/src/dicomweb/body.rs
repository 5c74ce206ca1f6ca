//! Streaming answers.
//!
//! A stream that fails after the answer has begun breaks the connection off: the client sees fewer bytes than were
//! announced, never wrong ones.

use actix_web::{HttpResponse, HttpResponseBuilder, body::SizedStream, http::header};
use app::{AppError, ports::BlobStream};
use bytes::Bytes;
use dicom::{Accept, Offer, multipart::MultipartWriter};
use domain::ErrorCode;
use futures_util::{Stream, StreamExt, TryStreamExt, stream};

use super::address::Asker;
use crate::Problem;

/// How long a private cache may keep pixels. Longer than one reading, shorter than a shift at a shared workstation.
pub const PIXELS_CACHE: &str = "private, max-age=600";

/// The request's Accept header.
pub fn accept_of(request: &actix_web::HttpRequest) -> Accept {
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

/// A piece of an answer: text, or bytes that are opened when it is their turn.
pub fn text(piece: String) -> impl Stream<Item = Result<Bytes, AppError>> {
    stream::iter([Ok(Bytes::from(piece))])
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
    let body = body.map(|chunk| {
        chunk.map_err(|error| {
            tracing::error!(error = %error, "an answer breaks off");
            actix_web::Error::from(Problem::from(error))
        })
    });
    response.insert_header((header::VARY, "Accept, Authorization"));
    match length {
        Some(length) => response.body(SizedStream::new(length, body)),
        None => response.streaming(body),
    }
}
