//! What an attribute is of: the patient and study, a series, or one instance.

use super::Level;
use crate::tag::Tag;

impl Level {
    /// The level from which on an attribute is the same: patient and study attributes are of the study. What is not
    /// known to be the same for a whole study or series is of the instance (PS3.3 §C.7.1 to §C.7.5).
    pub fn of(tag: Tag) -> Self {
        if is_of_study(tag) {
            Self::Study
        } else if is_of_series(tag) {
            Self::Series
        } else {
            Self::Instance
        }
    }
}

fn is_of_study(tag: Tag) -> bool {
    match tag.group() {
        // Patient, and the patient during the study.
        0x0010 => true,
        0x0008 => matches!(
            tag.element(),
            0x0020
                | 0x0030
                | 0x0050
                | 0x0051
                | 0x0061
                | 0x0062
                | 0x0090
                | 0x0092
                | 0x0094
                | 0x0096
                | 0x009c
                | 0x009d
                | 0x0201
                | 0x1030
                | 0x1032
                | 0x1048
                | 0x1049
                | 0x1060
                | 0x1062
                | 0x1080
                | 0x1084
                | 0x1110
                | 0x1190
        ),
        // Clinical trial: subject and study.
        0x0012 => matches!(tag.element(), 0x0010..=0x0052),
        0x0020 => matches!(tag.element(), 0x000d | 0x0010 | 0x1206 | 0x1208),
        0x0032 => matches!(tag.element(), 0x1032..=0x1034 | 0x1060 | 0x1064 | 0x1066 | 0x1067),
        0x0038 => true,
        0x0040 => matches!(tag.element(), 0x1002 | 0x100a | 0x1012),
        _ => false,
    }
}

fn is_of_series(tag: Tag) -> bool {
    match tag.group() {
        0x0008 => matches!(
            tag.element(),
            0x0021
                | 0x0031
                | 0x0060
                | 0x0064
                | 0x0068
                | 0x0070
                | 0x0080
                | 0x0081
                | 0x0082
                | 0x103e
                | 0x103f
                | 0x1010
                | 0x1040
                | 0x1041
                | 0x1050
                | 0x1052
                | 0x1070
                | 0x1072
                | 0x1090
                | 0x1111
                | 0x1250
        ),
        0x0012 => matches!(tag.element(), 0x0060 | 0x0071 | 0x0072),
        0x0018 => matches!(
            tag.element(),
            0x0010 | 0x0015 | 0x1000 | 0x1002 | 0x1008 | 0x1020 | 0x1030 | 0x5100
        ),
        0x0020 => matches!(tag.element(), 0x000e | 0x0011 | 0x0060 | 0x1209),
        0x0040 => matches!(
            tag.element(),
            0x0241 | 0x0242 | 0x0244 | 0x0245 | 0x0250 | 0x0251 | 0x0253 | 0x0254 | 0x0260 | 0x0275 | 0x0280
        ),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tag::tags;

    #[test]
    fn what_is_not_known_to_be_shared_is_the_instances() {
        assert_eq!(Level::of(tags::PATIENT_SEX), Level::Study);
        assert_eq!(Level::of(tags::STUDY_ID), Level::Study);
        assert_eq!(Level::of(tags::MODALITY), Level::Series);
        assert_eq!(Level::of(tags::WINDOW_CENTER), Level::Instance);
        assert_eq!(Level::of(tags::PIXEL_DATA), Level::Instance);
        assert_eq!(Level::of(Tag::new(0x0009, 0x1001)), Level::Instance);
        assert!(Level::Study < Level::Series && Level::Series < Level::Instance);
    }
}
