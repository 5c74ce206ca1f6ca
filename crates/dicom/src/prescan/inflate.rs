//! Inflating a deflated data set without trusting it.
//!
//! **Invariant:** never more output than the limits allow, whatever the input; nothing is kept but the decoder's
//! own 32 KiB window.

use crate::limits::Limits;
use crate::refusal::{Hostility, Refusal};
use flate2::{Decompress, FlushDecompress, Status};
use std::io::{self, BufRead, BufReader, Read};

/// A raw deflate stream (RFC 1951, PS3.5 §A.5) under the limits.
pub(crate) struct Inflating<R> {
    source: BufReader<R>,
    inflate: Decompress,
    limits: Limits,
    ended: bool,
}

impl<R: Read> Inflating<R> {
    pub(crate) fn new(source: R, limits: &Limits) -> Self {
        Self {
            source: BufReader::with_capacity(32 << 10, source),
            inflate: Decompress::new(false),
            limits: limits.clone(),
            ended: false,
        }
    }

    /// Bytes that may still come out.
    pub(crate) fn allowance(&self) -> u64 {
        if self.ended {
            0
        } else {
            self.limits
                .inflated_bytes
                .saturating_sub(self.inflate.total_out())
        }
    }

    /// Fills some of `buffer`; 0 at the end of the stream.
    pub(crate) fn inflate(&mut self, buffer: &mut [u8]) -> Result<usize, Refusal> {
        if self.ended || buffer.is_empty() {
            return Ok(0);
        }
        loop {
            let input = self
                .source
                .fill_buf()
                .map_err(|error| Refusal::Unreadable(error.kind()))?;
            let exhausted = input.is_empty();
            let (before_in, before_out) = (self.inflate.total_in(), self.inflate.total_out());
            let flush = if exhausted {
                FlushDecompress::Finish
            } else {
                FlushDecompress::None
            };
            let status = self
                .inflate
                .decompress(input, buffer, flush)
                .map_err(|_| Refusal::Hostile(Hostility::DamagedDeflate))?;
            self.source
                .consume((self.inflate.total_in() - before_in) as usize);
            let produced = (self.inflate.total_out() - before_out) as usize;
            self.check_growth()?;
            self.ended = status == Status::StreamEnd;
            if produced > 0 || self.ended {
                return Ok(produced);
            }
            if exhausted {
                let at = self.inflate.total_out();
                return Err(Refusal::Truncated {
                    what: "the deflated data set ends early",
                    at,
                });
            }
        }
    }

    fn check_growth(&self) -> Result<(), Refusal> {
        let (read, written) = (self.inflate.total_in(), self.inflate.total_out());
        let by_ratio = read
            .saturating_mul(self.limits.inflation_ratio)
            .max(self.limits.inflated_free_bytes);
        if written > self.limits.inflated_bytes || written > by_ratio {
            return Err(Hostility::Inflation(self.limits.inflated_bytes).into());
        }
        Ok(())
    }
}

/// Appends `length` bytes from `offset` of the data set deflated in `source`, which stands at its start.
pub(crate) fn inflate_range<R: Read>(
    source: &mut R,
    offset: u64,
    length: u64,
    limits: &Limits,
    out: &mut Vec<u8>,
) -> io::Result<()> {
    let mut stream = Inflating::new(source, limits);
    let mut scratch = [0; 16 << 10];
    let (mut skip, mut missing) = (offset, length);
    while missing > 0 {
        let read = stream.inflate(&mut scratch).map_err(|refusal| match refusal {
            Refusal::Unreadable(kind) => io::Error::from(kind),
            refusal => io::Error::other(refusal),
        })?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let from = usize::try_from(skip).unwrap_or(usize::MAX).min(read);
        let upto = from + usize::try_from(missing).unwrap_or(usize::MAX).min(read - from);
        out.extend_from_slice(&scratch[from..upto]);
        skip -= from as u64;
        missing -= (upto - from) as u64;
    }
    Ok(())
}
