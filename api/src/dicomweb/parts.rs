//! Answers of one representation or of many (PS3.18 §8.6.1).

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::header::{self, HeaderValue},
};
use app::{AppError, ports::BlobStream};
use bytes::Bytes;
use dicom::{Offer, multipart::MultipartWriter};
use futures_util::{Stream, StreamExt as _, TryStreamExt as _, future::ready, stream};

use super::{
    address::Asker,
    body::{answer, invalid_header},
};
use crate::{Problem, streams::text};

/// One representation on its way to a client.
pub struct Part {
    /// Its Content-Type.
    pub kind: String,
    /// Where it can be retrieved by itself.
    pub location: Option<String>,
    /// How many bytes it has, where that is known.
    pub length: Option<u64>,
    /// The bytes.
    pub bytes: BlobStream,
}

impl Part {
    /// A representation that is there already.
    pub fn held(kind: impl Into<String>, bytes: Bytes) -> Self {
        Self {
            kind: kind.into(),
            location: None,
            length: Some(bytes.len() as u64),
            bytes: stream::iter([Ok(bytes)]).boxed(),
        }
    }

    /// Says in the place of one among many why it is missing: the others are not held back by it, and nobody takes
    /// what came for all there is.
    pub fn problem(error: AppError, location: String) -> Self {
        let document = Problem::from(error).document().to_string();
        Self {
            location: Some(location),
            ..Self::held("application/problem+json", document.into())
        }
    }
}

/// Answers with one representation, by itself or as the only part, as the offer says.
pub fn send_one(
    asker: &Asker,
    mut response: HttpResponseBuilder,
    offer: &Offer,
    part: Part,
) -> Result<HttpResponse, Problem> {
    if offer.multipart {
        let writer = multipart(asker, offer.media_type);
        let length = part
            .length
            .map(|length| total(&writer, [(part.kind.as_str(), part.location.as_deref(), length)]));
        return send_parts(response, writer, length, stream::once(ready(Ok(part))));
    }
    let kind = HeaderValue::try_from(part.kind).map_err(invalid_header)?;
    response.insert_header((header::CONTENT_TYPE, kind));
    if let Some(location) = part.location {
        response.insert_header((header::CONTENT_LOCATION, location));
    }
    let bytes = part.bytes.map_err(AppError::from);
    Ok(answer(response, part.length, bytes))
}

/// Answers with many representations of `part_type`, each opened when it is its turn.
pub fn send_many(
    asker: &Asker,
    response: HttpResponseBuilder,
    part_type: &str,
    parts: impl Stream<Item = Result<Part, AppError>> + 'static,
) -> Result<HttpResponse, Problem> {
    send_parts(response, multipart(asker, part_type), None, parts)
}

/// The same where every part and so the length of the whole is known beforehand.
pub fn send_known<'a>(
    asker: &Asker,
    response: HttpResponseBuilder,
    part_type: &str,
    known: impl IntoIterator<Item = (&'a str, Option<&'a str>, u64)>,
    parts: impl Stream<Item = Result<Part, AppError>> + 'static,
) -> Result<HttpResponse, Problem> {
    let writer = multipart(asker, part_type);
    let length = total(&writer, known);
    send_parts(response, writer, Some(length), parts)
}

fn send_parts(
    mut response: HttpResponseBuilder,
    mut writer: MultipartWriter,
    length: Option<u64>,
    parts: impl Stream<Item = Result<Part, AppError>> + 'static,
) -> Result<HttpResponse, Problem> {
    response.insert_header((header::CONTENT_TYPE, writer.content_type()));
    let end = {
        let mut last = writer.clone();
        last.part_head(None, None, None);
        last.end()
    };
    let parts = parts
        .map_ok(move |part| {
            let head = writer.part_head_of(&part.kind, part.location.as_deref(), part.length);
            text(head).chain(part.bytes.map_err(AppError::from))
        })
        .try_flatten();
    Ok(answer(response, length, parts.chain(text(end))))
}

/// The frame of a multipart answer with a boundary nobody can foresee.
pub fn multipart(asker: &Asker, part_type: &str) -> MultipartWriter {
    let secret = asker.app.randomness.secret();
    let boundary: String = secret[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    MultipartWriter::new(&boundary, part_type)
}

/// The length of an answer of parts with these types, locations and lengths.
fn total<'a>(
    writer: &MultipartWriter,
    parts: impl IntoIterator<Item = (&'a str, Option<&'a str>, u64)>,
) -> u64 {
    let mut writer = writer.clone();
    let mut total = 0;
    for (kind, location, length) in parts {
        total += writer.part_head_of(kind, location, Some(length)).len() as u64 + length;
    }
    total + writer.end().len() as u64
}
