//! From the query part of a URL to a [`Query`].

use super::{Condition, IncludeFields, Level, MAX_CONDITIONS, MAX_VALUE_BYTES, Matching, Query, QueryError};
use crate::tag::Tag;
use dicom_core::VR;

impl Query {
    /// Parses the query of a URL, percent-encoded, without the question mark (PS3.18 §8.3.4, §10.6).
    ///
    /// Errors: what the client must change; answer with 400.
    pub fn parse(level: Level, query: &str) -> Result<Self, QueryError> {
        let mut parsed = Self {
            level,
            conditions: Vec::new(),
            include: IncludeFields::Named(Vec::new()),
            limit: None,
            offset: 0,
            fuzzy_matching: false,
            empty_value_matching: false,
            multiple_value_matching: false,
        };
        for (key, value) in url::form_urlencoded::parse(query.as_bytes()) {
            if value.len() > MAX_VALUE_BYTES {
                return Err(QueryError::TooLarge);
            }
            match key.to_ascii_lowercase().as_str() {
                "" => {}
                "limit" => parsed.limit = Some(number(&key, &value)?),
                "offset" => parsed.offset = number(&key, &value)?,
                "fuzzymatching" => parsed.fuzzy_matching = flag(&key, &value)?,
                "emptyvaluematching" => parsed.empty_value_matching = flag(&key, &value)?,
                "multiplevaluematching" => parsed.multiple_value_matching = flag(&key, &value)?,
                // How the answer is to look (PS3.18 §8.3.3) is not what is searched for.
                "accept" | "charset" => {}
                "includefield" => parsed.include_fields(&value)?,
                _ => parsed.condition(&key, &value)?,
            }
        }
        Ok(parsed)
    }

    /// The matching of a top-level attribute, when the query has one.
    pub fn matching(&self, tag: Tag) -> Option<&Matching> {
        self.conditions
            .iter()
            .find(|condition| condition.path == [tag])
            .map(|condition| &condition.matching)
    }

    fn include_fields(&mut self, value: &str) -> Result<(), QueryError> {
        for field in value.split(',').map(str::trim).filter(|field| !field.is_empty()) {
            if field.eq_ignore_ascii_case("all") {
                self.include = IncludeFields::All;
                continue;
            }
            let path = attribute_path(field)?;
            if let IncludeFields::Named(fields) = &mut self.include {
                if fields.len() >= MAX_CONDITIONS {
                    return Err(QueryError::TooLarge);
                }
                if !fields.contains(&path) {
                    fields.push(path);
                }
            }
        }
        Ok(())
    }

    fn condition(&mut self, key: &str, value: &str) -> Result<(), QueryError> {
        let path = attribute_path(key)?;
        if self.conditions.len() >= MAX_CONDITIONS {
            return Err(QueryError::TooLarge);
        }
        if self.conditions.iter().any(|condition| condition.path == path) {
            return Err(QueryError::Repeated(key.to_owned()));
        }
        let vr = path
            .last()
            .and_then(|tag| tag.dictionary_vr(false))
            .unwrap_or(VR::LO);
        let matching = Matching::parse(vr, value).map_err(|problem| QueryError::Value {
            attribute: key.to_owned(),
            problem,
        })?;
        self.conditions.push(Condition { path, matching });
        Ok(())
    }
}

/// `PatientID`, `00100020`, or a path through sequences, joined by dots.
fn attribute_path(text: &str) -> Result<Vec<Tag>, QueryError> {
    const DEEPEST: usize = 8;
    let unknown = || QueryError::UnknownAttribute(text.chars().take(64).collect());
    let path: Option<Vec<Tag>> = text.split('.').take(DEEPEST + 1).map(Tag::parse).collect();
    path.filter(|path| path.len() <= DEEPEST).ok_or_else(unknown)
}

fn number(key: &str, value: &str) -> Result<u32, QueryError> {
    value.trim().parse().map_err(|_| QueryError::Value {
        attribute: key.to_owned(),
        problem: "a whole number from 0",
    })
}

fn flag(key: &str, value: &str) -> Result<bool, QueryError> {
    match value.trim().to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" | "" => Ok(false),
        _ => Err(QueryError::Value {
            attribute: key.to_owned(),
            problem: "true or false",
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tag::tags;
    use proptest::prelude::*;

    fn parse(query: &str) -> Result<Query, QueryError> {
        Query::parse(Level::Study, query)
    }

    #[test]
    fn a_query_of_a_viewer_is_read() {
        let query = parse(
            "PatientName=M%C3%9CL*&00100020=42&StudyDate=20240101-&limit=101&offset=5&fuzzymatching=true\
             &includefield=00081030,ModalitiesInStudy&includefield=StudyDescription",
        )
        .unwrap();
        assert!(
            matches!(query.matching(tags::PATIENT_NAME), Some(Matching::Wildcard(name)) if name.as_str() == "MÜL*")
        );
        assert_eq!(
            query.matching(tags::PATIENT_ID),
            Some(&Matching::Single("42".into()))
        );
        assert_eq!(
            (query.limit, query.offset, query.fuzzy_matching),
            (Some(101), 5, true)
        );
        let fields = vec![vec![tags::STUDY_DESCRIPTION], vec![tags::MODALITIES_IN_STUDY]];
        assert_eq!(query.include, IncludeFields::Named(fields));
    }

    #[test]
    fn every_parameter_of_the_standard_is_known() {
        let query = parse(
            "accept=application/dicom%2Bjson&charset=utf-8&emptyvaluematching=true&multiplevaluematching=true",
        )
        .unwrap();
        assert!(query.empty_value_matching && query.multiple_value_matching && query.conditions.is_empty());
        assert!(matches!(
            parse("emptyvaluematching=1"),
            Err(QueryError::Value { .. })
        ));
    }

    #[test]
    fn an_attribute_in_a_sequence_is_a_path() {
        let query = parse("RequestAttributesSequence.00400009=SPS1").unwrap();
        assert_eq!(
            query.conditions[0].path,
            [Tag::new(0x0040, 0x0275), Tag::new(0x0040, 0x0009)]
        );
    }

    #[test]
    fn include_all_swallows_single_fields() {
        let query = parse("includefield=PatientID,all&includefield=Modality").unwrap();
        assert_eq!(query.include, IncludeFields::All);
    }

    #[test]
    fn what_cannot_be_meant_is_refused_by_name() {
        assert_eq!(
            parse("Patient=1"),
            Err(QueryError::UnknownAttribute("Patient".into()))
        );
        assert_eq!(
            parse("PatientID=1&00100020=2"),
            Err(QueryError::Repeated("00100020".into()))
        );
        for wrong in [
            "limit=-1",
            "limit=x",
            "fuzzymatching=maybe",
            "StudyDate=soon",
            "PixelData=1",
            "InstanceNumber=a",
        ] {
            assert!(matches!(parse(wrong), Err(QueryError::Value { .. })), "{wrong}");
        }
        let many: String = (0..100).map(|at| format!("0009{at:04X}=x&")).collect();
        assert_eq!(parse(&many), Err(QueryError::TooLarge));
    }

    proptest! {
        #[test]
        fn any_query_is_read_or_refused(query in "\\PC{0,200}") {
            let _ = parse(&query);
        }
    }
}
