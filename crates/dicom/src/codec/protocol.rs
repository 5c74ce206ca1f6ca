//! What the server asks of its codec child and what it gets: pieces of work and their outcomes.
//!
//! How they travel is [`super::message`].

use std::{
    fs::File,
    io::{self, Cursor, Read, Seek},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::{
    Section,
    sums::{ChunkSums, SummedFile},
};

/// Environment variable with the address space of the child in bytes.
pub const MEMORY_BYTES_VARIABLE: &str = "CODEC_WORKER_MEMORY_BYTES";

/// Environment variable with the processor time of the child's whole life in seconds.
pub const CPU_SECONDS_VARIABLE: &str = "CODEC_WORKER_CPU_SECONDS";

/// Environment variable with how much the child yields the processor to others, from 0 to 19 (nice(2)).
pub const NICENESS_VARIABLE: &str = "CODEC_WORKER_NICENESS";

/// Address space when the parent names none: two of the largest images as 32-bit samples, and the program itself.
pub const DEFAULT_MEMORY_BYTES: u64 = 2 << 30;

/// Processor time when the parent names none. The deadline of a request is the parent's; this ends a child that
/// outlived its parent.
pub const DEFAULT_CPU_SECONDS: u64 = 900;

/// One piece of work on one Part 10 instance.
#[derive(Debug, Clone, PartialEq)]
pub struct CodecRequest {
    /// Where the instance is.
    pub source: Source,
    /// What to make of it.
    pub work: Work,
}

/// Where the child finds the Part 10 bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A range of a stored object in a local file, such as one member of a batch object. The child checks every
    /// chunk that it reads.
    Stored {
        /// Absolute path.
        path: PathBuf,
        /// First byte of the instance.
        offset: u64,
        /// Length of the instance in bytes.
        length: u64,
        /// The sums of its chunks.
        sums: ChunkSums,
    },
    /// A range of a local file that has no sums.
    File {
        /// Absolute path.
        path: PathBuf,
        /// First byte of the instance.
        offset: u64,
        /// Length of the instance in bytes.
        length: u64,
    },
    /// The instance itself, at most [`super::message::MAX_BODY_BYTES`].
    Inline(Vec<u8>),
}

/// An instance that can be read from any place on.
pub trait Original: Read + Seek + Send {}

impl<T: Read + Seek + Send> Original for T {}

impl Source {
    /// Opens the instance to be read in this process, which must not decode it.
    ///
    /// Errors: those of the file; `InvalidData` for a stored object that is gone, as when it is read.
    pub fn open(self) -> io::Result<Box<dyn Original>> {
        Ok(match self {
            Self::Inline(bytes) => Box::new(Cursor::new(bytes)),
            Self::Stored {
                path,
                offset,
                length,
                sums,
            } => Box::new(SummedFile::open(&path, offset, length, sums)?),
            Self::File { path, offset, length } => Box::new(Section::new(File::open(path)?, offset, length)?),
        })
    }
}

/// What the child makes of an instance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "work", rename_all = "snake_case")]
pub enum Work {
    /// A small JPEG of one frame.
    Thumbnail {
        /// Longest edge in pixels.
        max_edge: u32,
        /// Frame from 0; the middle one when absent.
        frame: Option<u32>,
    },
    /// A picture of one frame for people (PS3.18 §8.3.5).
    Rendered(RenderOptions),
    /// Frames one after the other as an animated GIF, written to `output`.
    Animation {
        /// A path that does not exist yet.
        output: PathBuf,
        /// How each frame is rendered; its frame, format and quality do not matter.
        options: RenderOptions,
        /// First frame, from 0.
        first_frame: u32,
        /// How many frames.
        frame_count: u32,
    },
    /// The lossless HTJ2K rendition of a range of frames, written to `output`.
    HtJ2k {
        /// A path that does not exist yet; the concatenated codestreams go there.
        output: PathBuf,
        /// First frame, from 0.
        first_frame: u32,
        /// How many frames; all that follow when absent.
        frame_count: Option<u32>,
    },
    /// One frame as plain samples, written to `output`: little-endian, interleaved by pixel, as wide as Bits Allocated.
    Samples {
        /// A path that does not exist yet.
        output: PathBuf,
        /// Frame from 0.
        frame: u32,
    },
    /// The whole instance in another transfer syntax, written to `output` as a Part 10 file.
    Instance {
        /// A path that does not exist yet.
        output: PathBuf,
        /// The UID of one of [`super::InstanceSyntax`].
        transfer_syntax_uid: String,
    },
    /// A derived instance whose pixels are compressed with loss, written to `output` as a Part 10 file.
    Lossy {
        /// A path that does not exist yet.
        output: PathBuf,
        /// What is derived.
        derivation: Derivation,
    },
    /// Says what the pixels are and whether the first frame can be decoded.
    ProbePixels,
}

impl Work {
    /// The file that the child is to make.
    pub fn output(&self) -> Option<&Path> {
        match self {
            Self::HtJ2k { output, .. }
            | Self::Samples { output, .. }
            | Self::Instance { output, .. }
            | Self::Lossy { output, .. }
            | Self::Animation { output, .. } => Some(output),
            Self::Thumbnail { .. } | Self::Rendered(_) | Self::ProbePixels => None,
        }
    }
}

/// A new object out of an old one (PS3.3 §C.7.6.1.1.5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Derivation {
    /// Its SOP Instance UID.
    pub sop_instance_uid: String,
    /// Its Series Instance UID.
    pub series_instance_uid: String,
    /// What every frame keeps to at least: 20 log₁₀ of the frame's range over its root mean square error, in decibels.
    pub least_psnr_db: u32,
}

/// How a frame is rendered.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RenderOptions {
    /// Frame from 0.
    pub frame: u32,
    /// Replaces the instance's own window.
    pub window: Option<Window>,
    /// The part of the frame that is shown.
    pub region: Option<Region>,
    /// The picture fits into this box, in pixels (width, height).
    pub size: Option<(u32, u32)>,
    /// Whether a smaller picture grows until it fits the box.
    pub enlarge: bool,
    /// What is written into the picture.
    pub annotations: Annotations,
    /// The colour space of the picture.
    pub icc_profile: IccProfile,
    /// Encoding of the picture.
    pub format: PictureFormat,
    /// JPEG quality, 1 to 100; ignored for PNG.
    pub quality: u8,
}

impl Default for RenderOptions {
    fn default() -> Self {
        Self {
            frame: 0,
            window: None,
            region: None,
            size: None,
            enlarge: false,
            annotations: Annotations::default(),
            icc_profile: IccProfile::default(),
            format: PictureFormat::Jpeg,
            quality: 90,
        }
    }
}

/// A part of a frame, in its pixels; it may begin and end inside of one (PS3.18 §8.3.5.1.3).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Region {
    /// Its left edge.
    pub x: f64,
    /// Its upper edge.
    pub y: f64,
    /// Its width, all that is left when absent; negative mirrors it.
    pub width: Option<f64>,
    /// Its height, all that is left when absent; negative turns it upside down.
    pub height: Option<f64>,
}

/// What is written into a picture (PS3.18 §8.3.5.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Annotations {
    /// Whose image it is.
    pub patient: bool,
    /// How it was made.
    pub technique: bool,
}

/// The colour space of a picture (PS3.18 §8.3.5.1.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IccProfile {
    /// No profile in the picture.
    No,
    /// The instance's own, if it has one.
    #[default]
    Yes,
    /// Colours brought into sRGB.
    Srgb,
    /// Colours brought into Adobe RGB (1998).
    AdobeRgb,
    /// Colours brought into ROMM RGB (ProPhoto).
    RommRgb,
}

/// A VOI window (PS3.3 §C.11.2.1.2), in units after the modality transformation.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Window {
    /// Window Center.
    pub center: f64,
    /// Window Width.
    pub width: f64,
    /// VOI LUT Function.
    pub function: VoiFunction,
}

/// VOI LUT Function (0028,1056).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VoiFunction {
    /// `LINEAR`, the default.
    #[default]
    Linear,
    /// `LINEAR_EXACT`.
    LinearExact,
    /// `SIGMOID`.
    Sigmoid,
}

/// Encoding of a rendered picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PictureFormat {
    /// `image/jpeg`
    Jpeg,
    /// `image/png`
    Png,
}

impl PictureFormat {
    /// The picture's media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }
}

/// What the child made of an instance.
#[derive(Debug, Clone, PartialEq)]
pub enum CodecReply {
    /// A thumbnail or rendered frame.
    Picture(Picture),
    /// An animation was written.
    Animation(WrittenAnimation),
    /// A lossless rendition was written and verified.
    Rendition(Rendition),
    /// Samples were written.
    Samples(WrittenSamples),
    /// An instance was written.
    Instance(WrittenInstance),
    /// A derived instance was written.
    Lossy(WrittenLossy),
    /// What the pixels are.
    Probe(PixelProbe),
}

/// The samples of one frame in their file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenSamples {
    /// How many bytes they are.
    pub bytes: u64,
    /// Photometric Interpretation that describes the samples. Of colour out of a lossy codestream it is RGB, whatever
    /// the data set says about the codestream.
    pub photometric_interpretation: String,
}

/// An animation in its file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenAnimation {
    /// How many bytes it is.
    pub bytes: u64,
}

/// A whole instance in its file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenInstance {
    /// How many bytes it is.
    pub bytes: u64,
    /// Its transfer syntax.
    pub transfer_syntax_uid: String,
}

/// A derived instance in its file, with what another decoder than ours found of every frame.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WrittenLossy {
    /// How many bytes it is.
    pub bytes: u64,
    /// How many times smaller its pixels are than uncompressed ones.
    pub ratio: f64,
    /// The least of its frames' signal-to-noise ratios, in decibels.
    pub psnr_db: f64,
}

/// An encoded picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Encoding of `bytes`.
    pub format: PictureFormat,
    /// The encoded picture.
    pub bytes: Vec<u8>,
}

/// The frames of a lossless rendition, in the output file one after the other without gaps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rendition {
    /// Transfer syntax of the frames.
    pub transfer_syntax_uid: String,
    /// Encoder and its settings; belongs into the rendition's key.
    pub codec_version: String,
    /// The decoder that read every frame back.
    pub verified_with: String,
    /// First frame, from 0.
    pub first_frame: u32,
    /// Length in bytes of each frame's codestream, in frame order. Offsets are their running sum.
    pub frame_lengths: Vec<u32>,
    /// Photometric Interpretation that describes the codestreams, such as `YBR_RCT` for transformed colour.
    pub photometric_interpretation: String,
    /// Size of the same frames uncompressed, in bytes.
    pub native_bytes: u64,
}

/// The pixel description of an instance, after its first frame was decoded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PixelProbe {
    /// Transfer Syntax UID (0002,0010).
    pub transfer_syntax_uid: String,
    /// Rows (0028,0010).
    pub rows: u32,
    /// Columns (0028,0011).
    pub columns: u32,
    /// Number of Frames (0028,0008).
    pub frames: u32,
    /// Samples per Pixel (0028,0002).
    pub samples_per_pixel: u16,
    /// Bits Allocated (0028,0100).
    pub bits_allocated: u16,
    /// Bits Stored (0028,0101).
    pub bits_stored: u16,
    /// Pixel Representation (0028,0103) is 1.
    pub signed: bool,
    /// Photometric Interpretation (0028,0004).
    pub photometric_interpretation: String,
    /// Smallest stored value of the first frame.
    pub smallest: i64,
    /// Greatest stored value of the first frame.
    pub greatest: i64,
    /// Whether the web viewer wants an HTJ2K rendition of it.
    pub needs_rendition: bool,
}
