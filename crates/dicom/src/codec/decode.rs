//! One frame as stored values, whatever its transfer syntax.
//!
//! **Invariant:** the values that leave here are masked to BitsStored at HighBit and sign-extended when
//! PixelRepresentation says so; the data set's header wins over the codestream's.

use super::CodecError;
use super::codestream::{self, Family, StreamInfo};
use super::image_header::{ImageHeader, ImageObject, Photometric};
use super::jpeg12;
use super::parse::inflate_bytes;
use super::rle;

/// Most bytes that are looked over for the end of a JPEG-LS image.
const MAX_JPEG_LS_PADDING: usize = 64;

/// A decoded frame.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DecodedFrame {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// 1 or 3.
    pub(crate) components: usize,
    /// Stored values, interleaved by pixel.
    pub(crate) samples: Vec<i32>,
    /// What the values mean now: decoders undo the colour transforms of their codestreams.
    pub(crate) photometric: Photometric,
}

impl ImageObject {
    /// Decodes one frame.
    ///
    /// Up to `reduce` times the resolution is halved where the codestream can do so cheaply (JPEG 2000); other
    /// frames come in full. Errors: as the decoders', see [`CodecError`].
    pub(crate) fn decode_frame(&self, frame: u32, reduce: u8) -> Result<DecodedFrame, CodecError> {
        let header = &self.header;
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
            Family::Jpeg => jpeg(header, &bytes),
            Family::JpegLs => jpeg_ls(header, &bytes),
            Family::Jpeg2000 => jpeg_2000(header, &bytes, reduce),
            Family::JpegXl => jpeg_xl(header, &bytes),
        }
    }
}

fn whole_bytes(header: &ImageHeader) -> Result<usize, CodecError> {
    match header.bits_allocated {
        8 | 16 | 32 => Ok(usize::from(header.bits_allocated / 8)),
        bits => Err(CodecError::unsupported(format!("{bits} bits compressed"))),
    }
}

fn native(
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
fn interleaved(
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
struct Cell {
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
    fn coded(header: &ImageHeader, precision: u16) -> Self {
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

    fn value(self, raw: u32) -> i32 {
        let unused = 32 - self.bits;
        let raised = (raw >> self.shift) << unused;
        if self.signed {
            (raised as i32) >> unused
        } else {
            // Only 32-bit unsigned cells can exceed an i32; they are only ever rendered.
            i32::try_from(raised >> unused).unwrap_or(i32::MAX)
        }
    }
}

fn full(header: &ImageHeader, samples: Vec<i32>) -> DecodedFrame {
    DecodedFrame {
        width: header.columns,
        height: header.rows,
        components: header.samples_per_pixel.into(),
        samples,
        photometric: header.photometric,
    }
}

fn planes_to_pixels(planes: &[i32], components: usize) -> Vec<i32> {
    let pixels = planes.len() / components;
    (0..pixels)
        .flat_map(|pixel| (0..components).map(move |plane| planes[plane * pixels + pixel]))
        .collect()
}

fn jpeg(header: &ImageHeader, codestream: &[u8]) -> Result<DecodedFrame, CodecError> {
    use jpeg_decoder::{ColorTransform, Decoder, PixelFormat};

    let info = codestream::inspect_jpeg(codestream)?;
    info.check(header)?;
    if info.precision == 12 && !info.lossless_process {
        let samples = jpeg12::decode(codestream, header.columns as usize, header.rows as usize)?;
        let cell = Cell::coded(header, info.precision);
        return complete(
            header,
            samples
                .into_iter()
                .map(|sample| cell.value(sample.into()))
                .collect(),
        );
    }
    let mut decoder = Decoder::new(codestream);
    decoder.set_max_decoding_buffer_size(header.samples() * 2 + 4096);
    let transformed = info.components == 3 && is_ycbcr(header, &info);
    if info.components == 3 {
        decoder.set_color_transform(if transformed {
            ColorTransform::YCbCr
        } else {
            ColorTransform::RGB
        });
    }
    let bytes = decoder.decode().map_err(CodecError::decode)?;
    let format = decoder
        .info()
        .map(|info| info.pixel_format)
        .ok_or_else(|| CodecError::decode("no JPEG image"))?;
    let cell = Cell::coded(header, info.precision);
    let samples: Vec<i32> = match format {
        PixelFormat::L8 | PixelFormat::RGB24 => bytes.iter().map(|&byte| cell.value(byte.into())).collect(),
        PixelFormat::L16 => bytes
            .chunks_exact(2)
            .map(|two| cell.value(u16::from_ne_bytes([two[0], two[1]]).into()))
            .collect(),
        PixelFormat::CMYK32 => return Err(CodecError::mismatch("SamplesPerPixel")),
    };
    let mut frame = complete(header, samples)?;
    if info.components == 3 && (transformed || !info.lossless_process) {
        frame.photometric = Photometric::Rgb;
    }
    Ok(frame)
}

/// Whether the three components of a lossy JPEG are Y, Cb and Cr. The codestream's own markers win over the data
/// set, which many writers fill with what the image was before.
fn is_ycbcr(header: &ImageHeader, info: &StreamInfo) -> bool {
    if info.lossless_process || info.named_rgb {
        return false;
    }
    match info.adobe_transform {
        Some(transform) => transform != 0,
        None => info.jfif || header.photometric != Photometric::Rgb,
    }
}

fn jpeg_ls(header: &ImageHeader, codestream: &[u8]) -> Result<DecodedFrame, CodecError> {
    let info = codestream::inspect_jpeg(codestream)?;
    info.check(header)?;
    // CharLS searches long for an end that is not there. Encoders pad behind it, with zeros or with ones.
    let tail = &codestream[codestream.len().saturating_sub(MAX_JPEG_LS_PADDING + 2)..];
    if !tail.windows(2).any(|marker| marker == [0xFF, 0xD9]) {
        return Err(CodecError::TruncatedPixels);
    }
    let bytes = charls::CharLS::default()
        .decode(codestream)
        .map_err(CodecError::decode)?;
    let cell = Cell::coded(header, info.precision);
    let mut samples: Vec<i32> = if info.precision <= 8 {
        bytes.iter().map(|&byte| cell.value(byte.into())).collect()
    } else {
        bytes
            .chunks_exact(2)
            .map(|two| cell.value(u16::from_ne_bytes([two[0], two[1]]).into()))
            .collect()
    };
    if info.by_plane && info.components > 1 {
        samples = planes_to_pixels(&samples, info.components.into());
    }
    complete(header, samples)
}

fn jpeg_2000(header: &ImageHeader, codestream: &[u8], reduce: u8) -> Result<DecodedFrame, CodecError> {
    let info = codestream::inspect_jpeg_2000(codestream)?;
    info.check(header)?;
    if info.precision > 16 {
        return Err(CodecError::unsupported("JPEG 2000 of more than 16 bits"));
    }
    let reduce = u32::from(reduce.min(info.decompositions));
    let image = open_jpeg(codestream, reduce, false)?;
    let components = image.components();
    let (width, height) = (
        header.columns.div_ceil(1 << reduce),
        header.rows.div_ceil(1 << reduce),
    );
    let pixels = width as usize * height as usize;
    let agrees = components.len() == usize::from(header.samples_per_pixel)
        && components
            .iter()
            .all(|component| component.data().len() == pixels);
    if !agrees || components[0].width() != width {
        return Err(CodecError::decode("JPEG 2000 image of another size"));
    }
    let cell = Cell::coded(header, info.precision);
    let mask = u32::MAX >> (32 - u32::from(info.precision));
    let planes: Vec<&[i32]> = components.iter().map(|component| component.data()).collect();
    let samples = (0..pixels)
        .flat_map(|pixel| planes.iter().map(move |plane| plane[pixel]))
        .map(|value| cell.value(value as u32 & mask))
        .collect();
    let photometric = if info.component_transform && planes.len() == 3 {
        Photometric::Rgb
    } else {
        header.photometric
    };
    Ok(DecodedFrame {
        width,
        height,
        components: planes.len(),
        samples,
        photometric,
    })
}

/// Decodes with OpenJPEG (in its Rust translation), which reads JPEG 2000 Part 1 and Part 15 (HTJ2K).
///
/// Errors: [`CodecError::DecodeFailed`].
pub(crate) fn open_jpeg(codestream: &[u8], reduce: u32, strict: bool) -> Result<jpeg2k::Image, CodecError> {
    let parameters = jpeg2k::DecodeParameters::new().reduce(reduce).strict(strict);
    jpeg2k::Image::from_bytes_with(codestream, parameters).map_err(CodecError::decode)
}

fn jpeg_xl(header: &ImageHeader, codestream: &[u8]) -> Result<DecodedFrame, CodecError> {
    // A frame needs a few 32-bit buffers of its size; what wants more is not the image it claims to be.
    let budget = header.samples().saturating_mul(64) + (16 << 20);
    let image = jxl_oxide::JxlImage::builder()
        .pool(jxl_oxide::JxlThreadPool::none())
        .alloc_tracker(jxl_oxide::AllocTracker::with_limit(budget))
        .read(codestream)
        .map_err(CodecError::decode)?;
    if image.width() != header.columns || image.height() != header.rows {
        return Err(CodecError::mismatch("Rows and Columns"));
    }
    let precision = image.image_header().metadata.bit_depth.bits_per_sample();
    if precision > 16 {
        return Err(CodecError::unsupported("JPEG XL of more than 16 bits"));
    }
    let render = image.render_frame(0).map_err(CodecError::decode)?;
    let mut stream = render.stream_no_alpha();
    if stream.channels() != u32::from(header.samples_per_pixel) {
        return Err(CodecError::mismatch("SamplesPerPixel"));
    }
    let mut levels = vec![0_f32; header.samples()];
    stream.write_to_buffer(&mut levels);
    // 24 bits of mantissa carry every 16-bit level exactly.
    let greatest = ((1_u32 << precision) - 1) as f32;
    let cell = Cell::coded(header, precision as u16);
    let samples = levels
        .iter()
        .map(|level| cell.value((level * greatest).round().clamp(0.0, greatest) as u32))
        .collect();
    let mut frame = complete(header, samples)?;
    if header.samples_per_pixel == 3 {
        frame.photometric = Photometric::Rgb;
    }
    Ok(frame)
}

fn complete(header: &ImageHeader, samples: Vec<i32>) -> Result<DecodedFrame, CodecError> {
    if samples.len() != header.samples() {
        return Err(CodecError::decode("the decoder returned another size"));
    }
    Ok(full(header, samples))
}
