//! The frame index as a compact blob for the database.
//!
//! Layout: version, kind, then LEB128 numbers. Fragment offsets are written as the gap after the fragment
//! before, which is 8 in nearly every file, so a fragment costs about four bytes.
//!
//! **Invariant:** decoding never allocates more than the blob's own length justifies.

use super::{EncapsulatedFrames, Fragment, FrameIndex, NativeFrames};

const VERSION: u8 = 1;

/// Why a blob is not a frame index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BlobError {
    /// Written by another version of this code.
    #[error("frame index version {0} is unknown")]
    Version(u8),
    /// Not what [`FrameIndex::to_blob`] writes.
    #[error("the frame index is damaged")]
    Damaged,
}

impl FrameIndex {
    /// Encodes the index.
    pub fn to_blob(&self) -> Vec<u8> {
        let mut out = vec![VERSION];
        match self {
            Self::None => out.push(0),
            Self::Native(frames) => {
                out.push(1);
                put_native(&mut out, frames);
            }
            Self::Deflated {
                dataset_offset,
                frames,
            } => {
                out.push(2);
                put(&mut out, *dataset_offset);
                put_native(&mut out, frames);
            }
            Self::Encapsulated(frames) => {
                out.push(3);
                put_fragments(&mut out, frames.fragments());
                put(&mut out, frames.ends().len() as u64);
                let mut before = 0;
                for &end in frames.ends() {
                    put(&mut out, u64::from(end - before));
                    before = end;
                }
            }
            Self::Stream {
                fragments,
                declared_frames,
            } => {
                out.push(4);
                put(&mut out, u64::from(*declared_frames));
                put_fragments(&mut out, fragments);
            }
        }
        out
    }

    /// Decodes what [`FrameIndex::to_blob`] wrote.
    pub fn from_blob(blob: &[u8]) -> Result<Self, BlobError> {
        let (&version, rest) = blob.split_first().ok_or(BlobError::Damaged)?;
        if version != VERSION {
            return Err(BlobError::Version(version));
        }
        let (&kind, rest) = rest.split_first().ok_or(BlobError::Damaged)?;
        let mut input = Input(rest);
        let index = input.index(kind).ok_or(BlobError::Damaged)?;
        if input.0.is_empty() {
            Ok(index)
        } else {
            Err(BlobError::Damaged)
        }
    }
}

fn put(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn put_native(out: &mut Vec<u8>, frames: &NativeFrames) {
    for value in [
        frames.offset,
        frames.length,
        frames.frame_bits,
        u64::from(frames.count),
    ] {
        put(out, value);
    }
    out.push(frames.word_bytes);
}

fn put_fragments(out: &mut Vec<u8>, fragments: &[Fragment]) {
    put(out, fragments.len() as u64);
    let mut end = 0;
    for fragment in fragments {
        put(out, fragment.offset - end);
        put(out, u64::from(fragment.length));
        end = fragment.offset + u64::from(fragment.length);
    }
}

struct Input<'a>(&'a [u8]);

impl Input<'_> {
    fn index(&mut self, kind: u8) -> Option<FrameIndex> {
        Some(match kind {
            0 => FrameIndex::None,
            1 => FrameIndex::Native(self.native()?),
            2 => FrameIndex::Deflated {
                dataset_offset: self.number()?,
                frames: self.native()?,
            },
            3 => {
                let fragments = self.fragments()?;
                let count = self.count(1)?;
                let mut end = 0u32;
                let mut ends = Vec::with_capacity(count);
                for _ in 0..count {
                    end = end.checked_add(u32::try_from(self.number()?).ok()?)?;
                    ends.push(end);
                }
                FrameIndex::Encapsulated(EncapsulatedFrames::new(fragments, ends)?)
            }
            4 => FrameIndex::Stream {
                declared_frames: u32::try_from(self.number()?).ok()?,
                fragments: self.fragments()?,
            },
            _ => return None,
        })
    }

    fn byte(&mut self) -> Option<u8> {
        let (&byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(byte)
    }

    fn number(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                return None;
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    /// A count of things that take at least `least` bytes each.
    fn count(&mut self, least: usize) -> Option<usize> {
        let count = usize::try_from(self.number()?).ok()?;
        (count.checked_mul(least)? <= self.0.len()).then_some(count)
    }

    fn native(&mut self) -> Option<NativeFrames> {
        Some(NativeFrames {
            offset: self.number()?,
            length: self.number()?,
            frame_bits: self.number()?,
            count: u32::try_from(self.number()?).ok()?,
            word_bytes: self.byte()?,
        })
    }

    fn fragments(&mut self) -> Option<Vec<Fragment>> {
        let count = self.count(2)?;
        let mut fragments = Vec::with_capacity(count);
        let mut end = 0u64;
        for _ in 0..count {
            let offset = end.checked_add(self.number()?)?;
            let length = u32::try_from(self.number()?).ok()?;
            end = offset.checked_add(u64::from(length))?;
            fragments.push(Fragment { offset, length });
        }
        Some(fragments)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fragments() -> impl Strategy<Value = Vec<Fragment>> {
        prop::collection::vec((0u64..1 << 40, any::<u32>()), 0..40).prop_map(|steps| {
            let mut at = 0;
            let place = |(gap, length): (u64, u32)| {
                let fragment = Fragment {
                    offset: at + gap,
                    length,
                };
                at = fragment.offset + u64::from(length);
                fragment
            };
            steps.into_iter().map(place).collect()
        })
    }

    fn native() -> impl Strategy<Value = NativeFrames> {
        (
            any::<u64>(),
            any::<u64>(),
            any::<u64>(),
            any::<u32>(),
            any::<u8>(),
        )
            .prop_map(|(offset, length, frame_bits, count, word_bytes)| NativeFrames {
                offset,
                length,
                frame_bits,
                count,
                word_bytes,
            })
    }

    fn encapsulated() -> impl Strategy<Value = FrameIndex> {
        (fragments(), prop::collection::vec(any::<bool>(), 40)).prop_map(|(fragments, cuts)| {
            let count = fragments.len() as u32;
            let ends = (1..=count)
                .filter(|end| *end == count || cuts[*end as usize - 1])
                .collect();
            FrameIndex::Encapsulated(EncapsulatedFrames::new(fragments, ends).unwrap())
        })
    }

    fn index() -> impl Strategy<Value = FrameIndex> {
        prop_oneof![
            Just(FrameIndex::None),
            native().prop_map(FrameIndex::Native),
            (any::<u64>(), native()).prop_map(|(dataset_offset, frames)| FrameIndex::Deflated {
                dataset_offset,
                frames
            }),
            encapsulated(),
            (fragments(), any::<u32>()).prop_map(|(fragments, declared_frames)| FrameIndex::Stream {
                fragments,
                declared_frames
            }),
        ]
    }

    proptest! {
        #[test]
        fn an_index_survives_its_blob(index in index()) {
            prop_assert_eq!(FrameIndex::from_blob(&index.to_blob()), Ok(index));
        }

        #[test]
        fn a_blob_cut_short_is_damaged(index in index(), cut in any::<prop::sample::Index>()) {
            let blob = index.to_blob();
            let cut = cut.index(blob.len());
            prop_assert_eq!(FrameIndex::from_blob(&blob[..cut]), Err(BlobError::Damaged));
        }

        #[test]
        fn any_bytes_decode_or_fail_without_harm(mut bytes in prop::collection::vec(any::<u8>(), 0..64), kind in 0u8..6) {
            bytes.splice(0..0, [VERSION, kind]);
            if let Ok(index) = FrameIndex::from_blob(&bytes) {
                for number in [0, 1, 2, u32::MAX] {
                    let _ = index.frame(number);
                }
            }
        }
    }

    #[test]
    fn another_version_is_named() {
        assert_eq!(FrameIndex::from_blob(&[9, 0]), Err(BlobError::Version(9)));
    }

    #[test]
    fn a_thousand_single_fragment_frames_take_a_few_bytes_each() {
        let fragments = (0..1000)
            .map(|at| Fragment {
                offset: 2000 + at * 200_008,
                length: 200_000,
            })
            .collect();
        let index =
            FrameIndex::Encapsulated(EncapsulatedFrames::new(fragments, (1..=1000).collect()).unwrap());
        assert!(index.to_blob().len() < 4100);
    }
}
