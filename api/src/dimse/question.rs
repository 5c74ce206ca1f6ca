//! Identifiers as questions: which level, which keys, which instances.

use dicom::{Tag, Uid, query::Level, tags};
use dimse::{
    Identifier, Root, Status,
    data_set::{DataSet, Value},
};

/// Query/Retrieve Level.
pub(super) const QUERY_RETRIEVE_LEVEL: Tag = Tag::new(0x0008, 0x0052);
/// What a query says about itself, and what only answers have: never matched by.
const NOT_KEYS: [Tag; 5] = [
    QUERY_RETRIEVE_LEVEL,
    tags::SPECIFIC_CHARACTER_SET,
    tags::RETRIEVE_AE_TITLE,
    tags::INSTANCE_AVAILABILITY,
    // Timezone Offset From UTC.
    Tag::new(0x0008, 0x0201),
];

/// A level of the tree (PS3.4 §C.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum QueryLevel {
    Patient,
    Study,
    Series,
    Image,
}

impl QueryLevel {
    /// The level of a query.
    pub fn of(identifier: &Identifier) -> Result<Self, Status> {
        let wrong = |text: &str| Status::with(Status::DATA_SET_DOES_NOT_MATCH, text);
        let level = match identifier.keys.text(QUERY_RETRIEVE_LEVEL).as_deref() {
            Some("PATIENT") => Self::Patient,
            Some("STUDY") => Self::Study,
            Some("SERIES") => Self::Series,
            Some("IMAGE") => Self::Image,
            _ => return Err(wrong("QueryRetrieveLevel is PATIENT, STUDY, SERIES or IMAGE")),
        };
        if level == Self::Patient && identifier.root == Root::Study {
            return Err(wrong("the Study Root has no PATIENT level"));
        }
        Ok(level)
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Patient => "PATIENT",
            Self::Study => "STUDY",
            Self::Series => "SERIES",
            Self::Image => "IMAGE",
        }
    }

    /// The level of the search that answers it. Patients are found through their studies.
    pub const fn searched(self) -> Level {
        match self {
            Self::Patient | Self::Study => Level::Study,
            Self::Series => Level::Series,
            Self::Image => Level::Instance,
        }
    }
}

/// The keys with a value, as the parameters of a search: DIMSE and DICOMweb match alike (PS3.18 §8.3.4). Those in the
/// item of a sequence become paths.
pub(super) fn parameters(keys: &DataSet) -> String {
    let character_set = keys.text(tags::SPECIFIC_CHARACTER_SET).unwrap_or_default();
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    append_keys(&mut query, keys, &character_set, "");
    query.finish()
}

fn append_keys(
    query: &mut url::form_urlencoded::Serializer<'_, String>,
    keys: &DataSet,
    character_set: &str,
    within: &str,
) {
    for element in &keys.elements {
        if NOT_KEYS.contains(&element.tag)
            || element.tag.element() == 0
            || element.tag.standard_vr().is_none()
        {
            continue;
        }
        let path = format!("{within}{}", element.tag);
        match &element.value {
            // A sequence is matched by one item (PS3.4 §C.2.2.2.6).
            Value::Items(items) => {
                if let Some(item) = items.first() {
                    append_keys(query, item, character_set, &format!("{path}."));
                }
            }
            Value::Bytes(bytes) => {
                let text = dicom::decode_text(character_set, bytes, &element.vr == b"PN");
                let text = text.trim_matches(['\0', ' ']);
                // Of UIDs, too, a star means any.
                if !text.is_empty() && text.bytes().any(|byte| byte != b'*') {
                    query.append_pair(&path, text);
                }
            }
        }
    }
}

/// What a retrieval asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    pub level: QueryLevel,
    pub patient: Option<String>,
    pub studies: Vec<Uid>,
    pub series: Vec<Uid>,
    pub instances: Vec<Uid>,
}

impl Wanted {
    /// Reads the unique keys (PS3.4 §C.4.2.1.4): those of the level and of the levels above it, but for the Patient ID,
    /// which a Study Instance UID does not need to be told apart.
    pub fn of(identifier: &Identifier) -> Result<Self, Status> {
        let keys = &identifier.keys;
        let level = QueryLevel::of(identifier)?;
        let wanted = Self {
            level,
            patient: patient_id(keys)?,
            studies: uids(keys, tags::STUDY_INSTANCE_UID)?,
            series: uids(keys, tags::SERIES_INSTANCE_UID)?,
            instances: uids(keys, tags::SOP_INSTANCE_UID)?,
        };
        let is_complete = match level {
            QueryLevel::Patient => wanted.patient.is_some(),
            QueryLevel::Study => !wanted.studies.is_empty(),
            QueryLevel::Series => wanted.studies.len() == 1 && !wanted.series.is_empty(),
            QueryLevel::Image => {
                wanted.studies.len() == 1 && wanted.series.len() == 1 && !wanted.instances.is_empty()
            }
        };
        if !is_complete {
            return Err(Status::with(
                Status::DATA_SET_DOES_NOT_MATCH,
                "a unique key of the level or of one above it is missing",
            ));
        }
        Ok(wanted)
    }
}

/// One Patient ID: what is to be retrieved is named, not searched for (PS3.4 §C.4.2.2.1).
fn patient_id(keys: &DataSet) -> Result<Option<String>, Status> {
    let id = keys.text(tags::PATIENT_ID).unwrap_or_default();
    let id = id.trim_matches(['\0', ' ']);
    if id.contains(['*', '?', '\\', '"']) {
        return Err(Status::with(
            Status::DATA_SET_DOES_NOT_MATCH,
            "one patient is retrieved at a time, by the whole Patient ID",
        ));
    }
    Ok((!id.is_empty()).then(|| id.to_owned()))
}

fn uids(keys: &DataSet, tag: Tag) -> Result<Vec<Uid>, Status> {
    let text = keys.text(tag).unwrap_or_default();
    let uids = text.split('\\').filter(|uid| !uid.is_empty()).map(Uid::parse);
    uids.collect::<Result<_, _>>()
        .map_err(|_| Status::with(Status::DATA_SET_DOES_NOT_MATCH, "a key is no UID"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(level: &str) -> DataSet {
        DataSet::default().with_text(QUERY_RETRIEVE_LEVEL, *b"CS", level)
    }

    fn identifier(root: Root, keys: DataSet) -> Identifier {
        Identifier { root, keys }
    }

    #[test]
    fn keys_become_parameters_in_their_character_set() {
        let keys = keys("STUDY")
            .with_text(tags::SPECIFIC_CHARACTER_SET, *b"CS", "ISO_IR 100")
            .with(tags::PATIENT_NAME, *b"PN", Value::Bytes(b"M\xdcL* ".to_vec()))
            .with_text(tags::STUDY_DATE, *b"DA", "20260101-")
            .with_text(tags::STUDY_INSTANCE_UID, *b"UI", "*")
            .with_text(tags::ACCESSION_NUMBER, *b"SH", "");
        assert_eq!(parameters(&keys), "00080020=20260101-&00100010=M%C3%9CL*");
    }

    #[test]
    fn keys_in_a_sequence_become_paths() {
        let step = DataSet::default()
            .with_text(Tag::new(0x0040, 0x0009), *b"SH", "SPS-1")
            .with_text(Tag::new(0x0040, 0x1001), *b"SH", "");
        let keys = keys("SERIES").with(Tag::new(0x0040, 0x0275), *b"SQ", Value::Items(vec![step]));
        assert_eq!(parameters(&keys), "00400275.00400009=SPS-1");
    }

    #[test]
    fn a_patient_is_named_and_not_searched_for() {
        for id in ["*", "12*", "1?", "\"\"", "1\\2"] {
            let patient = keys("PATIENT").with_text(tags::PATIENT_ID, *b"LO", id);
            assert!(Wanted::of(&identifier(Root::Patient, patient)).is_err(), "{id}");
        }
    }

    #[test]
    fn a_level_needs_the_unique_keys_above_it() {
        let study = keys("STUDY").with_text(tags::STUDY_INSTANCE_UID, *b"UI", "1.2\\1.3");
        let wanted = Wanted::of(&identifier(Root::Study, study)).unwrap();
        assert_eq!(wanted.studies.len(), 2);
        let series = keys("SERIES").with_text(tags::SERIES_INSTANCE_UID, *b"UI", "1.2");
        assert!(Wanted::of(&identifier(Root::Study, series)).is_err());
        assert!(Wanted::of(&identifier(Root::Study, keys("PATIENT"))).is_err());
        let patient = keys("PATIENT").with_text(tags::PATIENT_ID, *b"LO", "7");
        assert!(Wanted::of(&identifier(Root::Patient, patient)).is_ok());
        assert!(Wanted::of(&identifier(Root::Patient, DataSet::default())).is_err());
    }
}
