//! A frame as a picture for people.

use std::io::Cursor;

use fast_image_resize::images::Image;
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};

use super::CodecError;
use super::color;
use super::decode::DecodedFrame;
use super::grayscale::Grayscale;
use super::image_header::{ImageObject, Photometric};
use super::protocol::{Picture, PictureFormat, RenderOptions, Window};

/// 8-bit pixels, grey or RGB.
pub(super) struct Canvas {
    pub(super) width: u32,
    pub(super) height: u32,
    rgb: bool,
    pixels: Vec<u8>,
}

/// Renders one frame as `options` say.
///
/// Errors: as [`ImageObject::decode_frame`]; [`CodecError::BadRequest`] for an empty size or a senseless window.
pub(super) fn render(image: &ImageObject, options: &RenderOptions) -> Result<Picture, CodecError> {
    if let Some((width, height)) = options.size
        && (width == 0 || height == 0)
    {
        return Err(CodecError::BadRequest {
            what: "an empty picture size".to_owned(),
        });
    }
    if let Some(window) = options.window
        && !window.is_valid()
    {
        return Err(CodecError::BadRequest {
            what: "window width".to_owned(),
        });
    }
    let frame = image.decode_frame(options.frame, 0)?;
    let canvas = paint(image, options.frame, &frame, options.window)?;
    let canvas = match options.size {
        Some((width, height)) => canvas.fit(width, height)?,
        None => canvas,
    };
    canvas.encode(options.format, options.quality)
}

/// Applies the grey or colour pipeline to a decoded frame.
pub(super) fn paint(
    image: &ImageObject,
    frame_number: u32,
    frame: &DecodedFrame,
    window: Option<Window>,
) -> Result<Canvas, CodecError> {
    let header = &image.header;
    let gray = matches!(
        frame.photometric,
        Photometric::Monochrome1 | Photometric::Monochrome2
    );
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

impl Canvas {
    /// Shrinks to fit a box, keeping the proportions; never enlarges.
    pub(super) fn fit(self, max_width: u32, max_height: u32) -> Result<Self, CodecError> {
        let scale = (f64::from(max_width) / f64::from(self.width))
            .min(f64::from(max_height) / f64::from(self.height));
        if scale >= 1.0 {
            return Ok(self);
        }
        let edge = |length: u32| ((f64::from(length) * scale).round() as u32).max(1);
        let (width, height) = (edge(self.width), edge(self.height));
        let kind = if self.rgb { PixelType::U8x3 } else { PixelType::U8 };
        let source =
            Image::from_vec_u8(self.width, self.height, self.pixels, kind).map_err(CodecError::encode)?;
        let mut target = Image::new(width, height, kind);
        let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3));
        Resizer::new()
            .resize(&source, &mut target, &options)
            .map_err(CodecError::encode)?;
        Ok(Self {
            width,
            height,
            rgb: self.rgb,
            pixels: target.into_vec(),
        })
    }

    /// Encodes as JPEG or PNG.
    pub(super) fn encode(self, format: PictureFormat, quality: u8) -> Result<Picture, CodecError> {
        let color = if self.rgb {
            ExtendedColorType::Rgb8
        } else {
            ExtendedColorType::L8
        };
        let mut out = Cursor::new(Vec::new());
        match format {
            PictureFormat::Jpeg => JpegEncoder::new_with_quality(&mut out, quality.clamp(1, 100))
                .write_image(&self.pixels, self.width, self.height, color),
            PictureFormat::Png => {
                PngEncoder::new(&mut out).write_image(&self.pixels, self.width, self.height, color)
            }
        }
        .map_err(CodecError::encode)?;
        Ok(Picture {
            width: self.width,
            height: self.height,
            format,
            bytes: out.into_inner(),
        })
    }
}
