//! Pictures for people: thumbnails and rendered images (PS3.18 §10.4.1.1.3, §10.4.1.1.4).
//!
//! One image is a picture by itself. A series, a study or a list of frames is one part for each; frames are also to
//! be had as an animation. An image without readable pixels is a part that says why.

use actix_web::{HttpRequest, HttpResponse, http::header, web};
use app::{
    AppError,
    archive::{FoundInstances, PICTURE_VERSION, RenderRequest, is_impossible, rows::InstanceRow},
};
use dicom::{Accept, Offer, codec::PictureFormat};
use domain::ErrorCode;
use futures_util::{StreamExt as _, stream};
use sha2::{Digest as _, Sha256};

use super::{
    address::{Address, Asker, frame_list},
    body::{PIXELS_CACHE, accept_of, choose, describe, fingerprint},
    bulk::send_value,
    conditional::unchanged,
    parts::{Part, send_many, send_one},
    render_query::RenderQuery,
};
use crate::Problem;

const JPEG: &str = "image/jpeg";
const PNG: &str = "image/png";
const GIF: &str = "image/gif";
const PDF: &str = "application/pdf";

/// Most frames of one request that are rendered into parts.
const MOST_FRAMES: usize = 1_000;

pub async fn thumbnail(
    request: HttpRequest,
    asker: Asker,
    address: Address,
) -> Result<HttpResponse, Problem> {
    let address = address.required()?;
    let frame = match frames_of(&request)?.as_deref() {
        None => None,
        Some([one]) => Some(one - 1),
        Some(_) => return Err(wrong("one frame has a thumbnail at a time")),
    };
    choose(&accept_of(&request), &[Offer::single(JPEG)])?;
    let picture = asker.app.thumbnail(&asker.actor, &address, frame).await?;
    let etag = format!("\"t-{}\"", fingerprint([hex::encode(Sha256::digest(&picture))]));
    if let Some(answer) = unchanged(&request, &etag) {
        return Ok(answer);
    }
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, PIXELS_CACHE))
        .insert_header((header::VARY, "Accept, Authorization"))
        .insert_header((header::ETAG, etag))
        .content_type(JPEG)
        .body(picture))
}

pub async fn rendered(
    request: HttpRequest,
    asker: Asker,
    address: Address,
    query: web::Query<RenderQuery>,
) -> Result<HttpResponse, Problem> {
    let address = address.required()?;
    let numbers = frames_of(&request)?;
    let options = query.options()?;
    if let (Some(_), Some(offer)) = (&address.instance, only_document(&request)) {
        let document = asker.app.find_document(&asker.actor, &address).await?;
        return send_value(&request, &asker, &offer, document, "rendered").await;
    }
    let found = asker.app.images_to_render(&asker.actor, &address).await?;
    match (address.instance.is_some(), found.instances.as_slice()) {
        (true, [image]) => {
            one(
                &request,
                asker,
                &accept_of(&request),
                &found,
                image,
                numbers,
                options,
            )
            .await
        }
        _ => many(&request, &asker, &found, options).await,
    }
}

/// A document is its own rendition (PS3.18 §8.7.4): for who accepts that and no picture.
fn only_document(request: &HttpRequest) -> Option<Offer> {
    let offers = [JPEG, PNG, GIF, PDF].map(Offer::single);
    let chosen = accept_of(request).choose(&offers)?;
    (chosen.media_type == PDF).then(|| chosen.clone())
}

/// One image: its first frame or all of them, or those that are named.
pub(super) async fn one(
    request: &HttpRequest,
    asker: Asker,
    accept: &Accept,
    found: &FoundInstances,
    image: &InstanceRow,
    named: Option<Vec<u32>>,
    options: RenderRequest,
) -> Result<HttpResponse, Problem> {
    let is_named = named.is_some();
    let numbers = named.unwrap_or_else(|| (1..=image.frames.unwrap_or(1).max(1)).collect());
    let offer = choose(accept, &offers(&numbers, is_named))?.clone();
    let etag = etag_of(request, &[image], &numbers, &offer);
    if let Some(answer) = unchanged(request, &etag) {
        return Ok(answer);
    }
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CACHE_CONTROL, PIXELS_CACHE));
    response.insert_header((header::ETAG, etag));
    let first = numbers.first().copied().unwrap_or(1);
    let options = RenderRequest {
        frame: first - 1,
        format: format_of(&offer),
        ..options
    };
    if offer.media_type == GIF {
        let count = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
        let (bytes, length) = asker.app.animate(&asker.actor, image, options, count).await?;
        let part = Part {
            kind: GIF.to_owned(),
            location: None,
            length: Some(length),
            bytes,
        };
        return send_one(&asker, response, &offer, part);
    }
    // Before the answer begins: a frame that is not there is an answer, not a gap.
    let picture = asker.app.render(&asker.actor, image, options).await?;
    let picture = Part::held(offer.media_type, picture);
    if !is_named || numbers.len() == 1 {
        return send_one(&asker, response, &offer, picture);
    }
    let location_of = |number: u32| {
        let path = found.path_of(image);
        Some(format!("{}/{path}/frames/{number}/rendered", asker.root()))
    };
    let first = Part {
        location: location_of(first),
        ..picture
    };
    let pieces = numbers.into_iter().skip(1).map(|number| {
        let options = RenderRequest {
            frame: number - 1,
            ..options
        };
        (image.clone(), options, location_of(number).unwrap_or_default())
    });
    let pieces: Vec<_> = pieces.collect();
    let parts = stream::iter([Ok(first)]).chain(drawn(&asker, &offer, pieces));
    send_many(&asker, response, offer.media_type, parts)
}

/// Every image of a series or study, each by its first frame; the middle one for who takes only one picture.
async fn many(
    request: &HttpRequest,
    asker: &Asker,
    found: &FoundInstances,
    options: RenderRequest,
) -> Result<HttpResponse, Problem> {
    let pictures = [JPEG, PNG];
    let mut offers = pictures.map(|kind| Offer::multipart(kind, None)).to_vec();
    offers.extend(pictures.map(Offer::single));
    let offer = choose(&accept_of(request), &offers)?;
    let etag = etag_of(request, &found.instances.iter().collect::<Vec<_>>(), &[], offer);
    if let Some(answer) = unchanged(request, &etag) {
        return Ok(answer);
    }
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CACHE_CONTROL, PIXELS_CACHE));
    response.insert_header((header::ETAG, etag));
    let options = RenderRequest {
        format: format_of(offer),
        ..options
    };
    if let (false, Some(middle)) = (offer.multipart, found.instances.get(found.instances.len() / 2)) {
        let picture = asker.app.render(&asker.actor, middle, options).await?;
        return send_one(asker, response, offer, Part::held(offer.media_type, picture));
    }
    let pieces = found.instances.iter().map(|image| {
        let location = format!("{}/{}/rendered", asker.root(), found.path_of(image));
        (image.clone(), options, location)
    });
    let pieces = pieces.collect();
    send_many(asker, response, offer.media_type, drawn(asker, offer, pieces))
}

/// Pictures, each drawn when it is its turn.
fn drawn(
    asker: &Asker,
    offer: &Offer,
    pieces: Vec<(InstanceRow, RenderRequest, String)>,
) -> impl futures_util::Stream<Item = Result<Part, AppError>> + use<> {
    let (asker, kind) = (asker.clone(), offer.media_type);
    stream::iter(pieces).then(move |(image, options, location)| {
        let asker = asker.clone();
        async move {
            match asker.app.render(&asker.actor, &image, options).await {
                Ok(picture) => Ok(Part {
                    location: Some(location),
                    ..Part::held(kind, picture)
                }),
                Err(error) if is_impossible(&error) => Ok(Part::problem(error, location)),
                Err(error) => Err(error),
            }
        }
    })
}

/// How frames of one image are to be had; one that was named by itself, or an image by its first frame, first.
fn offers(numbers: &[u32], named: bool) -> Vec<Offer> {
    let (one, several) = (numbers.len() == 1 || !named, numbers.len() > 1);
    let pictures = [JPEG, PNG];
    let mut offers = Vec::new();
    if one {
        offers.extend(pictures.map(Offer::single));
    }
    offers.extend(pictures.map(|kind| Offer::multipart(kind, None)));
    // GIF counts its frames one after the other.
    let in_order = numbers
        .windows(2)
        .all(|pair| pair[0].checked_add(1) == Some(pair[1]));
    if several && in_order {
        offers.push(Offer::single(GIF));
    }
    offers
}

fn frames_of(request: &HttpRequest) -> Result<Option<Vec<u32>>, Problem> {
    let numbers = request.match_info().get("frames").map(frame_list).transpose()?;
    if numbers
        .as_ref()
        .is_some_and(|numbers| numbers.len() > MOST_FRAMES)
    {
        return Err(wrong("at most 1000 frames are rendered at a time"));
    }
    Ok(numbers)
}

fn format_of(offer: &Offer) -> PictureFormat {
    if offer.media_type == PNG {
        PictureFormat::Png
    } else {
        PictureFormat::Jpeg
    }
}

/// Images never change: which they are and how they are drawn says all.
fn etag_of(request: &HttpRequest, images: &[&InstanceRow], numbers: &[u32], offer: &Offer) -> String {
    let mut said = vec![
        PICTURE_VERSION.to_string(),
        describe(offer),
        request.query_string().to_owned(),
    ];
    said.extend(numbers.iter().map(u32::to_string));
    said.extend(images.iter().map(|image| image.id.to_string()));
    format!("\"r-{}\"", fingerprint(said))
}

fn wrong(text: &str) -> Problem {
    Problem::new(ErrorCode::BadRequest, text)
}
