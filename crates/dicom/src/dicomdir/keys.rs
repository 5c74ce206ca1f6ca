//! What a record says, taken out of an instance's metadata.

use super::kind::Key;
use crate::tag::{Tag, tags};
use crate::writing::ElementWriter;
use dicom_core::VR;
use serde::de::{Deserializer as _, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};

/// The attributes of an instance that directories may want. Others are never held.
#[derive(Debug, Default)]
pub(super) struct Said(BTreeMap<Tag, Value>);

impl Said {
    /// Reads the keys out of DICOM JSON (PS3.18 annex F).
    ///
    /// Errors: when `metadata_json` is none.
    pub(super) fn read(metadata_json: &[u8], wanted: &[Tag]) -> io::Result<Self> {
        let mut deserializer = serde_json::Deserializer::from_slice(metadata_json);
        Ok(Self(deserializer.deserialize_map(Picking(wanted))?))
    }

    /// Writes the keys, and before them the character set when one needs it.
    pub(super) fn write<W: Write>(&self, keys: &[Key], out: &mut ElementWriter<W>) -> io::Result<()> {
        let mut body = ElementWriter::new(Vec::new());
        for key in keys {
            self.write_key(*key, &mut body)?;
        }
        let body = std::mem::take(body.get_mut());
        if !body.is_ascii() {
            out.text(tags::SPECIFIC_CHARACTER_SET, VR::CS, "ISO_IR 192")?;
        }
        out.raw(&body)
    }

    fn write_key<W: Write>(&self, key: Key, out: &mut ElementWriter<W>) -> io::Result<()> {
        let tag = key.tag();
        let vr = tag.dictionary_vr(false).unwrap_or(VR::UN);
        let value = self.0.get(&tag).filter(|value| !is_empty(value));
        match (value, key) {
            (Some(value), _) => write_value(tag, vr, value, out),
            (None, Key::Known(_)) => Ok(()),
            (None, Key::Present(_)) if vr == VR::SQ => out.element(tag, vr, &[]),
            (None, Key::Present(_)) => out.text(tag, vr, ""),
            (None, Key::Needed(_)) => invent(tag, vr, out),
        }
    }
}

fn is_empty(value: &Value) -> bool {
    let values = value.get("Value").and_then(Value::as_array);
    values.is_none_or(|values| {
        values.iter().all(|value| match value {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            _ => false,
        })
    })
}

/// Writes one attribute of DICOM JSON. What is named by an address is left out.
fn write_value<W: Write>(tag: Tag, vr: VR, attribute: &Value, out: &mut ElementWriter<W>) -> io::Result<()> {
    let none = Vec::new();
    let values = attribute.get("Value").and_then(Value::as_array).unwrap_or(&none);
    match vr {
        VR::SQ => {
            out.begin(tag, VR::SQ)?;
            for item in values.iter().filter_map(Value::as_object) {
                out.begin_item()?;
                let mut members: Vec<(Tag, &Value)> = item
                    .iter()
                    .filter_map(|(name, member)| Some((Tag::parse(name)?, member)))
                    .filter(|(_, member)| member.get("Value").is_some())
                    .collect();
                members.sort_by_key(|(tag, _)| *tag);
                for (tag, member) in members {
                    if let Some(vr) = tag.dictionary_vr(false) {
                        write_value(tag, vr, member, out)?;
                    }
                }
                out.end_item()?;
            }
            out.end()
        }
        VR::US => {
            let words = values.iter().filter_map(Value::as_u64);
            let bytes: Vec<u8> = words.flat_map(|word| (word as u16).to_le_bytes()).collect();
            out.element(tag, vr, &bytes)
        }
        VR::UL => {
            let words = values.iter().filter_map(Value::as_u64);
            let bytes: Vec<u8> = words.flat_map(|word| (word as u32).to_le_bytes()).collect();
            out.element(tag, vr, &bytes)
        }
        VR::OB | VR::OW | VR::UN | VR::FL | VR::FD | VR::SL | VR::SS | VR::AT => Ok(()),
        _ => {
            let texts: Vec<String> = values.iter().map(text_of).collect();
            out.text(tag, vr, &texts.join("\\"))
        }
    }
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        // PS3.18 §F.2.2: a name has up to three groups.
        Value::Object(groups) => {
            let group = |name: &str| groups.get(name).and_then(Value::as_str).unwrap_or_default();
            let name = format!(
                "{}={}={}",
                group("Alphabetic"),
                group("Ideographic"),
                group("Phonetic")
            );
            name.trim_end_matches('=').to_owned()
        }
        _ => String::new(),
    }
}

/// A value for a key that must have one and has none, as other writers of directories invent it.
fn invent<W: Write>(tag: Tag, vr: VR, out: &mut ElementWriter<W>) -> io::Result<()> {
    let text = match (tag, vr) {
        (_, VR::DA) => "19000101",
        (_, VR::TM) => "000000",
        (_, VR::IS) => "1",
        (_, VR::US) => return out.element(tag, vr, &[1, 0]),
        (_, VR::UL) => return out.element(tag, vr, &[1, 0, 0, 0]),
        (_, VR::SQ) => {
            out.begin(tag, VR::SQ)?;
            out.begin_item()?;
            out.text(tags::CODE_VALUE, VR::SH, "113000")?;
            out.text(tags::CODING_SCHEME_DESIGNATOR, VR::SH, "DCM")?;
            out.text(tags::CODE_MEANING, VR::LO, "Of Interest")?;
            out.end_item()?;
            return out.end();
        }
        (tags::MODALITY, _) => "OT",
        (_, VR::CS) => "UNKNOWN",
        _ => "NONE",
    };
    out.text(tag, vr, text)
}

struct Picking<'a>(&'a [Tag]);

impl<'de> Visitor<'de> for Picking<'_> {
    type Value = BTreeMap<Tag, Value>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a DICOM JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut picked = BTreeMap::new();
        while let Some(name) = map.next_key::<std::borrow::Cow<'de, str>>()? {
            match Tag::parse(&name).filter(|tag| self.0.contains(tag)) {
                Some(tag) => {
                    picked.insert(tag, map.next_value()?);
                }
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(picked)
    }
}
