//! One look over an instance before it is written anew: what it is, and what kind of pixels it has.

use std::io::{Read as _, Seek as _, SeekFrom};

use crate::codec::CodecError;
use crate::codec::protocol::{Original, Source};
use crate::limits::Limits;
use crate::prescan::{Event, Inflating, Opening, Plain, Scanner, Window, is_pixel_data, read_opening};
use crate::refusal::Refusal;
use crate::tag::{Tag, tags};

/// How the pixel data of the instance itself is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TopPixels {
    None,
    Native,
    Encapsulated,
    Float,
}

/// What has to be known beforehand.
#[derive(Debug)]
pub(super) struct Survey {
    pub(super) opening: Opening,
    pub(super) sop_class_uid: String,
    pub(super) sop_instance_uid: String,
    pub(super) pixels: TopPixels,
    pub(super) bits_allocated: Option<u16>,
    /// An icon's pixels are compressed.
    pub(super) compressed_icon: bool,
    /// Fragments stand somewhere else than in the pixel data or an icon.
    pub(super) stray_fragments: bool,
    /// Image Type, as it stands there.
    pub(super) image_type: String,
    /// Something was lost before.
    pub(super) is_lossy: bool,
    /// Derivation and type are told frame by frame (PS3.3 §C.7.6.16).
    pub(super) has_functional_groups: bool,
}

impl Survey {
    /// Errors: as [`scan`].
    pub(super) fn of(source: Source) -> Result<Self, CodecError> {
        scan(source, |scanner, opening| {
            let mut survey = Self {
                opening: opening.clone(),
                // The data set is what counts; file meta helps where it is silent.
                sop_class_uid: meta_uid(opening, tags::MEDIA_STORAGE_SOP_CLASS_UID),
                sop_instance_uid: meta_uid(opening, tags::MEDIA_STORAGE_SOP_INSTANCE_UID),
                pixels: TopPixels::None,
                bits_allocated: None,
                compressed_icon: false,
                stray_fragments: false,
                image_type: String::new(),
                is_lossy: false,
                has_functional_groups: false,
            };
            survey.look(scanner)?;
            Ok(survey)
        })
    }

    fn look(&mut self, scanner: &mut Scanner<'_, '_>) -> Result<(), CodecError> {
        const LONGEST: u32 = 1 << 10;
        let mut sequences = Vec::new();
        let mut value = Vec::new();
        loop {
            match scanner.next().map_err(unreadable)? {
                Event::End => return Ok(()),
                Event::SequenceStart(tag) => {
                    self.has_functional_groups |= tag == tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE
                        || tag == tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE;
                    sequences.push(tag);
                }
                Event::SequenceEnd => {
                    sequences.pop();
                }
                Event::FragmentsStart { tag, .. } => match sequences.first() {
                    None if tag == tags::PIXEL_DATA => self.pixels = TopPixels::Encapsulated,
                    Some(&tags::ICON_IMAGE_SEQUENCE) => self.compressed_icon = true,
                    _ => self.stray_fragments = true,
                },
                Event::Element(element) if sequences.is_empty() => {
                    if is_pixel_data(element.tag) && element.length > 0 {
                        self.pixels = if element.tag == tags::PIXEL_DATA {
                            TopPixels::Native
                        } else {
                            TopPixels::Float
                        };
                    }
                    let wanted = matches!(
                        element.tag,
                        tags::SOP_CLASS_UID
                            | tags::SOP_INSTANCE_UID
                            | tags::BITS_ALLOCATED
                            | tags::PIXEL_REPRESENTATION
                            | tags::IMAGE_TYPE
                            | tags::LOSSY_IMAGE_COMPRESSION
                    );
                    if !wanted || element.length > LONGEST {
                        continue;
                    }
                    scanner.read_value(&mut value).map_err(unreadable)?;
                    let text = || {
                        String::from_utf8_lossy(&value)
                            .trim_matches([' ', '\0'])
                            .to_owned()
                    };
                    let number = || short(&value, element.big_endian);
                    match element.tag {
                        tags::SOP_CLASS_UID if !text().is_empty() => self.sop_class_uid = text(),
                        tags::SOP_INSTANCE_UID if !text().is_empty() => self.sop_instance_uid = text(),
                        tags::BITS_ALLOCATED => self.bits_allocated = number(),
                        tags::IMAGE_TYPE => self.image_type = text(),
                        tags::LOSSY_IMAGE_COMPRESSION => self.is_lossy = text() == "01",
                        tags::SOP_CLASS_UID | tags::SOP_INSTANCE_UID => {}
                        _ => scanner.signed = number() == Some(1),
                    }
                }
                Event::Element(_)
                | Event::ItemStart
                | Event::ItemEnd
                | Event::Fragment { .. }
                | Event::FragmentsEnd { .. } => {}
            }
        }
    }
}

fn meta_uid(opening: &Opening, tag: Tag) -> String {
    opening.value(tag).unwrap_or_default().to_owned()
}

/// The first 16-bit number of a value.
pub(super) fn short(value: &[u8], big_endian: bool) -> Option<u16> {
    let pair = *value.first_chunk::<2>()?;
    Some(if big_endian {
        u16::from_be_bytes(pair)
    } else {
        u16::from_le_bytes(pair)
    })
}

/// Walks the data set of an instance with `look`.
///
/// Errors: `look`'s; [`CodecError::Io`], [`CodecError::Damaged`]; [`CodecError::NotDicom`], [`CodecError::Hostile`].
pub(super) fn scan<T>(
    source: Source,
    look: impl FnOnce(&mut Scanner<'_, '_>, &Opening) -> Result<T, CodecError>,
) -> Result<T, CodecError> {
    let limits = Limits::default();
    let mut original: Box<dyn Original> = source
        .open()
        .map_err(|error| unreadable(Refusal::Unreadable(error.kind())))?;
    let length = original.seek(SeekFrom::End(0))?;
    let mut warnings = Vec::new();
    let opening = {
        let mut plain = Plain::new(&mut original, 0, length).map_err(unreadable)?;
        read_opening(&mut Window::new(&mut plain, 0), &mut warnings).map_err(unreadable)?
    };
    let (start, encoding) = (opening.dataset_offset, opening.transfer_syntax.encoding);
    let left = length - start;
    if opening.transfer_syntax.deflated {
        original.seek(SeekFrom::Start(start))?;
        let mut stream = Inflating::new(original.take(left), &limits);
        let mut window = Window::new(&mut stream, 0);
        look(
            &mut Scanner::new(&mut window, encoding, &limits, warnings),
            &opening,
        )
    } else {
        let mut stream = Plain::new(&mut original, start, left).map_err(unreadable)?;
        let mut window = Window::new(&mut stream, start);
        look(
            &mut Scanner::new(&mut window, encoding, &limits, warnings),
            &opening,
        )
    }
}

/// What the pre-scan refuses, in the codec's words. Stored instances went through it before: what fails now is
/// mostly the disk.
pub(super) fn unreadable(refusal: Refusal) -> CodecError {
    match refusal {
        Refusal::Unreadable(std::io::ErrorKind::InvalidData) => CodecError::Damaged,
        Refusal::Unreadable(kind) => std::io::Error::from(kind).into(),
        Refusal::NotDicom(_) | Refusal::Empty => CodecError::NotDicom,
        Refusal::Truncated { .. } => CodecError::TruncatedPixels,
        Refusal::Hostile(what) => CodecError::hostile(what.to_string()),
        Refusal::InvalidUid { attribute, .. } => CodecError::description(attribute),
        Refusal::TransferSyntaxUnknown(uid) => CodecError::UnsupportedTransferSyntax { uid },
    }
}
