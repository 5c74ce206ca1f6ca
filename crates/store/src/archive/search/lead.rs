//! Which index a search walks along, and so in which order its results come.
//!
//! A database that guesses wrongly walks a million rows for a page of a hundred, and SQLite guesses without having
//! counted. So it is said: results that can only be few are gathered and sorted, all others come in the order of
//! the index that finds them.

use super::{Matching, Search, SearchField, patterns::beginning};
use crate::archive::names::PartKind;

/// A range of dates up to so many days is narrower than the beginning of a name.
const NARROW_DAYS: i64 = 7;

/// What leads a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Lead {
    /// Few results, found from the table named; the newest study first.
    Few(Root),
    /// A part of patients' names, in the order of these.
    Names(PartKind, String),
    /// The beginning of Patient IDs, in the order of these.
    PatientIds,
    /// Study dates, the newest first.
    Dates,
    /// Nothing: the newest study first.
    Arrival,
}

/// The table from which a few results are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Root {
    Patient,
    Study,
    Series,
    Instance,
    /// What was requested.
    Step,
}

impl Lead {
    pub(super) fn of(search: &Search) -> Self {
        let is_exact = |field| matches!(search.matching(field), Some(Matching::Text(texts)) if texts.iter().all(|text| !text.contains(['*', '?'])));
        if search.within.is_some() || is_exact(SearchField::StudyInstanceUid) {
            return Self::Few(Root::Study);
        }
        for (field, root) in [
            (SearchField::SopInstanceUid, Root::Instance),
            (SearchField::SeriesInstanceUid, Root::Series),
            (SearchField::AccessionNumber, Root::Study),
            (SearchField::ScheduledProcedureStepId, Root::Step),
            (SearchField::RequestedProcedureId, Root::Step),
            (SearchField::PatientId, Root::Patient),
        ] {
            if is_exact(field) {
                return Self::Few(root);
            }
        }
        let dates = search.matching(SearchField::StudyDate);
        if dates.is_some_and(is_narrow) {
            return Self::Dates;
        }
        if begins(search.matching(SearchField::PatientId)) {
            return Self::PatientIds;
        }
        match search.matching(SearchField::PatientName) {
            Some(Matching::Text(texts)) if texts.len() == 1 && !texts[0].contains('=') => {
                let wanted = wanted_group(&texts[0]);
                if !beginning(&wanted).is_empty() {
                    return Self::Names(PartKind::PatientGroup, wanted);
                }
            }
            Some(Matching::Words(words)) => {
                // The longest beginning is the rarest.
                let longest = words.iter().max_by_key(|word| beginning(word).len());
                if let Some(word) = longest.filter(|word| !beginning(word).is_empty()) {
                    return Self::Names(PartKind::PatientWord, begun(word));
                }
            }
            _ => {}
        }
        if matches!(dates, Some(Matching::Range(..))) {
            Self::Dates
        } else {
            Self::Arrival
        }
    }
}

/// A wanted name, folded like the groups of names.
pub(super) fn wanted_group(text: &str) -> String {
    domain::name_index::name_group(text)
}

/// A wanted word matches what begins with it.
pub(super) fn begun(word: &str) -> String {
    if word.ends_with('*') {
        word.to_owned()
    } else {
        format!("{word}*")
    }
}

fn begins(matching: Option<&Matching>) -> bool {
    matches!(matching, Some(Matching::Text(texts)) if texts.len() == 1 && !beginning(&texts[0]).is_empty())
}

fn is_narrow(dates: &Matching) -> bool {
    let day = |text: &str| chrono::NaiveDate::parse_from_str(text, "%Y%m%d").ok();
    match dates {
        Matching::Range(Some(from), Some(to)) => day(from)
            .zip(day(to))
            .is_some_and(|(from, to)| (to - from).num_days() < NARROW_DAYS),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::FacilityScope;

    fn lead(matching: Vec<(SearchField, Matching)>) -> Lead {
        Lead::of(&Search {
            scope: FacilityScope::All,
            within: None,
            matching,
            offset: 0,
            limit: 100,
        })
    }

    fn text(field: SearchField, text: &str) -> (SearchField, Matching) {
        (field, Matching::Text(vec![text.to_owned()]))
    }

    fn dates(from: &str, to: &str) -> (SearchField, Matching) {
        (
            SearchField::StudyDate,
            Matching::Range(Some(from.to_owned()), Some(to.to_owned())),
        )
    }

    #[test]
    fn what_finds_few_leads_before_what_finds_many() {
        let name = || text(SearchField::PatientName, "Doe^J*");
        assert_eq!(lead(vec![]), Lead::Arrival);
        assert_eq!(
            lead(vec![name()]),
            Lead::Names(PartKind::PatientGroup, "doe^j*".to_owned())
        );
        assert_eq!(
            lead(vec![name(), dates("20240101", "20241231")]),
            lead(vec![name()])
        );
        assert_eq!(lead(vec![name(), dates("20240101", "20240101")]), Lead::Dates);
        assert_eq!(
            lead(vec![name(), text(SearchField::AccessionNumber, "A1")]),
            Lead::Few(Root::Study)
        );
        assert_eq!(
            lead(vec![text(SearchField::AccessionNumber, "A*")]),
            Lead::Arrival
        );
        assert_eq!(lead(vec![text(SearchField::PatientName, "*doe")]), Lead::Arrival);
        assert_eq!(lead(vec![text(SearchField::PatientId, "12*")]), Lead::PatientIds);
        let words = Matching::Words(vec!["ann".to_owned(), "muller".to_owned()]);
        assert_eq!(
            lead(vec![(SearchField::PatientName, words)]),
            Lead::Names(PartKind::PatientWord, "muller*".to_owned())
        );
    }
}
