//! Why an association ended other than by release.

use crate::{Abort, AbortReason, CommandError, PduError, Rejection};

/// Why an association is over. Nothing more can be sent on it.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The connection broke, or could not be made.
    #[error("the connection failed: {0}")]
    Io(#[from] std::io::Error),
    /// The peer went away without a release.
    #[error("the peer closed the connection")]
    Closed,
    /// The peer did not go on in time.
    #[error("the peer did not {0} in time")]
    TimedOut(&'static str),
    /// The peer ended it.
    #[error("the peer aborted the association")]
    Aborted(Abort),
    /// Not a PDU.
    #[error(transparent)]
    Pdu(#[from] PduError),
    /// Not a command.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// A PDU or message at the wrong time.
    #[error("the peer broke the protocol: {0}")]
    Protocol(&'static str),
    /// The peer does not want us.
    #[error("the peer rejected the association: {}", rejection_text(*.0))]
    Rejected(Rejection),
    /// Our side ends it: what was being done cannot go on.
    #[error("{0}")]
    Ended(String),
}

impl Failure {
    /// What the peer is told, when there is somebody to tell.
    pub(crate) fn abort(&self) -> Option<Abort> {
        match self {
            Self::Io(_) | Self::Closed | Self::Aborted(_) | Self::Rejected(_) => None,
            Self::TimedOut(_) => Some(Abort::Provider(AbortReason::NotSpecified)),
            Self::Ended(_) => Some(Abort::ServiceUser),
            Self::Pdu(error) => Some(Abort::Provider(error.abort_reason())),
            Self::Command(_) => Some(Abort::Provider(AbortReason::InvalidParameter)),
            Self::Protocol(_) => Some(Abort::Provider(AbortReason::UnexpectedPdu)),
        }
    }

    /// A short name, for metrics.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Io(_) => "connection",
            Self::Closed => "closed",
            Self::TimedOut(_) => "timed_out",
            Self::Aborted(_) => "aborted",
            Self::Pdu(_) | Self::Command(_) | Self::Protocol(_) => "protocol",
            Self::Rejected(_) => "rejected",
            Self::Ended(_) => "ended",
        }
    }
}

const fn rejection_text(rejection: Rejection) -> &'static str {
    match rejection {
        Rejection::NoReason | Rejection::Other(..) => "it gives no reason",
        Rejection::ApplicationContextNotSupported => "it does not know the application context",
        Rejection::CallingNotRecognised => "it does not know our title",
        Rejection::CalledNotRecognised => "it does not go by that title",
        Rejection::ProtocolVersionNotSupported => "it speaks another version of the protocol",
        Rejection::TemporaryCongestion => "it is busy",
        Rejection::LocalLimitExceeded => "it has too many associations",
    }
}
