//! How a picture is asked for (PS3.18 §8.3.5.1).

use app::archive::RenderRequest;
use dicom::codec::{Annotations, IccProfile, Region, VoiFunction, Window};
use domain::ErrorCode;
use serde::Deserialize;

use crate::Problem;

/// The longest edge of a picture, in pixels.
const LARGEST: u32 = 8192;

/// The query of a rendered image.
#[derive(Debug, Default, Deserialize)]
pub struct RenderQuery {
    /// `center,width,function`.
    window: Option<String>,
    /// `width,height` in pixels, then the source region: `x,y,width,height`.
    viewport: Option<String>,
    /// JPEG quality, 1 to 100.
    quality: Option<u8>,
    /// `patient`, `technique`, or both.
    annotation: Option<String>,
    /// `yes`, `no`, `srgb`, `adobergb`, `rommrgb`.
    iccprofile: Option<String>,
}

impl RenderQuery {
    /// What it means; of the first frame, as JPEG.
    ///
    /// Errors: `BAD_REQUEST`.
    pub fn options(&self) -> Result<RenderRequest, Problem> {
        let quality = self.quality.unwrap_or(90);
        if !(1..=100).contains(&quality) {
            return Err(wrong("quality is 1 to 100"));
        }
        let (size, region) = match self.viewport.as_deref().map(viewport).transpose()? {
            Some((size, region)) => (Some(size), region),
            None => (None, None),
        };
        Ok(RenderRequest {
            window: self.window.as_deref().map(window).transpose()?,
            region,
            size,
            enlarge: true,
            quality,
            annotations: self
                .annotation
                .as_deref()
                .map(annotations)
                .transpose()?
                .unwrap_or_default(),
            icc_profile: self
                .iccprofile
                .as_deref()
                .map(icc_profile)
                .transpose()?
                .unwrap_or_default(),
            ..RenderRequest::default()
        })
    }
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

type Viewport = ((u32, u32), Option<Region>);

/// `vw,vh` or `vw,vh,sx,sy,sw,sh`; of the source region any value may be empty or left out (PS3.18 §8.3.5.1.3).
fn viewport(text: &str) -> Result<Viewport, Problem> {
    let problem = || {
        wrong(
            "viewport is width,height in pixels, at most 8192, and if need be x,y,width,height of the part that is shown",
        )
    };
    let parts: Vec<&str> = text.split(',').map(str::trim).collect();
    let edge = |text: &str| {
        text.parse::<u32>()
            .ok()
            .filter(|edge| (1..=LARGEST).contains(edge))
    };
    let number = |at: usize| match parts.get(at) {
        None | Some(&"") => Ok(None),
        Some(text) => {
            let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
            number.map(Some).ok_or_else(problem)
        }
    };
    let (Some(width), Some(height), ..=6) = (
        parts.first().and_then(|text| edge(text)),
        parts.get(1).and_then(|text| edge(text)),
        parts.len(),
    ) else {
        return Err(problem());
    };
    let (x, y, region_width, region_height) = (number(2)?, number(3)?, number(4)?, number(5)?);
    let corner = |value: Option<f64>| Some(value.unwrap_or(0.0)).filter(|value| *value >= 0.0);
    let empty = |value: Option<f64>| value == Some(0.0);
    if empty(region_width) || empty(region_height) {
        return Err(problem());
    }
    let region = Region {
        x: corner(x).ok_or_else(problem)?,
        y: corner(y).ok_or_else(problem)?,
        width: region_width,
        height: region_height,
    };
    let whole = [x, y, region_width, region_height].iter().all(Option::is_none);
    Ok(((width, height), (!whole).then_some(region)))
}

fn annotations(text: &str) -> Result<Annotations, Problem> {
    let mut wanted = Annotations::default();
    for name in text.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        match name.to_ascii_lowercase().as_str() {
            "patient" => wanted.patient = true,
            "technique" => wanted.technique = true,
            _ => return Err(wrong("annotation is patient, technique or both")),
        }
    }
    Ok(wanted)
}

fn icc_profile(text: &str) -> Result<IccProfile, Problem> {
    Ok(match text.to_ascii_lowercase().as_str() {
        "no" => IccProfile::No,
        "yes" => IccProfile::Yes,
        "srgb" => IccProfile::Srgb,
        "adobergb" => IccProfile::AdobeRgb,
        "rommrgb" => IccProfile::RommRgb,
        _ => return Err(wrong("iccprofile is yes, no, srgb, adobergb or rommrgb")),
    })
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
        assert_eq!(viewport("256,128").unwrap(), ((256, 128), None));
        for text in [
            "256",
            "0,1",
            "8193,1",
            "1,1,1,1,1,1,1",
            "1,1,a",
            "1,1,-1",
            "1,1,0,0,0,5",
            "",
        ] {
            assert!(viewport(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_viewport_may_name_a_part_of_the_image() {
        let region = |text| viewport(text).unwrap().1.unwrap();
        let whole = Region {
            x: 10.0,
            y: 0.0,
            width: None,
            height: None,
        };
        assert_eq!(region("100,100,10"), whole);
        assert_eq!(region("100,100,10,,,"), whole);
        let turned = region("100,100,1.5,2,-30,40");
        assert_eq!((turned.width, turned.height), (Some(-30.0), Some(40.0)));
    }

    #[test]
    fn annotations_and_profiles_are_those_of_the_standard() {
        let both = annotations("patient, Technique").unwrap();
        assert!(both.patient && both.technique);
        assert!(annotations("patient,weather").is_err());
        assert_eq!(icc_profile("sRGB").unwrap(), IccProfile::Srgb);
        assert!(icc_profile("cmyk").is_err());
    }
}
