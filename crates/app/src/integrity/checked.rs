//! A stream of stored bytes that lets only checked chunks through.
//!
//! **Invariant:** a byte is handed out only after the whole chunk around it was compared with its sum, and a stream
//! that ends without an error held every byte of its range.

use std::{ops::Range, sync::Arc};

use bytes::{Bytes, BytesMut};
use dicom::{CHUNK_BYTES, ChunkSums};
use futures_util::{StreamExt as _, stream};
use tokio::sync::Semaphore;

use super::StoredBytes;
use crate::ports::{BlobError, BlobStore, BlobStream};

/// Up to this size a range is read and checked as a whole before its first byte is handed out.
const HELD_BYTES: u64 = 16 << 20;

/// The budget of all ranges held at a time. Where it is spent, ranges are checked as they stream.
#[derive(Debug)]
pub struct HeldRanges {
    kibibytes: Arc<Semaphore>,
}

impl Default for HeldRanges {
    fn default() -> Self {
        Self {
            kibibytes: Arc::new(Semaphore::new(256 << 10)),
        }
    }
}

/// Opens `range` of `stored` and checks its first bytes, or all of it when it can be held.
///
/// Errors: `Damaged`, `NotFound` and what the store fails with.
pub(super) async fn open(
    blobs: &Arc<dyn BlobStore>,
    budget: &HeldRanges,
    stored: &StoredBytes,
    range: Range<u64>,
) -> Result<BlobStream, BlobError> {
    let length = range.end.saturating_sub(range.start);
    let mut chunks = checked(blobs, stored, range).await?;
    let kibibytes = u32::try_from(length.div_ceil(1024)).unwrap_or(u32::MAX);
    let place = (length <= HELD_BYTES)
        .then(|| {
            Arc::clone(&budget.kibibytes)
                .try_acquire_many_owned(kibibytes)
                .ok()
        })
        .flatten();
    let wanted = if place.is_some() { length } else { length.min(1) };
    let mut held = Vec::new();
    let mut held_bytes = 0;
    while held_bytes < wanted {
        let Some(chunk) = chunks.next().await else { break };
        let chunk = chunk?;
        held_bytes += chunk.len() as u64;
        held.push(Ok(chunk));
    }
    // What was held is given back with the stream.
    let rest = stream::iter(held).chain(chunks).inspect(move |_| {
        let _held_until_here = &place;
    });
    Ok(rest.boxed())
}

struct Checking {
    source: BlobStream,
    stored: StoredBytes,
    /// What is handed out.
    range: Range<u64>,
    /// The first byte that was not checked yet, always the start of a chunk.
    at: u64,
    /// The end of the last chunk of the range.
    end: u64,
    /// The beginning of a chunk whose rest has not come.
    begun: BytesMut,
}

async fn checked(
    blobs: &Arc<dyn BlobStore>,
    stored: &StoredBytes,
    range: Range<u64>,
) -> Result<BlobStream, BlobError> {
    if range.is_empty() {
        return Ok(stream::empty().boxed());
    }
    let damaged = || BlobError::Damaged {
        key: stored.key.to_string(),
    };
    if range.end > stored.length {
        return Err(damaged());
    }
    let wide = ChunkSums::around(&range, stored.length);
    let in_object = stored.offset.saturating_add(wide.start)..stored.offset.saturating_add(wide.end);
    let checking = Checking {
        source: blobs.stream(&stored.key, in_object).await?,
        stored: stored.clone(),
        range,
        at: wide.start,
        end: wide.end,
        begun: BytesMut::new(),
    };
    Ok(stream::try_unfold(checking, |mut checking| async move {
        let piece = checking.next().await?;
        Ok(piece.map(|piece| (piece, checking)))
    })
    .boxed())
}

impl Checking {
    /// The next bytes of the range; none at its end.
    async fn next(&mut self) -> Result<Option<Bytes>, BlobError> {
        while self.at < self.end {
            let Some(piece) = self.source.next().await else {
                return Err(self.damaged());
            };
            let piece = self.joined(piece?);
            let sound = self.check(&piece)?;
            self.begun.extend_from_slice(&piece[sound..]);
            let from = self.at;
            self.at += sound as u64;
            let wanted = self.range.start.max(from)..self.range.end.min(self.at);
            if !wanted.is_empty() {
                // Both lie within the piece, whose length is a usize.
                let (start, end) = ((wanted.start - from) as usize, (wanted.end - from) as usize);
                return Ok(Some(piece.slice(start..end)));
            }
        }
        Ok(None)
    }

    /// The beginning that waited, with what came now. Mostly nothing waited, and nothing is copied.
    fn joined(&mut self, piece: Bytes) -> Bytes {
        if self.begun.is_empty() {
            return piece;
        }
        self.begun.extend_from_slice(&piece);
        self.begun.split().freeze()
    }

    /// Compares the whole chunks of `piece`, which begins at `self.at`, and says how many bytes they are.
    fn check(&self, piece: &[u8]) -> Result<usize, BlobError> {
        let mut sound = 0;
        loop {
            let from = self.at + sound as u64;
            let chunk = CHUNK_BYTES.min(self.end.saturating_sub(from)) as usize;
            if chunk == 0 || piece.len() - sound < chunk {
                return Ok(sound);
            }
            self.stored
                .sums
                .check(from / CHUNK_BYTES, &piece[sound..sound + chunk])
                .map_err(|_| self.damaged())?;
            sound += chunk;
        }
    }

    fn damaged(&self) -> BlobError {
        BlobError::Damaged {
            key: self.stored.key.to_string(),
        }
    }
}
