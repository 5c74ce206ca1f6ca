//! Lookup tables as DICOM stores them: Modality and VOI LUTs (PS3.3 §C.11.1, §C.11.2), palettes (§C.7.9).

use super::CodecError;
use super::dataset::DataSet;

/// A table from stored or modality values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lut {
    /// The input that the first entry belongs to.
    pub(crate) first: i32,
    pub(crate) entries: Vec<u16>,
    /// Bits of an entry, 8 to 16.
    pub(crate) bits: u16,
}

impl Lut {
    /// Reads descriptor and data. `signed` says how the descriptor's first mapped value is to be understood.
    ///
    /// Errors: [`CodecError::BadPixelDescription`].
    pub(crate) fn read(set: &DataSet, descriptor: u32, data: u32, signed: bool) -> Result<Self, CodecError> {
        let (count, first, bits) = read_descriptor(set, descriptor, signed)?;
        let bytes = set
            .bytes(data)
            .ok_or_else(|| CodecError::description("LUT data"))?;
        // 8-bit entries come one to a byte or one to a word.
        let mut entries: Vec<u16> = if bits <= 8 && bytes.len() < count * 2 {
            bytes.iter().map(|&byte| byte.into()).collect()
        } else {
            set.words(data).unwrap_or_default()
        };
        entries.truncate(count);
        Self::new(first, entries, bits)
    }

    /// Reads a segmented table (PS3.3 §C.7.9.2).
    ///
    /// Errors: [`CodecError::BadPixelDescription`].
    pub(crate) fn read_segmented(
        set: &DataSet,
        descriptor: u32,
        data: u32,
        signed: bool,
    ) -> Result<Self, CodecError> {
        let (count, first, bits) = read_descriptor(set, descriptor, signed)?;
        let segments: Vec<u16> = if bits <= 8 {
            set.bytes(data)
                .map(|bytes| bytes.iter().map(|&byte| byte.into()).collect())
        } else {
            set.words(data)
        }
        .ok_or_else(|| CodecError::description("segmented LUT data"))?;
        let mut entries = Vec::new();
        expand(&segments, 0, usize::MAX, true, count, &mut entries)?;
        entries.truncate(count);
        Self::new(first, entries, bits)
    }

    fn new(first: i32, entries: Vec<u16>, bits: u16) -> Result<Self, CodecError> {
        if entries.is_empty() {
            return Err(CodecError::description("an empty LUT"));
        }
        Ok(Self { first, entries, bits })
    }

    /// The entry of an input; inputs beyond either end take the end's entry.
    pub(crate) fn entry(&self, input: i64) -> u16 {
        let index = input.saturating_sub(self.first.into());
        let last = self.entries.len() as i64 - 1;
        self.entries[index.clamp(0, last) as usize]
    }

    /// The greatest value that an entry can take.
    pub(crate) fn greatest(&self) -> u16 {
        u16::MAX >> (16 - self.bits)
    }
}

fn read_descriptor(set: &DataSet, tag: u32, signed: bool) -> Result<(usize, i32, u16), CodecError> {
    let words = set
        .words(tag)
        .filter(|words| words.len() >= 3)
        .ok_or_else(|| CodecError::description("LUT descriptor"))?;
    let count = match words[0] {
        0 => 1 << 16,
        count => count.into(),
    };
    let first = if signed {
        i32::from(words[1] as i16)
    } else {
        words[1].into()
    };
    // Some writers leave the depth at 0 or beyond 16.
    let bits = match words[2] {
        bits @ 1..=16 => bits.max(8),
        _ => 16,
    };
    Ok((count, first, bits))
}

/// Expands `segments[at..]`, at most `most` of them, until `count` entries are there.
fn expand(
    segments: &[u16],
    mut at: usize,
    most: usize,
    indirect: bool,
    count: usize,
    entries: &mut Vec<u16>,
) -> Result<(), CodecError> {
    let broken = || CodecError::description("segmented LUT data");
    let mut done = 0;
    while at + 1 < segments.len() && done < most && entries.len() < count {
        let length = usize::from(segments[at + 1]);
        match segments[at] {
            0 => {
                entries.extend(segments.get(at + 2..at + 2 + length).ok_or_else(broken)?);
                at += 2 + length;
            }
            1 => {
                let end = i64::from(*segments.get(at + 2).ok_or_else(broken)?);
                let start = i64::from(*entries.last().ok_or_else(broken)?);
                let steps = length as i64;
                entries.extend((1..=steps).map(|step| (start + (end - start) * step / steps) as u16));
                at += 3;
            }
            // An indirect segment repeats earlier ones, but never another indirect one.
            2 if indirect => {
                let low = usize::from(*segments.get(at + 2).ok_or_else(broken)?);
                let high = usize::from(*segments.get(at + 3).ok_or_else(broken)?);
                expand(segments, high << 16 | low, length, false, count, entries)?;
                at += 4;
            }
            _ => return Err(broken()),
        }
        done += 1;
    }
    Ok(())
}
