//! What the server and its codec child say to each other.
//!
//! One message in each direction at a time, each framed as: header length (u32), body length (u64), both little
//! endian; the header as JSON; the body as bytes. A request's body is the instance when it travels inline, a
//! reply's body is the picture.
//!
//! **Invariant:** both lengths are checked against [`MAX_HEADER_BYTES`] and [`MAX_BODY_BYTES`] before anything is
//! allocated, in both directions: the parent does not trust a child that decoded hostile bytes.

use std::io::{self, Read, Write};
use std::path::PathBuf;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::CodecError;

/// Greatest JSON header, in bytes. A rendition's reply names the length of every frame, ten bytes each.
pub const MAX_HEADER_BYTES: u32 = 4 << 20;

/// Greatest inline instance or picture, in bytes. Larger instances travel as a file range.
pub const MAX_BODY_BYTES: u64 = 64 << 20;

/// Bytes before the header: its length (u32) and the body's (u64).
pub const PREFIX_BYTES: usize = 12;

/// Environment variable with the address space of the child in bytes.
pub const MEMORY_BYTES_VARIABLE: &str = "CODEC_WORKER_MEMORY_BYTES";

/// Environment variable with the processor time of the child's whole life in seconds.
pub const CPU_SECONDS_VARIABLE: &str = "CODEC_WORKER_CPU_SECONDS";

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
    /// A range of a local file that the child may read, such as one member of a batch object.
    File {
        /// Absolute path.
        path: PathBuf,
        /// First byte of the instance.
        offset: u64,
        /// Length of the instance in bytes.
        length: u64,
    },
    /// The instance itself, at most [`MAX_BODY_BYTES`].
    Inline(Vec<u8>),
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
    /// The lossless HTJ2K rendition of a range of frames, written to `output`.
    HtJ2k {
        /// A path that does not exist yet; the concatenated codestreams go there.
        output: PathBuf,
        /// First frame, from 0.
        first_frame: u32,
        /// How many frames; all that follow when absent.
        frame_count: Option<u32>,
    },
    /// Says what the pixels are and whether the first frame can be decoded.
    ProbePixels,
}

/// How a frame is rendered.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RenderOptions {
    /// Frame from 0.
    pub frame: u32,
    /// Replaces the instance's own window.
    pub window: Option<Window>,
    /// The picture fits into this box, in pixels (width, height); never enlarged.
    pub size: Option<(u32, u32)>,
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
            size: None,
            format: PictureFormat::Jpeg,
            quality: 90,
        }
    }
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
    /// A lossless rendition was written and verified.
    Rendition(Rendition),
    /// What the pixels are.
    Probe(PixelProbe),
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
    pub smallest: i32,
    /// Greatest stored value of the first frame.
    pub greatest: i32,
    /// Whether the web viewer wants an HTJ2K rendition of it.
    pub needs_rendition: bool,
}

#[derive(Serialize, Deserialize)]
struct RequestHeader {
    source: SourceHeader,
    #[serde(flatten)]
    work: Work,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "at", rename_all = "snake_case")]
enum SourceHeader {
    File { path: PathBuf, offset: u64, length: u64 },
    Inline,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "reply", rename_all = "snake_case")]
enum ReplyHeader {
    Picture {
        width: u32,
        height: u32,
        format: PictureFormat,
    },
    Rendition {
        rendition: Rendition,
    },
    Probe {
        probe: PixelProbe,
    },
    Error {
        error: CodecError,
    },
}

/// A message taken apart: its JSON header and its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// JSON.
    pub header: Vec<u8>,
    /// Bytes; empty when the message has none.
    pub body: Vec<u8>,
}

impl Frame {
    /// The prefix, header and body lengths, of this message.
    ///
    /// Errors: [`CodecError::TooLarge`] when either part exceeds its limit.
    pub fn prefix(&self) -> Result<[u8; PREFIX_BYTES], CodecError> {
        let header = u32::try_from(self.header.len()).unwrap_or(u32::MAX);
        let body = self.body.len() as u64;
        check_lengths(header, body)?;
        let mut prefix = [0; PREFIX_BYTES];
        prefix[..4].copy_from_slice(&header.to_le_bytes());
        prefix[4..].copy_from_slice(&body.to_le_bytes());
        Ok(prefix)
    }
}

/// Header and body lengths out of a message's first bytes.
///
/// Errors: [`CodecError::TooLarge`] when either exceeds its limit.
pub fn parse_prefix(prefix: [u8; PREFIX_BYTES]) -> Result<(usize, usize), CodecError> {
    let (header, body) = prefix.split_at(4);
    let header = u32::from_le_bytes(header.try_into().expect("split at four"));
    let body = u64::from_le_bytes(body.try_into().expect("the other eight"));
    check_lengths(header, body)?;
    Ok((header as usize, body as usize))
}

fn check_lengths(header: u32, body: u64) -> Result<(), CodecError> {
    if header > MAX_HEADER_BYTES {
        return Err(CodecError::too_large("message header"));
    }
    if body > MAX_BODY_BYTES {
        return Err(CodecError::too_large("message body"));
    }
    Ok(())
}

/// Puts a request into a message.
///
/// Errors: [`CodecError::BadRequest`] when it cannot be expressed (a path that is not UTF-8).
pub fn encode_request(request: CodecRequest) -> Result<Frame, CodecError> {
    let (source, body) = match request.source {
        Source::File { path, offset, length } => (SourceHeader::File { path, offset, length }, Vec::new()),
        Source::Inline(bytes) => (SourceHeader::Inline, bytes),
    };
    let header = RequestHeader {
        source,
        work: request.work,
    };
    Ok(Frame {
        header: to_json(&header)?,
        body,
    })
}

/// Takes a request out of a message.
///
/// Errors: [`CodecError::BadRequest`].
pub fn decode_request(frame: Frame) -> Result<CodecRequest, CodecError> {
    let header: RequestHeader = from_json(&frame.header)?;
    let source = match header.source {
        SourceHeader::File { path, offset, length } => Source::File { path, offset, length },
        SourceHeader::Inline => Source::Inline(frame.body),
    };
    Ok(CodecRequest {
        source,
        work: header.work,
    })
}

/// Puts an outcome into a message.
///
/// Errors: [`CodecError::BadRequest`] when it cannot be expressed.
pub fn encode_reply(reply: Result<CodecReply, CodecError>) -> Result<Frame, CodecError> {
    let (header, body) = match reply {
        Ok(CodecReply::Picture(picture)) => (
            ReplyHeader::Picture {
                width: picture.width,
                height: picture.height,
                format: picture.format,
            },
            picture.bytes,
        ),
        Ok(CodecReply::Rendition(rendition)) => (ReplyHeader::Rendition { rendition }, Vec::new()),
        Ok(CodecReply::Probe(probe)) => (ReplyHeader::Probe { probe }, Vec::new()),
        Err(error) => (ReplyHeader::Error { error }, Vec::new()),
    };
    Ok(Frame {
        header: to_json(&header)?,
        body,
    })
}

/// Takes an outcome out of a message. The outer error is a message that is none, the inner one the codec's refusal.
///
/// Errors: [`CodecError::BadRequest`].
pub fn decode_reply(frame: Frame) -> Result<Result<CodecReply, CodecError>, CodecError> {
    let header: ReplyHeader = from_json(&frame.header)?;
    Ok(match header {
        ReplyHeader::Picture {
            width,
            height,
            format,
        } => Ok(CodecReply::Picture(Picture {
            width,
            height,
            format,
            bytes: frame.body,
        })),
        ReplyHeader::Rendition { rendition } => Ok(CodecReply::Rendition(rendition)),
        ReplyHeader::Probe { probe } => Ok(CodecReply::Probe(probe)),
        ReplyHeader::Error { error } => Err(error),
    })
}

/// Writes one message.
///
/// Errors: [`CodecError::TooLarge`], [`CodecError::Io`].
pub fn write_frame(to: &mut impl Write, frame: &Frame) -> Result<(), CodecError> {
    to.write_all(&frame.prefix()?)?;
    to.write_all(&frame.header)?;
    to.write_all(&frame.body)?;
    to.flush()?;
    Ok(())
}

/// Reads one message; `None` where the stream ends between two messages.
///
/// Errors: [`CodecError::TooLarge`], [`CodecError::Io`].
pub fn read_frame(from: &mut impl Read) -> Result<Option<Frame>, CodecError> {
    let mut prefix = [0; PREFIX_BYTES];
    match from.read_exact(&mut prefix[..1]) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error.into()),
    }
    from.read_exact(&mut prefix[1..])?;
    let (header_bytes, body_bytes) = parse_prefix(prefix)?;
    let mut header = vec![0; header_bytes];
    from.read_exact(&mut header)?;
    let mut body = Vec::new();
    body.try_reserve_exact(body_bytes)
        .map_err(|_| CodecError::too_large("message body"))?;
    body.resize(body_bytes, 0);
    from.read_exact(&mut body)?;
    Ok(Some(Frame { header, body }))
}

fn to_json(header: &impl Serialize) -> Result<Vec<u8>, CodecError> {
    serde_json::to_vec(header).map_err(|error| CodecError::BadRequest {
        what: error.to_string(),
    })
}

fn from_json<T: DeserializeOwned>(header: &[u8]) -> Result<T, CodecError> {
    serde_json::from_slice(header).map_err(|error| CodecError::BadRequest {
        // Not serde's own words: they may quote the message.
        what: format!("header at byte {}", error.column()),
    })
}
