//! From what the walk met as pixel data to a frame index; dimensions are checked against the bytes.

use super::attributes::Attributes;
use crate::frames::{
    Fragment, FragmentScan, FrameIndex, NativeFrames, ScannedFragment, locate_frames, starts_codestream,
};
use crate::prescan::{Element, Opening, note};
use crate::refusal::{Hostility, Refusal, Warning};
use crate::tag::{Tag, tags};
use crate::transfer_syntax::PixelEncoding;
use dicom_core::VR;

/// Pixel data as it was met.
#[derive(Debug, Default)]
pub(super) struct PixelScan {
    native: Option<Element>,
    fragments: Option<FragmentScan>,
    extended_offsets: Option<Vec<u64>>,
}

impl PixelScan {
    pub(super) fn native(&mut self, element: &Element) {
        self.native.get_or_insert(*element);
    }

    /// Called for all encapsulated pixel data, also where no fragment came.
    pub(super) fn end_fragments(&mut self, delimited: bool) {
        self.fragments.get_or_insert_default().delimited = delimited;
    }

    pub(super) fn basic_offsets(&mut self, table: &[u8]) {
        let (offsets, _) = table.as_chunks::<4>();
        self.fragments.get_or_insert_default().basic_offsets = offsets
            .iter()
            .map(|offset| u64::from(u32::from_le_bytes(*offset)))
            .collect();
    }

    pub(super) fn extended_offsets(&mut self, table: &[u8], big_endian: bool) {
        let (offsets, _) = table.as_chunks::<8>();
        let read = |offset: &[u8; 8]| {
            if big_endian {
                u64::from_be_bytes(*offset)
            } else {
                u64::from_le_bytes(*offset)
            }
        };
        self.extended_offsets = (!offsets.is_empty()).then(|| offsets.iter().map(read).collect());
    }

    pub(super) fn fragment(&mut self, offset: u64, length: u32, head: &[u8]) {
        let starts_frame = starts_codestream(head);
        let fragment = ScannedFragment {
            fragment: Fragment { offset, length },
            starts_frame,
        };
        self.fragments.get_or_insert_default().fragments.push(fragment);
    }

    pub(super) fn locate(
        self,
        attributes: &Attributes,
        opening: &Opening,
        warnings: &mut Vec<Warning>,
    ) -> Result<FrameIndex, Refusal> {
        let syntax = opening.transfer_syntax;
        let declared = attributes.frames.unwrap_or(1);
        if let Some(scan) = self.fragments {
            if syntax.pixels == PixelEncoding::Native {
                note(warnings, Warning::EncodingMismatch);
            }
            let scan = FragmentScan {
                extended_offsets: self.extended_offsets,
                ..scan
            };
            return locate_frames(scan, declared, syntax.pixels == PixelEncoding::Video, warnings);
        }
        // An empty value is none: headers are kept without their pixels in research and teaching.
        let Some(element) = self.native.filter(|element| element.length > 0) else {
            if attributes.rows.is_some()
                && attributes.columns.is_some()
                && attributes.bits_allocated.is_some()
            {
                note(warnings, Warning::NoPixelData);
            }
            return Ok(FrameIndex::None);
        };
        if syntax.pixels != PixelEncoding::Native && syntax.known {
            note(warnings, Warning::EncodingMismatch);
        }
        let big_endian = element.big_endian || opening.transfer_syntax.big_endian_pixels;
        let word_bytes = pixel_word_bytes(element.vr, big_endian, attributes.bits_allocated);
        let native = native_frames(&element, attributes, declared, word_bytes, warnings)?;
        Ok(if syntax.deflated {
            FrameIndex::Deflated {
                dataset_offset: opening.dataset_offset,
                frames: native,
            }
        } else {
            FrameIndex::Native(native)
        })
    }
}

/// The unit that big-endian samples are swapped in.
///
/// By PS3.5 §7.3 that is the VR's word, 16 bits for OW, whatever a sample is. But the writers of the big-endian
/// RT Dose files in the field swap whole 32-bit samples, and pydicom reads them so; their pixels only make sense
/// that way. Samples narrower than a word follow the Standard.
pub(crate) fn pixel_word_bytes(vr: VR, big_endian: bool, bits_allocated: Option<u16>) -> u8 {
    match vr {
        _ if !big_endian => 1,
        VR::OB | VR::UN => 1,
        VR::OF | VR::OL => 4,
        VR::OD | VR::OV => 8,
        _ => match bits_allocated {
            Some(32) => 4,
            Some(64) => 8,
            _ => 2,
        },
    }
}

fn native_frames(
    element: &Element,
    attributes: &Attributes,
    frames: u32,
    word_bytes: u8,
    warnings: &mut Vec<Warning>,
) -> Result<NativeFrames, Refusal> {
    let length = u64::from(element.length);
    let (Some(rows), Some(columns)) = (attributes.rows, attributes.columns) else {
        return Err(Hostility::Dimensions.into());
    };
    let samples = attributes.samples_per_pixel.unwrap_or(1);
    let bits = attributes
        .bits_allocated
        .unwrap_or_else(|| default_bits(element.tag));
    if rows == 0 || columns == 0 || samples == 0 || bits == 0 || bits > 64 {
        return Err(Hostility::Dimensions.into());
    }
    let pixels = u64::from(rows) * u64::from(columns);
    // 2^32 pixels of 2^16 samples of 2^6 bits stay below 2^64.
    let full_bits = pixels * u64::from(samples) * u64::from(bits);
    let full = frame_total(full_bits, frames)?;
    let frame_bits = if length >= full {
        full_bits
    } else {
        // PS3.3 §C.7.6.3.1.2: these share chrominance between two or four pixels.
        let (numerator, denominator) = match attributes.photometric_interpretation.as_deref() {
            Some("YBR_FULL_422" | "YBR_PARTIAL_422") if samples == 3 => (2, 3),
            Some("YBR_PARTIAL_420") if samples == 3 => (1, 2),
            _ => (1, 1),
        };
        full_bits / denominator * numerator
    };
    let needed = frame_total(frame_bits, frames)?;
    if needed > length {
        return Err(Refusal::Truncated {
            what: "the pixel data is shorter than its rows, columns and frames need",
            at: element.offset + length,
        });
    }
    // One byte pads to an even length; more is not what the dimensions say.
    if length - needed > 1 {
        note(warnings, Warning::PixelDataTooLong);
    }
    Ok(NativeFrames {
        offset: element.offset,
        length,
        frame_bits,
        count: frames,
        word_bytes,
    })
}

fn frame_total(frame_bits: u64, frames: u32) -> Result<u64, Refusal> {
    let bits = u128::from(frame_bits) * u128::from(frames);
    u64::try_from(bits.div_ceil(8)).map_err(|_| Hostility::Dimensions.into())
}

fn default_bits(tag: Tag) -> u16 {
    match tag {
        tags::FLOAT_PIXEL_DATA => 32,
        tags::DOUBLE_FLOAT_PIXEL_DATA => 64,
        _ => 16,
    }
}
