//! The colour space of a picture (PS3.18 §8.3.5.1.5; PS3.3 §C.11.15).

use moxcms::{ColorProfile, Layout, TransformOptions};

use super::CodecError;
use super::canvas::Canvas;
use super::dataset::DataSet;
use super::protocol::IccProfile;

const ICC_PROFILE: u32 = 0x0028_2000;
const OPTICAL_PATH_SEQUENCE: u32 = 0x0048_0105;

/// Brings colours into the space that is asked for; gives the profile to embed, if one is to be.
///
/// Grey stays without a profile unless a space is asked for by name: its values are P-Values or close to them.
///
/// Errors: [`CodecError::BadPixelDescription`] for a profile that is none and has to be applied.
pub(super) fn apply(
    set: &DataSet,
    wanted: IccProfile,
    canvas: Canvas,
) -> Result<(Canvas, Option<Vec<u8>>), CodecError> {
    let own = || own_profile(set).filter(|_| canvas.rgb).map(<[u8]>::to_vec);
    let target = match wanted {
        IccProfile::No => return Ok((canvas, None)),
        IccProfile::Yes => {
            let profile = own();
            return Ok((canvas, profile));
        }
        IccProfile::Srgb => ColorProfile::new_srgb(),
        IccProfile::AdobeRgb => ColorProfile::new_adobe_rgb(),
        IccProfile::RommRgb => ColorProfile::new_pro_photo_rgb(),
    };
    let broken = |_| CodecError::description("ICC profile");
    // Colour without a profile is sRGB by convention.
    let source = match own() {
        Some(profile) => ColorProfile::new_from_slice(&profile).map_err(broken)?,
        None => ColorProfile::new_srgb(),
    };
    let embedded = target.encode().map_err(broken)?;
    let canvas = canvas.into_rgb();
    let transform = source
        .create_transform_8bit(Layout::Rgb, &target, Layout::Rgb, TransformOptions::default())
        .map_err(broken)?;
    let mut pixels = vec![0; canvas.pixels.len()];
    transform.transform(&canvas.pixels, &mut pixels).map_err(broken)?;
    Ok((Canvas { pixels, ..canvas }, Some(embedded)))
}

/// The instance's profile; of a slide its first optical path's.
fn own_profile(set: &DataSet) -> Option<&[u8]> {
    set.bytes(ICC_PROFILE)
        .or_else(|| set.item(OPTICAL_PATH_SEQUENCE)?.bytes(ICC_PROFILE))
}
