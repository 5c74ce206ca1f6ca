//! What an operation came to (PS3.7 annex C, PS3.4 for the services).

/// A status, and a word on it for the people at the other end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// The number on the wire.
    pub code: u16,
    /// Error Comment (0000,0902).
    pub comment: Option<String>,
}

impl Status {
    /// There is more to come.
    pub const PENDING: u16 = 0xff00;
    /// There is more to come, and some keys were not matched by.
    pub const PENDING_WITH_WARNING: u16 = 0xff01;
    /// Ended by C-CANCEL.
    pub const CANCELLED: u16 = 0xfe00;
    /// Sub-operations ended, and not all well.
    pub const SUBOPERATIONS_FAILED: u16 = 0xb000;
    /// No room.
    pub const OUT_OF_RESOURCES: u16 = 0xa700;
    /// Too many matches to count.
    pub const CANNOT_COUNT_MATCHES: u16 = 0xa701;
    /// Sub-operations cannot be performed.
    pub const CANNOT_PERFORM_SUBOPERATIONS: u16 = 0xa702;
    /// Nobody of that title to move to.
    pub const MOVE_DESTINATION_UNKNOWN: u16 = 0xa801;
    /// The data set is not of the SOP class, or refused by what is stored.
    pub const DATA_SET_DOES_NOT_MATCH: u16 = 0xa900;
    /// Not to be understood, or not to be processed.
    pub const CANNOT_UNDERSTAND: u16 = 0xc000;
    /// Something went wrong.
    pub const PROCESSING_FAILURE: u16 = 0x0110;
    /// No such instance.
    pub const NO_SUCH_INSTANCE: u16 = 0x0112;
    /// A value that cannot be.
    pub const INVALID_ARGUMENT: u16 = 0x0115;
    /// Of another SOP class than is said.
    pub const CLASS_INSTANCE_CONFLICT: u16 = 0x0119;
    /// Not a SOP class of this context.
    pub const SOP_CLASS_NOT_SUPPORTED: u16 = 0x0122;
    /// Not allowed to whoever asks.
    pub const NOT_AUTHORISED: u16 = 0x0124;
    /// An operation nobody knows.
    pub const UNRECOGNISED_OPERATION: u16 = 0x0211;
    /// No such action.
    pub const NO_SUCH_ACTION: u16 = 0x0123;

    /// Done.
    pub const fn success() -> Self {
        Self::of(0)
    }

    /// A status without a word.
    pub const fn of(code: u16) -> Self {
        Self { code, comment: None }
    }

    /// A status with a word.
    pub fn with(code: u16, comment: impl Into<String>) -> Self {
        Self {
            code,
            comment: Some(comment.into()),
        }
    }

    /// Whether it is done.
    pub const fn is_success(&self) -> bool {
        self.code == 0
    }

    /// Whether it is done, and something is odd about it.
    pub const fn is_warning(&self) -> bool {
        matches!(self.code, 0x0001 | 0x0107 | 0x0116 | 0xb000..=0xbfff)
    }

    /// Whether more is to come.
    pub const fn is_pending(&self) -> bool {
        matches!(self.code, Self::PENDING | Self::PENDING_WITH_WARNING)
    }
}
