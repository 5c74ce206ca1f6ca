//! Protocol data units (PS3.8 §9.3): their types, and a strict reader and a writer of their bytes.
//!
//! **Invariant:** reading is a pure function of bytes; no length is believed before the bytes are there, and none
//! makes it allocate more than it was given.

mod parse;
mod write;

use bytes::Bytes;

pub use parse::{Header, PduError, parse, parse_body};
pub(crate) use write::{APPLICATION_CONTEXT, write_data_header};

use crate::AeTitle;

/// Bytes before the body of every PDU: its type, a reserved byte, its length.
pub const HEADER_BYTES: usize = 6;
/// Most presentation contexts of an association: their ids are odd bytes.
pub const MAX_CONTEXTS: usize = 128;
/// Bytes a data value needs beside its fragment: its length, its context, its control header.
pub const VALUE_HEADER_BYTES: usize = 6;

/// One protocol data unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pdu {
    /// A-ASSOCIATE-RQ
    AssociateRequest(AssociateRequest),
    /// A-ASSOCIATE-AC
    AssociateAccept(AssociateAccept),
    /// A-ASSOCIATE-RJ
    AssociateReject(Rejection),
    /// P-DATA-TF
    Data(Vec<DataValue>),
    /// A-RELEASE-RQ
    ReleaseRequest,
    /// A-RELEASE-RP
    ReleaseResponse,
    /// A-ABORT
    Abort(Abort),
}

/// What both sides of an association say about themselves (PS3.7 annex D.3.3).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserInformation {
    /// The longest P-DATA-TF body its sender takes; none when it says nothing, 0 for any.
    pub max_pdu_bytes: Option<u32>,
    /// Implementation Class UID.
    pub implementation_class_uid: String,
    /// Implementation Version Name.
    pub implementation_version_name: String,
    /// Who plays which role for which SOP class, where it is not the usual one.
    pub roles: Vec<RoleSelection>,
}

/// The roles the requestor wants to play for a SOP class, or may (PS3.7 §D.3.3.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleSelection {
    /// The SOP class.
    pub sop_class_uid: String,
    /// Whether the requestor uses the service.
    pub scu: bool,
    /// Whether the requestor provides it.
    pub scp: bool,
}

/// A request for an association.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssociateRequest {
    /// Which versions of the protocol its sender speaks, a bit each.
    pub protocol_version: u16,
    /// Whom it is for, as it was written: sixteen bytes of anybody's.
    pub called: [u8; 16],
    /// Who asks.
    pub calling: [u8; 16],
    /// The application context; there is one.
    pub application_context: String,
    /// What the requestor wants to speak of.
    pub contexts: Vec<ProposedContext>,
    /// What it says about itself.
    pub user: UserInformation,
}

/// An abstract syntax and the ways its data sets may be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposedContext {
    /// An odd number.
    pub id: u8,
    /// A SOP class.
    pub abstract_syntax: String,
    /// Transfer syntaxes.
    pub transfer_syntaxes: Vec<String>,
}

/// An association granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssociateAccept {
    /// The called title, as it was asked for.
    pub called: [u8; 16],
    /// The calling title, as it was asked for.
    pub calling: [u8; 16],
    /// What became of each context.
    pub contexts: Vec<ContextResult>,
    /// What the acceptor says about itself.
    pub user: UserInformation,
}

/// What became of a proposed context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContextResult {
    /// Which.
    pub id: u8,
    /// Whether it is accepted.
    pub reason: ContextReason,
    /// The transfer syntax, when it is.
    pub transfer_syntax: String,
}

/// Why a context is accepted or not (PS3.8 table 9-18).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContextReason {
    /// It is.
    Accepted,
    /// The user refuses.
    UserRejection,
    /// No reason.
    NoReason,
    /// The SOP class is not offered.
    AbstractSyntaxNotSupported,
    /// None of the transfer syntaxes is.
    TransferSyntaxesNotSupported,
}

/// An association refused (PS3.8 table 9-21).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rejection {
    /// No reason given.
    NoReason,
    /// Not an application context we know.
    ApplicationContextNotSupported,
    /// Who asks is not known, or not from there.
    CallingNotRecognised,
    /// Nobody of that title is here.
    CalledNotRecognised,
    /// A version of the protocol we do not speak.
    ProtocolVersionNotSupported,
    /// Too many at the moment; the sender should come again.
    TemporaryCongestion,
    /// A limit is reached; the sender should come again.
    LocalLimitExceeded,
    /// Any other that a peer may send: result, source, reason.
    Other(u8, u8, u8),
}

/// An association ended without asking (PS3.8 table 9-26).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Abort {
    /// The application does not want to go on.
    ServiceUser,
    /// The protocol was broken.
    Provider(AbortReason),
}

/// How the protocol was broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AbortReason {
    /// Not said.
    NotSpecified,
    /// A PDU nobody knows.
    UnrecognisedPdu,
    /// A PDU at the wrong time.
    UnexpectedPdu,
    /// A parameter nobody knows.
    UnrecognisedParameter,
    /// A parameter at the wrong place.
    UnexpectedParameter,
    /// A parameter with a value that it cannot have.
    InvalidParameter,
}

/// A fragment of a message (PS3.8 §9.3.5.1 and annex E).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataValue {
    /// The presentation context it belongs to.
    pub context: u8,
    /// Whether it is of a command set, or else of a data set.
    pub is_command: bool,
    /// Whether it is the last of that set.
    pub is_last: bool,
    /// The bytes.
    pub bytes: Bytes,
}

impl AssociateRequest {
    /// The called title, when it is one.
    pub fn called(&self) -> Option<AeTitle> {
        AeTitle::of_bytes(&self.called).ok()
    }

    /// The calling title, when it is one.
    pub fn calling(&self) -> Option<AeTitle> {
        AeTitle::of_bytes(&self.calling).ok()
    }
}

impl Rejection {
    /// Result, source and reason.
    pub const fn codes(self) -> (u8, u8, u8) {
        match self {
            Self::NoReason => (1, 1, 1),
            Self::ApplicationContextNotSupported => (1, 1, 2),
            Self::CallingNotRecognised => (1, 1, 3),
            Self::CalledNotRecognised => (1, 1, 7),
            Self::ProtocolVersionNotSupported => (1, 2, 2),
            Self::TemporaryCongestion => (2, 3, 1),
            Self::LocalLimitExceeded => (2, 3, 2),
            Self::Other(result, source, reason) => (result, source, reason),
        }
    }

    const fn of_codes(result: u8, source: u8, reason: u8) -> Self {
        match (result, source, reason) {
            (1, 1, 1) => Self::NoReason,
            (1, 1, 2) => Self::ApplicationContextNotSupported,
            (1, 1, 3) => Self::CallingNotRecognised,
            (1, 1, 7) => Self::CalledNotRecognised,
            (1, 2, 2) => Self::ProtocolVersionNotSupported,
            (2, 3, 1) => Self::TemporaryCongestion,
            (2, 3, 2) => Self::LocalLimitExceeded,
            _ => Self::Other(result, source, reason),
        }
    }

    /// Whether it may be otherwise in a while.
    pub const fn is_transient(self) -> bool {
        self.codes().0 == 2
    }
}

impl ContextReason {
    const fn code(self) -> u8 {
        match self {
            Self::Accepted => 0,
            Self::UserRejection => 1,
            Self::NoReason => 2,
            Self::AbstractSyntaxNotSupported => 3,
            Self::TransferSyntaxesNotSupported => 4,
        }
    }

    const fn of_code(code: u8) -> Self {
        match code {
            0 => Self::Accepted,
            1 => Self::UserRejection,
            3 => Self::AbstractSyntaxNotSupported,
            4 => Self::TransferSyntaxesNotSupported,
            _ => Self::NoReason,
        }
    }
}

impl AbortReason {
    const fn code(self) -> u8 {
        match self {
            Self::NotSpecified => 0,
            Self::UnrecognisedPdu => 1,
            Self::UnexpectedPdu => 2,
            Self::UnrecognisedParameter => 4,
            Self::UnexpectedParameter => 5,
            Self::InvalidParameter => 6,
        }
    }

    const fn of_code(code: u8) -> Self {
        match code {
            1 => Self::UnrecognisedPdu,
            2 => Self::UnexpectedPdu,
            4 => Self::UnrecognisedParameter,
            5 => Self::UnexpectedParameter,
            6 => Self::InvalidParameter,
            _ => Self::NotSpecified,
        }
    }
}
