//! Why the pool has no reply.

use dicom::codec::CodecError;

const SIGKILL: i32 = 9;

/// What went wrong between a request and its reply.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CodecPoolError {
    /// The codec answered: it refuses this work, for this reason.
    #[error(transparent)]
    Refused(#[from] CodecError),
    /// The child gave up while it worked on this request.
    #[error("the codec process crashed ({how})")]
    Crashed {
        /// Its exit code.
        how: String,
    },
    /// A signal ended the child while it worked on this request, and those that took the request after it.
    #[error("the codec process was ended by signal {signal}")]
    Killed {
        /// Which signal ended the last of them.
        signal: i32,
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
    /// A crash or a timeout is not: the same bytes will do it again. Nor is a fault that ended several children in
    /// a row. SIGKILL is nobody's fault in a child: it comes from outside, from the kernel that is short of memory
    /// or from an administrator.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Busy | Self::NotStarted { .. } => true,
            Self::Killed { signal } => *signal == SIGKILL,
            Self::Refused(error) => error.is_transient(),
            Self::Crashed { .. } | Self::TimedOut { .. } | Self::OutOfStep => false,
        }
    }
}
