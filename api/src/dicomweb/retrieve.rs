//! Retrieving originals and bulk values (WADO-RS, PS3.18 §10.4).

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderValue},
};
use app::archive::OpenBulk;
use dicom::{Offer, Uid};
use futures_util::{StreamExt, stream};

use super::{
    address::{Address, Asker},
    body::{PIXELS_CACHE, accept_of, answer, choose, multipart, opened},
    frames,
};
use crate::{Problem, streams::text};

const DICOM: &str = "application/dicom";
const OCTETS: &str = "application/octet-stream";

/// The instances of a study, series, or just one, bit for bit as they came.
pub async fn instances(
    request: HttpRequest,
    asker: Asker,
    address: Address,
) -> Result<HttpResponse, Problem> {
    let address = address.required()?;
    let instances = asker.app.retrieve(&asker.actor, &address).await?;
    let accept = accept_of(&request);
    let mut single = false;
    for instance in &instances {
        let syntax = Uid::parse(&instance.transfer_syntax_uid).ok();
        let mut offers = vec![Offer::multipart(DICOM, syntax.clone())];
        if address.instance.is_some() {
            offers.push(Offer {
                media_type: DICOM,
                multipart: false,
                transfer_syntax: syntax,
            });
        }
        // Nothing is transcoded: what was stored in another syntax than the accepted ones is not acceptable.
        single = !choose(&accept, &offers)?.multipart;
    }
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CACHE_CONTROL, PIXELS_CACHE));
    if let ([instance], true) = (instances.as_slice(), single) {
        let kind = format!("{DICOM}; transfer-syntax={}", instance.transfer_syntax_uid);
        response.insert_header((header::CONTENT_TYPE, kind));
        let original = asker.app.stream_original(&asker.actor, instance).await?;
        let body = opened(std::future::ready(Ok(original)));
        return Ok(answer(response, Some(instance.length), Box::pin(body)));
    }
    let mut writer = multipart(&asker, DICOM);
    response.insert_header((header::CONTENT_TYPE, writer.content_type()));
    // Before the headers: what is missing or damaged at once is an answer, not a broken connection.
    let mut first = match instances.first() {
        Some(instance) => Some(asker.app.stream_original(&asker.actor, instance).await?),
        None => None,
    };
    let mut length = 0;
    let mut parts = Vec::with_capacity(instances.len());
    for instance in instances {
        let syntax = Uid::parse(&instance.transfer_syntax_uid).ok();
        let head = writer.part_head(syntax.as_ref(), None, Some(instance.length));
        length += head.len() as u64 + instance.length;
        parts.push((head, instance));
    }
    let end = writer.end();
    length += end.len() as u64;
    let parts = stream::iter(parts).flat_map(move |(head, instance)| {
        let (app, actor, first) = (asker.app.clone(), asker.actor.clone(), first.take());
        let original = async move {
            match first {
                Some(original) => Ok(original),
                None => app.stream_original(&actor, &instance).await,
            }
        };
        text(head).chain(opened(original)).boxed_local()
    });
    Ok(answer(response, Some(length), parts.chain(text(end))))
}

/// One bulk value.
pub async fn bulk(request: HttpRequest, asker: Asker, address: Address) -> Result<HttpResponse, Problem> {
    let address = address.required()?;
    let path = request.match_info().query("path");
    let (value, length) = match asker.app.retrieve_bulk(&asker.actor, &address, path).await? {
        OpenBulk::Value(value, length) => (value, length),
        OpenBulk::Frames(source) => {
            let all = (1..=source.count()).collect();
            return frames::answer_frames(&request, asker, *source, all).await;
        }
    };
    let offers = [Offer::multipart(OCTETS, None), Offer::single(OCTETS)];
    let offer = choose(&accept_of(&request), &offers)?;
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CACHE_CONTROL, PIXELS_CACHE));
    let value = opened(std::future::ready(Ok(value)));
    if !offer.multipart {
        response.insert_header((header::CONTENT_TYPE, HeaderValue::from_static(OCTETS)));
        return Ok(answer(response, Some(length), Box::pin(value)));
    }
    let mut writer = multipart(&asker, OCTETS);
    response.insert_header((header::CONTENT_TYPE, writer.content_type()));
    let head = writer.part_head(None, None, Some(length));
    let end = writer.end();
    let total = head.len() as u64 + length + end.len() as u64;
    Ok(answer(
        response,
        Some(total),
        Box::pin(text(head).chain(value).chain(text(end))),
    ))
}
