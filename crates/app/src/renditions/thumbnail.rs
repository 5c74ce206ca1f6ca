//! The thumbnail of a series: its middle image, small.

use bytes::Bytes;
use dicom::{
    ChunkSums,
    codec::{CodecReply, Work},
};
use domain::{
    Actor, Permission, SeriesId,
    change::{Change, ChangeTopic},
};

use store::StoredThumbnail;

use super::THUMBNAIL_VERSION;
use crate::{
    App, AppError,
    ports::{CodecError, ObjectKey},
};

/// The longest edge of a thumbnail, in pixels.
const THUMBNAIL_EDGE: u32 = 256;

impl App {
    /// Draws the thumbnail of a series from its middle image. A series without readable pixels gets none,
    /// and that is recorded. A series that is gone needs none.
    pub async fn make_thumbnail(&self, actor: &Actor, id: SeriesId) -> Result<(), AppError> {
        self.authorise(actor, Permission::ManageOperations)?;
        let read = self.store.read(actor).await?;
        let Some(series) = read.series(&[id]).await?.pop() else {
            return Ok(());
        };
        let middle = read.middle_image(id).await?;
        drop(read);
        let drawn = match &middle {
            Some(image) => self.draw_thumbnail(actor, image).await?,
            None => None,
        };
        let thumbnail = match drawn {
            Some(picture) => {
                let version = THUMBNAIL_VERSION.unsigned_abs();
                let key = ObjectKey::thumbnail(actor.tenant(), id, version, self.ids.next());
                let thumbnail = StoredThumbnail {
                    object_key: key.to_string(),
                    stored_bytes: picture.len() as u64,
                    chunk_sums: ChunkSums::of(&picture).as_blob().to_vec(),
                };
                self.blobs.put(&key, picture).await?;
                Some(thumbnail)
            }
            None => None,
        };
        let mut tx = self.store.begin(actor).await?;
        tx.set_thumbnail(id, THUMBNAIL_VERSION, thumbnail).await?;
        let study = tx
            .study(series.study)
            .await?
            .ok_or(AppError::NotFound { what: "study" })?;
        tx.announce(Change {
            topic: ChangeTopic::Study,
            object: series.study.uuid(),
            facility: Some(study.facility),
        });
        tx.commit().await?;
        if let Some(old) = series
            .thumbnail
            .and_then(|old| ObjectKey::stored(actor.tenant(), old.object_key))
        {
            self.delete_derived(&old).await;
        }
        Ok(())
    }

    /// A JPEG, or none where there are no pixels to draw.
    async fn draw_thumbnail(
        &self,
        actor: &Actor,
        image: &store::InstanceRow,
    ) -> Result<Option<Bytes>, AppError> {
        let work = Work::Thumbnail {
            max_edge: THUMBNAIL_EDGE,
            frame: None,
        };
        match self.work_on_pixels(actor, image, work).await {
            Ok(CodecReply::Picture(picture)) => Ok(Some(picture.bytes.into())),
            Ok(_) => Err(AppError::Internal {
                what: "the codec answered something else".to_owned(),
            }),
            Err(AppError::Codec(CodecError::NoPixels | CodecError::Unsuitable { .. })) => Ok(None),
            Err(AppError::Codec(CodecError::Unreadable { reason })) => {
                tracing::info!(instance.id = %image.id, codec.reason = reason, "no thumbnail");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Removes a derived object nothing refers to any more. What stays behind costs space and no more.
    pub(crate) async fn delete_derived(&self, key: &ObjectKey) {
        if let Err(error) = self.blobs.delete(key).await {
            tracing::warn!(error = %error, "an unused derived object stays behind");
        }
    }
}
