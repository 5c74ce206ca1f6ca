//! The DICOM JSON Model (PS3.18 annex F), written while the data set is read.
//!
//! **Invariant:** the text is complete JSON after the last element whatever the values were; its size is bounded.

use super::value::Value;
use crate::qido_json::{write_person_name, write_string};
use crate::refusal::{Hostility, Refusal};
use crate::tag::Tag;
use dicom_core::VR;

/// The placeholder in front of every BulkDataURI of [`crate::InstanceIndex::metadata_json`].
///
/// What follows is the path of the element: tags and item numbers from 0, such as `00880200/0/7FE00010`.
/// [`resolve_bulk_uris`] puts the server's address in its place.
pub const BULK_URI_PLACEHOLDER: &str = "bulk:";

const MARK: &[u8] = b"\"BulkDataURI\":\"bulk:";

/// Replaces the placeholder of every BulkDataURI by `base`, such as
/// `https://host/dicomweb/t/studies/1/series/2/instances/3/bulkdata/`.
///
/// Only real members are touched: inside a JSON text the quotes of the mark would be escaped.
pub fn resolve_bulk_uris(metadata: &[u8], base: &str) -> Vec<u8> {
    let keep = MARK.len() - BULK_URI_PLACEHOLDER.len();
    let mut out = Vec::with_capacity(metadata.len() + 4 * base.len());
    let mut rest = metadata;
    while let Some(at) = memchr::memmem::find(rest, MARK) {
        out.extend_from_slice(&rest[..at + keep]);
        // The base becomes part of a JSON text: escape it as one, without the quotes around it.
        let mut escaped = Vec::new();
        write_string(&mut escaped, base);
        out.extend_from_slice(&escaped[1..escaped.len() - 1]);
        rest = &rest[at + MARK.len()..];
    }
    out.extend_from_slice(rest);
    out
}

/// Writes one data set, nested ones included.
pub(crate) struct MetadataWriter {
    out: Vec<u8>,
    limit: usize,
    /// For every open object or array, whether it has a member already.
    open: Vec<bool>,
}

impl MetadataWriter {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            out: b"{".to_vec(),
            limit,
            open: vec![false],
        }
    }

    pub(crate) fn value(&mut self, tag: Tag, vr: VR, value: &Value) -> Result<(), Refusal> {
        self.member(tag, vr.to_string());
        match value {
            Value::Text(values) if vr == VR::PN => self.array(values, |out, text| match text.as_str() {
                "" => out.extend_from_slice(b"null"),
                name => write_person_name(out, name),
            })?,
            Value::Text(values) if matches!(vr, VR::DS | VR::IS) => {
                self.array(values, |out, text| write_decimal(out, text))?
            }
            Value::Text(values) => self.array(values, |out, text| match text.as_str() {
                "" => out.extend_from_slice(b"null"),
                text => write_string(out, text),
            })?,
            Value::Integers(values) => self.array(values, |out, number| {
                out.extend_from_slice(number.to_string().as_bytes())
            })?,
            Value::Floats(values) => self.array(values, |out, number| write_float(out, *number))?,
            Value::Tags(values) => self.array(values, |out, tag| write_string(out, &tag.to_string()))?,
            Value::Binary(bytes) if bytes.is_empty() => {}
            Value::Binary(bytes) => {
                use base64::Engine as _;
                self.out.extend_from_slice(b",\"InlineBinary\":\"");
                self.out
                    .extend_from_slice(base64::engine::general_purpose::STANDARD.encode(bytes).as_bytes());
                self.out.push(b'"');
            }
        }
        self.out.push(b'}');
        self.check()
    }

    pub(crate) fn bulk(&mut self, tag: Tag, vr: VR, path: &str) -> Result<(), Refusal> {
        self.member(tag, vr.to_string());
        self.out.extend_from_slice(b",\"BulkDataURI\":");
        write_string(&mut self.out, &format!("{BULK_URI_PLACEHOLDER}{path}"));
        self.out.push(b'}');
        self.check()
    }

    pub(crate) fn sequence_start(&mut self, tag: Tag) -> Result<(), Refusal> {
        self.member(tag, "SQ");
        self.open.push(false);
        self.check()
    }

    pub(crate) fn item_start(&mut self) -> Result<(), Refusal> {
        let another = self
            .open
            .last_mut()
            .is_some_and(|open| std::mem::replace(open, true));
        self.out
            .extend_from_slice(if another { b",{" } else { b",\"Value\":[{" });
        self.open.push(false);
        self.check()
    }

    pub(crate) fn item_end(&mut self) {
        self.open.pop();
        self.out.push(b'}');
    }

    pub(crate) fn sequence_end(&mut self) {
        let has_items = self.open.pop().unwrap_or(false);
        self.out.extend_from_slice(if has_items { b"]}" } else { b"}" });
    }

    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.out.push(b'}');
        self.out.shrink_to_fit();
        self.out
    }

    fn member(&mut self, tag: Tag, vr: &str) {
        if self
            .open
            .last_mut()
            .is_some_and(|open| std::mem::replace(open, true))
        {
            self.out.push(b',');
        }
        self.out
            .extend_from_slice(format!("\"{tag}\":{{\"vr\":\"{vr}\"").as_bytes());
    }

    fn array<T>(&mut self, values: &[T], write: impl Fn(&mut Vec<u8>, &T)) -> Result<(), Refusal> {
        for (at, value) in values.iter().enumerate() {
            self.out
                .extend_from_slice(if at == 0 { b",\"Value\":[" } else { b"," });
            write(&mut self.out, value);
            self.check()?;
        }
        if !values.is_empty() {
            self.out.push(b']');
        }
        Ok(())
    }

    fn check(&self) -> Result<(), Refusal> {
        if self.out.len() > self.limit {
            return Err(Hostility::Metadata(self.limit).into());
        }
        Ok(())
    }
}

/// DS and IS are numbers where they are; PS3.18 §F.2.2 allows text for what a number cannot say.
fn write_decimal(out: &mut Vec<u8>, text: &str) {
    if text.is_empty() {
        return out.extend_from_slice(b"null");
    }
    if serde_json::from_str::<serde_json::Number>(text).is_ok() {
        return out.extend_from_slice(text.as_bytes());
    }
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() && text.bytes().all(|byte| b"+-.eE0123456789".contains(&byte)) => {
            match text.parse::<i64>() {
                Ok(integer) => out.extend_from_slice(integer.to_string().as_bytes()),
                Err(_) => write_float(out, number),
            }
        }
        _ => write_string(out, text),
    }
}

fn write_float(out: &mut Vec<u8>, number: f64) {
    match serde_json::Number::from_f64(number) {
        Some(number) => out.extend_from_slice(number.to_string().as_bytes()),
        None if number.is_nan() => out.extend_from_slice(b"\"NaN\""),
        None if number > 0.0 => out.extend_from_slice(b"\"inf\""),
        None => out.extend_from_slice(b"\"-inf\""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tag::tags;

    fn decimal(text: &str) -> String {
        let mut out = Vec::new();
        write_decimal(&mut out, text);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn decimal_strings_become_json_numbers_where_they_are_numbers() {
        assert_eq!(decimal("0.50"), "0.50");
        assert_eq!(decimal("-1024"), "-1024");
        assert_eq!(decimal("+5"), "5");
        assert_eq!(decimal("007"), "7");
        assert_eq!(decimal(".5"), "0.5");
        assert_eq!(decimal("1."), "1.0");
        assert_eq!(decimal("1,5"), "\"1,5\"");
        assert_eq!(decimal("1e999"), "\"1e999\"");
        assert_eq!(decimal("nan"), "\"nan\"");
        assert_eq!(decimal(""), "null");
    }

    #[test]
    fn the_writer_produces_the_json_model() {
        let mut writer = MetadataWriter::new(1 << 20);
        writer
            .value(
                tags::PATIENT_NAME,
                VR::PN,
                &Value::Text(vec!["A^B=山".into(), String::new()]),
            )
            .unwrap();
        writer.sequence_start(tags::REFERENCED_SOP_SEQUENCE).unwrap();
        writer.item_start().unwrap();
        writer
            .value(tags::ROWS, VR::US, &Value::Integers(vec![4]))
            .unwrap();
        writer.item_end();
        writer.item_start().unwrap();
        writer.item_end();
        writer.sequence_end();
        writer.sequence_start(tags::FAILED_SOP_SEQUENCE).unwrap();
        writer.sequence_end();
        writer
            .value(tags::STUDY_DATE, VR::DA, &Value::Text(vec![]))
            .unwrap();
        writer.bulk(tags::PIXEL_DATA, VR::OW, "7FE00010").unwrap();
        let json: serde_json::Value = serde_json::from_slice(&writer.finish()).unwrap();
        assert_eq!(
            json,
            serde_json::json!({
                "00100010": {"vr": "PN", "Value": [{"Alphabetic": "A^B", "Ideographic": "山"}, null]},
                "00081199": {"vr": "SQ", "Value": [{"00280010": {"vr": "US", "Value": [4]}}, {}]},
                "00081198": {"vr": "SQ"},
                "00080020": {"vr": "DA"},
                "7FE00010": {"vr": "OW", "BulkDataURI": "bulk:7FE00010"},
            })
        );
    }

    #[test]
    fn only_real_bulk_uris_are_resolved() {
        let mut writer = MetadataWriter::new(1 << 20);
        let trap = r#""BulkDataURI":"bulk:7FE00010""#;
        writer
            .value(tags::STUDY_DESCRIPTION, VR::LO, &Value::Text(vec![trap.into()]))
            .unwrap();
        writer.bulk(tags::PIXEL_DATA, VR::OW, "7FE00010").unwrap();
        let resolved = resolve_bulk_uris(&writer.finish(), "https://host/\"/");
        let json: serde_json::Value = serde_json::from_slice(&resolved).unwrap();
        assert_eq!(json["00081030"]["Value"][0], trap);
        assert_eq!(json["7FE00010"]["BulkDataURI"], "https://host/\"/7FE00010");
    }
}
