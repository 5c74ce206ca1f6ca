//! Signed reports as documents.

use std::fmt;

use bytes::Bytes;
use chrono::{DateTime, Utc};

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
    /// The document; `report` holds everything that is printed. The same report gives the same bytes.
    async fn print(&self, report: PrintableReport) -> Result<Bytes, PrintError>;
}

/// Everything a report document shows. All texts are printed as they are, never read as markup.
#[derive(Debug, Clone, PartialEq)]
pub struct PrintableReport {
    /// The tenant's name, for the letterhead.
    pub organisation: String,
    /// The facility the report goes to.
    pub facility: String,
    /// What stands in the heading: `Final report`, `Preliminary report`, `Addendum 1`.
    pub title: String,
    /// Label and value of the lines about patient and examination; at least one.
    pub facts: Vec<(String, String)>,
    /// What was signed: the newest first, followed by what it amends; at least one.
    pub parts: Vec<PrintablePart>,
    /// The images that were marked.
    pub key_images: Vec<PrintableImage>,
}

/// One signed version on the page.
#[derive(Debug, Clone, PartialEq)]
pub struct PrintablePart {
    /// Its heading.
    pub heading: String,
    /// Title and text of its sections, in order.
    pub sections: Vec<(String, String)>,
    /// The reader's name.
    pub signed_by: String,
    /// When it was signed.
    pub signed_at: DateTime<Utc>,
    /// SHA-256 of the signed content, hex.
    pub sha256: String,
}

/// One marked image on the page.
#[derive(Debug, Clone, PartialEq)]
pub struct PrintableImage {
    /// The picture, as JPEG; none where the pixels cannot be drawn, which the page then says.
    pub jpeg: Option<Bytes>,
    /// What stands under it.
    pub caption: String,
}
