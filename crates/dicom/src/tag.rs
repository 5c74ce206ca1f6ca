//! Attribute tags and the data dictionary.

use dicom_core::VR;
use dicom_core::dictionary::{DataDictionary, VirtualVr};
use dicom_dictionary_std::StandardDataDictionary;
use std::fmt;

/// An attribute tag: group in the upper, element in the lower 16 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(pub u32);

impl Tag {
    /// The tag of `(group,element)`.
    pub const fn new(group: u16, element: u16) -> Self {
        Self((group as u32) << 16 | element as u32)
    }

    /// The group number.
    pub const fn group(self) -> u16 {
        (self.0 >> 16) as u16
    }

    /// The element number.
    pub const fn element(self) -> u16 {
        self.0 as u16
    }

    /// Whether the group is odd (PS3.5 §7.8).
    pub const fn is_private(self) -> bool {
        self.group() % 2 == 1
    }

    /// Reads a keyword such as `PatientID`, or eight hexadecimal digits such as `00100020` (PS3.18 §8.3.4.1).
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return u32::from_str_radix(text, 16).ok().map(Self);
        }
        let tag = StandardDataDictionary.by_name(text)?.tag.inner();
        Some(Self::new(tag.group(), tag.element()))
    }

    /// The keyword of a standard attribute.
    pub fn keyword(self) -> Option<&'static str> {
        StandardDataDictionary
            .by_tag(self.to_core())
            .map(|entry| entry.alias)
    }

    fn to_core(self) -> dicom_core::Tag {
        dicom_core::Tag(self.group(), self.element())
    }

    /// The VR of a standard attribute as the Standard's two letters, `None` for private and unknown ones.
    pub fn standard_vr(self) -> Option<&'static str> {
        self.dictionary_vr(false).map(VR::to_string)
    }

    /// The VR of the dictionary. `signed` settles attributes that are US or SS by Pixel Representation.
    pub(crate) fn dictionary_vr(self, signed: bool) -> Option<VR> {
        if self.is_private() {
            // PS3.5 §7.8.1: (gggg,0010-00FF) reserve blocks, always LO; the meaning of the rest is the owner's.
            return matches!(self.element(), 0x10..=0xff).then_some(VR::LO);
        }
        let vr = match StandardDataDictionary.by_tag(self.to_core())?.vr {
            VirtualVr::Exact(vr) => vr,
            VirtualVr::Xs if signed => VR::SS,
            other => other.relaxed(),
        };
        Some(vr)
    }
}

impl fmt::Display for Tag {
    /// Eight upper-case hexadecimal digits, as DICOM JSON and DICOMweb paths write a tag.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:08X}", self.0)
    }
}

macro_rules! tags {
    ($($name:ident = $group:literal, $element:literal;)*) => {
        /// Tags that this crate reads or writes, by their keyword in capitals.
        pub mod tags {
            use super::Tag;
            $(
                #[doc = concat!("(", stringify!($group), ",", stringify!($element), ")")]
                pub const $name: Tag = Tag::new($group, $element);
            )*
        }
    };
}

tags! {
    FILE_META_GROUP_LENGTH = 0x0002, 0x0000;
    FILE_META_INFORMATION_VERSION = 0x0002, 0x0001;
    MEDIA_STORAGE_SOP_CLASS_UID = 0x0002, 0x0002;
    MEDIA_STORAGE_SOP_INSTANCE_UID = 0x0002, 0x0003;
    TRANSFER_SYNTAX_UID = 0x0002, 0x0010;
    IMPLEMENTATION_CLASS_UID = 0x0002, 0x0012;
    IMPLEMENTATION_VERSION_NAME = 0x0002, 0x0013;
    SOURCE_APPLICATION_ENTITY_TITLE = 0x0002, 0x0016;
    SPECIFIC_CHARACTER_SET = 0x0008, 0x0005;
    IMAGE_TYPE = 0x0008, 0x0008;
    CODE_VALUE = 0x0008, 0x0100;
    CODING_SCHEME_DESIGNATOR = 0x0008, 0x0102;
    CODE_MEANING = 0x0008, 0x0104;
    REFERENCED_SOP_CLASS_UID = 0x0008, 0x1150;
    REFERENCED_SOP_INSTANCE_UID = 0x0008, 0x1155;
    DERIVATION_DESCRIPTION = 0x0008, 0x2111;
    SOURCE_IMAGE_SEQUENCE = 0x0008, 0x2112;
    DERIVATION_CODE_SEQUENCE = 0x0008, 0x9215;
    PURPOSE_OF_REFERENCE_CODE_SEQUENCE = 0x0040, 0xa170;
    MAC_PARAMETERS_SEQUENCE = 0x4ffe, 0x0001;
    DIGITAL_SIGNATURES_SEQUENCE = 0xfffa, 0xfffa;
    SOP_CLASS_UID = 0x0008, 0x0016;
    SOP_INSTANCE_UID = 0x0008, 0x0018;
    STUDY_DATE = 0x0008, 0x0020;
    SERIES_DATE = 0x0008, 0x0021;
    ACQUISITION_DATE = 0x0008, 0x0022;
    CONTENT_DATE = 0x0008, 0x0023;
    STUDY_TIME = 0x0008, 0x0030;
    SERIES_TIME = 0x0008, 0x0031;
    ACQUISITION_TIME = 0x0008, 0x0032;
    CONTENT_TIME = 0x0008, 0x0033;
    ACCESSION_NUMBER = 0x0008, 0x0050;
    ISSUER_OF_ACCESSION_NUMBER_SEQUENCE = 0x0008, 0x0051;
    RETRIEVE_AE_TITLE = 0x0008, 0x0054;
    INSTANCE_AVAILABILITY = 0x0008, 0x0056;
    AVAILABLE_TRANSFER_SYNTAX_UID = 0x0008, 0x3002;
    MODALITY = 0x0008, 0x0060;
    MODALITIES_IN_STUDY = 0x0008, 0x0061;
    MANUFACTURER = 0x0008, 0x0070;
    INSTITUTION_NAME = 0x0008, 0x0080;
    REFERRING_PHYSICIAN_NAME = 0x0008, 0x0090;
    TIMEZONE_OFFSET_FROM_UTC = 0x0008, 0x0201;
    STATION_NAME = 0x0008, 0x1010;
    STUDY_DESCRIPTION = 0x0008, 0x1030;
    SERIES_DESCRIPTION = 0x0008, 0x103e;
    MANUFACTURER_MODEL_NAME = 0x0008, 0x1090;
    RETRIEVE_URL = 0x0008, 0x1190;
    WARNING_REASON = 0x0008, 0x1196;
    FAILURE_REASON = 0x0008, 0x1197;
    FAILED_SOP_SEQUENCE = 0x0008, 0x1198;
    REFERENCED_SOP_SEQUENCE = 0x0008, 0x1199;
    OTHER_FAILURES_SEQUENCE = 0x0008, 0x119a;
    ERROR_COMMENT = 0x0000, 0x0902;
    PATIENT_NAME = 0x0010, 0x0010;
    PATIENT_ID = 0x0010, 0x0020;
    ISSUER_OF_PATIENT_ID = 0x0010, 0x0021;
    PATIENT_BIRTH_DATE = 0x0010, 0x0030;
    PATIENT_SEX = 0x0010, 0x0040;
    PATIENT_AGE = 0x0010, 0x1010;
    PATIENT_IDENTITY_REMOVED = 0x0012, 0x0062;
    DEIDENTIFICATION_METHOD = 0x0012, 0x0063;
    DEIDENTIFICATION_METHOD_CODE_SEQUENCE = 0x0012, 0x0064;
    BODY_PART_EXAMINED = 0x0018, 0x0015;
    SLICE_THICKNESS = 0x0018, 0x0050;
    PROTOCOL_NAME = 0x0018, 0x1030;
    STUDY_INSTANCE_UID = 0x0020, 0x000d;
    SERIES_INSTANCE_UID = 0x0020, 0x000e;
    STUDY_ID = 0x0020, 0x0010;
    SERIES_NUMBER = 0x0020, 0x0011;
    INSTANCE_NUMBER = 0x0020, 0x0013;
    FRAME_OF_REFERENCE_UID = 0x0020, 0x0052;
    LATERALITY = 0x0020, 0x0060;
    IMAGE_LATERALITY = 0x0020, 0x0062;
    NUMBER_OF_STUDY_RELATED_SERIES = 0x0020, 0x1206;
    NUMBER_OF_STUDY_RELATED_INSTANCES = 0x0020, 0x1208;
    NUMBER_OF_SERIES_RELATED_INSTANCES = 0x0020, 0x1209;
    SAMPLES_PER_PIXEL = 0x0028, 0x0002;
    PHOTOMETRIC_INTERPRETATION = 0x0028, 0x0004;
    PLANAR_CONFIGURATION = 0x0028, 0x0006;
    NUMBER_OF_FRAMES = 0x0028, 0x0008;
    ROWS = 0x0028, 0x0010;
    COLUMNS = 0x0028, 0x0011;
    PIXEL_SPACING = 0x0028, 0x0030;
    BITS_ALLOCATED = 0x0028, 0x0100;
    BITS_STORED = 0x0028, 0x0101;
    HIGH_BIT = 0x0028, 0x0102;
    PIXEL_REPRESENTATION = 0x0028, 0x0103;
    WINDOW_CENTER = 0x0028, 0x1050;
    WINDOW_WIDTH = 0x0028, 0x1051;
    RESCALE_INTERCEPT = 0x0028, 0x1052;
    RESCALE_SLOPE = 0x0028, 0x1053;
    BURNED_IN_ANNOTATION = 0x0028, 0x0301;
    LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED = 0x0028, 0x0303;
    PIXEL_DATA_PROVIDER_URL = 0x0028, 0x7fe0;
    PIXEL_MEASURES_SEQUENCE = 0x0028, 0x9110;
    FRAME_VOI_LUT_SEQUENCE = 0x0028, 0x9132;
    IMAGER_PIXEL_SPACING = 0x0018, 0x1164;
    SHARED_FUNCTIONAL_GROUPS_SEQUENCE = 0x5200, 0x9229;
    PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE = 0x5200, 0x9230;
    LOCAL_NAMESPACE_ENTITY_ID = 0x0040, 0x0031;
    UNIVERSAL_ENTITY_ID = 0x0040, 0x0032;
    LOSSY_IMAGE_COMPRESSION = 0x0028, 0x2110;
    LOSSY_IMAGE_COMPRESSION_RATIO = 0x0028, 0x2112;
    LOSSY_IMAGE_COMPRESSION_METHOD = 0x0028, 0x2114;
    ICON_IMAGE_SEQUENCE = 0x0088, 0x0200;
    SCHEDULED_PROCEDURE_STEP_ID = 0x0040, 0x0009;
    PERFORMED_PROCEDURE_STEP_START_DATE = 0x0040, 0x0244;
    PERFORMED_PROCEDURE_STEP_START_TIME = 0x0040, 0x0245;
    REQUEST_ATTRIBUTES_SEQUENCE = 0x0040, 0x0275;
    REQUESTED_PROCEDURE_ID = 0x0040, 0x1001;
    RELATIONSHIP_TYPE = 0x0040, 0xa010;
    VALUE_TYPE = 0x0040, 0xa040;
    CONCEPT_NAME_CODE_SEQUENCE = 0x0040, 0xa043;
    TEXT_VALUE = 0x0040, 0xa160;
    CONTENT_SEQUENCE = 0x0040, 0xa730;
    EXTENDED_OFFSET_TABLE = 0x7fe0, 0x0001;
    EXTENDED_OFFSET_TABLE_LENGTHS = 0x7fe0, 0x0002;
    FLOAT_PIXEL_DATA = 0x7fe0, 0x0008;
    DOUBLE_FLOAT_PIXEL_DATA = 0x7fe0, 0x0009;
    PIXEL_DATA = 0x7fe0, 0x0010;
    ITEM = 0xfffe, 0xe000;
    ITEM_DELIMITATION = 0xfffe, 0xe00d;
    SEQUENCE_DELIMITATION = 0xfffe, 0xe0dd;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_named_by_keyword_or_by_number() {
        assert_eq!(Tag::parse("PatientID"), Some(tags::PATIENT_ID));
        assert_eq!(Tag::parse("00100020"), Some(tags::PATIENT_ID));
        assert_eq!(Tag::parse("7fe00010"), Some(tags::PIXEL_DATA));
        assert_eq!(Tag::parse("PatientIdentity"), None);
        assert_eq!(Tag::parse("0010002"), None);
        assert_eq!(tags::PATIENT_ID.to_string(), "00100020");
        assert_eq!(tags::PATIENT_ID.keyword(), Some("PatientID"));
    }

    #[test]
    fn the_dictionary_settles_ambiguous_vrs() {
        let smallest_pixel_value = Tag::new(0x0028, 0x0106);
        assert_eq!(smallest_pixel_value.dictionary_vr(false), Some(VR::US));
        assert_eq!(smallest_pixel_value.dictionary_vr(true), Some(VR::SS));
        assert_eq!(tags::PIXEL_DATA.dictionary_vr(false), Some(VR::OW));
        assert_eq!(Tag::new(0x0009, 0x0010).standard_vr(), Some("LO"));
        assert_eq!(Tag::new(0x0009, 0x1001).standard_vr(), None);
        assert_eq!(tags::ERROR_COMMENT.standard_vr(), Some("LO"));
    }
}
