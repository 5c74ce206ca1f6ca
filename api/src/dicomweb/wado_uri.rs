//! The URI service (WADO-URI, PS3.18 §9): one object by an address that is all query.

use actix_web::{HttpRequest, HttpResponse};
use app::archive::{ArchiveAddress, RenderRequest};
use dicom::{
    Accept, Uid,
    codec::{Annotations, Region, VoiFunction, Window},
};
use domain::ErrorCode;

use super::{
    address::{Asker, not_found},
    body::{accept_of, parameter},
    images, retrieve, wado_deidentified,
    wish::{Container, DICOM},
};
use crate::Problem;

/// What stands for pictures where none is named (PS3.18 §9.1.2.2).
const PICTURES: &str = "image/jpeg, image/png;q=0.9, image/gif;q=0.8";

pub async fn wado(request: HttpRequest, asker: Asker) -> Result<HttpResponse, Problem> {
    let asked = Asked { request: &request };
    if !asked
        .text("requestType")
        .is_some_and(|kind| kind.eq_ignore_ascii_case("WADO"))
    {
        return Err(wrong("requestType must be WADO"));
    }
    if asked.text("presentationUID").is_some() {
        return Err(wrong(
            "presentation states are not applied: leave presentationUID out",
        ));
    }
    match asked.text("anonymize") {
        None => {}
        Some(word) if word.trim().eq_ignore_ascii_case("yes") => {
            return wado_deidentified::answer(&asker, &asked).await;
        }
        // Nothing is sent that would only look as asked for.
        Some(_) => return Err(wrong("anonymize must be yes, or left out")),
    }
    let address = asked.address()?;
    let wanted = asked.content_types();
    // Among pictures only the kind counts; an object comes in a transfer syntax.
    if wanted.as_deref().is_some_and(|kinds| kinds.starts_with(DICOM)) {
        let accept = asked.object_accept();
        return retrieve::answer_instances(&request, asker, accept, &address, &[Container::Single]).await;
    }
    let found = match asker.app.images_to_render(&asker.actor, &address).await {
        // What cannot be shown is handed out as it is, unless a picture was asked for by name.
        Err(error) if error.code() == ErrorCode::NotAcceptable && wanted.is_none() => {
            let accept = Accept::parse(DICOM);
            return retrieve::answer_instances(&request, asker, accept, &address, &[Container::Single]).await;
        }
        found => found?,
    };
    let image = found.instances.first().ok_or_else(not_found)?;
    let frame = asked.frame()?;
    let options = asked.options(image.columns, image.rows)?;
    let accept = match wanted {
        Some(kinds) => Accept::parse(&kinds),
        None => Accept::parse(PICTURES),
    };
    let frames = frame.map(|number| vec![number]);
    images::one(&request, asker, &accept, &found, image, frames, options).await
}

/// The query of a request.
pub(super) struct Asked<'a> {
    request: &'a HttpRequest,
}

impl Asked<'_> {
    fn text(&self, name: &str) -> Option<String> {
        parameter(self.request, name).filter(|text| !text.trim().is_empty())
    }

    fn number<T: std::str::FromStr>(&self, name: &str, what: &str) -> Result<Option<T>, Problem> {
        let parse = |text: String| {
            let number = text.trim().parse().ok();
            number.ok_or_else(|| wrong(&format!("{name} must be {what}")))
        };
        self.text(name).map(parse).transpose()
    }

    pub(super) fn address(&self) -> Result<ArchiveAddress, Problem> {
        let uid = |name: &str| {
            let text = self
                .text(name)
                .ok_or_else(|| wrong(&format!("{name} is missing")))?;
            // What is no UID names nothing.
            Uid::parse(text.trim()).map_err(|_| not_found())
        };
        Ok(ArchiveAddress {
            study: uid("studyUID")?,
            series: Some(uid("seriesUID")?),
            instance: Some(uid("objectUID")?),
        })
    }

    /// `contentType`, else a DICOM object where the Accept header asks for one.
    pub(super) fn content_types(&self) -> Option<String> {
        let named = self
            .text("contentType")
            .map(|kinds| kinds.trim().to_ascii_lowercase());
        named.or_else(|| {
            let offers = [dicom::Offer::single("image/jpeg"), dicom::Offer::single(DICOM)];
            let chosen = accept_of(self.request).choose(&offers)?.media_type;
            (chosen == DICOM).then(|| DICOM.to_owned())
        })
    }

    /// An object in `transferSyntax`, or in the one that goes without saying.
    pub(super) fn object_accept(&self) -> Accept {
        let syntax = match self.text("transferSyntax") {
            Some(uid) => format!("; transfer-syntax={uid}"),
            None => String::new(),
        };
        Accept::parse(&format!("{DICOM}{syntax}"))
    }

    /// `frameNumber`, which counts from 1.
    pub(super) fn frame(&self) -> Result<Option<u32>, Problem> {
        let frame = self.number::<u32>("frameNumber", "a frame's number, from 1")?;
        if frame == Some(0) {
            return Err(wrong("frameNumber counts from 1"));
        }
        Ok(frame)
    }

    /// How the picture of an image of this size is drawn (PS3.18 §9.1.2.3).
    pub(super) fn options(
        &self,
        image_columns: Option<u32>,
        image_rows: Option<u32>,
    ) -> Result<RenderRequest, Problem> {
        const EDGE: &str = "a number of pixels, 1 to 8192";
        let edge = |name: &str| match self.number::<u32>(name, EDGE)? {
            Some(edge) if !(1..=8192).contains(&edge) => Err(wrong(&format!("{name} must be {EDGE}"))),
            edge => Ok(edge),
        };
        let (rows, columns) = (edge("rows")?, edge("columns")?);
        let size =
            (rows.is_some() || columns.is_some()).then(|| (columns.unwrap_or(8192), rows.unwrap_or(8192)));
        let quality = self.number::<u8>("imageQuality", "1 to 100")?.unwrap_or(90);
        if !(1..=100).contains(&quality) {
            return Err(wrong("imageQuality must be 1 to 100"));
        }
        let named = self.text("annotation").unwrap_or_default().to_ascii_lowercase();
        Ok(RenderRequest {
            window: self.window()?,
            region: self
                .text("region")
                .map(|text| region(&text, image_columns, image_rows))
                .transpose()?,
            size,
            enlarge: true,
            quality,
            annotations: Annotations {
                patient: named.contains("patient"),
                technique: named.contains("technique"),
            },
            ..RenderRequest::default()
        })
    }

    fn window(&self) -> Result<Option<Window>, Problem> {
        let center = self.number::<f64>("windowCenter", "a number")?;
        let width = self.number::<f64>("windowWidth", "a number")?;
        match (center, width) {
            (None, None) => Ok(None),
            (Some(center), Some(width)) if center.is_finite() && width.is_finite() && width >= 1.0 => {
                Ok(Some(Window {
                    center,
                    width,
                    function: VoiFunction::Linear,
                }))
            }
            _ => Err(wrong(
                "windowCenter and windowWidth come together, the width at least 1",
            )),
        }
    }
}

/// `left,top,right,bottom` as shares of the image, from 0 to 1 (PS3.18 §9.1.2.3.7).
fn region(text: &str, columns: Option<u32>, rows: Option<u32>) -> Result<Region, Problem> {
    let problem = || wrong("region is left,top,right,bottom, each from 0 to 1");
    let share = |text: &str| {
        text.trim()
            .parse::<f64>()
            .ok()
            .filter(|share| (0.0..=1.0).contains(share))
    };
    let shares: Vec<f64> = text
        .split(',')
        .map(share)
        .collect::<Option<_>>()
        .ok_or_else(problem)?;
    let [left, top, right, bottom] = shares[..] else {
        return Err(problem());
    };
    if left >= right || top >= bottom {
        return Err(problem());
    }
    let (columns, rows) = (f64::from(columns.unwrap_or(0)), f64::from(rows.unwrap_or(0)));
    Ok(Region {
        x: left * columns,
        y: top * rows,
        width: Some((right - left) * columns),
        height: Some((bottom - top) * rows),
    })
}

fn wrong(text: &str) -> Problem {
    Problem::new(ErrorCode::BadRequest, text)
}
