//! Pictures for people: thumbnails and rendered images (PS3.18 §10.4.1.1.3). Codec children draw them.

use bytes::Bytes;
use dicom::codec::{CodecReply, RenderOptions, Work};
use domain::{Actor, ErrorCode, Permission, SeriesId};
use futures_util::TryStreamExt as _;
use store::InstanceRow;

use super::{address::ArchiveAddress, retrieve::FoundInstances};
use crate::{App, AppError, integrity::StoredBytes, ports::BlobStream, trail::StudyForm};

/// The longest edge of a thumbnail, in pixels.
const THUMBNAIL_EDGE: u32 = 256;

/// Most pixels of all frames of an animation together; a codec child draws them within its time.
const ANIMATED_PIXELS: u64 = 256 << 20;

/// The version of the code that renders; a picture of another one is another picture.
pub const PICTURE_VERSION: u32 = 2;

/// How a frame is to be rendered.
pub type RenderRequest = RenderOptions;

/// What a thumbnail is of.
enum Pictured {
    Image(Box<InstanceRow>),
    /// The series, and the thumbnail it has already.
    Series(SeriesId, Option<StoredBytes>),
}

impl App {
    /// The thumbnail of an address: the stored one of a series, else one drawn now, of an image's `frame` (from 0) or
    /// its middle one. A JPEG.
    ///
    /// Errors: `NOT_ACCEPTABLE` without pixels, `PIXELS_UNREADABLE`, `FRAME_OUT_OF_RANGE`.
    pub async fn thumbnail(
        &self,
        actor: &Actor,
        address: &ArchiveAddress,
        frame: Option<u32>,
    ) -> Result<Bytes, AppError> {
        self.authorise(actor, Permission::RetrieveStudies)?;
        let tx = self.store.read(actor).await?;
        let (study, of) = if address.instance.is_some() {
            let image = self.instance_at(&tx, actor, address).await?.instance;
            (image.study, Pictured::Image(Box::new(image)))
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
            (study.id, Pictured::Series(series.id, stored))
        };
        drop(tx);
        self.record_study_look(actor, study, StudyForm::Thumbnail).await?;
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
        if let Some(frame) = frame {
            require_frame(&image, frame)?;
        }
        let work = Work::Thumbnail {
            max_edge: THUMBNAIL_EDGE,
            frame,
        };
        self.draw(actor, &image, work).await
    }

    /// The images of an address that can be shown, in reading order. They are drawn with [`App::render`].
    ///
    /// Errors: `NOT_ACCEPTABLE` where there are none.
    pub async fn images_to_render(
        &self,
        actor: &Actor,
        address: &ArchiveAddress,
    ) -> Result<FoundInstances, AppError> {
        self.authorise(actor, Permission::RetrieveStudies)?;
        let mut found = self.find_instances(actor, address).await?;
        found.instances.retain(|instance| instance.has_pixels);
        if found.instances.is_empty() {
            return Err(no_pixels());
        }
        self.record_study_look(actor, found.study.id, StudyForm::Rendered)
            .await?;
        Ok(found)
    }

    /// One frame of an image as a picture.
    ///
    /// Errors: `PIXELS_UNREADABLE`, `FRAME_OUT_OF_RANGE`, `OBJECT_DAMAGED`.
    pub async fn render(
        &self,
        actor: &Actor,
        image: &InstanceRow,
        request: RenderRequest,
    ) -> Result<Bytes, AppError> {
        self.authorise(actor, Permission::RetrieveStudies)?;
        require_frame(image, request.frame)?;
        self.draw(actor, image, Work::Rendered(request)).await
    }

    /// Frames of an image as an animated GIF: `frame_count` of them from `request`'s frame on. Its bytes and how
    /// many they are.
    ///
    /// Errors: as [`App::render`]; `NOT_ACCEPTABLE` for more pixels than are animated.
    pub async fn animate(
        &self,
        actor: &Actor,
        image: &InstanceRow,
        request: RenderRequest,
        frame_count: u32,
    ) -> Result<(BlobStream, u64), AppError> {
        self.authorise(actor, Permission::RetrieveStudies)?;
        let last = request.frame.saturating_add(frame_count.saturating_sub(1));
        require_frame(image, last)?;
        let (width, height) = request.size.unwrap_or((
            image.columns.unwrap_or(u32::from(u16::MAX)),
            image.rows.unwrap_or(u32::from(u16::MAX)),
        ));
        if u64::from(width) * u64::from(height) * u64::from(frame_count) > ANIMATED_PIXELS {
            return Err(AppError::refused(
                ErrorCode::NotAcceptable,
                "this is too large for an animation: ask for fewer frames or a smaller viewport",
            ));
        }
        let spooled = self.spool_file("animation");
        let work = Work::Animation {
            output: spooled.path().to_owned(),
            options: request,
            first_frame: request.frame,
            frame_count,
        };
        match self.work_on_pixels(actor, image, work).await? {
            CodecReply::Animation(animation) => Ok((spooled.stream().await?, animation.bytes)),
            _ => Err(something_else()),
        }
    }

    async fn read_thumbnail(&self, actor: &Actor, stored: &StoredBytes) -> Result<Bytes, AppError> {
        let chunks = self.open_stored(actor, stored, 0..stored.length).await?;
        let chunks: Vec<Bytes> = chunks.try_collect().await?;
        Ok(Bytes::from(chunks.concat()))
    }

    async fn draw(&self, actor: &Actor, image: &InstanceRow, work: Work) -> Result<Bytes, AppError> {
        match self.work_on_pixels(actor, image, work).await? {
            CodecReply::Picture(picture) => Ok(Bytes::from(picture.bytes)),
            _ => Err(something_else()),
        }
    }
}

fn require_frame(image: &InstanceRow, frame: u32) -> Result<(), AppError> {
    if frame < image.frames.unwrap_or(1).max(1) {
        return Ok(());
    }
    Err(AppError::refused(
        ErrorCode::FrameOutOfRange,
        "there is no such frame",
    ))
}

fn no_pixels() -> AppError {
    AppError::refused(ErrorCode::NotAcceptable, "there are no pixels to show")
}

fn something_else() -> AppError {
    AppError::Internal {
        what: "the codec answered something else".to_owned(),
    }
}
