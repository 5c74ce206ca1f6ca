//! Reads the part of a data set that describes its pixels: one pass, no recursion, up to the pixel data.
//!
//! It is not the archive's index (which keeps everything): only the groups of [`is_wanted`] are kept, and it is as
//! tolerant as an image from a decade-old modality needs: no preamble, no or odd file meta, explicit VR where
//! implicit was promised.
//!
//! **Invariant:** depth, element count, kept bytes and inflation are bounded; no length is trusted before it is
//! compared with the bytes that are left.

use std::collections::BTreeMap;
use std::io::Read;

use flate2::read::DeflateDecoder;

use super::CodecError;
use super::source::ByteSource;

/// Deepest nesting of sequences.
const MAX_DEPTH: usize = 64;
/// Most elements, nested ones included.
const MAX_ELEMENTS: u32 = 4_000_000;
/// Most bytes of kept values. A palette is 128 KiB, the functional groups of ten thousand frames a few MiB.
const MAX_KEPT_BYTES: u64 = 64 << 20;
/// Most bytes that a deflated data set may grow to.
const MAX_INFLATED_BYTES: u64 = 512 << 20;
/// Bytes that are read from the file at once.
const WINDOW_BYTES: u64 = 64 << 10;

const UNDEFINED: u32 = u32::MAX;
const ITEM: u32 = 0xFFFE_E000;
const ITEM_END: u32 = 0xFFFE_E00D;
const SEQUENCE_END: u32 = 0xFFFE_E0DD;

/// Pixel Data (7FE0,0010).
pub(crate) const PIXEL_DATA: u32 = 0x7FE0_0010;
const FLOAT_PIXEL_DATA: u32 = 0x7FE0_0008;
const DOUBLE_FLOAT_PIXEL_DATA: u32 = 0x7FE0_0009;

/// Elements by tag; the bytes of values as they stand in the file.
#[derive(Debug, Default)]
pub(crate) struct DataSet {
    elements: BTreeMap<u32, Value>,
    big_endian: bool,
}

#[derive(Debug)]
enum Value {
    Bytes(Vec<u8>),
    Items(Vec<DataSet>),
}

/// Where the pixel data is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PixelData {
    /// `length` bytes of native samples at `offset`.
    Native { offset: u64, length: u64 },
    /// Items that begin at `offset`.
    Encapsulated { offset: u64 },
    /// Float Pixel Data or Double Float Pixel Data.
    Float,
}

/// A data set read up to its pixels.
#[derive(Debug)]
pub(crate) struct Parsed {
    /// (0002,0010), or what was guessed where it is missing.
    pub(crate) transfer_syntax_uid: String,
    pub(crate) data_set: DataSet,
    pub(crate) pixel_data: Option<PixelData>,
    /// The bytes that the offsets of `pixel_data` refer to: the file's own, or the inflated ones.
    pub(crate) source: ByteSource,
    pub(crate) big_endian: bool,
}

/// Reads `source` up to its pixel data.
///
/// Errors: [`CodecError::NotDicom`], [`CodecError::Hostile`], [`CodecError::Io`].
pub(crate) fn parse(source: ByteSource) -> Result<Parsed, CodecError> {
    let meta = FileMeta::read(&source)?;
    let uid = meta.transfer_syntax_uid;
    let deflated = matches!(
        uid.as_str(),
        "1.2.840.10008.1.2.1.99" | "1.2.840.10008.1.2.4.95" | "1.2.840.10008.1.2.4.205"
    );
    let (source, start) = if deflated {
        (ByteSource::Memory(inflate(&source, meta.end)?), 0)
    } else {
        (source, meta.end)
    };
    let big_endian = uid == "1.2.840.10008.1.2.2";
    let mut reader = Reader {
        cursor: Cursor::new(&source, start),
        big_endian,
        elements: 0,
        kept: 0,
    };
    let implicit = !reader.looks_explicit()?;
    let (data_set, pixel_data) = reader.data_set(implicit)?;
    Ok(Parsed {
        transfer_syntax_uid: uid,
        data_set,
        pixel_data,
        source,
        big_endian,
    })
}

impl DataSet {
    fn new(big_endian: bool) -> Self {
        Self {
            elements: BTreeMap::new(),
            big_endian,
        }
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

/// The attributes that describe pixels; everything else is walked over.
fn is_wanted(tag: u32) -> bool {
    match tag >> 16 {
        0x0028 => tag != 0x0028_2000, // the ICC profile is large and not used here
        // Overlay planes: where they are, not their bits.
        group @ 0x6000..=0x60FF if group % 2 == 0 => tag & 0xFFFF < 0x3000,
        0x5200 => true,
        _ => matches!(
            tag,
            0x0008_0016 | 0x0002_0010 | 0x7FE0_0001 | 0x7FE0_0002 | 0x2050_0020
        ),
    }
}

/// Sequences among them, which an implicit VR file does not mark.
fn is_wanted_sequence(tag: u32) -> bool {
    matches!(
        tag,
        0x0028_3000 | 0x0028_3010 | 0x0028_9110 | 0x0028_9132 | 0x0028_9145 | 0x5200_9229 | 0x5200_9230
    )
}

/// Group 0002 (PS3.10 §7.1).
struct FileMeta {
    transfer_syntax_uid: String,
    /// Offset of the data set.
    end: u64,
}

impl FileMeta {
    fn read(source: &ByteSource) -> Result<Self, CodecError> {
        let head = source.window(0, 132)?;
        let start = if head.len() >= 132 && &head[128..] == b"DICM" {
            132
        } else if head.starts_with(b"DICM") {
            4
        } else {
            0
        };
        let mut reader = Reader {
            cursor: Cursor::new(source, start),
            big_endian: false,
            elements: 0,
            kept: 0,
        };
        let mut uid = None;
        // The group length (0002,0000) is not trusted: group 0002 ends where another group begins.
        while let Some(peek) = reader.cursor.peek::<2>()? {
            if u16::from_le_bytes(peek) != 0x0002 {
                break;
            }
            let element = reader.element(false)?;
            let length = reader.bounded(element.length)?;
            if element.tag == 0x0002_0010 {
                let bytes = reader.cursor.source.bytes(reader.cursor.at, length)?;
                uid = Some(
                    String::from_utf8_lossy(&bytes)
                        .trim_matches([' ', '\0'])
                        .to_owned(),
                );
            }
            reader.cursor.at += length;
        }
        let end = reader.cursor.at;
        if start == 0 && uid.is_none() {
            // A bare data set: it must at least begin with a plausible element.
            let plausible = reader
                .cursor
                .peek::<4>()?
                .is_some_and(|tag| (1..=0x0020).contains(&u16::from_le_bytes([tag[0], tag[1]])));
            if !plausible {
                return Err(CodecError::NotDicom);
            }
        }
        let uid = match uid {
            Some(uid) => uid,
            None if reader.looks_explicit()? => "1.2.840.10008.1.2.1".to_owned(),
            None => "1.2.840.10008.1.2".to_owned(),
        };
        Ok(Self {
            transfer_syntax_uid: uid,
            end,
        })
    }
}

fn inflate(source: &ByteSource, from: u64) -> Result<Vec<u8>, CodecError> {
    let deflated = source.window(from, u64::MAX)?;
    inflate_bytes(&deflated, MAX_INFLATED_BYTES)
}

/// Inflates a raw deflate stream (RFC 1951) of at most `limit` bytes.
pub(crate) fn inflate_bytes(deflated: &[u8], limit: u64) -> Result<Vec<u8>, CodecError> {
    let mut inflated = Vec::new();
    DeflateDecoder::new(deflated)
        .take(limit + 1)
        .read_to_end(&mut inflated)
        .map_err(|_| CodecError::decode("broken deflate stream"))?;
    if inflated.len() as u64 > limit {
        return Err(CodecError::hostile("inflates beyond the limit"));
    }
    Ok(inflated)
}

/// A position in the source with a window of bytes around it.
struct Cursor<'a> {
    source: &'a ByteSource,
    at: u64,
    window: Vec<u8>,
    window_start: u64,
}

impl<'a> Cursor<'a> {
    fn new(source: &'a ByteSource, at: u64) -> Self {
        Self {
            source,
            at,
            window: Vec::new(),
            window_start: 0,
        }
    }

    /// The next bytes without moving; `None` at the end.
    fn peek<const N: usize>(&mut self) -> Result<Option<[u8; N]>, CodecError> {
        let inside = self.at >= self.window_start
            && self.at + N as u64 <= self.window_start + self.window.len() as u64;
        if !inside {
            self.window_start = self.at;
            self.window.clear();
            self.window
                .extend_from_slice(&self.source.window(self.at, WINDOW_BYTES)?);
        }
        let from = (self.at - self.window_start) as usize;
        Ok(self
            .window
            .get(from..from + N)
            .map(|bytes| bytes.try_into().expect("a slice of N bytes")))
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], CodecError> {
        let bytes = self.peek::<N>()?.ok_or(CodecError::TruncatedPixels)?;
        self.at += N as u64;
        Ok(bytes)
    }
}

struct ElementHeader {
    tag: u32,
    vr: Option<[u8; 2]>,
    length: u32,
}

/// One open level of nesting.
struct Level {
    /// Where it ends; `None` for a delimiter.
    end: Option<u64>,
    implicit: bool,
    kind: LevelKind,
}

enum LevelKind {
    /// Elements; they go into the set, or nowhere when the branch is not wanted.
    Elements(Option<DataSet>),
    /// Items of the sequence `tag`.
    Items { tag: u32, items: Option<Vec<DataSet>> },
    /// Fragments of encapsulated pixels inside a sequence, such as an icon's.
    Fragments,
}

struct Reader<'a> {
    cursor: Cursor<'a>,
    big_endian: bool,
    elements: u32,
    kept: u64,
}

impl Reader<'_> {
    /// Whether the element at the cursor has a VR that the Standard knows.
    fn looks_explicit(&mut self) -> Result<bool, CodecError> {
        Ok(self
            .cursor
            .peek::<6>()?
            .is_none_or(|head| head[4].is_ascii_uppercase() && head[5].is_ascii_uppercase()))
    }

    fn u16(&self, bytes: [u8; 2]) -> u16 {
        if self.big_endian {
            u16::from_be_bytes(bytes)
        } else {
            u16::from_le_bytes(bytes)
        }
    }

    fn u32(&self, bytes: [u8; 4]) -> u32 {
        if self.big_endian {
            u32::from_be_bytes(bytes)
        } else {
            u32::from_le_bytes(bytes)
        }
    }

    fn tag(&self, bytes: [u8; 4]) -> u32 {
        (u32::from(self.u16([bytes[0], bytes[1]])) << 16) | u32::from(self.u16([bytes[2], bytes[3]]))
    }

    /// Reads tag, VR and length.
    fn element(&mut self, implicit: bool) -> Result<ElementHeader, CodecError> {
        self.elements += 1;
        if self.elements > MAX_ELEMENTS {
            return Err(CodecError::hostile("too many elements"));
        }
        let tag = self.cursor.take::<4>()?;
        let tag = self.tag(tag);
        let rest = self.cursor.take::<4>()?;
        let marked = rest[0].is_ascii_uppercase() && rest[1].is_ascii_uppercase();
        // Items have no VR; some writers leave it out elsewhere too (PS3.5 §7.1.2 forbids it).
        if implicit || tag >> 16 == 0xFFFE || !marked {
            return Ok(ElementHeader {
                tag,
                vr: None,
                length: self.u32(rest),
            });
        }
        let vr = [rest[0], rest[1]];
        let length = if is_short_vr(vr) {
            u32::from(self.u16([rest[2], rest[3]]))
        } else {
            let length = self.cursor.take::<4>()?;
            self.u32(length)
        };
        Ok(ElementHeader {
            tag,
            vr: Some(vr),
            length,
        })
    }

    /// A defined length, checked against what is left.
    fn bounded(&self, length: u32) -> Result<u64, CodecError> {
        let length = u64::from(length);
        if length > self.cursor.source.len().saturating_sub(self.cursor.at) {
            return Err(CodecError::hostile("a value is longer than the file"));
        }
        Ok(length)
    }

    /// Reads elements until the pixel data or the end.
    fn data_set(&mut self, implicit: bool) -> Result<(DataSet, Option<PixelData>), CodecError> {
        let mut levels = vec![Level {
            end: Some(self.cursor.source.len()),
            implicit,
            kind: LevelKind::Elements(Some(DataSet::new(self.big_endian))),
        }];
        loop {
            let level = levels.last_mut().expect("the root is popped only on return");
            let ended =
                level.end.is_some_and(|end| self.cursor.at >= end) || self.cursor.peek::<8>()?.is_none();
            if ended {
                if let Some(root) = Self::close(&mut levels) {
                    return Ok((root, None));
                }
                continue;
            }
            let implicit = level.implicit;
            match &mut level.kind {
                LevelKind::Fragments => {
                    let item = self.element(true)?;
                    if item.tag == SEQUENCE_END {
                        Self::close(&mut levels);
                    } else {
                        self.cursor.at += self.bounded(item.length)?;
                    }
                }
                LevelKind::Items { items, .. } => {
                    let wanted = items.is_some();
                    let item = self.element(true)?;
                    match item.tag {
                        ITEM => {
                            let end = self.end_of(item.length)?;
                            let set = wanted.then(|| DataSet::new(self.big_endian));
                            Self::open(&mut levels, end, implicit, LevelKind::Elements(set))?;
                        }
                        // A delimiter, or rubbish that no reader could follow: the sequence ends here.
                        _ => {
                            Self::close(&mut levels);
                        }
                    }
                }
                LevelKind::Elements(set) => {
                    let wanted_here = set.is_some();
                    let element = self.element(implicit)?;
                    match element.tag {
                        ITEM_END | SEQUENCE_END => {
                            if let Some(root) = Self::close(&mut levels) {
                                return Ok((root, None));
                            }
                            continue;
                        }
                        PIXEL_DATA | FLOAT_PIXEL_DATA | DOUBLE_FLOAT_PIXEL_DATA if levels.len() == 1 => {
                            let pixels = self.pixel_data(&element)?;
                            let root = Self::close(&mut levels).expect("only the root is open");
                            return Ok((root, Some(pixels)));
                        }
                        _ => {}
                    }
                    self.descend_or_keep(&mut levels, &element, implicit, wanted_here)?;
                }
            }
        }
    }

    /// Opens a sequence, keeps a wanted value, or walks over an unwanted one.
    fn descend_or_keep(
        &mut self,
        levels: &mut Vec<Level>,
        element: &ElementHeader,
        implicit: bool,
        wanted_here: bool,
    ) -> Result<(), CodecError> {
        let wanted = wanted_here && is_wanted(element.tag);
        let undefined = element.length == UNDEFINED;
        let binary = matches!(element.vr, Some([b'O', b'B' | b'W']));
        if undefined && binary {
            return Self::open(levels, None, true, LevelKind::Fragments);
        }
        let sequence = element.vr == Some(*b"SQ")
            || undefined
            || (element.vr.is_none() && wanted && is_wanted_sequence(element.tag));
        if sequence && (undefined || wanted) {
            let end = self.end_of(element.length)?;
            // An undefined length under UN means implicit VR inside (PS3.5 §6.2.2).
            let implicit = implicit || element.vr == Some(*b"UN");
            let items = wanted.then(Vec::new);
            let tag = element.tag;
            return Self::open(levels, end, implicit, LevelKind::Items { tag, items });
        }
        let length = self.bounded(element.length)?;
        if wanted {
            self.kept += length;
            if self.kept > MAX_KEPT_BYTES {
                return Err(CodecError::hostile("too many bytes of attributes"));
            }
            let bytes = self.cursor.source.bytes(self.cursor.at, length)?.into_owned();
            if let Some(LevelKind::Elements(Some(set))) = levels.last_mut().map(|level| &mut level.kind) {
                set.elements.insert(element.tag, Value::Bytes(bytes));
            }
        }
        self.cursor.at += length;
        Ok(())
    }

    fn pixel_data(&self, element: &ElementHeader) -> Result<PixelData, CodecError> {
        let offset = self.cursor.at;
        Ok(match element.tag {
            PIXEL_DATA if element.length == UNDEFINED => PixelData::Encapsulated { offset },
            // A cut-off file may still hold whole frames: the frames decide.
            PIXEL_DATA => PixelData::Native {
                offset,
                length: u64::from(element.length).min(self.cursor.source.len() - offset),
            },
            _ => PixelData::Float,
        })
    }

    fn end_of(&self, length: u32) -> Result<Option<u64>, CodecError> {
        if length == UNDEFINED {
            return Ok(None);
        }
        Ok(Some(self.cursor.at + self.bounded(length)?))
    }

    fn open(
        levels: &mut Vec<Level>,
        end: Option<u64>,
        implicit: bool,
        kind: LevelKind,
    ) -> Result<(), CodecError> {
        // Every sequence is two levels: its items and their elements.
        if levels.len() > 2 * MAX_DEPTH {
            return Err(CodecError::hostile("sequences nested too deeply"));
        }
        levels.push(Level { end, implicit, kind });
        Ok(())
    }

    /// Closes the innermost level into the one around it; returns the root when that was it.
    fn close(levels: &mut Vec<Level>) -> Option<DataSet> {
        let closed = levels.pop()?;
        let parent = levels.last_mut().map(|level| &mut level.kind);
        match (closed.kind, parent) {
            (LevelKind::Elements(set), None) => return Some(set.unwrap_or_default()),
            (
                LevelKind::Elements(Some(set)),
                Some(LevelKind::Items {
                    items: Some(items), ..
                }),
            ) => {
                items.push(set);
            }
            (
                LevelKind::Items {
                    tag,
                    items: Some(items),
                },
                Some(LevelKind::Elements(Some(set))),
            ) => {
                set.elements.insert(tag, Value::Items(items));
            }
            _ => {}
        }
        None
    }
}

/// VRs with a 16-bit length (PS3.5 §7.1.2, table 7.1-2). All others, unknown ones too, have 32 bits.
fn is_short_vr(vr: [u8; 2]) -> bool {
    matches!(
        &vr,
        b"AE"
            | b"AS"
            | b"AT"
            | b"CS"
            | b"DA"
            | b"DS"
            | b"DT"
            | b"FL"
            | b"FD"
            | b"IS"
            | b"LO"
            | b"LT"
            | b"PN"
            | b"SH"
            | b"SL"
            | b"SS"
            | b"ST"
            | b"TM"
            | b"UI"
            | b"UL"
            | b"US"
    )
}
