//! Walks the elements of a data set, nested ones too, with a stack of its own.
//!
//! **Invariant:** hostile nesting costs an error, never this process's stack.

use super::CodecError;
use super::dataset::{DataSet, Value};
use super::source::ByteSource;

/// Deepest nesting of sequences.
const MAX_DEPTH: usize = 64;
/// Most elements, nested ones included.
const MAX_ELEMENTS: u32 = 4_000_000;
/// Most bytes of kept values. A palette is 128 KiB, the functional groups of ten thousand frames a few MiB.
const MAX_KEPT_BYTES: u64 = 64 << 20;
/// Most bytes of an overlay's bits or a colour profile.
const MAX_DISPENSABLE_BYTES: u64 = 8 << 20;
/// Bytes that are read from the file at once.
const WINDOW_BYTES: u64 = 64 << 10;

const UNDEFINED: u32 = u32::MAX;
const ITEM: u32 = 0xFFFE_E000;
const ITEM_END: u32 = 0xFFFE_E00D;
const SEQUENCE_END: u32 = 0xFFFE_E0DD;
const PIXEL_DATA: u32 = 0x7FE0_0010;
const FLOAT_PIXEL_DATA: u32 = 0x7FE0_0008;
const DOUBLE_FLOAT_PIXEL_DATA: u32 = 0x7FE0_0009;

/// Where the pixel data is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PixelData {
    /// `length` bytes of native samples at `offset`; `swapped` when bytes stand in 16-bit words of the other order.
    Native { offset: u64, length: u64, swapped: bool },
    /// Items that begin at `offset`.
    Encapsulated { offset: u64 },
    /// Float Pixel Data or Double Float Pixel Data.
    Float,
}

/// The attributes that describe pixels; everything else is walked over.
fn is_wanted(tag: u32) -> bool {
    match tag >> 16 {
        0x0028 | 0x5200 => true,
        group @ 0x6000..=0x60FF if group % 2 == 0 => true,
        _ => matches!(
            tag,
            0x0008_0016 | 0x0002_0010 | 0x7FE0_0001 | 0x7FE0_0002 | 0x2050_0020
            // A slide's optical paths have the colour profile.
            | 0x0048_0105
            // How fast frames follow each other.
            | 0x0008_2144 | 0x0018_0040 | 0x0018_1063
            // What annotations say.
            | 0x0008_0005 | 0x0008_0020 | 0x0008_0050 | 0x0008_0060
            | 0x0010_0010 | 0x0010_0020 | 0x0010_0030 | 0x0010_0040
            | 0x0018_0050 | 0x0018_0060 | 0x0018_0080 | 0x0018_0081
            | 0x0020_0011 | 0x0020_0013 | 0x0020_1041
        ),
    }
}

/// Values that a picture can do without where they are so long that they crowd out the others.
fn is_dispensable(tag: u32) -> bool {
    let overlay_data = (0x6000..=0x60FF).contains(&(tag >> 16)) && tag & 0xFFFF == 0x3000;
    overlay_data || tag == 0x0028_2000
}

/// Sequences among them, which an implicit VR file does not mark.
fn is_wanted_sequence(tag: u32) -> bool {
    matches!(
        tag,
        0x0028_3000
            | 0x0028_3010
            | 0x0048_0105
            | 0x0028_9110
            | 0x0028_9132
            | 0x0028_9145
            | 0x5200_9229
            | 0x5200_9230
    )
}

/// A position in the source with a window of bytes around it.
pub(super) struct Cursor<'a> {
    pub(super) source: &'a ByteSource,
    pub(super) at: u64,
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
    pub(super) fn peek<const N: usize>(&mut self) -> Result<Option<[u8; N]>, CodecError> {
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

/// Tag, VR where there is one, and length.
pub(super) struct ElementHeader {
    pub(super) tag: u32,
    vr: Option<[u8; 2]>,
    pub(super) length: u32,
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

/// Reads elements from a position on.
pub(super) struct Reader<'a> {
    pub(super) cursor: Cursor<'a>,
    big_endian: bool,
    elements: u32,
    kept: u64,
}

impl<'a> Reader<'a> {
    pub(super) fn new(source: &'a ByteSource, start: u64, big_endian: bool) -> Self {
        Self {
            cursor: Cursor::new(source, start),
            big_endian,
            elements: 0,
            kept: 0,
        }
    }

    /// Whether the element at the cursor has a VR that the Standard knows.
    pub(super) fn looks_explicit(&mut self) -> Result<bool, CodecError> {
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
    pub(super) fn element(&mut self, implicit: bool) -> Result<ElementHeader, CodecError> {
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
    pub(super) fn bounded(&self, length: u32) -> Result<u64, CodecError> {
        let length = u64::from(length);
        if length > self.cursor.source.len().saturating_sub(self.cursor.at) {
            return Err(CodecError::hostile("a value is longer than the file"));
        }
        Ok(length)
    }

    /// Reads elements until the pixel data or the end.
    pub(super) fn data_set(&mut self, implicit: bool) -> Result<(DataSet, Option<PixelData>), CodecError> {
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
        if wanted && (length <= MAX_DISPENSABLE_BYTES || !is_dispensable(element.tag)) {
            self.kept += length;
            if self.kept > MAX_KEPT_BYTES {
                return Err(CodecError::hostile("too many bytes of attributes"));
            }
            let bytes = self.cursor.source.bytes(self.cursor.at, length)?.into_owned();
            if let Some(LevelKind::Elements(Some(set))) = levels.last_mut().map(|level| &mut level.kind) {
                set.insert(element.tag, Value::Bytes(bytes));
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
                // OW is words even where pixels are bytes (PS3.5 §7.3); implicit VR is never big endian.
                swapped: self.big_endian && element.vr == Some(*b"OW"),
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
                set.insert(tag, Value::Items(items));
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
