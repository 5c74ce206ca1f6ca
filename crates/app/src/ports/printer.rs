//! Signed reports as documents.

use std::fmt;

use bytes::Bytes;

/// Why a document could not be made.
#[derive(Debug, thiserror::Error)]
#[error("the report could not be printed: {reason}")]
pub struct PrintError {
    /// Why, free of patient data.
    pub reason: String,
}

/// Lays out a signed report version as PDF/A.
#[async_trait::async_trait]
pub trait ReportPrinter: Send + Sync + fmt::Debug {
    /// The document; `report` holds everything that is printed.
    async fn print(&self, report: PrintableReport) -> Result<Bytes, PrintError>;
}

/// Everything a report document shows.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct PrintableReport {
    /// The tenant's name, for the letterhead.
    pub organisation: String,
    /// The facility the report goes to.
    pub facility: String,
    /// What stands in the heading: `Final report`, `Preliminary report`, `Addendum`.
    pub kind: String,
    /// Label and value of the lines about patient and examination.
    pub facts: Vec<(String, String)>,
    /// Title and text of the report's sections, in order.
    pub sections: Vec<(String, String)>,
    /// The reader's name.
    pub signed_by: String,
    /// When it was signed, RFC 3339.
    pub signed_at: String,
    /// SHA-256 of the signed content, hex.
    pub sha256: String,
    /// JPEG bytes and caption of the key images.
    #[serde(skip)]
    pub key_images: Vec<(Bytes, String)>,
}
