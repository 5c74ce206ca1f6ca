//! What a lossy copy says of itself: another object than its source, derived from it (PS3.3 §C.7.6.1.1.5).

use std::io::Cursor;

use dicom_core::VR;

use super::pixels::{LOSSY_JPEG, Patches};
use super::survey::Survey;
use super::syntax::InstanceSyntax;
use super::writer::ExplicitWriter;
use crate::codec::CodecError;
use crate::codec::image_header::ImageHeader;
use crate::codec::lossy::HTJ2K_LOSSY;
use crate::codec::protocol::Derivation;
use crate::tag::{Tag, tags};

/// What an instance becomes.
#[derive(Debug, Clone)]
pub(super) enum Target {
    /// The same object in another transfer syntax.
    Exact(InstanceSyntax),
    /// Another object, with loss.
    Lossy(Derivation),
}

impl Target {
    pub(super) fn is_compressed(&self) -> bool {
        match self {
            Self::Exact(syntax) => syntax.is_compressed(),
            Self::Lossy(_) => true,
        }
    }

    pub(super) fn transfer_syntax_uid(&self) -> &'static str {
        match self {
            Self::Exact(syntax) => syntax.uid(),
            Self::Lossy(_) => HTJ2K_LOSSY,
        }
    }

    /// Signatures are of the source's bytes and would be wrong of the copy's.
    pub(super) fn drops(&self, sequence: Tag) -> bool {
        matches!(self, Self::Lossy(_))
            && matches!(
                sequence,
                tags::MAC_PARAMETERS_SEQUENCE | tags::DIGITAL_SIGNATURES_SEQUENCE
            )
    }
}

/// Room for Lossy Image Compression Ratio, which is known after the pixels were written. DS has 16 bytes.
const RATIO_BYTES: usize = 10;

/// A ratio as it fits there.
pub(super) fn ratio_text(ratio: f64) -> String {
    let text = format!("{ratio:.2}");
    let text = if text.len() > RATIO_BYTES {
        "9999999".to_owned()
    } else {
        text
    };
    format!("{text:<RATIO_BYTES$}")
}

/// Refuses what must not be compressed with loss, or not once more.
///
/// Errors: [`CodecError::Unsuitable`].
pub(super) fn require_exact(survey: &Survey, header: &ImageHeader) -> Result<(), CodecError> {
    // Transfer syntaxes that may be lossy say so in the data set, those that always are need not.
    if survey.is_lossy || LOSSY_JPEG.contains(&header.transfer_syntax_uid.as_str()) {
        return Err(CodecError::unsuitable("it is compressed with loss already"));
    }
    if survey.has_functional_groups {
        return Err(CodecError::unsuitable("its frames are described one by one"));
    }
    Ok(())
}

/// Adds what the copy says of itself.
pub(super) fn describe(
    patches: &mut Patches,
    survey: &Survey,
    derivation: &Derivation,
) -> Result<(), CodecError> {
    let mut set = |tag: Tag, vr: VR, value: Vec<u8>| {
        patches.insert(tag, (vr, value));
    };
    set(tags::IMAGE_TYPE, VR::CS, derived_type(&survey.image_type).into());
    set(
        tags::SOP_INSTANCE_UID,
        VR::UI,
        derivation.sop_instance_uid.clone().into(),
    );
    set(
        tags::SERIES_INSTANCE_UID,
        VR::UI,
        derivation.series_instance_uid.clone().into(),
    );
    let least = derivation.least_psnr_db;
    let description = format!("Lossy HTJ2K (ISO/IEC 15444-15), signal to noise at least {least} dB a frame");
    set(tags::DERIVATION_DESCRIPTION, VR::ST, description.into());
    let lossy = code_item(b"113040", b"Lossy Compression")?;
    set(tags::DERIVATION_CODE_SEQUENCE, VR::SQ, lossy);
    set(tags::SOURCE_IMAGE_SEQUENCE, VR::SQ, source_item(survey)?);
    set(tags::LOSSY_IMAGE_COMPRESSION, VR::CS, b"01".to_vec());
    set(
        tags::LOSSY_IMAGE_COMPRESSION_RATIO,
        VR::DS,
        vec![b' '; RATIO_BYTES],
    );
    set(
        tags::LOSSY_IMAGE_COMPRESSION_METHOD,
        VR::CS,
        b"ISO_15444_15".to_vec(),
    );
    Ok(())
}

/// Image Type with DERIVED as its first value; the others tell of the examination, which is the same.
fn derived_type(image_type: &str) -> String {
    match image_type.split_once('\\') {
        Some((_, rest)) => format!("DERIVED\\{rest}"),
        None => "DERIVED\\PRIMARY".to_owned(),
    }
}

/// One item that refers to the source.
fn source_item(survey: &Survey) -> Result<Vec<u8>, CodecError> {
    written(|writer| {
        let class = survey.sop_class_uid.as_bytes();
        writer.element(tags::REFERENCED_SOP_CLASS_UID, VR::UI, class)?;
        let instance = survey.sop_instance_uid.as_bytes();
        writer.element(tags::REFERENCED_SOP_INSTANCE_UID, VR::UI, instance)?;
        let predecessor = code_item(b"121320", b"Uncompressed predecessor")?;
        writer.element(tags::PURPOSE_OF_REFERENCE_CODE_SEQUENCE, VR::SQ, &predecessor)
    })
}

/// One item that holds a code of DCM (PS3.16 annex D).
fn code_item(value: &[u8], meaning: &[u8]) -> Result<Vec<u8>, CodecError> {
    written(|writer| {
        writer.element(tags::CODE_VALUE, VR::SH, value)?;
        writer.element(tags::CODING_SCHEME_DESIGNATOR, VR::SH, b"DCM")?;
        writer.element(tags::CODE_MEANING, VR::LO, meaning)
    })
}

/// An item, delimited.
fn written(
    write: impl FnOnce(&mut ExplicitWriter<Cursor<Vec<u8>>>) -> Result<(), CodecError>,
) -> Result<Vec<u8>, CodecError> {
    let mut writer = ExplicitWriter::new(Cursor::new(Vec::new()));
    writer.item_start()?;
    write(&mut writer)?;
    writer.item_end()?;
    Ok(writer.finish().0.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_image_is_of_stays_and_that_it_is_derived_is_said() {
        assert_eq!(
            derived_type("ORIGINAL\\PRIMARY\\AXIAL"),
            "DERIVED\\PRIMARY\\AXIAL"
        );
        assert_eq!(derived_type("ORIGINAL"), "DERIVED\\PRIMARY");
        assert_eq!(derived_type(""), "DERIVED\\PRIMARY");
    }

    #[test]
    fn every_ratio_fits_in_its_room() {
        for ratio in [0.5, 1.0, 12.345, 99_999.994, 1e12, f64::INFINITY] {
            assert_eq!(ratio_text(ratio).len(), RATIO_BYTES, "{ratio}");
        }
        assert_eq!(ratio_text(12.345).trim(), "12.35");
    }
}
