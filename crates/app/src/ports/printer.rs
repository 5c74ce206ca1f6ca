//! Signed reports as documents.

use std::{collections::BTreeSet, fmt};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use domain::text::code_point;

/// Why a document could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PrintError {
    /// No font has these characters of the reader's text. A report with boxes for words is never made.
    #[error("no font on this machine has {}", code_points(characters))]
    Unprintable {
        /// Which; at least one.
        characters: BTreeSet<char>,
    },
    /// The layout failed.
    #[error("the report could not be printed: {reason}")]
    Failed {
        /// Why, free of patient data.
        reason: String,
    },
}

/// The first few of `characters`, as people look them up.
pub fn code_points(characters: &BTreeSet<char>) -> String {
    const NAMED: usize = 8;
    let mut names: Vec<String> = characters.iter().take(NAMED).map(|c| code_point(*c)).collect();
    if characters.len() > NAMED {
        names.push(format!("{} more", characters.len() - NAMED));
    }
    names.join(", ")
}

/// Lays out a signed report version as PDF/A.
#[async_trait::async_trait]
pub trait ReportPrinter: Send + Sync + fmt::Debug {
    /// The document; `report` holds everything that is printed. The same report gives the same bytes with
    /// the same fonts. What no font has of names and facts stands there as its code point, and the page says
    /// so; of what a reader wrote it is an error.
    ///
    /// Errors: `Unprintable`, `Failed`.
    async fn print(&self, report: PrintableReport) -> Result<Bytes, PrintError>;

    /// The characters of `texts` that could not be printed.
    ///
    /// Errors: `Failed`.
    async fn unprintable(&self, texts: Vec<String>) -> Result<BTreeSet<char>, PrintError>;
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
    /// Something the page says about itself.
    pub notice: Option<String>,
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
