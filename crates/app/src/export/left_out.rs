//! The list of what was not taken out, and why: `LEFTOUT.TXT`.
//!
//! **Invariant:** a reason says nothing of the patient, and not when anything happened: it lies beside images that may be
//! de-identified.

use std::{fs::File, time::SystemTime};

use domain::ErrorCode;
use tokio::{fs, io::AsyncWriteExt as _};

use super::{blocking, spool_error};
use crate::{AppError, renditions::SpoolFile};

/// Why an instance is not among what was taken out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reason {
    /// For programs.
    pub code: ErrorCode,
    /// For people, with what to do.
    pub text: String,
}

impl Reason {
    /// It lies in the trash.
    pub fn trashed() -> Self {
        Self {
            code: ErrorCode::StudyDeleted,
            text: "it was deleted and lies in the trash: an administrator can restore it until it is removed for good"
                .to_owned(),
        }
    }

    /// It is another instance of the same UID, which waits for the administrator.
    pub fn set_aside() -> Self {
        Self {
            code: ErrorCode::InstanceConflict,
            text: "another file of this UID came later and is set aside: the first one counts until an administrator \
                   decides"
                .to_owned(),
        }
    }

    /// Its bytes are not what they were, and no store has them sound.
    pub fn damaged() -> AppError {
        AppError::refused(
            ErrorCode::ObjectDamaged,
            "its stored bytes are missing or damaged: send it again, or have it restored from a backup",
        )
    }

    /// It is on media that are not at hand.
    pub fn offline() -> AppError {
        AppError::refused(
            ErrorCode::StudyOffline,
            "it is on media that are not at hand: recall the study, and export it when it is ONLINE again",
        )
    }

    /// The slow store has it, and does not answer.
    pub fn away() -> AppError {
        AppError::refused(
            ErrorCode::StorageUnavailable,
            "it lies in the slow store, which does not answer now: recall the study, then export it again",
        )
    }
}

/// The list; a file once there is something to list.
#[derive(Debug)]
pub(super) struct LeftOut {
    spooled: SpoolFile,
    length: u64,
}

impl LeftOut {
    pub fn new(spooled: SpoolFile) -> Self {
        Self { spooled, length: 0 }
    }

    /// Adds a line. `name` is what the instance is called where the export goes to.
    pub async fn add(&mut self, name: &str, reason: &Reason) -> Result<(), AppError> {
        let line = format!("{name}\t{}\t{}\r\n", reason.code.as_str(), reason.text);
        let mut options = fs::OpenOptions::new();
        let mut file = options
            .append(true)
            .create(true)
            .open(self.spooled.path())
            .await
            .map_err(spool_error)?;
        file.write_all(line.as_bytes()).await.map_err(spool_error)?;
        file.flush().await.map_err(spool_error)?;
        self.length += line.len() as u64;
        Ok(())
    }

    /// Says that the list is still being written: the spool is swept of what has not changed for a day, and an export
    /// may take longer.
    pub async fn stay(&self) -> Result<(), AppError> {
        if self.length == 0 {
            return Ok(());
        }
        let path = self.spooled.path().to_owned();
        blocking(move || File::open(path)?.set_modified(SystemTime::now())).await
    }

    /// The list and its length, when there is any.
    pub fn finish(self) -> Option<(SpoolFile, u64)> {
        (self.length > 0).then_some((self.spooled, self.length))
    }
}
