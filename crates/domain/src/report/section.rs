//! The parts of a report, and what is still missing in them.

use serde::{Deserialize, Serialize};

/// The longest text a section takes, in characters.
pub const MAX_SECTION_CHARS: usize = 50_000;

/// The longest text between brackets that still counts as a placeholder.
const MAX_PLACEHOLDER_CHARS: usize = 120;

/// One titled part of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportSection {
    /// Its stable name: `findings`.
    pub key: String,
    /// Its heading.
    pub title: String,
    /// Its text, plain, with line breaks.
    pub text: String,
    /// Whether the report cannot be signed without it.
    pub required: bool,
}

/// What keeps a section from being signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// The section's key.
    pub key: String,
    /// The section's title.
    pub title: String,
    /// What is wrong.
    pub kind: GapKind,
}

/// What is wrong with a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GapKind {
    /// It is required and empty.
    Missing,
    /// It still holds this placeholder.
    Placeholder(String),
}

impl Gap {
    /// What to do, for people.
    pub fn message(&self) -> String {
        match &self.kind {
            GapKind::Missing => format!("{} is empty", self.title),
            GapKind::Placeholder(text) => format!("{} still has the placeholder {text}", self.title),
        }
    }
}

impl ReportSection {
    /// What keeps this section from being signed.
    pub fn gap(&self) -> Option<Gap> {
        let kind = if self.required && self.text.trim().is_empty() {
            GapKind::Missing
        } else {
            GapKind::Placeholder(first_placeholder(&self.text)?.to_owned())
        };
        Some(Gap {
            key: self.key.clone(),
            title: self.title.clone(),
            kind,
        })
    }
}

/// The first `[…]` that a template left to fill in.
///
/// Readers write brackets too: `[3]` and `[12/4]` refer to images, so a placeholder has a letter, an
/// underscore or an ellipsis in it, or nothing at all.
fn first_placeholder(text: &str) -> Option<&str> {
    let mut rest = text;
    while let Some(open) = rest.find('[') {
        let from = &rest[open..];
        let length = from[1..].find([']', '[', '\n'])?;
        let inside = &from[1..1 + length];
        let closes = from[1 + length..].starts_with(']');
        let to_fill =
            inside.trim().is_empty() || inside.chars().any(|c| c.is_alphabetic() || c == '_' || c == '…');
        if closes && to_fill && inside.chars().count() <= MAX_PLACEHOLDER_CHARS {
            return Some(&from[..length + 2]);
        }
        rest = &from[1 + length..];
        if closes {
            rest = &rest[1..];
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_bracket_to_fill_in_is_told_from_a_reference() {
        assert_eq!(first_placeholder("Size [__] mm"), Some("[__]"));
        assert_eq!(first_placeholder("see [3] and [12/4], [ ]"), Some("[ ]"));
        assert_eq!(first_placeholder("[a [Impression]"), Some("[Impression]"));
        assert_eq!(first_placeholder("[open\nline]"), None);
        assert_eq!(first_placeholder("image [3], series [12/4]"), None);
    }

    proptest! {
        #[test]
        fn any_text_can_be_searched(text in "[\\[\\]a-z0-9\n ä…]{0,40}") {
            if let Some(found) = first_placeholder(&text) {
                prop_assert!(found.starts_with('[') && found.ends_with(']') && text.contains(found));
            }
        }
    }
}
