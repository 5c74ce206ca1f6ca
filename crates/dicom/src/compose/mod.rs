//! Part 10 files put together from the DICOM JSON Model and bulk data that came apart from it (PS3.18 §10.5.1).
//!
//! **Invariant:** bulk data is never held: a file is a list of [`Piece`]s, the bytes between which it goes.
//!
//! **Invariant:** what cannot be written as it was said is refused or named as a [`WarningReason`], never bent in
//! silence.

mod encode;
mod media;
mod pixels;
mod text;

pub use media::bulk_transfer_syntax;

use crate::stow::WarningReason;
use crate::tag::{Tag, tags};
use encode::Encoder;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// One body part of bulk data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkPart {
    /// Its bytes.
    pub length: u64,
    /// The transfer syntax of a codestream; none of plain little-endian values.
    pub transfer_syntax: Option<&'static str>,
}

/// A stretch of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// These bytes.
    Bytes(Vec<u8>),
    /// Those of a body part: of the one at `part` among those of this BulkDataURI.
    Bulk {
        /// The BulkDataURI.
        uri: String,
        /// Which part of it, from 0.
        part: usize,
    },
}

/// A file in pieces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Composed {
    /// Its bytes, in their order.
    pub pieces: Vec<Piece>,
    /// What was changed on the way from what the sender said.
    pub warning: Option<WarningReason>,
}

/// Why a data set makes no file; the text is for its sender.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ComposeError {
    /// Not the DICOM JSON Model.
    #[error("{0} is not as the DICOM JSON Model says")]
    Model(Tag),
    /// A value that its VR cannot hold.
    #[error("the value of {0} does not fit its VR")]
    Value(Tag),
    /// Bulk data that is named and did not come.
    #[error("the bulk data of {0} did not come with it")]
    BulkMissing(Tag),
    /// Codestreams that are not as many as the frames, of several kinds, or where none belong.
    #[error("the compressed bulk data of {0} does not fit its frames")]
    Frames(Tag),
    /// Longer than a Part 10 file can say.
    #[error("the value of {0} is too long")]
    TooLong(Tag),
}

/// The attributes of a data set by their tags.
pub(crate) type Attributes<'a> = BTreeMap<Tag, &'a Map<String, Value>>;

/// Puts a data set into a file. `bulk` gives the parts that came for a BulkDataURI.
pub fn compose<'b>(
    data_set: &Map<String, Value>,
    bulk: impl Fn(&str) -> Option<&'b [BulkPart]>,
) -> Result<Composed, ComposeError> {
    let attributes = attributes(data_set)?;
    let mut warning = left_out(&attributes).then_some(WarningReason::Discarded);
    let own = text::first(attributes.get(&tags::SPECIFIC_CHARACTER_SET).copied());
    let is_ascii = text::is_ascii(data_set);
    // The model is UTF-8, whatever the data set says of itself.
    let character_set = match own {
        Some(own) if is_ascii || own == text::UTF_8 => Some(own),
        Some(_) => {
            warning = Some(WarningReason::Coercion);
            Some(text::UTF_8.to_owned())
        }
        None => (!is_ascii).then(|| text::UTF_8.to_owned()),
    };
    let pixels = pixels::Pixels::of(&attributes, &bulk)?;
    let mut encoder = Encoder::new(&bulk, pixels.as_ref());
    encoder.data_set(&attributes, character_set.as_deref())?;
    let body = encoder.finish();
    let syntax = pixels.map_or(crate::EXPLICIT_VR_LITTLE_ENDIAN, |pixels| pixels.transfer_syntax);
    let mut pieces = vec![Piece::Bytes(encode::file_meta(
        &text::first(attributes.get(&tags::SOP_CLASS_UID).copied()).unwrap_or_default(),
        &text::first(attributes.get(&tags::SOP_INSTANCE_UID).copied()).unwrap_or_default(),
        syntax,
    ))];
    pieces.extend(body);
    Ok(Composed { pieces, warning })
}

/// The SOP Instance UID that a data set says it has.
pub fn claimed_uid(data_set: &Map<String, Value>) -> Option<String> {
    text::first(data_set.get("00080018")?.as_object())
}

/// The attributes in the order of their tags (PS3.5 §7.1).
fn attributes(data_set: &Map<String, Value>) -> Result<Attributes<'_>, ComposeError> {
    let mut attributes = Attributes::new();
    for (name, attribute) in data_set {
        let is_tag = name.len() == 8 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
        let tag = is_tag
            .then(|| Tag::parse(name))
            .flatten()
            .ok_or(ComposeError::Model(Tag(0)))?;
        let attribute = attribute.as_object().ok_or(ComposeError::Model(tag))?;
        if attributes.insert(tag, attribute).is_some() {
            return Err(ComposeError::Model(tag));
        }
    }
    Ok(attributes)
}

/// Whether there is something that has no place in a data set. File meta information is no part of it and made anew.
fn left_out(attributes: &Attributes<'_>) -> bool {
    attributes
        .keys()
        .any(|tag| !is_of_data_set(*tag) && tag.group() != 0x0002 && tag.element() != 0)
}

fn is_of_data_set(tag: Tag) -> bool {
    (0x0008..0xfffe).contains(&tag.group()) && tag.element() != 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Limits, index_instance};
    use proptest::prelude::*;
    use serde_json::json;
    use std::io::Cursor;

    /// The file, with `data` for each part.
    fn file(composed: &Composed, data: &[Vec<u8>]) -> Vec<u8> {
        let mut file = Vec::new();
        for piece in &composed.pieces {
            match piece {
                Piece::Bytes(bytes) => file.extend_from_slice(bytes),
                Piece::Bulk { part, .. } => file.extend_from_slice(&data[*part]),
            }
        }
        file
    }

    fn data_set(more: Value) -> Map<String, Value> {
        let mut set = json!({
            "00080016": {"vr": "UI", "Value": ["1.2.840.10008.5.1.4.1.1.7"]},
            "00080018": {"vr": "UI", "Value": ["1.2.3"]},
            "0020000D": {"vr": "UI", "Value": ["1.2.1"]},
            "0020000E": {"vr": "UI", "Value": ["1.2.2"]},
        });
        set.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        set.as_object().unwrap().clone()
    }

    fn indexed(set: &Map<String, Value>, parts: &[BulkPart], data: &[Vec<u8>]) -> crate::InstanceIndex {
        let composed = compose(set, |_| (!parts.is_empty()).then_some(parts)).unwrap();
        let file = file(&composed, data);
        let length = file.len() as u64;
        index_instance(&mut Cursor::new(file), length, &Limits::default()).unwrap()
    }

    #[test]
    fn what_is_said_comes_back_from_the_file() {
        let set = data_set(json!({
            "00100010": {"vr": "PN", "Value": [{"Alphabetic": "Müller^Anna", "Ideographic": "山"}]},
            "00081199": {"vr": "SQ", "Value": [{"00081155": {"vr": "UI", "Value": ["1.2"]}}, {}]},
            "00280030": {"vr": "DS", "Value": [0.5, "0.25"]},
            "00280010": {"vr": "US", "Value": [4]},
            "00091001": {"vr": "FD", "Value": [1.5]},
            "00280009": {"vr": "AT", "Value": ["00181063"]},
            "00420011": {"vr": "OB", "InlineBinary": "AAEC"},
        }));
        let index = indexed(&set, &[], &[]);
        let json: Value = serde_json::from_slice(&index.metadata_json).unwrap();
        for (tag, attribute) in &set {
            if tag == "00420011" {
                assert_eq!(json[tag]["InlineBinary"], "AAECAA==", "padded");
            } else if tag == "00280030" {
                assert_eq!(json[tag]["Value"], json!([0.5, 0.25]));
            } else {
                assert_eq!(&json[tag], attribute, "{tag}");
            }
        }
        assert_eq!(json["00080005"]["Value"][0], "ISO_IR 192");
        assert!(index.warnings.is_empty(), "{:?}", index.warnings);
    }

    #[test]
    fn codestreams_become_frames() {
        let set = data_set(json!({
            "00280008": {"vr": "IS", "Value": [2]},
            "7FE00010": {"vr": "OB", "BulkDataURI": "b/1"},
        }));
        let part = |length| BulkPart {
            length,
            transfer_syntax: Some("1.2.840.10008.1.2.4.50"),
        };
        let index = indexed(&set, &[part(3), part(4)], &[vec![1, 2, 3], vec![4, 5, 6, 7]]);
        assert_eq!(index.frames.count(), 2);
        assert_eq!(index.meta.transfer_syntax_uid.as_str(), "1.2.840.10008.1.2.4.50");
        let one: &[BulkPart] = &[part(3)];
        assert_eq!(
            compose(&set, |_| Some(one)),
            Err(ComposeError::Frames(tags::PIXEL_DATA))
        );
        assert_eq!(
            compose(&set, |_| None),
            Err(ComposeError::BulkMissing(tags::PIXEL_DATA))
        );
    }

    #[test]
    fn what_is_changed_is_named() {
        let warning = |more| compose(&data_set(more), |_| None).unwrap().warning;
        assert_eq!(
            warning(json!({"00080005": {"vr": "CS", "Value": ["ISO_IR 100"]}})),
            None
        );
        let latin = json!({"00080005": {"vr": "CS", "Value": ["ISO_IR 100"]}, "00104000": {"vr": "LT", "Value": ["ü"]}});
        assert_eq!(warning(latin), Some(WarningReason::Coercion));
        assert_eq!(warning(json!({"00020010": {"vr": "UI", "Value": ["1.2"]}})), None);
        assert_eq!(
            warning(json!({"00000100": {"vr": "US", "Value": [1]}})),
            Some(WarningReason::Discarded)
        );
    }

    #[test]
    fn what_a_vr_cannot_hold_is_refused() {
        for (attribute, value) in [
            ("00280010", json!({"vr": "US", "Value": [70_000]})),
            ("00280010", json!({"vr": "US", "Value": ["x"]})),
            ("00280009", json!({"vr": "AT", "Value": ["x"]})),
            ("00080060", json!({"vr": "CS", "Value": [{"a": 1}]})),
            ("00420011", json!({"vr": "OB", "InlineBinary": "!"})),
            ("00420011", json!({"vr": "OB", "Value": ["x"]})),
            ("00080060", json!({"vr": "??"})),
            ("00080060", json!("CT")),
            ("Modality", json!({"vr": "CS"})),
        ] {
            let mut set = data_set(json!({}));
            set.insert(attribute.to_owned(), value.clone());
            assert!(compose(&set, |_| None).is_err(), "{attribute} {value}");
        }
    }

    proptest! {
        #[test]
        fn any_json_is_composed_or_refused(text in "\\PC{0,20}", number in any::<i64>(), vr in "[A-Z]{2}") {
            for value in [json!([text]), json!([number]), json!([null, text]), json!([{"Alphabetic": text}])] {
                let set = data_set(json!({"00104000": {"vr": vr, "Value": value}}));
                if compose(&set, |_| None).is_ok() {
                    indexed(&set, &[], &[]);
                }
            }
        }
    }
}
