//! One element's value, decoded.

use crate::prescan::Element;
use crate::tag::Tag;
use crate::text::CharacterSet;
use dicom_core::VR;

/// A decoded value with its multiplicity.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    /// Text of any kind; also DS and IS, as written.
    Text(Vec<String>),
    Integers(Vec<i128>),
    Floats(Vec<f64>),
    Tags(Vec<Tag>),
    /// Little endian, whatever the file is.
    Binary(Vec<u8>),
}

impl Value {
    /// Decodes `bytes`. The second result is false when text did not fit its character set.
    pub(crate) fn decode(element: &Element, bytes: &[u8], characters: CharacterSet) -> (Self, bool) {
        let big = element.big_endian;
        let value = match element.vr {
            VR::OB | VR::UN => Self::Binary(bytes.to_vec()),
            VR::OW => Self::Binary(little_endian::<2>(bytes, big)),
            VR::OF | VR::OL => Self::Binary(little_endian::<4>(bytes, big)),
            VR::OD | VR::OV => Self::Binary(little_endian::<8>(bytes, big)),
            VR::US => Self::Integers(words(bytes, big, |word| u16::from_le_bytes(word).into())),
            VR::SS => Self::Integers(words(bytes, big, |word| i16::from_le_bytes(word).into())),
            VR::UL => Self::Integers(words(bytes, big, |word| u32::from_le_bytes(word).into())),
            VR::SL => Self::Integers(words(bytes, big, |word| i32::from_le_bytes(word).into())),
            VR::UV => Self::Integers(words(bytes, big, |word| u64::from_le_bytes(word).into())),
            VR::SV => Self::Integers(words(bytes, big, |word| i64::from_le_bytes(word).into())),
            // Through the decimal text, so that 0.1 stays 0.1 in the metadata.
            VR::FL => Self::Floats(words(bytes, big, |word| {
                let single = f32::from_le_bytes(word);
                single.to_string().parse().unwrap_or(f64::from(single))
            })),
            VR::FD => Self::Floats(words(bytes, big, f64::from_le_bytes)),
            VR::AT => Self::Tags(pairs(bytes, big)),
            vr => return text(vr, bytes, characters),
        };
        (value, true)
    }

    /// The values as text, as QIDO and the database want them.
    pub(crate) fn into_strings(self) -> Vec<String> {
        match self {
            Self::Text(values) => values,
            Self::Integers(values) => values.iter().map(ToString::to_string).collect(),
            Self::Floats(values) => values.iter().map(ToString::to_string).collect(),
            Self::Tags(values) => values.iter().map(ToString::to_string).collect(),
            Self::Binary(_) => Vec::new(),
        }
    }
}

fn text(vr: VR, bytes: &[u8], characters: CharacterSet) -> (Value, bool) {
    let (text, fits) = characters.decode(bytes, vr == VR::PN);
    // PS3.5 §6.2: these have one value and may hold backslashes; leading spaces mean something.
    if matches!(vr, VR::ST | VR::LT | VR::UT | VR::UR) {
        let text = text.trim_end_matches(['\0', ' ']);
        let values = if text.is_empty() {
            Vec::new()
        } else {
            vec![text.to_owned()]
        };
        return (Value::Text(values), fits);
    }
    let text = text.trim_end_matches(['\0', ' ']);
    if text.is_empty() {
        return (Value::Text(Vec::new()), fits);
    }
    let trim = |value: &str| match vr {
        VR::UC => value.trim_end_matches(['\0', ' ']).to_owned(),
        _ => value.trim_matches(['\0', ' ']).to_owned(),
    };
    (Value::Text(text.split('\\').map(trim).collect()), fits)
}

fn little_endian<const SIZE: usize>(bytes: &[u8], big: bool) -> Vec<u8> {
    let mut out = bytes.to_vec();
    if big {
        out.chunks_exact_mut(SIZE).for_each(<[u8]>::reverse);
    }
    out
}

/// Bytes after the last whole word are dropped.
fn words<const SIZE: usize, T>(bytes: &[u8], big: bool, read: impl Fn([u8; SIZE]) -> T) -> Vec<T> {
    let (words, _) = bytes.as_chunks::<SIZE>();
    let ordered = words.iter().map(|word| {
        let mut word = *word;
        if big {
            word.reverse();
        }
        word
    });
    ordered.map(read).collect()
}

fn pairs(bytes: &[u8], big: bool) -> Vec<Tag> {
    let halves = words(bytes, big, u16::from_le_bytes);
    halves
        .chunks_exact(2)
        .map(|pair| Tag::new(pair[0], pair[1]))
        .collect()
}
