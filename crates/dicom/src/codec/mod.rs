//! Pixels: thumbnails, rendered frames and lossless HTJ2K renditions, made in a child process.
//!
//! [`perform`] is the whole of it, a pure function from a request to a reply; [`run_codec_worker`] wraps it in a
//! process that may die, [`message`] is how that process and its parent talk. The pool of such
//! processes lives outside this crate.
//!
//! **Invariant:** the server never decodes, encodes or renders pixels in its own process. Decoders meet bytes from
//! strangers; here a fault costs one child and one request.
//! **Invariant:** a lossless rendition is published only after an independent decoder returned the same samples.
//! **Invariant:** no dicom-rs parser and no recursion meets the data set here; [`walk`] is iterative and bounded.

mod animation;
mod annotation;
mod canvas;
mod codestream;
mod color;
mod dataset;
mod decode;
mod error;
mod family;
mod fragments;
mod grayscale;
mod htj2k;
mod icc;
mod image_header;
mod instance;
mod jpeg12;
mod lossy;
mod lut;
pub mod message;
mod overlay;
mod parse;
pub mod protocol;
mod render;
mod rle;
mod samples;
mod source;
mod suitability;
mod thumbnail;
mod walk;
mod worker;

pub use error::CodecError;
pub use htj2k::{CODEC_VERSION, HTJ2K_LOSSLESS, HTJ2K_LOSSLESS_RPCL};
pub use instance::InstanceSyntax;
pub use lossy::HTJ2K_LOSSY;
pub use protocol::{
    Annotations, CPU_SECONDS_VARIABLE, CodecReply, CodecRequest, DEFAULT_CPU_SECONDS, DEFAULT_MEMORY_BYTES,
    Derivation, IccProfile, MEMORY_BYTES_VARIABLE, NICENESS_VARIABLE, Original, Picture, PictureFormat,
    PixelProbe, Region, RenderOptions, Rendition, Source, VoiFunction, Window, Work, WrittenAnimation,
    WrittenInstance, WrittenLossy, WrittenSamples,
};
pub use rle::encode_frame as encode_rle_frame;
pub use samples::is_decodable;
pub use suitability::{PixelKind, needs_rendition};
pub use worker::{perform, run_codec_worker};
