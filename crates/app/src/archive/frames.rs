//! Single frames (PS3.18 §10.4.1.1.6): the viewing rendition, the original's own codestreams, or plain samples.
//!
//! **Invariant:** a frame costs the memory of that frame at the most, and mostly a chunk of it; decoding happens in
//! a codec child, which leaves the samples in a file.

use std::{io, sync::Arc};

use bytes::Bytes;
use dicom::{
    ByteRange, FrameIndex, FrameReadError, Limits, Uid,
    codec::{CodecReply, Original, Work, is_decodable},
    read_frame,
};
use domain::{Actor, ErrorCode, FacilityId, Permission};
use futures_util::{StreamExt, TryStreamExt, stream};
use store::{InstanceRow, PlacedInstance, ReadyRendition};

use super::address::ArchiveAddress;
use crate::{
    App, AppError,
    integrity::StoredBytes,
    ports::{BlobError, BlobStream},
    renditions::RENDITION_VERSION,
    trail::StudyForm,
};

/// A frame that has to be rearranged is held whole up to this size.
const LARGEST_HELD_FRAME: u64 = 256 << 20;

/// In which form frames are handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameForm {
    /// The lossless viewing rendition.
    Rendition,
    /// As stored: codestreams of the original, or little-endian samples.
    Original,
    /// Little-endian samples, decoded from the original's codestreams.
    Samples,
}

impl FrameForm {
    /// Every form, what costs least to show first.
    pub const ALL: [Self; 3] = [Self::Rendition, Self::Original, Self::Samples];
}

/// Where the frames of an image lie.
#[derive(Debug)]
pub(crate) struct FramedImage {
    facility: FacilityId,
    instance: InstanceRow,
    index: FrameIndex,
    rendition: Option<ReadyRendition>,
}

impl FramedImage {
    /// About how many bytes it takes in memory.
    pub fn weight(&self) -> u32 {
        let rendition = self.rendition.as_ref();
        let frames = self.index.count() as usize + rendition.map_or(0, |made| made.frame_lengths.len());
        let blobs = self.instance.chunk_sums.len() + self.instance.frame_index.len();
        u32::try_from(1024 + blobs + 16 * frames).unwrap_or(u32::MAX)
    }
}

/// An instance whose frames can be read.
#[derive(Debug)]
pub struct FrameSource {
    image: Arc<FramedImage>,
    /// Forms that turned out not to be had.
    forgotten: Vec<FrameForm>,
}

impl FrameSource {
    /// The number of frames that can be read one by one.
    pub fn count(&self) -> u32 {
        self.image.index.count()
    }

    /// Whether the original's frames are samples, not codestreams.
    pub fn is_native(&self) -> bool {
        self.image.index.is_native()
    }

    fn is_decodable(&self) -> bool {
        let bits = self.image.instance.bits_allocated;
        is_decodable(&self.image.instance.transfer_syntax_uid, bits)
    }

    /// The same frames without one of their forms, which turned out to be damaged or impossible.
    pub fn forget(&mut self, form: FrameForm) {
        self.forgotten.push(form);
    }

    /// Different for frames of different bytes: which instance they are of, and which code made them.
    pub fn version(&self, form: FrameForm) -> String {
        format!("{} {form:?} {RENDITION_VERSION}", self.image.instance.id)
    }

    /// The transfer syntax of frames in `form`; `None` when there is no such form.
    pub fn transfer_syntax(&self, form: FrameForm) -> Option<Uid> {
        let uid = match form {
            form if self.forgotten.contains(&form) => return None,
            FrameForm::Rendition => self.image.rendition.as_ref()?.transfer_syntax_uid.as_str(),
            // Samples are handed out little-endian, whatever the data set around them is.
            FrameForm::Original if self.is_native() => dicom::EXPLICIT_VR_LITTLE_ENDIAN,
            FrameForm::Original => &self.image.instance.transfer_syntax_uid,
            FrameForm::Samples if !self.is_native() && self.is_decodable() => {
                dicom::EXPLICIT_VR_LITTLE_ENDIAN
            }
            FrameForm::Samples => return None,
        };
        Uid::parse(uid).ok()
    }
}

/// A frame on its way to a client.
pub struct OpenFrame {
    /// Its bytes.
    pub bytes: BlobStream,
    /// How many they are.
    pub length: u64,
    /// Photometric Interpretation of samples that were decoded, which may not be the one of the metadata: that
    /// describes the original's codestreams.
    pub photometric_interpretation: Option<String>,
}

impl std::fmt::Debug for OpenFrame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenFrame")
            .field("length", &self.length)
            .field("photometric_interpretation", &self.photometric_interpretation)
            .finish_non_exhaustive()
    }
}

impl OpenFrame {
    fn as_stored(bytes: BlobStream, length: u64) -> Self {
        Self {
            bytes,
            length,
            photometric_interpretation: None,
        }
    }
}

impl App {
    /// The frames of an instance.
    ///
    /// Errors: `NOT_FOUND`; `NOT_ACCEPTABLE` when it has no pixels or is one stream such as video.
    pub async fn frame_source(
        &self,
        actor: &Actor,
        address: &ArchiveAddress,
    ) -> Result<FrameSource, AppError> {
        self.authorise(actor, Permission::RetrieveStudies)?;
        let image = self.framed_image(actor, address).await?;
        if image.index.count() == 0 {
            let text = "this instance has no single frames: retrieve it whole";
            return Err(AppError::refused(ErrorCode::NotAcceptable, text));
        }
        self.record_study_look(actor, image.instance.study, StudyForm::Frames)
            .await?;
        Ok(FrameSource {
            image,
            forgotten: Vec::new(),
        })
    }

    async fn framed_image(
        &self,
        actor: &Actor,
        address: &ArchiveAddress,
    ) -> Result<Arc<FramedImage>, AppError> {
        let key = (actor.tenant(), address.clone());
        let known = self.lately.frames.get(&key, &self.store);
        if let Some(image) = known.filter(|image| actor.facilities().contains(image.facility)) {
            return Ok(image);
        }
        let writes = self.store.writes_of(actor);
        let tx = self.store.read(actor).await?;
        let PlacedInstance {
            facility, instance, ..
        } = self.instance_at(&tx, actor, address).await?;
        let rendition = tx
            .ready_renditions(&[instance.id], RENDITION_VERSION)
            .await?
            .remove(&instance.id);
        drop(tx);
        let image = Arc::new(FramedImage {
            facility,
            index: frame_index(&instance)?,
            instance,
            rendition,
        });
        self.lately.frames.keep(key, writes, Arc::clone(&image));
        Ok(image)
    }

    /// Frame `number`, from 1.
    ///
    /// Errors: `FRAME_OUT_OF_RANGE`; `OBJECT_DAMAGED`; `PIXELS_UNREADABLE` where samples were asked for and cannot
    /// be decoded.
    pub async fn stream_frame(
        &self,
        actor: &Actor,
        source: &FrameSource,
        form: FrameForm,
        number: u32,
    ) -> Result<OpenFrame, AppError> {
        self.authorise(actor, Permission::RetrieveStudies)?;
        if let (FrameForm::Rendition, Some(rendition)) = (form, &source.image.rendition) {
            let range = rendition.frame(number).ok_or_else(|| out_of_range(number))?;
            let stored = StoredBytes::rendition(actor.tenant(), &source.image.instance, rendition)?;
            let length = range.end - range.start;
            let bytes = self.open_stored(actor, &stored, range).await?;
            return Ok(OpenFrame::as_stored(bytes, length));
        }
        if form == FrameForm::Samples {
            return self.decoded_frame(actor, source, number).await;
        }
        let location = source
            .image
            .index
            .frame(number)
            .ok_or_else(|| out_of_range(number))?;
        if location.is_verbatim() && !location.inflated {
            let length = location.read_bytes();
            let frame = self
                .open_ranges(actor, &source.image.instance, location.ranges)
                .await?;
            return Ok(OpenFrame::as_stored(frame, length));
        }
        if location.read_bytes() > LARGEST_HELD_FRAME {
            return Err(AppError::refused(
                ErrorCode::NotAcceptable,
                "this frame is too large to be rearranged",
            ));
        }
        let frame = self.rearranged_frame(actor, source, number).await?;
        let length = frame.len() as u64;
        Ok(OpenFrame::as_stored(stream::iter([Ok(frame)]).boxed(), length))
    }

    /// A frame's samples, from the file in which a codec child left them.
    async fn decoded_frame(
        &self,
        actor: &Actor,
        source: &FrameSource,
        number: u32,
    ) -> Result<OpenFrame, AppError> {
        let frame = number.checked_sub(1).ok_or_else(|| out_of_range(number))?;
        let spooled = self.spool_file("samples");
        let work = Work::Samples {
            output: spooled.path().to_owned(),
            frame,
        };
        match self.work_on_pixels(actor, &source.image.instance, work).await? {
            CodecReply::Samples(samples) => Ok(OpenFrame {
                bytes: spooled.stream().await?,
                length: samples.bytes,
                photometric_interpretation: Some(samples.photometric_interpretation),
            }),
            _ => Err(AppError::Internal {
                what: "the codec answered something else".to_owned(),
            }),
        }
    }

    /// Ranges of an instance that follow each other closely, such as the fragments of one frame: read as one, so
    /// that they are checked as one, with what lies between them left out.
    pub(super) async fn open_ranges(
        &self,
        actor: &Actor,
        instance: &InstanceRow,
        ranges: Vec<ByteRange>,
    ) -> Result<BlobStream, AppError> {
        let (Some(first), Some(last)) = (ranges.first(), ranges.last()) else {
            return Ok(stream::empty().boxed());
        };
        let (start, end) = (first.offset, last.offset.saturating_add(last.length));
        let stored = StoredBytes::original(actor.tenant(), instance)?;
        let whole = self.open_stored(actor, &stored, start..end).await?;
        Ok(only(whole, start, ranges))
    }

    /// A frame whose bytes have to be swapped, shifted or inflated.
    async fn rearranged_frame(
        &self,
        actor: &Actor,
        source: &FrameSource,
        number: u32,
    ) -> Result<Bytes, AppError> {
        let index = source.image.index.clone();
        let read = self
            .read_original(actor, &source.image.instance, move |original| {
                read_frame(original, &index, number, &Limits::default())
            })
            .await?;
        match read {
            Ok(frame) => Ok(Bytes::from(frame)),
            Err(FrameReadError::OutOfRange(number)) => Err(out_of_range(number)),
            Err(FrameReadError::Io(error)) => {
                Err(self.read_failure(actor, &source.image.instance, &error).await)
            }
        }
    }

    /// Reads in an original where it may block, checked as it is read.
    pub(super) async fn read_original<T, E>(
        &self,
        actor: &Actor,
        instance: &InstanceRow,
        read: impl FnOnce(&mut Box<dyn Original>) -> Result<T, E> + Send + 'static,
    ) -> Result<Result<T, E>, AppError>
    where
        T: Send + 'static,
        E: From<io::Error> + Send + 'static,
    {
        let pixels = self.pixel_source(actor, instance).await?;
        let source = pixels.source.clone();
        let done = tokio::task::spawn_blocking(move || read(&mut source.open()?)).await;
        drop(pixels);
        done.map_err(|error| AppError::Internal {
            what: format!("reading an original: {error}"),
        })
    }

    /// What a failed read of an original is to its caller; damage raises the alarm.
    pub(super) async fn read_failure(
        &self,
        actor: &Actor,
        instance: &InstanceRow,
        error: &io::Error,
    ) -> AppError {
        // Nothing but a checksum that does not fit makes data of this kind invalid.
        if error.kind() == io::ErrorKind::InvalidData {
            self.original_is_damaged(actor, instance).await;
            let key = instance.object_key.clone();
            return BlobError::Damaged { key }.into();
        }
        BlobError::Unavailable {
            cause: error.kind().to_string(),
        }
        .into()
    }
}

/// The frame index of an instance.
pub(super) fn frame_index(instance: &InstanceRow) -> Result<FrameIndex, AppError> {
    FrameIndex::from_blob(&instance.frame_index).map_err(|error| AppError::Internal {
        what: format!("the frame index: {error}"),
    })
}

/// What of `stream`, which begins at `start`, lies in `ranges`.
fn only(stream: BlobStream, start: u64, ranges: Vec<ByteRange>) -> BlobStream {
    if let [_] = ranges[..] {
        return stream;
    }
    let mut at = start;
    let pieces = stream.map_ok(move |chunk| {
        let from = at;
        at += chunk.len() as u64;
        let inside = ranges.iter().filter_map(|range| {
            let wanted = range.offset.max(from)..(range.offset + range.length).min(at);
            // Both ends lie within the chunk, whose length is a usize.
            (!wanted.is_empty())
                .then(|| Ok(chunk.slice((wanted.start - from) as usize..(wanted.end - from) as usize)))
        });
        stream::iter(inside.collect::<Vec<Result<Bytes, BlobError>>>())
    });
    pieces.try_flatten().boxed()
}

fn out_of_range(number: u32) -> AppError {
    AppError::refused(ErrorCode::FrameOutOfRange, format!("there is no frame {number}"))
}
