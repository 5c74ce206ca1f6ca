//! Matching one data set of the DICOM JSON Model (PS3.4 §C.2.2.2), for what no database is asked about.

use super::{Condition, Matching, Query};
use crate::tag::Tag;
use crate::temporal::{normal_date, normal_time};
use serde_json::{Map, Value};

impl Query {
    /// Whether all conditions hold of `data_set`. `fold` makes words of a name for fuzzy matching: those that are
    /// kept, and those that are looked for.
    pub fn holds(&self, data_set: &Map<String, Value>, fold: &Fold) -> bool {
        // Of a sequence all conditions hold in one item (PS3.4 §C.2.2.2.6).
        let mut done: Vec<&[Tag]> = Vec::new();
        self.conditions.iter().all(|condition| {
            let (sequence, _) = condition.path.split_at(condition.path.len().saturating_sub(1));
            if sequence.is_empty() {
                return self.holds_at(data_set, condition, fold);
            }
            if done.contains(&sequence) {
                return true;
            }
            done.push(sequence);
            let together: Vec<&Condition> = self
                .conditions
                .iter()
                .filter(|other| other.path.len() == condition.path.len() && other.path.starts_with(sequence))
                .collect();
            items(data_set, sequence).iter().any(|item| {
                together
                    .iter()
                    .all(|condition| self.holds_at(item, condition, fold))
            }) || together
                .iter()
                .all(|condition| condition.matching == Matching::Universal)
        })
    }

    fn holds_at(&self, item: &Map<String, Value>, condition: &Condition, fold: &Fold) -> bool {
        let Some(tag) = condition.path.last() else {
            return true;
        };
        if condition.matching == Matching::Universal {
            return true;
        }
        let attribute = item.get(&tag.to_string());
        let vr = attribute
            .and_then(|attribute| attribute.get("vr"))
            .and_then(Value::as_str);
        let values = attribute
            .and_then(|attribute| attribute.get("Value"))
            .and_then(Value::as_array);
        let texts = values.into_iter().flatten().flat_map(texts_of);
        match vr {
            Some("PN") if self.fuzzy_matching => {
                let wanted = match &condition.matching {
                    Matching::Single(wanted) => wanted,
                    Matching::Wildcard(wildcard) => wildcard.as_str(),
                    _ => return false,
                };
                texts.into_iter().any(|name| is_named(&name, wanted, fold))
            }
            vr => texts
                .into_iter()
                .any(|text| condition.matching.is(&text, vr == Some("PN"))),
        }
    }
}

/// How names are folded.
#[derive(Debug, Clone, Copy)]
pub struct Fold {
    /// The words of a name that is kept.
    pub kept: fn(&str) -> Vec<String>,
    /// The words that are looked for.
    pub wanted: fn(&str) -> Vec<String>,
}

fn is_named(name: &str, wanted: &str, fold: &Fold) -> bool {
    let kept = (fold.kept)(name);
    (fold.wanted)(wanted).iter().all(|word| {
        let pattern = format!("{}*", word.trim_end_matches('*'));
        kept.iter().any(|kept| is_like(kept, &pattern))
    })
}

impl Matching {
    /// Whether one value matches; `in_any_case` for names.
    fn is(&self, text: &str, in_any_case: bool) -> bool {
        let cased = |text: &str| {
            if in_any_case {
                text.to_lowercase()
            } else {
                text.to_owned()
            }
        };
        let between = |value: Option<String>, from: &Option<String>, to: &Option<String>| {
            value.is_some_and(|value| {
                from.as_ref().is_none_or(|from| *from <= value) && to.as_ref().is_none_or(|to| value <= *to)
            })
        };
        match self {
            Self::Universal => true,
            Self::Single(wanted) => cased(wanted) == cased(text),
            Self::Wildcard(wildcard) => is_like(&cased(text), &cased(wildcard.as_str())),
            Self::DateRange { from, to } => between(normal_date(text), from, to),
            Self::TimeRange { from, to } => between(normal_time(text), from, to),
            Self::DateTimeRange { from, to } => between(crate::temporal::normal_date_time(text), from, to),
            Self::UidList(uids) => uids.iter().any(|uid| uid.as_str() == text),
        }
    }
}

/// The items of a sequence within sequences.
fn items<'a>(data_set: &'a Map<String, Value>, path: &[Tag]) -> Vec<&'a Map<String, Value>> {
    path.iter().fold(vec![data_set], |sets, tag| {
        let inside = |set: &&'a Map<String, Value>| set.get(&tag.to_string())?.get("Value")?.as_array();
        sets.iter()
            .filter_map(inside)
            .flatten()
            .filter_map(Value::as_object)
            .collect()
    })
}

/// A value as text; of a name each of its groups.
fn texts_of(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Number(number) => vec![number.to_string()],
        Value::Object(groups) => groups
            .values()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        _ => Vec::new(),
    }
}

/// `*` stands for any characters, `?` for one. In time of the lengths multiplied, however the stars stand.
fn is_like(text: &str, pattern: &str) -> bool {
    let (text, pattern): (Vec<char>, Vec<char>) = (text.chars().collect(), pattern.chars().collect());
    let (mut at, mut of) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while at < text.len() {
        match pattern.get(of) {
            Some('*') => {
                star = Some((of, at));
                of += 1;
            }
            Some(wanted) if *wanted == '?' || *wanted == text[at] => {
                at += 1;
                of += 1;
            }
            _ => match star {
                Some((star_of, star_at)) => {
                    star = Some((star_of, star_at + 1));
                    of = star_of + 1;
                    at = star_at + 1;
                }
                None => return false,
            },
        }
    }
    pattern[of..].iter().all(|rest| *rest == '*')
}

#[cfg(test)]
mod tests {
    use super::super::Level;
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    const PLAIN: Fold = Fold {
        kept: |name| name.to_lowercase().split('^').map(str::to_owned).collect(),
        wanted: |name| name.to_lowercase().split(' ').map(str::to_owned).collect(),
    };

    fn holds(query: &str) -> bool {
        let set = json!({
            "00100010": {"vr": "PN", "Value": [{"Alphabetic": "Doe^Ann", "Ideographic": "山"}]},
            "00100030": {"vr": "DA", "Value": ["19650310"]},
            "00404005": {"vr": "DT", "Value": ["20260102103000+0000"]},
            "00741000": {"vr": "CS", "Value": ["SCHEDULED"]},
            "00280010": {"vr": "US", "Value": [512]},
            "00404018": {"vr": "SQ", "Value": [
                {"00080100": {"vr": "SH", "Value": ["A"]}, "00080102": {"vr": "SH", "Value": ["DCM"]}},
                {"00080100": {"vr": "SH", "Value": ["B"]}, "00080102": {"vr": "SH", "Value": ["SCT"]}},
            ]},
        });
        let query = Query::parse(Level::Instance, query).unwrap();
        query.holds(set.as_object().unwrap(), &PLAIN)
    }

    #[test]
    fn every_kind_of_matching_holds_of_a_data_set() {
        for query in [
            "",
            "PatientName=doe*",
            "PatientName=%E5%B1%B1",
            "PatientName=ann+doe&fuzzymatching=true",
            "PatientBirthDate=19600101-19700101",
            "ScheduledProcedureStepStartDateTime=20260102-20260102",
            "ScheduledProcedureStepStartDateTime=20260102-",
            "ProcedureStepState=SCHEDULED",
            "Rows=512",
            "PatientID=",
            "ScheduledWorkitemCodeSequence.CodeValue=B",
            "ScheduledWorkitemCodeSequence.CodeValue=B&ScheduledWorkitemCodeSequence.CodingSchemeDesignator=SCT",
        ] {
            assert!(holds(query), "{query}");
        }
        for query in [
            "PatientName=doe",
            "PatientID=1",
            "ScheduledProcedureStepStartDateTime=20260103-",
            "ProcedureStepState=scheduled",
            "ScheduledWorkitemCodeSequence.CodeValue=B&ScheduledWorkitemCodeSequence.CodingSchemeDesignator=DCM",
        ] {
            assert!(!holds(query), "{query}");
        }
    }

    proptest! {
        #[test]
        fn a_pattern_of_a_text_with_holes_is_like_it(text in "[ab*?]{0,8}", at in 0usize..8, length in 0usize..4) {
            let characters: Vec<char> = text.chars().filter(|c| !"*?".contains(*c)).collect();
            let text: String = characters.iter().collect();
            let (from, to) = (at.min(characters.len()), (at + length).min(characters.len()));
            let star: String = characters[..from].iter().chain(&['*']).chain(&characters[to..]).collect();
            let holes: String = characters.iter().enumerate().map(|(i, c)| if (from..to).contains(&i) { '?' } else { *c }).collect();
            prop_assert!(is_like(&text, &star) && is_like(&text, &holes));
            let longer = format!("{holes}?");
            prop_assert!(!is_like(&text, &longer));
        }
    }
}
