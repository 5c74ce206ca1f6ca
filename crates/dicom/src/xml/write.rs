//! From the DICOM JSON Model to a document.
//!
//! **Invariant:** nothing but the text of one attribute is looked at a time; values are written as they are met.

use super::{NAME_COMPONENTS, NAME_GROUPS, NAMESPACE, XmlError};
use crate::tag::Tag;
use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::{fmt, io};

/// Writes `json`, one object of the DICOM JSON Model, as a document of its own.
///
/// Characters that XML cannot hold become U+FFFD. Group lengths are left out.
///
/// Errors: [`XmlError::Json`] when it is not the model; those of `out`.
pub fn write_native_model<W: io::Write>(json: &[u8], out: &mut W) -> Result<(), XmlError> {
    write!(
        out,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<NativeDicomModel xmlns=\"{NAMESPACE}\" xml:space=\"preserve\">"
    )?;
    let mut failed = None;
    let mut json = serde_json::Deserializer::from_slice(json);
    let written = DataSet {
        out,
        failed: &mut failed,
    }
    .deserialize(&mut json);
    match (written, failed) {
        (_, Some(error)) => return Err(error.into()),
        (written, None) => written?,
    }
    json.end()?;
    Ok(out.write_all(b"</NativeDicomModel>")?)
}

/// One attribute, its values still as text: the VR, which says how to write them, may stand behind them.
#[derive(Deserialize)]
struct Attribute<'a> {
    vr: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "Value")]
    value: Option<&'a RawValue>,
    #[serde(rename = "InlineBinary")]
    inline_binary: Option<Cow<'a, str>>,
    #[serde(rename = "BulkDataURI")]
    bulk_data_uri: Option<Cow<'a, str>>,
}

/// Writes the attributes of one data set while they are read. An error of the writer goes to `failed`, because
/// serde's has no room for it.
struct DataSet<'w, W> {
    out: &'w mut W,
    failed: &'w mut Option<io::Error>,
}

impl<'de, W: io::Write> DeserializeSeed<'de> for DataSet<'_, W> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de, W: io::Write> Visitor<'de> for DataSet<'_, W> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object of attributes by their tags")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        // Whose each block of each odd group is.
        let mut creators: HashMap<(u16, u16), String> = HashMap::new();
        while let Some(name) = members.next_key::<Cow<'de, str>>()? {
            let attribute: Attribute<'de> = members.next_value()?;
            let tag = hexadecimal(&name).ok_or_else(|| A::Error::custom("a member is no tag"))?;
            if is_creator(tag) {
                if let Some(creator) = first_text(attribute.value) {
                    creators.insert((tag.group(), tag.element()), creator);
                }
                continue;
            }
            if tag.element() == 0 {
                continue;
            }
            let creator = creators.get(&(tag.group(), tag.element() >> 8));
            let mut writer = AttributeWriter {
                out: self.out,
                failed: self.failed,
            };
            writer
                .attribute(tag, creator.map(String::as_str), &attribute)
                .map_err(A::Error::custom)?;
        }
        Ok(())
    }
}

struct AttributeWriter<'w, W> {
    out: &'w mut W,
    failed: &'w mut Option<io::Error>,
}

impl<W: io::Write> AttributeWriter<'_, W> {
    fn attribute(
        &mut self,
        tag: Tag,
        creator: Option<&str>,
        attribute: &Attribute<'_>,
    ) -> Result<(), serde_json::Error> {
        let vr = attribute
            .vr
            .as_deref()
            .or_else(|| tag.standard_vr())
            .unwrap_or("UN");
        self.text("<DicomAttribute tag=\"")?;
        match creator {
            Some(creator) => {
                self.text(&format!(
                    "{:04X}00{:02X}\" privateCreator=\"",
                    tag.group(),
                    tag.element() & 0xff
                ))?;
                self.escaped(creator)?;
            }
            None => self.text(&tag.to_string())?,
        }
        self.text("\" vr=\"")?;
        self.escaped(vr)?;
        if let Some(keyword) = tag.keyword() {
            self.text("\" keyword=\"")?;
            self.escaped(keyword)?;
        }
        self.text("\">")?;
        if let Some(uri) = &attribute.bulk_data_uri {
            self.text("<BulkData uri=\"")?;
            self.escaped(uri)?;
            self.text("\"/>")?;
        } else if let Some(base64) = &attribute.inline_binary {
            self.text("<InlineBinary>")?;
            self.escaped(base64)?;
            self.text("</InlineBinary>")?;
        } else if let Some(values) = attribute.value {
            let mut json = serde_json::Deserializer::from_str(values.get());
            Values { writer: self, vr }.deserialize(&mut json)?;
        }
        self.text("</DicomAttribute>")
    }

    fn value(&mut self, vr: &str, number: usize, value: &RawValue) -> Result<(), serde_json::Error> {
        let is_null = value.get() == "null";
        let element = match vr {
            "SQ" => "Item",
            "PN" => "PersonName",
            _ => "Value",
        };
        if is_null {
            return self.text(&format!("<{element} number=\"{number}\"/>"));
        }
        self.text(&format!("<{element} number=\"{number}\">"))?;
        match vr {
            "SQ" => {
                let mut json = serde_json::Deserializer::from_str(value.get());
                DataSet {
                    out: self.out,
                    failed: self.failed,
                }
                .deserialize(&mut json)?;
            }
            "PN" => self.person_name(value)?,
            // A number is written as it stands: 0.50 stays 0.50.
            _ if !value.get().starts_with('"') => self.escaped(value.get())?,
            _ => self.escaped(&serde_json::from_str::<Cow<'_, str>>(value.get())?)?,
        }
        self.text(&format!("</{element}>"))
    }

    fn person_name(&mut self, value: &RawValue) -> Result<(), serde_json::Error> {
        let groups: BTreeMap<String, String> = serde_json::from_str(value.get())?;
        for group in NAME_GROUPS {
            let Some(text) = groups.get(group).filter(|text| !text.is_empty()) else {
                continue;
            };
            self.text(&format!("<{group}>"))?;
            // What goes beyond the fifth component stays in it.
            for (component, text) in NAME_COMPONENTS
                .iter()
                .zip(text.splitn(NAME_COMPONENTS.len(), '^'))
            {
                if !text.is_empty() {
                    self.text(&format!("<{component}>"))?;
                    self.escaped(text)?;
                    self.text(&format!("</{component}>"))?;
                }
            }
            self.text(&format!("</{group}>"))?;
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), serde_json::Error> {
        self.out.write_all(text.as_bytes()).map_err(|error| {
            *self.failed = Some(error);
            serde_json::Error::custom("the document cannot be written")
        })
    }

    /// Text of an element or of an attribute in double quotes.
    fn escaped(&mut self, text: &str) -> Result<(), serde_json::Error> {
        let mut from = 0;
        for (at, character) in text.char_indices() {
            let instead = match character {
                '<' => "&lt;",
                '>' => "&gt;",
                '&' => "&amp;",
                '"' => "&quot;",
                // Readers make line feeds of these (XML 1.0 §2.11), or spaces in attributes (§3.3.3).
                '\r' => "&#13;",
                '\n' => "&#10;",
                '\t' => "&#9;",
                // XML 1.0 §2.2 has no way to write them.
                '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => "\u{fffd}",
                _ => continue,
            };
            self.text(&text[from..at])?;
            self.text(instead)?;
            from = at + character.len_utf8();
        }
        self.text(&text[from..])
    }
}

/// The values of one attribute, written one after the other.
struct Values<'v, 'w, W> {
    writer: &'v mut AttributeWriter<'w, W>,
    vr: &'v str,
}

impl<'de, W: io::Write> DeserializeSeed<'de> for Values<'_, '_, W> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_seq(self)
    }
}

impl<'de, W: io::Write> Visitor<'de> for Values<'_, '_, W> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an array of values")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<(), A::Error> {
        let mut number = 0;
        while let Some(value) = values.next_element::<&'de RawValue>()? {
            number += 1;
            self.writer
                .value(self.vr, number, value)
                .map_err(A::Error::custom)?;
        }
        Ok(())
    }
}

fn hexadecimal(name: &str) -> Option<Tag> {
    let is_tag = name.len() == 8 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_tag
        .then(|| u32::from_str_radix(name, 16).ok().map(Tag))
        .flatten()
}

/// PS3.5 §7.8.1: (gggg,0010-00FF) of an odd group.
pub(super) const fn is_creator(tag: Tag) -> bool {
    tag.is_private() && matches!(tag.element(), 0x10..=0xff)
}

fn first_text(values: Option<&RawValue>) -> Option<String> {
    let values: Vec<Option<String>> = serde_json::from_str(values?.get()).ok()?;
    values.into_iter().next()?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(json: &str) -> String {
        let mut out = Vec::new();
        write_native_model(json.as_bytes(), &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let (head, rest) = text.split_once("xml:space=\"preserve\">").unwrap();
        assert!(head.contains(NAMESPACE));
        rest.strip_suffix("</NativeDicomModel>").unwrap().to_owned()
    }

    #[test]
    fn each_kind_of_value_has_its_element() {
        assert_eq!(
            document(
                r#"{"00080060":{"vr":"CS","Value":["CT",null]},
                    "00100010":{"vr":"PN","Value":[{"Alphabetic":"A^B","Ideographic":"山"}]},
                    "00280030":{"Value":[0.50,"1e9"],"vr":"DS"},
                    "7FE00010":{"vr":"OW","BulkDataURI":"https://h/a?b&c"},
                    "00420011":{"vr":"OB","InlineBinary":"AAE="}}"#
            ),
            concat!(
                r#"<DicomAttribute tag="00080060" vr="CS" keyword="Modality"><Value number="1">CT</Value><Value number="2"/></DicomAttribute>"#,
                r#"<DicomAttribute tag="00100010" vr="PN" keyword="PatientName"><PersonName number="1"><Alphabetic>"#,
                r#"<FamilyName>A</FamilyName><GivenName>B</GivenName></Alphabetic><Ideographic><FamilyName>山</FamilyName></Ideographic></PersonName></DicomAttribute>"#,
                r#"<DicomAttribute tag="00280030" vr="DS" keyword="PixelSpacing"><Value number="1">0.50</Value><Value number="2">1e9</Value></DicomAttribute>"#,
                r#"<DicomAttribute tag="7FE00010" vr="OW" keyword="PixelData"><BulkData uri="https://h/a?b&amp;c"/></DicomAttribute>"#,
                r#"<DicomAttribute tag="00420011" vr="OB" keyword="EncapsulatedDocument"><InlineBinary>AAE=</InlineBinary></DicomAttribute>"#,
            )
        );
    }

    #[test]
    fn a_private_element_names_its_creator_and_not_its_block() {
        assert_eq!(
            document(
                r#"{"00090012":{"vr":"LO","Value":["ACME & \"Co\""]},"00091203":{"vr":"SH","Value":["x"]},
                    "00091401":{"vr":"SH"}}"#
            ),
            concat!(
                r#"<DicomAttribute tag="00090003" privateCreator="ACME &amp; &quot;Co&quot;" vr="SH"><Value number="1">x</Value></DicomAttribute>"#,
                r#"<DicomAttribute tag="00091401" vr="SH"></DicomAttribute>"#,
            )
        );
    }

    #[test]
    fn markup_and_controls_stay_text() {
        assert_eq!(
            document(r#"{"00081030":{"vr":"LO","Value":["</Value><x>\u0001\r"]}}"#),
            "<DicomAttribute tag=\"00081030\" vr=\"LO\" keyword=\"StudyDescription\"><Value number=\"1\">&lt;/Value&gt;&lt;x&gt;\u{fffd}&#13;</Value></DicomAttribute>"
        );
    }

    #[test]
    fn what_is_not_the_model_is_refused() {
        for json in [
            "",
            "[]",
            "{\"x\":{}}",
            "{\"00080060\":1}",
            "{\"00080060\":{\"vr\":\"CS\",\"Value\":{}}}",
            "{}{}",
        ] {
            assert!(
                write_native_model(json.as_bytes(), &mut Vec::new()).is_err(),
                "{json}"
            );
        }
    }

    #[test]
    fn an_error_of_the_writer_is_told() {
        let mut full = io::Cursor::new([0u8; 8]);
        assert!(matches!(
            write_native_model(b"{}", &mut full),
            Err(XmlError::Io(_))
        ));
        let mut room = [0u8; 160];
        let mut full = io::Cursor::new(room.as_mut_slice());
        let json = br#"{"00081030":{"vr":"LO","Value":["a long value that does not fit"]}}"#;
        assert!(matches!(
            write_native_model(json, &mut full),
            Err(XmlError::Io(_))
        ));
    }
}
