//! Whether a failed run is worth another.

use app::{AppError, ports};
use domain::ErrorCode;

/// Why a run failed. Reasons are shown to administrators and hold no patient data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JobError {
    /// Later it may work.
    #[error("{reason}")]
    Retry {
        /// What happened.
        reason: String,
    },
    /// What it works on is on media that are not at hand: it is looked for again, for as long as it takes.
    #[error("its media are not at hand")]
    Wait,
    /// It never will; the job is dead until an administrator retries it.
    #[error("{reason}")]
    Fail {
        /// What happened.
        reason: String,
    },
}

impl From<AppError> for JobError {
    /// What the outside world failed at may work later; what a rule refused stays refused.
    fn from(error: AppError) -> Self {
        let reason = match &error {
            // A database's words may quote the row.
            AppError::Store(_) => "the database failed".to_owned(),
            other => other.to_string(),
        };
        match &error {
            AppError::Store(store) => {
                tracing::warn!(error = %store, "a job met a database error");
                Self::Retry { reason }
            }
            AppError::Mail(ports::MailError::Refused { .. })
            | AppError::Blob(ports::BlobError::NotFound { .. })
            | AppError::Codec(ports::CodecError::Senseless { .. } | ports::CodecError::Unreadable { .. }) => {
                Self::Fail { reason }
            }
            _ => match error.code() {
                ErrorCode::StudyOffline => Self::Wait,
                ErrorCode::Internal
                | ErrorCode::StorageFull
                | ErrorCode::StorageUnavailable
                | ErrorCode::RateLimited
                | ErrorCode::PeerUnreachable
                | ErrorCode::PeerRefused
                | ErrorCode::ShuttingDown => Self::Retry { reason },
                _ => Self::Fail { reason },
            },
        }
    }
}
