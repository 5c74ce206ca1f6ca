//! Making the de-identified copy of an original that lies in the spool.

use std::{
    fs::File,
    io::{self, BufReader},
};

use dicom::{
    InstanceIndex, Limits,
    codec::{CodecReply, CodecRequest, Source, Work},
    deidentify::{
        DecodedPixels, Deidentification, DeidentifyError, Profile, Pseudonyms, deidentify, needs_decoding,
    },
    index_instance,
};
use domain::ErrorCode;
use tokio::{fs, io::AsyncWriteExt as _};

use super::{Spooled, blocking, of_refusal, spool_error};
use crate::{App, AppError, renditions::SpoolFile};

/// By which rules copies say nothing of their patient, and with which pseudonyms.
#[derive(Debug, Clone)]
pub(super) struct Disguise {
    pub profile: Profile,
    pub pseudonyms: Pseudonyms,
}

impl Disguise {
    /// What an instance is called where the copy goes to.
    pub fn uid(&self, uid: &str) -> String {
        if self.profile.retains_uids() {
            uid.to_owned()
        } else {
            self.pseudonyms.uid(uid)
        }
    }
}

/// Decoded frames in the spool.
struct Frames {
    file: SpoolFile,
    bytes: u64,
    photometric_interpretation: String,
}

impl App {
    /// The copy of `original` that says nothing of its patient; `patient` is how the archive knows them, which decides
    /// about their dates.
    ///
    /// Errors: `NOT_DEIDENTIFIABLE`, `PIXELS_UNREADABLE`, and what an unreadable file is refused with.
    pub(super) async fn deidentified(
        &self,
        original: Spooled,
        disguise: &Disguise,
        patient: String,
    ) -> Result<Spooled, AppError> {
        let frames = match needs_decoding(&disguise.profile, &original.index).map_err(refused)? {
            true => Some(self.decode_frames(&original).await?),
            false => None,
        };
        let copy = self.spool_file("deidentified");
        let (path, disguise) = (copy.path().to_owned(), disguise.clone());
        let made = blocking(move || {
            let how = Deidentification {
                profile: &disguise.profile,
                pseudonyms: &disguise.pseudonyms,
                patient: &patient,
            };
            write_copy(&original, frames.as_ref(), how, &path)
        })
        .await?;
        let (length, index) = made.map_err(refused)?;
        Ok(Spooled {
            file: copy,
            length,
            index,
        })
    }

    /// Has codec children decode every frame, one after the other into one file.
    async fn decode_frames(&self, original: &Spooled) -> Result<Frames, AppError> {
        let all = self.spool_file("frames");
        let mut out = fs::File::create_new(all.path()).await.map_err(spool_error)?;
        let mut frames = Frames {
            file: all,
            bytes: 0,
            photometric_interpretation: String::new(),
        };
        for frame in 0..original.index.frames.count() {
            let one = self.spool_file("frame");
            let request = CodecRequest {
                source: Source::File {
                    path: std::path::absolute(original.file.path()).map_err(spool_error)?,
                    offset: 0,
                    length: original.length,
                },
                work: Work::Samples {
                    output: std::path::absolute(one.path()).map_err(spool_error)?,
                    frame,
                },
            };
            let written = match self.codec.run(request).await {
                Ok(CodecReply::Samples(written)) => written,
                Ok(_) => {
                    return Err(AppError::Internal {
                        what: "the codec answered something else".to_owned(),
                    });
                }
                Err(error) => return Err(of_codec(error.into())),
            };
            let mut samples = fs::File::open(one.path()).await.map_err(spool_error)?;
            frames.bytes += tokio::io::copy(&mut samples, &mut out)
                .await
                .map_err(spool_error)?;
            frames.photometric_interpretation = written.photometric_interpretation;
        }
        out.flush().await.map_err(spool_error)?;
        Ok(frames)
    }
}

/// What the codec says of one instance's pixels concerns that instance; that it does not work at all, everybody.
fn of_codec(error: AppError) -> AppError {
    match error.code() {
        ErrorCode::Internal => error,
        code => AppError::refused(code, error.public_message()),
    }
}

fn refused(error: DeidentifyError) -> AppError {
    match error {
        DeidentifyError::Io(error) => spool_error(error),
        DeidentifyError::Unreadable(refusal) => of_refusal(&refusal),
        error => AppError::refused(ErrorCode::NotDeidentifiable, error.to_string()),
    }
}

type Written = Result<(u64, InstanceIndex), DeidentifyError>;

/// Writes the copy and reads back what it says. The inner error is the instance's, the outer the spool's.
fn write_copy(
    original: &Spooled,
    frames: Option<&Frames>,
    how: Deidentification<'_>,
    path: &std::path::Path,
) -> io::Result<Written> {
    let mut source = BufReader::new(File::open(original.file.path())?);
    let mut samples = match frames {
        Some(frames) => Some(BufReader::new(File::open(frames.file.path())?)),
        None => None,
    };
    let decoded = frames
        .zip(samples.as_mut())
        .map(|(frames, samples)| DecodedPixels {
            samples,
            bytes: frames.bytes,
            photometric_interpretation: frames.photometric_interpretation.clone(),
        });
    let limits = limits();
    let out = File::create_new(path)?;
    let made = deidentify(
        &mut source,
        original.length,
        &original.index,
        how,
        decoded,
        out,
        &limits,
    );
    let made = match made {
        Ok(made) => made,
        Err(DeidentifyError::Io(error)) => return Err(error),
        Err(error) => return Ok(Err(error)),
    };
    let mut copy = BufReader::new(File::open(path)?);
    let index = index_instance(&mut copy, made.bytes, &limits);
    Ok(index.map(|index| (made.bytes, index)).map_err(Into::into))
}

/// What is stored was within the limits when it came.
pub(super) fn limits() -> Limits {
    Limits {
        part_bytes: u64::MAX,
        ..Limits::default()
    }
}
