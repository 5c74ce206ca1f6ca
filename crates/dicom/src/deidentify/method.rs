//! What a de-identified instance says about that (PS3.15 §E.1.1, PS3.3 §C.12.1.1.4).

use super::profile::{Profile, ProfileOption};
use crate::tag::{Tag, tags};
use crate::writing::ElementWriter;
use dicom_core::VR;
use std::io;

/// De-identification Method (0012,0063), an LO of 64 characters at the most.
const METHOD: &str = "PS3.15 2026c Basic Application Confidentiality Profile, telerad";

/// An element of the outermost data set that stands in for whatever stood there.
#[derive(Debug)]
pub(super) struct Written {
    pub tag: Tag,
    pub bytes: Vec<u8>,
}

impl Written {
    pub(super) fn text(tag: Tag, vr: VR, value: &str) -> io::Result<Self> {
        let mut writer = ElementWriter::new(Vec::new());
        writer.text(tag, vr, value)?;
        Ok(Self::of(tag, writer))
    }

    pub(super) fn number(tag: Tag, value: u16) -> io::Result<Self> {
        let mut writer = ElementWriter::new(Vec::new());
        writer.element(tag, VR::US, &value.to_le_bytes())?;
        Ok(Self::of(tag, writer))
    }

    fn of(tag: Tag, mut writer: ElementWriter<Vec<u8>>) -> Self {
        Self {
            tag,
            bytes: std::mem::take(writer.get_mut()),
        }
    }
}

/// The elements about the method.
pub(super) fn elements(profile: &Profile, cleans_pixels: bool) -> io::Result<Vec<Written>> {
    let temporal = if profile.has(ProfileOption::RetainModifiedDates) {
        "MODIFIED"
    } else {
        "REMOVED"
    };
    let mut elements = vec![
        Written::text(tags::PATIENT_IDENTITY_REMOVED, VR::CS, "YES")?,
        Written::text(tags::DEIDENTIFICATION_METHOD, VR::LO, METHOD)?,
        codes(profile, cleans_pixels)?,
        Written::text(tags::LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED, VR::CS, temporal)?,
    ];
    if cleans_pixels {
        elements.push(Written::text(tags::BURNED_IN_ANNOTATION, VR::CS, "NO")?);
    }
    Ok(elements)
}

fn codes(profile: &Profile, cleans_pixels: bool) -> io::Result<Written> {
    let tag = tags::DEIDENTIFICATION_METHOD_CODE_SEQUENCE;
    let mut writer = ElementWriter::new(Vec::new());
    writer.begin(tag, VR::SQ)?;
    for (code, meaning) in profile.methods(cleans_pixels) {
        write_code(&mut writer, code, meaning)?;
    }
    writer.end()?;
    Ok(Written::of(tag, writer))
}

/// One item of a code sequence, in the coding scheme of the Standard.
pub(super) fn write_code<W: io::Write>(
    writer: &mut ElementWriter<W>,
    code: &str,
    meaning: &str,
) -> io::Result<()> {
    writer.begin_item()?;
    writer.text(tags::CODE_VALUE, VR::SH, code)?;
    writer.text(tags::CODING_SCHEME_DESIGNATOR, VR::SH, "DCM")?;
    writer.text(tags::CODE_MEANING, VR::LO, meaning)?;
    writer.end_item()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_fit_their_representation() {
        assert!(METHOD.len() <= 64);
        let all = Profile {
            options: ProfileOption::ALL.iter().copied().collect(),
            ..Profile::default()
        };
        let methods = all.methods(true);
        assert_eq!(methods.len(), 2 + ProfileOption::ALL.len());
        assert!(methods.iter().all(|(_, meaning)| meaning.len() <= 64));
    }
}
