//! The first header of a codestream: what it says about itself, before a decoder is let loose on it.
//!
//! **Invariant:** no decoder sees a codestream whose dimensions, components or depth contradict the data set. Decoders
//! size their buffers by one and fill them by the other.

use super::CodecError;
use super::image_header::ImageHeader;

/// Most tiles of a JPEG 2000 image; each costs a decoder several KiB before any pixel.
const MAX_TILES: u64 = 4096;

/// What a codestream says about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StreamInfo {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) components: u16,
    /// Bits of a sample.
    pub(crate) precision: u16,
    /// JPEG 2000: wavelet decompositions, and whether a component transform mixes the first three components.
    pub(crate) decompositions: u8,
    pub(crate) component_transform: bool,
    /// JPEG: lossless process; a JFIF marker; the transform of an Adobe marker; components named R, G, B.
    pub(crate) lossless_process: bool,
    pub(crate) jfif: bool,
    pub(crate) adobe_transform: Option<u8>,
    pub(crate) named_rgb: bool,
    /// JPEG-LS: components follow each other as planes (ILV 0).
    pub(crate) by_plane: bool,
}

impl StreamInfo {
    fn new(width: u32, height: u32, components: u16, precision: u16) -> Self {
        Self {
            width,
            height,
            components,
            precision,
            decompositions: 0,
            component_transform: false,
            lossless_process: false,
            jfif: false,
            adobe_transform: None,
            named_rgb: false,
            by_plane: false,
        }
    }

    /// Compares with the data set.
    ///
    /// Errors: [`CodecError::HeaderMismatch`].
    pub(crate) fn check(&self, header: &ImageHeader) -> Result<(), CodecError> {
        if self.width != header.columns {
            return Err(CodecError::mismatch("Columns"));
        }
        if self.height != header.rows {
            return Err(CodecError::mismatch("Rows"));
        }
        if self.components != header.samples_per_pixel {
            return Err(CodecError::mismatch("SamplesPerPixel"));
        }
        if self.precision > header.bits_allocated {
            return Err(CodecError::mismatch("BitsAllocated"));
        }
        Ok(())
    }
}

/// Big endian reading with ends in mind.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn u8(&self, at: usize) -> Result<u8, CodecError> {
        self.0.get(at).copied().ok_or_else(cut_off)
    }

    fn u16(&self, at: usize) -> Result<u16, CodecError> {
        let bytes = self.0.get(at..at + 2).ok_or_else(cut_off)?;
        Ok(u16::from_be_bytes([bytes[0], bytes[1]]))
    }

    fn u32(&self, at: usize) -> Result<u32, CodecError> {
        let bytes = self.0.get(at..at + 4).ok_or_else(cut_off)?;
        Ok(u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }
}

fn cut_off() -> CodecError {
    CodecError::decode("the codestream's header is cut off")
}

/// Reads a JPEG or JPEG-LS header up to its first scan (ISO/IEC 10918-1 Annex B, ISO/IEC 14495-1 Annex C).
///
/// Errors: [`CodecError::DecodeFailed`].
pub(crate) fn inspect_jpeg(codestream: &[u8]) -> Result<StreamInfo, CodecError> {
    let bytes = Bytes(codestream);
    if bytes.u16(0)? != 0xFFD8 {
        return Err(CodecError::decode("no JPEG start of image"));
    }
    let mut info: Option<StreamInfo> = None;
    let (mut jfif, mut adobe_transform) = (false, None);
    let mut at = 2;
    loop {
        if bytes.u8(at)? != 0xFF {
            return Err(CodecError::decode("no JPEG marker where one belongs"));
        }
        let marker = bytes.u8(at + 1)?;
        if marker == 0xFF {
            at += 1; // fill byte
            continue;
        }
        at += 2;
        if matches!(marker, 0x01 | 0xD0..=0xD8) {
            continue; // stand alone
        }
        let length = usize::from(bytes.u16(at)?);
        match marker {
            // SOF0 to SOF15 without DHT, JPG and DAC; SOF55 is JPEG-LS.
            0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF | 0xF7 => {
                let precision = bytes.u8(at + 2)?.into();
                let height = bytes.u16(at + 3)?.into();
                let width = bytes.u16(at + 5)?.into();
                let components = bytes.u8(at + 7)?.into();
                let mut found = StreamInfo::new(width, height, components, precision);
                found.lossless_process = marker == 0xC3;
                found.named_rgb = components == 3
                    && [0, 1, 2]
                        .iter()
                        .zip(b"RGB")
                        .all(|(index, name)| bytes.u8(at + 8 + index * 3) == Ok(*name));
                info = Some(found);
            }
            0xDA => {
                let mut info = info.ok_or_else(|| CodecError::decode("a JPEG scan without a frame"))?;
                let components = usize::from(bytes.u8(at + 2)?);
                // JPEG-LS: after the component list come NEAR and ILV.
                info.by_plane = bytes.u8(at + 4 + components * 2)? == 0;
                info.jfif = jfif;
                info.adobe_transform = adobe_transform;
                return Ok(info);
            }
            0xD9 => return Err(cut_off()),
            0xE0 => jfif |= codestream.get(at + 2..at + 6) == Some(b"JFIF"),
            // Some writers leave the transform out; then the data set decides.
            0xEE if length >= 14 && codestream.get(at + 2..at + 7) == Some(b"Adobe") => {
                adobe_transform = Some(bytes.u8(at + 13)?);
            }
            _ => {}
        }
        at += length.max(2);
    }
}

/// Reads SIZ and COD of a JPEG 2000 codestream, in a JP2 box or bare (ISO/IEC 15444-1 Annex A).
///
/// Errors: [`CodecError::DecodeFailed`], [`CodecError::UnsupportedPixels`] for subsampled or unlike components,
/// [`CodecError::Hostile`] for a myriad tiles.
pub(crate) fn inspect_jpeg_2000(file: &[u8]) -> Result<StreamInfo, CodecError> {
    let codestream = unbox(file)?;
    let bytes = Bytes(codestream);
    if bytes.u16(0)? != 0xFF4F || bytes.u16(2)? != 0xFF51 {
        return Err(CodecError::decode("no JPEG 2000 start of codestream"));
    }
    let [width, height, left, top, tile_width, tile_height] = {
        let mut values = [0; 6];
        for (index, value) in values.iter_mut().enumerate() {
            *value = bytes.u32(8 + index * 4)?;
        }
        values
    };
    if left >= width || top >= height || tile_width == 0 || tile_height == 0 {
        return Err(CodecError::decode("JPEG 2000 image or tile size"));
    }
    let across = u64::from(width).div_ceil(tile_width.into());
    let down = u64::from(height).div_ceil(tile_height.into());
    if across.saturating_mul(down) > MAX_TILES {
        return Err(CodecError::hostile("too many JPEG 2000 tiles"));
    }
    let components = bytes.u16(40)?;
    let depth = bytes.u8(42)?;
    for component in 0..usize::from(components) {
        let at = 42 + component * 3;
        if bytes.u8(at)? != depth {
            return Err(CodecError::unsupported("JPEG 2000 components of different kinds"));
        }
        if bytes.u8(at + 1)? != 1 || bytes.u8(at + 2)? != 1 {
            return Err(CodecError::unsupported("subsampled JPEG 2000 components"));
        }
    }
    let precision = u16::from(depth & 0x7F) + 1;
    let mut info = StreamInfo::new(width - left, height - top, components, precision);
    // Of the main header's other segments only COD matters here.
    let mut at = 4 + usize::from(bytes.u16(4)?);
    loop {
        let marker = bytes.u16(at)?;
        match marker {
            0xFF52 => {
                info.component_transform = bytes.u8(at + 8)? != 0;
                info.decompositions = bytes.u8(at + 9)?;
                return Ok(info);
            }
            0xFF90 | 0xFF93 | 0xFFD9 => {
                return Err(CodecError::decode("JPEG 2000 header without COD"));
            }
            _ => at += 2 + usize::from(bytes.u16(at + 2)?.max(2)),
        }
    }
}

/// The contiguous codestream of a JP2 file; DICOM wants it bare, some writers box it.
fn unbox(file: &[u8]) -> Result<&[u8], CodecError> {
    if !file.starts_with(&[0, 0, 0, 12, b'j', b'P', b' ', b' ']) {
        return Ok(file);
    }
    let bytes = Bytes(file);
    let mut at = 0;
    loop {
        let length = bytes.u32(at)? as usize;
        if file.get(at + 4..at + 8) == Some(b"jp2c") {
            let skip = if length == 1 { 16 } else { 8 };
            return file.get(at + skip..).ok_or_else(cut_off);
        }
        if length < 8 {
            return Err(CodecError::decode("JP2 box length"));
        }
        at += length;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The header of a JPEG with this APP14 segment in front.
    fn transform_of(app14: &[u8]) -> Option<u8> {
        let mut jpeg = vec![0xFF, 0xD8, 0xFF, 0xEE, 0x00, app14.len() as u8 + 2];
        jpeg.extend_from_slice(app14);
        jpeg.extend_from_slice(&[0xFF, 0xC0, 0x00, 17, 8, 0, 1, 0, 1, 3]);
        jpeg.extend_from_slice(&[1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]);
        jpeg.extend_from_slice(&[0xFF, 0xDA, 0x00, 12, 3, 1, 0, 2, 0, 3, 0, 0, 63, 0]);
        inspect_jpeg(&jpeg).expect("a header").adobe_transform
    }

    #[test]
    fn an_adobe_marker_without_its_last_byte_names_no_transform() {
        assert_eq!(transform_of(b"Adobe\0\x64\0\0\0\0\x01"), Some(1));
        assert_eq!(transform_of(b"Adobe\0\0\0\0\0"), None);
    }
}
