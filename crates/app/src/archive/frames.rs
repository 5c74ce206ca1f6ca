//! Single frames (PS3.18 §10.4.1.1.6): the viewing rendition, the original's own codestreams, or plain samples.
//!
//! **Invariant:** a frame costs the memory of that frame at the most, and mostly a chunk of it; decoding happens in
//! a codec child, which leaves the samples in a file.

use std::{fs::File, io::Cursor};

use bytes::Bytes;
use dicom::{
    FrameIndex, FrameReadError, Limits, Section, Uid,
    codec::{CodecReply, CodecRequest, Source, Work, is_decodable},
    read_frame,
};
use domain::{Actor, ErrorCode, Permission};
use futures_util::{StreamExt, stream};
use store::{InstanceRow, ReadyRendition};

use super::address::{ArchiveAddress, object};
use crate::{
    App, AppError,
    ports::{BlobError, BlobStream, ObjectKey},
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

/// An instance whose frames can be read.
#[derive(Debug)]
pub struct FrameSource {
    instance: InstanceRow,
    index: FrameIndex,
    rendition: Option<ReadyRendition>,
}

impl FrameSource {
    /// The number of frames that can be read one by one.
    pub fn count(&self) -> u32 {
        self.index.count()
    }

    /// Whether the original's frames are samples, not codestreams.
    pub fn is_native(&self) -> bool {
        self.index.is_native()
    }

    /// The transfer syntax of frames in `form`; `None` when there is no such form.
    pub fn transfer_syntax(&self, form: FrameForm) -> Option<Uid> {
        let uid = match form {
            FrameForm::Rendition => self.rendition.as_ref()?.transfer_syntax_uid.as_str(),
            // Samples are handed out little-endian, whatever the data set around them is.
            FrameForm::Original if self.is_native() => dicom::EXPLICIT_VR_LITTLE_ENDIAN,
            FrameForm::Original => &self.instance.transfer_syntax_uid,
            FrameForm::Samples if !self.is_native() && is_decodable(&self.instance.transfer_syntax_uid) => {
                dicom::EXPLICIT_VR_LITTLE_ENDIAN
            }
            FrameForm::Samples => return None,
        };
        Uid::parse(uid).ok()
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
        let tx = self.store.read(actor).await?;
        let (study, instance) = self.instance_at(&tx, actor, address).await?;
        let rendition = tx
            .ready_renditions(&[instance.id], RENDITION_VERSION)
            .await?
            .remove(&instance.id);
        drop(tx);
        let index = FrameIndex::from_blob(&instance.frame_index).map_err(|error| AppError::Internal {
            what: format!("the frame index: {error}"),
        })?;
        if index.count() == 0 {
            let text = "this instance has no single frames: retrieve it whole";
            return Err(AppError::refused(ErrorCode::NotAcceptable, text));
        }
        self.record_study_look(actor, study.id, StudyForm::Frames).await?;
        Ok(FrameSource {
            instance,
            index,
            rendition,
        })
    }

    /// Frame `number`, from 1, with its length.
    ///
    /// Errors: `FRAME_OUT_OF_RANGE`; `PIXELS_UNREADABLE` where samples were asked for and cannot be decoded.
    pub async fn stream_frame(
        &self,
        actor: &Actor,
        source: &FrameSource,
        form: FrameForm,
        number: u32,
    ) -> Result<(BlobStream, u64), AppError> {
        self.authorise(actor, Permission::RetrieveStudies)?;
        if let (FrameForm::Rendition, Some(rendition)) = (form, &source.rendition) {
            let range = rendition.frame(number).ok_or_else(|| out_of_range(number))?;
            let key = object(actor.tenant(), &rendition.object_key)?;
            let length = range.end - range.start;
            return Ok((self.blobs.stream(&key, range).await?, length));
        }
        if form == FrameForm::Samples {
            return self.decoded_frame(actor, source, number).await;
        }
        let location = source.index.frame(number).ok_or_else(|| out_of_range(number))?;
        if location.is_verbatim() && !location.inflated {
            let key = object(actor.tenant(), &source.instance.object_key)?;
            let length = location.read_bytes();
            return Ok((self.stream_ranges(key, &source.instance, location.ranges), length));
        }
        if location.read_bytes() > LARGEST_HELD_FRAME {
            return Err(AppError::refused(
                ErrorCode::NotAcceptable,
                "this frame is too large to be rearranged",
            ));
        }
        let frame = self.rearranged_frame(actor, source, number).await?;
        let length = frame.len() as u64;
        Ok((stream::iter([Ok(frame)]).boxed(), length))
    }

    /// A frame's samples, from the file in which a codec child left them.
    async fn decoded_frame(
        &self,
        actor: &Actor,
        source: &FrameSource,
        number: u32,
    ) -> Result<(BlobStream, u64), AppError> {
        let frame = number.checked_sub(1).ok_or_else(|| out_of_range(number))?;
        let pixels = self.pixel_source(actor.tenant(), &source.instance).await?;
        let spooled = self.spool_file("samples");
        let work = Work::Samples {
            output: spooled.path().to_owned(),
            frame,
        };
        let request = CodecRequest {
            source: pixels.source.clone(),
            work,
        };
        match self.codec.run(request).await? {
            CodecReply::Samples(length) => Ok((spooled.stream().await?, length)),
            _ => Err(AppError::Internal {
                what: "the codec answered something else".to_owned(),
            }),
        }
    }

    /// Several ranges of an instance, one after the other; each is opened when the one before it is through.
    fn stream_ranges(
        &self,
        key: ObjectKey,
        instance: &InstanceRow,
        ranges: Vec<dicom::ByteRange>,
    ) -> BlobStream {
        let (blobs, start) = (self.blobs.clone(), instance.offset);
        stream::iter(ranges)
            .then(move |range| {
                let (blobs, key) = (blobs.clone(), key.clone());
                let from = start + range.offset;
                async move { blobs.stream(&key, from..from + range.length).await }
            })
            .flat_map(|opened| match opened {
                Ok(chunks) => chunks,
                Err(error) => stream::iter([Err(error)]).boxed(),
            })
            .boxed()
    }

    /// A frame whose bytes have to be swapped, shifted or inflated.
    async fn rearranged_frame(
        &self,
        actor: &Actor,
        source: &FrameSource,
        number: u32,
    ) -> Result<Bytes, AppError> {
        let pixels = self.pixel_source(actor.tenant(), &source.instance).await?;
        let (index, input) = (source.index.clone(), pixels.source.clone());
        let read = tokio::task::spawn_blocking(move || {
            let limits = Limits::default();
            match input {
                Source::Inline(bytes) => read_frame(&mut Cursor::new(bytes), &index, number, &limits),
                Source::File { path, offset, length } => {
                    let mut section = Section::new(File::open(path)?, offset, length)?;
                    read_frame(&mut section, &index, number, &limits)
                }
            }
        });
        let read = read.await.map_err(|error| AppError::Internal {
            what: format!("reading a frame: {error}"),
        })?;
        drop(pixels);
        match read {
            Ok(frame) => Ok(Bytes::from(frame)),
            Err(FrameReadError::OutOfRange(number)) => Err(out_of_range(number)),
            Err(FrameReadError::Io(error)) => Err(BlobError::Unavailable {
                cause: error.kind().to_string(),
            }
            .into()),
        }
    }
}

fn out_of_range(number: u32) -> AppError {
    AppError::refused(ErrorCode::FrameOutOfRange, format!("there is no frame {number}"))
}
