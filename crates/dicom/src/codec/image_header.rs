//! The Image Pixel description of an instance (PS3.3 §C.7.6.3) and access to its frames.
//!
//! **Invariant:** an [`ImageHeader`] is consistent in itself: depths fit each other, no dimension is zero, one frame
//! is at most [`MAX_FRAME_SAMPLES`] samples. Decoders rely on it.

use std::borrow::Cow;
use std::fmt;

use super::CodecError;
use super::dataset::DataSet;
use super::family::Family;
use super::fragments::FragmentIndex;
use super::parse;
use super::source::ByteSource;
use super::walk::PixelData;

/// Most samples (pixels × samples per pixel) of one frame: 128 Mi, the largest mammogram four times over.
pub(crate) const MAX_FRAME_SAMPLES: u64 = 128 << 20;

/// Photometric Interpretation (0028,0004).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Photometric {
    Monochrome1,
    Monochrome2,
    PaletteColor,
    Rgb,
    YbrFull,
    YbrFull422,
    YbrPartial420,
    YbrIct,
    YbrRct,
}

impl Photometric {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "MONOCHROME1" => Self::Monochrome1,
            "MONOCHROME2" => Self::Monochrome2,
            "PALETTE COLOR" => Self::PaletteColor,
            "RGB" => Self::Rgb,
            "YBR_FULL" => Self::YbrFull,
            "YBR_FULL_422" => Self::YbrFull422,
            "YBR_PARTIAL_420" => Self::YbrPartial420,
            "YBR_ICT" => Self::YbrIct,
            "YBR_RCT" => Self::YbrRct,
            _ => return None,
        })
    }
}

impl fmt::Display for Photometric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Monochrome1 => "MONOCHROME1",
            Self::Monochrome2 => "MONOCHROME2",
            Self::PaletteColor => "PALETTE COLOR",
            Self::Rgb => "RGB",
            Self::YbrFull => "YBR_FULL",
            Self::YbrFull422 => "YBR_FULL_422",
            Self::YbrPartial420 => "YBR_PARTIAL_420",
            Self::YbrIct => "YBR_ICT",
            Self::YbrRct => "YBR_RCT",
        })
    }
}

/// What the pixels are.
#[derive(Debug, Clone)]
pub(crate) struct ImageHeader {
    pub(crate) transfer_syntax_uid: String,
    pub(crate) rows: u32,
    pub(crate) columns: u32,
    pub(crate) frames: u32,
    pub(crate) samples_per_pixel: u16,
    pub(crate) bits_allocated: u16,
    pub(crate) bits_stored: u16,
    pub(crate) high_bit: u16,
    pub(crate) signed: bool,
    pub(crate) planar: bool,
    pub(crate) photometric: Photometric,
    /// Overlay planes live in unused bits of the pixel cells (retired, PS3.5 §8.1.2).
    pub(crate) embedded_overlays: bool,
}

/// An instance with its description and its frames.
#[derive(Debug)]
pub(crate) struct ImageObject {
    pub(crate) header: ImageHeader,
    pub(crate) data_set: DataSet,
    pub(crate) big_endian: bool,
    source: ByteSource,
    pixels: Pixels,
}

#[derive(Debug)]
enum Pixels {
    Native { offset: u64, length: u64, swapped: bool },
    Encapsulated(FragmentIndex),
}

impl ImageObject {
    /// Reads the description of an instance's pixels and finds its frames.
    ///
    /// Errors: [`CodecError::NotDicom`], [`CodecError::Hostile`], [`CodecError::NoPixels`],
    /// [`CodecError::BadPixelDescription`], [`CodecError::UnsupportedPixels`], [`CodecError::TooLarge`].
    pub(crate) fn read(source: ByteSource) -> Result<Self, CodecError> {
        let parsed = parse::parse(source)?;
        let pixel_data = parsed.pixel_data.ok_or(CodecError::NoPixels)?;
        // Before the fragments are looked at: video has fragments, but not one a frame.
        Family::of(&parsed.transfer_syntax_uid)?;
        let header = ImageHeader::read(parsed.transfer_syntax_uid, &parsed.data_set)?;
        let pixels = match pixel_data {
            PixelData::Native {
                offset,
                length,
                swapped,
            } => Pixels::Native {
                offset,
                length,
                // Wider cells are swapped as a whole when they are read.
                swapped: swapped && header.bits_allocated <= 8,
            },
            PixelData::Encapsulated { offset } => Pixels::Encapsulated(FragmentIndex::read(
                &parsed.source,
                offset,
                header.frames,
                &parsed.data_set,
            )?),
            PixelData::Float => return Err(CodecError::unsupported("floating point pixels")),
        };
        Ok(Self {
            header,
            data_set: parsed.data_set,
            big_endian: parsed.big_endian,
            source: parsed.source,
            pixels,
        })
    }

    /// Whether the frames are codestreams.
    pub(crate) fn is_encapsulated(&self) -> bool {
        matches!(self.pixels, Pixels::Encapsulated(_))
    }

    /// The bytes of one frame as they are stored: its samples, or its codestream.
    ///
    /// For 1-bit pixels the slice begins with the byte that holds the frame's first bit.
    /// Errors: [`CodecError::FrameOutOfRange`], [`CodecError::TruncatedPixels`].
    pub(crate) fn frame_bytes(&self, frame: u32) -> Result<Cow<'_, [u8]>, CodecError> {
        let frames = self.header.frames;
        if frame >= frames {
            return Err(CodecError::FrameOutOfRange { frame, frames });
        }
        match &self.pixels {
            Pixels::Native {
                offset,
                length,
                swapped,
            } => {
                let bits = self.header.native_frame_bits();
                let start = bits * u64::from(frame) / 8;
                let end = (bits * (u64::from(frame) + 1)).div_ceil(8);
                if end > *length {
                    return Err(CodecError::TruncatedPixels);
                }
                if !swapped {
                    return self.source.bytes(offset + start, end - start);
                }
                let (from, until) = (start & !1, end.next_multiple_of(2).min(*length));
                let mut words = self.source.bytes(offset + from, until - from)?.into_owned();
                words.chunks_exact_mut(2).for_each(|word| word.swap(0, 1));
                words.truncate((end - from) as usize);
                words.drain(..(start - from) as usize);
                Ok(Cow::Owned(words))
            }
            Pixels::Encapsulated(index) => index.frame(&self.source, frame),
        }
    }
}

impl ImageHeader {
    fn read(transfer_syntax_uid: String, set: &DataSet) -> Result<Self, CodecError> {
        let need = |tag: u32, name: &str| {
            set.u16(tag)
                .ok_or_else(|| CodecError::description(format!("{name} is missing")))
        };
        let rows = need(0x0028_0010, "Rows")?;
        let columns = need(0x0028_0011, "Columns")?;
        let samples_per_pixel = set.u16(0x0028_0002).unwrap_or(1);
        let bits_allocated = need(0x0028_0100, "BitsAllocated")?;
        let bits_stored = set.u16(0x0028_0101).unwrap_or(bits_allocated);
        let high_bit = set.u16(0x0028_0102).unwrap_or(bits_stored.saturating_sub(1));
        let signed = set.u16(0x0028_0103) == Some(1);
        let planar = set.u16(0x0028_0006) == Some(1);
        let frames = match set.number(0x0028_0008) {
            None => 1,
            Some(frames) if (1.0..=f64::from(u32::MAX)).contains(&frames) => frames as u32,
            // Some writers say 0 and mean the one frame that is there.
            Some(0.0) => 1,
            Some(_) => return Err(CodecError::description("NumberOfFrames")),
        };
        if rows == 0 || columns == 0 {
            return Err(CodecError::description("an image without rows or columns"));
        }
        if !matches!(bits_allocated, 1 | 8 | 16 | 32) {
            return Err(CodecError::unsupported(format!(
                "{bits_allocated} bits allocated"
            )));
        }
        if bits_stored == 0
            || bits_stored > bits_allocated
            || high_bit >= bits_allocated
            || high_bit + 1 < bits_stored
        {
            return Err(CodecError::description("BitsStored and HighBit"));
        }
        if !matches!(samples_per_pixel, 1 | 3) {
            return Err(CodecError::unsupported(format!(
                "{samples_per_pixel} samples per pixel"
            )));
        }
        let photometric = match set.text(0x0028_0004) {
            Some(text) => Photometric::parse(&text)
                .ok_or_else(|| CodecError::unsupported("photometric interpretation"))?,
            // Type 1, yet ACR-NEMA descendants leave it out.
            None if samples_per_pixel == 3 => Photometric::Rgb,
            None => Photometric::Monochrome2,
        };
        let gray = matches!(
            photometric,
            Photometric::Monochrome1 | Photometric::Monochrome2 | Photometric::PaletteColor
        );
        if gray != (samples_per_pixel == 1) {
            return Err(CodecError::description(
                "SamplesPerPixel and PhotometricInterpretation",
            ));
        }
        let samples = u64::from(rows) * u64::from(columns) * u64::from(samples_per_pixel);
        if samples > MAX_FRAME_SAMPLES {
            return Err(CodecError::too_large("frame"));
        }
        Ok(Self {
            transfer_syntax_uid,
            rows: rows.into(),
            columns: columns.into(),
            frames,
            samples_per_pixel,
            bits_allocated,
            bits_stored,
            high_bit,
            signed,
            planar,
            photometric,
            embedded_overlays: has_embedded_overlays(set),
        })
    }

    /// Pixels of one frame.
    pub(crate) fn pixels(&self) -> usize {
        self.rows as usize * self.columns as usize
    }

    /// Samples of one frame.
    pub(crate) fn samples(&self) -> usize {
        self.pixels() * usize::from(self.samples_per_pixel)
    }

    /// Bits of one native frame. Frames of 1-bit pixels follow each other without padding (PS3.5 §8.1.1).
    pub(crate) fn native_frame_bits(&self) -> u64 {
        let samples = match self.photometric {
            // Two luminance samples share one pair of chrominance samples.
            Photometric::YbrFull422 => self.pixels() as u64 * 2,
            _ => self.samples() as u64,
        };
        samples * u64::from(self.bits_allocated)
    }

    /// The same pixels without a word about which bits of a cell are the value: every bit counts.
    pub(crate) fn whole_cells(&self) -> Self {
        Self {
            bits_stored: self.bits_allocated,
            high_bit: self.bits_allocated - 1,
            ..self.clone()
        }
    }
}

/// An Overlay Bit Position (60xx,0102) other than 0 without Overlay Data means bits inside the pixel cells.
fn has_embedded_overlays(set: &DataSet) -> bool {
    set.tags()
        .filter(|tag| {
            let group = tag >> 16;
            (0x6000..=0x60FF).contains(&group) && group % 2 == 0 && tag & 0xFFFF == 0x0102
        })
        .any(|tag| set.u16(tag).is_some_and(|position| position != 0))
}
