//! De-identification by the Basic Application Level Confidentiality Profile (PS3.15 annex E), edition 2026c.
//!
//! [`deidentify`] copies an instance element by element and lets each meet its action of table E.1-1, at every level
//! of nesting. What stands in for names, UIDs and dates follows from a key, so that what belongs together stays
//! together.
//!
//! **Invariant:** no value is copied of which neither the table nor the dictionary says that it may stay.
//! **Invariant:** pixels are blacked out in all frames or not at all, and then nothing comes out.
//! **Invariant:** memory is bounded by [`crate::Limits`], not by the instance.

mod action;
mod black_out;
mod copy;
mod dates;
mod dummy;
mod method;
mod profile;
mod pseudonyms;
mod rewrite;
mod safe_private;
#[cfg(test)]
mod standard;
mod suitability;
mod table;
#[cfg(test)]
mod tests;
mod words;

pub use profile::{BurnedIn, Profile, ProfileOption, Region};
pub use pseudonyms::Pseudonyms;
pub use rewrite::{DecodedPixels, Deidentification, Deidentified, deidentify};
pub use suitability::needs_decoding;

use crate::refusal::Refusal;
use std::io;

/// Why an instance was not de-identified; nothing of it may be handed out then.
#[derive(Debug, thiserror::Error)]
pub enum DeidentifyError {
    /// It cannot be read, or not written.
    #[error(transparent)]
    Unreadable(#[from] Refusal),
    /// The file being written, or decoded pixels being read, failed.
    #[error("de-identifying was interrupted: {0}")]
    Io(#[from] io::Error),
    /// Its pixels show text, or are of a kind that usually does and do not say that they show none.
    #[error(
        "its pixels may show the patient's name; black out the regions, or confirm that somebody looked at them"
    )]
    BurnedIn,
    /// What it holds is all about a person and cannot be cleaned.
    #[error("{0} cannot be de-identified")]
    Unsuitable(&'static str),
    /// Its pixels cannot be blacked out.
    #[error("regions of it cannot be blacked out: {0}")]
    Unpaintable(&'static str),
    /// Compressed pixels are to be blacked out, and came without being decoded.
    #[error("its compressed pixels were not decoded")]
    NotDecoded,
}
