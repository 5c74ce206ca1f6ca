//! What a search found, as the identifiers of C-FIND answers.

use dicom::{Tag, tags};
use dimse::data_set::{DataSet, Value};
use serde_json::{Map, Value as Json};

use super::question::{QUERY_RETRIEVE_LEVEL, QueryLevel};

/// The identifier for one object: the attributes that were asked for, those we do not keep empty.
pub(super) fn identifier(
    keys: &DataSet,
    level: QueryLevel,
    title: &str,
    found: &Map<String, Json>,
) -> DataSet {
    let mut answer = DataSet::default();
    for element in &keys.elements {
        if element.tag.element() == 0 {
            continue;
        }
        let value = found.get(&element.tag.to_string());
        let vr = value
            .and_then(|value| value["vr"].as_str())
            .and_then(|vr| vr.as_bytes().try_into().ok())
            .unwrap_or(element.vr);
        let value = match (&vr, value) {
            (b"SQ", _) => Value::Items(Vec::new()),
            (_, Some(value)) => Value::Bytes(bytes_of(vr, &value["Value"])),
            (_, None) => Value::Bytes(Vec::new()),
        };
        answer = answer.with(element.tag, vr, value);
    }
    answer
        .with_text(tags::SPECIFIC_CHARACTER_SET, *b"CS", "ISO_IR 192")
        .with_text(QUERY_RETRIEVE_LEVEL, *b"CS", level.name())
        .with_text(tags::RETRIEVE_AE_TITLE, *b"AE", title)
        .with_text(tags::INSTANCE_AVAILABILITY, *b"CS", availability(found))
}

fn availability(found: &Map<String, Json>) -> &str {
    text_of(found, tags::INSTANCE_AVAILABILITY).unwrap_or("ONLINE")
}

/// The first value of an attribute, when it is a text.
pub(super) fn text_of(found: &Map<String, Json>, tag: Tag) -> Option<&str> {
    found.get(&tag.to_string())?["Value"].get(0)?.as_str()
}

fn bytes_of(vr: [u8; 2], values: &Json) -> Vec<u8> {
    let values = values.as_array().map(Vec::as_slice).unwrap_or_default();
    let number = |value: &Json| value.as_u64().unwrap_or_default();
    match &vr {
        b"US" => values
            .iter()
            .flat_map(|value| (number(value) as u16).to_le_bytes())
            .collect(),
        b"UL" => values
            .iter()
            .flat_map(|value| (number(value) as u32).to_le_bytes())
            .collect(),
        _ => {
            let texts: Vec<String> = values.iter().map(text_value).collect();
            let mut bytes = texts.join("\\").into_bytes();
            if bytes.len() % 2 == 1 {
                bytes.push(if &vr == b"UI" { 0 } else { b' ' });
            }
            bytes
        }
    }
}

fn text_value(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Number(number) => number.to_string(),
        Json::Object(name) => {
            let groups = ["Alphabetic", "Ideographic", "Phonetic"]
                .map(|group| name.get(group).and_then(Json::as_str).unwrap_or_default());
            groups.join("=").trim_end_matches('=').to_owned()
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_what_was_asked_for_and_no_more() {
        let found = serde_json::json!({
            "00100010": {"vr": "PN", "Value": [{"Alphabetic": "Yamada^Tarou", "Ideographic": "山田^太郎"}]},
            "00080061": {"vr": "CS", "Value": ["CT", "SR"]},
            "00201208": {"vr": "IS", "Value": [37]},
            "00280010": {"vr": "US", "Value": [512]},
            "00081030": {"vr": "LO", "Value": ["not asked for"]},
        });
        let keys = DataSet::default()
            .with_text(tags::PATIENT_NAME, *b"PN", "*")
            .with_text(tags::MODALITIES_IN_STUDY, *b"CS", "")
            .with_text(tags::NUMBER_OF_STUDY_RELATED_INSTANCES, *b"IS", "")
            .with_text(tags::ROWS, *b"US", "")
            .with_text(Tag::new(0x0010, 0x4000), *b"LT", "");
        let Json::Object(found) = found else {
            unreachable!()
        };
        let answer = identifier(&keys, QueryLevel::Study, "ARCHIVE", &found);
        assert_eq!(
            answer.text(tags::PATIENT_NAME).as_deref(),
            Some("Yamada^Tarou=山田^太郎")
        );
        assert_eq!(answer.text(tags::MODALITIES_IN_STUDY).as_deref(), Some("CT\\SR"));
        assert_eq!(
            answer.text(tags::NUMBER_OF_STUDY_RELATED_INSTANCES).as_deref(),
            Some("37")
        );
        assert_eq!(
            answer.get(tags::ROWS).map(|rows| &rows.value),
            Some(&Value::Bytes(vec![0, 2]))
        );
        assert_eq!(answer.text(Tag::new(0x0010, 0x4000)).as_deref(), Some(""));
        assert_eq!(answer.text(tags::RETRIEVE_AE_TITLE).as_deref(), Some("ARCHIVE"));
        assert!(answer.get(tags::STUDY_DESCRIPTION).is_none());
    }
}
