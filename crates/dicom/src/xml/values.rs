//! From the text of a value in XML to a value of the DICOM JSON Model (PS3.18 §F.2.3).

use dicom_core::VR;
use serde_json::{Number, Value};

/// The value of one `Value` element; an empty one is `null`.
pub(super) fn json_value(vr: VR, text: String) -> Value {
    match vr {
        VR::DS | VR::IS | VR::US | VR::SS | VR::UL | VR::SL | VR::UV | VR::SV | VR::FL | VR::FD => {
            number(&text)
        }
        // Leading and trailing spaces mean nothing but in texts of many lines (PS3.5 §6.2).
        VR::LT | VR::ST | VR::UT | VR::UC => own_text(text),
        VR::AT => own_text(text.trim().to_ascii_uppercase()),
        _ => own_text(text.trim_matches([' ', '\0', '\n', '\r', '\t']).to_owned()),
    }
}

fn own_text(text: String) -> Value {
    if text.is_empty() {
        Value::Null
    } else {
        Value::String(text)
    }
}

/// A number where it is one; what a JSON number cannot say stays text.
fn number(text: &str) -> Value {
    let text = text.trim();
    if text.is_empty() {
        return Value::Null;
    }
    // Not by the reader of JSON, which is a bit off in the last digit.
    let is_decimal = text.bytes().all(|byte| b"+-.eE0123456789".contains(&byte));
    let parsed = match (text.parse::<i64>(), text.parse::<u64>(), text.parse::<f64>()) {
        (Ok(integer), ..) => Some(Number::from(integer)),
        (_, Ok(integer), _) => Some(Number::from(integer)),
        (.., Ok(float)) if is_decimal => Number::from_f64(float),
        _ => None,
    };
    parsed.map_or_else(|| Value::String(text.to_owned()), Value::Number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_are_numbers_where_json_has_them() {
        for (text, value) in [
            ("12", json!(12)),
            ("+5", json!(5)),
            (" 0.5 ", json!(0.5)),
            (".5", json!(0.5)),
            ("NaN", json!("NaN")),
            ("1,5", json!("1,5")),
            ("", Value::Null),
        ] {
            assert_eq!(json_value(VR::DS, text.to_owned()), value, "{text}");
        }
    }

    #[test]
    fn only_texts_of_many_lines_keep_their_spaces() {
        assert_eq!(json_value(VR::LO, " a b ".to_owned()), json!("a b"));
        assert_eq!(json_value(VR::LT, " a\n b".to_owned()), json!(" a\n b"));
        assert_eq!(json_value(VR::AT, "0010001a".to_owned()), json!("0010001A"));
    }
}
