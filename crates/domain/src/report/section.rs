//! The parts of a report, and what is still missing in them.

use serde::{Deserialize, Serialize};

use crate::text::{code_point, unfit_character};

/// The longest text a section takes, in characters.
pub const MAX_SECTION_CHARS: usize = 50_000;

/// The longest text between brackets that still counts as a placeholder.
const MAX_PLACEHOLDER_CHARS: usize = 200;

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
    /// It still holds these placeholders; at least one.
    Placeholders(Vec<String>),
    /// It holds a character that no report may hold.
    Unfit(char),
}

impl Gap {
    /// What to do, for people.
    pub fn message(&self) -> String {
        match &self.kind {
            GapKind::Missing => format!("{} is empty", self.title),
            GapKind::Placeholders(left) => {
                let (what, named) = (
                    if left.len() == 1 {
                        "placeholder"
                    } else {
                        "placeholders"
                    },
                    left.join(", "),
                );
                format!("{} still has the {what} {named}", self.title)
            }
            GapKind::Unfit(character) => format!(
                "{} has a character that is not allowed: {}",
                self.title,
                code_point(*character)
            ),
        }
    }
}

impl ReportSection {
    /// What keeps this section from being signed.
    pub fn gap(&self) -> Option<Gap> {
        let kind = if self.required && self.text.trim().is_empty() {
            GapKind::Missing
        } else if let Some(character) = unfit_character(&self.text) {
            GapKind::Unfit(character)
        } else {
            let left: Vec<String> = placeholders(&self.text).map(str::to_owned).collect();
            if left.is_empty() {
                return None;
            }
            GapKind::Placeholders(left)
        };
        Some(Gap {
            key: self.key.clone(),
            title: self.title.clone(),
            kind,
        })
    }
}

/// What a template left to fill in: `[[side and region]]`, and blanks such as `[__]`, on one line each.
///
/// Single brackets around words or numbers are prose: `[sic]`, `[1.2 cm]`, `[3]`, `[…]`.
fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        while let Some(open) = rest.find('[') {
            let from = &rest[open..];
            let found = double(from).or_else(|| blank(from));
            rest = &from[found.map_or(1, str::len)..];
            if found.is_some() {
                return found;
            }
        }
        None
    })
}

/// The `[[…]]` that `from` begins with.
fn double(from: &str) -> Option<&str> {
    let inside = from.strip_prefix("[[")?;
    let length = inside
        .find("]]")
        .filter(|length| !inside[..*length].contains('\n'))?;
    (inside[..length].chars().count() <= MAX_PLACEHOLDER_CHARS).then(|| &from[..length + 4])
}

/// The `[__]` or `[ ]` that `from` begins with.
fn blank(from: &str) -> Option<&str> {
    let inside = from.strip_prefix('[')?;
    let length = inside.find(']')?;
    let is_blank = inside[..length].chars().all(|c| matches!(c, ' ' | '_'));
    is_blank.then(|| &from[..length + 2])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(text: &str) -> Vec<&str> {
        placeholders(text).collect()
    }

    #[test]
    fn a_placeholder_is_told_from_prose_in_brackets() {
        assert_eq!(found("Size [__] mm, [ ] seen, [] left"), ["[__]", "[ ]", "[]"]);
        assert_eq!(
            found("[[left / right]] knee, [[a]]"),
            ["[[left / right]]", "[[a]]"]
        );
        assert_eq!(found("[a [[Impression]]"), ["[[Impression]]"]);
        assert_eq!(found("[[[x]]"), ["[[[x]]"]);
        for prose in [
            "hematoma [sic]",
            "[1.2 cm]",
            "image [3], series [12/4]",
            "[…]",
            "[open\nline]",
            "[[open\nline]]",
            "[[never closed",
        ] {
            assert_eq!(found(prose), [""; 0], "{prose}");
        }
    }

    #[test]
    fn a_gap_names_every_placeholder_of_its_section() {
        let section = ReportSection {
            key: "technique".to_owned(),
            title: "Technique".to_owned(),
            text: "Radiographs of the [[side]], [[number]] projections [sic].".to_owned(),
            required: false,
        };
        let gap = section.gap().unwrap();
        assert_eq!(
            gap.message(),
            "Technique still has the placeholders [[side]], [[number]]"
        );
    }

    proptest! {
        #[test]
        fn any_text_can_be_searched(text in "[\\[\\]a-z0-9\n ä…_]{0,40}") {
            for found in placeholders(&text) {
                prop_assert!(found.starts_with('[') && found.ends_with(']') && text.contains(found));
                prop_assert!(!found.contains('\n'));
            }
        }

        #[test]
        fn single_brackets_around_words_never_keep_a_report_from_being_signed(
            before in "[a-z .]{0,20}", word in "[a-z0-9.,/ ]{0,20}[a-z0-9.]", after in "[a-z .]{0,20}",
        ) {
            let text = format!("{before}[{word}]{after}");
            prop_assert_eq!(placeholders(&text).next(), None);
        }
    }
}
