//! Which kind of record an instance has, and what that record says (PS3.3 §F.4 and §F.5).

use crate::tag::Tag;
use crate::tag::tags as t;

/// A kind of directory record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind {
    /// Directory Record Type (0004,1430).
    pub name: &'static str,
    /// Its keys; those that must have a value are marked.
    pub keys: &'static [Key],
}

/// A key of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    /// Type 1: a value is invented where there is none.
    Needed(Tag),
    /// Type 2: there, if only empty.
    Present(Tag),
    /// Type 1C or 3: there when the instance has it.
    Known(Tag),
}

impl Key {
    pub(super) const fn tag(self) -> Tag {
        match self {
            Self::Needed(tag) | Self::Present(tag) | Self::Known(tag) => tag,
        }
    }
}

use Key::{Known, Needed, Present};

const CONTENT_LABEL: Tag = Tag::new(0x0070, 0x0080);
const CONTENT_DESCRIPTION: Tag = Tag::new(0x0070, 0x0081);
const PRESENTATION_CREATION_DATE: Tag = Tag::new(0x0070, 0x0082);
const PRESENTATION_CREATION_TIME: Tag = Tag::new(0x0070, 0x0083);
const CONTENT_CREATORS_NAME: Tag = Tag::new(0x0070, 0x0084);
const REFERENCED_SERIES_SEQUENCE: Tag = Tag::new(0x0008, 0x1115);
const BLENDING_SEQUENCE: Tag = Tag::new(0x0070, 0x0402);
const COMPLETION_FLAG: Tag = Tag::new(0x0040, 0xa491);
const VERIFICATION_FLAG: Tag = Tag::new(0x0040, 0xa493);
const VERIFICATION_DATE_TIME: Tag = Tag::new(0x0040, 0xa030);
const DOCUMENT_TITLE: Tag = Tag::new(0x0042, 0x0010);
const MIME_TYPE: Tag = Tag::new(0x0042, 0x0012);
const HL7_INSTANCE_IDENTIFIER: Tag = Tag::new(0x0040, 0xe001);
const STRUCTURE_SET_LABEL: Tag = Tag::new(0x3006, 0x0002);
const STRUCTURE_SET_DATE: Tag = Tag::new(0x3006, 0x0008);
const STRUCTURE_SET_TIME: Tag = Tag::new(0x3006, 0x0009);
const RT_PLAN_LABEL: Tag = Tag::new(0x300a, 0x0002);
const RT_PLAN_DATE: Tag = Tag::new(0x300a, 0x0006);
const RT_PLAN_TIME: Tag = Tag::new(0x300a, 0x0007);
const TREATMENT_DATE: Tag = Tag::new(0x3008, 0x0250);
const TREATMENT_TIME: Tag = Tag::new(0x3008, 0x0251);
const DOSE_SUMMATION_TYPE: Tag = Tag::new(0x3004, 0x000a);
const DATA_POINT_ROWS: Tag = Tag::new(0x0028, 0x9001);
const DATA_POINT_COLUMNS: Tag = Tag::new(0x0028, 0x9002);
const HANGING_PROTOCOL_NAME: Tag = Tag::new(0x0072, 0x0002);

pub(super) const PATIENT: Kind = Kind {
    name: "PATIENT",
    keys: &[Present(t::PATIENT_NAME), Needed(t::PATIENT_ID)],
};
pub(super) const STUDY: Kind = Kind {
    name: "STUDY",
    keys: &[
        Needed(t::STUDY_DATE),
        Needed(t::STUDY_TIME),
        Present(t::ACCESSION_NUMBER),
        Present(t::STUDY_DESCRIPTION),
        Needed(t::STUDY_INSTANCE_UID),
        Needed(t::STUDY_ID),
    ],
};
pub(super) const SERIES: Kind = Kind {
    name: "SERIES",
    keys: &[
        Needed(t::MODALITY),
        Known(t::SERIES_DESCRIPTION),
        Needed(t::SERIES_INSTANCE_UID),
        Needed(t::SERIES_NUMBER),
    ],
};

const DATED: &[Key] = &[
    Needed(t::CONTENT_DATE),
    Needed(t::CONTENT_TIME),
    Needed(t::INSTANCE_NUMBER),
];
const LABELLED: &[Key] = &[
    Needed(t::CONTENT_DATE),
    Needed(t::CONTENT_TIME),
    Needed(t::INSTANCE_NUMBER),
    Needed(CONTENT_LABEL),
    Present(CONTENT_DESCRIPTION),
    Present(CONTENT_CREATORS_NAME),
];
const IMAGE: Kind = Kind {
    name: "IMAGE",
    keys: &[
        Known(t::IMAGE_TYPE),
        Needed(t::INSTANCE_NUMBER),
        Known(t::NUMBER_OF_FRAMES),
        Known(t::ROWS),
        Known(t::COLUMNS),
    ],
};
const PRIVATE: Kind = Kind {
    name: "PRIVATE",
    keys: &[],
};

/// Record kinds by what stands after `1.2.840.10008.5.1.4.` in the SOP class; a trailing dot stands for the whole
/// branch. The first that fits counts.
#[rustfmt::skip]
const KINDS: &[(&str, Kind)] = &[
    ("1.1.88.59", Kind { name: "KEY OBJECT DOC", keys: &[
        Needed(t::CONTENT_DATE), Needed(t::CONTENT_TIME), Needed(t::INSTANCE_NUMBER),
        Needed(t::CONCEPT_NAME_CODE_SEQUENCE),
    ] }),
    ("1.1.88.", SR), ("1.1.78.6", SR),
    ("1.1.11.", Kind { name: "PRESENTATION", keys: &[
        Known(REFERENCED_SERIES_SEQUENCE), Needed(t::INSTANCE_NUMBER), Needed(CONTENT_LABEL),
        Present(CONTENT_DESCRIPTION), Needed(PRESENTATION_CREATION_DATE), Needed(PRESENTATION_CREATION_TIME),
        Present(CONTENT_CREATORS_NAME), Known(BLENDING_SEQUENCE),
    ] }),
    ("1.1.9.", Kind { name: "WAVEFORM", keys: DATED }),
    ("1.1.104.", Kind { name: "ENCAP DOC", keys: &[
        Present(t::CONTENT_DATE), Present(t::CONTENT_TIME), Needed(t::INSTANCE_NUMBER),
        Present(t::CONCEPT_NAME_CODE_SEQUENCE), Known(HL7_INSTANCE_IDENTIFIER), Present(DOCUMENT_TITLE),
        Needed(MIME_TYPE),
    ] }),
    ("1.1.481.2", Kind { name: "RT DOSE", keys: &[Needed(t::INSTANCE_NUMBER), Needed(DOSE_SUMMATION_TYPE)] }),
    ("1.1.481.3", Kind { name: "RT STRUCTURE SET", keys: &[
        Needed(t::INSTANCE_NUMBER), Needed(STRUCTURE_SET_LABEL), Present(STRUCTURE_SET_DATE), Present(STRUCTURE_SET_TIME),
    ] }),
    ("1.1.481.5", RT_PLAN), ("1.1.481.8", RT_PLAN),
    ("1.1.481.4", RT_RECORD), ("1.1.481.6", RT_RECORD), ("1.1.481.7", RT_RECORD), ("1.1.481.9", RT_RECORD),
    ("1.1.4.2", Kind { name: "SPECTROSCOPY", keys: &[
        Needed(t::IMAGE_TYPE), Needed(t::CONTENT_DATE), Needed(t::CONTENT_TIME), Needed(t::INSTANCE_NUMBER),
        Needed(t::NUMBER_OF_FRAMES), Needed(t::ROWS), Needed(t::COLUMNS), Needed(DATA_POINT_ROWS),
        Needed(DATA_POINT_COLUMNS),
    ] }),
    ("1.1.66", Kind { name: "RAW DATA", keys: DATED }),
    ("1.1.66.1", Kind { name: "REGISTRATION", keys: LABELLED }),
    ("1.1.66.3", Kind { name: "REGISTRATION", keys: LABELLED }),
    ("1.1.66.2", Kind { name: "FIDUCIAL", keys: LABELLED }),
    ("1.1.66.5", Kind { name: "SURFACE", keys: LABELLED }),
    ("1.1.66.6", Kind { name: "TRACT", keys: LABELLED }),
    ("1.1.67", Kind { name: "VALUE MAP", keys: LABELLED }),
    ("1.1.68.1", Kind { name: "SURFACE SCAN", keys: DATED }),
    ("1.1.77.1.5.3", Kind { name: "STEREOMETRIC", keys: LABELLED }),
    ("1.1.78.", Kind { name: "MEASUREMENT", keys: DATED }),
    ("1.1.90.1", Kind { name: "ASSESSMENT", keys: LABELLED }),
    ("38.1", Kind { name: "HANGING PROTOCOL", keys: &[Needed(HANGING_PROTOCOL_NAME)] }),
];

const SR: Kind = Kind {
    name: "SR DOCUMENT",
    keys: &[
        Needed(t::CONTENT_DATE),
        Needed(t::CONTENT_TIME),
        Needed(t::INSTANCE_NUMBER),
        Known(VERIFICATION_DATE_TIME),
        Needed(t::CONCEPT_NAME_CODE_SEQUENCE),
        Needed(COMPLETION_FLAG),
        Needed(VERIFICATION_FLAG),
    ],
};
const RT_PLAN: Kind = Kind {
    name: "RT PLAN",
    keys: &[
        Needed(t::INSTANCE_NUMBER),
        Needed(RT_PLAN_LABEL),
        Present(RT_PLAN_DATE),
        Present(RT_PLAN_TIME),
    ],
};
const RT_RECORD: Kind = Kind {
    name: "RT TREAT RECORD",
    keys: &[
        Needed(t::INSTANCE_NUMBER),
        Present(TREATMENT_DATE),
        Present(TREATMENT_TIME),
    ],
};

/// The kind of an instance's record. What is of no kind of the Standard's is an image when it has pixels, else private.
pub(super) fn kind_of(sop_class_uid: &str, has_pixels: bool) -> Kind {
    let tail = sop_class_uid.strip_prefix("1.2.840.10008.5.1.4.");
    let listed = tail.and_then(|tail| {
        KINDS
            .iter()
            .find(|(class, _)| tail == *class || class.ends_with('.') && tail.starts_with(class))
            .map(|(_, kind)| *kind)
    });
    listed.unwrap_or(if has_pixels { IMAGE } else { PRIVATE })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_follows_from_the_class() {
        for (class, has_pixels, name) in [
            ("1.2.840.10008.5.1.4.1.1.2", true, "IMAGE"),
            ("1.2.840.10008.5.1.4.1.1.88.59", false, "KEY OBJECT DOC"),
            ("1.2.840.10008.5.1.4.1.1.88.11", false, "SR DOCUMENT"),
            ("1.2.840.10008.5.1.4.1.1.66.4", true, "IMAGE"),
            ("1.2.840.10008.5.1.4.1.1.66", false, "RAW DATA"),
            ("1.2.840.10008.5.1.4.1.1.104.1", false, "ENCAP DOC"),
            ("1.3.12.2.1107.5.9.1", false, "PRIVATE"),
        ] {
            assert_eq!(kind_of(class, has_pixels).name, name, "{class}");
        }
    }

    #[test]
    fn keys_stand_in_ascending_order_and_the_name_fits() {
        let kinds = KINDS.iter().map(|(_, kind)| kind);
        for kind in kinds.chain([&PATIENT, &STUDY, &SERIES, &IMAGE]) {
            assert!(
                kind.keys.is_sorted_by_key(|key| key.tag()),
                "the keys of {}",
                kind.name
            );
            assert!(kind.name.len() <= 16);
        }
    }
}
