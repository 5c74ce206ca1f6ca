//! Bulk values: what is in an instance and too long for its metadata (PS3.18 §10.4.1.1.5).
//!
//! **Invariant:** every address that the metadata names is served.

use bytes::Bytes;
use dicom::{BulkValue, ByteRange, FrameIndex, Limits, read_bulk_value};
use domain::{Actor, ErrorCode, Permission};
use futures_util::{StreamExt as _, stream};
use store::InstanceRow;

use super::{
    address::ArchiveAddress,
    frames::{FrameSource, frame_index},
};
use crate::{App, AppError, integrity::StoredBytes, ports::BlobStream, trail::StudyForm};

/// A value that has to be swapped, joined or inflated is held whole up to this size.
const LARGEST_HELD_VALUE: u64 = 256 << 20;

/// The pixel data of the instance itself.
const PIXEL_DATA: &str = "7FE00010";

/// A bulk value on its way to a client.
pub enum OpenBulk {
    /// Its bytes, little-endian, and how many they are.
    Value(BlobStream, u64),
    /// It is compressed pixel data: its frames, one by one.
    Frames(Box<FrameSource>),
}

impl std::fmt::Debug for OpenBulk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Value(_, length) => f.debug_tuple("Value").field(length).finish(),
            Self::Frames(source) => f.debug_tuple("Frames").field(source).finish(),
        }
    }
}

impl App {
    /// One bulk value of an instance: the element at `path`, such as `00420011` or `00880200/0/7FE00010`.
    ///
    /// Compressed pixel data comes as its frames; that of an icon as its codestream; one bit stream, such as
    /// video, as that stream.
    ///
    /// Errors: `NOT_FOUND` when the instance has no such value; `OBJECT_DAMAGED`; `NOT_ACCEPTABLE` for a value of
    /// hundreds of megabytes whose bytes would have to be rearranged.
    pub async fn retrieve_bulk(
        &self,
        actor: &Actor,
        address: &ArchiveAddress,
        path: &str,
    ) -> Result<OpenBulk, AppError> {
        self.authorise(actor, Permission::RetrieveStudies)?;
        let tx = self.store.read(actor).await?;
        let (study, instance) = self.instance_at(&tx, actor, address).await?;
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
            return self.open_pixels(actor, address, &instance).await;
        }
        self.record_study_look(actor, study.id, StudyForm::BulkData)
            .await?;
        if value.is_plain() {
            let stored = StoredBytes::original(actor.tenant(), &instance)?;
            let range = value.offset..value.offset.saturating_add(value.length);
            let stream = self.open_stored(actor, &stored, range).await?;
            return Ok(OpenBulk::Value(stream, value.length));
        }
        if value.length > LARGEST_HELD_VALUE {
            return Err(AppError::refused(
                ErrorCode::NotAcceptable,
                "this value is too large to be rearranged: retrieve the instance",
            ));
        }
        let bytes = self.rearranged_value(actor, &instance, value).await?;
        let length = bytes.len() as u64;
        Ok(OpenBulk::Value(stream::iter([Ok(bytes)]).boxed(), length))
    }

    /// The compressed pixel data of the instance itself.
    async fn open_pixels(
        &self,
        actor: &Actor,
        address: &ArchiveAddress,
        instance: &InstanceRow,
    ) -> Result<OpenBulk, AppError> {
        if let FrameIndex::Stream { fragments, .. } = frame_index(instance)? {
            self.record_study_look(actor, instance.study, StudyForm::BulkData)
                .await?;
            let ranges: Vec<ByteRange> = fragments
                .iter()
                .map(|fragment| ByteRange {
                    offset: fragment.offset,
                    length: fragment.length.into(),
                })
                .collect();
            let length = ranges.iter().map(|range| range.length).sum();
            return Ok(OpenBulk::Value(
                self.open_ranges(actor, instance, ranges).await?,
                length,
            ));
        }
        let source = self.frame_source(actor, address).await?;
        Ok(OpenBulk::Frames(Box::new(source)))
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
