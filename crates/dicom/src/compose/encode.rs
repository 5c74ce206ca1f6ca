//! Explicit VR Little Endian (PS3.5 §7.1.2, annex A.2 and A.4).

use super::pixels::Pixels;
use super::text::{decimal, person_name, text};
use super::{Attributes, BulkPart, ComposeError, Piece, attributes, is_of_data_set};
use crate::tag::{Tag, tags};
use base64::Engine as _;
use dicom_core::VR;
use serde_json::{Map, Value};

/// The longest value whose length has two bytes.
const LONGEST_SHORT: usize = 0xfffe;
/// What says who wrote a file (PS3.7 §D.3.3.2).
const IMPLEMENTATION_CLASS_UID: &str = "2.25.112858034174281907351104722356913420961";
const IMPLEMENTATION_VERSION_NAME: &str = "TELERAD";

/// File meta information with its preamble (PS3.10 §7.1).
pub(super) fn file_meta(sop_class_uid: &str, sop_instance_uid: &str, transfer_syntax_uid: &str) -> Vec<u8> {
    let mut group = Vec::new();
    write_element(&mut group, Tag::new(0x0002, 0x0001), VR::OB, &[0, 1]);
    for (tag, vr, value) in [
        (tags::MEDIA_STORAGE_SOP_CLASS_UID, VR::UI, sop_class_uid),
        (tags::MEDIA_STORAGE_SOP_INSTANCE_UID, VR::UI, sop_instance_uid),
        (tags::TRANSFER_SYNTAX_UID, VR::UI, transfer_syntax_uid),
        (tags::IMPLEMENTATION_CLASS_UID, VR::UI, IMPLEMENTATION_CLASS_UID),
        (
            tags::IMPLEMENTATION_VERSION_NAME,
            VR::SH,
            IMPLEMENTATION_VERSION_NAME,
        ),
    ] {
        write_element(&mut group, tag, vr, value.as_bytes());
    }
    let mut out = vec![0; 128];
    out.extend_from_slice(b"DICM");
    let length = u32::try_from(group.len()).unwrap_or(u32::MAX);
    write_element(&mut out, Tag::new(0x0002, 0x0000), VR::UL, &length.to_le_bytes());
    out.extend(group);
    out
}

/// Writes one data set and what is in it.
pub(super) struct Encoder<'e, F> {
    bulk: &'e F,
    pixels: Option<&'e Pixels>,
    pieces: Vec<Piece>,
    bytes: Vec<u8>,
}

impl<'b, 'e, F: Fn(&str) -> Option<&'b [BulkPart]>> Encoder<'e, F> {
    pub(super) fn new(bulk: &'e F, pixels: Option<&'e Pixels>) -> Self {
        Self {
            bulk,
            pixels,
            pieces: Vec::new(),
            bytes: Vec::new(),
        }
    }

    pub(super) fn finish(mut self) -> Vec<Piece> {
        self.end_bytes();
        self.pieces
    }

    /// The data set. `character_set` is the one that is true of it; items inherit it (PS3.5 §6.1.2.3).
    pub(super) fn data_set(
        &mut self,
        attributes: &Attributes<'_>,
        character_set: Option<&str>,
    ) -> Result<(), ComposeError> {
        let mut character_set = character_set;
        for (tag, attribute) in attributes.iter().filter(|(tag, _)| is_of_data_set(**tag)) {
            if *tag >= tags::SPECIFIC_CHARACTER_SET
                && let Some(term) = character_set.take()
            {
                write_element(
                    &mut self.bytes,
                    tags::SPECIFIC_CHARACTER_SET,
                    VR::CS,
                    term.as_bytes(),
                );
            }
            if *tag != tags::SPECIFIC_CHARACTER_SET {
                self.attribute(*tag, attribute)?;
            }
        }
        Ok(())
    }

    fn attribute(&mut self, tag: Tag, attribute: &Map<String, Value>) -> Result<(), ComposeError> {
        let vr = match attribute.get("vr") {
            Some(vr) => vr
                .as_str()
                .and_then(|vr| vr.parse().ok())
                .ok_or(ComposeError::Model(tag))?,
            None => tag.dictionary_vr(false).unwrap_or(VR::UN),
        };
        if let Some(uri) = attribute.get("BulkDataURI") {
            return self.bulk(tag, vr, uri.as_str().ok_or(ComposeError::Model(tag))?);
        }
        if let Some(base64) = attribute.get("InlineBinary") {
            // Some writers put it into an array, as PS3.18 once showed.
            let base64 = base64.as_str().or_else(|| base64.get(0)?.as_str());
            let bytes = base64.and_then(|text| base64::engine::general_purpose::STANDARD.decode(text).ok());
            return self.value(tag, vr, &bytes.ok_or(ComposeError::Value(tag))?);
        }
        let values = match attribute.get("Value") {
            None | Some(Value::Null) => &[][..],
            Some(values) => values
                .as_array()
                .map(Vec::as_slice)
                .ok_or(ComposeError::Model(tag))?,
        };
        if vr == VR::SQ {
            return self.sequence(tag, values);
        }
        let bytes = encoded(vr, values).ok_or(ComposeError::Value(tag))?;
        self.value(tag, vr, &bytes)
    }

    fn value(&mut self, tag: Tag, vr: VR, bytes: &[u8]) -> Result<(), ComposeError> {
        if u32::try_from(bytes.len()).is_err() {
            return Err(ComposeError::TooLong(tag));
        }
        // PS3.5 §6.2.2: what is too long for a short length is written as UN.
        let vr = if !is_long(vr) && bytes.len() > LONGEST_SHORT {
            VR::UN
        } else {
            vr
        };
        write_element(&mut self.bytes, tag, vr, bytes);
        Ok(())
    }

    fn sequence(&mut self, tag: Tag, items: &[Value]) -> Result<(), ComposeError> {
        write_head(&mut self.bytes, tag, VR::SQ, u32::MAX);
        for item in items {
            let item = item.as_object().ok_or(ComposeError::Model(tag))?;
            write_bare(&mut self.bytes, tags::ITEM, u32::MAX);
            self.data_set(&attributes(item)?, None)?;
            write_bare(&mut self.bytes, tags::ITEM_DELIMITATION, 0);
        }
        write_bare(&mut self.bytes, tags::SEQUENCE_DELIMITATION, 0);
        Ok(())
    }

    fn bulk(&mut self, tag: Tag, vr: VR, uri: &str) -> Result<(), ComposeError> {
        let parts = (self.bulk)(uri)
            .filter(|parts| !parts.is_empty())
            .ok_or(ComposeError::BulkMissing(tag))?;
        if tag == tags::PIXEL_DATA && self.pixels.is_some() {
            return self.fragments(tag, uri, parts);
        }
        let [part] = parts else {
            return Err(ComposeError::Frames(tag));
        };
        if part.transfer_syntax.is_some() {
            return Err(ComposeError::Frames(tag));
        }
        // 2 bytes are left for the padding, 0xFFFFFFFF means that the length is undefined.
        let length = u32::try_from(part.length)
            .ok()
            .filter(|length| *length < u32::MAX - 2);
        let length = length.ok_or(ComposeError::TooLong(tag))?;
        let vr = if is_long(vr) || length as usize <= LONGEST_SHORT {
            vr
        } else {
            VR::UN
        };
        write_head(&mut self.bytes, tag, vr, length + length % 2);
        self.part(uri, 0);
        if length % 2 == 1 {
            self.bytes.push(padding(vr));
        }
        Ok(())
    }

    /// Encapsulated pixel data, one fragment a frame, without offsets (PS3.5 §A.4).
    fn fragments(&mut self, tag: Tag, uri: &str, parts: &[BulkPart]) -> Result<(), ComposeError> {
        write_head(&mut self.bytes, tag, VR::OB, u32::MAX);
        write_bare(&mut self.bytes, tags::ITEM, 0);
        for (at, part) in parts.iter().enumerate() {
            let length = u32::try_from(part.length)
                .ok()
                .filter(|length| *length < u32::MAX - 2);
            let length = length.ok_or(ComposeError::TooLong(tag))?;
            write_bare(&mut self.bytes, tags::ITEM, length + length % 2);
            self.part(uri, at);
            if length % 2 == 1 {
                self.bytes.push(0);
            }
        }
        write_bare(&mut self.bytes, tags::SEQUENCE_DELIMITATION, 0);
        Ok(())
    }

    fn part(&mut self, uri: &str, part: usize) {
        self.end_bytes();
        self.pieces.push(Piece::Bulk {
            uri: uri.to_owned(),
            part,
        });
    }

    fn end_bytes(&mut self) {
        if !self.bytes.is_empty() {
            self.pieces.push(Piece::Bytes(std::mem::take(&mut self.bytes)));
        }
    }
}

/// The bytes of values; `None` when the VR cannot hold one of them.
fn encoded(vr: VR, values: &[Value]) -> Option<Vec<u8>> {
    match vr {
        VR::US => numbers(values, |number| u16::try_from(number).ok().map(u16::to_le_bytes)),
        VR::SS => numbers(values, |number| i16::try_from(number).ok().map(i16::to_le_bytes)),
        VR::UL => numbers(values, |number| u32::try_from(number).ok().map(u32::to_le_bytes)),
        VR::SL => numbers(values, |number| i32::try_from(number).ok().map(i32::to_le_bytes)),
        VR::UV => numbers(values, |number| u64::try_from(number).ok().map(u64::to_le_bytes)),
        VR::SV => numbers(values, |number| i64::try_from(number).ok().map(i64::to_le_bytes)),
        VR::FL => floats(values, |number| (number as f32).to_le_bytes()),
        VR::FD => floats(values, f64::to_le_bytes),
        VR::AT => values.iter().try_fold(Vec::new(), |mut bytes, value| {
            let tag = value.as_str().filter(|text| text.len() == 8)?;
            let tag = u32::from_str_radix(tag, 16).ok().map(Tag)?;
            bytes.extend(tag.group().to_le_bytes());
            bytes.extend(tag.element().to_le_bytes());
            Some(bytes)
        }),
        VR::OB | VR::OW | VR::OF | VR::OD | VR::OL | VR::OV | VR::UN | VR::SQ => {
            values.is_empty().then(Vec::new)
        }
        _ => {
            let text = match vr {
                VR::PN => person_name,
                VR::DS => decimal,
                _ => text,
            };
            let texts: Option<Vec<String>> = values.iter().map(text).collect();
            let texts = texts?;
            // Only these have one value that may hold backslashes (PS3.5 §6.2).
            let is_one = matches!(vr, VR::ST | VR::LT | VR::UT | VR::UR);
            let is_split = !is_one && texts.iter().any(|text| text.contains('\\'));
            (!is_split).then(|| texts.join("\\").into_bytes())
        }
    }
}

fn numbers<const SIZE: usize>(
    values: &[Value],
    write: impl Fn(i128) -> Option<[u8; SIZE]>,
) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(values.len() * SIZE);
    for value in values {
        let number = match value {
            Value::String(text) => text.trim().parse().ok()?,
            value => value
                .as_i64()
                .map(i128::from)
                .or_else(|| value.as_u64().map(i128::from))?,
        };
        bytes.extend(write(number)?);
    }
    Some(bytes)
}

fn floats<const SIZE: usize>(values: &[Value], write: impl Fn(f64) -> [u8; SIZE]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(values.len() * SIZE);
    for value in values {
        let number = match value {
            Value::String(text) => text.trim().parse().ok()?,
            value => value.as_f64()?,
        };
        bytes.extend(write(number));
    }
    Some(bytes)
}

fn is_long(vr: VR) -> bool {
    matches!(
        vr,
        VR::OB
            | VR::OD
            | VR::OF
            | VR::OL
            | VR::OV
            | VR::OW
            | VR::SQ
            | VR::SV
            | VR::UC
            | VR::UN
            | VR::UR
            | VR::UT
            | VR::UV
    )
}

fn padding(vr: VR) -> u8 {
    match vr {
        VR::UI | VR::OB | VR::UN => 0,
        vr if is_long(vr) && !matches!(vr, VR::UC | VR::UR | VR::UT) => 0,
        _ => b' ',
    }
}

fn write_element(out: &mut Vec<u8>, tag: Tag, vr: VR, value: &[u8]) {
    let length = u32::try_from(value.len()).unwrap_or(u32::MAX);
    write_head(out, tag, vr, length.saturating_add(length % 2));
    out.extend_from_slice(value);
    if value.len() % 2 == 1 {
        out.push(padding(vr));
    }
}

fn write_head(out: &mut Vec<u8>, tag: Tag, vr: VR, length: u32) {
    out.extend(tag.group().to_le_bytes());
    out.extend(tag.element().to_le_bytes());
    out.extend_from_slice(vr.to_string().as_bytes());
    if is_long(vr) {
        out.extend([0, 0]);
        out.extend(length.to_le_bytes());
    } else {
        out.extend(u16::try_from(length).unwrap_or(u16::MAX).to_le_bytes());
    }
}

/// Items and delimiters have no VR.
fn write_bare(out: &mut Vec<u8>, tag: Tag, length: u32) {
    out.extend(tag.group().to_le_bytes());
    out.extend(tag.element().to_le_bytes());
    out.extend(length.to_le_bytes());
}
