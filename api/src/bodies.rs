//! Reading request bodies: in bounded memory, and from senders that go on sending.
//!
//! **Invariant:** nothing is read before the caller may send it, but where everybody may; and nobody who stops
//! in the middle holds a place for longer than the configured time.

use std::{
    future::Future,
    pin::Pin,
    time::{Duration, Instant},
};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header,
    mime,
    web::{self, Bytes, BytesMut},
};
use domain::ErrorCode;
use futures_util::StreamExt as _;
use serde::de::DeserializeOwned;

use crate::{Problem, extract::state_of};

/// The largest JSON body that somebody sends who has not signed in.
const MAX_OPEN_JSON_BYTES: usize = 64 << 10;
/// A body that is read whole has so many idle times to come: a byte now and then is no progress.
const IDLE_TIMES: u32 = 3;

/// The next piece of a body that is streamed.
///
/// Errors: `REQUEST_TIMEOUT` when none comes for as long as `idle`; `BAD_REQUEST` when the body breaks off.
pub async fn next_chunk(body: &mut web::Payload, idle: Duration) -> Result<Option<Bytes>, Problem> {
    match tokio::time::timeout(idle, body.next()).await {
        Ok(None) => Ok(None),
        Ok(Some(Ok(chunk))) => Ok(Some(chunk)),
        Ok(Some(Err(_))) => Err(Problem::new(ErrorCode::BadRequest, "the body broke off")),
        Err(_) => Err(stalled(idle)),
    }
}

/// A whole body of at most `limit` bytes.
///
/// Errors: as [`next_chunk`]; `PAYLOAD_TOO_LARGE`, before anything is read when the sender says how much it is.
pub async fn whole(
    request: &HttpRequest,
    body: &mut web::Payload,
    limit: usize,
    idle: Duration,
) -> Result<Bytes, Problem> {
    if announced_bytes(request).is_some_and(|bytes| bytes > limit as u64) {
        return Err(too_large(limit));
    }
    let began = Instant::now();
    let mut read = BytesMut::new();
    while let Some(chunk) = next_chunk(body, idle).await? {
        if read.len() + chunk.len() > limit {
            return Err(too_large(limit));
        }
        read.extend_from_slice(&chunk);
        if began.elapsed() > idle * IDLE_TIMES {
            return Err(stalled(idle * IDLE_TIMES));
        }
    }
    Ok(read.freeze())
}

/// How long the body is, where the sender says so.
pub fn announced_bytes(request: &HttpRequest) -> Option<u64> {
    let value = request.headers().get(header::CONTENT_LENGTH)?;
    value.to_str().ok()?.parse().ok()
}

/// Errors: `UNSUPPORTED_MEDIA_TYPE` for anything but JSON.
pub fn require_json(request: &HttpRequest) -> Result<(), Problem> {
    let value = request.headers().get(header::CONTENT_TYPE);
    let kind = value.and_then(|value| value.to_str().ok()?.parse::<mime::Mime>().ok());
    if kind.is_some_and(|kind| kind.essence_str() == mime::APPLICATION_JSON.essence_str()) {
        Ok(())
    } else {
        Err(Problem::new(
            ErrorCode::UnsupportedMediaType,
            "send application/json",
        ))
    }
}

/// What a JSON body holds.
///
/// Errors: `BAD_REQUEST`, never with the parser's own words: they quote the body, and bodies hold passwords.
pub fn parse<T: DeserializeOwned>(body: &[u8], expected: &str) -> Result<T, Problem> {
    serde_json::from_slice(body).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let text = format!("the body is not {expected} (line {line}, column {column})");
        Problem::new(ErrorCode::BadRequest, text)
    })
}

/// The small JSON body of a route that is open to everybody.
pub struct OpenJson<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for OpenJson<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            require_json(&request)?;
            let idle = state_of(&request).options.body_idle;
            let mut body = web::Payload::from_request(&request, &mut { payload })
                .await
                .map_err(|_| Problem::new(ErrorCode::BadRequest, "the body could not be read"))?;
            let body = whole(&request, &mut body, MAX_OPEN_JSON_BYTES, idle).await?;
            Ok(Self(parse(&body, "the JSON expected here")?))
        })
    }
}

fn too_large(limit: usize) -> Problem {
    let text = match limit >> 20 {
        0 => format!("the body is larger than {} kB", limit >> 10),
        megabytes => format!("the body is larger than {megabytes} MB"),
    };
    Problem::new(ErrorCode::PayloadTooLarge, text)
}

fn stalled(time: Duration) -> Problem {
    let text = format!(
        "the body did not come to its end within {} seconds",
        time.as_secs()
    );
    Problem::new(ErrorCode::RequestTimeout, text)
}
