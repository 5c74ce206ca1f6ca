//! Pictures for people: thumbnails and rendered frames (PS3.18 §10.4.1.1.3). Codec children draw them.

use bytes::Bytes;
use dicom::codec::{CodecReply, RenderOptions, Work};
use domain::{Actor, ErrorCode, Permission, SeriesId};
use futures_util::TryStreamExt as _;
use store::InstanceRow;

use super::address::ArchiveAddress;
use crate::{App, AppError, integrity::StoredBytes, trail::StudyForm};

/// The longest edge of a thumbnail, in pixels.
const THUMBNAIL_EDGE: u32 = 256;

/// How a frame is to be rendered.
pub type RenderRequest = RenderOptions;

/// What a thumbnail is of.
enum Pictured {
    Image(Box<InstanceRow>),
    /// The series, and the thumbnail it has already.
    Series(SeriesId, Option<StoredBytes>),
}

impl App {
    /// The thumbnail of an address: the stored one of a series, else one drawn now. A JPEG.
    ///
    /// Errors: `NOT_ACCEPTABLE` without pixels, `PIXELS_UNREADABLE`.
    pub async fn thumbnail(&self, actor: &Actor, address: &ArchiveAddress) -> Result<Bytes, AppError> {
        self.authorise(actor, Permission::RetrieveStudies)?;
        let tx = self.store.read(actor).await?;
        let (study, of) = if address.instance.is_some() {
            let (study, image) = self.instance_at(&tx, actor, address).await?;
            (study, Pictured::Image(Box::new(image)))
        } else {
            let (study, series) = if address.series.is_some() {
                self.series_at(&tx, actor, address).await?
            } else {
                let study = self.study_at(&tx, actor, address).await?;
                let representative = study.representative_series.into_iter().collect::<Vec<_>>();
                let series = tx.series(&representative).await?.pop().ok_or_else(no_pixels)?;
                (study, series)
            };
            let stored = StoredBytes::thumbnail(actor.tenant(), &series)?;
            (study, Pictured::Series(series.id, stored))
        };
        drop(tx);
        self.record_study_look(actor, study.id, StudyForm::Thumbnail)
            .await?;
        let image = match of {
            Pictured::Image(image) => *image,
            Pictured::Series(series, stored) => {
                if let Some(stored) = stored {
                    match self.read_thumbnail(actor, &stored).await {
                        // It is drawn anew, for this caller at once and for the next ones by a job.
                        Err(error) if error.is_damage() => {}
                        read => return read,
                    }
                }
                let tx = self.store.read(actor).await?;
                tx.middle_image(series).await?.ok_or_else(no_pixels)?
            }
        };
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

    async fn read_thumbnail(&self, actor: &Actor, stored: &StoredBytes) -> Result<Bytes, AppError> {
        let chunks = self.open_stored(actor, stored, 0..stored.length).await?;
        let chunks: Vec<Bytes> = chunks.try_collect().await?;
        Ok(Bytes::from(chunks.concat()))
    }

    async fn draw(&self, actor: &Actor, image: &InstanceRow, work: Work) -> Result<Bytes, AppError> {
        match self.work_on_pixels(actor, image, work).await? {
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
