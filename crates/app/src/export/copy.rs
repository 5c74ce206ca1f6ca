//! One instance on its way out: fetched, perhaps de-identified, and put into the directory.

use std::{
    fs::File,
    io::{self, BufReader},
    path::Path,
};

use dicom::{InstanceIndex, Refusal, dicomdir::DirectoryError, index_instance};
use domain::{Actor, ErrorCode};
use futures_util::StreamExt as _;
use store::{InstanceRow, Tier};
use tokio::{fs, io::AsyncWriteExt as _};

use super::{Export, ExportedFile, deidentified::limits, full, left_out::Reason};
use crate::{App, AppError, archive::file_length, ports::BlobError, renditions::SpoolFile};

/// An instance in the spool and what was found in it.
#[derive(Debug)]
pub(super) struct Spooled {
    pub file: SpoolFile,
    pub length: u64,
    pub index: InstanceIndex,
}

impl Export {
    /// What of an instance goes out.
    ///
    /// Errors: refusals concern this instance, everything else the whole export.
    pub(super) async fn copy(&self, instance: &InstanceRow) -> Result<Spooled, AppError> {
        let original = self.app.spooled_original(&self.actor, instance).await?;
        match (&self.disguise, &self.lossy) {
            (None, None) => Ok(original),
            (None, Some(lossy)) => self.with_loss(original, lossy).await,
            (Some(disguise), _) => {
                let patient = self.study()?.patient.to_string();
                self.app.deidentified(original, disguise, patient).await
            }
        }
    }

    /// Gives the copy its place on the medium, and its record in the directory.
    ///
    /// Errors: `PAYLOAD_TOO_LARGE` when the directory has no room for more.
    pub(super) async fn place(
        &mut self,
        instance: &InstanceRow,
        copy: Spooled,
    ) -> Result<ExportedFile, AppError> {
        let study = self.study()?;
        let (patient, study) = (study.patient.to_string(), study.id.to_string());
        let id = self.ids.next(&patient, &study, &instance.series.to_string());
        let Spooled { file, length, index } = copy;
        let path = id.to_string();
        let mut directory = self.directory.take().ok_or_else(lost_directory)?;
        let (directory, added) = blocking(move || {
            let added = directory.add(&index, &id);
            Ok((directory, added))
        })
        .await?;
        self.directory = Some(directory);
        added.map_err(|error| match error {
            DirectoryError::Full => full(&error),
            DirectoryError::Io(error) => spool_error(error),
        })?;
        Ok(ExportedFile { path, file, length })
    }
}

impl App {
    /// The original in the spool, compared with its checksums.
    ///
    /// Errors: refusals that say why this instance cannot be had: `OBJECT_DAMAGED`, `STORAGE_UNAVAILABLE` of the slow
    /// store, or what an unreadable file is refused with.
    pub(super) async fn spooled_original(
        &self,
        actor: &Actor,
        instance: &InstanceRow,
    ) -> Result<Spooled, AppError> {
        let file = match self.spool_original(actor, instance).await {
            // Its row may have been read long ago, and compaction may have moved its bytes since.
            Err(error) if error.is_damage() => match self.moved(actor, instance).await? {
                Some(moved) => self.spool_original(actor, &moved).await,
                None => Err(error),
            },
            spooled => spooled,
        };
        let file = file.map_err(|error| match error {
            error if error.is_damage() => Reason::damaged(),
            AppError::Blob(BlobError::Offline { .. }) => Reason::offline(),
            AppError::Blob(BlobError::Unavailable { .. }) if instance.tier == Tier::Cold => Reason::away(),
            error => error,
        })?;
        let (path, length) = (file.path().to_owned(), file_length(instance));
        let index = blocking(move || {
            let mut source = BufReader::new(File::open(path)?);
            Ok(index_instance(&mut source, length, &limits()))
        });
        let index = index.await?.map_err(|refusal| of_refusal(&refusal))?;
        Ok(Spooled { file, length, index })
    }

    async fn spool_original(&self, actor: &Actor, instance: &InstanceRow) -> Result<SpoolFile, AppError> {
        let spooled = self.spool_file("export");
        let mut chunks = self.stream_file(actor, instance).await?;
        write_all(spooled.path(), &mut chunks).await?;
        Ok(spooled)
    }

    /// The instance's row as it is now, when its bytes lie elsewhere by now.
    async fn moved(&self, actor: &Actor, instance: &InstanceRow) -> Result<Option<InstanceRow>, AppError> {
        let now = self.store.read(actor).await?.instance(instance.id).await?;
        Ok(now.filter(|now| now.object_key != instance.object_key || now.tier != instance.tier))
    }
}

async fn write_all(path: &Path, chunks: &mut crate::ports::BlobStream) -> Result<(), AppError> {
    let mut file = fs::File::create_new(path).await.map_err(spool_error)?;
    while let Some(chunk) = chunks.next().await {
        file.write_all(&chunk?).await.map_err(spool_error)?;
    }
    file.flush().await.map_err(spool_error)
}

/// A stored file that cannot be read concerns itself alone; that the spool cannot, everybody.
pub(super) fn of_refusal(refusal: &Refusal) -> AppError {
    match refusal {
        Refusal::Unreadable(kind) => BlobError::of_spool(*kind).into(),
        refusal => AppError::refused(
            ErrorCode::from_code(refusal.code()).unwrap_or(ErrorCode::NotDicom),
            refusal.to_string(),
        ),
    }
}

pub(super) fn lost_directory() -> AppError {
    AppError::Internal {
        what: "an export went on after its directory had failed".to_owned(),
    }
}

/// Work on spooled files, away from the threads that serve requests.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, AppError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done.map_err(spool_error),
        Err(error) => Err(AppError::Internal {
            what: format!("the spool: {error}"),
        }),
    }
}

pub(super) fn spool_error(error: io::Error) -> AppError {
    BlobError::of_spool(error.kind()).into()
}
