//! `anonymize=yes` of the URI service (PS3.18 §9): the object, or a picture of it, without its patient.
//!
//! The answer is what was asked for or says why it is not: an instance that cannot be de-identified safely is never sent
//! as it is.

use actix_web::{HttpResponse, http::header};
use app::{archive::InstanceForm, export::DeidentifiedObject};
use dicom::{Accept, Offer, codec::PictureFormat};
use domain::ErrorCode;

use super::{
    address::Asker,
    body::choose,
    parts::{Part, send_one},
    wado_uri::Asked,
    wish::DICOM,
};
use crate::Problem;

const JPEG: &str = "image/jpeg";
const PNG: &str = "image/png";

pub async fn answer(asker: &Asker, asked: &Asked<'_>) -> Result<HttpResponse, Problem> {
    let object = asker
        .app
        .deidentified_object(&asker.actor, &asked.address()?)
        .await?;
    match asked.content_types() {
        Some(kinds) if kinds.starts_with(DICOM) => send_object(asker, object, &asked.object_accept()).await,
        // What cannot be shown is handed out as an object, unless a picture was asked for by name.
        None if !object.has_pixels() => send_object(asker, object, &Accept::parse(DICOM)).await,
        Some(_) if !object.has_pixels() => Err(Problem::new(
            ErrorCode::NotAcceptable,
            "there are no pixels to show",
        )),
        kinds => send_picture(asker, asked, &object, kinds).await,
    }
}

async fn send_object(
    asker: &Asker,
    object: DeidentifiedObject,
    accept: &Accept,
) -> Result<HttpResponse, Problem> {
    let forms: Vec<(InstanceForm, Offer)> = object
        .forms()
        .into_iter()
        .map(|(form, transfer_syntax)| (form, offer(transfer_syntax)))
        .collect();
    let welcome = in_order(accept, &forms)?;
    let in_turn: Vec<InstanceForm> = welcome.iter().map(|(form, _)| *form).collect();
    let (opened, form) = asker.app.open_deidentified(object, &in_turn).await?;
    let chosen = welcome.iter().find(|(welcome, _)| *welcome == form);
    let transfer_syntax = chosen.and_then(|(_, offer)| offer.transfer_syntax.as_ref());
    let part = Part {
        kind: match transfer_syntax {
            Some(uid) => format!("{DICOM}; transfer-syntax={uid}"),
            None => DICOM.to_owned(),
        },
        location: None,
        length: Some(opened.length),
        bytes: opened.bytes,
    };
    send(asker, part)
}

async fn send_picture(
    asker: &Asker,
    asked: &Asked<'_>,
    object: &DeidentifiedObject,
    kinds: Option<String>,
) -> Result<HttpResponse, Problem> {
    let accept = Accept::parse(kinds.as_deref().unwrap_or("image/jpeg, image/png;q=0.9"));
    let kind = choose(&accept, &[JPEG, PNG].map(Offer::single))?.media_type;
    let (columns, rows) = object.size();
    let request = app::archive::RenderRequest {
        frame: asked.frame()?.map_or(0, |number| number - 1),
        format: if kind == PNG {
            PictureFormat::Png
        } else {
            PictureFormat::Jpeg
        },
        ..asked.options(columns, rows)?
    };
    let picture = asker.app.render_deidentified(object, request).await?;
    send(asker, Part::held(kind, picture))
}

/// What is made for one caller is nobody else's.
fn send(asker: &Asker, part: Part) -> Result<HttpResponse, Problem> {
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CACHE_CONTROL, "private, no-store"));
    send_one(asker, response, &Offer::single(DICOM), part)
}

fn offer(transfer_syntax: Option<dicom::Uid>) -> Offer {
    Offer {
        media_type: DICOM,
        multipart: false,
        transfer_syntax,
    }
}

/// The acceptable forms, the most welcome first.
///
/// Errors: `NOT_ACCEPTABLE`.
fn in_order(accept: &Accept, forms: &[(InstanceForm, Offer)]) -> Result<Vec<(InstanceForm, Offer)>, Problem> {
    let mut offers: Vec<Offer> = forms.iter().map(|(_, offer)| offer.clone()).collect();
    choose(accept, &offers)?;
    let mut welcome = Vec::new();
    while let Some(chosen) = accept.choose(&offers).cloned() {
        welcome.extend(forms.iter().filter(|(_, offer)| *offer == chosen).cloned());
        offers.retain(|offer| *offer != chosen);
    }
    Ok(welcome)
}
