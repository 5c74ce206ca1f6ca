//! Random access to the bytes of one instance, wherever they are.

use std::borrow::Cow;
use std::fs::File;
use std::os::unix::fs::FileExt;

use crate::sums::SummedFile;

use super::CodecError;
use super::protocol::Source;

/// Greatest instance that is read at once; a larger piece of a file is refused.
const MAX_PIECE: u64 = 1 << 30;

/// The bytes of one instance.
#[derive(Debug)]
pub(crate) enum ByteSource {
    /// All of them, in memory.
    Memory(Vec<u8>),
    /// A member of a stored object, checked as it is read.
    Stored(SummedFile),
    /// A range of a file.
    File { file: File, offset: u64, length: u64 },
}

impl ByteSource {
    /// Opens what a request names.
    ///
    /// Errors: [`CodecError::Io`]; [`CodecError::Damaged`] for a stored object that is gone;
    /// [`CodecError::BadRequest`] for a range outside another file.
    pub(crate) fn open(source: Source) -> Result<Self, CodecError> {
        match source {
            Source::Inline(bytes) => Ok(Self::Memory(bytes)),
            Source::Stored {
                path,
                offset,
                length,
                sums,
            } => Ok(Self::Stored(SummedFile::open(&path, offset, length, sums)?)),
            Source::File { path, offset, length } => {
                let file = File::open(path)?;
                let end = offset.checked_add(length);
                if end.is_none_or(|end| end > file.metadata().map_or(0, |meta| meta.len())) {
                    return Err(CodecError::BadRequest {
                        what: "the range lies outside the file".to_owned(),
                    });
                }
                Ok(Self::File { file, offset, length })
            }
        }
    }

    /// Length of the instance in bytes.
    pub(crate) fn len(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::Stored(member) => member.length(),
            Self::File { length, .. } => *length,
        }
    }

    /// The bytes from `offset`, exactly `length` of them.
    ///
    /// Errors: [`CodecError::TruncatedPixels`] where the instance ends before.
    pub(crate) fn bytes(&self, offset: u64, length: u64) -> Result<Cow<'_, [u8]>, CodecError> {
        let end = offset
            .checked_add(length)
            .filter(|&end| end <= self.len())
            .ok_or(CodecError::TruncatedPixels)?;
        if length > MAX_PIECE {
            return Err(CodecError::too_large("piece of the instance"));
        }
        match self {
            // Both fit usize: `end` is at most the length of a slice.
            Self::Memory(bytes) => Ok(Cow::Borrowed(&bytes[offset as usize..end as usize])),
            Self::Stored(member) => {
                let mut piece = room(length)?;
                member.read_exact_at(&mut piece, offset)?;
                Ok(Cow::Owned(piece))
            }
            Self::File {
                file, offset: base, ..
            } => {
                let mut piece = room(length)?;
                file.read_exact_at(&mut piece, base + offset)?;
                Ok(Cow::Owned(piece))
            }
        }
    }

    /// Up to `length` bytes from `offset`, fewer at the end.
    pub(crate) fn window(&self, offset: u64, length: u64) -> Result<Cow<'_, [u8]>, CodecError> {
        let rest = self.len().saturating_sub(offset);
        if rest == 0 {
            return Ok(Cow::Borrowed(&[]));
        }
        self.bytes(offset, length.min(rest))
    }
}

/// So many zeros, or an error where there is no memory for them.
fn room(length: u64) -> Result<Vec<u8>, CodecError> {
    let length = usize::try_from(length).map_err(|_| CodecError::too_large("piece of the instance"))?;
    let mut piece = Vec::new();
    piece
        .try_reserve_exact(length)
        .map_err(|_| CodecError::too_large("piece of the instance"))?;
    piece.resize(length, 0);
    Ok(piece)
}
