//! The entropy coded segment: Huffman codes and the bits they are read from.

use super::{broken, byte, segment_start};
use crate::codec::CodecError;

/// A canonical code: by length, the first code and where its symbols begin (ISO/IEC 10918-1 §F.2.2.3).
pub(super) struct Huffman {
    first: [u32; 16],
    count: [u32; 16],
    start: [usize; 16],
    symbols: Vec<u8>,
}

impl Huffman {
    pub(super) fn new(counts: &[u8], symbols: &[u8]) -> Self {
        let mut table = Self {
            first: [0; 16],
            count: [0; 16],
            start: [0; 16],
            symbols: symbols.to_vec(),
        };
        let (mut code, mut start) = (0, 0);
        for (length, &count) in counts.iter().enumerate() {
            table.first[length] = code;
            table.count[length] = count.into();
            table.start[length] = start;
            code = (code + u32::from(count)) << 1;
            start += usize::from(count);
        }
        table
    }
}

/// The entropy coded segment, bit by bit.
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
    held: u32,
    count: u32,
}

impl<'a> Bits<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            at: 0,
            held: 0,
            count: 0,
        }
    }

    fn bit(&mut self) -> Result<u32, CodecError> {
        if self.count == 0 {
            let next = byte(self.bytes, self.at)?;
            self.at += 1;
            if next == 0xFF {
                // A stuffed zero follows a data byte of ones; anything else is a marker: the data has ended.
                if byte(self.bytes, self.at)? != 0 {
                    return Err(CodecError::TruncatedPixels);
                }
                self.at += 1;
            }
            self.held = next.into();
            self.count = 8;
        }
        self.count -= 1;
        Ok(self.held >> self.count & 1)
    }

    /// A signed value of `size` bits (EXTEND, §F.2.2.1).
    pub(super) fn value(&mut self, size: u8) -> Result<i32, CodecError> {
        let mut value = 0;
        for _ in 0..size {
            value = value << 1 | self.bit()? as i32;
        }
        let half = 1 << size >> 1;
        Ok(if value < half {
            value - (1 << size) + 1
        } else {
            value
        })
    }

    pub(super) fn symbol(&mut self, table: &Huffman) -> Result<u8, CodecError> {
        let mut code = 0;
        for length in 0..16 {
            code = code << 1 | self.bit()?;
            let index = code.wrapping_sub(table.first[length]);
            if index < table.count[length] {
                return table
                    .symbols
                    .get(table.start[length] + index as usize)
                    .copied()
                    .ok_or_else(broken);
            }
        }
        Err(broken())
    }

    /// Skips to behind the restart marker that belongs here.
    pub(super) fn restart(&mut self) -> Result<(), CodecError> {
        self.count = 0;
        match segment_start(self.bytes, &mut self.at)? {
            0xD0..=0xD7 => Ok(()),
            _ => Err(broken()),
        }
    }
}
