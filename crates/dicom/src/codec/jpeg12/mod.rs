//! Lossy JPEG of 12 bits (process 4: extended sequential, Huffman), one component.
//!
//! Own code, because no Rust decoder reads it and old angiography and computed radiography is full of it. Progressive
//! and multi-component images of 12 bits are refused: none are known.

mod entropy;
#[cfg(test)]
mod tests;

use super::CodecError;
use entropy::{Bits, Huffman};

/// Position of the coefficients in a block, in the order they are coded (ISO/IEC 10918-1 figure A.6).
const ZIGZAG: [usize; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7,
    14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39,
    46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/// Half the range: samples are coded around zero.
const LEVEL_SHIFT: f32 = 2048.0;
const GREATEST: f32 = 4095.0;

/// Decodes to samples of 12 bits, row by row.
///
/// `width` and `height` have been compared with the frame header. Errors: [`CodecError::DecodeFailed`],
/// [`CodecError::UnsupportedPixels`], [`CodecError::TruncatedPixels`].
pub(super) fn decode(codestream: &[u8], width: usize, height: usize) -> Result<Vec<u16>, CodecError> {
    let mut tables = Tables::default();
    let mut at = 2;
    loop {
        let marker = segment_start(codestream, &mut at)?;
        let length = usize::from(u16::from_be_bytes([
            byte(codestream, at)?,
            byte(codestream, at + 1)?,
        ]));
        let body = codestream
            .get(at + 2..at + length)
            .ok_or(CodecError::TruncatedPixels)?;
        at += length;
        match marker {
            0xC1 if body.get(5) == Some(&1) => {
                tables.quantizer = (*body.get(8).ok_or_else(broken)? & 3).into()
            }
            0xC0 | 0xC2..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF | 0xC1 => {
                return Err(CodecError::unsupported("12-bit JPEG of this process"));
            }
            0xC4 => tables.read_huffman(body)?,
            0xDB => tables.read_quantizers(body)?,
            0xDD => tables.restart_interval = u16::from_be_bytes([byte(body, 0)?, byte(body, 1)?]).into(),
            0xDA => {
                let selector = byte(body, 2)?;
                let scan = Scan {
                    bits: Bits::new(&codestream[at..]),
                    dc: tables.huffman(0, selector >> 4)?,
                    ac: tables.huffman(1, selector & 0xF)?,
                    quantizer: &tables.quantizers[tables.quantizer],
                    restart_interval: tables.restart_interval,
                };
                return scan.decode(width, height);
            }
            _ => {}
        }
    }
}

fn broken() -> CodecError {
    CodecError::decode("broken 12-bit JPEG")
}

fn byte(bytes: &[u8], at: usize) -> Result<u8, CodecError> {
    bytes.get(at).copied().ok_or(CodecError::TruncatedPixels)
}

/// Steps over fill bytes to the next marker and past it.
fn segment_start(codestream: &[u8], at: &mut usize) -> Result<u8, CodecError> {
    if byte(codestream, *at)? != 0xFF {
        return Err(broken());
    }
    while byte(codestream, *at)? == 0xFF {
        *at += 1;
    }
    let marker = byte(codestream, *at)?;
    *at += 1;
    Ok(marker)
}

#[derive(Default)]
struct Tables {
    quantizers: [Quantizer; 4],
    /// Which of them the component uses.
    quantizer: usize,
    /// DC and AC, four each.
    huffman: [[Option<Huffman>; 4]; 2],
    restart_interval: usize,
}

#[derive(Clone, Copy)]
struct Quantizer([f32; 64]);

impl Default for Quantizer {
    fn default() -> Self {
        Self([1.0; 64])
    }
}

impl Tables {
    fn read_quantizers(&mut self, mut body: &[u8]) -> Result<(), CodecError> {
        while let Some((&head, rest)) = body.split_first() {
            let wide = usize::from(head >> 4 != 0) + 1;
            let values = rest.get(..64 * wide).ok_or_else(broken)?;
            let table = self
                .quantizers
                .get_mut(usize::from(head & 0xF))
                .ok_or_else(broken)?;
            for (cell, value) in table.0.iter_mut().zip(values.chunks_exact(wide)) {
                *cell = value.iter().fold(0.0, |sum, &byte| sum * 256.0 + f32::from(byte));
            }
            body = &rest[64 * wide..];
        }
        Ok(())
    }

    fn read_huffman(&mut self, mut body: &[u8]) -> Result<(), CodecError> {
        while let Some((&head, rest)) = body.split_first() {
            let counts = rest.get(..16).ok_or_else(broken)?;
            let total = counts.iter().map(|&count| usize::from(count)).sum::<usize>();
            let symbols = rest.get(16..16 + total).ok_or_else(broken)?;
            let table = self
                .huffman
                .get_mut(usize::from(head >> 4))
                .and_then(|class| class.get_mut(usize::from(head & 0xF)))
                .ok_or_else(broken)?;
            *table = Some(Huffman::new(counts, symbols));
            body = &rest[16 + total..];
        }
        Ok(())
    }

    fn huffman(&self, class: usize, index: u8) -> Result<&Huffman, CodecError> {
        self.huffman[class]
            .get(usize::from(index))
            .and_then(Option::as_ref)
            .ok_or_else(broken)
    }
}

struct Scan<'a> {
    bits: Bits<'a>,
    dc: &'a Huffman,
    ac: &'a Huffman,
    quantizer: &'a Quantizer,
    restart_interval: usize,
}

impl Scan<'_> {
    fn decode(mut self, width: usize, height: usize) -> Result<Vec<u16>, CodecError> {
        let cosines = cosines();
        let (across, down) = (width.div_ceil(8), height.div_ceil(8));
        let mut samples = vec![0; width * height];
        let mut predicted = 0;
        for block in 0..across * down {
            if self.restart_interval > 0 && block > 0 && block % self.restart_interval == 0 {
                self.bits.restart()?;
                predicted = 0;
            }
            let pixels = inverse_transform(&self.block(&mut predicted)?, &cosines);
            let (left, top) = (block % across * 8, block / across * 8);
            for (row, line) in pixels.chunks_exact(8).enumerate().take(height - top) {
                let kept = line.len().min(width - left);
                let at = (top + row) * width + left;
                for (sample, level) in samples[at..at + kept].iter_mut().zip(line) {
                    *sample = (level + LEVEL_SHIFT).round().clamp(0.0, GREATEST) as u16;
                }
            }
        }
        Ok(samples)
    }

    /// The dequantised coefficients of one block, in natural order.
    fn block(&mut self, predicted: &mut i32) -> Result<[f32; 64], CodecError> {
        let mut coefficients = [0.0; 64];
        let size = self.bits.symbol(self.dc)?;
        if size > 15 {
            return Err(broken());
        }
        *predicted = predicted.wrapping_add(self.bits.value(size)?);
        coefficients[0] = *predicted as f32 * self.quantizer.0[0];
        let mut at = 1;
        while at < 64 {
            let symbol = self.bits.symbol(self.ac)?;
            let (run, size) = (usize::from(symbol >> 4), symbol & 0xF);
            match (run, size) {
                (15, 0) => at += 16,
                (_, 0) => break,
                _ => {
                    at += run;
                    if at > 63 {
                        return Err(broken());
                    }
                    coefficients[ZIGZAG[at]] = self.bits.value(size)? as f32 * self.quantizer.0[at];
                    at += 1;
                }
            }
        }
        Ok(coefficients)
    }
}

/// `cosines()[x][u]`: how much of frequency u there is at x (§A.3.3).
fn cosines() -> [[f32; 8]; 8] {
    std::array::from_fn(|x| {
        std::array::from_fn(|u| {
            let scale = if u == 0 {
                std::f32::consts::FRAC_1_SQRT_2
            } else {
                1.0
            };
            let angle = (2 * x + 1) as f32 * u as f32 * std::f32::consts::PI / 16.0;
            0.5 * scale * angle.cos()
        })
    })
}

fn inverse_transform(coefficients: &[f32; 64], cosines: &[[f32; 8]; 8]) -> [f32; 64] {
    let mut rows = [0.0; 64];
    for v in 0..8 {
        for x in 0..8 {
            rows[v * 8 + x] = (0..8).map(|u| cosines[x][u] * coefficients[v * 8 + u]).sum();
        }
    }
    let mut pixels = [0.0; 64];
    for y in 0..8 {
        for x in 0..8 {
            pixels[y * 8 + x] = (0..8).map(|v| cosines[y][v] * rows[v * 8 + x]).sum();
        }
    }
    pixels
}
