//! Why the pool has no reply.

use dicom::codec::CodecError;

/// What went wrong between a request and its reply.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CodecPoolError {
    /// The codec answered: it refuses this work, for this reason.
    #[error(transparent)]
    Refused(#[from] CodecError),
    /// The child died while it worked on this request.
    #[error("the codec process crashed ({how})")]
    Crashed {
        /// Signal or exit code.
        how: String,
    },
    /// The child did not answer in time and was killed.
    #[error("the codec process did not answer within {seconds} seconds")]
    TimedOut {
        /// The deadline.
        seconds: f64,
    },
    /// All children are busy and the queue is full, or patience ended.
    #[error("all codec processes are busy")]
    Busy,
    /// The child could not be started.
    #[error("the codec process could not be started: {why}")]
    NotStarted {
        /// The operating system's words.
        why: String,
    },
    /// The child answered something that is no reply; it was killed.
    #[error("the codec process broke the protocol")]
    OutOfStep,
}

impl CodecPoolError {
    /// Whether the same request may succeed later without anything being changed.
    ///
    /// A crash or a timeout is not: the same bytes will do it again.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Busy | Self::NotStarted { .. } => true,
            Self::Refused(error) => error.is_transient(),
            Self::Crashed { .. } | Self::TimedOut { .. } | Self::OutOfStep => false,
        }
    }
}
