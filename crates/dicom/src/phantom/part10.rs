//! Writes Part 10 files: just enough of PS3.5 and PS3.10 for generated images.

use crate::codec::CodecError;

/// The elements of a data set; written in ascending order of their tags.
#[derive(Debug, Default)]
pub(super) struct Elements(Vec<(u32, [u8; 2], Value)>);

#[derive(Debug)]
enum Value {
    Bytes(Vec<u8>),
    Item(Elements),
    /// Fragments, one a frame.
    Fragments(Vec<Vec<u8>>),
}

/// How the data set is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Vr {
    Implicit,
    Explicit,
}

impl Elements {
    /// A text value, padded to even length (PS3.5 §6.2).
    pub(super) fn text(&mut self, tag: u32, vr: &[u8; 2], text: impl AsRef<str>) -> &mut Self {
        let mut bytes = text.as_ref().as_bytes().to_vec();
        if bytes.len() % 2 == 1 {
            bytes.push(if vr == b"UI" { 0 } else { b' ' });
        }
        self.bytes(tag, vr, bytes)
    }

    /// Numbers as decimal strings.
    pub(super) fn numbers(&mut self, tag: u32, vr: &[u8; 2], numbers: &[f32]) -> &mut Self {
        let texts: Vec<String> = numbers.iter().map(|number| decimal(*number)).collect();
        self.text(tag, vr, texts.join("\\"))
    }

    /// 16-bit unsigned values.
    pub(super) fn us(&mut self, tag: u32, values: &[u16]) -> &mut Self {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.bytes(tag, b"US", bytes)
    }

    /// Bytes as they are, of even length.
    pub(super) fn bytes(&mut self, tag: u32, vr: &[u8; 2], bytes: Vec<u8>) -> &mut Self {
        self.0.push((tag, *vr, Value::Bytes(bytes)));
        self
    }

    /// A sequence of one item.
    pub(super) fn item(&mut self, tag: u32, item: Elements) -> &mut Self {
        self.0.push((tag, *b"SQ", Value::Item(item)));
        self
    }

    /// Encapsulated pixel data, one fragment a frame (PS3.5 §A.4).
    pub(super) fn fragments(&mut self, frames: Vec<Vec<u8>>) -> &mut Self {
        self.0.push((0x7FE0_0010, *b"OB", Value::Fragments(frames)));
        self
    }

    fn write(mut self, vr: Vr, out: &mut Vec<u8>) {
        self.0.sort_by_key(|element| element.0);
        for (tag, name, value) in self.0 {
            match value {
                Value::Bytes(bytes) => {
                    header(tag, name, bytes.len() as u32, vr, out);
                    out.extend(bytes);
                }
                Value::Item(item) => {
                    let mut inner = Vec::new();
                    item.write(vr, &mut inner);
                    header(tag, name, inner.len() as u32 + 8, vr, out);
                    item_header(inner.len() as u32, out);
                    out.extend(inner);
                }
                Value::Fragments(frames) => {
                    header(tag, name, u32::MAX, vr, out);
                    write_fragments(frames, out);
                }
            }
        }
    }
}

/// Puts a data set into a Part 10 file (PS3.10 §7.1).
///
/// Errors: [`CodecError::TooLarge`] for pixels beyond the 32-bit lengths of the format.
pub(super) fn file(
    sop_class_uid: &str,
    sop_instance_uid: &str,
    transfer_syntax_uid: &str,
    vr: Vr,
    data_set: Elements,
) -> Result<Vec<u8>, CodecError> {
    let too_long = data_set.0.iter().any(|(_, _, value)| match value {
        Value::Bytes(bytes) => bytes.len() > (u32::MAX - 16) as usize,
        Value::Item(_) => false,
        Value::Fragments(frames) => {
            frames.iter().map(|frame| frame.len() + 9).sum::<usize>() > u32::MAX as usize
        }
    });
    if too_long {
        return Err(CodecError::too_large("phantom"));
    }
    let mut meta = Elements::default();
    meta.bytes(0x0002_0001, b"OB", vec![0, 1])
        .text(0x0002_0002, b"UI", sop_class_uid)
        .text(0x0002_0003, b"UI", sop_instance_uid)
        .text(0x0002_0010, b"UI", transfer_syntax_uid)
        .text(0x0002_0012, b"UI", crate::IMPLEMENTATION_CLASS_UID)
        .text(0x0002_0013, b"SH", "TELERAD_PHANTOM");
    let mut group = Vec::new();
    meta.write(Vr::Explicit, &mut group);
    let mut out = vec![0; 128];
    out.extend(b"DICM");
    header(0x0002_0000, *b"UL", 4, Vr::Explicit, &mut out);
    out.extend((group.len() as u32).to_le_bytes());
    out.extend(group);
    data_set.write(vr, &mut out);
    Ok(out)
}

fn header(tag: u32, name: [u8; 2], length: u32, vr: Vr, out: &mut Vec<u8>) {
    out.extend(((tag >> 16) as u16).to_le_bytes());
    out.extend((tag as u16).to_le_bytes());
    if vr == Vr::Explicit {
        out.extend(name);
        if !matches!(&name, b"OB" | b"OW" | b"SQ" | b"UT" | b"UN") {
            out.extend((length as u16).to_le_bytes());
            return;
        }
        out.extend([0, 0]);
    }
    out.extend(length.to_le_bytes());
}

fn item_header(length: u32, out: &mut Vec<u8>) {
    out.extend([0xFE, 0xFF, 0x00, 0xE0]);
    out.extend(length.to_le_bytes());
}

fn write_fragments(frames: Vec<Vec<u8>>, out: &mut Vec<u8>) {
    item_header(frames.len() as u32 * 4, out);
    let mut offset = 0_u32;
    for frame in &frames {
        out.extend(offset.to_le_bytes());
        offset += 8 + frame.len().next_multiple_of(2) as u32;
    }
    for frame in frames {
        item_header(frame.len().next_multiple_of(2) as u32, out);
        let odd = frame.len() % 2 == 1;
        out.extend(frame);
        if odd {
            out.push(0);
        }
    }
    out.extend([0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0]);
}

/// A decimal string of at most 16 characters (DS).
fn decimal(number: f32) -> String {
    let text = format!("{number:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" {
        "0".to_owned()
    } else {
        text.to_owned()
    }
}
