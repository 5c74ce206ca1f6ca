//! Unique identifiers that are safe to put into keys, paths and URLs.
//!
//! **Invariant:** a [`Uid`] has 1 to 64 characters, digits and single dots only, and neither begins nor ends
//! with a dot; so it can never climb out of a folder.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Most characters of a UID (PS3.5 §9.1).
pub const UID_MAX_LENGTH: usize = 64;

/// A validated DICOM unique identifier (PS3.5 §9).
///
/// Components with a leading zero are against PS3.5 §9.1 but common in the field, and harmless: accepted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Uid(String);

/// Why a text is not a UID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UidError {
    /// Nothing is left after padding is removed.
    #[error("it is empty")]
    Empty,
    /// More than [`UID_MAX_LENGTH`] characters.
    #[error("it has {0} characters, more than 64")]
    TooLong(usize),
    /// Something else than digits and dots.
    #[error("it has characters other than digits and dots")]
    Character,
    /// Two dots in a row, or a dot at either end.
    #[error("it has an empty component")]
    EmptyComponent,
}

impl Uid {
    /// Parses a UID as it stands in a data set or a URL.
    ///
    /// Trailing NULs and spaces are removed: PS3.5 §9.1 pads with NUL, some modalities pad with a space.
    pub fn parse(text: &str) -> Result<Self, UidError> {
        let text = text.trim_end_matches(['\0', ' ']);
        if text.is_empty() {
            return Err(UidError::Empty);
        }
        if text.len() > UID_MAX_LENGTH {
            return Err(UidError::TooLong(text.chars().count()));
        }
        if !text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
            return Err(UidError::Character);
        }
        if text.split('.').any(str::is_empty) {
            return Err(UidError::EmptyComponent);
        }
        Ok(Self(text.to_owned()))
    }

    /// The UID without padding.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Uid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl AsRef<str> for Uid {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl FromStr for Uid {
    type Err = UidError;

    fn from_str(text: &str) -> Result<Self, UidError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Uid {
    type Error = UidError;

    fn try_from(text: String) -> Result<Self, UidError> {
        Self::parse(&text)
    }
}

impl From<Uid> for String {
    fn from(uid: Uid) -> Self {
        uid.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_is_removed() {
        for padded in ["1.2.3\0", "1.2.3 ", "1.2.3\0\0", "1.2.3 \0"] {
            assert_eq!(Uid::parse(padded).unwrap().as_str(), "1.2.3");
        }
    }

    #[test]
    fn sixty_four_characters_fit_and_sixty_five_do_not() {
        let longest = format!("1.{}", "2".repeat(62));
        assert_eq!(Uid::parse(&longest).unwrap().as_str().len(), 64);
        assert_eq!(Uid::parse(&format!("{longest}3")), Err(UidError::TooLong(65)));
    }

    #[test]
    fn nothing_that_means_something_in_a_path_is_a_uid() {
        for hostile in [
            "../1.2", "1.2/../3", "..", ".", "1..2", ".1", "1.", "1.2\\3", "1.2\0.3", "1,2", "1.2 3", "é",
        ] {
            assert!(Uid::parse(hostile).is_err(), "{hostile:?}");
        }
        assert_eq!(Uid::parse(" \0"), Err(UidError::Empty));
    }

    #[test]
    fn a_leading_zero_in_a_component_is_tolerated() {
        assert!(Uid::parse("1.2.840.01").is_ok());
    }

    #[test]
    fn deserialising_validates() {
        assert!(serde_json::from_str::<Uid>("\"1.2.3\"").is_ok());
        assert!(serde_json::from_str::<Uid>("\"../1\"").is_err());
    }
}
