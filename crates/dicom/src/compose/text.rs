//! Text of the model as a data set writes it.

use serde_json::{Map, Value};

/// The Defined Term for UTF-8 (PS3.3 §C.12.1.1.2).
pub(super) const UTF_8: &str = "ISO_IR 192";

/// The first value of a text attribute.
pub(super) fn first(attribute: Option<&Map<String, Value>>) -> Option<String> {
    let value = attribute?.get("Value")?.get(0)?;
    value.as_str().map(str::to_owned)
}

/// Whether nothing in a data set needs more than the default character repertoire.
pub(super) fn is_ascii(data_set: &Map<String, Value>) -> bool {
    let mut open: Vec<&Value> = data_set.values().collect();
    while let Some(value) = open.pop() {
        match value {
            Value::String(text) if !text.is_ascii() => return false,
            Value::Array(values) => open.extend(values),
            Value::Object(members) => open.extend(members.values()),
            _ => {}
        }
    }
    true
}

/// One value as text; `None` when it is none.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A person name: its groups between `=`.
pub(super) fn person_name(value: &Value) -> Option<String> {
    let Value::Object(groups) = value else {
        return text(value);
    };
    let mut name = String::new();
    for group in ["Alphabetic", "Ideographic", "Phonetic"] {
        name.push_str(match groups.get(group) {
            None | Some(Value::Null) => "",
            Some(Value::String(text)) => text,
            Some(_) => return None,
        });
        name.push('=');
    }
    Some(name.trim_end_matches('=').to_owned())
}

/// A decimal string of at most 16 characters (PS3.5 §6.2), as exact as these allow.
pub(super) fn decimal(value: &Value) -> Option<String> {
    const LONGEST: usize = 16;
    let written = text(value)?;
    if written.len() <= LONGEST || value.is_string() {
        return Some(written);
    }
    let number = value.as_f64()?;
    let plain = (0..LONGEST).rev().map(|digits| format!("{number:.digits$}"));
    let scientific = (0..LONGEST).rev().map(|digits| format!("{number:.digits$e}"));
    let fits = |text: &String| text.len() <= LONGEST;
    let nearest = |texts: Vec<String>| {
        texts.into_iter().filter(fits).min_by(|one, other| {
            let off = |text: &String| {
                text.parse::<f64>()
                    .map_or(f64::INFINITY, |parsed| (parsed - number).abs())
            };
            off(one).total_cmp(&off(other))
        })
    };
    nearest(plain.chain(scientific).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_decimal_string_has_sixteen_characters_at_the_most() {
        for number in [
            0.1,
            -1.0 / 3.0,
            1e-9 / 7.0,
            123_456_789.123_456_789,
            -9.87e200,
            0.0,
        ] {
            let text = decimal(&json!(number)).unwrap();
            let off = (text.parse::<f64>().unwrap() - number).abs();
            assert!(text.len() <= 16 && off <= number.abs() * 1e-8, "{number} {text}");
        }
        assert_eq!(decimal(&json!("0.50")).as_deref(), Some("0.50"));
    }

    #[test]
    fn a_name_keeps_its_groups_apart() {
        assert_eq!(
            person_name(&json!({"Alphabetic": "A^B", "Phonetic": "c"})).as_deref(),
            Some("A^B==c")
        );
        assert_eq!(person_name(&json!({})).as_deref(), Some(""));
        assert_eq!(person_name(&json!({"Alphabetic": 1})), None);
    }
}
