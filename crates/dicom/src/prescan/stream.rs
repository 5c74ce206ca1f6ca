//! Forward reading of a file or an inflating data set through one small buffer.
//!
//! **Invariant:** the buffer is fixed; a skip never reads what it can seek over.

use super::inflate::Inflating;
use crate::refusal::Refusal;
use std::io::{self, Read, Seek, SeekFrom};

/// Largest [`Window::peek`], in bytes.
const BUFFER_BYTES: usize = 32 << 10;

/// Bytes that can be read and skipped, forward only.
pub(crate) trait Stream {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Refusal>;
    /// Skips up to `bytes`, and tells how many there were.
    fn skip(&mut self, bytes: u64) -> Result<u64, Refusal>;
    /// Most bytes that can still come.
    fn left(&self) -> u64;
}

/// The file itself.
pub(crate) struct Plain<'a, R> {
    source: &'a mut R,
    left: u64,
}

impl<'a, R: Read + Seek> Plain<'a, R> {
    /// The `length` bytes from `start` on.
    pub(crate) fn new(source: &'a mut R, start: u64, length: u64) -> Result<Self, Refusal> {
        source.seek(SeekFrom::Start(start)).map_err(unreadable)?;
        Ok(Self { source, left: length })
    }
}

impl<R: Read + Seek> Stream for Plain<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Refusal> {
        let wanted = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        loop {
            match self.source.read(&mut buffer[..wanted]) {
                Ok(read) => {
                    self.left = if read == 0 { 0 } else { self.left - read as u64 };
                    return Ok(read);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(unreadable(error)),
            }
        }
    }

    fn skip(&mut self, bytes: u64) -> Result<u64, Refusal> {
        let skipped = bytes.min(self.left);
        // Seeking succeeds beyond the end of a file as well, so the last byte of all is read.
        let last = u64::from(skipped > 0 && skipped == self.left);
        let by =
            i64::try_from(skipped - last).map_err(|_| Refusal::Unreadable(io::ErrorKind::InvalidInput))?;
        self.source.seek(SeekFrom::Current(by)).map_err(unreadable)?;
        self.left -= skipped - last;
        if last == 1 && self.read(&mut [0])? == 0 {
            return Ok(skipped - 1);
        }
        Ok(skipped)
    }

    fn left(&self) -> u64 {
        self.left
    }
}

impl<R: Read> Stream for Inflating<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Refusal> {
        self.inflate(buffer)
    }

    fn skip(&mut self, bytes: u64) -> Result<u64, Refusal> {
        let mut scratch = [0; 8 << 10];
        let mut skipped = 0;
        while skipped < bytes {
            let wanted = usize::try_from(bytes - skipped)
                .unwrap_or(usize::MAX)
                .min(scratch.len());
            match self.inflate(&mut scratch[..wanted])? {
                0 => break,
                read => skipped += read as u64,
            }
        }
        Ok(skipped)
    }

    fn left(&self) -> u64 {
        self.allowance()
    }
}

fn unreadable(error: io::Error) -> Refusal {
    Refusal::Unreadable(error.kind())
}

/// A [`Stream`] with look-ahead and a position.
pub(crate) struct Window<'a> {
    stream: &'a mut dyn Stream,
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
    position: u64,
}

impl<'a> Window<'a> {
    /// `position` is what [`Window::position`] says before anything is read.
    pub(crate) fn new(stream: &'a mut dyn Stream, position: u64) -> Self {
        Self {
            stream,
            buffer: vec![0; BUFFER_BYTES].into_boxed_slice(),
            start: 0,
            end: 0,
            position,
        }
    }

    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// Most bytes that can still come, exact for a file.
    pub(crate) fn left(&self) -> u64 {
        (self.end - self.start) as u64 + self.stream.left()
    }

    /// The next `count` bytes without consuming them, fewer at the end.
    pub(crate) fn peek(&mut self, count: usize) -> Result<&[u8], Refusal> {
        let count = count.min(BUFFER_BYTES);
        if self.end - self.start < count {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
            while self.end < count {
                match self.stream.read(&mut self.buffer[self.end..])? {
                    0 => break,
                    read => self.end += read,
                }
            }
        }
        Ok(&self.buffer[self.start..(self.start + count).min(self.end)])
    }

    /// Consumes `count` bytes; fewer are a truncated file.
    pub(crate) fn skip(&mut self, count: u64, what: &'static str) -> Result<(), Refusal> {
        let buffered = ((self.end - self.start) as u64).min(count);
        self.start += buffered as usize;
        self.position += buffered;
        let beyond = count - buffered;
        if beyond > 0 {
            let skipped = self.stream.skip(beyond)?;
            self.position += skipped;
            if skipped < beyond {
                return Err(Refusal::Truncated {
                    what,
                    at: self.position,
                });
            }
        }
        Ok(())
    }

    /// Replaces the contents of `out` with the next `count` bytes; fewer are a truncated file. The caller
    /// bounds `count`; memory grows with what is read.
    pub(crate) fn read(&mut self, count: u64, out: &mut Vec<u8>, what: &'static str) -> Result<(), Refusal> {
        out.clear();
        let mut missing = count;
        while missing > 0 {
            let step = usize::try_from(missing).unwrap_or(usize::MAX).min(BUFFER_BYTES);
            let chunk = self.peek(step)?;
            let taken = chunk.len();
            out.extend_from_slice(chunk);
            self.start += taken;
            self.position += taken as u64;
            missing -= taken as u64;
            if taken < step {
                return Err(Refusal::Truncated {
                    what,
                    at: self.position,
                });
            }
        }
        Ok(())
    }
}
