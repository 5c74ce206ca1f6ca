//! The names applications call each other by.

use std::{fmt, str::FromStr};

/// An application entity's title: one to sixteen printable characters, no backslash, no space at either end
/// (PS3.5 §6.2, VR AE).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AeTitle(String);

/// Why a text is no title.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a title has 1 to 16 printable ASCII characters and no backslash")]
pub struct NoAeTitle;

impl AeTitle {
    /// Most characters of a title.
    pub const MAX_LENGTH: usize = 16;

    /// Parses a title; spaces around it do not count.
    pub fn parse(text: &str) -> Result<Self, NoAeTitle> {
        let text = text.trim_matches([' ', '\0']);
        let is_printable = |byte: u8| (0x20..0x7f).contains(&byte) && byte != b'\\';
        if text.is_empty() || text.len() > Self::MAX_LENGTH || !text.bytes().all(is_printable) {
            return Err(NoAeTitle);
        }
        Ok(Self(text.to_owned()))
    }

    /// The title of a field of a PDU or an element.
    pub fn of_bytes(bytes: &[u8]) -> Result<Self, NoAeTitle> {
        std::str::from_utf8(bytes)
            .map_err(|_| NoAeTitle)
            .and_then(Self::parse)
    }

    /// The title without padding.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The title as the sixteen bytes of a PDU's field.
    pub fn to_field(&self) -> [u8; 16] {
        let mut field = [b' '; 16];
        field[..self.0.len()].copy_from_slice(self.0.as_bytes());
        field
    }
}

impl fmt::Display for AeTitle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for AeTitle {
    type Err = NoAeTitle;

    fn from_str(text: &str) -> Result<Self, NoAeTitle> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_survives_its_field() {
        let title = AeTitle::parse(" CT ROOM 1 ").unwrap();
        assert_eq!(title.as_str(), "CT ROOM 1");
        assert_eq!(AeTitle::of_bytes(&title.to_field()), Ok(title));
    }

    #[test]
    fn what_no_peer_could_mean_is_no_title() {
        for text in ["", "    ", "A\\B", "SEVENTEEN LETTERS", "Ä", "A\nB"] {
            assert_eq!(AeTitle::parse(text), Err(NoAeTitle), "{text:?}");
        }
    }
}
