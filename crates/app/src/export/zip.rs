//! An export as one ZIP, made while it is sent.
//!
//! Files are stored as they are: images do not become smaller, and a reader finds each without unpacking others.
//!
//! **Invariant:** the table of contents grows in the spool, not in memory; sizes and offsets beyond 32 bits are written
//! as ZIP64 (APPNOTE 6.3 §4.3.14).

use std::{collections::VecDeque, io::Read as _};

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use tokio::io::AsyncWriteExt as _;

use super::{Export, ExportSummary, ExportedFile, blocking, spool_error};
use crate::{AppError, ports::BlobStream, renditions::SpoolFile};

/// An export on its way into a ZIP.
#[derive(Debug)]
pub struct ZipExport {
    /// None once its last file was asked for.
    export: Option<Export>,
    /// The directory and what else comes last.
    last: VecDeque<ExportedFile>,
    open: Option<Open>,
    /// None once it is being sent.
    contents: Option<SpoolFile>,
    contents_bytes: u64,
    entries: u64,
    position: u64,
    summary: ExportSummary,
}

/// The file that is being sent.
struct Open(BlobStream);

impl std::fmt::Debug for Open {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Open")
    }
}

impl ZipExport {
    /// The export as a ZIP.
    pub fn new(export: Export) -> Self {
        let contents = export.app.spool_file("zip-contents");
        Self {
            export: Some(export),
            last: VecDeque::new(),
            open: None,
            contents: Some(contents),
            contents_bytes: 0,
            entries: 0,
            position: 0,
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
        let piece = self.piece().await?;
        self.position += piece.as_ref().map_or(0, |piece| piece.len() as u64);
        Ok(piece)
    }

    async fn piece(&mut self) -> Result<Option<Bytes>, AppError> {
        loop {
            if let Some(Open(bytes)) = &mut self.open {
                match bytes.next().await {
                    Some(piece) => return Ok(Some(piece?)),
                    None => self.open = None,
                }
            }
            if self.contents.is_none() {
                return Ok(None);
            }
            if let Some(file) = self.next_file().await? {
                return self.begin(file).await.map(Some);
            }
            self.contain(&end_of_contents(self.entries, self.contents_bytes, self.position))
                .await?;
            if let Some(contents) = self.contents.take() {
                self.open = Some(Open(contents.stream().await?));
            }
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
    async fn begin(&mut self, file: ExportedFile) -> Result<Bytes, AppError> {
        let ExportedFile { path, file, length } = file;
        let on_disk = file.path().to_owned();
        let sum = blocking(move || {
            let mut sum = flate2::Crc::new();
            let mut source = std::fs::File::open(on_disk)?;
            let mut buffer = vec![0; 64 << 10];
            loop {
                match source.read(&mut buffer)? {
                    0 => return Ok(sum.sum()),
                    read => sum.update(&buffer[..read]),
                }
            }
        })
        .await?;
        let entry = Entry {
            path: &path,
            sum,
            length,
            offset: self.position,
        };
        let line = entry.in_contents();
        self.contain(&line).await?;
        self.contents_bytes += line.len() as u64;
        self.entries += 1;
        let head = entry.before_its_bytes();
        self.open = Some(Open(file.stream().await?));
        Ok(Bytes::from(head))
    }

    /// Adds to the table of contents.
    async fn contain(&mut self, bytes: &[u8]) -> Result<(), AppError> {
        let Some(contents) = &self.contents else {
            return Ok(());
        };
        let mut options = tokio::fs::OpenOptions::new();
        let options = options.append(true).create(true);
        let mut file = options.open(contents.path()).await.map_err(spool_error)?;
        file.write_all(bytes).await.map_err(spool_error)?;
        file.flush().await.map_err(spool_error)
    }
}

/// A file of a ZIP.
#[derive(Debug, Clone, Copy)]
struct Entry<'a> {
    path: &'a str,
    sum: u32,
    length: u64,
    offset: u64,
}

/// Version 4.5 knows ZIP64.
const VERSION: u16 = 45;
/// 1 January 1980, the first day of a ZIP: when something was taken out says nothing about an image.
const NO_DATE: u16 = 0x0021;
const BEYOND: u32 = u32::MAX;

impl Entry<'_> {
    fn is_long(&self) -> bool {
        self.length >= u64::from(BEYOND)
    }

    /// The local file header (§4.3.7).
    fn before_its_bytes(&self) -> Vec<u8> {
        let mut out = b"PK\x03\x04".to_vec();
        self.common(&mut out);
        let extra = if self.is_long() { 20_u16 } else { 0 };
        out.extend(extra.to_le_bytes());
        out.extend(self.path.as_bytes());
        if self.is_long() {
            out.extend([1, 0, 16, 0]);
            out.extend(self.length.to_le_bytes());
            out.extend(self.length.to_le_bytes());
        }
        out
    }

    /// The line in the table of contents (§4.3.12).
    fn in_contents(&self) -> Vec<u8> {
        let mut out = b"PK\x01\x02".to_vec();
        // Made by: Unix, so that the permissions below count.
        out.extend((3 << 8 | VERSION).to_le_bytes());
        self.common(&mut out);
        let far = self.offset >= u64::from(BEYOND);
        let mut extra = Vec::new();
        if self.is_long() {
            extra.extend(self.length.to_le_bytes());
            extra.extend(self.length.to_le_bytes());
        }
        if far {
            extra.extend(self.offset.to_le_bytes());
        }
        let extra_bytes = if extra.is_empty() {
            0
        } else {
            extra.len() as u16 + 4
        };
        out.extend(extra_bytes.to_le_bytes());
        // No comment, first disk, binary.
        out.extend([0; 6]);
        out.extend((0o100_644_u32 << 16).to_le_bytes());
        out.extend(short(self.offset).to_le_bytes());
        out.extend(self.path.as_bytes());
        if !extra.is_empty() {
            out.extend([1, 0]);
            out.extend((extra.len() as u16).to_le_bytes());
            out.extend(extra);
        }
        out
    }

    /// From the version needed to the length of the name.
    fn common(&self, out: &mut Vec<u8>) {
        out.extend(VERSION.to_le_bytes());
        // Names are UTF-8; stored; no time.
        out.extend(0x0800_u16.to_le_bytes());
        out.extend([0; 4]);
        out.extend(NO_DATE.to_le_bytes());
        out.extend(self.sum.to_le_bytes());
        out.extend(short(self.length).to_le_bytes());
        out.extend(short(self.length).to_le_bytes());
        out.extend((self.path.len() as u16).to_le_bytes());
    }
}

/// A number, or the mark that it stands in the ZIP64 part.
fn short(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(BEYOND)
}

/// What follows the table of contents (§4.3.14 to §4.3.16). `start` is where the table begins.
fn end_of_contents(entries: u64, length: u64, start: u64) -> Vec<u8> {
    let mut out = Vec::new();
    let few = u16::try_from(entries).unwrap_or(u16::MAX);
    let needs_64 = few == u16::MAX || short(length) == BEYOND || short(start) == BEYOND;
    if needs_64 {
        out.extend(b"PK\x06\x06");
        out.extend(44_u64.to_le_bytes());
        out.extend((3 << 8 | VERSION).to_le_bytes());
        out.extend(VERSION.to_le_bytes());
        out.extend([0; 8]);
        out.extend(entries.to_le_bytes());
        out.extend(entries.to_le_bytes());
        out.extend(length.to_le_bytes());
        out.extend(start.to_le_bytes());
        out.extend(b"PK\x06\x07\0\0\0\0");
        out.extend((start + length).to_le_bytes());
        out.extend(1_u32.to_le_bytes());
    }
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(few.to_le_bytes());
    out.extend(few.to_le_bytes());
    out.extend(short(length).to_le_bytes());
    out.extend(short(start).to_le_bytes());
    out.extend([0; 2]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_files_need_no_zip64_and_large_ones_have_it() {
        let small = Entry {
            path: "DICOM/A",
            sum: 1,
            length: 10,
            offset: 20,
        };
        assert_eq!(small.before_its_bytes().len(), 30 + 7);
        assert_eq!(small.in_contents().len(), 46 + 7);
        let large = Entry {
            length: 1 << 33,
            offset: 1 << 34,
            ..small
        };
        assert_eq!(large.before_its_bytes().len(), 30 + 7 + 20);
        assert_eq!(large.in_contents().len(), 46 + 7 + 28);
        assert_eq!(end_of_contents(3, 100, 200).len(), 22);
        assert_eq!(end_of_contents(70_000, 100, 200).len(), 56 + 20 + 22);
        assert_eq!(end_of_contents(3, 100, 1 << 33).len(), 56 + 20 + 22);
    }
}
