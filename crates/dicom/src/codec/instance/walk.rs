//! Copies a data set element by element, whatever it is written in, into Explicit VR Little Endian.

use std::io::{Seek, Write};

use dicom_core::VR;

use super::derived::{Target, ratio_text};
use super::pixels::{Loss, Patches, Recoding};
use super::survey::{Survey, scan, short, unreadable};
use super::writer::ExplicitWriter;
use crate::codec::CodecError;
use crate::codec::protocol::Source;
use crate::index::pixel_word_bytes;
use crate::prescan::{Element, Event, Scanner, is_pixel_data};
use crate::tag::{Tag, tags};

/// Values are copied in pieces of this size, a multiple of every word.
const PIECE_BYTES: u64 = 1 << 20;

/// Copies the data set; `recoding` writes the pixel data instead of what stands there.
pub(super) fn copy<W: Write + Seek>(
    source: Source,
    survey: &Survey,
    target: &Target,
    recoding: Option<Recoding>,
    writer: &mut ExplicitWriter<W>,
) -> Result<Option<Loss>, CodecError> {
    let patches = match &recoding {
        Some(recoding) => recoding.patches(survey)?,
        None => Patches::new(),
    };
    scan(source, |scanner, _| {
        let copying = Copying {
            survey,
            target,
            recoding,
            patches,
            writer,
            depth: 0,
            piece: Vec::new(),
            ratio_at: None,
            loss: None,
        };
        copying.run(scanner)
    })
}

struct Copying<'a, W> {
    survey: &'a Survey,
    target: &'a Target,
    recoding: Option<Recoding>,
    patches: Patches,
    writer: &'a mut ExplicitWriter<W>,
    /// Open sequences.
    depth: usize,
    piece: Vec<u8>,
    /// Where the value of Lossy Image Compression Ratio stands, which the pixels decide.
    ratio_at: Option<u64>,
    loss: Option<Loss>,
}

impl<W: Write + Seek> Copying<'_, W> {
    fn run(mut self, scanner: &mut Scanner<'_, '_>) -> Result<Option<Loss>, CodecError> {
        loop {
            match scanner.next().map_err(unreadable)? {
                Event::End => break,
                Event::Element(element) => self.element(scanner, &element)?,
                Event::SequenceStart(tag) => {
                    self.patches_before(tag)?;
                    // A compressed icon cannot stand in an uncompressed data set (PS3.5 §A.4), and nobody misses it.
                    let icon = tag == tags::ICON_IMAGE_SEQUENCE && self.survey.compressed_icon;
                    let patch = (self.depth == 0).then(|| self.patches.remove(&tag)).flatten();
                    if let Some((vr, value)) = patch {
                        self.writer.element(tag, vr, &value)?;
                        skip_sequence(scanner)?;
                    } else if self.depth == 0 && (icon && self.recoding.is_some() || self.target.drops(tag)) {
                        skip_sequence(scanner)?;
                    } else {
                        self.depth += 1;
                        self.writer.sequence_start(tag)?;
                    }
                }
                Event::SequenceEnd => {
                    self.depth = self.depth.saturating_sub(1);
                    self.writer.sequence_end()?;
                }
                Event::ItemStart => self.writer.item_start()?,
                Event::ItemEnd => self.writer.item_end()?,
                Event::FragmentsStart { tag, vr } => self.fragments(scanner, tag, vr)?,
                Event::Fragment { .. } | Event::FragmentsEnd { .. } => {}
            }
        }
        self.patches_before(Tag(u32::MAX))?;
        if let (Some(at), Some(loss)) = (self.ratio_at, &self.loss) {
            self.writer.overwrite(at, ratio_text(loss.ratio()).as_bytes())?;
        }
        Ok(self.loss)
    }

    fn element(&mut self, scanner: &mut Scanner<'_, '_>, element: &Element) -> Result<(), CodecError> {
        let tag = element.tag;
        // Group lengths are retired and would be wrong now; file meta has its place.
        if tag.element() == 0 || tag.group() == 0x0002 {
            return Ok(());
        }
        if self.depth == 0 {
            self.patches_before(tag)?;
            if let Some((vr, value)) = self.patches.remove(&tag) {
                return self.patch(tag, vr, &value);
            }
            if is_pixel_data(tag) && self.write_pixels(tag)? {
                return Ok(());
            }
        }
        self.writer.header(tag, element.vr, element.length)?;
        let word = self.word_bytes(element);
        loop {
            scanner
                .read_piece(PIECE_BYTES, &mut self.piece)
                .map_err(unreadable)?;
            if self.piece.is_empty() {
                break;
            }
            if word > 1 {
                self.piece.chunks_exact_mut(word).for_each(<[u8]>::reverse);
            }
            if tag == tags::PIXEL_REPRESENTATION && self.depth == 0 {
                scanner.signed = short(&self.piece, false) == Some(1);
            }
            self.writer.bytes(&self.piece)?;
        }
        self.writer.pad(element.vr, element.length)
    }

    /// Encapsulated pixel data: recoded, or fragment by fragment as it is.
    fn fragments(&mut self, scanner: &mut Scanner<'_, '_>, tag: Tag, vr: VR) -> Result<(), CodecError> {
        let ours = self.depth == 0 && tag == tags::PIXEL_DATA;
        if self.depth == 0 {
            self.patches_before(tag)?;
        }
        let recoded = ours && self.write_pixels(tag)?;
        if !recoded {
            self.writer.fragments_start(tag, vr)?;
        }
        loop {
            match scanner.next().map_err(unreadable)? {
                Event::Fragment { length, .. } if !recoded => {
                    self.writer.item(length.next_multiple_of(2))?;
                    loop {
                        scanner
                            .read_piece(PIECE_BYTES, &mut self.piece)
                            .map_err(unreadable)?;
                        if self.piece.is_empty() {
                            break;
                        }
                        self.writer.bytes(&self.piece)?;
                    }
                    self.writer.pad(VR::OB, length)?;
                }
                Event::FragmentsEnd { .. } => break,
                _ => {}
            }
        }
        if !recoded {
            self.writer.sequence_end()?;
        }
        Ok(())
    }

    /// Writes the pixels anew, where they are to be; says whether it did.
    fn write_pixels(&mut self, tag: Tag) -> Result<bool, CodecError> {
        match self.recoding.take() {
            Some(recoding) if tag == tags::PIXEL_DATA => {
                self.loss = recoding.write(self.writer)?;
                Ok(true)
            }
            other => {
                self.recoding = other;
                Ok(false)
            }
        }
    }

    /// Adds the elements that the data set lacks, in their places.
    fn patches_before(&mut self, tag: Tag) -> Result<(), CodecError> {
        if self.depth > 0 {
            return Ok(());
        }
        while let Some(entry) = self.patches.first_entry().filter(|entry| *entry.key() < tag) {
            let (tag, (vr, value)) = entry.remove_entry();
            self.patch(tag, vr, &value)?;
        }
        Ok(())
    }

    fn patch(&mut self, tag: Tag, vr: VR, value: &[u8]) -> Result<(), CodecError> {
        if tag == tags::LOSSY_IMAGE_COMPRESSION_RATIO {
            // Tag, VR and a short length come first (PS3.5 §7.1.2).
            self.ratio_at = Some(self.writer.position() + 8);
        }
        self.writer.element(tag, vr, value)
    }

    /// The big-endian words of a value, in bytes; 1 where nothing is to be swapped.
    fn word_bytes(&self, element: &Element) -> usize {
        if self.depth == 0 && is_pixel_data(element.tag) {
            let big = element.big_endian || self.survey.opening.transfer_syntax.big_endian_pixels;
            return pixel_word_bytes(element.vr, big, self.survey.bits_allocated).into();
        }
        match element.vr {
            _ if !element.big_endian => 1,
            VR::US | VR::SS | VR::OW | VR::AT => 2,
            VR::UL | VR::SL | VR::FL | VR::OF | VR::OL => 4,
            VR::FD | VR::OD | VR::OV | VR::SV | VR::UV => 8,
            _ => 1,
        }
    }
}

/// Walks over the sequence that has begun, with everything in it.
fn skip_sequence(scanner: &mut Scanner<'_, '_>) -> Result<(), CodecError> {
    let mut open = 1;
    while open > 0 {
        match scanner.next().map_err(unreadable)? {
            Event::SequenceStart(_) => open += 1,
            Event::SequenceEnd => open -= 1,
            Event::End => return Ok(()),
            _ => {}
        }
    }
    Ok(())
}
