//! The pixel data of an instance in another form: samples, lossless HTJ2K proved by a second decoder, or lossy HTJ2K
//! measured by it.

use std::collections::BTreeMap;
use std::io::{Seek, Write};

use dicom_core::VR;

use super::derived::{self, Target};
use super::survey::{Survey, TopPixels};
use super::writer::ExplicitWriter;
use crate::codec::CodecError;
use crate::codec::htj2k;
use crate::codec::image_header::{ImageObject, Photometric};
use crate::codec::lossy;
use crate::codec::protocol::Source;
use crate::codec::source::ByteSource;
use crate::codec::suitability::{self, PixelKind};
use crate::tag::{Tag, tags};

/// JPEG processes that are never lossless (PS3.5 §8.2.1).
pub(super) const LOSSY_JPEG: [&str; 4] = [
    "1.2.840.10008.1.2.4.50",
    "1.2.840.10008.1.2.4.51",
    "1.2.840.10008.1.2.4.53",
    "1.2.840.10008.1.2.4.55",
];

/// What elements say after the pixels were written anew.
pub(super) type Patches = BTreeMap<Tag, (VR, Vec<u8>)>;

/// Pixels that are to be written anew.
pub(super) struct Recoding {
    image: ImageObject,
    target: Target,
    /// What the new pixels mean.
    photometric: Photometric,
}

impl Recoding {
    /// What to do with the pixels; `None` where they stay as they are, but for their byte order.
    ///
    /// Errors: [`CodecError::Unsuitable`] and those of decoding the first frame.
    pub(super) fn plan(survey: &Survey, source: Source, target: Target) -> Result<Option<Self>, CodecError> {
        let compressed = target.is_compressed();
        match survey.pixels {
            TopPixels::None | TopPixels::Float if compressed => {
                return Err(CodecError::unsuitable("no pixels to compress"));
            }
            TopPixels::None | TopPixels::Float => return Ok(None),
            TopPixels::Native if !compressed => return Ok(None),
            TopPixels::Native | TopPixels::Encapsulated => {}
        }
        if survey.stray_fragments {
            return Err(CodecError::unsuitable("compressed pixels inside a sequence"));
        }
        let image = ImageObject::read(ByteSource::open(source)?)?;
        let photometric = if compressed {
            if let Some(why) = suitability::forbids(&PixelKind::of(&image.header)) {
                return Err(CodecError::unsuitable(why));
            }
            let samples = image.decode_frame(0, 0)?.photometric;
            match &target {
                Target::Exact(_) => htj2k::coded_as(samples)?,
                Target::Lossy(_) => {
                    derived::require_exact(survey, &image.header)?;
                    lossy::coded_as(samples)?
                }
            }
        } else {
            // With every bit of its cells: overlay planes in free bits stay (retired, PS3.5 §8.1.2).
            image.decode_cells(0)?.photometric
        };
        Ok(Some(Self {
            image,
            target,
            photometric,
        }))
    }

    /// The elements that describe the new pixels.
    pub(super) fn patches(&self, survey: &Survey) -> Result<Patches, CodecError> {
        let header = &self.image.header;
        let short = |number: u16| (VR::US, number.to_le_bytes().to_vec());
        let mut patches = Patches::from([(
            tags::PHOTOMETRIC_INTERPRETATION,
            (VR::CS, self.photometric.to_string().into_bytes()),
        )]);
        if header.samples_per_pixel > 1 {
            patches.insert(tags::PLANAR_CONFIGURATION, short(0));
        }
        if self.target.is_compressed() {
            patches.insert(tags::BITS_STORED, short(header.bits_stored));
            patches.insert(tags::HIGH_BIT, short(header.bits_stored - 1));
        }
        // Once lossy, always lossy (PS3.3 §C.7.6.1.1.5), and some writers forget to say so.
        if LOSSY_JPEG.contains(&header.transfer_syntax_uid.as_str()) {
            patches.insert(tags::LOSSY_IMAGE_COMPRESSION, (VR::CS, b"01".to_vec()));
        }
        if let Target::Lossy(derivation) = &self.target {
            derived::describe(&mut patches, survey, derivation)?;
        }
        Ok(patches)
    }

    /// Writes Pixel Data; says what was lost, where something was to be.
    pub(super) fn write<W: Write + Seek>(
        &self,
        writer: &mut ExplicitWriter<W>,
    ) -> Result<Option<Loss>, CodecError> {
        if self.target.is_compressed() {
            self.write_codestreams(writer)
        } else {
            self.write_samples(writer)?;
            Ok(None)
        }
    }

    fn write_samples<W: Write + Seek>(&self, writer: &mut ExplicitWriter<W>) -> Result<(), CodecError> {
        let header = &self.image.header;
        let bits = header.samples() as u64 * u64::from(header.bits_allocated) * u64::from(header.frames);
        let length =
            u32::try_from(bits.div_ceil(8)).map_err(|_| CodecError::too_large("uncompressed pixels"))?;
        let vr = if header.bits_allocated > 8 { VR::OW } else { VR::OB };
        writer.header(tags::PIXEL_DATA, vr, length)?;
        let mut packing = Packing::default();
        let mut bytes = Vec::new();
        for number in 0..header.frames {
            let frame = self.image.decode_cells(number)?;
            if frame.photometric != self.photometric || frame.samples.len() != header.samples() {
                return Err(CodecError::decode("frames of different kinds"));
            }
            bytes.clear();
            match header.bits_allocated {
                1 => packing.add(&frame.samples, &mut bytes),
                // They came out of cells of this width, and their bits are those of the cell.
                width => bytes.extend(
                    frame
                        .samples
                        .iter()
                        .flat_map(|sample| sample.to_le_bytes().into_iter().take(usize::from(width / 8))),
                ),
            }
            writer.bytes(&bytes)?;
        }
        bytes.clear();
        packing.finish(&mut bytes);
        writer.bytes(&bytes)?;
        writer.pad(VR::OB, length)
    }

    /// One fragment a frame, found by a Basic Offset Table (PS3.5 §A.4).
    fn write_codestreams<W: Write + Seek>(
        &self,
        writer: &mut ExplicitWriter<W>,
    ) -> Result<Option<Loss>, CodecError> {
        let header = &self.image.header;
        let too_large = || CodecError::too_large("compressed pixels");
        let table_bytes = header.frames.checked_mul(4).ok_or_else(too_large)?;
        writer.fragments_start(tags::PIXEL_DATA, VR::OB)?;
        writer.item(table_bytes)?;
        let table_at = writer.position();
        let zeros = vec![0; table_bytes as usize];
        writer.bytes(&zeros)?;
        let first = writer.position();
        let mut table = Vec::with_capacity(zeros.len());
        let mut loss: Option<Loss> = None;
        let native_frame = header.samples() as u64 * u64::from(header.bits_allocated / 8);
        for number in 0..header.frames {
            let frame = self.image.decode_frame(number, 0)?;
            let (codestream, coded_as) = match &self.target {
                Target::Exact(_) => htj2k::encode_verified(header, number, &frame)?,
                Target::Lossy(derivation) => {
                    let coded = lossy::encode(header, &frame, derivation.least_psnr_db)?;
                    let bytes = coded.codestream.len() as u64;
                    loss = Some(Loss::with(loss, native_frame, bytes, coded.psnr_db));
                    (coded.codestream, lossy::coded_as(frame.photometric)?)
                }
            };
            if coded_as != self.photometric {
                return Err(CodecError::decode("frames of different kinds"));
            }
            let offset = u32::try_from(writer.position() - first).map_err(|_| too_large())?;
            table.extend(offset.to_le_bytes());
            let length = u32::try_from(codestream.len()).map_err(|_| too_large())?;
            writer.item(length.next_multiple_of(2))?;
            writer.bytes(&codestream)?;
            writer.pad(VR::OB, length)?;
        }
        writer.sequence_end()?;
        writer.overwrite(table_at, &table)?;
        Ok(loss)
    }
}

/// What lossy frames saved and lost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Loss {
    native_bytes: u64,
    coded_bytes: u64,
    /// Of the worst frame.
    pub(super) psnr_db: f64,
}

impl Loss {
    /// How many times smaller the pixels are.
    pub(super) fn ratio(&self) -> f64 {
        self.native_bytes as f64 / self.coded_bytes.max(1) as f64
    }

    fn with(before: Option<Self>, native_bytes: u64, coded_bytes: u64, psnr_db: f64) -> Self {
        let before = before.unwrap_or(Self {
            native_bytes: 0,
            coded_bytes: 0,
            psnr_db,
        });
        Self {
            native_bytes: before.native_bytes + native_bytes,
            coded_bytes: before.coded_bytes + coded_bytes,
            psnr_db: before.psnr_db.min(psnr_db),
        }
    }
}

/// 1-bit samples of frame after frame, without padding between them (PS3.5 §8.1.1).
#[derive(Debug, Default)]
struct Packing {
    byte: u8,
    bits: u32,
}

impl Packing {
    fn add(&mut self, samples: &[i32], out: &mut Vec<u8>) {
        for sample in samples {
            self.byte |= u8::from(*sample != 0) << self.bits;
            self.bits += 1;
            if self.bits == 8 {
                out.push(self.byte);
                *self = Self::default();
            }
        }
    }

    fn finish(self, out: &mut Vec<u8>) {
        if self.bits > 0 {
            out.push(self.byte);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_bits_follow_each_other_without_padding() {
        let mut packing = Packing::default();
        let mut out = Vec::new();
        for frame in [[1, 0, 1], [0, 1, 1], [1, 1, 0]] {
            packing.add(&frame, &mut out);
        }
        packing.finish(&mut out);
        // The first pixel in the lowest bit: 101, 011, 110.
        assert_eq!(out, [0b1111_0101, 0b0]);
    }
}
