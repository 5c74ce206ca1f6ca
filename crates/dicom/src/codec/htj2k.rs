//! The viewing rendition: every frame as lossless HTJ2K, proved by a second decoder before it exists.
//!
//! OpenJPH encodes, OpenJPEG (its Rust translation, `openjp2`) decodes: two code bases with no ancestor in common.
//!
//! **Invariant:** the output file is complete and verified, or it is not there.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use openjph::ImageSpec;

use super::CodecError;
use super::decode::{self, DecodedFrame};
use super::image_header::{ImageHeader, ImageObject, Photometric};
use super::protocol::Rendition;
use super::suitability::{self, PixelKind, needs_rendition};

/// High-Throughput JPEG 2000 with RPCL Options Image Compression (Lossless Only), PS3.5 §10.18.
pub const HTJ2K_LOSSLESS_RPCL: &str = "1.2.840.10008.1.2.4.202";

/// High-Throughput JPEG 2000 Image Compression (Lossless Only), PS3.5 §10.17. RPCL is one of its progressions.
pub const HTJ2K_LOSSLESS: &str = "1.2.840.10008.1.2.4.201";

/// Names encoder and settings in a rendition's key; a change to either gets a new number.
pub const CODEC_VERSION: &str = "openjph-rpcl-1";

const VERIFIER: &str = "openjp2 0.6";

/// Most frames of one request; their lengths must fit the reply.
const MAX_FRAMES: u32 = 300_000;

/// Writes the frames from `first_frame` as codestreams, one after the other, to the new file `output`.
///
/// Errors: [`CodecError::Unsuitable`] by the rules of [`needs_rendition`]; [`CodecError::VerificationFailed`]; and
/// those of decoding. After any error there is no file.
pub(super) fn write_rendition(
    image: &ImageObject,
    output: &Path,
    first_frame: u32,
    frame_count: Option<u32>,
) -> Result<Rendition, CodecError> {
    let header = &image.header;
    if let Some(why) = suitability::forbids(&PixelKind::of(header)) {
        return Err(CodecError::unsuitable(why));
    }
    if !needs_rendition(&header.transfer_syntax_uid, &PixelKind::of(header)) {
        return Err(CodecError::unsuitable("browsers decode the original"));
    }
    let left = header.frames.saturating_sub(first_frame);
    let count = frame_count.unwrap_or(left);
    if count == 0 || count > left {
        return Err(CodecError::FrameOutOfRange {
            frame: first_frame.saturating_add(count.saturating_sub(1)),
            frames: header.frames,
        });
    }
    if count > MAX_FRAMES {
        return Err(CodecError::too_large("frames of one rendition request"));
    }
    let file = File::create_new(output)?;
    let written = write_frames(image, file, first_frame..first_frame + count);
    if written.is_err() {
        // The file is ours: it did not exist before. What cannot be removed is still not named to anybody.
        let _ = fs::remove_file(output);
    }
    written
}

fn write_frames(
    image: &ImageObject,
    file: File,
    frames: std::ops::Range<u32>,
) -> Result<Rendition, CodecError> {
    let header = &image.header;
    let first_frame = frames.start;
    let mut out = BufWriter::new(file);
    let mut frame_lengths = Vec::new();
    let mut photometric = header.photometric;
    for number in frames {
        let frame = image.decode_frame(number, 0)?;
        let (codestream, coded_as) = encode_verified(header, number, &frame)?;
        photometric = coded_as;
        out.write_all(&codestream)?;
        frame_lengths.push(u32::try_from(codestream.len()).map_err(|_| CodecError::too_large("codestream"))?);
    }
    out.flush()?;
    let native_frame = header.samples() as u64 * u64::from(header.bits_allocated / 8);
    Ok(Rendition {
        transfer_syntax_uid: HTJ2K_LOSSLESS_RPCL.to_owned(),
        codec_version: CODEC_VERSION.to_owned(),
        verified_with: VERIFIER.to_owned(),
        first_frame,
        native_bytes: native_frame * frame_lengths.len() as u64,
        frame_lengths,
        photometric_interpretation: photometric.to_string(),
    })
}

/// Photometric Interpretation of the codestream of such samples.
///
/// Errors: [`CodecError::Unsuitable`].
pub(super) fn coded_as(samples: Photometric) -> Result<Photometric, CodecError> {
    match samples {
        Photometric::Rgb => Ok(Photometric::YbrRct),
        gray @ (Photometric::Monochrome1 | Photometric::Monochrome2 | Photometric::PaletteColor) => Ok(gray),
        // Luminance and chrominance kept as they are would be legal, and shown in false colours by viewers that
        // take every JPEG 2000 frame for RGB.
        _ => Err(CodecError::unsuitable("YBR samples")),
    }
}

/// Encodes a frame and reads it back with the other decoder.
pub(super) fn encode_verified(
    header: &ImageHeader,
    number: u32,
    frame: &DecodedFrame,
) -> Result<(Vec<u8>, Photometric), CodecError> {
    let coded_as = coded_as(frame.photometric)?;
    let spec = ImageSpec {
        width: frame.width,
        height: frame.height,
        components: frame.components as u32,
        bits_stored: header.bits_stored.into(),
        signed: header.signed,
        color_transform: coded_as == Photometric::YbrRct,
    };
    let codestream = openjph::encode_lossless(&spec, &frame.samples).map_err(CodecError::encode)?;
    verify(&spec, &frame.samples, &codestream).map_err(|why| CodecError::VerificationFailed {
        frame: number,
        why: why.to_owned(),
    })?;
    Ok((codestream, coded_as))
}

/// Decodes with the independent decoder and compares every sample.
fn verify(spec: &ImageSpec, samples: &[i32], codestream: &[u8]) -> Result<(), &'static str> {
    let image = decode::open_jpeg(codestream, 0, true).map_err(|_| "it does not decode")?;
    let components = image.components();
    if components.len() != spec.components as usize {
        return Err("another number of components");
    }
    for (index, component) in components.iter().enumerate() {
        if component.width() != spec.width || component.height() != spec.height {
            return Err("another size");
        }
        if component.precision() != spec.bits_stored || component.is_signed() != spec.signed {
            return Err("another depth");
        }
        let expected = samples.iter().skip(index).step_by(components.len());
        if component.data().len() * components.len() != samples.len() || !component.data().iter().eq(expected)
        {
            return Err("other samples");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_wrong_sample_fails_verification() {
        let spec = ImageSpec {
            width: 40,
            height: 30,
            components: 1,
            bits_stored: 12,
            signed: true,
            color_transform: false,
        };
        let samples: Vec<i32> = (0..1200).map(|index| (index * 37 % 4096) - 2048).collect();
        let codestream = openjph::encode_lossless(&spec, &samples).unwrap();
        assert_eq!(verify(&spec, &samples, &codestream), Ok(()));
        let mut other = samples.clone();
        other[777] ^= 1;
        assert_eq!(verify(&spec, &other, &codestream), Err("other samples"));
    }
}
