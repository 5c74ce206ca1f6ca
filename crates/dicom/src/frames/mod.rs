//! Where each frame of an instance lies in its file.
//!
//! Fragments are not frames (PS3.5 §A.4): the index maps every frame to the byte ranges that hold it, so that a
//! frame is read without reading the rest.
//!
//! **Invariant:** offsets are absolute in the file as it was received, except in [`FrameIndex::Deflated`], where
//! they count in the inflated data set.

mod blob;
mod encapsulated;
mod native;
mod read;

pub use blob::BlobError;
pub use encapsulated::{EncapsulatedFrames, Fragment};
pub(crate) use encapsulated::{FragmentScan, ScannedFragment, locate_frames, starts_codestream};
pub use native::NativeFrames;
pub use read::{FrameReadError, read_frame};

/// How to reach the frames of one instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FrameIndex {
    /// The instance has no pixel data.
    None,
    /// Uncompressed pixels: every frame is arithmetic.
    Native(NativeFrames),
    /// Uncompressed pixels inside a deflated data set (PS3.5 §A.5). A frame is reached by inflating from
    /// `dataset_offset`; the offsets of `frames` count in the inflated bytes.
    Deflated {
        /// Where the deflate stream begins in the file.
        dataset_offset: u64,
        /// The pixels in the inflated data set.
        frames: NativeFrames,
    },
    /// Compressed frames, each of one or more fragments.
    Encapsulated(EncapsulatedFrames),
    /// One bit stream for all frames, such as MPEG-2 or H.264 video (PS3.5 §8.2.5), or compressed frames that
    /// cannot be told apart. Only the whole can be served.
    Stream {
        /// The fragments of the stream, in order.
        fragments: Vec<Fragment>,
        /// Number of Frames (0028,0008) as declared.
        declared_frames: u32,
    },
}

/// A range of bytes in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByteRange {
    /// First byte.
    pub offset: u64,
    /// Number of bytes.
    pub length: u64,
}

/// One frame: the ranges to read, and what to do with the bytes read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameLocation {
    /// Ranges to read and join, in order.
    pub ranges: Vec<ByteRange>,
    /// Whether the ranges lie in the inflated data set instead of the file.
    pub inflated: bool,
    /// Size of the big-endian words to swap, in bytes; 1 when nothing is to be swapped.
    pub word_bytes: u8,
    /// Bits before the frame in the joined bytes. Not a multiple of 8 for 1-bit frames that start mid-byte.
    pub skip_bits: u64,
    /// Bits of the frame; `None` when the joined bytes are the frame, as for compressed ones.
    pub frame_bits: Option<u64>,
}

impl FrameIndex {
    /// The number of frames that can be read one by one. 0 without pixel data and for [`FrameIndex::Stream`].
    pub fn count(&self) -> u32 {
        match self {
            Self::None | Self::Stream { .. } => 0,
            Self::Native(frames) | Self::Deflated { frames, .. } => frames.count,
            Self::Encapsulated(frames) => frames.count(),
        }
    }

    /// Whether the frames are uncompressed: raw samples, once [`FrameLocation::finish`] is through with them.
    pub fn is_native(&self) -> bool {
        matches!(self, Self::Native(_) | Self::Deflated { .. })
    }

    /// Where frame `number` lies. Frames count from 1, as in PS3.18 §10.1.2.
    pub fn frame(&self, number: u32) -> Option<FrameLocation> {
        match self {
            Self::None | Self::Stream { .. } => None,
            Self::Native(frames) => frames.frame(number),
            Self::Deflated { frames, .. } => frames.frame(number).map(|mut location| {
                location.inflated = true;
                location
            }),
            Self::Encapsulated(frames) => frames.frame(number),
        }
    }
}

impl FrameLocation {
    /// Bytes to read in all.
    pub fn read_bytes(&self) -> u64 {
        self.ranges
            .iter()
            .map(|range| range.length)
            .fold(0, u64::saturating_add)
    }

    /// Whether the bytes of the file are the frame already, without swapping, trimming or shifting.
    pub fn is_verbatim(&self) -> bool {
        self.word_bytes == 1
            && self.skip_bits == 0
            && self
                .frame_bits
                .is_none_or(|bits| bits == self.read_bytes().saturating_mul(8))
    }

    /// Turns the joined bytes of [`FrameLocation::ranges`] into the frame: little-endian, starting at bit 0 of
    /// byte 0, unused bits of the last byte zero.
    pub fn finish(&self, mut raw: Vec<u8>) -> Vec<u8> {
        if self.is_verbatim() {
            return raw;
        }
        if self.word_bytes > 1 {
            raw.chunks_exact_mut(usize::from(self.word_bytes))
                .for_each(<[u8]>::reverse);
        }
        let Some(bits) = self.frame_bits else { return raw };
        native::take_bits(&raw, self.skip_bits, bits)
    }
}
