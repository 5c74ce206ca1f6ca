//! Pictures for people: thumbnails and rendered frames (PS3.18 §10.4.1.1.3, §10.4.1.1.4).

use actix_web::{HttpRequest, HttpResponse, http::header, web};
use app::archive::RenderRequest;
use dicom::{
    Offer,
    codec::{PictureFormat, VoiFunction, Window},
};
use domain::ErrorCode;
use serde::Deserialize;

use super::{
    address::{Address, Asker, frame_list},
    body::{PIXELS_CACHE, accept_of, choose},
};
use crate::Problem;

pub async fn thumbnail(asker: Asker, address: Address) -> Result<HttpResponse, Problem> {
    let picture = asker.app.thumbnail(&asker.actor, &address.required()?).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, PIXELS_CACHE))
        .insert_header((header::VARY, "Authorization"))
        .content_type("image/jpeg")
        .body(picture))
}

/// PS3.18 §8.3.5.1.
#[derive(Debug, Deserialize)]
pub struct RenderQuery {
    /// `center,width,function`.
    window: Option<String>,
    /// `width,height` in pixels; further values, which cut out a part, are not supported.
    viewport: Option<String>,
    /// JPEG quality, 1 to 100.
    quality: Option<u8>,
}

pub async fn rendered(
    request: HttpRequest,
    asker: Asker,
    address: Address,
    query: web::Query<RenderQuery>,
) -> Result<HttpResponse, Problem> {
    let address = address.required()?;
    let number = match request
        .match_info()
        .get("frames")
        .map(frame_list)
        .transpose()?
        .as_deref()
    {
        None => 1,
        Some([one]) => *one,
        Some(_) => return Err(wrong("one frame is rendered at a time")),
    };
    let offers = [Offer::single("image/jpeg"), Offer::single("image/png")];
    let chosen = choose(&accept_of(&request), &offers)?.media_type;
    let quality = query.quality.unwrap_or(90);
    if !(1..=100).contains(&quality) {
        return Err(wrong("quality is 1 to 100"));
    }
    let wanted = RenderRequest {
        frame: number - 1,
        window: query.window.as_deref().map(window).transpose()?,
        size: query.viewport.as_deref().map(viewport).transpose()?,
        format: if chosen == "image/png" {
            PictureFormat::Png
        } else {
            PictureFormat::Jpeg
        },
        quality,
    };
    let picture = asker.app.render(&asker.actor, &address, wanted).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, PIXELS_CACHE))
        .insert_header((header::VARY, "Accept, Authorization"))
        .content_type(chosen)
        .body(picture))
}

fn window(text: &str) -> Result<Window, Problem> {
    let problem =
        || wrong("window is center,width,function with the function linear, linear-exact or sigmoid");
    let mut parts = text.split(',').map(str::trim);
    let mut number = || {
        parts
            .next()?
            .parse::<f64>()
            .ok()
            .filter(|number| number.is_finite())
    };
    let center = number().ok_or_else(problem)?;
    let width = number().filter(|width| *width > 0.0).ok_or_else(problem)?;
    let function = match parts.next().unwrap_or("linear").to_ascii_lowercase().as_str() {
        "linear" => VoiFunction::Linear,
        "linear-exact" | "linear_exact" => VoiFunction::LinearExact,
        "sigmoid" => VoiFunction::Sigmoid,
        _ => return Err(problem()),
    };
    Ok(Window {
        center,
        width,
        function,
    })
}

fn viewport(text: &str) -> Result<(u32, u32), Problem> {
    const LARGEST: u32 = 8192;
    let edge = |text: &str| {
        text.trim()
            .parse::<u32>()
            .ok()
            .filter(|edge| (1..=LARGEST).contains(edge))
    };
    let size = text
        .split_once(',')
        .and_then(|(width, height)| Some((edge(width)?, edge(height)?)));
    size.ok_or_else(|| wrong("viewport is width,height in pixels, at most 8192"))
}

fn wrong(text: &str) -> Problem {
    Problem::new(ErrorCode::BadRequest, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_needs_a_positive_width() {
        assert_eq!(window("40,400,linear").unwrap().width, 400.0);
        assert_eq!(
            window("-600, 1500, LINEAR_EXACT").unwrap().function,
            VoiFunction::LinearExact
        );
        for text in ["40", "40,0,linear", "40,-1", "a,b", "40,400,round", "nan,1", ""] {
            assert!(window(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_viewport_is_bounded() {
        assert_eq!(viewport("256,128").unwrap(), (256, 128));
        for text in ["256", "0,1", "8193,1", "1,1,1,1", ""] {
            assert!(viewport(text).is_err(), "{text}");
        }
    }
}
