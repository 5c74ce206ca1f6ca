//! Asking for what one has not, or for a part of it: If-None-Match (RFC 9110 §13.1.2) and Range (§14).

use std::ops::Range;

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::{StatusCode, header},
};
use domain::ErrorCode;
use serde_json::json;

use super::body::PIXELS_CACHE;
use crate::Problem;

/// The answer to who has this already.
pub fn unchanged(request: &HttpRequest, etag: &str) -> Option<HttpResponse> {
    is_known(request, etag).then(|| {
        HttpResponse::NotModified()
            .insert_header((header::ETAG, etag))
            .insert_header((header::CACHE_CONTROL, PIXELS_CACHE))
            .insert_header((header::VARY, "Accept, Authorization"))
            .finish()
    })
}

/// Whether If-None-Match names `etag`.
pub fn is_known(request: &HttpRequest, etag: &str) -> bool {
    let known = request
        .headers()
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok());
    known.is_some_and(|known| {
        known
            .split(',')
            .map(|tag| tag.trim().trim_start_matches("W/"))
            .any(|tag| tag == "*" || tag == etag)
    })
}

/// What of a representation of `length` bytes the request asks for; all of it where it names no range, one we need
/// not heed (several ranges, another unit), or one of another version.
///
/// Errors: `RANGE_NOT_SATISFIABLE`.
pub fn wanted_range(request: &HttpRequest, etag: &str, length: u64) -> Result<Option<Range<u64>>, Problem> {
    let text = |name| {
        request
            .headers()
            .get(name)
            .and_then(|value: &header::HeaderValue| value.to_str().ok())
    };
    // A weak tag or a date proves nothing about bytes (RFC 9110 §13.1.5).
    if text(header::IF_RANGE).is_some_and(|version| version.trim() != etag) {
        return Ok(None);
    }
    match text(header::RANGE).map(|range| parse(range, length)) {
        None | Some(Parsed::Ignored) => Ok(None),
        Some(Parsed::Bytes(range)) => Ok(Some(range)),
        Some(Parsed::Beyond) => Err(Problem::new(
            ErrorCode::RangeNotSatisfiable,
            format!("this has {length} bytes"),
        )
        .with("length", json!(length))),
    }
}

/// The beginning of an answer with `range` of `length` bytes, or with all of them.
pub fn partial(range: Option<&Range<u64>>, length: u64) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(match range {
        Some(_) => StatusCode::PARTIAL_CONTENT,
        None => StatusCode::OK,
    });
    response.insert_header((header::ACCEPT_RANGES, "bytes"));
    if let Some(range) = range {
        let content_range = format!("bytes {}-{}/{length}", range.start, range.end - 1);
        response.insert_header((header::CONTENT_RANGE, content_range));
    }
    response
}

#[derive(Debug, PartialEq, Eq)]
enum Parsed {
    Bytes(Range<u64>),
    Beyond,
    Ignored,
}

fn parse(range: &str, length: u64) -> Parsed {
    let spec = match range.split_once('=') {
        Some((unit, spec)) if unit.trim().eq_ignore_ascii_case("bytes") => spec.trim(),
        _ => return Parsed::Ignored,
    };
    let Some((first, last)) = spec.split_once('-').filter(|_| !spec.contains(',')) else {
        return Parsed::Ignored;
    };
    let number = |text: &str| match text.trim() {
        "" => Some(None),
        text if text.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some(Some(text.parse::<u64>().unwrap_or(u64::MAX)))
        }
        _ => None,
    };
    match (number(first), number(last)) {
        (Some(Some(first)), Some(Some(last))) if first > last => Parsed::Ignored,
        (Some(Some(first)), Some(last)) if first < length => {
            Parsed::Bytes(first..last.map_or(length, |last| last.saturating_add(1).min(length)))
        }
        (Some(Some(_)), Some(_)) => Parsed::Beyond,
        (Some(None), Some(Some(0))) => Parsed::Beyond,
        (Some(None), Some(Some(_))) if length == 0 => Parsed::Beyond,
        (Some(None), Some(Some(suffix))) => Parsed::Bytes(length.saturating_sub(suffix)..length),
        _ => Parsed::Ignored,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_cut_to_what_there_is() {
        assert_eq!(parse("bytes=0-9", 100), Parsed::Bytes(0..10));
        assert_eq!(parse("bytes=90-", 100), Parsed::Bytes(90..100));
        assert_eq!(parse("Bytes = 90-1000", 100), Parsed::Bytes(90..100));
        assert_eq!(parse("bytes=-10", 100), Parsed::Bytes(90..100));
        assert_eq!(parse("bytes=-1000", 100), Parsed::Bytes(0..100));
        assert_eq!(parse("bytes=0-99999999999999999999", 100), Parsed::Bytes(0..100));
    }

    #[test]
    fn what_lies_beyond_the_end_is_not_to_be_had() {
        for range in ["bytes=100-", "bytes=100-200", "bytes=-0"] {
            assert_eq!(parse(range, 100), Parsed::Beyond, "{range}");
        }
        assert_eq!(parse("bytes=0-0", 0), Parsed::Beyond);
    }

    #[test]
    fn what_is_no_single_range_is_answered_whole() {
        for range in [
            "bytes=0-1,5-6",
            "items=0-1",
            "bytes=9-1",
            "bytes=-",
            "bytes=a-b",
            "bytes",
            "bytes=+1-2",
        ] {
            assert_eq!(parse(range, 100), Parsed::Ignored, "{range}");
        }
    }
}
