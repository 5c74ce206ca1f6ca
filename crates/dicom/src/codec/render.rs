//! A frame as a picture for people (PS3.18 §8.3.5, §8.7.4).

use super::CodecError;
use super::annotation;
use super::canvas::{Canvas, Growth};
use super::color;
use super::decode::DecodedFrame;
use super::grayscale::Grayscale;
use super::icc;
use super::image_header::{ImageObject, Photometric};
use super::overlay;
use super::protocol::{Picture, RenderOptions, Window};

/// Renders one frame as `options` say.
///
/// Errors: as [`ImageObject::decode_frame`]; [`CodecError::BadRequest`] for an empty size, a senseless window or a
/// region outside the image.
pub(super) fn render(image: &ImageObject, options: &RenderOptions) -> Result<Picture, CodecError> {
    check(options)?;
    let canvas = draw(image, options.frame, options, options.window)?;
    let (canvas, profile) = icc::apply(&image.data_set, options.icc_profile, canvas)?;
    canvas.encode(options.format, options.quality, profile)
}

/// Errors: [`CodecError::BadRequest`].
pub(super) fn check(options: &RenderOptions) -> Result<(), CodecError> {
    let bad = |what: &str| {
        Err(CodecError::BadRequest {
            what: what.to_owned(),
        })
    };
    if matches!(options.size, Some((0, _) | (_, 0))) {
        return bad("an empty picture size");
    }
    if options.window.is_some_and(|window| !window.is_valid()) {
        return bad("window width");
    }
    Ok(())
}

/// The picture of one frame before it is encoded: painted, overlaid, cut out, scaled, annotated.
pub(super) fn draw(
    image: &ImageObject,
    frame_number: u32,
    options: &RenderOptions,
    window: Option<Window>,
) -> Result<Canvas, CodecError> {
    let frame = image.decode_frame(frame_number, 0)?;
    let mut canvas = paint(image, frame_number, &frame, window)?;
    overlay::draw(image, frame_number, &mut canvas)?;
    if let Some(region) = options.region {
        canvas = canvas.cut(region)?;
    }
    if let Some((width, height)) = options.size {
        let growth = if options.enlarge {
            Growth::Allowed
        } else {
            Growth::Never
        };
        canvas = canvas.fit(width, height, growth)?;
    }
    annotation::draw(&image.data_set, options.annotations, &mut canvas)?;
    Ok(canvas)
}

/// Applies the grey or colour pipeline to a decoded frame.
pub(super) fn paint(
    image: &ImageObject,
    frame_number: u32,
    frame: &DecodedFrame,
    window: Option<Window>,
) -> Result<Canvas, CodecError> {
    let header = &image.header;
    let gray = is_gray(frame);
    let pixels = if gray {
        Grayscale::read(header, &image.data_set, frame_number, frame, window)?.apply(frame)
    } else {
        color::to_rgb(header, &image.data_set, frame)?
    };
    Ok(Canvas {
        width: frame.width,
        height: frame.height,
        rgb: !gray,
        pixels,
    })
}

pub(super) fn is_gray(frame: &DecodedFrame) -> bool {
    matches!(
        frame.photometric,
        Photometric::Monochrome1 | Photometric::Monochrome2
    )
}
