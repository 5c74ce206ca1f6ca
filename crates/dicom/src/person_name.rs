//! Person names: component groups, components and a form for the screen.

use serde::{Deserialize, Serialize};

/// One value of VR PN (PS3.5 §6.2.1): up to three groups that write the same name in different scripts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PersonName {
    /// The name in a single-byte script, mostly Latin.
    pub alphabetic: NameGroup,
    /// The name in ideographs, such as kanji or hanja.
    pub ideographic: NameGroup,
    /// The name as it is spoken, such as hiragana or hangul.
    pub phonetic: NameGroup,
}

/// The five components of one group, each possibly empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct NameGroup {
    /// Family name complex.
    pub family: String,
    /// Given name complex.
    pub given: String,
    /// Middle name.
    pub middle: String,
    /// Prefix, such as "Dr".
    pub prefix: String,
    /// Suffix, such as "III".
    pub suffix: String,
}

impl PersonName {
    /// Reads a decoded PN value, such as `Yamada^Tarou=山田^太郎=やまだ^たろう`. Never fails: what is too much
    /// is kept in the last component.
    pub fn parse(text: &str) -> Self {
        let mut groups = text
            .trim_matches(['\0', ' '])
            .splitn(3, '=')
            .map(NameGroup::parse);
        Self {
            alphabetic: groups.next().unwrap_or_default(),
            ideographic: groups.next().unwrap_or_default(),
            phonetic: groups.next().unwrap_or_default(),
        }
    }

    /// Whether no group has any text.
    pub fn is_empty(&self) -> bool {
        self.alphabetic.is_empty() && self.ideographic.is_empty() && self.phonetic.is_empty()
    }

    /// The name for lists and screens, "Family, Given Middle": the alphabetic group, else the ideographic,
    /// else the phonetic one.
    pub fn display(&self) -> String {
        [&self.alphabetic, &self.ideographic, &self.phonetic]
            .into_iter()
            .find(|group| !group.is_empty())
            .map(NameGroup::display)
            .unwrap_or_default()
    }
}

impl NameGroup {
    /// Reads one group, `Family^Given^Middle^Prefix^Suffix`.
    pub fn parse(text: &str) -> Self {
        let mut parts = text.splitn(5, '^').map(|part| part.trim().to_owned());
        let mut next = || parts.next().unwrap_or_default();
        Self {
            family: next(),
            given: next(),
            middle: next(),
            prefix: next(),
            suffix: next(),
        }
    }

    /// Whether every component is empty.
    pub fn is_empty(&self) -> bool {
        [
            &self.family,
            &self.given,
            &self.middle,
            &self.prefix,
            &self.suffix,
        ]
        .iter()
        .all(|part| part.is_empty())
    }

    /// The group as "Family, Given Middle", without prefix and suffix unless there is nothing else.
    pub fn display(&self) -> String {
        let given = join(&[&self.given, &self.middle]);
        match (self.family.is_empty(), given.is_empty()) {
            (false, false) => format!("{}, {given}", self.family),
            (false, true) => self.family.clone(),
            (true, false) => given,
            (true, true) => join(&[&self.prefix, &self.suffix]),
        }
    }

    /// The group as DICOM writes it, without trailing empty components.
    pub fn to_dicom(&self) -> String {
        let parts = [
            &self.family,
            &self.given,
            &self.middle,
            &self.prefix,
            &self.suffix,
        ];
        let used = parts
            .iter()
            .rposition(|part| !part.is_empty())
            .map_or(0, |last| last + 1);
        parts[..used]
            .iter()
            .map(|part| part.as_str())
            .collect::<Vec<_>>()
            .join("^")
    }
}

fn join(parts: &[&str]) -> String {
    parts
        .iter()
        .filter(|part| !part.is_empty())
        .copied()
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_reads_family_comma_given() {
        assert_eq!(
            PersonName::parse("Müller^Anna^Maria^Dr^").display(),
            "Müller, Anna Maria"
        );
        assert_eq!(PersonName::parse("Müller").display(), "Müller");
        assert_eq!(PersonName::parse("^Anna").display(), "Anna");
        assert_eq!(PersonName::parse("").display(), "");
        assert!(PersonName::parse("^^^^ ").is_empty());
    }

    #[test]
    fn groups_keep_their_scripts() {
        let name = PersonName::parse("Yamada^Tarou=山田^太郎=やまだ^たろう");
        assert_eq!(name.display(), "Yamada, Tarou");
        assert_eq!(name.ideographic.to_dicom(), "山田^太郎");
        assert_eq!(name.phonetic.given, "たろう");
    }

    #[test]
    fn an_ideographic_name_alone_is_shown() {
        assert_eq!(PersonName::parse("=王^小东").display(), "王, 小东");
    }

    #[test]
    fn carets_beyond_the_fifth_component_lose_nothing() {
        assert_eq!(NameGroup::parse("a^b^c^d^e^f").suffix, "e^f");
    }
}
