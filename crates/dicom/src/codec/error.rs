//! Why pixels could not be served.

use serde::{Deserialize, Serialize};

use crate::sums::SummedReadError;

/// A refusal or failure of the codec, as it travels from the child process to its caller.
///
/// **Invariant:** no variant carries an attribute's value or a pixel, so that every one may be logged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CodecError {
    /// The bytes are not a DICOM data set.
    #[error("not a DICOM file")]
    NotDicom,
    /// The data set exceeds a limit that protects the reader: depth, lengths, element counts, inflation.
    #[error("hostile data set: {what}")]
    Hostile {
        /// Which limit.
        what: String,
    },
    /// The object carries no pixels: a report, a document, a structure set, a waveform.
    #[error("the object has no pixels")]
    NoPixels,
    /// The attributes that describe the pixels are missing or contradict each other (PS3.3 §C.7.6.3).
    #[error("contradictory pixel description: {what}")]
    BadPixelDescription {
        /// Which attribute.
        what: String,
    },
    /// There are fewer pixel bytes than the description demands.
    #[error("the pixel data is cut off")]
    TruncatedPixels,
    /// The codestream's own header contradicts the data set's.
    #[error("the codestream contradicts the header: {what}")]
    HeaderMismatch {
        /// Which property.
        what: String,
    },
    /// No decoder for this transfer syntax.
    #[error("transfer syntax {uid} cannot be decoded")]
    UnsupportedTransferSyntax {
        /// The transfer syntax UID.
        uid: String,
    },
    /// Legal pixels of a kind that this codec does not carry.
    #[error("unsupported pixels: {what}")]
    UnsupportedPixels {
        /// Which kind.
        what: String,
    },
    /// There is no such frame.
    #[error("frame {frame} of {frames}")]
    FrameOutOfRange {
        /// The frame that was asked for, from 0.
        frame: u32,
        /// How many there are.
        frames: u32,
    },
    /// Input, image or output is larger than the codec's limits.
    #[error("too large: {what}")]
    TooLarge {
        /// What is too large.
        what: String,
    },
    /// The decoder refused the codestream.
    #[error("cannot be decoded: {why}")]
    DecodeFailed {
        /// The decoder's words.
        why: String,
    },
    /// The encoder refused the image.
    #[error("cannot be encoded: {why}")]
    EncodeFailed {
        /// The encoder's words.
        why: String,
    },
    /// These pixels must not or need not be transcoded; serve the original.
    #[error("unsuitable for a rendition: {why}")]
    Unsuitable {
        /// The rule.
        why: String,
    },
    /// The independent decoder read other samples than were encoded. Nothing was published.
    #[error("verification of frame {frame} failed: {why}")]
    VerificationFailed {
        /// The frame, from 0.
        frame: u32,
        /// What differed.
        why: String,
    },
    /// The request itself is malformed.
    #[error("bad request: {what}")]
    BadRequest {
        /// What is wrong with it.
        what: String,
    },
    /// The stored instance is missing, cut off, or not what was stored.
    #[error("the stored instance is damaged")]
    Damaged,
    /// A file could not be read or written.
    #[error("input or output failed: {why}")]
    Io {
        /// The operating system's words.
        why: String,
    },
    /// The codec panicked and caught itself.
    #[error("the codec panicked at {at}")]
    Panicked {
        /// Source location.
        at: String,
    },
}

impl CodecError {
    /// A stable, machine-readable name for logs and job records.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotDicom => "CODEC_NOT_DICOM",
            Self::Hostile { .. } => "CODEC_HOSTILE",
            Self::NoPixels => "CODEC_NO_PIXELS",
            Self::BadPixelDescription { .. } => "CODEC_BAD_PIXEL_DESCRIPTION",
            Self::TruncatedPixels => "CODEC_TRUNCATED_PIXELS",
            Self::HeaderMismatch { .. } => "CODEC_HEADER_MISMATCH",
            Self::UnsupportedTransferSyntax { .. } => "CODEC_UNSUPPORTED_TRANSFER_SYNTAX",
            Self::UnsupportedPixels { .. } => "CODEC_UNSUPPORTED_PIXELS",
            Self::FrameOutOfRange { .. } => "CODEC_FRAME_OUT_OF_RANGE",
            Self::TooLarge { .. } => "CODEC_TOO_LARGE",
            Self::DecodeFailed { .. } => "CODEC_DECODE_FAILED",
            Self::EncodeFailed { .. } => "CODEC_ENCODE_FAILED",
            Self::Unsuitable { .. } => "CODEC_UNSUITABLE",
            Self::VerificationFailed { .. } => "CODEC_VERIFICATION_FAILED",
            Self::BadRequest { .. } => "CODEC_BAD_REQUEST",
            Self::Damaged => "CODEC_DAMAGED",
            Self::Io { .. } => "CODEC_IO",
            Self::Panicked { .. } => "CODEC_PANICKED",
        }
    }

    /// Whether the same request may succeed when it is tried again: only where the machine was at fault.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Io { .. })
    }

    pub(crate) fn hostile(what: impl Into<String>) -> Self {
        Self::Hostile { what: what.into() }
    }

    pub(crate) fn description(what: impl Into<String>) -> Self {
        Self::BadPixelDescription { what: what.into() }
    }

    pub(crate) fn mismatch(what: impl Into<String>) -> Self {
        Self::HeaderMismatch { what: what.into() }
    }

    pub(crate) fn unsupported(what: impl Into<String>) -> Self {
        Self::UnsupportedPixels { what: what.into() }
    }

    pub(crate) fn too_large(what: impl Into<String>) -> Self {
        Self::TooLarge { what: what.into() }
    }

    pub(crate) fn decode(why: impl std::fmt::Display) -> Self {
        Self::DecodeFailed {
            why: bounded(&why.to_string()),
        }
    }

    pub(crate) fn encode(why: impl std::fmt::Display) -> Self {
        Self::EncodeFailed {
            why: bounded(&why.to_string()),
        }
    }

    pub(crate) fn unsuitable(why: impl Into<String>) -> Self {
        Self::Unsuitable { why: why.into() }
    }
}

impl From<SummedReadError> for CodecError {
    fn from(error: SummedReadError) -> Self {
        match error {
            SummedReadError::Damaged(_) => Self::Damaged,
            SummedReadError::Io(error) => error.into(),
        }
    }
}

impl From<std::io::Error> for CodecError {
    fn from(error: std::io::Error) -> Self {
        Self::Io {
            why: error.kind().to_string(),
        }
    }
}

/// Decoders' words are kept short: a message is not the place for a dump.
fn bounded(words: &str) -> String {
    words.chars().take(200).collect()
}
