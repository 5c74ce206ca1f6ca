//! Thin binding to OpenJPH, the reference implementation of High-Throughput JPEG 2000 (ISO/IEC 15444-15).
//!
//! It does three things: encode an image losslessly in the form the web viewer wants ([`encode_lossless`]), encode it
//! with loss ([`encode_lossy`]), and decode a codestream ([`decode`]).
//!
//! **Invariant:** this is the only crate of the project with `unsafe` code.
//! **Invariant:** no C++ exception crosses into Rust; every function of the shim catches all of them.
//! **Invariant:** all arguments are checked here, before C++ sees them.
//!
//! A hostile codestream may still find a fault inside OpenJPH itself: call [`decode`] on strangers' bytes only in
//! a process that may die.

#![warn(clippy::undocumented_unsafe_blocks)]

mod error;
mod ffi;
mod tlm;

pub use error::Error;

use std::ffi::c_char;

/// Longest edge of the lowest resolution in pixels: decomposition goes on until both edges are at most this.
pub const LOWEST_RESOLUTION_EDGE: u32 = 64;

/// Greatest number of samples (pixels × components) that is encoded or decoded at once.
pub const MAX_SAMPLES: usize = 1 << 28;

/// What the samples mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImageSpec {
    /// Pixels per line, 1 to 65 535.
    pub width: u32,
    /// Lines, 1 to 65 535.
    pub height: u32,
    /// Samples per pixel, 1 to 4.
    pub components: u32,
    /// Bits that a sample uses, 1 to 16.
    pub bits_stored: u32,
    /// Whether samples are two's complement.
    pub signed: bool,
    /// Whether the first three components are decorrelated: by the reversible colour transform (RCT), or, with loss, by
    /// the irreversible one (ICT).
    pub color_transform: bool,
}

/// A decoded codestream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// Geometry and kind of the samples, as the codestream declares them.
    pub spec: ImageSpec,
    /// Number of wavelet decompositions.
    pub decompositions: u32,
    /// `width × height × components` samples, interleaved by pixel.
    pub samples: Vec<i32>,
}

impl ImageSpec {
    /// Number of samples of the image.
    ///
    /// Errors: [`Error::InvalidImage`] for a geometry or depth outside the limits of the fields,
    /// [`Error::TooLarge`] beyond [`MAX_SAMPLES`].
    pub fn sample_count(&self) -> Result<usize, Error> {
        if !(1..=65_535).contains(&self.width) || !(1..=65_535).contains(&self.height) {
            return Err(Error::InvalidImage("an edge is not 1 to 65535 pixels"));
        }
        if !(1..=4).contains(&self.components) {
            return Err(Error::InvalidImage("not 1 to 4 components"));
        }
        if !(1..=16).contains(&self.bits_stored) {
            return Err(Error::InvalidImage("not 1 to 16 bits"));
        }
        if self.color_transform && self.components < 3 {
            return Err(Error::InvalidImage("a colour transform needs three components"));
        }
        let samples = u64::from(self.width) * u64::from(self.height) * u64::from(self.components);
        match usize::try_from(samples) {
            Ok(samples) if samples <= MAX_SAMPLES => Ok(samples),
            _ => Err(Error::TooLarge),
        }
    }

    /// The smallest number of decompositions that brings both edges down to [`LOWEST_RESOLUTION_EDGE`].
    pub fn decompositions(&self) -> u32 {
        let longest = self.width.max(self.height);
        (0..=32)
            .find(|&level| u64::from(longest).div_ceil(1 << level) <= u64::from(LOWEST_RESOLUTION_EDGE))
            .expect("65535 halves to 64 in ten steps")
    }

    fn range(&self) -> std::ops::RangeInclusive<i32> {
        if self.signed {
            -(1 << (self.bits_stored - 1))..=(1 << (self.bits_stored - 1)) - 1
        } else {
            0..=(1 << self.bits_stored) - 1
        }
    }
}

/// Encodes `samples` (interleaved by pixel) without loss as an HTJ2K codestream.
///
/// Reversible 5/3 wavelet, 64 × 64 code blocks, RPCL progression, one tile, decompositions until both edges are at
/// most 64 pixels, and a TLM marker segment: what PS3.5 §10.18 demands of transfer syntax 1.2.840.10008.1.2.4.202.
///
/// Errors: [`Error::InvalidImage`] and [`Error::SampleOutOfRange`] before anything is encoded; [`Error::Codec`] when
/// OpenJPH refuses.
pub fn encode_lossless(spec: &ImageSpec, samples: &[i32]) -> Result<Vec<u8>, Error> {
    encode(spec, samples, 0.0)
}

/// Encodes `samples` with loss: the irreversible 9/7 wavelet, quantised in steps of `step` of the full range, otherwise
/// as [`encode_lossless`].
///
/// Errors: those of [`encode_lossless`]; [`Error::InvalidImage`] for a step that is not between 2⁻²⁴ and ½.
pub fn encode_lossy(spec: &ImageSpec, samples: &[i32], step: f32) -> Result<Vec<u8>, Error> {
    const FINEST: f32 = 1.0 / (1 << 24) as f32;
    // Not a number is in no range.
    if !(FINEST..=0.5).contains(&step) {
        return Err(Error::InvalidImage("a quantisation step out of range"));
    }
    encode(spec, samples, step)
}

fn encode(spec: &ImageSpec, samples: &[i32], quantization_step: f32) -> Result<Vec<u8>, Error> {
    let expected = spec.sample_count()?;
    if samples.len() != expected {
        return Err(Error::InvalidImage(
            "the number of samples is not width × height × components",
        ));
    }
    let range = spec.range();
    if let Some(index) = samples.iter().position(|sample| !range.contains(sample)) {
        return Err(Error::SampleOutOfRange {
            index,
            value: samples[index],
        });
    }

    let image = ffi::Image {
        width: spec.width,
        height: spec.height,
        components: spec.components,
        bit_depth: spec.bits_stored,
        is_signed: spec.signed.into(),
        color_transform: spec.color_transform.into(),
        decompositions: spec.decompositions(),
        quantization_step,
    };
    // Noise makes a lossless codestream a little larger than the raw samples, never several times.
    let max_out = expected * 4 + 65_536;
    let mut out = std::ptr::null_mut();
    let mut out_len = 0;
    let mut message = Message::new();
    // SAFETY: `image` and `samples` live through the call, `samples` holds width × height × components values
    // (checked above), and the out pointers are valid for writing.
    let code = unsafe {
        ffi::telerad_ojph_encode(
            &image,
            samples.as_ptr(),
            max_out,
            &mut out,
            &mut out_len,
            message.as_mut_ptr(),
            message.len(),
        )
    };
    message.check(code)?;
    if out.is_null() {
        return Err(Error::Codec("no codestream was written".to_owned()));
    }
    // SAFETY: on success the shim hands over a malloc buffer of `out_len` initialised bytes.
    let codestream = unsafe { std::slice::from_raw_parts(out, out_len) }.to_vec();
    // SAFETY: `out` came from the shim just now and is not used again.
    unsafe { ffi::telerad_ojph_free(out) };
    tlm::insert(codestream)
}

/// Decodes a JPEG 2000 Part 15 (or Part 1) codestream of at most `max_samples` samples.
///
/// Only images on the origin of the reference grid, without subsampling and with components of one kind, as DICOM
/// demands. Errors: [`Error::TooLarge`] before anything is allocated, [`Error::Unsupported`], [`Error::Codec`].
pub fn decode(codestream: &[u8], max_samples: usize) -> Result<Decoded, Error> {
    let mut image = ffi::Image::default();
    let mut message = Message::new();
    // SAFETY: the slice and the out pointers are valid for the call.
    let code = unsafe {
        ffi::telerad_ojph_inspect(
            codestream.as_ptr(),
            codestream.len(),
            &mut image,
            message.as_mut_ptr(),
            message.len(),
        )
    };
    message.check(code)?;
    let spec = ImageSpec {
        width: image.width,
        height: image.height,
        components: image.components,
        bits_stored: image.bit_depth,
        signed: image.is_signed != 0,
        color_transform: image.color_transform != 0,
    };
    let count = spec.sample_count()?;
    if count > max_samples {
        return Err(Error::TooLarge);
    }
    let mut samples = Vec::new();
    samples.try_reserve_exact(count).map_err(|_| Error::TooLarge)?;
    samples.resize(count, 0);
    let mut message = Message::new();
    // SAFETY: `samples` holds exactly `count` values, the capacity that is passed; the slice is valid.
    let code = unsafe {
        ffi::telerad_ojph_decode(
            codestream.as_ptr(),
            codestream.len(),
            samples.as_mut_ptr(),
            count,
            message.as_mut_ptr(),
            message.len(),
        )
    };
    message.check(code)?;
    Ok(Decoded {
        spec,
        decompositions: image.decompositions,
        samples,
    })
}

/// Room for the words of an error.
struct Message([u8; 512]);

impl Message {
    fn new() -> Self {
        Self([0; 512])
    }

    fn as_mut_ptr(&mut self) -> *mut c_char {
        self.0.as_mut_ptr().cast()
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn check(&self, code: i32) -> Result<(), Error> {
        let end = self.0.iter().position(|&byte| byte == 0).unwrap_or(0);
        let words = String::from_utf8_lossy(&self.0[..end]).trim().to_owned();
        match code {
            ffi::OK => Ok(()),
            ffi::TOO_LARGE => Err(Error::TooLarge),
            ffi::UNSUPPORTED => Err(Error::Unsupported(words)),
            _ => Err(Error::Codec(words)),
        }
    }
}
