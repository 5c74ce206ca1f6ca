//! The iterative walk through a data set.
//!
//! **Invariant:** no recursion: nesting is a heap stack that the limits bound. Every step consumes at least one
//! header or closes a level, so the walk ends. No declared length is believed beyond the bytes that are left.

use super::header::{Header, note, peek_header};
use super::stream::Window;
use crate::limits::Limits;
use crate::refusal::{Hostility, Refusal, Warning};
use crate::tag::{Tag, tags};
use crate::transfer_syntax::Encoding;
use dicom_core::VR;

/// One step of the walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    /// An element with a value, which [`Scanner::read_value`] reads; otherwise it is skipped.
    Element(Element),
    SequenceStart(Tag),
    ItemStart,
    ItemEnd,
    SequenceEnd,
    /// Encapsulated pixel data; its items follow as [`Event::Fragment`].
    FragmentsStart {
        tag: Tag,
        vr: VR,
    },
    /// One item of encapsulated pixel data, the offset table first; read or peeked like an element.
    Fragment {
        offset: u64,
        length: u32,
    },
    /// `delimited`: by its sequence delimiter, as it should be.
    FragmentsEnd {
        delimited: bool,
    },
    End,
}

/// An element with a value of known length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Element {
    pub tag: Tag,
    pub vr: VR,
    pub offset: u64,
    pub length: u32,
    pub big_endian: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Sequence,
    Item,
    Fragments,
}

#[derive(Debug, Clone, Copy)]
struct Level {
    kind: Kind,
    /// Where it ends; `None` where a delimiter does.
    end: Option<u64>,
    /// The encoding around it, to go back to.
    outside: Encoding,
}

/// Walks one data set.
pub(crate) struct Scanner<'a, 'b> {
    window: &'a mut Window<'b>,
    limits: &'a Limits,
    encoding: Encoding,
    stack: Vec<Level>,
    /// Bytes of the current value that nobody has read yet.
    pending: u64,
    elements: u64,
    fragments: usize,
    last_top_tag: Option<Tag>,
    pixels_seen: bool,
    /// Pixel Representation (0028,0103) is 1: settles US or SS of implicit elements.
    pub(crate) signed: bool,
    pub(crate) warnings: Vec<Warning>,
}

const CUT: &str = "the data set ends inside an element";

impl<'a, 'b> Scanner<'a, 'b> {
    pub(crate) fn new(
        window: &'a mut Window<'b>,
        encoding: Encoding,
        limits: &'a Limits,
        warnings: Vec<Warning>,
    ) -> Self {
        Self {
            window,
            limits,
            encoding,
            stack: Vec::new(),
            pending: 0,
            elements: 0,
            fragments: 0,
            last_top_tag: None,
            pixels_seen: false,
            signed: false,
            warnings,
        }
    }

    /// Reads the value of the current element or fragment. The caller bounds its length before.
    pub(crate) fn read_value(&mut self, out: &mut Vec<u8>) -> Result<(), Refusal> {
        let length = std::mem::take(&mut self.pending);
        self.window.read(length, out, CUT)
    }

    /// Reads up to `most` bytes of the current value; what is left of it comes with the next call. Empty at its end.
    pub(crate) fn read_piece(&mut self, most: u64, out: &mut Vec<u8>) -> Result<(), Refusal> {
        let count = self.pending.min(most);
        self.pending -= count;
        self.window.read(count, out, CUT)
    }

    /// The first bytes of the current value.
    pub(crate) fn peek_value(&mut self, count: usize) -> Result<&[u8], Refusal> {
        let count = usize::try_from(self.pending).unwrap_or(usize::MAX).min(count);
        self.window.peek(count)
    }

    pub(crate) fn position(&self) -> u64 {
        self.window.position()
    }

    /// Takes the next step.
    pub(crate) fn next(&mut self) -> Result<Event, Refusal> {
        if self.pending > 0 {
            let pending = std::mem::take(&mut self.pending);
            self.window.skip(pending, CUT)?;
        }
        loop {
            let step = match self.stack.last().copied() {
                None => self.at_top()?,
                Some(Level {
                    kind: Kind::Sequence,
                    end,
                    ..
                }) => self.in_sequence(end)?,
                Some(Level {
                    kind: Kind::Item,
                    end,
                    ..
                }) => self.in_item(end)?,
                Some(Level {
                    kind: Kind::Fragments,
                    ..
                }) => Some(self.in_fragments()?),
            };
            if let Some(event) = step {
                return Ok(event);
            }
        }
    }

    fn at_top(&mut self) -> Result<Option<Event>, Refusal> {
        let head = self.window.peek(8)?;
        if head.is_empty() {
            return Ok(Some(Event::End));
        }
        // Zeros pad files to a block; after the pixels a few bytes of anything are padding as well. A big-endian
        // header cut short begins with zeros, too.
        let zeros = head.iter().all(|&byte| byte == 0);
        let padding = if head.len() < 8 {
            self.pixels_seen || zeros && !self.encoding.is_big_endian()
        } else {
            zeros
        };
        if padding && self.elements > 0 {
            return self.trailing();
        }
        let header = match self.header() {
            Ok(header) => header,
            Err(Refusal::Hostile(_)) if self.pixels_seen => return self.trailing(),
            Err(refusal) => return Err(refusal),
        };
        let descends = self.last_top_tag.is_some_and(|last| header.tag <= last);
        if self.pixels_seen && descends {
            return self.trailing();
        }
        if header.tag.group() == tags::ITEM.group() {
            note(&mut self.warnings, Warning::SequenceStructure);
            self.count_element()?;
            self.window.skip(header.header_bytes, CUT)?;
            return Ok(None);
        }
        self.last_top_tag = Some(header.tag);
        self.pixels_seen |= is_pixel_data(header.tag);
        self.element(header).map(Some)
    }

    fn trailing(&mut self) -> Result<Option<Event>, Refusal> {
        note(&mut self.warnings, Warning::TrailingBytes);
        Ok(Some(Event::End))
    }

    fn in_sequence(&mut self, end: Option<u64>) -> Result<Option<Event>, Refusal> {
        if self.reached(end)? {
            return Ok(Some(self.close(Event::SequenceEnd)));
        }
        let header = self.header()?;
        match header.tag {
            tags::ITEM => {
                self.count_element()?;
                self.window.skip(header.header_bytes, CUT)?;
                let item_end = self.declared_end(header.length)?;
                self.push(Kind::Item, item_end)?;
                Ok(Some(Event::ItemStart))
            }
            tags::SEQUENCE_DELIMITATION => {
                self.window.skip(header.header_bytes, CUT)?;
                if end.is_some() {
                    note(&mut self.warnings, Warning::SequenceStructure);
                    return Ok(None);
                }
                Ok(Some(self.close(Event::SequenceEnd)))
            }
            tags::ITEM_DELIMITATION => {
                note(&mut self.warnings, Warning::SequenceStructure);
                self.window.skip(header.header_bytes, CUT)?;
                Ok(None)
            }
            // The delimiter is missing: what stands here belongs to the level above.
            _ => {
                note(&mut self.warnings, Warning::SequenceStructure);
                Ok(Some(self.close(Event::SequenceEnd)))
            }
        }
    }

    fn in_item(&mut self, end: Option<u64>) -> Result<Option<Event>, Refusal> {
        if self.reached(end)? {
            return Ok(Some(self.close(Event::ItemEnd)));
        }
        let header = self.header()?;
        match header.tag {
            tags::ITEM_DELIMITATION => {
                self.window.skip(header.header_bytes, CUT)?;
                if end.is_some() {
                    note(&mut self.warnings, Warning::SequenceStructure);
                    return Ok(None);
                }
                Ok(Some(self.close(Event::ItemEnd)))
            }
            // The item delimiter is missing: the delimiter or the item belongs to the sequence around.
            tags::SEQUENCE_DELIMITATION | tags::ITEM => {
                note(&mut self.warnings, Warning::SequenceStructure);
                Ok(Some(self.close(Event::ItemEnd)))
            }
            _ => Ok(Some(self.element(header)?)),
        }
    }

    fn in_fragments(&mut self) -> Result<Event, Refusal> {
        let head = self.window.peek(8)?;
        if head.iter().all(|&byte| byte == 0) {
            // The delimiter is missing, or replaced by padding.
            note(&mut self.warnings, Warning::NoPixelDelimiter);
            return Ok(self.close(Event::FragmentsEnd { delimited: false }));
        }
        let header = self.header()?;
        match (header.tag, header.length) {
            (tags::ITEM, Some(length)) => {
                self.fragments += 1;
                if self.fragments > self.limits.fragments {
                    return Err(Hostility::Fragments(self.limits.fragments).into());
                }
                self.window.skip(header.header_bytes, CUT)?;
                self.declared_end(header.length)?;
                self.pending = u64::from(length);
                Ok(Event::Fragment {
                    offset: self.window.position(),
                    length,
                })
            }
            (tags::SEQUENCE_DELIMITATION, _) => {
                self.window.skip(header.header_bytes, CUT)?;
                Ok(self.close(Event::FragmentsEnd { delimited: true }))
            }
            (tags::ITEM, None) => Err(Hostility::Structure(self.window.position()).into()),
            _ => {
                note(&mut self.warnings, Warning::NoPixelDelimiter);
                Ok(self.close(Event::FragmentsEnd { delimited: false }))
            }
        }
    }

    fn element(&mut self, header: Header) -> Result<Event, Refusal> {
        self.count_element()?;
        self.window.skip(header.header_bytes, CUT)?;
        let end = self.declared_end(header.length)?;
        let pixels = header.tag == tags::PIXEL_DATA
            || matches!(header.vr, VR::OB | VR::OW | VR::OD | VR::OF | VR::OL | VR::OV);
        let Some(length) = header.length else {
            if pixels {
                self.push(Kind::Fragments, None)?;
                return Ok(Event::FragmentsStart {
                    tag: header.tag,
                    vr: header.vr,
                });
            }
            self.push(Kind::Sequence, None)?;
            self.encoding = self.nested_encoding(header)?;
            return Ok(Event::SequenceStart(header.tag));
        };
        // PS3.5 §6.2.2: a sequence whose VR the writer did not know is UN, implicit little endian inside.
        let unknown_sequence =
            header.vr == VR::UN && header.tag.dictionary_vr(self.signed) == Some(VR::SQ) && {
                let head = self.window.peek(4)?;
                length == 0 || head == [0xfe, 0xff, 0x00, 0xe0]
            };
        if header.vr == VR::SQ || unknown_sequence {
            self.push(Kind::Sequence, end)?;
            if length > 0 {
                self.encoding = self.nested_encoding(header)?;
            }
            return Ok(Event::SequenceStart(header.tag));
        }
        self.pending = u64::from(length);
        let vr = match header.vr {
            VR::UN => header
                .tag
                .dictionary_vr(self.signed)
                .filter(|vr| *vr != VR::SQ)
                .unwrap_or(VR::UN),
            vr => vr,
        };
        let element = Element {
            tag: header.tag,
            vr,
            offset: self.window.position(),
            length,
            // The value of an unknown VR is little endian wherever it stands.
            big_endian: header.encoding.is_big_endian() && header.vr != VR::UN,
        };
        Ok(Event::Element(element))
    }

    /// How the items of a sequence are written: as the elements around, except in UN, and except where a writer
    /// copied them from elsewhere; the item tag's byte order tells.
    fn nested_encoding(&mut self, header: Header) -> Result<Encoding, Refusal> {
        if header.vr == VR::UN {
            let head = self.window.peek(4)?;
            let big = head == [0xff, 0xfe, 0xe0, 0x00] || head == [0xff, 0xfe, 0xe0, 0xdd];
            return Ok(if big {
                Encoding::ExplicitBig
            } else {
                Encoding::ImplicitLittle
            });
        }
        Ok(if self.encoding.is_big_endian() {
            self.encoding
        } else {
            header.encoding
        })
    }

    fn header(&mut self) -> Result<Header, Refusal> {
        peek_header(self.window, self.encoding, self.signed, &mut self.warnings)
    }

    /// Where a value of `length` bytes ends; a length beyond the end of the data is a truncated file.
    fn declared_end(&mut self, length: Option<u32>) -> Result<Option<u64>, Refusal> {
        let Some(length) = length.map(u64::from) else {
            return Ok(None);
        };
        let position = self.window.position();
        if length > self.window.left() {
            return Err(Refusal::Truncated {
                what: "an element declares more bytes than there are",
                at: position,
            });
        }
        let end = position + length;
        if self
            .stack
            .last()
            .and_then(|level| level.end)
            .is_some_and(|outer| end > outer)
        {
            note(&mut self.warnings, Warning::SequenceStructure);
        }
        Ok(Some(end))
    }

    fn reached(&mut self, end: Option<u64>) -> Result<bool, Refusal> {
        let position = self.window.position();
        match end {
            Some(end) if position >= end => Ok(true),
            // Too short for an element: padding inside a defined length.
            Some(end) if end - position < 8 => {
                note(&mut self.warnings, Warning::SequenceStructure);
                self.window.skip(end - position, CUT)?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    fn push(&mut self, kind: Kind, end: Option<u64>) -> Result<(), Refusal> {
        // A sequence and its item are two entries; their number of levels is what the limit counts.
        let depth = self.stack.iter().filter(|level| level.kind != Kind::Item).count();
        if kind != Kind::Item && depth >= self.limits.sequence_depth {
            return Err(Hostility::Depth(self.limits.sequence_depth).into());
        }
        self.stack.push(Level {
            kind,
            end,
            outside: self.encoding,
        });
        Ok(())
    }

    fn close(&mut self, event: Event) -> Event {
        if let Some(level) = self.stack.pop() {
            self.encoding = level.outside;
        }
        event
    }

    fn count_element(&mut self) -> Result<(), Refusal> {
        self.elements += 1;
        if self.elements > self.limits.elements {
            return Err(Hostility::Elements(self.limits.elements).into());
        }
        Ok(())
    }
}

/// Pixel Data, Float Pixel Data or Double Float Pixel Data.
pub(crate) fn is_pixel_data(tag: Tag) -> bool {
    matches!(
        tag,
        tags::PIXEL_DATA | tags::FLOAT_PIXEL_DATA | tags::DOUBLE_FLOAT_PIXEL_DATA
    )
}
