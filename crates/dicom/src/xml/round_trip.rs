//! What is written is read again as it was.

use super::{read_native_model, write_native_model};
use crate::limits::Limits;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Text that XML can hold, without the spaces around it that mean nothing.
fn text() -> impl Strategy<Value = String> {
    "[^\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\u{fffe}\u{ffff}]{1,12}".prop_map(|text| format!("a{}z", text))
}

fn attribute() -> impl Strategy<Value = Value> {
    let texts = prop::collection::vec(prop_oneof![text().prop_map(Value::from), Just(Value::Null)], 0..4);
    let numbers = prop::collection::vec(any::<i32>().prop_map(Value::from), 0..4);
    let floats = prop::collection::vec((-1e9..1e9f64).prop_map(Value::from), 0..4);
    let names = prop::collection::vec("[a-zé&<]{1,5}(\\^[a-z山]{1,5}){0,4}", 0..3);
    prop_oneof![
        texts.prop_map(|values| with("LO", values)),
        numbers.prop_map(|values| with("SL", values)),
        floats.prop_map(|values| with("FD", values)),
        names.prop_map(|names| {
            let names = names
                .into_iter()
                .map(|name| json!({"Alphabetic": name, "Phonetic": "x^y"}));
            with("PN", names.collect())
        }),
        text().prop_map(|uri| json!({"vr": "OW", "BulkDataURI": uri})),
        Just(json!({"vr": "OB", "InlineBinary": "AAECAw=="})),
    ]
}

fn with(vr: &str, values: Vec<Value>) -> Value {
    match values.is_empty() {
        true => json!({"vr": vr}),
        false => json!({"vr": vr, "Value": values}),
    }
}

fn data_set() -> impl Strategy<Value = Map<String, Value>> {
    let tags = prop_oneof!["0008[1-9A-F]{4}", "0028[1-9A-F]{4}"];
    let leaf = prop::collection::btree_map(tags.clone(), attribute(), 0..5).prop_map(Map::from_iter);
    leaf.prop_recursive(4, 40, 3, move |items| {
        let sequence = prop::collection::vec(items, 0..3)
            .prop_map(|items| with("SQ", items.into_iter().map(Value::Object).collect()));
        prop::collection::btree_map(tags.clone(), prop_oneof![attribute(), sequence], 0..5)
            .prop_map(Map::from_iter)
    })
}

fn there_and_back(data_set: &Map<String, Value>) -> Map<String, Value> {
    let json = serde_json::to_vec(data_set).unwrap();
    let mut document = Vec::new();
    write_native_model(&json, &mut document).unwrap();
    read_native_model(&document, &Limits::default()).unwrap()
}

proptest! {
    #[test]
    fn a_data_set_goes_through_xml_as_it_is(data_set in data_set()) {
        prop_assert_eq!(there_and_back(&data_set), data_set);
    }

    #[test]
    fn private_blocks_come_back_with_their_creators(
        creators in prop::collection::btree_set("[A-Z&<\"]{1,8}", 1..4), element in 0u8..=255,
    ) {
        let mut data_set = Map::new();
        for (at, creator) in creators.iter().enumerate() {
            let block = 0x10 + at;
            data_set.insert(format!("0009{block:04X}"), json!({"vr": "LO", "Value": [creator]}));
            data_set.insert(format!("0009{block:02X}{element:02X}"), json!({"vr": "SH", "Value": [creator]}));
        }
        prop_assert_eq!(there_and_back(&data_set), data_set);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read_native_model(&bytes, &Limits::default());
    }

    #[test]
    fn any_markup_is_read_or_refused(
        parts in prop::collection::vec(prop::sample::select(vec![
            "<NativeDicomModel>", "</NativeDicomModel>", "<DicomAttribute tag=\"00081030\" vr=\"LO\">",
            "<DicomAttribute tag='00081199' vr='SQ'>", "</DicomAttribute>", "<Item number=\"1\">", "</Item>",
            "<Value number='1'>", "</Value>", "<PersonName>", "<Alphabetic>", "&amp;", "&#0;", "&x;", "<![CDATA[", "]]>", "x",
        ]), 0..30),
    ) {
        let _ = read_native_model(parts.concat().as_bytes(), &Limits::default());
    }
}
