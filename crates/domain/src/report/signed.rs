//! What was signed, as the bytes that were signed.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{ReportVersionKind, SignKind};
use crate::{CaseId, ReportId, UserId};

/// One part of a signed report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedSection {
    /// Its stable name.
    pub key: String,
    /// Its heading.
    pub title: String,
    /// Its text.
    pub text: String,
}

/// An image that belongs to a signed report, by its DICOM names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SignedKeyImage {
    /// The series' UID.
    pub series_instance_uid: String,
    /// The instance's UID.
    pub sop_instance_uid: String,
    /// The frame, from 1.
    pub frame: u32,
    /// Window Center it was marked with.
    pub window_center: Option<f64>,
    /// Window Width it was marked with.
    pub window_width: Option<f64>,
    /// What the reader says about it.
    pub note: Option<String>,
}

/// Everything a signature covers.
///
/// The order of the fields is the order of the signed bytes: never change it, add at the end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SignedContent {
    /// The case.
    pub case: CaseId,
    /// The report.
    pub report: ReportId,
    /// The version, from 1.
    pub number: u32,
    /// What kind of version.
    pub kind: ReportVersionKind,
    /// The SHA-256 of the version before, hex.
    pub follows: Option<String>,
    /// The parts.
    pub sections: Vec<SignedSection>,
    /// The marked images.
    pub key_images: Vec<SignedKeyImage>,
    /// Who signed.
    pub signer: UserId,
    /// The signer's name at that moment.
    pub signer_name: String,
    /// When.
    pub signed_at: DateTime<Utc>,
}

/// A signed version: its content, the bytes and their hash.
#[derive(Debug, Clone, PartialEq)]
pub struct SignedReport {
    content: SignedContent,
    bytes: String,
    sha256: String,
}

/// The stored bytes are not the ones that were signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the stored report is not the one that was signed")]
pub struct Tampered;

impl SignedReport {
    pub(super) fn seal(content: SignedContent) -> Self {
        let bytes = serde_json::to_string(&content).expect("text, numbers and lists are always JSON");
        let sha256 = digest(&bytes);
        Self {
            content,
            bytes,
            sha256,
        }
    }

    /// A version as it was kept.
    ///
    /// Errors: `Tampered` when the bytes do not have the hash or are not a report.
    pub fn from_stored(bytes: String, sha256: String) -> Result<Self, Tampered> {
        if digest(&bytes) != sha256 {
            return Err(Tampered);
        }
        let content = serde_json::from_str(&bytes).map_err(|_not_ours| Tampered)?;
        Ok(Self {
            content,
            bytes,
            sha256,
        })
    }

    /// What was signed.
    pub fn content(&self) -> &SignedContent {
        &self.content
    }

    /// The signed bytes: JSON.
    pub fn bytes(&self) -> &str {
        &self.bytes
    }

    /// The SHA-256 of the bytes, 64 hex digits.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }
}

fn digest(bytes: &str) -> String {
    hex::encode(Sha256::digest(bytes.as_bytes()))
}

impl From<SignKind> for ReportVersionKind {
    fn from(kind: SignKind) -> Self {
        match kind {
            SignKind::Preliminary => Self::Preliminary,
            SignKind::Final => Self::Final,
        }
    }
}
