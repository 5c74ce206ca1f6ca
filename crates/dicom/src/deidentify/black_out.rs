//! Blacking out rectangles of native pixels as they pass by.
//!
//! **Invariant:** every frame and every plane is painted; what cannot be painted for certain is refused before a byte
//! is written.

use super::DeidentifyError;
use super::profile::Region;
use crate::index::Attributes;

/// How native pixels lie: little-endian cells, row after row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Geometry {
    pub rows: u64,
    pub columns: u64,
    pub samples: u64,
    pub bits_allocated: u64,
    pub bits_stored: u32,
    pub high_bit: u32,
    pub signed: bool,
    /// Colour by plane: Planar Configuration (0028,0006) is 1.
    pub planar: bool,
    pub photometric: String,
}

impl Geometry {
    /// Errors: [`DeidentifyError::Unpaintable`] for images without dimensions or with cells of odd sizes.
    pub(super) fn of(attributes: &Attributes) -> Result<Self, DeidentifyError> {
        let (Some(rows), Some(columns), Some(bits)) =
            (attributes.rows, attributes.columns, attributes.bits_allocated)
        else {
            return Err(DeidentifyError::Unpaintable("the image has no dimensions"));
        };
        if !matches!(bits, 1 | 8 | 16 | 32 | 64) {
            return Err(DeidentifyError::Unpaintable("its cells are no whole bytes"));
        }
        let stored = attributes.bits_stored.unwrap_or(bits).clamp(1, bits);
        let high = attributes
            .high_bit
            .unwrap_or(stored - 1)
            .clamp(stored - 1, bits - 1);
        Ok(Self {
            rows: rows.into(),
            columns: columns.into(),
            samples: attributes.samples_per_pixel.unwrap_or(1).into(),
            bits_allocated: bits.into(),
            bits_stored: stored.into(),
            high_bit: high.into(),
            signed: attributes.pixel_representation == Some(1),
            planar: attributes.planar_configuration == Some(1),
            photometric: attributes.photometric_interpretation.clone().unwrap_or_default(),
        })
    }

    /// A black sample of a plane, as its cell.
    fn black(&self, sample: u64) -> Vec<u8> {
        let middle = 1_i128 << (self.bits_stored - 1);
        let value = match self.photometric.as_str() {
            "MONOCHROME1" if self.signed => middle - 1,
            "MONOCHROME1" => 2 * middle - 1,
            photometric if photometric.starts_with("YBR") && sample > 0 => middle,
            photometric if photometric.starts_with("MONOCHROME2") && self.signed => -middle,
            _ => 0,
        };
        let cell = value << (self.high_bit + 1 - self.bits_stored);
        cell.to_le_bytes()[..(self.bits_allocated / 8) as usize].to_vec()
    }
}

/// Paints a stream of native pixels, piece by piece from its first byte on.
#[derive(Debug)]
pub(super) struct Painter {
    geometry: Geometry,
    regions: Vec<Region>,
    /// Bits of one row of one plane.
    row_bits: u64,
    planes: u64,
    /// Columns that share a group of bytes: 2 for YBR_FULL_422.
    group_columns: u64,
    /// A black group of each plane; empty for single bits.
    black: Vec<Vec<u8>>,
    position: u64,
}

impl Painter {
    /// A painter of pixels whose frames have `frame_bits` bits.
    ///
    /// Errors: [`DeidentifyError::Unpaintable`].
    pub(super) fn new(
        geometry: Geometry,
        frame_bits: u64,
        regions: &[Region],
    ) -> Result<Self, DeidentifyError> {
        let Geometry {
            rows,
            columns,
            samples,
            bits_allocated,
            ..
        } = geometry;
        let full = rows * columns * samples * bits_allocated;
        let subsampled = frame_bits != full;
        if subsampled {
            // PS3.3 §C.7.6.3.1.2: Y1 Y2 CB CR.
            let is_422 = matches!(geometry.photometric.as_str(), "YBR_FULL_422" | "YBR_PARTIAL_422");
            if !is_422 || bits_allocated != 8 || columns % 2 == 1 || frame_bits * 3 != full * 2 {
                return Err(DeidentifyError::Unpaintable("its colours are shared unusually"));
            }
        }
        let planes = if geometry.planar && !subsampled {
            samples
        } else {
            1
        };
        let black = match (bits_allocated, subsampled) {
            (1, _) => Vec::new(),
            (_, true) => vec![[0, 0, 1, 2].iter().flat_map(|at| geometry.black(*at)).collect()],
            _ if planes > 1 => (0..samples).map(|at| geometry.black(at)).collect(),
            _ => vec![(0..samples).flat_map(|at| geometry.black(at)).collect()],
        };
        Ok(Self {
            row_bits: frame_bits / (rows * planes).max(1),
            planes,
            group_columns: if subsampled { 2 } else { 1 },
            black,
            regions: regions.to_vec(),
            geometry,
            position: 0,
        })
    }

    /// Paints the next piece.
    pub(super) fn paint(&mut self, piece: &mut [u8]) {
        if self.row_bits == 0 {
            return;
        }
        if self.black.is_empty() {
            self.paint_bits(piece);
        } else {
            self.paint_bytes(piece);
        }
        self.position += piece.len() as u64;
    }

    fn paint_bytes(&self, piece: &mut [u8]) {
        let row_bytes = self.row_bits / 8;
        let end = self.position + piece.len() as u64;
        let mut at = self.position;
        while at < end {
            let row = at / row_bytes;
            let (row_start, row_end) = (row * row_bytes, ((row + 1) * row_bytes).min(end));
            let plane = (row / self.geometry.rows % self.planes) as usize;
            let group = self.black[plane.min(self.black.len() - 1)].as_slice();
            for (left, right) in self.spans(row % self.geometry.rows) {
                let from = row_start + left / self.group_columns * group.len() as u64;
                let upto = row_start + right.div_ceil(self.group_columns) * group.len() as u64;
                for byte in from.max(at)..upto.min(row_end) {
                    piece[(byte - self.position) as usize] =
                        group[((byte - row_start) % group.len() as u64) as usize];
                }
            }
            at = row_end;
        }
    }

    /// Single bits: rows, and even frames, begin in the middle of a byte (PS3.5 §8.1.1).
    fn paint_bits(&self, piece: &mut [u8]) {
        let white_is_zero = self.geometry.photometric == "MONOCHROME1";
        let bits = piece.len() as u64 * 8;
        let start = self.position * 8;
        let mut at = start;
        while at < start + bits {
            let row = at / self.row_bits;
            let (row_start, row_end) = (row * self.row_bits, (row + 1) * self.row_bits);
            for (left, right) in self.spans(row % self.geometry.rows) {
                for bit in (row_start + left).max(at)..(row_start + right).min(row_end).min(start + bits) {
                    let (byte, mask) = (((bit - start) / 8) as usize, 1 << (bit % 8));
                    if white_is_zero {
                        piece[byte] |= mask;
                    } else {
                        piece[byte] &= !mask;
                    }
                }
            }
            at = row_end.min(start + bits);
        }
    }

    /// The columns to paint in a row.
    fn spans(&self, row: u64) -> impl Iterator<Item = (u64, u64)> {
        let columns = self.geometry.columns;
        self.regions.iter().filter_map(move |region| {
            let (top, left) = (u64::from(region.top), u64::from(region.left));
            let hit = (top..top + u64::from(region.height)).contains(&row) && left < columns;
            hit.then(|| (left, (left + u64::from(region.width)).min(columns)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn geometry(photometric: &str, samples: u64, bits: u64, planar: bool) -> Geometry {
        Geometry {
            rows: 7,
            columns: 10,
            samples,
            bits_allocated: bits,
            bits_stored: bits as u32,
            high_bit: bits as u32 - 1,
            signed: false,
            planar,
            photometric: photometric.to_owned(),
        }
    }

    fn painted(geometry: &Geometry, frame_bits: u64, region: Region, cut: usize) -> Vec<u8> {
        let mut pixels = vec![0xa5; (frame_bits * 2).div_ceil(8) as usize];
        let mut painter = Painter::new(geometry.clone(), frame_bits, &[region]).unwrap();
        let cut = cut.min(pixels.len());
        let (first, second) = pixels.split_at_mut(cut);
        painter.paint(first);
        painter.paint(second);
        pixels
    }

    proptest! {
        #[test]
        fn each_pixel_inside_is_black_and_each_outside_is_as_it_was(
            left in 0_u32..12, top in 0_u32..9, width in 1_u32..12, height in 1_u32..9,
            kind in 0_usize..5, cut in 0_usize..500,
        ) {
            let region = Region { left, top, width, height };
            let (geometry, black): (Geometry, Vec<u8>) = match kind {
                0 => (geometry("MONOCHROME2", 1, 8, false), vec![0]),
                1 => (geometry("MONOCHROME1", 1, 16, false), vec![0xff, 0xff]),
                2 => (geometry("RGB", 3, 8, false), vec![0, 0, 0]),
                3 => (geometry("YBR_FULL", 3, 8, true), vec![0, 128, 128]),
                _ => (geometry("MONOCHROME2", 1, 1, false), vec![0]),
            };
            let frame_bits = geometry.rows * geometry.columns * geometry.samples * geometry.bits_allocated;
            let pixels = painted(&geometry, frame_bits, region, cut);
            let cell = (geometry.bits_allocated / 8) as usize;
            for frame in 0..2_usize {
                for y in 0..7_usize {
                    for x in 0..10_usize {
                        let inside = (left..left + width).contains(&(x as u32))
                            && (top..top + height).contains(&(y as u32));
                        for sample in 0..geometry.samples as usize {
                            if cell == 0 {
                                let bit = (frame * 7 + y) * 10 + x;
                                let expected = if inside { 0 } else { 0xa5 >> (bit % 8) & 1 };
                                prop_assert_eq!(pixels[bit / 8] >> (bit % 8) & 1, expected);
                                continue;
                            }
                            let at = if geometry.planar {
                                ((frame * 3 + sample) * 7 + y) * 10 + x
                            } else {
                                ((frame * 7 + y) * 10 + x) * geometry.samples as usize + sample
                            };
                            let expected = if inside { &black[sample..sample + cell] } else { &[0xa5; 2][..cell] };
                            prop_assert_eq!(&pixels[at * cell..][..cell], expected);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn shared_colours_are_painted_in_pairs() {
        let geometry = geometry("YBR_FULL_422", 3, 8, false);
        let region = Region {
            left: 1,
            top: 0,
            width: 1,
            height: 1,
        };
        let pixels = painted(&geometry, 7 * 10 * 16, region, 3);
        assert_eq!(pixels[..5], [0, 0, 128, 128, 0xa5]);
        let odd = Geometry {
            columns: 9,
            ..geometry
        };
        assert!(Painter::new(odd, 7 * 9 * 16, &[region]).is_err());
    }

    #[test]
    fn black_of_signed_pixels_is_their_smallest() {
        let signed = Geometry {
            signed: true,
            bits_stored: 12,
            high_bit: 11,
            ..geometry("MONOCHROME2", 1, 16, false)
        };
        assert_eq!(signed.black(0), (-2048_i16).to_le_bytes());
        let inverted = Geometry {
            photometric: "MONOCHROME1".to_owned(),
            ..signed
        };
        assert_eq!(inverted.black(0), 2047_i16.to_le_bytes());
    }
}
