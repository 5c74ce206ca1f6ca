//! Which fragments of encapsulated pixel data make up which frame (PS3.5 §A.4).
//!
//! In this order: the Extended Offset Table, the Basic Offset Table, one frame, as many fragments as frames, and
//! last the markers that codestreams begin with.

use std::borrow::Cow;

use super::CodecError;
use super::dataset::DataSet;
use super::source::ByteSource;

/// Most fragments, all frames together.
const MAX_FRAGMENTS: usize = 4_000_000;
const ITEM: [u8; 4] = [0xFE, 0xFF, 0x00, 0xE0];
const EXTENDED_OFFSET_TABLE: u32 = 0x7FE0_0001;
const UNDEFINED: u32 = u32::MAX;

#[derive(Debug, Clone, Copy)]
struct Fragment {
    /// Offset of the value in the source.
    offset: u64,
    length: u32,
}

/// The fragments and the frames they belong to.
#[derive(Debug)]
pub(crate) struct FragmentIndex {
    fragments: Vec<Fragment>,
    /// The first fragment of each frame, ascending.
    starts: Vec<usize>,
}

impl FragmentIndex {
    /// Walks the items from `offset` and assigns them to `frames`.
    ///
    /// Errors: [`CodecError::TruncatedPixels`] without a fragment, [`CodecError::Hostile`] with millions,
    /// [`CodecError::BadPixelDescription`] when frames cannot be told apart.
    pub(crate) fn read(
        source: &ByteSource,
        offset: u64,
        frames: u32,
        set: &DataSet,
    ) -> Result<Self, CodecError> {
        let (table, fragments) = walk(source, offset)?;
        if fragments.is_empty() {
            return Err(CodecError::TruncatedPixels);
        }
        let frames = frames as usize;
        let extended = set.u64s(EXTENDED_OFFSET_TABLE).unwrap_or_default();
        let starts = by_table(&fragments, &extended, frames)
            .or_else(|| by_table(&fragments, &table, frames))
            .or_else(|| (frames == 1).then(|| vec![0]))
            .or_else(|| (fragments.len() == frames).then(|| (0..frames).collect()))
            .map_or_else(|| by_markers(source, &fragments, frames), Ok)?;
        Ok(Self { fragments, starts })
    }

    /// The codestream of one frame, its fragments joined.
    ///
    /// Errors: [`CodecError::FrameOutOfRange`], [`CodecError::TruncatedPixels`].
    pub(crate) fn frame<'a>(&self, source: &'a ByteSource, frame: u32) -> Result<Cow<'a, [u8]>, CodecError> {
        let index = frame as usize;
        let start = *self.starts.get(index).ok_or(CodecError::FrameOutOfRange {
            frame,
            frames: self.starts.len() as u32,
        })?;
        let end = self
            .starts
            .get(index + 1)
            .copied()
            .unwrap_or(self.fragments.len());
        match &self.fragments[start..end] {
            [only] => source.bytes(only.offset, only.length.into()),
            several => {
                let mut joined = Vec::new();
                for fragment in several {
                    joined.extend_from_slice(&source.bytes(fragment.offset, fragment.length.into())?);
                }
                Ok(Cow::Owned(joined))
            }
        }
    }
}

/// The Basic Offset Table and all fragments after it.
fn walk(source: &ByteSource, mut at: u64) -> Result<(Vec<u64>, Vec<Fragment>), CodecError> {
    let mut table = None;
    let mut fragments = Vec::new();
    loop {
        let head = source.window(at, 8)?;
        // A sequence delimiter, the end of a cut-off file, or rubbish after the last fragment.
        if head.len() < 8 || head[..4] != ITEM {
            break;
        }
        let length = u32::from_le_bytes(head[4..].try_into().expect("four bytes"));
        let rest = source.len() - at - 8;
        if length == UNDEFINED {
            return Err(CodecError::hostile("a fragment of undefined length"));
        }
        // The last fragment of a cut-off file is what is left of it; its decoder will say so.
        let kept = u64::from(length).min(rest) as u32;
        if table.is_none() {
            let bytes = source.bytes(at + 8, kept.into())?;
            table = Some(
                bytes
                    .chunks_exact(4)
                    .map(|four| u32::from_le_bytes(four.try_into().expect("four bytes")).into())
                    .collect(),
            );
        } else {
            if fragments.len() == MAX_FRAGMENTS {
                return Err(CodecError::hostile("too many fragments"));
            }
            fragments.push(Fragment {
                offset: at + 8,
                length: kept,
            });
        }
        at += 8 + u64::from(kept);
    }
    Ok((table.unwrap_or_default(), fragments))
}

/// Frame starts by offsets from the first fragment's item; `None` where the table does not fit the fragments.
fn by_table(fragments: &[Fragment], table: &[u64], frames: usize) -> Option<Vec<usize>> {
    if table.len() != frames {
        return None;
    }
    let first = fragments.first()?.offset;
    let starts: Vec<usize> = table
        .iter()
        .map(|offset| {
            let wanted = first.checked_add(*offset)?;
            fragments
                .binary_search_by_key(&wanted, |fragment| fragment.offset)
                .ok()
        })
        .collect::<Option<_>>()?;
    let ascending = starts.windows(2).all(|pair| pair[0] < pair[1]);
    (starts.first() == Some(&0) && ascending).then_some(starts)
}

/// Frame starts where a fragment begins like a codestream.
fn by_markers(source: &ByteSource, fragments: &[Fragment], frames: usize) -> Result<Vec<usize>, CodecError> {
    let mut starts = Vec::new();
    for (index, fragment) in fragments.iter().enumerate() {
        let head = source.window(fragment.offset, 4.min(u64::from(fragment.length)))?;
        let jpeg = head.starts_with(&[0xFF, 0xD8, 0xFF]);
        let jpeg_2000 = head.starts_with(&[0xFF, 0x4F, 0xFF, 0x51]);
        let jpeg_xl = head.starts_with(&[0xFF, 0x0A]);
        if jpeg || jpeg_2000 || jpeg_xl {
            starts.push(index);
        }
    }
    if starts.len() == frames && starts.first() == Some(&0) {
        Ok(starts)
    } else {
        Err(CodecError::description(
            "the fragments cannot be told apart into frames",
        ))
    }
}
