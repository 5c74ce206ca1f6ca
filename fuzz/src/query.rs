//! Query strings and the headers of negotiation.

use dicom::{
    Accept, MediaType,
    query::{Level, MAX_CONDITIONS, Query},
};

/// Promise: a query has no more conditions than it may.
pub fn query(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    for level in [Level::Study, Level::Series, Level::Instance] {
        if let Ok(query) = Query::parse(level, text) {
            assert!(query.conditions.len() <= MAX_CONDITIONS);
        }
    }
}

/// Promise: none but to come to an end.
pub fn negotiation(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let _ = Accept::parse(text);
    if let Some(media_type) = MediaType::parse(text) {
        let _ = media_type.parameter("transfer-syntax");
    }
}
