//! A range of a file that is read through its checksums.

use std::{
    cell::RefCell,
    fs::File,
    io::{self, ErrorKind, Read, Seek, SeekFrom},
    os::unix::fs::FileExt,
    path::Path,
};

use super::{CHUNK_BYTES, ChunkSums, Damaged};

/// Why bytes cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum SummedReadError {
    /// They are missing or not those that were stored.
    #[error(transparent)]
    Damaged(#[from] Damaged),
    /// The file cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl From<SummedReadError> for io::Error {
    /// Damage comes as an [`ErrorKind::InvalidData`] that holds [`Damaged`]; nothing else does.
    fn from(error: SummedReadError) -> Self {
        match error {
            SummedReadError::Damaged(damaged) => Self::new(ErrorKind::InvalidData, damaged),
            SummedReadError::Io(error) => error,
        }
    }
}

/// A member of a stored object in a local file. No byte of it comes out unchecked.
///
/// Holds the chunk read last, so that many small reads in a row check it once.
#[derive(Debug)]
pub struct SummedFile {
    file: File,
    start: u64,
    length: u64,
    sums: ChunkSums,
    last: RefCell<Chunk>,
    position: u64,
}

#[derive(Debug)]
struct Chunk {
    number: Option<u64>,
    bytes: Vec<u8>,
}

impl SummedFile {
    /// Opens `length` bytes from `start` on.
    ///
    /// Errors: [`SummedReadError::Damaged`] when the file is missing; what it lacks shows when it is read.
    pub fn open(path: &Path, start: u64, length: u64, sums: ChunkSums) -> Result<Self, SummedReadError> {
        let file = File::open(path).map_err(|error| match error.kind() {
            ErrorKind::NotFound => Damaged.into(),
            _ => SummedReadError::Io(error),
        })?;
        Ok(Self {
            file,
            start,
            length,
            sums,
            last: RefCell::new(Chunk {
                number: None,
                bytes: Vec::new(),
            }),
            position: 0,
        })
    }

    /// Bytes of the member.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Fills `target` with the bytes from `offset` on.
    pub fn read_exact_at(&self, target: &mut [u8], offset: u64) -> Result<(), SummedReadError> {
        let mut done = 0;
        while done < target.len() {
            let read = self.read_at(&mut target[done..], offset + done as u64)?;
            if read == 0 {
                return Err(io::Error::from(ErrorKind::UnexpectedEof).into());
            }
            done += read;
        }
        Ok(())
    }

    /// Some bytes from `offset` on, up to the end of a chunk; 0 at the end of the member.
    fn read_at(&self, target: &mut [u8], offset: u64) -> Result<usize, SummedReadError> {
        if offset >= self.length || target.is_empty() {
            return Ok(0);
        }
        let (number, skip) = (offset / CHUNK_BYTES, (offset % CHUNK_BYTES) as usize);
        let mut last = self.last.borrow_mut();
        if last.number != Some(number) {
            last.number = None;
            let from = number * CHUNK_BYTES;
            last.bytes.resize(CHUNK_BYTES.min(self.length - from) as usize, 0);
            self.file
                .read_exact_at(&mut last.bytes, self.start.saturating_add(from))
                .map_err(|error| match error.kind() {
                    ErrorKind::UnexpectedEof => Damaged.into(),
                    _ => SummedReadError::Io(error),
                })?;
            self.sums.check(number, &last.bytes)?;
            last.number = Some(number);
        }
        let bytes = &last.bytes[skip..];
        let wanted = bytes.len().min(target.len());
        target[..wanted].copy_from_slice(&bytes[..wanted]);
        Ok(wanted)
    }
}

impl Read for SummedFile {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        let read = self.read_at(target, self.position)?;
        self.position += read as u64;
        Ok(read)
    }
}

impl Seek for SummedFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
            SeekFrom::End(by) => self.length.checked_add_signed(by),
        };
        self.position = target.ok_or(ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    /// A member of 150,000 bytes behind 1,000 others, and its bytes.
    fn member(damage: Option<usize>) -> (tempfile::NamedTempFile, SummedFile, Vec<u8>) {
        let bytes: Vec<u8> = (0..150_000_u32).map(|at| (at % 241) as u8).collect();
        let sums = ChunkSums::of(&bytes);
        let mut stored = bytes.clone();
        if let Some(at) = damage {
            stored[at] ^= 1;
        }
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&[0; 1000]).unwrap();
        file.write_all(&stored).unwrap();
        let opened = SummedFile::open(file.path(), 1000, 150_000, sums).unwrap();
        (file, opened, bytes)
    }

    #[test]
    fn sound_bytes_come_out_whatever_the_order() {
        let (_file, mut opened, bytes) = member(None);
        let mut piece = vec![0; 100_000];
        opened.read_exact_at(&mut piece, 40_000).unwrap();
        assert_eq!(piece, bytes[40_000..140_000]);
        let mut tail = Vec::new();
        opened.seek(SeekFrom::End(-10)).unwrap();
        opened.read_to_end(&mut tail).unwrap();
        assert_eq!(tail, bytes[149_990..]);
        let mut whole = Vec::new();
        opened.rewind().unwrap();
        opened.read_to_end(&mut whole).unwrap();
        assert_eq!(whole, bytes);
    }

    #[test]
    fn only_reads_that_touch_the_damage_fail() {
        let (_file, mut opened, bytes) = member(Some(70_000));
        let mut piece = vec![0; 65_536];
        opened.read_exact_at(&mut piece, 0).unwrap();
        assert_eq!(piece, bytes[..65_536]);
        // The same chunk, not the same byte: nothing of it can be trusted.
        let error = opened.read_exact_at(&mut [0; 4], 130_000).unwrap_err();
        assert!(matches!(error, SummedReadError::Damaged(_)));
        opened.rewind().unwrap();
        let error = opened.read_to_end(&mut Vec::new()).unwrap_err();
        assert!(error.get_ref().unwrap().is::<Damaged>());
        opened.read_exact_at(&mut [0; 4], 140_000).unwrap();
    }

    #[test]
    fn a_file_that_ends_early_or_is_gone_is_damage() {
        let (file, opened, _) = member(None);
        file.as_file().set_len(100_000).unwrap();
        let error = opened.read_exact_at(&mut [0; 4], 140_000).unwrap_err();
        assert!(matches!(error, SummedReadError::Damaged(_)));
        let gone = SummedFile::open(Path::new("/nowhere/at/all"), 0, 1, ChunkSums::of(b"x")).unwrap_err();
        assert!(matches!(gone, SummedReadError::Damaged(_)));
    }
}
