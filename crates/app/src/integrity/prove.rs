//! Comparing stored objects with what their rows promise, all of them and every byte.

use std::{path::Path, sync::Arc};

use dicom::ChunkSummer;
use futures_util::StreamExt as _;
use sha2::{Digest as _, Sha256};
use store::PromisedBytes;
use tokio::{
    fs::File,
    io::{AsyncReadExt as _, AsyncSeekExt as _, AsyncWriteExt as _, SeekFrom},
};

use crate::{
    AppError,
    ports::{BlobError, BlobStore, ObjectKey},
};

/// Bytes read from a file at a time.
const PIECE_BYTES: usize = 1 << 20;

/// Takes bytes in and says whether they are the promised ones.
pub(crate) struct Proof<'a> {
    promised: &'a PromisedBytes,
    hash: Sha256,
    sums: ChunkSummer,
    bytes: u64,
}

impl<'a> Proof<'a> {
    /// Nothing was taken in yet.
    pub fn of(promised: &'a PromisedBytes) -> Self {
        Self {
            promised,
            hash: Sha256::new(),
            sums: ChunkSummer::default(),
            bytes: 0,
        }
    }

    /// Takes in the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        if self.promised.chunk_sums.is_some() {
            self.sums.update(bytes);
        }
        self.bytes += bytes.len() as u64;
    }

    /// Whether these were they: by length, SHA-256 and the sums that reads are checked with.
    pub fn holds(self) -> bool {
        self.bytes == self.promised.length
            && self.hash.finalize().as_slice() == self.promised.sha256
            && self
                .promised
                .chunk_sums
                .as_deref()
                .is_none_or(|sums| sums == self.sums.finish().as_blob())
    }
}

/// Whether a store holds promised bytes.
///
/// Errors: what the store fails with; bytes that are missing or wrong are an answer.
pub(super) async fn is_sound(
    blobs: &Arc<dyn BlobStore>,
    key: &ObjectKey,
    promised: &PromisedBytes,
    pace: &mut Pace,
) -> Result<bool, BlobError> {
    let range = promised.offset..promised.offset.saturating_add(promised.length);
    let mut proof = Proof::of(promised);
    let read = async {
        let mut chunks = blobs.stream(key, range).await?;
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk?;
            proof.update(&chunk);
            pace.spend(chunk.len() as u64).await;
        }
        Ok(())
    };
    match read.await {
        Ok(()) => Ok(proof.holds()),
        Err(BlobError::NotFound { .. } | BlobError::Damaged { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Copies a whole object into a file.
pub(super) async fn fetch(blobs: &Arc<dyn BlobStore>, key: &ObjectKey, to: &Path) -> Result<(), AppError> {
    let length = blobs.size(key).await?;
    let mut chunks = blobs.stream(key, 0..length).await?;
    let mut file = File::create(to).await.map_err(spool_error)?;
    while let Some(chunk) = chunks.next().await {
        file.write_all(&chunk?).await.map_err(spool_error)?;
    }
    file.flush().await.map_err(spool_error)
}

/// Whether a file holds everything that is promised.
pub(super) async fn file_is_sound(path: &Path, contents: &[PromisedBytes]) -> Result<bool, AppError> {
    let mut file = File::open(path).await.map_err(spool_error)?;
    let mut piece = vec![0; PIECE_BYTES];
    for promised in contents {
        file.seek(SeekFrom::Start(promised.offset))
            .await
            .map_err(spool_error)?;
        let mut proof = Proof::of(promised);
        let mut left = promised.length;
        while left > 0 {
            let wanted = usize::try_from(left).unwrap_or(usize::MAX).min(PIECE_BYTES);
            let read = file.read(&mut piece[..wanted]).await.map_err(spool_error)?;
            if read == 0 {
                return Ok(false);
            }
            proof.update(&piece[..read]);
            left -= read as u64;
        }
        if !proof.holds() {
            return Ok(false);
        }
    }
    Ok(true)
}

pub(super) fn spool_error(error: std::io::Error) -> AppError {
    AppError::Blob(match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => BlobError::Full,
        kind => BlobError::Unavailable {
            cause: format!("spool: {kind}"),
        },
    })
}

/// Keeps a reader below a rate, so that a scrub leaves the disks to the people.
#[derive(Debug)]
pub(super) struct Pace {
    bytes_per_second: Option<u64>,
    began: std::time::Instant,
    spent: u64,
}

impl Pace {
    /// At most so many bytes a second; as fast as can be when none.
    pub fn of(bytes_per_second: Option<u64>) -> Self {
        Self {
            bytes_per_second,
            began: std::time::Instant::now(),
            spent: 0,
        }
    }

    /// Waits until so many more bytes are due.
    pub async fn spend(&mut self, bytes: u64) {
        self.spent += bytes;
        let Some(rate) = self.bytes_per_second else { return };
        let due = std::time::Duration::from_secs_f64(self.spent as f64 / rate.max(1) as f64);
        if let Some(early) = due.checked_sub(self.began.elapsed()) {
            tokio::time::sleep(early).await;
        }
    }
}
