//! The small data sets of messages: identifiers of queries and retrievals, lists of a storage commitment.
//!
//! **Invariant:** reading is bounded: so many bytes, so many elements, so deep. An instance's data set is never read
//! here, it streams past.

use bytes::Buf as _;
use dicom::{EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN, Tag};

/// Longest identifier or list that is taken: 10,000 references of a commitment have 1.5 MB.
pub const MAX_DATA_SET_BYTES: usize = 4 << 20;
/// Most elements of one, those in sequences included.
const MAX_ELEMENTS: usize = 100_000;
/// How deep sequences may lie in each other.
const MAX_DEPTH: usize = 8;

pub(crate) const UNDEFINED: u32 = u32::MAX;
pub(crate) const ITEM: Tag = Tag::new(0xfffe, 0xe000);
pub(crate) const ITEM_END: Tag = Tag::new(0xfffe, 0xe00d);
pub(crate) const SEQUENCE_END: Tag = Tag::new(0xfffe, 0xe0dd);

/// Why bytes are no data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DataSetError {
    /// Longer, deeper or of more elements than is taken.
    #[error("the identifier is larger than is taken")]
    TooLarge,
    /// It ends before it should.
    #[error("the identifier is cut off")]
    Truncated,
    /// Not a transfer syntax of identifiers.
    #[error("identifiers are taken in Implicit and Explicit VR Little Endian only")]
    TransferSyntax,
}

/// What stands in an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Its bytes, with their padding.
    Bytes(Vec<u8>),
    /// The items of a sequence.
    Items(Vec<DataSet>),
}

/// One attribute with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// Which attribute.
    pub tag: Tag,
    /// How its value is written; of an implicit data set what the dictionary says.
    pub vr: [u8; 2],
    /// Its value.
    pub value: Value,
}

/// The elements of a small data set, in the order they came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DataSet {
    /// The elements.
    pub elements: Vec<Element>,
}

/// How a small data set is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writing {
    /// Implicit VR Little Endian.
    Implicit,
    /// Explicit VR Little Endian.
    Explicit,
}

impl Writing {
    /// The way of a transfer syntax, when it is one for small data sets.
    pub fn of(transfer_syntax_uid: &str) -> Result<Self, DataSetError> {
        match transfer_syntax_uid {
            IMPLICIT_VR_LITTLE_ENDIAN => Ok(Self::Implicit),
            EXPLICIT_VR_LITTLE_ENDIAN => Ok(Self::Explicit),
            _ => Err(DataSetError::TransferSyntax),
        }
    }
}

impl DataSet {
    /// Reads a data set.
    pub fn parse(bytes: &[u8], writing: Writing) -> Result<Self, DataSetError> {
        if bytes.len() > MAX_DATA_SET_BYTES {
            return Err(DataSetError::TooLarge);
        }
        let mut reader = Reader {
            bytes,
            writing,
            elements: 0,
        };
        reader.data_set(bytes.len(), 0)
    }

    /// The bytes of the data set.
    pub fn to_bytes(&self, writing: Writing) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out, writing);
        out
    }

    /// The element of that tag.
    pub fn get(&self, tag: Tag) -> Option<&Element> {
        self.elements.iter().find(|element| element.tag == tag)
    }

    /// The value of that tag as ASCII without padding; what is no ASCII is replaced.
    pub fn text(&self, tag: Tag) -> Option<String> {
        match &self.get(tag)?.value {
            Value::Bytes(bytes) => Some(
                String::from_utf8_lossy(bytes)
                    .trim_matches(['\0', ' '])
                    .to_owned(),
            ),
            Value::Items(_) => None,
        }
    }

    /// The bytes of the value of that tag.
    pub fn bytes(&self, tag: Tag) -> Option<&[u8]> {
        match &self.get(tag)?.value {
            Value::Bytes(bytes) => Some(bytes),
            Value::Items(_) => None,
        }
    }

    /// The items of the sequence of that tag.
    pub fn items(&self, tag: Tag) -> &[Self] {
        match self.get(tag).map(|element| &element.value) {
            Some(Value::Items(items)) => items,
            _ => &[],
        }
    }

    /// The same with a text of that VR, padded as the Standard wants it.
    pub fn with_text(self, tag: Tag, vr: [u8; 2], text: &str) -> Self {
        let mut bytes = text.as_bytes().to_vec();
        if bytes.len() % 2 == 1 {
            bytes.push(if &vr == b"UI" { 0 } else { b' ' });
        }
        self.with(tag, vr, Value::Bytes(bytes))
    }

    /// The same with an element, at its place by tag; one of the same tag is replaced.
    pub fn with(mut self, tag: Tag, vr: [u8; 2], value: Value) -> Self {
        let element = Element { tag, vr, value };
        match self.elements.binary_search_by_key(&tag, |element| element.tag) {
            Ok(at) => self.elements[at] = element,
            Err(at) => self.elements.insert(at, element),
        }
        self
    }

    fn write(&self, out: &mut Vec<u8>, writing: Writing) {
        for element in &self.elements {
            let mut nested = Vec::new();
            let bytes = match &element.value {
                Value::Bytes(bytes) => bytes,
                Value::Items(items) => {
                    for item in items {
                        let bytes = item.to_bytes(writing);
                        write_tag(&mut nested, ITEM);
                        nested.extend((bytes.len() as u32).to_le_bytes());
                        nested.extend(bytes);
                    }
                    &nested
                }
            };
            write_tag(out, element.tag);
            match (writing, has_long_length(element.vr)) {
                (Writing::Implicit, _) => out.extend((bytes.len() as u32).to_le_bytes()),
                (Writing::Explicit, true) => {
                    out.extend_from_slice(&element.vr);
                    out.extend([0, 0]);
                    out.extend((bytes.len() as u32).to_le_bytes());
                }
                (Writing::Explicit, false) => {
                    let (kept, padding) = fitting(bytes);
                    out.extend_from_slice(&element.vr);
                    out.extend(((kept.len() + padding.len()) as u16).to_le_bytes());
                    out.extend_from_slice(kept);
                    out.extend_from_slice(padding);
                    continue;
                }
            }
            out.extend_from_slice(bytes);
        }
    }
}

/// As many whole values as fit where a length has two bytes (PS3.5 §7.1.2), and what makes them even: of a list of UIDs
/// that is too long none is cut in two, for half a UID names another instance.
fn fitting(bytes: &[u8]) -> (&[u8], &'static [u8]) {
    const MOST: usize = 0xfffe;
    if bytes.len() <= MOST {
        return (bytes, &[]);
    }
    let end = bytes[..=MOST]
        .iter()
        .rposition(|byte| *byte == b'\\')
        .unwrap_or(MOST);
    (&bytes[..end], if end % 2 == 0 { &[] } else { &[0] })
}

pub(crate) fn write_tag(out: &mut Vec<u8>, tag: Tag) {
    out.extend(tag.group().to_le_bytes());
    out.extend(tag.element().to_le_bytes());
}

pub(crate) fn has_long_length(vr: [u8; 2]) -> bool {
    matches!(
        &vr,
        b"OB" | b"OD" | b"OF" | b"OL" | b"OV" | b"OW" | b"SQ" | b"SV" | b"UC" | b"UN" | b"UR" | b"UT" | b"UV"
    )
}

struct Reader<'a> {
    bytes: &'a [u8],
    writing: Writing,
    elements: usize,
}

struct ElementHeader {
    tag: Tag,
    vr: [u8; 2],
    length: u32,
}

impl Reader<'_> {
    /// Reads `length` bytes of elements, or with an undefined length up to the end of the item.
    fn data_set(&mut self, length: usize, depth: usize) -> Result<DataSet, DataSetError> {
        let end = self.end_after(length)?;
        let mut elements = Vec::new();
        while self.bytes.len() > end {
            let header = self.header()?;
            if header.tag == ITEM_END {
                return Ok(DataSet { elements });
            }
            if header.tag.group() == ITEM.group() {
                return Err(DataSetError::Truncated);
            }
            self.elements += 1;
            if self.elements > MAX_ELEMENTS {
                return Err(DataSetError::TooLarge);
            }
            let is_sequence = &header.vr == b"SQ" || header.length == UNDEFINED;
            let value = if is_sequence {
                Value::Items(self.items(header.length, depth + 1)?)
            } else {
                Value::Bytes(self.take(header.length)?.to_vec())
            };
            elements.push(Element {
                tag: header.tag,
                vr: if is_sequence { *b"SQ" } else { header.vr },
                value,
            });
        }
        Ok(DataSet { elements })
    }

    fn items(&mut self, length: u32, depth: usize) -> Result<Vec<DataSet>, DataSetError> {
        if depth > MAX_DEPTH {
            return Err(DataSetError::TooLarge);
        }
        let end = match length {
            UNDEFINED => 0,
            length => self.end_after(length as usize)?,
        };
        let mut items = Vec::new();
        while self.bytes.len() > end {
            let tag = self.tag()?;
            let length = self.u32()?;
            match tag {
                ITEM if length == UNDEFINED => {
                    let left = self.bytes.len();
                    items.push(self.data_set(left, depth)?);
                }
                ITEM => items.push(self.data_set(length as usize, depth)?),
                SEQUENCE_END => return Ok(items),
                _ => return Err(DataSetError::Truncated),
            }
            self.elements += 1;
            if self.elements > MAX_ELEMENTS {
                return Err(DataSetError::TooLarge);
            }
        }
        Ok(items)
    }

    /// How many bytes are left when the next `length` are read.
    fn end_after(&self, length: usize) -> Result<usize, DataSetError> {
        self.bytes
            .len()
            .checked_sub(length)
            .ok_or(DataSetError::Truncated)
    }

    fn header(&mut self) -> Result<ElementHeader, DataSetError> {
        let tag = self.tag()?;
        if tag.group() == 0xfffe {
            let length = self.u32()?;
            return Ok(ElementHeader {
                tag,
                vr: *b"UN",
                length,
            });
        }
        let (vr, length) = match self.writing {
            Writing::Implicit => (dictionary_vr(tag), self.u32()?),
            Writing::Explicit => {
                let vr = self.array::<2>()?;
                if has_long_length(vr) {
                    self.array::<2>()?;
                    (vr, self.u32()?)
                } else {
                    (vr, u32::from(u16::from_le_bytes(self.array()?)))
                }
            }
        };
        Ok(ElementHeader { tag, vr, length })
    }

    fn tag(&mut self) -> Result<Tag, DataSetError> {
        let (group, element) = (
            u16::from_le_bytes(self.array()?),
            u16::from_le_bytes(self.array()?),
        );
        Ok(Tag::new(group, element))
    }

    fn u32(&mut self) -> Result<u32, DataSetError> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], DataSetError> {
        let array = *self.bytes.first_chunk::<N>().ok_or(DataSetError::Truncated)?;
        self.bytes.advance(N);
        Ok(array)
    }

    fn take(&mut self, length: u32) -> Result<&[u8], DataSetError> {
        let (value, rest) = self
            .bytes
            .split_at_checked(length as usize)
            .ok_or(DataSetError::Truncated)?;
        self.bytes = rest;
        Ok(value)
    }
}

/// The VR of the dictionary; UN for what is not in it.
fn dictionary_vr(tag: Tag) -> [u8; 2] {
    tag.standard_vr()
        .and_then(|vr| vr.as_bytes().try_into().ok())
        .unwrap_or(*b"UN")
}

#[cfg(test)]
mod tests {
    use dicom::tags;
    use proptest::prelude::*;

    use super::*;

    fn nested() -> DataSet {
        let item = DataSet::default()
            .with_text(tags::SOP_CLASS_UID, *b"UI", "1.2.3")
            .with_text(tags::SOP_INSTANCE_UID, *b"UI", "1.2.3.4");
        DataSet::default()
            .with_text(tags::PATIENT_NAME, *b"PN", "DOE^JOHN")
            .with(
                Tag::new(0x0008, 0x1199),
                *b"SQ",
                Value::Items(vec![item.clone(), item]),
            )
    }

    #[test]
    fn what_is_written_is_read_again() {
        for writing in [Writing::Implicit, Writing::Explicit] {
            let set = nested();
            assert_eq!(DataSet::parse(&set.to_bytes(writing), writing), Ok(set));
        }
    }

    #[test]
    fn of_too_long_a_list_whole_values_are_written() {
        let uids: Vec<String> = (0..7_000).map(|number| format!("1.2.840.{number:05}")).collect();
        let set = DataSet::default().with_text(Tag::new(0x0008, 0x0058), *b"UI", &uids.join("\\"));
        let bytes = set.to_bytes(Writing::Explicit);
        let read = DataSet::parse(&bytes, Writing::Explicit).unwrap();
        let text = read.text(Tag::new(0x0008, 0x0058)).unwrap();
        let read: Vec<&str> = text.split('\\').collect();
        assert!(read.len() > 4_000 && bytes.len() <= 8 + 0xfffe);
        assert_eq!(read, uids[..read.len()]);
    }

    #[test]
    fn sequences_of_undefined_length_are_read() {
        let mut bytes = vec![0x08, 0, 0x99, 0x11, 0xff, 0xff, 0xff, 0xff];
        bytes.extend([0xfe, 0xff, 0x00, 0xe0, 0xff, 0xff, 0xff, 0xff]);
        bytes.extend([0x08, 0, 0x18, 0, 4, 0, 0, 0]);
        bytes.extend(b"1.2\0");
        bytes.extend([0xfe, 0xff, 0x0d, 0xe0, 0, 0, 0, 0]);
        bytes.extend([0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0]);
        bytes.extend([0x10, 0, 0x20, 0, 2, 0, 0, 0]);
        bytes.extend(b"7 ");
        let set = DataSet::parse(&bytes, Writing::Implicit).unwrap();
        let items = set.items(Tag::new(0x0008, 0x1199));
        assert_eq!(items.len(), 1);
        assert_eq!(items[0].text(tags::SOP_INSTANCE_UID).as_deref(), Some("1.2"));
        assert_eq!(set.text(tags::PATIENT_ID).as_deref(), Some("7"));
    }

    #[test]
    fn what_nests_too_deep_or_claims_too_much_is_refused() {
        let mut deep = Vec::new();
        for _ in 0..20 {
            deep.extend([0x08, 0, 0x99, 0x11, 0xff, 0xff, 0xff, 0xff]);
            deep.extend([0xfe, 0xff, 0x00, 0xe0, 0xff, 0xff, 0xff, 0xff]);
        }
        assert_eq!(
            DataSet::parse(&deep, Writing::Implicit),
            Err(DataSetError::TooLarge)
        );
        let long = [0x10, 0, 0x20, 0, 0xfe, 0xff, 0xff, 0x7f, b'x', b' '];
        assert_eq!(
            DataSet::parse(&long, Writing::Implicit),
            Err(DataSetError::Truncated)
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let _ = DataSet::parse(&bytes, Writing::Implicit);
            let _ = DataSet::parse(&bytes, Writing::Explicit);
        }
    }
}
