//! How requests and replies travel between the server and its codec child.
//!
//! One message in each direction at a time, each framed as: header length (u32), body length (u64), both little
//! endian; the header as JSON; the body as bytes. A request's body is the instance when it travels inline, a
//! reply's body is the picture.
//!
//! **Invariant:** both lengths are checked against [`MAX_HEADER_BYTES`] and [`MAX_BODY_BYTES`] before anything is
//! allocated, in both directions: the parent does not trust a child that decoded hostile bytes.

use std::io::{self, Read, Write};
use std::path::PathBuf;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::sums::ChunkSums;

use super::CodecError;
use super::protocol::{
    CodecReply, CodecRequest, Picture, PictureFormat, PixelProbe, Rendition, Source, Work, WrittenAnimation,
    WrittenInstance, WrittenLossy, WrittenSamples,
};

/// Greatest JSON header, in bytes. A rendition's reply names the length of every frame, ten bytes each.
pub const MAX_HEADER_BYTES: u32 = 4 << 20;

/// Greatest inline instance or picture, in bytes. Larger instances travel as a file range.
pub const MAX_BODY_BYTES: u64 = 64 << 20;

/// Bytes before the header: its length (u32) and the body's (u64).
pub const PREFIX_BYTES: usize = 12;

#[derive(Serialize, Deserialize)]
struct RequestHeader {
    source: SourceHeader,
    #[serde(flatten)]
    work: Work,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "at", rename_all = "snake_case")]
enum SourceHeader {
    Stored {
        path: PathBuf,
        offset: u64,
        length: u64,
        /// The sums in base64.
        sums: String,
    },
    File {
        path: PathBuf,
        offset: u64,
        length: u64,
    },
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
    Animation {
        animation: WrittenAnimation,
    },
    Rendition {
        rendition: Rendition,
    },
    Samples {
        samples: WrittenSamples,
    },
    Instance {
        instance: WrittenInstance,
    },
    Lossy {
        lossy: WrittenLossy,
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
        Source::Stored {
            path,
            offset,
            length,
            sums,
        } => {
            let sums = BASE64.encode(sums.as_blob());
            let source = SourceHeader::Stored {
                path,
                offset,
                length,
                sums,
            };
            (source, Vec::new())
        }
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
        SourceHeader::Stored {
            path,
            offset,
            length,
            sums,
        } => {
            let sums = BASE64.decode(sums).ok().map(ChunkSums::from_blob);
            let Some(Ok(sums)) = sums else {
                return Err(CodecError::BadRequest {
                    what: "sums".to_owned(),
                });
            };
            Source::Stored {
                path,
                offset,
                length,
                sums,
            }
        }
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
        Ok(CodecReply::Animation(animation)) => (ReplyHeader::Animation { animation }, Vec::new()),
        Ok(CodecReply::Rendition(rendition)) => (ReplyHeader::Rendition { rendition }, Vec::new()),
        Ok(CodecReply::Samples(samples)) => (ReplyHeader::Samples { samples }, Vec::new()),
        Ok(CodecReply::Instance(instance)) => (ReplyHeader::Instance { instance }, Vec::new()),
        Ok(CodecReply::Lossy(lossy)) => (ReplyHeader::Lossy { lossy }, Vec::new()),
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
        ReplyHeader::Animation { animation } => Ok(CodecReply::Animation(animation)),
        ReplyHeader::Rendition { rendition } => Ok(CodecReply::Rendition(rendition)),
        ReplyHeader::Samples { samples } => Ok(CodecReply::Samples(samples)),
        ReplyHeader::Instance { instance } => Ok(CodecReply::Instance(instance)),
        ReplyHeader::Lossy { lossy } => Ok(CodecReply::Lossy(lossy)),
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
