//! The one pass over a data set: metadata is written, attributes are caught, pixels are located.

use super::BulkValue;
use super::attributes::{Captured, Place};
use super::metadata::MetadataWriter;
use super::pixels::PixelScan;
use super::value::Value;
use crate::limits::Limits;
use crate::prescan::{Element, Event, Opening, Scanner, Window, is_pixel_data, note};
use crate::refusal::{Refusal, Warning};
use crate::tag::{Tag, tags};
use crate::text::CharacterSet;
use dicom_core::VR;
use std::collections::HashSet;

pub(super) struct Walked {
    pub captured: Captured,
    pub metadata_json: Vec<u8>,
    pub bulk: Vec<BulkValue>,
    pub pixels: PixelScan,
    pub warnings: Vec<Warning>,
}

/// One open data set: the outermost, or an item.
struct Level {
    place: Place,
    characters: CharacterSet,
    /// In the path of bulk data: empty outside, `TAG/ITEM/` inside an item.
    path: String,
    last: Tag,
    seen: HashSet<Tag>,
    /// The sequence that is open in this data set, and the number of its next item.
    sequence: Option<(Tag, u32)>,
}

struct Walk<'a> {
    limits: &'a Limits,
    levels: Vec<Level>,
    writer: MetadataWriter,
    captured: Captured,
    bulk: Vec<BulkValue>,
    pixels: PixelScan,
    held: u64,
    /// Open sequences below one that stands twice: read over, not written.
    muted: usize,
    value: Vec<u8>,
}

/// Longest value kept for the attributes, in bytes; longer ones are in the metadata only.
const CAPTURED_BYTES: u32 = 1 << 10;

pub(super) fn walk(
    window: &mut Window<'_>,
    opening: &Opening,
    limits: &Limits,
    warnings: Vec<Warning>,
) -> Result<Walked, Refusal> {
    let mut scanner = Scanner::new(window, opening.transfer_syntax.encoding, limits, warnings);
    let mut walk = Walk {
        limits,
        levels: vec![Level::new(Place::Top, CharacterSet::DEFAULT, String::new())],
        writer: MetadataWriter::new(limits.metadata_bytes),
        captured: Captured::default(),
        bulk: Vec::new(),
        pixels: PixelScan::default(),
        held: 0,
        muted: 0,
        value: Vec::new(),
    };
    loop {
        match scanner.next()? {
            Event::End => break,
            event => walk.step(&mut scanner, event)?,
        }
    }
    Ok(Walked {
        captured: walk.captured,
        metadata_json: walk.writer.finish(),
        bulk: walk.bulk,
        pixels: walk.pixels,
        warnings: scanner.warnings,
    })
}

impl Level {
    fn new(place: Place, characters: CharacterSet, path: String) -> Self {
        Self {
            place,
            characters,
            path,
            last: Tag(0),
            seen: HashSet::new(),
            sequence: None,
        }
    }
}

impl Walk<'_> {
    fn level(&mut self) -> &mut Level {
        self.levels
            .last_mut()
            .expect("the outermost data set is never closed")
    }

    fn step(&mut self, scanner: &mut Scanner<'_, '_>, event: Event) -> Result<(), Refusal> {
        match event {
            Event::Element(element) => self.element(scanner, &element),
            Event::SequenceStart(tag) => self.sequence_start(scanner, tag),
            Event::ItemStart => self.item_start(),
            Event::ItemEnd => {
                if self.muted == 0 {
                    self.levels.pop();
                    self.writer.item_end();
                }
                Ok(())
            }
            Event::SequenceEnd => {
                if self.muted > 0 {
                    self.muted -= 1;
                } else {
                    self.level().sequence = None;
                    self.writer.sequence_end();
                }
                Ok(())
            }
            Event::FragmentsStart { tag, vr } => self.fragments(scanner, tag, vr),
            Event::Fragment { .. } | Event::FragmentsEnd { .. } | Event::End => Ok(()),
        }
    }

    /// Whether `tag` is new in its data set.
    fn is_new(&mut self, scanner: &mut Scanner<'_, '_>, tag: Tag) -> bool {
        let level = self.level();
        let in_order = tag > level.last;
        level.last = level.last.max(tag);
        if !level.seen.insert(tag) {
            note(&mut scanner.warnings, Warning::DuplicateElement);
            return false;
        }
        if !in_order && level.seen.len() > 1 {
            note(&mut scanner.warnings, Warning::ElementOrder);
        }
        true
    }

    fn element(&mut self, scanner: &mut Scanner<'_, '_>, element: &Element) -> Result<(), Refusal> {
        // Group lengths are retired (PS3.5 §7.2) and wrong as soon as anything changes.
        if self.muted > 0 || element.tag.element() == 0 || !self.is_new(scanner, element.tag) {
            return Ok(());
        }
        let top = self.levels.len() == 1;
        if top && is_pixel_data(element.tag) {
            self.pixels.native(element);
            if element.length == 0 {
                return self
                    .writer
                    .value(element.tag, element.vr, &Value::Binary(Vec::new()));
            }
            return self.bulk_element(element);
        }
        if top && element.tag == tags::EXTENDED_OFFSET_TABLE {
            let most = self.limits.fragments as u64 * 8;
            if u64::from(element.length) <= most {
                scanner.read_value(&mut self.value)?;
                self.pixels.extended_offsets(&self.value, element.big_endian);
            }
            return self.bulk_element(element);
        }
        let binary = matches!(
            element.vr,
            VR::OB | VR::OD | VR::OF | VR::OL | VR::OV | VR::OW | VR::UN
        );
        let longest = if binary {
            self.limits.inline_binary_bytes
        } else {
            self.limits.inline_text_bytes
        };
        let length = u64::from(element.length);
        if length > longest || self.held.saturating_add(length) > self.limits.held_bytes {
            return self.bulk_element(element);
        }
        self.held += length;
        scanner.read_value(&mut self.value)?;
        let characters = self.level().characters;
        let (value, fits) = Value::decode(element, &self.value, characters);
        if !fits {
            note(&mut scanner.warnings, Warning::CharacterSet);
        }
        if element.tag == tags::SPECIFIC_CHARACTER_SET {
            return self.character_set(scanner, value);
        }
        self.writer.value(element.tag, element.vr, &value)?;
        if element.length <= CAPTURED_BYTES {
            let place = self.level().place;
            self.captured.offer(place, element.tag, value);
            scanner.signed = self.captured.is_signed();
        }
        Ok(())
    }

    /// The metadata is UTF-8 (PS3.18 §F.2), whatever the file is, and says so.
    fn character_set(&mut self, scanner: &mut Scanner<'_, '_>, value: Value) -> Result<(), Refusal> {
        let terms = value.into_strings();
        let (characters, known) = CharacterSet::from_terms(terms.iter().map(String::as_str));
        if !known {
            note(&mut scanner.warnings, Warning::CharacterSet);
        }
        self.level().characters = characters;
        let utf8 = Value::Text(if terms.is_empty() {
            Vec::new()
        } else {
            vec!["ISO_IR 192".to_owned()]
        });
        self.writer.value(tags::SPECIFIC_CHARACTER_SET, VR::CS, &utf8)
    }

    fn sequence_start(&mut self, scanner: &mut Scanner<'_, '_>, tag: Tag) -> Result<(), Refusal> {
        if self.muted > 0 || !self.is_new(scanner, tag) {
            self.muted += 1;
            return Ok(());
        }
        self.level().sequence = Some((tag, 0));
        self.writer.sequence_start(tag)
    }

    fn item_start(&mut self) -> Result<(), Refusal> {
        if self.muted > 0 {
            return Ok(());
        }
        let level = self.level();
        let Some((tag, number)) = level.sequence else {
            return Ok(());
        };
        level.sequence = Some((tag, number + 1));
        let item = Level::new(
            level.place.inside(tag, number),
            level.characters,
            format!("{}{tag}/{number}/", level.path),
        );
        self.levels.push(item);
        self.writer.item_start()
    }

    /// Encapsulated pixel data, of the instance or of an icon inside it.
    fn fragments(&mut self, scanner: &mut Scanner<'_, '_>, tag: Tag, vr: VR) -> Result<(), Refusal> {
        let ours = self.muted == 0 && self.levels.len() == 1 && tag == tags::PIXEL_DATA;
        let new = self.muted == 0 && self.is_new(scanner, tag);
        let start = scanner.position();
        let mut end = start;
        let mut first = true;
        loop {
            match scanner.next()? {
                Event::Fragment { offset, length } => {
                    end = offset + u64::from(length);
                    if ours && new {
                        let is_table = std::mem::take(&mut first);
                        self.fragment(scanner, offset, length, is_table)?;
                    }
                }
                Event::FragmentsEnd { delimited } => {
                    if ours && new {
                        self.pixels.end_fragments(delimited);
                    }
                    break;
                }
                event => unreachable!("the scanner yields only fragments here, not {event:?}"),
            }
        }
        if new {
            let value = self.bulk(tag, vr)?;
            value.offset = start;
            value.length = end - start;
            value.encapsulated = true;
        }
        Ok(())
    }

    fn fragment(
        &mut self,
        scanner: &mut Scanner<'_, '_>,
        offset: u64,
        length: u32,
        is_table: bool,
    ) -> Result<(), Refusal> {
        if !is_table {
            let head = scanner.peek_value(12)?;
            self.pixels.fragment(offset, length, head);
            return Ok(());
        }
        if u64::from(length) <= self.limits.fragments as u64 * 4 {
            scanner.read_value(&mut self.value)?;
            self.pixels.basic_offsets(&self.value);
        }
        Ok(())
    }

    fn bulk_element(&mut self, element: &Element) -> Result<(), Refusal> {
        let word_bytes = match element.vr {
            _ if !element.big_endian => 1,
            VR::OW => 2,
            VR::OF | VR::OL => 4,
            VR::OD | VR::OV => 8,
            _ => 1,
        };
        let value = self.bulk(element.tag, element.vr)?;
        value.offset = element.offset;
        value.length = element.length.into();
        value.word_bytes = word_bytes;
        Ok(())
    }

    /// Names a bulk value in the metadata; where it lies is filled in by the caller.
    fn bulk(&mut self, tag: Tag, vr: VR) -> Result<&mut BulkValue, Refusal> {
        let path = format!("{}{tag}", self.level().path);
        self.writer.bulk(tag, vr, &path)?;
        self.bulk.push(BulkValue {
            path,
            offset: 0,
            length: 0,
            encapsulated: false,
            word_bytes: 1,
            inflated_from: None,
        });
        Ok(self.bulk.last_mut().expect("it was pushed just now"))
    }
}
