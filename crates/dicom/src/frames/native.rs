//! Uncompressed frames: one value, cut by arithmetic.

use super::{ByteRange, FrameLocation};

/// The uncompressed pixels of an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NativeFrames {
    /// First byte of the value of Pixel Data.
    pub offset: u64,
    /// Bytes of the value, padding included.
    pub length: u64,
    /// Bits of one frame. Frames follow each other without padding (PS3.5 §8.1.1), so frames of 1-bit pixels
    /// may start mid-byte.
    pub frame_bits: u64,
    /// Number of frames.
    pub count: u32,
    /// Size of the big-endian words in which the value is stored, in bytes; 1 for little endian.
    pub word_bytes: u8,
}

impl NativeFrames {
    /// Bytes of one frame when it is served, the last one filled up.
    pub fn frame_bytes(&self) -> u64 {
        self.frame_bits.div_ceil(8)
    }

    pub(super) fn frame(&self, number: u32) -> Option<FrameLocation> {
        if number == 0 || number > self.count {
            return None;
        }
        let start_bit = self.frame_bits.checked_mul(u64::from(number - 1))?;
        let end_bit = start_bit.checked_add(self.frame_bits)?;
        let word = u64::from(self.word_bytes.max(1));
        // Whole words, because swapping needs both ends of each.
        let start = start_bit / 8 / word * word;
        let end = end_bit.div_ceil(8).next_multiple_of(word).min(self.length);
        if end_bit.div_ceil(8) > end {
            return None;
        }
        Some(FrameLocation {
            ranges: vec![ByteRange {
                offset: self.offset.checked_add(start)?,
                length: end - start,
            }],
            inflated: false,
            word_bytes: self.word_bytes.max(1),
            skip_bits: start_bit - start * 8,
            frame_bits: Some(self.frame_bits),
        })
    }
}

/// Copies `bits` bits that begin `skip` bits into `raw`; the first pixel is the lowest bit (PS3.5 §8.1.1).
pub(super) fn take_bits(raw: &[u8], skip: u64, bits: u64) -> Vec<u8> {
    let first = usize::try_from(skip / 8).unwrap_or(usize::MAX).min(raw.len());
    let raw = &raw[first..];
    let shift = (skip % 8) as u32;
    let wanted = usize::try_from(bits.div_ceil(8))
        .unwrap_or(usize::MAX)
        .min(raw.len());
    let mut out = if shift == 0 {
        raw[..wanted].to_vec()
    } else {
        (0..wanted)
            .map(|at| {
                let high = raw.get(at + 1).copied().unwrap_or(0);
                (raw[at] >> shift) | (high << (8 - shift))
            })
            .collect()
    };
    if let (Some(last), used @ 1..) = (out.last_mut(), bits % 8) {
        *last &= (1 << used) - 1;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::FrameIndex;
    use super::*;
    use proptest::prelude::*;

    fn frames(frame_bits: u64, count: u32, word_bytes: u8) -> NativeFrames {
        let length = (frame_bits * u64::from(count)).div_ceil(8).next_multiple_of(2);
        NativeFrames {
            offset: 1000,
            length,
            frame_bits,
            count,
            word_bytes,
        }
    }

    #[test]
    fn frames_are_arithmetic_and_count_from_one() {
        let index = FrameIndex::Native(frames(512 * 512 * 16, 3, 1));
        let second = index.frame(2).unwrap();
        assert_eq!(
            second.ranges,
            [ByteRange {
                offset: 1000 + 524_288,
                length: 524_288
            }]
        );
        assert!(second.is_verbatim());
        assert_eq!(index.frame(0), None);
        assert_eq!(index.frame(4), None);
    }

    #[test]
    fn a_one_bit_frame_may_start_mid_byte() {
        // Three frames of 3 pixels: 101, 011, 110, the first pixel in the lowest bit.
        let value = [0b1001_1101_u8, 0b1];
        let native = NativeFrames {
            offset: 0,
            length: 2,
            frame_bits: 3,
            count: 3,
            word_bytes: 1,
        };
        let pixels: Vec<Vec<u8>> = (1..=3)
            .map(|number| {
                let location = native.frame(number).unwrap();
                let range = location.ranges[0];
                location.finish(value[range.offset as usize..][..range.length as usize].to_vec())
            })
            .collect();
        assert_eq!(pixels, [[0b101], [0b011], [0b110]]);
    }

    #[test]
    fn big_endian_words_are_swapped_even_when_a_frame_starts_inside_one() {
        // Two frames of three 8-bit samples in big-endian 16-bit words.
        let value = [2_u8, 1, 4, 3, 6, 5];
        let native = NativeFrames {
            offset: 0,
            length: 6,
            frame_bits: 24,
            count: 2,
            word_bytes: 2,
        };
        let second = native.frame(2).unwrap();
        assert_eq!(second.ranges, [ByteRange { offset: 2, length: 4 }]);
        assert_eq!(second.finish(value[2..].to_vec()), [4, 5, 6]);
    }

    proptest! {
        #[test]
        fn frames_of_any_width_join_to_the_whole_value(
            frame_bits in 1u64..70,
            count in 1u32..12,
            seed in any::<u64>(),
        ) {
            let native = NativeFrames { offset: 0, ..frames(frame_bits, count, 1) };
            let value: Vec<u8> = (0..native.length).map(|at| (seed.rotate_left(at as u32 * 7) >> 3) as u8).collect();
            let bit = |bytes: &[u8], at: u64| bytes[(at / 8) as usize] >> (at % 8) & 1;
            for number in 1..=count {
                let location = native.frame(number).unwrap();
                let range = location.ranges[0];
                let raw = value[range.offset as usize..(range.offset + range.length) as usize].to_vec();
                let frame = location.finish(raw);
                prop_assert_eq!(frame.len() as u64, frame_bits.div_ceil(8));
                for at in 0..frame_bits {
                    prop_assert_eq!(bit(&frame, at), bit(&value, u64::from(number - 1) * frame_bits + at));
                }
            }
        }
    }
}
