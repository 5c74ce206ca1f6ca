//! Retrieving frames (WADO-RS, PS3.18 §10.4.1.1.6).
//!
//! Offered, the best first: the lossless viewing rendition, the original's own codestreams or samples, decoded
//! samples. Who names no transfer syntax gets samples in Explicit VR Little Endian (PS3.18 §8.7.3.5.2). Every part
//! names its own: a viewer takes one without it for Implicit VR Little Endian.

use actix_web::{HttpRequest, HttpResponse, http::header};
use app::archive::{FrameForm, FrameSource};
use dicom::{Accept, Offer};
use domain::ErrorCode;
use futures_util::{StreamExt, stream};

use super::{
    address::{Address, Asker, frame_list},
    body::{PIXELS_CACHE, accept_of, answer, choose, multipart, opened},
};
use crate::{Problem, streams::text};

const OCTETS: &str = "application/octet-stream";

pub async fn frames(request: HttpRequest, asker: Asker, address: Address) -> Result<HttpResponse, Problem> {
    let address = address.required()?;
    let numbers = frame_list(request.match_info().query("frames"))?;
    let source = asker.app.frame_source(&asker.actor, &address).await?;
    if let Some(beyond) = numbers.iter().find(|number| **number > source.count()) {
        return Err(Problem::new(
            ErrorCode::FrameOutOfRange,
            format!("there is no frame {beyond}"),
        ));
    }
    answer_frames(&request, asker, source, numbers).await
}

/// Frames of `source`, each of which it has.
pub(super) async fn answer_frames(
    request: &HttpRequest,
    asker: Asker,
    mut source: FrameSource,
    numbers: Vec<u32>,
) -> Result<HttpResponse, Problem> {
    let accept = accept_of(request);
    let (Some(&first), one) = (numbers.first(), numbers.len() == 1) else {
        return Err(Problem::new(ErrorCode::FrameOutOfRange, "there are no frames"));
    };
    // The first frame is opened before the headers: what cannot be read or decoded is an answer, not a broken
    // connection. A damaged rendition is made anew, and meanwhile the original serves.
    let (form, chosen, opened_first) = loop {
        let (form, chosen) = choose_form(&accept, &source, one)?;
        match asker.app.stream_frame(&asker.actor, &source, form, first).await {
            Err(error) if form == FrameForm::Rendition && error.is_damage() => source.forget_rendition(),
            opened => break (form, chosen, opened?),
        }
    };
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CACHE_CONTROL, PIXELS_CACHE));
    let (frame, length) = (opened_first.bytes, opened_first.length);
    let kind = part_type(&chosen, opened_first.photometric_interpretation.as_deref());
    if one {
        let frame = opened(std::future::ready(Ok(frame)));
        if !chosen.multipart {
            response.insert_header((header::CONTENT_TYPE, kind));
            return Ok(answer(response, Some(length), Box::pin(frame)));
        }
        let mut writer = multipart(&asker, chosen.media_type);
        response.insert_header((header::CONTENT_TYPE, writer.content_type()));
        let head = writer.part_head_of(&kind, None, Some(length));
        let end = writer.end();
        let total = head.len() as u64 + length + end.len() as u64;
        return Ok(answer(
            response,
            Some(total),
            Box::pin(text(head).chain(frame).chain(text(end))),
        ));
    }
    let mut writer = multipart(&asker, chosen.media_type);
    response.insert_header((header::CONTENT_TYPE, writer.content_type()));
    let heads: Vec<(String, u32)> = numbers
        .into_iter()
        .map(|number| (writer.part_head_of(&kind, None, None), number))
        .collect();
    let end = writer.end();
    let source = std::rc::Rc::new(source);
    let mut first = Some(frame);
    let parts = stream::iter(heads).flat_map(move |(head, number)| {
        let (app, actor, source) = (asker.app.clone(), asker.actor.clone(), source.clone());
        let first = first.take();
        let frame = async move {
            match first {
                Some(frame) => Ok(frame),
                None => Ok(app.stream_frame(&actor, &source, form, number).await?.bytes),
            }
        };
        text(head).chain(opened(frame)).boxed_local()
    });
    Ok(answer(response, None, parts.chain(text(end))))
}

/// The Content-Type of each part. Decoded samples also say what their colours are: the metadata describes the
/// original's codestreams, which may hold luminance and chrominance where the samples are RGB.
fn part_type(offer: &Offer, photometric_interpretation: Option<&str>) -> String {
    let mut kind = offer.media_type.to_owned();
    if let Some(uid) = &offer.transfer_syntax {
        kind.push_str(&format!("; transfer-syntax={uid}"));
    }
    if let Some(photometric) = photometric_interpretation {
        kind.push_str(&format!("; photometric-interpretation=\"{photometric}\""));
    }
    kind
}

/// The most welcome form of the frames.
fn choose_form(accept: &Accept, source: &FrameSource, one: bool) -> Result<(FrameForm, Offer), Problem> {
    let (forms, offers): (Vec<FrameForm>, Vec<Offer>) = offers(source, one).into_iter().unzip();
    let chosen = choose(accept, &offers)?;
    let form = offers
        .iter()
        .position(|offer| offer == chosen)
        .map_or(FrameForm::Original, |at| forms[at]);
    Ok((form, chosen.clone()))
}

/// How the frames can be had, the best first.
fn offers(source: &FrameSource, one_frame: bool) -> Vec<(FrameForm, Offer)> {
    let mut offers = Vec::new();
    for form in FrameForm::ALL {
        let Some(syntax) = source.transfer_syntax(form) else {
            continue;
        };
        let kinds = match media_type(syntax.as_str()) {
            Some(kind) => vec![OCTETS, kind],
            None => vec![OCTETS],
        };
        for kind in kinds {
            offers.push((form, Offer::multipart(kind, Some(syntax.clone()))));
            if one_frame {
                let single = Offer {
                    media_type: kind,
                    multipart: false,
                    transfer_syntax: Some(syntax.clone()),
                };
                offers.push((form, single));
            }
        }
    }
    offers
}

/// The media type of a frame's codestream (PS3.18 table 8.7.3-5).
fn media_type(transfer_syntax: &str) -> Option<&'static str> {
    Some(match transfer_syntax.strip_prefix("1.2.840.10008.1.2.")? {
        "4.50" | "4.51" | "4.57" | "4.70" => "image/jpeg",
        "4.80" | "4.81" => "image/jls",
        "4.90" | "4.91" => "image/jp2",
        "4.92" | "4.93" => "image/jpx",
        "4.201" | "4.202" | "4.203" => "image/jphc",
        "4.110" | "4.111" | "4.112" => "image/jxl",
        "5" => "image/dicom-rle",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoded_samples_say_what_their_colours_are() {
        let syntax = dicom::Uid::parse(dicom::EXPLICIT_VR_LITTLE_ENDIAN).ok();
        let offer = Offer::multipart(OCTETS, syntax);
        assert_eq!(
            part_type(&offer, Some("RGB")),
            "application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1; photometric-interpretation=\"RGB\""
        );
        assert_eq!(
            part_type(&offer, None),
            "application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1"
        );
    }
}
