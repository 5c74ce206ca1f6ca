//! Cells as native pixel data has them: which of their bits are the value, and how samples lie side by side.

use super::DecodedFrame;
use crate::codec::CodecError;
use crate::codec::image_header::{ImageHeader, Photometric};

pub(super) fn whole_bytes(header: &ImageHeader) -> Result<usize, CodecError> {
    match header.bits_allocated {
        8 | 16 | 32 => Ok(usize::from(header.bits_allocated / 8)),
        bits => Err(CodecError::unsupported(format!("{bits} bits compressed"))),
    }
}

pub(super) fn native(
    header: &ImageHeader,
    bytes: &[u8],
    frame: u32,
    big_endian: bool,
) -> Result<DecodedFrame, CodecError> {
    if header.bits_allocated == 1 {
        return bits(header, bytes, frame);
    }
    if header.photometric == Photometric::YbrFull422 {
        return ybr_422(header, bytes);
    }
    interleaved(header, bytes, header.planar, big_endian)
}

/// 1-bit pixels, first pixel in the least significant bit (PS3.5 §8.1.1).
fn bits(header: &ImageHeader, bytes: &[u8], frame: u32) -> Result<DecodedFrame, CodecError> {
    let samples = header.samples();
    // `frame_bytes` starts with the byte that holds the frame's first bit.
    let skip = (header.native_frame_bits() * u64::from(frame) % 8) as usize;
    if bytes.len() * 8 < skip + samples {
        return Err(CodecError::TruncatedPixels);
    }
    let samples = (skip..skip + samples)
        .map(|bit| i32::from(bytes[bit / 8] >> (bit % 8) & 1))
        .collect();
    Ok(full(header, samples))
}

/// 8-bit pairs of pixels: Y, Y, Cb, Cr (PS3.3 §C.7.6.3.1.2).
fn ybr_422(header: &ImageHeader, bytes: &[u8]) -> Result<DecodedFrame, CodecError> {
    if header.bits_allocated != 8 || !header.columns.is_multiple_of(2) {
        return Err(CodecError::unsupported("YBR_FULL_422 of this shape"));
    }
    let quads = header.pixels() / 2;
    let bytes = bytes.get(..quads * 4).ok_or(CodecError::TruncatedPixels)?;
    let mut samples = Vec::with_capacity(quads * 6);
    for quad in bytes.chunks_exact(4) {
        let [first, second, blue, red] = [quad[0], quad[1], quad[2], quad[3]].map(i32::from);
        samples.extend([first, blue, red, second, blue, red]);
    }
    Ok(DecodedFrame {
        photometric: Photometric::YbrFull,
        ..full(header, samples)
    })
}

/// Cells of whole bytes, by pixel or by plane.
pub(super) fn interleaved(
    header: &ImageHeader,
    bytes: &[u8],
    by_plane: bool,
    big_endian: bool,
) -> Result<DecodedFrame, CodecError> {
    let sample_bytes = whole_bytes(header)?;
    let count = header.samples();
    let bytes = bytes
        .get(..count * sample_bytes)
        .ok_or(CodecError::TruncatedPixels)?;
    let cell = Cell::stored(header);
    let mut samples: Vec<i32> = match (sample_bytes, big_endian) {
        (1, _) => bytes.iter().map(|&byte| cell.value(byte.into())).collect(),
        (2, false) => bytes
            .chunks_exact(2)
            .map(|two| cell.value(u16::from_le_bytes([two[0], two[1]]).into()))
            .collect(),
        (2, true) => bytes
            .chunks_exact(2)
            .map(|two| cell.value(u16::from_be_bytes([two[0], two[1]]).into()))
            .collect(),
        (_, false) => bytes
            .chunks_exact(4)
            .map(|four| cell.value(u32::from_le_bytes([four[0], four[1], four[2], four[3]])))
            .collect(),
        (_, true) => bytes
            .chunks_exact(4)
            .map(|four| cell.value(u32::from_be_bytes([four[0], four[1], four[2], four[3]])))
            .collect(),
    };
    if by_plane && header.samples_per_pixel > 1 {
        samples = planes_to_pixels(&samples, header.samples_per_pixel.into());
    }
    Ok(full(header, samples))
}

/// How a cell's bits become a stored value.
#[derive(Clone, Copy)]
pub(super) struct Cell {
    shift: u32,
    bits: u32,
    signed: bool,
}

impl Cell {
    /// Native cells: BitsStored bits below and at HighBit.
    fn stored(header: &ImageHeader) -> Self {
        Self {
            shift: u32::from(header.high_bit + 1 - header.bits_stored),
            bits: header.bits_stored.into(),
            signed: header.signed,
        }
    }

    /// Samples out of a codestream of some precision, which may be less than BitsStored.
    pub(super) fn coded(header: &ImageHeader, precision: u16) -> Self {
        let stored = Self::stored(header);
        if precision > header.high_bit {
            return stored;
        }
        Self {
            shift: 0,
            bits: stored.bits.min(precision.into()),
            ..stored
        }
    }

    pub(super) fn value(self, raw: u32) -> i32 {
        let unused = 32 - self.bits;
        let raised = (raw >> self.shift) << unused;
        if self.signed {
            raised.cast_signed() >> unused
        } else {
            // All 32 bits, or fewer: `DecodedFrame::value` knows which.
            (raised >> unused).cast_signed()
        }
    }
}

pub(super) fn full(header: &ImageHeader, samples: Vec<i32>) -> DecodedFrame {
    DecodedFrame {
        width: header.columns,
        height: header.rows,
        components: header.samples_per_pixel.into(),
        samples,
        unsigned_32: header.bits_stored == 32 && !header.signed,
        photometric: header.photometric,
    }
}

pub(super) fn planes_to_pixels(planes: &[i32], components: usize) -> Vec<i32> {
    let pixels = planes.len() / components;
    (0..pixels)
        .flat_map(|pixel| (0..components).map(move |plane| planes[plane * pixels + pixel]))
        .collect()
}
