//! Codestreams, each by the decoder of its family.

use super::DecodedFrame;
use super::cells::{Cell, full, planes_to_pixels};
use crate::codec::CodecError;
use crate::codec::codestream::{self, StreamInfo};
use crate::codec::image_header::{ImageHeader, Photometric};
use crate::codec::jpeg12;

/// Most bytes that are looked over for the end of a JPEG-LS image.
const MAX_JPEG_LS_PADDING: usize = 64;

pub(super) fn jpeg(header: &ImageHeader, codestream: &[u8]) -> Result<DecodedFrame, CodecError> {
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

pub(super) fn jpeg_ls(header: &ImageHeader, codestream: &[u8]) -> Result<DecodedFrame, CodecError> {
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

pub(super) fn jpeg_2000(
    header: &ImageHeader,
    codestream: &[u8],
    reduce: u8,
) -> Result<DecodedFrame, CodecError> {
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
        unsigned_32: false,
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

pub(super) fn jpeg_xl(header: &ImageHeader, codestream: &[u8]) -> Result<DecodedFrame, CodecError> {
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
