//! A frame as lossy HTJ2K that keeps a promised signal-to-noise ratio.
//!
//! **Invariant:** the ratio was measured on what an independent decoder (`openjp2`) made of the codestream.

use openjph::ImageSpec;

use super::CodecError;
use super::decode::{self, DecodedFrame};
use super::image_header::{ImageHeader, Photometric};

/// High-Throughput JPEG 2000 Image Compression, PS3.5 §10.17: with loss or without.
pub const HTJ2K_LOSSY: &str = "1.2.840.10008.1.2.4.203";

/// Steps that are tried before a frame is given up. Each is about 3 dB finer.
const MOST_TRIES: u32 = 8;

/// What is told of a frame that lost nothing.
const MOST_DB: f64 = 999.0;

/// A frame's codestream and what it kept.
pub(super) struct LossyFrame {
    pub(super) codestream: Vec<u8>,
    /// [`MOST_DB`] when nothing was lost.
    pub(super) psnr_db: f64,
}

/// Photometric Interpretation of the lossy codestream of such samples.
///
/// Errors: [`CodecError::Unsuitable`]; an index into a palette that is nearly right is another colour.
pub(super) fn coded_as(samples: Photometric) -> Result<Photometric, CodecError> {
    match samples {
        Photometric::Rgb => Ok(Photometric::YbrIct),
        gray @ (Photometric::Monochrome1 | Photometric::Monochrome2) => Ok(gray),
        _ => Err(CodecError::unsuitable(
            "pixels that are no shades of grey and no RGB",
        )),
    }
}

/// Encodes a frame as coarsely as `least_psnr_db` allows.
///
/// Errors: [`CodecError::Unsuitable`] when no step is fine enough.
pub(super) fn encode(
    header: &ImageHeader,
    frame: &DecodedFrame,
    least_psnr_db: u32,
) -> Result<LossyFrame, CodecError> {
    let spec = ImageSpec {
        width: frame.width,
        height: frame.height,
        components: frame.components as u32,
        bits_stored: header.bits_stored.into(),
        signed: header.signed,
        color_transform: coded_as(frame.photometric)? == Photometric::YbrIct,
    };
    let range = range_of(&frame.samples);
    // A uniform error of a step has a root mean square of a twelfth of its square. The first try is coarser than that:
    // much of a picture is quantised to its very value.
    let error = range / 10_f64.powf(f64::from(least_psnr_db) / 20.0);
    let mut step = 2.0 * error * 12_f64.sqrt() / f64::from(1_u32 << spec.bits_stored);
    for _ in 0..MOST_TRIES {
        // A step needs no more digits.
        let tried = step.clamp(1e-7, 0.5) as f32;
        let codestream = openjph::encode_lossy(&spec, &frame.samples, tried).map_err(CodecError::encode)?;
        let psnr_db = measured(&spec, &frame.samples, range, &codestream)?;
        if psnr_db >= f64::from(least_psnr_db) {
            return Ok(LossyFrame { codestream, psnr_db });
        }
        step /= 2_f64.sqrt();
    }
    Err(CodecError::unsuitable("too much would be lost"))
}

/// The distance of the greatest sample from the smallest, at least 1.
fn range_of(samples: &[i32]) -> f64 {
    let smallest = samples.iter().min().copied().unwrap_or_default();
    let greatest = samples.iter().max().copied().unwrap_or_default();
    (f64::from(greatest) - f64::from(smallest)).max(1.0)
}

/// The signal-to-noise ratio of what the other decoder makes of the codestream.
fn measured(spec: &ImageSpec, samples: &[i32], range: f64, codestream: &[u8]) -> Result<f64, CodecError> {
    let image =
        decode::open_jpeg(codestream, 0, true).map_err(|_| CodecError::decode("our own codestream"))?;
    let components = image.components();
    if components.len() != spec.components as usize {
        return Err(CodecError::decode("another number of components"));
    }
    let mut squares = 0.0;
    for (index, component) in components.iter().enumerate() {
        if component.width() != spec.width
            || component.height() != spec.height
            || component.precision() != spec.bits_stored
            || component.is_signed() != spec.signed
            || component.data().len() * components.len() != samples.len()
        {
            return Err(CodecError::decode("another size or depth"));
        }
        let wanted = samples.iter().skip(index).step_by(components.len());
        squares += component
            .data()
            .iter()
            .zip(wanted)
            .map(|(found, wanted)| (f64::from(*found) - f64::from(*wanted)).powi(2))
            .sum::<f64>();
    }
    let mean = squares / samples.len().max(1) as f64;
    // JSON knows no infinity.
    Ok((20.0 * (range / mean.sqrt()).log10()).min(MOST_DB))
}
