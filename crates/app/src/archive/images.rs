//! Pictures for people: thumbnails and rendered frames (PS3.18 §10.4.1.1.3). Codec children draw them.

use bytes::Bytes;
use dicom::codec::{CodecReply, CodecRequest, RenderOptions, Work};
use domain::{Actor, ErrorCode, Permission};

use super::address::{ArchiveAddress, object};
use crate::{App, AppError, trail::StudyForm};

/// The longest edge of a thumbnail, in pixels.
const THUMBNAIL_EDGE: u32 = 256;

/// How a frame is to be rendered.
pub type RenderRequest = RenderOptions;

impl App {
    /// The thumbnail of an address: the stored one of a series, else one drawn now. A JPEG.
    ///
    /// Errors: `NOT_ACCEPTABLE` without pixels, `PIXELS_UNREADABLE`.
    pub async fn thumbnail(&self, actor: &Actor, address: &ArchiveAddress) -> Result<Bytes, AppError> {
        self.authorise(actor, Permission::RetrieveStudies)?;
        let tx = self.store.read(actor).await?;
        let (study, image) = if address.instance.is_some() {
            self.instance_at(&tx, actor, address).await?
        } else {
            let (study, series) = if address.series.is_some() {
                self.series_at(&tx, actor, address).await?
            } else {
                let study = self.study_at(&tx, actor, address).await?;
                let representative = study.representative_series.into_iter().collect::<Vec<_>>();
                let series = tx.series(&representative).await?.pop().ok_or_else(no_pixels)?;
                (study, series)
            };
            if let Some(key) = &series.thumbnail_key {
                let key = object(actor.tenant(), key)?;
                drop(tx);
                self.record_study_look(actor, study.id, StudyForm::Thumbnail)
                    .await?;
                return Ok(self.blobs.get(&key).await?);
            }
            let image = tx.middle_image(series.id).await?.ok_or_else(no_pixels)?;
            (study, image)
        };
        drop(tx);
        self.record_study_look(actor, study.id, StudyForm::Thumbnail)
            .await?;
        let work = Work::Thumbnail {
            max_edge: THUMBNAIL_EDGE,
            frame: None,
        };
        self.draw(actor, &image, work).await
    }

    /// One frame as a picture; of a series or study its middle image.
    ///
    /// Errors: `NOT_ACCEPTABLE` without pixels, `PIXELS_UNREADABLE`, `FRAME_OUT_OF_RANGE`.
    pub async fn render(
        &self,
        actor: &Actor,
        address: &ArchiveAddress,
        request: RenderRequest,
    ) -> Result<Bytes, AppError> {
        self.authorise(actor, Permission::RetrieveStudies)?;
        let tx = self.store.read(actor).await?;
        let (study, image) = self.instance_at(&tx, actor, address).await?;
        drop(tx);
        if !image.has_pixels {
            return Err(no_pixels());
        }
        if request.frame >= image.frames.unwrap_or(1).max(1) {
            return Err(AppError::refused(
                ErrorCode::FrameOutOfRange,
                "there is no such frame",
            ));
        }
        self.record_study_look(actor, study.id, StudyForm::Rendered)
            .await?;
        self.draw(actor, &image, Work::Rendered(request)).await
    }

    async fn draw(&self, actor: &Actor, image: &store::InstanceRow, work: Work) -> Result<Bytes, AppError> {
        let pixels = self.pixel_source(actor.tenant(), image).await?;
        match self
            .codec
            .run(CodecRequest {
                source: pixels.source.clone(),
                work,
            })
            .await?
        {
            CodecReply::Picture(picture) => Ok(Bytes::from(picture.bytes)),
            _ => Err(AppError::Internal {
                what: "the codec answered something else".to_owned(),
            }),
        }
    }
}

fn no_pixels() -> AppError {
    AppError::refused(ErrorCode::NotAcceptable, "there are no pixels to show")
}
