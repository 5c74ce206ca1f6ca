//! Whole instances: as they came, or in another transfer syntax (PS3.18 §8.7.3.5.2).
//!
//! **Invariant:** what is handed out in another transfer syntax was made for this request by a codec child, in the
//! spool folder; the original is not touched.

use std::time::Duration;

use dicom::{
    Uid,
    codec::{CodecReply, InstanceSyntax, Work},
};
use domain::{Actor, ErrorCode, Permission};
use futures_util::StreamExt as _;
use serde_json::{Map, json};
use store::InstanceRow;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::retrieve::file_length;
use crate::{App, AppError, ports::BlobStream};

/// So many converted instances lie in the spool folder at once, all callers together; each has 4 GiB at the most.
static SPOOLED: Semaphore = Semaphore::const_new(16);

/// How long a caller waits for one of those places.
const PATIENCE: Duration = Duration::from_secs(30);

/// When to come back for a place.
const RETRY_AFTER_SECONDS: u64 = 30;

/// In which form a whole instance is handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InstanceForm {
    /// Bit for bit as it came, with a preamble and file meta information of ours where it had none.
    Original,
    /// In another transfer syntax.
    Converted(InstanceSyntax),
}

/// An instance on its way to a client.
pub struct OpenInstance {
    /// A Part 10 file.
    pub bytes: BlobStream,
    /// How many bytes it is.
    pub length: u64,
}

impl std::fmt::Debug for OpenInstance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenInstance")
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}

impl InstanceForm {
    /// The forms of an instance with their transfer syntaxes: the original, then what it can most likely be put into.
    /// Whether it can shows when it is opened.
    pub fn of(instance: &InstanceRow) -> Vec<(Self, Option<Uid>)> {
        Self::of_file(
            &instance.transfer_syntax_uid,
            instance.has_pixels,
            instance.bits_allocated,
        )
    }

    /// The same of a file in this transfer syntax.
    pub(crate) fn of_file(
        transfer_syntax_uid: &str,
        has_pixels: bool,
        bits_allocated: Option<u32>,
    ) -> Vec<(Self, Option<Uid>)> {
        let stored = Uid::parse(transfer_syntax_uid).ok();
        let mut forms = vec![(Self::Original, stored.clone())];
        let Some(stored) = stored else { return forms };
        for syntax in InstanceSyntax::ALL {
            let can = syntax.can_carry(&stored, has_pixels, bits_allocated);
            if let (true, Ok(uid)) = (can && syntax.uid() != stored.as_str(), Uid::parse(syntax.uid())) {
                forms.push((Self::Converted(syntax), Some(uid)));
            }
        }
        forms
    }
}

impl App {
    /// Opens an instance in one of its forms.
    ///
    /// Errors: `OBJECT_DAMAGED`; of a conversion `PIXELS_UNREADABLE` and `NOT_ACCEPTABLE` where it turns out to be
    /// impossible, `RATE_LIMITED` while too many others are on their way.
    pub async fn open_instance(
        &self,
        actor: &Actor,
        instance: &InstanceRow,
        form: InstanceForm,
    ) -> Result<OpenInstance, AppError> {
        self.authorise(actor, Permission::RetrieveStudies)?;
        match form {
            InstanceForm::Original => {
                let bytes = self.stream_file(actor, instance).await?;
                Ok(OpenInstance {
                    bytes,
                    length: file_length(instance),
                })
            }
            InstanceForm::Converted(syntax) => self.converted(actor, instance, syntax).await,
        }
    }

    /// An instance from the file in which a codec child left it.
    async fn converted(
        &self,
        actor: &Actor,
        instance: &InstanceRow,
        syntax: InstanceSyntax,
    ) -> Result<OpenInstance, AppError> {
        let place = place_in_spool().await?;
        let spooled = self.spool_file("instance");
        let work = Work::Instance {
            output: spooled.path().to_owned(),
            transfer_syntax_uid: syntax.uid().to_owned(),
        };
        let outcome = self.work_on_pixels(actor, instance, work).await;
        let told = match &outcome {
            Ok(_) => "converted",
            Err(error) if is_impossible(error) => "impossible",
            Err(_) => "failed",
        };
        metrics::counter!("telerad_instance_conversions_total", "outcome" => told).increment(1);
        let CodecReply::Instance(written) = outcome? else {
            return Err(AppError::Internal {
                what: "the codec answered something else".to_owned(),
            });
        };
        // The place is given back with the file.
        let bytes = spooled.stream().await?.inspect(move |_| {
            let _held_until_here = &place;
        });
        Ok(OpenInstance {
            bytes: bytes.boxed(),
            length: written.bytes,
        })
    }
}

/// Whether the error says that an instance has no such form, and another form may serve.
pub fn is_impossible(error: &AppError) -> bool {
    matches!(
        error.code(),
        ErrorCode::PixelsUnreadable | ErrorCode::NotAcceptable | ErrorCode::BadRequest
    )
}

/// A place for a file that is made for one caller.
///
/// Errors: `RATE_LIMITED`.
pub(crate) async fn place_in_spool() -> Result<SemaphorePermit<'static>, AppError> {
    let waiting = tokio::time::timeout(PATIENCE, SPOOLED.acquire()).await;
    waiting
        .ok()
        .and_then(Result::ok)
        .ok_or_else(|| AppError::Refused {
            code: ErrorCode::RateLimited,
            message: "too many images are being converted: try again, or ask for transfer-syntax=*"
                .to_owned(),
            facts: Map::from_iter([("retryAfterSeconds".to_owned(), json!(RETRY_AFTER_SECONDS))]),
        })
}
