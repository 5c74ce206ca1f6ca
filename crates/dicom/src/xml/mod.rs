//! The Native DICOM Model (PS3.19 §A.1), the XML form of what PS3.18 annex F writes as JSON.
//!
//! [`write_native_model`] turns an object of the DICOM JSON Model into a document, [`read_native_model`] a document
//! into such an object.
//!
//! **Invariant:** a document has no document type and no entities but the five of XML itself; depth, elements and
//! bytes are bounded before they are believed.
//!
//! **Invariant:** the block of a private element is not sent, its creator is (PS3.19 table A.1.5-2); what is read
//! gets blocks and creators of its own.

mod open;
mod read;
#[cfg(test)]
mod round_trip;
mod values;
mod write;

pub use read::read_native_model;
pub use write::write_native_model;

use std::io;

/// The media type of a document (PS3.18 §8.7.3.2).
pub const NATIVE_MODEL_TYPE: &str = "application/dicom+xml";

/// The root of a document.
const NATIVE_ROOT: &str = "NativeDicomModel";
const NAMESPACE: &str = "http://dicom.nema.org/PS3.19/models/NativeDICOM";

/// The component groups of a person name, in the order of PS3.5 §6.2.1.
const NAME_GROUPS: [&str; 3] = ["Alphabetic", "Ideographic", "Phonetic"];
/// The components of a group.
const NAME_COMPONENTS: [&str; 5] = [
    "FamilyName",
    "GivenName",
    "MiddleName",
    "NamePrefix",
    "NameSuffix",
];

/// Why a document cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum XmlError {
    /// Not XML in UTF-8.
    #[error("the document is not well-formed XML in UTF-8 (near byte {0})")]
    Syntax(u64),
    /// XML, and not the model.
    #[error("the document is not a Native DICOM Model: {0}")]
    Model(&'static str),
    /// A document type, an entity or a processing instruction.
    #[error("the document has {0}, which is not accepted")]
    Forbidden(&'static str),
    /// Beyond a limit of [`crate::Limits`].
    #[error("the document has too many {0}")]
    TooMuch(&'static str),
    /// What should be written is not the DICOM JSON Model.
    #[error("this is not the DICOM JSON model: {0}")]
    Json(#[from] serde_json::Error),
    /// The document cannot be written where it should go.
    #[error("the document cannot be written")]
    Io(#[from] io::Error),
}
