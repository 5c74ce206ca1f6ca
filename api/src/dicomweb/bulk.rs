//! Retrieving a bulk value (WADO-RS, PS3.18 §10.4.1.1.5), or a range of it.

use actix_web::{HttpRequest, HttpResponse, http::header};
use app::archive::{FoundBulk, FoundValue};
use dicom::Offer;

use super::{
    address::{Address, Asker},
    body::{PIXELS_CACHE, accept_of, choose, fingerprint},
    conditional::{partial, unchanged, wanted_range},
    frames,
    parts::{Part, send_one},
};
use crate::Problem;

const OCTETS: &str = "application/octet-stream";

/// One bulk value.
pub async fn bulk(request: HttpRequest, asker: Asker, address: Address) -> Result<HttpResponse, Problem> {
    let address = address.required()?;
    let path = request.match_info().query("path");
    let value = match asker.app.find_bulk(&asker.actor, &address, path).await? {
        FoundBulk::Value(value) => value,
        FoundBulk::Frames(source) => {
            let all = (1..=source.count()).collect();
            return frames::answer_frames(&request, asker, *source, all).await;
        }
    };
    let mut offers = vec![Offer::multipart(OCTETS, None), Offer::single(OCTETS)];
    offers.extend(value.media_type().map(Offer::single));
    let offer = choose(&accept_of(&request), &offers)?;
    send_value(&request, &asker, offer, value, path).await
}

/// A value as the offer says, or a range of it.
pub(super) async fn send_value(
    request: &HttpRequest,
    asker: &Asker,
    offer: &Offer,
    value: Box<FoundValue>,
    path: &str,
) -> Result<HttpResponse, Problem> {
    let etag = format!(
        "\"b-{}\"",
        fingerprint([value.instance().to_string(), path.to_owned()])
    );
    if let Some(answer) = unchanged(request, &etag) {
        return Ok(answer);
    }
    let range = if offer.multipart {
        None
    } else {
        wanted_range(request, &etag, value.length())?
    };
    let mut response = partial(range.as_ref(), value.length());
    response.insert_header((header::CACHE_CONTROL, PIXELS_CACHE));
    response.insert_header((header::ETAG, etag));
    let range = range.unwrap_or(0..value.length());
    let part = Part {
        kind: offer.media_type.to_owned(),
        location: None,
        length: Some(range.end - range.start),
        bytes: asker.app.stream_bulk(&asker.actor, value, range).await?,
    };
    send_one(asker, response, offer, part)
}
