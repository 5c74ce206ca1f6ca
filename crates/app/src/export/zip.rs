//! An export as one ZIP, made while it is sent.
//!
//! **Invariant:** the table of contents grows in the spool, not in memory.

use std::collections::VecDeque;

use bytes::Bytes;
use dicom::zip::ZipWriter;
use futures_util::{Stream, StreamExt as _, stream};
use tokio::{fs, io::AsyncWriteExt as _};

use super::{Export, ExportSummary, ExportedFile, spool_error};
use crate::{AppError, ports::BlobStream, renditions::SpoolFile};

/// An export on its way into a ZIP.
#[derive(Debug)]
pub struct ZipExport {
    /// None once its last file was asked for.
    export: Option<Export>,
    /// The directory and what else comes last.
    last: VecDeque<ExportedFile>,
    /// None once the archive's end is written.
    zip: Option<ZipWriter>,
    /// The table of contents so far; none once it is being sent.
    contents: Option<SpoolFile>,
    sending: Sending,
    summary: ExportSummary,
}

/// What is being sent.
enum Sending {
    /// Nothing: the next file is to be opened.
    Nothing,
    /// A file of the archive.
    File(BlobStream),
    /// The table of contents, and what comes after it.
    Contents(BlobStream, Vec<u8>),
}

impl std::fmt::Debug for Sending {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Sending")
    }
}

impl ZipExport {
    /// The export as a ZIP.
    pub fn new(export: Export) -> Self {
        Self {
            contents: Some(export.app.spool_file("zip-contents")),
            export: Some(export),
            last: VecDeque::new(),
            zip: Some(ZipWriter::default()),
            sending: Sending::Nothing,
            summary: ExportSummary::default(),
        }
    }

    /// What came of it so far; all when the last piece was taken.
    pub fn summary(&self) -> ExportSummary {
        self.export.as_ref().map_or(self.summary, |export| export.summary)
    }

    /// The bytes of the ZIP. What fails ends them with an error, and without its table of contents it is none.
    pub fn into_stream(self) -> impl Stream<Item = Result<Bytes, AppError>> {
        stream::try_unfold(self, |mut zip| async move {
            let piece = zip.next_piece().await?;
            Ok(piece.map(|piece| (piece, zip)))
        })
    }

    /// The next bytes, none after the last.
    pub async fn next_piece(&mut self) -> Result<Option<Bytes>, AppError> {
        match &mut self.sending {
            Sending::File(bytes) => {
                let piece = bytes.next().await.transpose()?;
                let Some(zip) = &mut self.zip else { return Ok(None) };
                if let Some(piece) = piece {
                    return Ok(Some(zip.data(&piece).into()));
                }
                let end = zip.end();
                let lines = zip.take_contents();
                self.contain(&lines).await?;
                self.sending = Sending::Nothing;
                Ok(Some(end.into()))
            }
            Sending::Contents(bytes, end) => match bytes.next().await.transpose()? {
                Some(piece) => Ok(Some(piece)),
                None if end.is_empty() => Ok(None),
                None => Ok(Some(std::mem::take(end).into())),
            },
            Sending::Nothing => match self.next_file().await? {
                Some(file) => self.begin(file).await,
                None => self.end().await,
            },
        }
    }

    async fn next_file(&mut self) -> Result<Option<ExportedFile>, AppError> {
        if let Some(export) = &mut self.export {
            if let Some(file) = export.next().await? {
                return Ok(Some(file));
            }
            if let Some(export) = self.export.take() {
                let (last, summary) = export.finish().await?;
                self.last = last.into();
                self.summary = summary;
            }
        }
        Ok(self.last.pop_front())
    }

    /// Opens a file and gives what stands before it.
    async fn begin(&mut self, file: ExportedFile) -> Result<Option<Bytes>, AppError> {
        let ExportedFile { path, file, length } = file;
        self.sending = Sending::File(file.stream().await?);
        Ok(self.zip.as_mut().map(|zip| zip.begin(&path, length).into()))
    }

    /// Goes on to the table of contents and gives what it begins with.
    async fn end(&mut self) -> Result<Option<Bytes>, AppError> {
        let (Some(zip), Some(contents)) = (self.zip.take(), self.contents.take()) else {
            return Ok(None);
        };
        let mut bytes = contents.stream().await?;
        let first = bytes.next().await.transpose()?;
        self.sending = Sending::Contents(bytes, zip.finish());
        Ok(first)
    }

    /// Adds to the table of contents.
    async fn contain(&self, lines: &[u8]) -> Result<(), AppError> {
        let Some(contents) = &self.contents else {
            return Ok(());
        };
        let mut options = fs::OpenOptions::new();
        let options = options.append(true).create(true);
        let mut file = options.open(contents.path()).await.map_err(spool_error)?;
        file.write_all(lines).await.map_err(spool_error)?;
        file.flush().await.map_err(spool_error)
    }
}
