//! Bulk values: what is in an instance and too long for its metadata (PS3.18 §10.4.1.1.5).
//!
//! **Invariant:** every address that the metadata names is served.

use std::ops::Range;

use bytes::Bytes;
use dicom::{BulkValue, ByteRange, FrameIndex, Limits, read_bulk_value};
use domain::{Actor, ErrorCode, InstanceId, Permission};
use futures_util::{StreamExt as _, stream};
use store::InstanceRow;

use super::{
    address::ArchiveAddress,
    frames::{FrameSource, frame_index},
};
use crate::{App, AppError, ports::BlobStream, trail::StudyForm};

/// A value that has to be swapped, joined or inflated is held whole up to this size.
const LARGEST_HELD_VALUE: u64 = 256 << 20;

/// Encapsulated Document (0042,0011).
pub(super) const DOCUMENT: &str = "00420011";

/// The pixel data of the instance itself.
const PIXEL_DATA: &str = "7FE00010";

/// What an address of bulk data names.
#[derive(Debug)]
pub enum FoundBulk {
    /// A value of bytes.
    Value(Box<FoundValue>),
    /// Compressed pixel data: its frames, one by one.
    Frames(Box<FrameSource>),
}

/// A bulk value that can be read from any byte on.
#[derive(Debug)]
pub struct FoundValue {
    instance: InstanceRow,
    length: u64,
    is_document: bool,
    place: Place,
}

#[derive(Debug)]
enum Place {
    /// Bytes of the file.
    Ranges(Vec<ByteRange>),
    /// It had to be rearranged.
    Held(Bytes),
}

impl FoundValue {
    /// The instance it is of, which never changes.
    pub fn instance(&self) -> InstanceId {
        self.instance.id
    }

    /// How many bytes it is.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// What the bytes are by themselves: of an encapsulated document its own media type (PS3.3 §A.45).
    pub fn media_type(&self) -> Option<&'static str> {
        self.is_document
            .then(|| document_type(&self.instance.sop_class_uid))
            .flatten()
    }
}

impl App {
    /// Finds one bulk value of an instance: the element at `path`, such as `00420011` or `00880200/0/7FE00010`.
    ///
    /// Compressed pixel data comes as its frames; that of an icon as its codestream; one bit stream, such as
    /// video, as that stream.
    ///
    /// Errors: `NOT_FOUND` when the instance has no such value; `OBJECT_DAMAGED`; `NOT_ACCEPTABLE` for a value of
    /// hundreds of megabytes whose bytes would have to be rearranged.
    pub async fn find_bulk(
        &self,
        actor: &Actor,
        address: &ArchiveAddress,
        path: &str,
    ) -> Result<FoundBulk, AppError> {
        self.authorise(actor, Permission::RetrieveStudies)?;
        let tx = self.store.read(actor).await?;
        let instance = self.instance_at(&tx, actor, address).await?.instance;
        let missing = || AppError::NotFound { what: "bulk value" };
        let (_, bulk_values) = tx.metadata_of_instance(instance.id).await?.ok_or_else(missing)?;
        drop(tx);
        let values: Vec<BulkValue> =
            serde_json::from_str(&bulk_values).map_err(|error| AppError::Internal {
                what: format!("the list of bulk values: {error}"),
            })?;
        let value = values
            .into_iter()
            .find(|value| value.path == path)
            .ok_or_else(missing)?;
        if value.encapsulated && path == PIXEL_DATA {
            return self.find_pixels(actor, address, instance).await;
        }
        self.record_study_look(actor, instance.study, StudyForm::BulkData)
            .await?;
        if value.is_plain() {
            let (offset, length) = (value.offset, value.length);
            return Ok(FoundBulk::Value(Box::new(FoundValue {
                instance,
                length,
                is_document: path == DOCUMENT,
                place: Place::Ranges(vec![ByteRange { offset, length }]),
            })));
        }
        if value.length > LARGEST_HELD_VALUE {
            return Err(AppError::refused(
                ErrorCode::NotAcceptable,
                "this value is too large to be rearranged: retrieve the instance",
            ));
        }
        let bytes = self.rearranged_value(actor, &instance, value).await?;
        Ok(FoundBulk::Value(Box::new(FoundValue {
            instance,
            length: bytes.len() as u64,
            is_document: path == DOCUMENT,
            place: Place::Held(bytes),
        })))
    }

    /// The document that an instance holds, such as a PDF.
    ///
    /// Errors: `NOT_FOUND` when it holds none; as [`App::find_bulk`].
    pub async fn find_document(
        &self,
        actor: &Actor,
        address: &ArchiveAddress,
    ) -> Result<Box<FoundValue>, AppError> {
        match self.find_bulk(actor, address, DOCUMENT).await? {
            FoundBulk::Value(value) if value.media_type().is_some() => Ok(value),
            _ => Err(AppError::NotFound { what: "document" }),
        }
    }

    /// `range` of a value that was found, chunk by chunk, each compared with its checksum.
    ///
    /// Errors: `OBJECT_DAMAGED`.
    pub async fn stream_bulk(
        &self,
        actor: &Actor,
        value: Box<FoundValue>,
        range: Range<u64>,
    ) -> Result<BlobStream, AppError> {
        self.authorise(actor, Permission::RetrieveStudies)?;
        match value.place {
            Place::Ranges(ranges) => {
                self.open_ranges(actor, &value.instance, cut(&ranges, &range))
                    .await
            }
            Place::Held(bytes) => {
                // A value that is held has a length of usize.
                let piece = bytes.slice(range.start as usize..range.end as usize);
                Ok(stream::iter([Ok(piece)]).boxed())
            }
        }
    }

    /// The compressed pixel data of the instance itself.
    async fn find_pixels(
        &self,
        actor: &Actor,
        address: &ArchiveAddress,
        instance: InstanceRow,
    ) -> Result<FoundBulk, AppError> {
        if let FrameIndex::Stream { fragments, .. } = frame_index(&instance)? {
            self.record_study_look(actor, instance.study, StudyForm::BulkData)
                .await?;
            let ranges: Vec<ByteRange> = fragments
                .iter()
                .map(|fragment| ByteRange {
                    offset: fragment.offset,
                    length: fragment.length.into(),
                })
                .collect();
            return Ok(FoundBulk::Value(Box::new(FoundValue {
                instance,
                length: ranges.iter().map(|range| range.length).sum(),
                is_document: false,
                place: Place::Ranges(ranges),
            })));
        }
        let source = self.frame_source(actor, address).await?;
        Ok(FoundBulk::Frames(Box::new(source)))
    }

    /// A value whose bytes have to be swapped, joined or inflated.
    async fn rearranged_value(
        &self,
        actor: &Actor,
        instance: &InstanceRow,
        value: BulkValue,
    ) -> Result<Bytes, AppError> {
        let read = self
            .read_original(actor, instance, move |original| {
                read_bulk_value(original, &value, &Limits::default())
            })
            .await?;
        match read {
            Ok(bytes) => Ok(Bytes::from(bytes)),
            Err(error) => Err(self.read_failure(actor, instance, &error).await),
        }
    }
}

/// The media type of the document that instances of a SOP class hold.
fn document_type(sop_class_uid: &str) -> Option<&'static str> {
    Some(
        match sop_class_uid.strip_prefix("1.2.840.10008.5.1.4.1.1.104.")? {
            "1" => "application/pdf",
            "2" => "text/xml",
            "3" => "model/stl",
            _ => return None,
        },
    )
}

/// `wanted` of the bytes that `ranges` hold one after the other, as ranges of the file.
fn cut(ranges: &[ByteRange], wanted: &Range<u64>) -> Vec<ByteRange> {
    let mut at = 0;
    let mut pieces = Vec::new();
    for range in ranges {
        let (from, to) = (at, at + range.length);
        at = to;
        let (start, end) = (wanted.start.max(from), wanted.end.min(to));
        if start < end {
            pieces.push(ByteRange {
                offset: range.offset + (start - from),
                length: end - start,
            });
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_of_a_value_is_cut_out_of_its_fragments() {
        let range = |offset, length| ByteRange { offset, length };
        let fragments = [range(100, 10), range(200, 5), range(300, 10)];
        assert_eq!(cut(&fragments, &(0..25)), fragments);
        assert_eq!(
            cut(&fragments, &(8..16)),
            [range(108, 2), range(200, 5), range(300, 1)]
        );
        assert_eq!(cut(&fragments, &(10..11)), [range(200, 1)]);
        assert_eq!(cut(&fragments, &(3..3)), []);
    }
}
