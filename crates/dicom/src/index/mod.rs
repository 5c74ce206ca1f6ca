//! Everything the archive needs to know about an instance, in one pass over its file.
//!
//! **Invariant:** one forward walk by the pre-scan; pixel data is skipped over, never read; memory is bounded by
//! [`Limits`], not by the file.

mod attributes;
mod bulk;
mod metadata;
mod missing;
mod pixels;
mod value;
mod walk;

pub use attributes::{Attributes, Issuer, MOST_REQUESTED_STEPS, RequestedStep};
pub use bulk::read_bulk_value;
pub use metadata::{BULK_URI_PLACEHOLDER, resolve_bulk_uris};
pub(crate) use pixels::pixel_word_bytes;

use crate::frames::FrameIndex;
use crate::limits::Limits;
use crate::prescan::{Inflating, Opening, Plain, Stream, Window, note, read_opening};
use crate::refusal::{Hostility, Refusal, Warning};
use crate::tag::tags;
use crate::transfer_syntax::TransferSyntax;
use crate::uid::Uid;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    io::{Read, Seek, SeekFrom},
};

/// What [`index_instance`] found.
#[derive(Debug, Clone, PartialEq)]
pub struct InstanceIndex {
    /// File meta information, or what stands in for it.
    pub meta: FileMeta,
    /// The attributes that rows and worklists are made of.
    pub attributes: Attributes,
    /// The data set as DICOM JSON Model (PS3.18 annex F), without file meta and group lengths. Bulk data is
    /// named by [`BULK_URI_PLACEHOLDER`] and a path; [`resolve_bulk_uris`] makes addresses of them.
    pub metadata_json: Vec<u8>,
    /// Where the values behind the BulkDataURIs lie, in their order in the metadata.
    pub bulk: Vec<BulkValue>,
    /// Where the frames lie.
    pub frames: FrameIndex,
    /// What is odd about the instance, each oddity once.
    pub warnings: Vec<Warning>,
    /// The keywords of UIDs of the SOP Common module (PS3.3 §C.12.1) that only the file meta information has. They
    /// stand in the metadata all the same.
    pub only_in_meta: Vec<&'static str>,
}

/// File meta information (PS3.10 §7.1), as far as it is of use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileMeta {
    /// Media Storage SOP Class UID (0002,0002).
    pub media_storage_sop_class_uid: Option<Uid>,
    /// Media Storage SOP Instance UID (0002,0003).
    pub media_storage_sop_instance_uid: Option<Uid>,
    /// Transfer Syntax UID (0002,0010); the one recognised from the data set when none is declared.
    pub transfer_syntax_uid: Uid,
    /// What the transfer syntax means, with the encoding that the data set really has.
    pub transfer_syntax: TransferSyntax,
    /// Whether the file itself names its transfer syntax.
    pub transfer_syntax_declared: bool,
    /// Implementation Class UID (0002,0012).
    pub implementation_class_uid: Option<String>,
    /// Implementation Version Name (0002,0013).
    pub implementation_version_name: Option<String>,
    /// Source Application Entity Title (0002,0016).
    pub source_application_entity_title: Option<String>,
    /// Whether the file has a preamble with `DICM`.
    pub has_preamble: bool,
    /// First byte of the data set, deflated or not.
    pub dataset_offset: u64,
}

/// A value that is in the file and not in the metadata.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkValue {
    /// The path after the placeholder: tags and item numbers, such as `00880200/0/7FE00010`.
    pub path: String,
    /// First byte in the file; in the inflated data set when that is deflated.
    pub offset: u64,
    /// Bytes. Encapsulated pixel data counts all its items, without the sequence delimiter.
    pub length: u64,
    /// Whether the value is encapsulated pixel data.
    pub encapsulated: bool,
    /// Size of the big-endian words to swap, in bytes; 1 when nothing is to be swapped.
    pub word_bytes: u8,
    /// Where the deflate stream begins in the file, when the value lies in it.
    pub inflated_from: Option<u64>,
}

impl BulkValue {
    /// Whether the bytes of the file are the value already: nothing to swap, join or inflate.
    pub fn is_plain(&self) -> bool {
        !self.encapsulated && self.word_bytes == 1 && self.inflated_from.is_none()
    }
}

/// Reads the `length` bytes of one DICOM file from the start of `source`; use [`Section`] for a part of a file.
///
/// Tolerates what real senders write and says so in the warnings; refuses what cannot be stored or retrieved
/// safely. Blocking; never panics; memory and time are bounded by `limits` and `length`.
///
/// Errors: a [`Refusal`], whose code and text belong into the receipt.
pub fn index_instance<R: Read + Seek>(
    source: &mut R,
    length: u64,
    limits: &Limits,
) -> Result<InstanceIndex, Refusal> {
    if length > limits.part_bytes {
        return Err(Hostility::Size(limits.part_bytes).into());
    }
    let mut warnings = Vec::new();
    let mut plain = Plain::new(source, 0, length)?;
    let mut window = Window::new(&mut plain, 0);
    let opening = read_opening(&mut window, &mut warnings)?;
    if opening.transfer_syntax.deflated {
        source
            .seek(SeekFrom::Start(opening.dataset_offset))
            .map_err(|error| Refusal::Unreadable(error.kind()))?;
        let mut stream = Inflating::new(source.take(length - opening.dataset_offset), limits);
        index_data_set(&mut stream, 0, opening, limits, warnings)
    } else {
        let mut stream = Plain::new(source, opening.dataset_offset, length - opening.dataset_offset)?;
        let position = opening.dataset_offset;
        index_data_set(&mut stream, position, opening, limits, warnings)
    }
}

fn index_data_set(
    stream: &mut dyn Stream,
    position: u64,
    opening: Opening,
    limits: &Limits,
    warnings: Vec<Warning>,
) -> Result<InstanceIndex, Refusal> {
    let unknown = (!opening.transfer_syntax.known).then(|| opening.transfer_syntax_uid.to_string());
    let mut window = Window::new(stream, position);
    let walked =
        walk::walk(&mut window, &opening, limits, warnings).map_err(|refusal| match (refusal, unknown) {
            // What is not even a data set under an unknown transfer syntax is most likely encoded in another way.
            (Refusal::Hostile(Hostility::Structure(_)), Some(uid)) => Refusal::TransferSyntaxUnknown(uid),
            (refusal, _) => refusal,
        })?;
    let walk::Walked {
        captured,
        metadata_json,
        mut bulk,
        pixels,
        mut warnings,
    } = walked;
    if opening.value(tags::MEDIA_STORAGE_SOP_CLASS_UID) == Some(MEDIA_DIRECTORY)
        && captured.is_without_instance()
    {
        return Err(Refusal::NotDicom(
            "it is a DICOMDIR, the table of contents of a medium",
        ));
    }
    let attributes = Attributes::from_captured(&captured, &opening, &mut warnings)?;
    let frames = pixels.locate(&attributes, &opening, &mut warnings)?;
    complete_bulk(&mut bulk, &frames, &opening);
    let (metadata_json, only_in_meta) = with_uids(metadata_json, &captured, &attributes);
    let meta = FileMeta::from_opening(&opening);
    for (name, in_meta, in_set) in [
        (
            "the SOP class",
            &meta.media_storage_sop_class_uid,
            &attributes.sop_class_uid,
        ),
        (
            "the SOP instance",
            &meta.media_storage_sop_instance_uid,
            &attributes.sop_instance_uid,
        ),
    ] {
        if in_meta.as_ref().is_some_and(|uid| uid != in_set) {
            note(&mut warnings, Warning::MetaMismatch(name));
        }
    }
    Ok(InstanceIndex {
        meta,
        attributes,
        metadata_json,
        bulk,
        frames,
        warnings,
        only_in_meta,
    })
}

/// The metadata with the UIDs that the data set lacks, and their keywords: who reads it cannot do without.
fn with_uids(
    metadata_json: Vec<u8>,
    captured: &attributes::Captured,
    attributes: &Attributes,
) -> (Vec<u8>, Vec<&'static str>) {
    let uids = [
        (tags::SOP_CLASS_UID, "SOPClassUID", &attributes.sop_class_uid),
        (
            tags::SOP_INSTANCE_UID,
            "SOPInstanceUID",
            &attributes.sop_instance_uid,
        ),
    ];
    let lacking = uids.iter().filter(|(tag, ..)| captured.text(*tag).is_none());
    let lacking: Vec<_> = lacking.collect();
    if lacking.is_empty() {
        return (metadata_json, Vec::new());
    }
    let Ok(mut object) = serde_json::from_slice::<BTreeMap<String, serde_json::Value>>(&metadata_json) else {
        return (metadata_json, Vec::new());
    };
    for (tag, _, uid) in &lacking {
        let value = serde_json::json!({"vr": "UI", "Value": [uid.as_str()]});
        object.insert(tag.to_string(), value);
    }
    let completed = serde_json::to_vec(&object).unwrap_or(metadata_json);
    (
        completed,
        lacking.iter().map(|(_, keyword, _)| *keyword).collect(),
    )
}

/// What only the whole instance tells of its bulk values: how its samples are swapped, and where they inflate from.
fn complete_bulk(bulk: &mut [BulkValue], frames: &FrameIndex, opening: &Opening) {
    for value in bulk {
        if opening.transfer_syntax.deflated {
            value.inflated_from = Some(opening.dataset_offset);
        }
        if let FrameIndex::Native(frames) | FrameIndex::Deflated { frames, .. } = frames
            && value.offset == frames.offset
            && value.length == frames.length
        {
            value.word_bytes = frames.word_bytes;
        }
    }
}

/// Media Storage Directory Storage (PS3.10 §8).
const MEDIA_DIRECTORY: &str = "1.2.840.10008.1.3.10";

impl FileMeta {
    fn from_opening(opening: &Opening) -> Self {
        let text = |tag| {
            opening
                .value(tag)
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        };
        let uid = |tag| opening.value(tag).and_then(|text| Uid::parse(text).ok());
        Self {
            media_storage_sop_class_uid: uid(tags::MEDIA_STORAGE_SOP_CLASS_UID),
            media_storage_sop_instance_uid: uid(tags::MEDIA_STORAGE_SOP_INSTANCE_UID),
            transfer_syntax_uid: opening.transfer_syntax_uid.clone(),
            transfer_syntax: opening.transfer_syntax,
            transfer_syntax_declared: opening.declared,
            implementation_class_uid: text(tags::IMPLEMENTATION_CLASS_UID),
            implementation_version_name: text(tags::IMPLEMENTATION_VERSION_NAME),
            source_application_entity_title: text(tags::SOURCE_APPLICATION_ENTITY_TITLE),
            has_preamble: opening.has_preamble,
            dataset_offset: opening.dataset_offset,
        }
    }
}

/// A range of a larger file as a source of its own: one part in a spool, one member of a batch object.
#[derive(Debug)]
pub struct Section<R> {
    inner: R,
    start: u64,
    length: u64,
    position: u64,
}

impl<R: Read + Seek> Section<R> {
    /// The `length` bytes of `inner` from `start` on. Moves `inner`'s position.
    ///
    /// Errors: when `inner` cannot seek there.
    pub fn new(mut inner: R, start: u64, length: u64) -> std::io::Result<Self> {
        inner.seek(SeekFrom::Start(start))?;
        Ok(Self {
            inner,
            start,
            length,
            position: 0,
        })
    }
}

impl<R: Read> Read for Section<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let left = self.length.saturating_sub(self.position);
        let wanted = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        let read = self.inner.read(&mut buffer[..wanted])?;
        self.position += read as u64;
        Ok(read)
    }
}

impl<R: Seek> Seek for Section<R> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        let target = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
            SeekFrom::End(by) => self.length.checked_add_signed(by),
        };
        let absolute = target.and_then(|at| self.start.checked_add(at));
        let (Some(target), Some(absolute)) = (target, absolute) else {
            return Err(std::io::ErrorKind::InvalidInput.into());
        };
        self.inner.seek(SeekFrom::Start(absolute))?;
        self.position = target;
        Ok(target)
    }
}
