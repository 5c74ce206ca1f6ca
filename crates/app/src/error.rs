//! What a use case refuses or fails with.

use domain::{ErrorCode, Permission};
use store::StoreError;

use crate::ports::{BlobError, CodecError, MailError, PasswordHashError, TokenError};

/// The fact that says after how many seconds trying again makes sense.
pub const RETRY_AFTER_SECONDS: &str = "retryAfterSeconds";
/// So soon an object store that did not answer may answer again.
const STORAGE_RETRY_SECONDS: u64 = 30;
/// So often a recall looks whether media are at hand; asking again sooner is of no use.
pub(crate) const OFFLINE_RETRY_SECONDS: u64 = 600;

/// One field of an input that needs correcting.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct FieldError {
    /// The field's name as the input spells it.
    pub field: &'static str,
    /// What to do about it.
    pub message: String,
}

/// Why a use case did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// It does not exist, or not for this actor.
    #[error("{what} not found")]
    NotFound {
        /// What was looked for.
        what: &'static str,
    },
    /// The actor lacks the permission.
    #[error("your role does not allow this")]
    Forbidden {
        /// Which.
        permission: Permission,
    },
    /// One or more fields need correcting.
    #[error("{}", fields.first().map_or("a field needs correcting", |field| field.message.as_str()))]
    InvalidInput {
        /// Which, and how.
        fields: Vec<FieldError>,
    },
    /// A rule refused, with a code of the contract, a text for people and facts for programs.
    #[error("{message}")]
    Refused {
        /// The code.
        code: ErrorCode,
        /// What happened and what to do.
        message: String,
        /// Facts a client may act on, put into `extensions` or the problem document.
        facts: serde_json::Map<String, serde_json::Value>,
    },
    /// The database failed.
    #[error("database: {0}")]
    Store(#[source] StoreError),
    /// The object store failed.
    #[error("object store: {0}")]
    Blob(#[from] BlobError),
    /// Pixels could not be processed.
    #[error("codec: {0}")]
    Codec(#[from] CodecError),
    /// A mail could not be handed over.
    #[error("mail: {0}")]
    Mail(#[from] MailError),
    /// A password could not be hashed.
    #[error("password: {0}")]
    Password(#[from] PasswordHashError),
    /// An access token could not be signed.
    #[error("token: {0}")]
    Token(#[from] TokenError),
    /// Something of ours failed that should not.
    #[error("{what}")]
    Internal {
        /// What, for the log.
        what: String,
    },
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::BadCursor => Self::invalid("after", error.to_string()),
            error if error.is_unfit_text() => Self::invalid("text", "a text must not hold U+0000"),
            error => Self::Store(error),
        }
    }
}

impl AppError {
    /// A refusal without facts.
    pub fn refused(code: ErrorCode, message: impl Into<String>) -> Self {
        Self::Refused {
            code,
            message: message.into(),
            facts: serde_json::Map::new(),
        }
    }

    /// A refusal that is over in so many seconds.
    pub fn try_again(code: ErrorCode, message: impl Into<String>, seconds: u64) -> Self {
        Self::Refused {
            code,
            message: message.into(),
            facts: serde_json::Map::from_iter([(RETRY_AFTER_SECONDS.to_owned(), seconds.into())]),
        }
    }

    /// After how many seconds trying again makes sense, where that is known.
    pub fn retry_after_seconds(&self) -> Option<u64> {
        match self {
            Self::Refused { facts, .. } => facts.get(RETRY_AFTER_SECONDS)?.as_u64(),
            Self::Blob(BlobError::Unavailable { .. }) => Some(STORAGE_RETRY_SECONDS),
            Self::Blob(BlobError::Offline { .. }) => Some(OFFLINE_RETRY_SECONDS),
            _ => None,
        }
    }

    /// One field needs correcting.
    pub fn invalid(field: &'static str, message: impl Into<String>) -> Self {
        Self::InvalidInput {
            fields: vec![FieldError {
                field,
                message: message.into(),
            }],
        }
    }

    /// Exhaustive on purpose: a new error does not compile until it has a code.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::NotFound { .. } => ErrorCode::NotFound,
            Self::Forbidden { .. } => ErrorCode::Forbidden,
            Self::InvalidInput { .. } => ErrorCode::InvalidInput,
            Self::Refused { code, .. } => *code,
            Self::Blob(BlobError::Full) => ErrorCode::StorageFull,
            // Also of a mere look at images: without room for the trail nobody looks.
            Self::Store(error) if error.is_out_of_space() => ErrorCode::StorageFull,
            Self::Blob(BlobError::Unavailable { .. }) => ErrorCode::StorageUnavailable,
            Self::Blob(BlobError::Offline { .. }) => ErrorCode::StudyOffline,
            Self::Codec(CodecError::Senseless { .. }) => ErrorCode::BadRequest,
            Self::Codec(CodecError::Unreadable { .. }) => ErrorCode::PixelsUnreadable,
            Self::Codec(CodecError::NoPixels | CodecError::Unsuitable { .. }) => ErrorCode::NotAcceptable,
            // Rows name only objects that were durable before: one that is gone is damage.
            Self::Blob(BlobError::NotFound { .. } | BlobError::Damaged { .. })
            | Self::Codec(CodecError::Damaged) => ErrorCode::ObjectDamaged,
            Self::Codec(CodecError::Failed { .. })
            | Self::Store(_)
            | Self::Mail(_)
            | Self::Password(_)
            | Self::Token(_)
            | Self::Internal { .. } => ErrorCode::Internal,
        }
    }

    /// What a client may read. Internal causes stay in the log.
    pub fn public_message(&self) -> String {
        match self.code() {
            code @ (ErrorCode::Internal
            | ErrorCode::StorageFull
            | ErrorCode::StorageUnavailable
            | ErrorCode::StudyOffline
            | ErrorCode::ObjectDamaged
            | ErrorCode::PixelsUnreadable) => code.title().to_owned(),
            _ => self.to_string(),
        }
    }
}
