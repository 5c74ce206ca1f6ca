//! One instance for who wants to know nothing of its patient (PS3.18 §9: `anonymize=yes`), as an object or a picture.
//!
//! **Invariant:** pictures are drawn of the de-identified copy: what is not in that is not in them.

use bytes::Bytes;
use dicom::{
    FrameIndex, Uid,
    codec::{CodecReply, CodecRequest, Source, Work},
    deidentify::Profile,
};
use domain::{Actor, ErrorCode, Permission};
use futures_util::StreamExt as _;
use store::PlacedInstance;
use tokio::sync::SemaphorePermit;

use super::{Spooled, deidentified::Disguise, spool_error};
use crate::{
    App, AppError,
    archive::{ArchiveAddress, InstanceForm, OpenInstance, RenderRequest, is_impossible, place_in_spool},
    trail::StudyForm,
};

/// The de-identified copy of an instance, in the spool.
#[derive(Debug)]
pub struct DeidentifiedObject {
    copy: Spooled,
    /// The copy's place in the spool.
    place: SemaphorePermit<'static>,
}

impl DeidentifiedObject {
    /// The forms it may be had in with their transfer syntaxes, the copy as it is first.
    pub fn forms(&self) -> Vec<(InstanceForm, Option<Uid>)> {
        let index = &self.copy.index;
        InstanceForm::of_file(
            index.meta.transfer_syntax_uid.as_str(),
            self.has_pixels(),
            index.attributes.bits_allocated.map(u32::from),
        )
    }

    /// Whether there is anything to be shown.
    pub fn has_pixels(&self) -> bool {
        self.copy.index.frames != FrameIndex::None
    }

    /// Columns and rows, of an image.
    pub fn size(&self) -> (Option<u32>, Option<u32>) {
        let attributes = &self.copy.index.attributes;
        (attributes.columns.map(u32::from), attributes.rows.map(u32::from))
    }
}

impl App {
    /// De-identifies an instance by the basic profile, under the tenant's pseudonyms.
    ///
    /// Errors: `NOT_FOUND`; `NOT_DEIDENTIFIABLE` when it cannot be done safely, `OBJECT_DAMAGED`, `RATE_LIMITED` while
    /// too many others are on their way.
    pub async fn deidentified_object(
        &self,
        actor: &Actor,
        address: &ArchiveAddress,
    ) -> Result<DeidentifiedObject, AppError> {
        self.authorise(actor, Permission::RetrieveStudies)?;
        let tx = self.store.read(actor).await?;
        let PlacedInstance {
            instance, patient, ..
        } = self.instance_at(&tx, actor, address).await?;
        drop(tx);
        self.record_study_look(actor, instance.study, StudyForm::Deidentified)
            .await?;
        let place = place_in_spool().await?;
        let disguise = Disguise {
            profile: Profile::default(),
            pseudonyms: self.pseudonyms(actor).await?,
        };
        let original = self.spooled_original(actor, &instance).await?;
        let copy = self.deidentified(original, &disguise, patient.to_string()).await;
        let outcome = if copy.is_ok() { "made" } else { "refused" };
        metrics::counter!("telerad_deidentified_objects_total", "outcome" => outcome).increment(1);
        Ok(DeidentifiedObject { copy: copy?, place })
    }

    /// Opens the copy in the first of the forms that turns out to be possible, and says which.
    ///
    /// Errors: those of the last form, which are also why it is impossible.
    pub async fn open_deidentified(
        &self,
        object: DeidentifiedObject,
        forms: &[InstanceForm],
    ) -> Result<(OpenInstance, InstanceForm), AppError> {
        let DeidentifiedObject { copy, place } = object;
        let mut failed = None;
        for form in forms {
            let opened = match form {
                InstanceForm::Original => Ok(None),
                InstanceForm::Converted(syntax) => {
                    let spooled = self.spool_file("instance");
                    let work = Work::Instance {
                        output: spooled.path().to_owned(),
                        transfer_syntax_uid: syntax.uid().to_owned(),
                    };
                    match self.work_on_copy(&copy, work).await {
                        Ok(CodecReply::Instance(written)) => Ok(Some((spooled, written.bytes))),
                        Ok(_) => Err(something_else()),
                        Err(error) => Err(error),
                    }
                }
            };
            match opened {
                Ok(converted) => {
                    let (file, length) = converted.unwrap_or((copy.file, copy.length));
                    // The place is given back with the file.
                    let bytes = file.stream().await?.inspect(move |_| {
                        let _held_until_here = &place;
                    });
                    let opened = OpenInstance {
                        bytes: bytes.boxed(),
                        length,
                    };
                    return Ok((opened, *form));
                }
                Err(error) if is_impossible(&error) => failed = Some(error),
                Err(error) => return Err(error),
            }
        }
        Err(failed.unwrap_or_else(something_else))
    }

    /// One frame of the copy as a picture.
    ///
    /// Errors: `NOT_ACCEPTABLE` without pixels, `PIXELS_UNREADABLE`, `FRAME_OUT_OF_RANGE`.
    pub async fn render_deidentified(
        &self,
        object: &DeidentifiedObject,
        request: RenderRequest,
    ) -> Result<Bytes, AppError> {
        let copy = &object.copy;
        if request.frame >= copy.index.frames.count().max(1) {
            let text = "there is no such frame";
            return Err(AppError::refused(ErrorCode::FrameOutOfRange, text));
        }
        match self.work_on_copy(copy, Work::Rendered(request)).await? {
            CodecReply::Picture(picture) => Ok(Bytes::from(picture.bytes)),
            _ => Err(something_else()),
        }
    }

    async fn work_on_copy(&self, copy: &Spooled, work: Work) -> Result<CodecReply, AppError> {
        let source = Source::File {
            path: std::path::absolute(copy.file.path()).map_err(spool_error)?,
            offset: 0,
            length: copy.length,
        };
        Ok(self.codec.run(CodecRequest { source, work }).await?)
    }
}

fn something_else() -> AppError {
    AppError::Internal {
        what: "the codec answered something else".to_owned(),
    }
}
