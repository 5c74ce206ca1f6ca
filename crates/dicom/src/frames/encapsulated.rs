//! Compressed frames: which fragments make which frame.
//!
//! In order of trust: Extended Offset Table, Basic Offset Table, one fragment a frame, a single frame of all
//! fragments, and last the codestreams' own start markers.

use super::{ByteRange, FrameIndex, FrameLocation};
use crate::refusal::{Refusal, Warning};

/// The value of one item of encapsulated pixel data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fragment {
    /// First byte of the value, after the item's header.
    pub offset: u64,
    /// Bytes of the value.
    pub length: u32,
}

/// Fragments and how they group to frames.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncapsulatedFrames {
    fragments: Vec<Fragment>,
    /// For each frame, the index after its last fragment. Empty: one fragment a frame.
    ends: Vec<u32>,
}

impl EncapsulatedFrames {
    /// `ends` holds for each frame the index after its last fragment, ascending; `None` when it is not so.
    pub(super) fn new(fragments: Vec<Fragment>, ends: Vec<u32>) -> Option<Self> {
        let ascending = ends.windows(2).all(|pair| pair[0] < pair[1]) && ends.first() != Some(&0);
        let inside = ends.last().is_none_or(|last| *last as usize <= fragments.len());
        let one_each = ends.len() == fragments.len();
        (ascending && inside && u32::try_from(fragments.len()).is_ok()).then(|| Self {
            fragments,
            ends: if one_each { Vec::new() } else { ends },
        })
    }

    /// All fragments in order, frames not told apart.
    pub fn fragments(&self) -> &[Fragment] {
        &self.fragments
    }

    /// The number of frames.
    pub fn count(&self) -> u32 {
        let count = if self.ends.is_empty() {
            self.fragments.len()
        } else {
            self.ends.len()
        };
        u32::try_from(count).expect("the constructor checks that fragments fit 32 bits")
    }

    /// The fragments of frame `number`, counting from 1.
    pub fn fragments_of(&self, number: u32) -> Option<&[Fragment]> {
        let at = (number as usize).checked_sub(1)?;
        if self.ends.is_empty() {
            return self.fragments.get(at..=at);
        }
        let end = *self.ends.get(at)? as usize;
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        self.fragments.get(start..end)
    }

    pub(super) fn ends(&self) -> &[u32] {
        &self.ends
    }

    pub(super) fn frame(&self, number: u32) -> Option<FrameLocation> {
        let ranges = self
            .fragments_of(number)?
            .iter()
            .map(|fragment| ByteRange {
                offset: fragment.offset,
                length: u64::from(fragment.length),
            })
            .collect();
        Some(FrameLocation {
            ranges,
            inflated: false,
            word_bytes: 1,
            skip_bits: 0,
            frame_bits: None,
        })
    }
}

/// A fragment as the pre-scan met it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ScannedFragment {
    pub fragment: Fragment,
    /// Whether it begins with a codestream's start marker.
    pub starts_frame: bool,
}

/// Everything the pre-scan found about encapsulated pixel data.
#[derive(Debug, Default)]
pub(crate) struct FragmentScan {
    pub fragments: Vec<ScannedFragment>,
    /// Offsets of the Basic Offset Table; empty when it is.
    pub basic_offsets: Vec<u64>,
    /// Offsets of the Extended Offset Table (7FE0,0001), when present.
    pub extended_offsets: Option<Vec<u64>>,
    /// Whether the sequence delimiter was there.
    pub delimited: bool,
}

/// Groups fragments to frames. `declared` is Number of Frames, 1 when absent; `video` says that the transfer
/// syntax carries one stream for all frames.
pub(crate) fn locate_frames(
    scan: FragmentScan,
    declared: u32,
    video: bool,
    warnings: &mut Vec<Warning>,
) -> Result<FrameIndex, Refusal> {
    let fragments: Vec<Fragment> = scan.fragments.iter().map(|scanned| scanned.fragment).collect();
    let Some(first) = fragments.first().copied() else {
        return Err(Refusal::Truncated {
            what: "the pixel data has no fragments",
            at: 0,
        });
    };
    // Without the delimiter fragments may be missing as well, unless there is just one for every frame.
    if !scan.delimited && fragments.len() != declared as usize {
        return Err(Refusal::Truncated {
            what: "the pixel data has no end",
            at: end_of(&fragments),
        });
    }
    if video {
        return Ok(FrameIndex::Stream {
            fragments,
            declared_frames: declared,
        });
    }
    let by_table = |offsets: &[u64]| ends_from_offsets(offsets, first, &fragments);
    let by_markers = ends_from_markers(&scan.fragments);
    let count_of = |ends: &Option<Vec<u32>>| ends.as_ref().map_or(0, Vec::len);
    let wanted = declared as usize;

    let extended = scan.extended_offsets.as_deref().and_then(by_table);
    let basic = by_table(&scan.basic_offsets);
    let table_given = scan.extended_offsets.is_some() || !scan.basic_offsets.is_empty();
    let from_table = [extended, basic]
        .into_iter()
        .find(|ends| count_of(ends) == wanted)
        .flatten();
    if table_given && from_table.is_none() {
        warnings.push(Warning::OffsetTable);
    }

    let ends = if let Some(ends) = from_table {
        ends
    } else if fragments.len() == wanted {
        (1..=declared).collect()
    } else if fragments.len() < wanted {
        return Err(Refusal::Truncated {
            what: "the pixel data holds fewer frames than declared",
            at: end_of(&fragments),
        });
    } else if wanted == 1 && count_of(&by_markers) <= 1 {
        vec![fragments.len() as u32]
    } else if count_of(&by_markers) >= wanted {
        let mut ends = by_markers.unwrap_or_default();
        if ends.len() > wanted {
            warnings.push(Warning::MoreFrames);
            ends.truncate(wanted);
        }
        ends
    } else {
        warnings.push(Warning::FramesUnclear);
        return Ok(FrameIndex::Stream {
            fragments,
            declared_frames: declared,
        });
    };
    let frames = EncapsulatedFrames::new(fragments, ends).expect("ends ascend and stay inside the fragments");
    Ok(FrameIndex::Encapsulated(frames))
}

fn end_of(fragments: &[Fragment]) -> u64 {
    fragments
        .last()
        .map_or(0, |last| last.offset + u64::from(last.length))
}

/// Frame ends from a table of offsets, which count from the first byte of the first fragment's item tag
/// (PS3.5 §A.4). `None` unless every offset hits the start of a fragment, in ascending order.
fn ends_from_offsets(offsets: &[u64], first: Fragment, fragments: &[Fragment]) -> Option<Vec<u32>> {
    if offsets.first() != Some(&0) {
        return None;
    }
    let mut ends = Vec::with_capacity(offsets.len().min(fragments.len()));
    let mut at = 0;
    for &offset in &offsets[1..] {
        let target = first.offset.checked_add(offset)?;
        let before = at;
        while fragments.get(at).is_some_and(|fragment| fragment.offset < target) {
            at += 1;
        }
        if at == before || fragments.get(at)?.offset != target {
            return None;
        }
        ends.push(u32::try_from(at).ok()?);
    }
    ends.push(u32::try_from(fragments.len()).ok()?);
    Some(ends)
}

fn ends_from_markers(fragments: &[ScannedFragment]) -> Option<Vec<u32>> {
    if !fragments.first()?.starts_frame {
        return None;
    }
    let starts = fragments
        .iter()
        .enumerate()
        .skip(1)
        .filter(|(_, scanned)| scanned.starts_frame);
    let mut ends: Vec<u32> = starts.filter_map(|(at, _)| u32::try_from(at).ok()).collect();
    ends.push(u32::try_from(fragments.len()).ok()?);
    Some(ends)
}

/// Whether `head`, the first bytes of a fragment, begins a codestream: JPEG and JPEG-LS SOI, JPEG 2000 SOC and
/// SIZ, a JP2 or JPEG XL container, a bare JPEG XL codestream.
pub(crate) fn starts_codestream(head: &[u8]) -> bool {
    const STARTS: [&[u8]; 5] = [
        &[0xff, 0xd8, 0xff],
        &[0xff, 0x4f, 0xff, 0x51],
        &[0x00, 0x00, 0x00, 0x0c, 0x6a, 0x50, 0x20, 0x20],
        &[0x00, 0x00, 0x00, 0x0c, 0x4a, 0x58, 0x4c, 0x20],
        &[0xff, 0x0a],
    ];
    STARTS.iter().any(|start| head.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fragments of 10 bytes, `true` where one begins a codestream.
    fn scan(starts: &[bool]) -> FragmentScan {
        let fragments = starts
            .iter()
            .enumerate()
            .map(|(at, &starts_frame)| ScannedFragment {
                fragment: Fragment {
                    offset: 100 + 18 * at as u64,
                    length: 10,
                },
                starts_frame,
            });
        FragmentScan {
            fragments: fragments.collect(),
            delimited: true,
            ..FragmentScan::default()
        }
    }

    fn fragments_per_frame(scan: FragmentScan, declared: u32) -> (Vec<usize>, Vec<Warning>) {
        let mut warnings = Vec::new();
        let FrameIndex::Encapsulated(frames) = locate_frames(scan, declared, false, &mut warnings).unwrap()
        else {
            panic!("not encapsulated");
        };
        let per_frame = (1..=frames.count()).map(|number| frames.fragments_of(number).unwrap().len());
        (per_frame.collect(), warnings)
    }

    #[test]
    fn a_basic_offset_table_groups_fragments() {
        let scan = FragmentScan {
            basic_offsets: vec![0, 36],
            ..scan(&[true, false, true])
        };
        assert_eq!(fragments_per_frame(scan, 2), (vec![2, 1], vec![]));
    }

    #[test]
    fn an_extended_offset_table_wins_over_a_basic_one() {
        let scan = FragmentScan {
            basic_offsets: vec![0, 18],
            extended_offsets: Some(vec![0, 36]),
            ..scan(&[true, true, true])
        };
        assert_eq!(fragments_per_frame(scan, 2), (vec![2, 1], vec![]));
    }

    #[test]
    fn a_table_that_misses_the_fragments_is_ignored() {
        let scan = FragmentScan {
            basic_offsets: vec![0, 35],
            ..scan(&[true, false, true])
        };
        assert_eq!(
            fragments_per_frame(scan, 2),
            (vec![2, 1], vec![Warning::OffsetTable])
        );
    }

    #[test]
    fn a_table_that_runs_backwards_is_ignored() {
        let scan = FragmentScan {
            basic_offsets: vec![0, 36, 18],
            ..scan(&[true, true, true])
        };
        assert_eq!(
            fragments_per_frame(scan, 3),
            (vec![1, 1, 1], vec![Warning::OffsetTable])
        );
    }

    #[test]
    fn without_a_table_one_frame_takes_all_fragments() {
        assert_eq!(
            fragments_per_frame(scan(&[true, false, false, false, false]), 1).0,
            [5]
        );
    }

    #[test]
    fn without_a_table_markers_tell_frames_apart() {
        assert_eq!(
            fragments_per_frame(scan(&[true, false, true, false, false]), 2),
            (vec![2, 3], vec![])
        );
    }

    #[test]
    fn frames_beyond_the_declared_number_are_left_out_with_a_warning() {
        assert_eq!(
            fragments_per_frame(scan(&[true, true, false]), 1),
            (vec![1], vec![Warning::MoreFrames])
        );
    }

    #[test]
    fn fewer_fragments_than_frames_is_a_truncated_file() {
        let refusal = locate_frames(scan(&[true]), 2_000_000_000, false, &mut Vec::new()).unwrap_err();
        assert_eq!(refusal.code(), "INSTANCE_TRUNCATED");
    }

    #[test]
    fn frames_that_cannot_be_told_apart_are_served_as_one_stream() {
        let mut warnings = Vec::new();
        let index = locate_frames(scan(&[false, false, false]), 2, false, &mut warnings).unwrap();
        assert!(matches!(
            index,
            FrameIndex::Stream {
                declared_frames: 2,
                ..
            }
        ));
        assert_eq!(index.frame(1), None);
        assert_eq!(warnings, [Warning::FramesUnclear]);
    }

    #[test]
    fn video_is_one_stream() {
        let index = locate_frames(scan(&[false]), 250, true, &mut Vec::new()).unwrap();
        assert!(matches!(
            index,
            FrameIndex::Stream {
                declared_frames: 250,
                ..
            }
        ));
    }
}
