//! Small builder of DICOM JSON objects (PS3.18 annex F): QIDO answers, STOW responses.

use crate::tag::Tag;
use std::collections::BTreeMap;

/// One DICOM JSON object: attributes in ascending order of tags.
///
/// ```
/// use dicom::{JsonObject, tags};
///
/// let study = JsonObject::new()
///     .text(tags::STUDY_DATE, "DA", ["20261122"])
///     .person_name(tags::PATIENT_NAME, "Yamada^Tarou=山田^太郎")
///     .integer(tags::NUMBER_OF_STUDY_RELATED_SERIES, "IS", [3])
///     .empty(tags::ACCESSION_NUMBER, "SH");
/// assert!(study.to_string().starts_with(r#"{"00080020":{"vr":"DA","Value":["20261122"]}"#));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JsonObject(BTreeMap<Tag, Vec<u8>>);

impl JsonObject {
    /// An object without attributes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether the object has no attributes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds an attribute without a value: known, and empty.
    #[must_use]
    pub fn empty(self, tag: Tag, vr: &str) -> Self {
        self.member(tag, vr, |_| {})
    }

    /// Adds a text attribute. An empty text becomes `null`; no values at all, an empty attribute.
    #[must_use]
    pub fn text<T: AsRef<str>>(self, tag: Tag, vr: &str, values: impl IntoIterator<Item = T>) -> Self {
        self.array(tag, vr, values, |out, text| match text.as_ref() {
            "" => out.extend_from_slice(b"null"),
            text => write_string(out, text),
        })
    }

    /// Adds a text attribute of one value, or an empty one.
    #[must_use]
    pub fn optional_text(self, tag: Tag, vr: &str, value: Option<&str>) -> Self {
        self.text(tag, vr, value.filter(|value| !value.is_empty()))
    }

    /// Adds a person name, from its DICOM form with `^` and `=`; an empty one becomes an empty attribute.
    #[must_use]
    pub fn person_name(self, tag: Tag, name: &str) -> Self {
        let name = Some(name).filter(|name| !name.trim_matches(['^', '=', ' ']).is_empty());
        self.array(tag, "PN", name, write_person_name)
    }

    /// Adds an attribute of whole numbers.
    #[must_use]
    pub fn integer<T: Into<i64>>(self, tag: Tag, vr: &str, values: impl IntoIterator<Item = T>) -> Self {
        self.array(tag, vr, values, |out, number| {
            out.extend_from_slice(number.into().to_string().as_bytes())
        })
    }

    /// Adds a sequence.
    #[must_use]
    pub fn sequence(self, tag: Tag, items: impl IntoIterator<Item = Self>) -> Self {
        self.array(tag, "SQ", items, |out, item| item.write(out))
    }

    /// Adds an attribute as it stands in other DICOM JSON, `{"vr": …}`, unless the object has it.
    #[must_use]
    pub fn or_member(mut self, tag: Tag, json: Vec<u8>) -> Self {
        self.0.entry(tag).or_insert(json);
        self
    }

    /// Appends the object as JSON.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.push(b'{');
        for (at, (tag, attribute)) in self.0.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            out.extend_from_slice(format!("\"{tag}\":").as_bytes());
            out.extend_from_slice(attribute);
        }
        out.push(b'}');
    }

    /// An array of objects, the body of a QIDO answer.
    pub fn array_of<'a>(objects: impl IntoIterator<Item = &'a Self>) -> Vec<u8> {
        let mut out = vec![b'['];
        for (at, object) in objects.into_iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            object.write(&mut out);
        }
        out.push(b']');
        out
    }

    fn array<T>(
        self,
        tag: Tag,
        vr: &str,
        values: impl IntoIterator<Item = T>,
        write: impl Fn(&mut Vec<u8>, T),
    ) -> Self {
        self.member(tag, vr, |out| {
            let mut opened = false;
            for value in values {
                out.extend_from_slice(if opened { b"," } else { b",\"Value\":[" });
                opened = true;
                write(out, value);
            }
            if opened {
                out.push(b']');
            }
        })
    }

    fn member(mut self, tag: Tag, vr: &str, write: impl FnOnce(&mut Vec<u8>)) -> Self {
        let mut out = format!("{{\"vr\":\"{vr}\"").into_bytes();
        write(&mut out);
        out.push(b'}');
        self.0.insert(tag, out);
        self
    }
}

impl std::fmt::Display for JsonObject {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = Vec::new();
        self.write(&mut out);
        formatter.write_str(&String::from_utf8_lossy(&out))
    }
}

/// Appends `text` as a JSON string.
pub(crate) fn write_string(out: &mut Vec<u8>, text: &str) {
    serde_json::to_writer(out, text).expect("a string always serialises into memory");
}

/// Appends a PN value: `{"Alphabetic": …, "Ideographic": …, "Phonetic": …}`, empty groups left out.
pub(crate) fn write_person_name(out: &mut Vec<u8>, name: &str) {
    let mut first = true;
    out.push(b'{');
    for (key, group) in ["Alphabetic", "Ideographic", "Phonetic"]
        .into_iter()
        .zip(name.splitn(3, '='))
    {
        let group = group.trim_matches(' ');
        if group.is_empty() {
            continue;
        }
        if !std::mem::take(&mut first) {
            out.push(b',');
        }
        write_string(out, key);
        out.push(b':');
        write_string(out, group);
    }
    out.push(b'}');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tag::tags;

    #[test]
    fn attributes_are_sorted_and_values_typed() {
        let object = JsonObject::new()
            .integer(tags::ROWS, "US", [512])
            .text(tags::MODALITIES_IN_STUDY, "CS", ["CT", "PT"])
            .person_name(tags::PATIENT_NAME, "A^B==b")
            .person_name(tags::REFERRING_PHYSICIAN_NAME, "^^")
            .sequence(
                tags::REFERENCED_SOP_SEQUENCE,
                [JsonObject::new().empty(tags::STUDY_ID, "SH")],
            );
        assert_eq!(
            object.to_string(),
            concat!(
                r#"{"00080061":{"vr":"CS","Value":["CT","PT"]},"00080090":{"vr":"PN"},"#,
                r#""00081199":{"vr":"SQ","Value":[{"00200010":{"vr":"SH"}}]},"#,
                r#""00100010":{"vr":"PN","Value":[{"Alphabetic":"A^B","Phonetic":"b"}]},"#,
                r#""00280010":{"vr":"US","Value":[512]}}"#
            )
        );
    }

    #[test]
    fn markup_and_quotes_stay_text() {
        let object = JsonObject::new().text(tags::STUDY_DESCRIPTION, "LO", ["\"</script>\u{1}"]);
        let json: serde_json::Value = serde_json::from_str(&object.to_string()).unwrap();
        assert_eq!(json["00081030"]["Value"][0], "\"</script>\u{1}");
    }
}
