//! Retrieving instances (WADO-RS, PS3.18 §10.4.1.1.1): by themselves, as parts, or as files of a ZIP archive.
//!
//! Who names no transfer syntax gets Explicit VR Little Endian (PS3.18 §8.7.3.5.2), converted where the original is
//! something else; what cannot be converted comes as it is, and says so. Who names one gets that or 406.

use actix_web::{HttpRequest, HttpResponse, http::header};
use app::archive::{ArchiveAddress, FoundInstances};
use dicom::Accept;
use futures_util::{StreamExt, stream};

use super::{
    address::{Address, Asker, not_found},
    archive_file::send_zip,
    body::{PIXELS_CACHE, accept_of},
    conditional::{partial, unchanged, wanted_range},
    parts::{Part, send_known, send_many, send_one},
    wish::{Container, DICOM, Wish, etag_of},
};
use crate::Problem;

/// The instances of a study, series, or just one.
pub async fn instances(
    request: HttpRequest,
    asker: Asker,
    address: Address,
) -> Result<HttpResponse, Problem> {
    let address = address.required()?;
    let accept = accept_of(&request);
    let mut containers = Container::ALL.to_vec();
    containers.retain(|container| *container != Container::Single || address.instance.is_some());
    answer_instances(&request, asker, accept, &address, &containers).await
}

/// The instances of an address in one of the containers, as `accept` likes best.
pub(super) async fn answer_instances(
    request: &HttpRequest,
    asker: Asker,
    accept: Accept,
    address: &ArchiveAddress,
    containers: &[Container],
) -> Result<HttpResponse, Problem> {
    let found = asker.app.retrieve(&asker.actor, address).await?;
    let wishes = wishes(&asker, &accept, &found, containers)?;
    let container = wishes.first().map(Wish::container).ok_or_else(not_found)?;
    if let (Container::Single, [wish]) = (container, wishes.as_slice()) {
        return single(request, &asker, &accept, wish.clone()).await;
    }
    let etag = etag_of(&wishes);
    if let Some(answer) = unchanged(request, &etag) {
        return Ok(answer);
    }
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CACHE_CONTROL, PIXELS_CACHE));
    response.insert_header((header::ETAG, etag));
    if container == Container::Zip {
        return send_zip(asker, accept, response, &found, wishes).await;
    }
    let known: Option<Vec<(String, u64)>> = wishes.iter().map(Wish::known).collect();
    let alone = wishes.len() == 1;
    let mut wishes = wishes.into_iter();
    // What is missing or damaged at once is an answer, not a broken connection.
    let first = match wishes.next() {
        Some(mut wish) if alone => Some(wish.open(&asker, &accept).await?),
        Some(mut wish) => Some(wish.open_or_say_why(&asker, &accept).await?),
        None => None,
    };
    let opening = asker.clone();
    let rest = stream::iter(wishes).then(move |mut wish| {
        let (asker, accept) = (opening.clone(), accept.clone());
        async move { wish.open_or_say_why(&asker, &accept).await }
    });
    let parts = stream::iter(first.map(Ok)).chain(rest);
    match known {
        Some(known) => {
            let known = known.iter().map(|(kind, length)| (kind.as_str(), None, *length));
            send_known(&asker, response, DICOM, known, parts)
        }
        None => send_many(&asker, response, DICOM, parts),
    }
}

/// The most welcome form of each instance, before the answer begins: one that is not to be had in an acceptable form
/// would leave a gap in it.
fn wishes(
    asker: &Asker,
    accept: &Accept,
    found: &FoundInstances,
    containers: &[Container],
) -> Result<Vec<Wish>, Problem> {
    let root = asker.root();
    let mut containers = containers.to_vec();
    let mut wishes: Vec<Wish> = Vec::with_capacity(found.instances.len());
    for instance in &found.instances {
        let location = format!("{root}/{}", found.path_of(instance));
        let wish = Wish::new(accept, instance.clone(), location, &containers)?;
        // The first one decides what all are put into.
        containers = vec![wish.container()];
        wishes.push(wish);
    }
    Ok(wishes)
}

/// One instance by itself, a range of it where one is asked for.
async fn single(
    request: &HttpRequest,
    asker: &Asker,
    accept: &Accept,
    mut wish: Wish,
) -> Result<HttpResponse, Problem> {
    let etag = etag_of(std::slice::from_ref(&wish));
    if let Some(answer) = unchanged(request, &etag) {
        return Ok(answer);
    }
    let Some((kind, length)) = wish.known() else {
        let part = wish.open(asker, accept).await?;
        let mut response = HttpResponse::Ok();
        response.insert_header((header::CACHE_CONTROL, PIXELS_CACHE));
        response.insert_header((header::ETAG, etag_of(std::slice::from_ref(&wish))));
        return send_one(asker, response, wish.offer(), part);
    };
    let range = wanted_range(request, &etag, length)?;
    let mut response = partial(range.as_ref(), length);
    response.insert_header((header::CACHE_CONTROL, PIXELS_CACHE));
    response.insert_header((header::ETAG, etag));
    let range = range.unwrap_or(0..length);
    let part = Part {
        kind,
        location: None,
        length: Some(range.end - range.start),
        bytes: wish.open_range(asker, range).await?,
    };
    send_one(asker, response, wish.offer(), part)
}
