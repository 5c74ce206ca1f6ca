//! Retrieving frames (WADO-RS, PS3.18 §10.4.1.1.6).
//!
//! Offered, the best first: the lossless viewing rendition, the original's own codestreams or samples, decoded
//! samples. Who names no transfer syntax gets samples in Explicit VR Little Endian (PS3.18 §8.7.3.5.2). Every part
//! names its own: a viewer takes one without it for Implicit VR Little Endian.

use actix_web::{HttpRequest, HttpResponse, http::header};
use app::{
    AppError,
    archive::{FrameForm, FrameSource, OpenFrame, is_impossible},
};
use dicom::{Accept, Offer};
use domain::ErrorCode;
use futures_util::{StreamExt, TryStreamExt as _, stream};

use super::{
    address::{Address, Asker, frame_list},
    body::{PIXELS_CACHE, accept_of, choose, describe, fingerprint},
    conditional::unchanged,
    parts::{Part, send_many, send_one},
};
use crate::Problem;

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
    let (form, chosen) = choose_form(&accept, &source, one)?;
    if let Some(answer) = unchanged(request, &etag_of(&source, form, &chosen, &numbers)) {
        return Ok(answer);
    }
    let (form, chosen, frame) = open_first(&asker, &accept, &mut source, one, first).await?;
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CACHE_CONTROL, PIXELS_CACHE));
    response.insert_header((header::ETAG, etag_of(&source, form, &chosen, &numbers)));
    let kind = part_type(&chosen, frame.photometric_interpretation.as_deref());
    let part_of = move |frame: OpenFrame| Part {
        kind: kind.clone(),
        location: None,
        length: Some(frame.length),
        bytes: frame.bytes,
    };
    if one {
        return send_one(&asker, response, &chosen, part_of(frame));
    }
    let (app, actor) = (asker.app.clone(), asker.actor.clone());
    let source = std::rc::Rc::new(source);
    let rest = stream::iter(numbers.into_iter().skip(1)).then(move |number| {
        let (app, actor, source) = (app.clone(), actor.clone(), source.clone());
        async move { app.stream_frame(&actor, &source, form, number).await }
    });
    let parts = stream::iter([Ok(frame)]).chain(rest).map_ok(part_of);
    send_many(&asker, response, chosen.media_type, parts)
}

/// Opens the first frame in the most welcome form in which it is to be had, before the answer begins: what cannot be
/// read or decoded is an answer, not a broken connection. A damaged rendition is made anew, and meanwhile the
/// original serves; so it does where samples are not asked for by name and cannot be decoded.
async fn open_first(
    asker: &Asker,
    accept: &Accept,
    source: &mut FrameSource,
    one: bool,
    number: u32,
) -> Result<(FrameForm, Offer, OpenFrame), Problem> {
    let mut failed: Option<AppError> = None;
    loop {
        let (form, chosen) = match choose_form(accept, source, one) {
            Ok(chosen) => chosen,
            // Nothing else is welcome: why the other failed says more than that.
            Err(problem) => return Err(failed.map_or(problem, Problem::from)),
        };
        match asker.app.stream_frame(&asker.actor, source, form, number).await {
            Err(error) if may_serve_otherwise(form, &error) => {
                source.forget(form);
                failed = Some(error);
            }
            opened => return Ok((form, chosen, opened?)),
        }
    }
}

fn may_serve_otherwise(form: FrameForm, error: &AppError) -> bool {
    match form {
        FrameForm::Rendition => error.is_damage(),
        FrameForm::Samples => is_impossible(error),
        FrameForm::Original => false,
    }
}

fn etag_of(source: &FrameSource, form: FrameForm, offer: &Offer, numbers: &[u32]) -> String {
    let mut said = vec![source.version(form), describe(offer)];
    said.extend(numbers.iter().map(u32::to_string));
    format!("\"f-{}\"", fingerprint(said))
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
