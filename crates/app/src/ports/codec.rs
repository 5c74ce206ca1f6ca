//! Pixels, decoded and encoded in bounded child processes, never here.

use std::fmt;

use dicom::codec::{CodecReply, CodecRequest};

/// Why pixels could not be processed.
#[derive(Debug, thiserror::Error)]
pub enum CodecError {
    /// The object has no pixels.
    #[error("the object has no pixel data")]
    NoPixels,
    /// The pixels must not or need not be transcoded; the original serves.
    #[error("unsuitable: {reason}")]
    Unsuitable {
        /// The rule.
        reason: String,
    },
    /// The pixels are damaged, of a kind we cannot decode, or too costly: trying again will not help.
    #[error("pixels unreadable: {reason}")]
    Unreadable {
        /// Why, free of patient data.
        reason: String,
    },
    /// What was asked for makes no sense with these pixels, such as a part that lies outside of them.
    #[error("{what}")]
    Senseless {
        /// What is wrong with it.
        what: String,
    },
    /// The stored instance is missing or damaged.
    #[error("the stored instance is damaged")]
    Damaged,
    /// The child process died, ran out of time or could not be started; trying again may help.
    #[error("codec failed: {reason}")]
    Failed {
        /// Why.
        reason: String,
    },
}

/// The pool of codec child processes.
#[async_trait::async_trait]
pub trait PixelCodec: Send + Sync + fmt::Debug {
    /// Runs one request in a child process within its memory and time limits.
    async fn run(&self, request: CodecRequest) -> Result<CodecReply, CodecError>;
}
