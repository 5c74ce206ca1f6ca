//! Reading one frame from a file, whatever its index says.

use super::FrameIndex;
use crate::limits::Limits;
use crate::prescan::inflate_range;
use std::io::{self, Read, Seek, SeekFrom};

/// Why a frame cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FrameReadError {
    /// The instance has no such frame.
    #[error("frame {0} does not exist")]
    OutOfRange(u32),
    /// The file cannot be read, or ends before the frame does.
    #[error("the frame cannot be read")]
    Io(#[from] io::Error),
}

/// Reads frame `number` (from 1) of the file in `source`: the codestream of a compressed frame, little-endian
/// samples of a native one. Memory is one frame.
///
/// A deflated data set is inflated up to the frame, under the limits of `limits`.
pub fn read_frame<R: Read + Seek>(
    source: &mut R,
    index: &FrameIndex,
    number: u32,
    limits: &Limits,
) -> Result<Vec<u8>, FrameReadError> {
    let location = index.frame(number).ok_or(FrameReadError::OutOfRange(number))?;
    let mut raw = Vec::new();
    for range in &location.ranges {
        if let FrameIndex::Deflated { dataset_offset, .. } = index {
            source.seek(SeekFrom::Start(*dataset_offset))?;
            inflate_range(source, range.offset, range.length, limits, &mut raw)?;
        } else {
            source.seek(SeekFrom::Start(range.offset))?;
            let read = source.by_ref().take(range.length).read_to_end(&mut raw)?;
            if (read as u64) < range.length {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
        }
    }
    Ok(location.finish(raw))
}
