//! 8-bit pixels on their way to a picture: cut out, scaled, drawn upon, encoded.

use std::io::Cursor;

use fast_image_resize::images::Image;
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};

use super::CodecError;
use super::protocol::{Picture, PictureFormat, Region};

/// Grey or RGB pixels.
#[derive(Debug, Clone)]
pub(super) struct Canvas {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) rgb: bool,
    /// Row by row, interleaved.
    pub(super) pixels: Vec<u8>,
}

/// Whether small pictures may grow into their box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Growth {
    Never,
    Allowed,
}

impl Canvas {
    /// Bytes of a pixel.
    pub(super) fn channels(&self) -> usize {
        if self.rgb { 3 } else { 1 }
    }

    /// Makes one pixel white; what lies outside is left out.
    pub(super) fn set_white(&mut self, x: i64, y: i64) {
        if let Some(pixel) = self.pixel(x, y) {
            pixel.fill(255);
        }
    }

    /// Makes one pixel darker, by all where `cover` is 1.
    pub(super) fn darken(&mut self, x: i64, y: i64, cover: f32) {
        self.shade(x, y, |level| level * (1.0 - cover));
    }

    /// Makes one pixel lighter, white where `cover` is 1.
    pub(super) fn lighten(&mut self, x: i64, y: i64, cover: f32) {
        self.shade(x, y, |level| level + (255.0 - level) * cover);
    }

    fn shade(&mut self, x: i64, y: i64, change: impl Fn(f32) -> f32) {
        if let Some(pixel) = self.pixel(x, y) {
            for level in pixel {
                // `as` saturates.
                *level = change(f32::from(*level)).round() as u8;
            }
        }
    }

    /// The channels of one pixel; `None` outside.
    fn pixel(&mut self, x: i64, y: i64) -> Option<&mut [u8]> {
        let inside = (0..i64::from(self.width)).contains(&x) && (0..i64::from(self.height)).contains(&y);
        if !inside {
            return None;
        }
        let channels = self.channels();
        // Both are within the canvas.
        let at = (y as usize * self.width as usize + x as usize) * channels;
        self.pixels.get_mut(at..at + channels)
    }

    /// The same picture in three channels.
    pub(super) fn into_rgb(self) -> Self {
        if self.rgb {
            return self;
        }
        Self {
            rgb: true,
            pixels: self.pixels.iter().flat_map(|&grey| [grey; 3]).collect(),
            ..self
        }
    }

    /// Cuts a region out, mirrored where its size is negative (PS3.18 §8.3.5.1.3).
    ///
    /// Errors: [`CodecError::BadRequest`] where nothing of it lies within the picture.
    pub(super) fn cut(self, region: Region) -> Result<Self, CodecError> {
        let outside = || CodecError::BadRequest {
            what: "a region outside the image".to_owned(),
        };
        let (columns, mirrored) = span(region.x, region.width, self.width).ok_or_else(outside)?;
        let (rows, upside_down) = span(region.y, region.height, self.height).ok_or_else(outside)?;
        let channels = self.channels();
        let mut pixels = Vec::with_capacity(columns.len() * rows.len() * channels);
        let order = |range: std::ops::Range<usize>, reversed: bool| {
            let last = range.end - 1;
            let first = range.start;
            range.map(move |at| if reversed { first + last - at } else { at })
        };
        for row in order(rows.clone(), upside_down) {
            for column in order(columns.clone(), mirrored) {
                let at = (row * self.width as usize + column) * channels;
                pixels.extend_from_slice(&self.pixels[at..at + channels]);
            }
        }
        Ok(Self {
            // Both are parts of what a u32 counts.
            width: columns.len() as u32,
            height: rows.len() as u32,
            rgb: self.rgb,
            pixels,
        })
    }

    /// Scales into a box, keeping the proportions.
    pub(super) fn fit(self, max_width: u32, max_height: u32, growth: Growth) -> Result<Self, CodecError> {
        let scale = (f64::from(max_width) / f64::from(self.width))
            .min(f64::from(max_height) / f64::from(self.height));
        if scale == 1.0 || (scale > 1.0 && growth == Growth::Never) {
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

    /// Encodes as JPEG or PNG, with a colour profile where there is one.
    pub(super) fn encode(
        self,
        format: PictureFormat,
        quality: u8,
        profile: Option<Vec<u8>>,
    ) -> Result<Picture, CodecError> {
        let color = if self.rgb {
            ExtendedColorType::Rgb8
        } else {
            ExtendedColorType::L8
        };
        let mut out = Cursor::new(Vec::new());
        match format {
            PictureFormat::Jpeg => {
                let encoder = JpegEncoder::new_with_quality(&mut out, quality.clamp(1, 100));
                self.write(encoder, color, profile)
            }
            PictureFormat::Png => self.write(PngEncoder::new(&mut out), color, profile),
        }
        .map_err(CodecError::encode)?;
        Ok(Picture {
            width: self.width,
            height: self.height,
            format,
            bytes: out.into_inner(),
        })
    }

    fn write(
        &self,
        mut encoder: impl ImageEncoder,
        color: ExtendedColorType,
        profile: Option<Vec<u8>>,
    ) -> image::ImageResult<()> {
        if let Some(profile) = profile {
            encoder
                .set_icc_profile(profile)
                .map_err(image::ImageError::Unsupported)?;
        }
        encoder.write_image(&self.pixels, self.width, self.height, color)
    }
}

/// The whole pixels of an axis of `edge` pixels that `size` of them from `start` on touch, and whether they are
/// mirrored; `None` where they touch none. Without a size it is the rest of the axis.
fn span(start: f64, size: Option<f64>, edge: u32) -> Option<(std::ops::Range<usize>, bool)> {
    let edge = f64::from(edge);
    let size = size.unwrap_or(edge - start);
    let first = start.floor().clamp(0.0, edge);
    let end = (start + size.abs()).ceil().clamp(0.0, edge);
    // `as` saturates, and both are within the axis.
    (first < end).then_some((first as usize..end as usize, size < 0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canvas() -> Canvas {
        Canvas {
            width: 3,
            height: 2,
            rgb: false,
            pixels: vec![1, 2, 3, 4, 5, 6],
        }
    }

    fn cut(x: f64, y: f64, width: f64, height: f64) -> Result<Vec<u8>, CodecError> {
        let region = Region {
            x,
            y,
            width: Some(width),
            height: Some(height),
        };
        canvas().cut(region).map(|cut| cut.pixels)
    }

    #[test]
    fn a_region_is_cut_out_of_whole_pixels_and_mirrored_where_its_size_is_negative() {
        assert_eq!(cut(1.0, 0.0, 2.0, 2.0).unwrap(), [2, 3, 5, 6]);
        assert_eq!(cut(0.5, 0.5, 1.0, 0.5).unwrap(), [1, 2]);
        assert_eq!(cut(0.0, 0.0, -3.0, 2.0).unwrap(), [3, 2, 1, 6, 5, 4]);
        assert_eq!(cut(0.0, 0.0, 3.0, -2.0).unwrap(), [4, 5, 6, 1, 2, 3]);
        assert_eq!(cut(2.0, 1.0, 100.0, 100.0).unwrap(), [6]);
        assert!(cut(3.0, 0.0, 1.0, 1.0).is_err() && cut(0.0, 0.0, 0.0, 1.0).is_err());
    }

    #[test]
    fn a_picture_grows_only_where_it_may() {
        let width = |growth| canvas().fit(30, 30, growth).unwrap().width;
        assert_eq!((width(Growth::Never), width(Growth::Allowed)), (3, 30));
    }
}
