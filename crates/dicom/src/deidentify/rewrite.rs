//! The copy: one walk over the pre-scanned instance, element by element.

use super::action::{Action, action};
use super::black_out::{Geometry, Painter};
use super::dates::Days;
use super::method::{Written, elements, write_code};
use super::profile::Profile;
use super::pseudonyms::Pseudonyms;
use super::suitability::needs_decoding;
use super::words::{OwnWords, clean};
use super::{DeidentifyError, copy, dummy};
use crate::frames::FrameIndex;
use crate::index::{Attributes, InstanceIndex};
use crate::limits::Limits;
use crate::prescan::{Element, Event, Inflating, Plain, Scanner, Stream, Window, is_pixel_data};
use crate::refusal::Refusal;
use crate::tag::{Tag, tags};
use crate::text::CharacterSet;
use crate::transfer_syntax::EXPLICIT_VR_LITTLE_ENDIAN;
use crate::writing::{ElementWriter, write_file_meta};
use dicom_core::VR;
use std::collections::HashMap;
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};

/// How, and as whom.
#[derive(Debug, Clone, Copy)]
pub struct Deidentification<'a> {
    /// What is asked for.
    pub profile: &'a Profile,
    /// Where pseudonyms come from.
    pub pseudonyms: &'a Pseudonyms,
    /// Whose instance it is: a name that is the same for all instances of one person. It never comes out.
    pub patient: &'a str,
}

/// The frames of an instance whose compressed pixels were decoded: little-endian, interleaved by pixel, as wide as
/// Bits Allocated, one frame after the other.
pub struct DecodedPixels<'a> {
    /// All frames.
    pub samples: &'a mut dyn Read,
    /// How many bytes they are.
    pub bytes: u64,
    /// Photometric Interpretation that describes the samples.
    pub photometric_interpretation: String,
}

impl std::fmt::Debug for DecodedPixels<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "DecodedPixels({} bytes)", self.bytes)
    }
}

/// What the copy calls itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deidentified {
    /// Its SOP Instance UID (0008,0018).
    pub sop_instance_uid: String,
    /// Its transfer syntax: the original's where pixels are compressed, else Explicit VR Little Endian.
    pub transfer_syntax_uid: String,
    /// How many bytes were written.
    pub bytes: u64,
}

/// A value is looked into up to this length; a longer one is treated as nothing that could be kept.
const LONGEST_LOOKED_INTO: u32 = 1 << 20;

/// Writes the de-identified copy of an instance to `out` as a Part 10 file.
///
/// `source` holds the `length` bytes that `index` was made of. `decoded` are its frames where [`needs_decoding`] says
/// so. Blocking; memory is bounded by `limits`.
///
/// Errors: [`DeidentifyError`]; what was written until then must be thrown away.
pub fn deidentify<R: Read + Seek, W: Write>(
    source: &mut R,
    length: u64,
    index: &InstanceIndex,
    how: Deidentification<'_>,
    decoded: Option<DecodedPixels<'_>>,
    out: W,
    limits: &Limits,
) -> Result<Deidentified, DeidentifyError> {
    let decodes = needs_decoding(how.profile, index)?;
    if decodes && decoded.is_none() {
        return Err(DeidentifyError::NotDecoded);
    }
    let pixels = Pixels::of(how.profile, index, decoded.filter(|_| decodes))?;
    let sop_instance_uid = match how.profile.has(super::ProfileOption::RetainUids) {
        true => index.attributes.sop_instance_uid.to_string(),
        false => how.pseudonyms.uid(index.attributes.sop_instance_uid.as_str()),
    };
    let encapsulated = matches!(
        index.frames,
        FrameIndex::Encapsulated(_) | FrameIndex::Stream { .. }
    );
    let transfer_syntax_uid = if encapsulated && !decodes {
        index.meta.transfer_syntax_uid.to_string()
    } else {
        EXPLICIT_VR_LITTLE_ENDIAN.to_owned()
    };
    let mut out = ElementWriter::new(BufWriter::with_capacity(64 << 10, out));
    write_file_meta(
        &mut out,
        index.attributes.sop_class_uid.as_str(),
        &sop_instance_uid,
        &transfer_syntax_uid,
    )?;
    let mut written = elements(how.profile, pixels.painter.is_some())?;
    written.extend(pixels.described()?);
    written.sort_by_key(|element| element.tag);
    let mut rewrite = Rewrite {
        how,
        days: how.pseudonyms.days(how.patient),
        own_words: own_words(&index.attributes),
        pixels,
        out,
        levels: vec![Level::new(CharacterSet::DEFAULT)],
        written,
        written_upto: 0,
        muted: 0,
        value: Vec::new(),
    };
    let start = index.meta.dataset_offset;
    let syntax = index.meta.transfer_syntax;
    if syntax.deflated {
        source
            .seek(SeekFrom::Start(start))
            .map_err(|error| Refusal::Unreadable(error.kind()))?;
        let mut stream = Inflating::new(source.take(length - start), limits);
        rewrite.walk(&mut stream, 0, index, limits)?;
    } else {
        let mut stream = Plain::new(source, start, length - start)?;
        rewrite.walk(&mut stream, start, index, limits)?;
    }
    rewrite.out.get_mut().flush()?;
    Ok(Deidentified {
        sop_instance_uid,
        transfer_syntax_uid,
        bytes: rewrite.out.position(),
    })
}

/// What becomes of the pixels.
struct Pixels<'a> {
    painter: Option<Painter>,
    decoded: Option<DecodedPixels<'a>>,
    /// Size of the big-endian words of native pixels, in bytes.
    word_bytes: usize,
    colours: bool,
}

impl<'a> Pixels<'a> {
    fn of(
        profile: &Profile,
        index: &InstanceIndex,
        decoded: Option<DecodedPixels<'a>>,
    ) -> Result<Self, DeidentifyError> {
        let (frame_bits, word_bytes) = match &index.frames {
            FrameIndex::Native(frames) | FrameIndex::Deflated { frames, .. } => {
                (Some(frames.frame_bits), usize::from(frames.word_bytes))
            }
            _ => (None, 1),
        };
        let mut painter = None;
        if !profile.black_out.is_empty() && index.frames != FrameIndex::None {
            let mut geometry = Geometry::of(&index.attributes)?;
            let frame_bits = match &decoded {
                Some(decoded) => {
                    geometry.planar = false;
                    decoded
                        .photometric_interpretation
                        .clone_into(&mut geometry.photometric);
                    let bits = geometry.rows * geometry.columns * geometry.samples * geometry.bits_allocated;
                    let frames = u64::from(index.frames.count());
                    if bits % 8 != 0 || decoded.bytes != bits / 8 * frames {
                        return Err(DeidentifyError::Unpaintable("its frames decode to another size"));
                    }
                    bits
                }
                None => frame_bits.unwrap_or_default(),
            };
            painter = Some(Painter::new(geometry, frame_bits, &profile.black_out)?);
        }
        Ok(Self {
            painter,
            decoded,
            word_bytes,
            colours: index.attributes.samples_per_pixel.unwrap_or(1) > 1,
        })
    }

    /// What has to be said of decoded pixels.
    fn described(&self) -> std::io::Result<Vec<Written>> {
        let Some(decoded) = &self.decoded else {
            return Ok(Vec::new());
        };
        let photometric = &decoded.photometric_interpretation;
        let mut written = vec![Written::text(
            tags::PHOTOMETRIC_INTERPRETATION,
            VR::CS,
            photometric,
        )?];
        if self.colours {
            written.push(Written::number(tags::PLANAR_CONFIGURATION, 0)?);
        }
        Ok(written)
    }
}

/// One open data set.
struct Level {
    characters: CharacterSet,
    /// Private creators by group and block.
    creators: HashMap<(u16, u8), String>,
    last: Option<Tag>,
}

impl Level {
    fn new(characters: CharacterSet) -> Self {
        Self {
            characters,
            creators: HashMap::new(),
            last: None,
        }
    }

    /// The private creator of an element, or the creator that the element itself is.
    fn creator(&self, tag: Tag) -> Option<&str> {
        let block = match tag.element() {
            element @ 0x10..=0xff => element as u8,
            element => (element >> 8) as u8,
        };
        self.creators.get(&(tag.group(), block)).map(String::as_str)
    }
}

struct Rewrite<'a, 'p, W: Write> {
    how: Deidentification<'a>,
    days: Days,
    own_words: OwnWords,
    pixels: Pixels<'p>,
    out: ElementWriter<BufWriter<W>>,
    levels: Vec<Level>,
    /// What is written into the outermost data set whatever stood there, by tag.
    written: Vec<Written>,
    written_upto: usize,
    /// Open sequences below one that does not stay.
    muted: usize,
    value: Vec<u8>,
}

impl<W: Write> Rewrite<'_, '_, W> {
    fn walk(
        &mut self,
        stream: &mut dyn Stream,
        position: u64,
        index: &InstanceIndex,
        limits: &Limits,
    ) -> Result<(), DeidentifyError> {
        let mut window = Window::new(stream, position);
        let encoding = index.meta.transfer_syntax.encoding;
        let mut scanner = Scanner::new(&mut window, encoding, limits, Vec::new());
        scanner.signed = index.attributes.pixel_representation == Some(1);
        loop {
            match scanner.next()? {
                Event::End => break,
                event => self.step(&mut scanner, event)?,
            }
        }
        self.write_up_to(None)
    }

    fn step(&mut self, scanner: &mut Scanner<'_, '_>, event: Event) -> Result<(), DeidentifyError> {
        match event {
            Event::Element(element) => self.element(scanner, &element)?,
            Event::SequenceStart(tag) => self.sequence(tag)?,
            Event::ItemStart if self.muted == 0 => {
                let characters = self.level().characters;
                self.levels.push(Level::new(characters));
                self.out.begin_item()?;
            }
            Event::ItemEnd if self.muted == 0 => {
                self.levels.pop();
                self.out.end_item()?;
            }
            Event::SequenceEnd if self.muted == 0 => self.out.end()?,
            Event::SequenceEnd => self.muted -= 1,
            Event::FragmentsStart { tag, vr } => self.fragments(scanner, tag, vr)?,
            Event::ItemStart
            | Event::ItemEnd
            | Event::Fragment { .. }
            | Event::FragmentsEnd { .. }
            | Event::End => {}
        }
        Ok(())
    }

    fn level(&mut self) -> &mut Level {
        self.levels
            .last_mut()
            .expect("the outermost data set is never closed")
    }

    /// Whether an element is met that takes part: not a group length, not the second of its kind, and nothing that is
    /// written anyway. Before it, what is written with a smaller tag is.
    fn meets(&mut self, tag: Tag) -> Result<bool, DeidentifyError> {
        if self.muted > 0 || tag.element() == 0 || self.level().last.replace(tag) == Some(tag) {
            return Ok(false);
        }
        if self.levels.len() > 1 {
            return Ok(true);
        }
        self.write_up_to(Some(tag))?;
        Ok(self.written.iter().all(|element| element.tag != tag))
    }

    /// Writes what belongs before `tag`, or all that is left.
    fn write_up_to(&mut self, tag: Option<Tag>) -> Result<(), DeidentifyError> {
        while let Some(element) = self.written.get(self.written_upto)
            && tag.is_none_or(|tag| element.tag <= tag)
        {
            self.out.raw(&element.bytes)?;
            self.written_upto += 1;
        }
        Ok(())
    }

    fn element(&mut self, scanner: &mut Scanner<'_, '_>, element: &Element) -> Result<(), DeidentifyError> {
        let (tag, vr) = (element.tag, element.vr);
        if !self.meets(tag)? {
            return Ok(());
        }
        if self.levels.len() == 1 && is_pixel_data(tag) {
            let word_bytes = self.pixels.word_bytes;
            let painter = self.pixels.painter.as_mut();
            return copy::value(scanner, element, word_bytes, painter, &mut self.out);
        }
        let about_fragments = matches!(
            tag,
            tags::EXTENDED_OFFSET_TABLE | tags::EXTENDED_OFFSET_TABLE_LENGTHS
        );
        if about_fragments && self.pixels.decoded.is_some() {
            return Ok(());
        }
        if tag == tags::SPECIFIC_CHARACTER_SET || tag.is_private() && matches!(tag.element(), 0x10..=0xff) {
            return self.declaration(scanner, element);
        }
        let profile = self.how.profile;
        match action(profile, tag, vr, self.level().creator(tag)) {
            Action::Keep => copy::element(scanner, element, &mut self.out),
            Action::Remove => Ok(()),
            Action::Empty => Ok(self.out.element(tag, vr, &[])?),
            Action::Dummy if vr == VR::UI => self.new_uids(scanner, element),
            Action::NewUid => self.new_uids(scanner, element),
            Action::Dummy => Ok(self.out.element(tag, vr, dummy::value(vr))?),
            Action::Pseudonym => {
                let pseudonym = self.how.pseudonyms.patient_id(self.how.patient);
                Ok(self.out.text(tag, vr, &pseudonym)?)
            }
            Action::Shift { or_remove } => {
                let text = self.text(scanner, element)?;
                let moved = text.and_then(|text| match vr {
                    VR::DA => self.days.move_dates(&text),
                    VR::DT => self.days.move_date_times(&text),
                    VR::TM => is_time(&text).then_some(text),
                    _ => None,
                });
                self.text_or(tag, vr, moved, or_remove)
            }
            Action::Clean { or_remove } => {
                let text = self.text(scanner, element)?;
                let cleaned = text.and_then(|text| clean(&text, &self.own_words));
                self.text_or(tag, vr, cleaned, or_remove)
            }
        }
    }

    /// The character set, which always stays, and private creators, which stay with what they create.
    fn declaration(
        &mut self,
        scanner: &mut Scanner<'_, '_>,
        element: &Element,
    ) -> Result<(), DeidentifyError> {
        let Some(text) = self.text(scanner, element)? else {
            return Ok(());
        };
        let (tag, vr) = (element.tag, element.vr);
        if tag == tags::SPECIFIC_CHARACTER_SET {
            self.level().characters = CharacterSet::from_terms(text.split('\\')).0;
            return Ok(self.out.text(tag, vr, &text)?);
        }
        let profile = self.how.profile;
        let keeps = action(profile, tag, vr, Some(&text)) == Action::Keep;
        let place = (tag.group(), tag.element() as u8);
        self.level().creators.insert(place, text.clone());
        if keeps {
            self.out.text(tag, vr, &text)?;
        }
        Ok(())
    }

    /// The current value as text; nothing when it is longer than texts are.
    fn text(
        &mut self,
        scanner: &mut Scanner<'_, '_>,
        element: &Element,
    ) -> Result<Option<String>, DeidentifyError> {
        if element.length > LONGEST_LOOKED_INTO {
            return Ok(None);
        }
        scanner.read_value(&mut self.value)?;
        let characters = self.level().characters;
        let (text, _) = characters.decode(&self.value, false);
        Ok(Some(text.trim_end_matches(['\0', ' ']).to_owned()))
    }

    fn text_or(
        &mut self,
        tag: Tag,
        vr: VR,
        text: Option<String>,
        or_remove: bool,
    ) -> Result<(), DeidentifyError> {
        match text {
            Some(text) => self.out.text(tag, vr, &text)?,
            None if or_remove => {}
            None => self.out.element(tag, vr, dummy::value(vr))?,
        }
        Ok(())
    }

    fn new_uids(&mut self, scanner: &mut Scanner<'_, '_>, element: &Element) -> Result<(), DeidentifyError> {
        let text = self.text(scanner, element)?.unwrap_or_default();
        let uids: Vec<String> = text
            .split('\\')
            .map(|uid| uid.trim_matches(['\0', ' ']))
            .map(|uid| match uid {
                "" => String::new(),
                uid => self.how.pseudonyms.uid(uid),
            })
            .collect();
        Ok(self.out.text(element.tag, VR::UI, &uids.join("\\"))?)
    }

    fn sequence(&mut self, tag: Tag) -> Result<(), DeidentifyError> {
        if !self.meets(tag)? {
            self.muted += 1;
            return Ok(());
        }
        let profile = self.how.profile;
        match action(profile, tag, VR::SQ, self.level().creator(tag)) {
            Action::Keep => return Ok(self.out.begin(tag, VR::SQ)?),
            Action::Empty => self.out.element(tag, VR::SQ, &[])?,
            Action::Dummy | Action::NewUid => self.dummy_sequence(tag)?,
            Action::Remove | Action::Pseudonym | Action::Shift { .. } | Action::Clean { .. } => {}
        }
        self.muted += 1;
        Ok(())
    }

    /// A sequence of one item that says nothing.
    fn dummy_sequence(&mut self, tag: Tag) -> Result<(), DeidentifyError> {
        let out = &mut self.out;
        out.begin(tag, VR::SQ)?;
        if tag == tags::CONTENT_SEQUENCE {
            out.begin_item()?;
            out.text(tags::RELATIONSHIP_TYPE, VR::CS, "CONTAINS")?;
            out.text(tags::VALUE_TYPE, VR::CS, "TEXT")?;
            out.begin(tags::CONCEPT_NAME_CODE_SEQUENCE, VR::SQ)?;
            write_code(out, "121106", "Comment")?;
            out.end()?;
            out.text(tags::TEXT_VALUE, VR::UT, "REMOVED")?;
            out.end_item()?;
        } else if tag
            .keyword()
            .is_some_and(|keyword| keyword.ends_with("CodeSequence"))
        {
            write_code(out, "113100", "Basic Application Confidentiality Profile")?;
        } else {
            out.begin_item()?;
            out.end_item()?;
        }
        Ok(out.end()?)
    }

    fn fragments(&mut self, scanner: &mut Scanner<'_, '_>, tag: Tag, vr: VR) -> Result<(), DeidentifyError> {
        let top = self.muted == 0 && self.levels.len() == 1 && tag == tags::PIXEL_DATA;
        let profile = self.how.profile;
        let stays =
            self.meets(tag)? && (top || action(profile, tag, vr, self.level().creator(tag)) == Action::Keep);
        if !stays {
            return copy::fragments::<BufWriter<W>>(scanner, None);
        }
        match (top, self.pixels.decoded.take(), self.pixels.painter.as_mut()) {
            (true, Some(decoded), Some(painter)) => {
                copy::fragments::<BufWriter<W>>(scanner, None)?;
                self.out.header(tag, VR::OW, decoded.bytes.next_multiple_of(2))?;
                copy::decoded(decoded.samples, decoded.bytes, painter, &mut self.out)
            }
            // Regions are asked for, and these pixels were not foreseen.
            (true, _, Some(_)) => Err(DeidentifyError::NotDecoded),
            _ => {
                self.out.begin(tag, vr)?;
                copy::fragments(scanner, Some(&mut self.out))
            }
        }
    }
}

/// Whether a text is a time of day, or several (PS3.5 §6.2); the colons are ACR-NEMA's.
fn is_time(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_digit() || b".:\\ ".contains(&byte))
}

/// Names and numbers of the instance that no cleaned text may hold.
fn own_words(attributes: &Attributes) -> OwnWords {
    let texts = [
        &attributes.patient_name,
        &attributes.patient_id,
        &attributes.issuer_of_patient_id,
        &attributes.patient_birth_date,
        &attributes.accession_number,
        &attributes.study_id,
        &attributes.referring_physician_name,
        &attributes.institution_name,
        &attributes.station_name,
    ];
    OwnWords::of(texts.into_iter().filter_map(|text| text.as_deref()))
}
