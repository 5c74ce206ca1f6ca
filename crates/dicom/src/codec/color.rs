//! Colour frames to 8-bit RGB.

use super::CodecError;
use super::dataset::DataSet;
use super::decode::DecodedFrame;
use super::image_header::{ImageHeader, Photometric};
use super::lut::Lut;

/// Converts a decoded colour or palette frame to interleaved 8-bit RGB.
///
/// Errors: [`CodecError::BadPixelDescription`] for a broken palette, [`CodecError::UnsupportedPixels`].
pub(crate) fn to_rgb(
    header: &ImageHeader,
    set: &DataSet,
    frame: &DecodedFrame,
) -> Result<Vec<u8>, CodecError> {
    match frame.photometric {
        Photometric::PaletteColor => palette(header, set, frame),
        Photometric::Rgb | Photometric::YbrRct => Ok(eight_bit(header, frame)),
        // Decoders and `ybr_422` spread shared chrominance over all pixels.
        Photometric::YbrFull | Photometric::YbrFull422 | Photometric::YbrIct => {
            let mut pixels = eight_bit(header, frame);
            pixels.chunks_exact_mut(3).for_each(ybr_to_rgb);
            Ok(pixels)
        }
        other => Err(CodecError::unsupported(format!("{other} pixels"))),
    }
}

fn eight_bit(header: &ImageHeader, frame: &DecodedFrame) -> Vec<u8> {
    let bits = u32::from(header.bits_stored);
    // Signed colour does not occur; its negative half would be black.
    let level = |value: i64| {
        let value = value.max(0);
        let scaled = if bits >= 8 {
            value >> (bits - 8)
        } else {
            value * 255 / ((1 << bits) - 1)
        };
        scaled.min(255) as u8
    };
    frame.values().map(level).collect()
}

/// Full-range BT.601 (PS3.3 §C.7.6.3.1.2).
fn ybr_to_rgb(pixel: &mut [u8]) {
    let y = f32::from(pixel[0]);
    let blue = f32::from(pixel[1]) - 128.0;
    let red = f32::from(pixel[2]) - 128.0;
    // `as` saturates at both ends.
    pixel[0] = (y + 1.402 * red).round() as u8;
    pixel[1] = (y - 0.344_136 * blue - 0.714_136 * red).round() as u8;
    pixel[2] = (y + 1.772 * blue).round() as u8;
}

/// Palette Color Lookup Tables (PS3.3 §C.7.9).
fn palette(header: &ImageHeader, set: &DataSet, frame: &DecodedFrame) -> Result<Vec<u8>, CodecError> {
    let table = |channel: u32| {
        let descriptor = 0x0028_1101 + channel;
        if set.has(0x0028_1201 + channel) {
            Lut::read(set, descriptor, 0x0028_1201 + channel, header.signed)
        } else {
            Lut::read_segmented(set, descriptor, 0x0028_1221 + channel, header.signed)
        }
    };
    let tables = [table(0)?, table(1)?, table(2)?];
    Ok(frame
        .values()
        .flat_map(|index| {
            tables
                .each_ref()
                .map(|lut| (lut.entry(index) >> (lut.bits - 8)).min(255) as u8)
        })
        .collect())
}
