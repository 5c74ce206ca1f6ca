//! What becomes of an instance that came, and how its sender is told.

use domain::ErrorCode;

/// What becomes of a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is stored.
    New,
    /// It is stored already, byte for byte.
    Duplicate,
    /// It is stored already, but the stored bytes are damaged: these take their place.
    Heals,
    /// Another file is stored under its UID: it is set aside.
    Conflict,
    /// It is not taken.
    Refused(ErrorCode),
}

impl Verdict {
    /// Whether its file has to be kept.
    pub fn needs_bytes(self) -> bool {
        matches!(self, Self::New | Self::Heals | Self::Conflict)
    }
}

/// What a sender is told about a refused instance; with its code it fits an Error Comment (0000,0902).
pub(super) fn reason(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::NotInManifest => "it was not announced with this upload",
        ErrorCode::PatientMismatch => "patient and study do not fit what is stored",
        ErrorCode::InstanceConflict => "another file has this UID and is kept",
        ErrorCode::StudyMismatch => "of another study than the address names",
        ErrorCode::InstanceMismatch => "another instance than the request names",
        ErrorCode::DiffersFromManifest => "damaged on its way; send it again",
        ErrorCode::PayloadTooLarge => "it is larger than an instance may be",
        ErrorCode::StudyDeleted => "it was deleted; ask to restore it",
        code => code.title(),
    }
}
