//! What an instance should say and does not.

use super::InstanceIndex;
use crate::frames::FrameIndex;

impl InstanceIndex {
    /// The attributes of type 1 that every instance of its kind has and this one lacks, by their keywords: of the
    /// General Series (PS3.3 §C.7.3.1) and, with pixels, of the Image Pixel module (§C.7.6.3).
    pub fn missing_attributes(&self) -> Vec<&'static str> {
        let of = &self.attributes;
        let has_pixels = !matches!(self.frames, FrameIndex::None);
        [
            ("Modality", of.modality.is_some()),
            ("Rows", !has_pixels || of.rows.is_some()),
            ("Columns", !has_pixels || of.columns.is_some()),
            ("SamplesPerPixel", !has_pixels || of.samples_per_pixel.is_some()),
            (
                "PhotometricInterpretation",
                !has_pixels || of.photometric_interpretation.is_some(),
            ),
            ("BitsAllocated", !has_pixels || of.bits_allocated.is_some()),
        ]
        .into_iter()
        .filter_map(|(keyword, is_there)| (!is_there).then_some(keyword))
        .chain(self.only_in_meta.iter().copied())
        .collect()
    }
}
