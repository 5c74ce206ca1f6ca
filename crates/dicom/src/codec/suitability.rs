//! Which instances get a viewing rendition.

use super::image_header::ImageHeader;

/// What decides whether pixels can be transcoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PixelKind {
    /// Bits Allocated (0028,0100).
    pub bits_allocated: u16,
    /// Bits Stored (0028,0101).
    pub bits_stored: u16,
    /// Samples per Pixel (0028,0002).
    pub samples_per_pixel: u16,
    /// Overlay planes live inside the pixel cells and would be lost.
    pub embedded_overlays: bool,
}

impl PixelKind {
    /// What decides about an instance.
    pub(super) fn of(header: &ImageHeader) -> Self {
        Self {
            bits_allocated: header.bits_allocated,
            bits_stored: header.bits_stored,
            samples_per_pixel: header.samples_per_pixel,
            embedded_overlays: header.embedded_overlays,
        }
    }
}

/// Whether the web viewer wants a lossless HTJ2K rendition of such an instance.
///
/// Native, RLE, deflated, lossless JPEG and lossless JPEG 2000 do: they are large or slow in a browser. Lossy JPEG,
/// JPEG-LS, JPEG XL, HTJ2K and lossy JPEG 2000 pass as they are; nothing lossy is ever coded again.
pub fn needs_rendition(transfer_syntax_uid: &str, kind: &PixelKind) -> bool {
    let slow = matches!(
        transfer_syntax_uid,
        "1.2.840.10008.1.2"
            | "1.2.840.10008.1.2.1"
            | "1.2.840.10008.1.2.1.98"
            | "1.2.840.10008.1.2.1.99"
            | "1.2.840.10008.1.2.2"
            | "1.2.840.10008.1.2.8.1"
            | "1.2.840.10008.1.2.5"
            | "1.2.840.10008.1.2.4.57"
            | "1.2.840.10008.1.2.4.70"
            | "1.2.840.10008.1.2.4.90"
    );
    slow && forbids(kind).is_none()
}

/// The rule that forbids transcoding, if one does.
pub(super) fn forbids(kind: &PixelKind) -> Option<&'static str> {
    if !matches!(kind.bits_allocated, 8 | 16) || kind.bits_stored > 16 {
        return Some("not 8 or 16 bits allocated");
    }
    if kind.bits_stored < 2 {
        return Some("1-bit pixels");
    }
    if !matches!(kind.samples_per_pixel, 1 | 3) {
        return Some("not 1 or 3 samples per pixel");
    }
    if kind.embedded_overlays {
        return Some("overlay planes inside the pixel cells");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lossy_and_fast_originals_pass_and_slow_ones_are_renditioned() {
        let kind = PixelKind {
            bits_allocated: 16,
            bits_stored: 12,
            samples_per_pixel: 1,
            embedded_overlays: false,
        };
        for slow in [
            "", ".1", ".1.98", ".1.99", ".2", ".5", ".4.57", ".4.70", ".4.90", ".8.1",
        ] {
            assert!(needs_rendition(&format!("1.2.840.10008.1.2{slow}"), &kind));
        }
        for fine in [
            ".4.50", ".4.51", ".4.80", ".4.81", ".4.91", ".4.201", ".4.202", ".4.203", ".4.110",
        ] {
            assert!(!needs_rendition(&format!("1.2.840.10008.1.2{fine}"), &kind));
        }
        let overlays = PixelKind {
            embedded_overlays: true,
            ..kind
        };
        assert!(!needs_rendition("1.2.840.10008.1.2.1", &overlays));
        let mask = PixelKind {
            bits_allocated: 1,
            bits_stored: 1,
            ..kind
        };
        assert!(!needs_rendition("1.2.840.10008.1.2.1", &mask));
    }
}
