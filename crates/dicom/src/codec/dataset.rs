//! The elements that describe an image's pixels, as they were read.

use std::collections::BTreeMap;

/// Elements by tag; the bytes of values as they stand in the file.
#[derive(Debug, Default)]
pub(crate) struct DataSet {
    elements: BTreeMap<u32, Value>,
    big_endian: bool,
}

#[derive(Debug)]
pub(super) enum Value {
    Bytes(Vec<u8>),
    Items(Vec<DataSet>),
}

impl DataSet {
    pub(super) fn new(big_endian: bool) -> Self {
        Self {
            elements: BTreeMap::new(),
            big_endian,
        }
    }

    /// Adds or replaces an element.
    pub(super) fn insert(&mut self, tag: u32, value: Value) {
        self.elements.insert(tag, value);
    }

    /// The bytes of a value; `None` where it is absent, empty or a sequence.
    pub(crate) fn bytes(&self, tag: u32) -> Option<&[u8]> {
        match self.elements.get(&tag)? {
            Value::Bytes(bytes) if !bytes.is_empty() => Some(bytes),
            _ => None,
        }
    }

    /// Whether the element is there, even if empty.
    pub(crate) fn has(&self, tag: u32) -> bool {
        self.elements.contains_key(&tag)
    }

    /// Tags of the kept elements, ascending.
    pub(crate) fn tags(&self) -> impl Iterator<Item = u32> {
        self.elements.keys().copied()
    }

    /// The items of a sequence; none where it is absent.
    pub(crate) fn items(&self, tag: u32) -> &[DataSet] {
        match self.elements.get(&tag) {
            Some(Value::Items(items)) => items,
            _ => &[],
        }
    }

    /// The first item of a sequence.
    pub(crate) fn item(&self, tag: u32) -> Option<&DataSet> {
        self.items(tag).first()
    }

    /// A 16-bit unsigned value (US).
    pub(crate) fn u16(&self, tag: u32) -> Option<u16> {
        self.words(tag)?.first().copied()
    }

    /// All 16-bit values (US, SS, OW); an odd last byte is dropped.
    pub(crate) fn words(&self, tag: u32) -> Option<Vec<u16>> {
        let bytes = self.bytes(tag)?;
        let words: Vec<u16> = bytes
            .chunks_exact(2)
            .map(|pair| {
                if self.big_endian {
                    u16::from_be_bytes([pair[0], pair[1]])
                } else {
                    u16::from_le_bytes([pair[0], pair[1]])
                }
            })
            .collect();
        (!words.is_empty()).then_some(words)
    }

    /// All 64-bit unsigned values (OV).
    pub(crate) fn u64s(&self, tag: u32) -> Option<Vec<u64>> {
        let bytes = self.bytes(tag)?;
        Some(
            bytes
                .chunks_exact(8)
                .map(|eight| {
                    let eight: [u8; 8] = eight.try_into().expect("chunks of eight");
                    if self.big_endian {
                        u64::from_be_bytes(eight)
                    } else {
                        u64::from_le_bytes(eight)
                    }
                })
                .collect(),
        )
    }

    /// The first of a text's values, without padding.
    pub(crate) fn text(&self, tag: u32) -> Option<String> {
        let text = String::from_utf8_lossy(self.bytes(tag)?).into_owned();
        let first = text.split('\\').next().unwrap_or_default();
        let first = first.trim_matches([' ', '\0']);
        (!first.is_empty()).then(|| first.to_owned())
    }

    /// The first of an IS or DS value's numbers.
    pub(crate) fn number(&self, tag: u32) -> Option<f64> {
        self.text(tag)?
            .parse()
            .ok()
            .filter(|number: &f64| number.is_finite())
    }
}
