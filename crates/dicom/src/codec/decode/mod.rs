//! One frame as stored values, whatever its transfer syntax.
//!
//! **Invariant:** the values that leave here are masked to BitsStored at HighBit and sign-extended when
//! PixelRepresentation says so; the data set's header wins over the codestream's. Only whoever asks for whole cells
//! gets the bits around the value, too.

mod cells;
mod streams;

pub(crate) use streams::open_jpeg;

use super::CodecError;
use super::family::Family;
use super::image_header::{ImageHeader, ImageObject, Photometric};
use super::parse::inflate_bytes;
use super::rle;
use cells::{interleaved, native, whole_bytes};

/// A decoded frame.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DecodedFrame {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// 1 or 3.
    pub(crate) components: usize,
    /// Stored values, interleaved by pixel. Unsigned ones of 32 bits are here as their bits: see
    /// [`DecodedFrame::value`].
    pub(crate) samples: Vec<i32>,
    /// Whether the values are unsigned and use all 32 bits.
    pub(crate) unsigned_32: bool,
    /// What the values mean now: decoders undo the colour transforms of their codestreams.
    pub(crate) photometric: Photometric,
}

impl DecodedFrame {
    /// What a sample counts.
    pub(crate) fn value(&self, sample: i32) -> i64 {
        if self.unsigned_32 {
            i64::from(sample.cast_unsigned())
        } else {
            sample.into()
        }
    }

    /// What the samples count, in order.
    pub(crate) fn values(&self) -> impl Iterator<Item = i64> {
        self.samples.iter().map(|&sample| self.value(sample))
    }
}

impl ImageObject {
    /// Decodes one frame.
    ///
    /// Up to `reduce` times the resolution is halved where the codestream can do so cheaply (JPEG 2000); other
    /// frames come in full. Errors: as the decoders', see [`CodecError`].
    pub(crate) fn decode_frame(&self, frame: u32, reduce: u8) -> Result<DecodedFrame, CodecError> {
        self.decode(&self.header, frame, reduce)
    }

    /// Decodes one frame with every bit of its cells: overlay planes in the bits that the value leaves free stay
    /// where they are (retired, PS3.5 §8.1.2).
    ///
    /// Errors: as [`ImageObject::decode_frame`].
    pub(crate) fn decode_cells(&self, frame: u32) -> Result<DecodedFrame, CodecError> {
        self.decode(&self.header.whole_cells(), frame, 0)
    }

    fn decode(&self, header: &ImageHeader, frame: u32, reduce: u8) -> Result<DecodedFrame, CodecError> {
        let family = Family::of(&header.transfer_syntax_uid)?;
        let bytes = self.frame_bytes(frame)?;
        if family != Family::Native && !self.is_encapsulated() {
            return Err(CodecError::description(
                "native pixel data under a compressed transfer syntax",
            ));
        }
        match family {
            Family::Native => native(header, &bytes, frame, self.big_endian),
            Family::DeflatedFrame => {
                let limit = header.native_frame_bits().div_ceil(8) + 1;
                native(header, &inflate_bytes(&bytes, limit)?, 0, false)
            }
            Family::Rle => {
                let sample_bytes = whole_bytes(header)?;
                let native_bytes = rle::decode_frame(
                    &bytes,
                    header.pixels(),
                    header.samples_per_pixel.into(),
                    sample_bytes,
                )?;
                // RLE frames are colour by plane inside, whatever PlanarConfiguration says (PS3.5 §G.2).
                interleaved(header, &native_bytes, false, false)
            }
            Family::Jpeg => streams::jpeg(header, &bytes),
            Family::JpegLs => streams::jpeg_ls(header, &bytes),
            Family::Jpeg2000 => streams::jpeg_2000(header, &bytes, reduce),
            Family::JpegXl => streams::jpeg_xl(header, &bytes),
        }
    }
}
