//! How old a patient was when the images were made.

use chrono::{Datelike as _, NaiveDate};
use store::{PatientRow, StudyRow};

/// `45 y`, `7 mo` or `12 d`: what the images say, else reckoned from the two dates.
pub fn age_at_study(patient: &PatientRow, study: &StudyRow) -> Option<String> {
    study.patient_age.as_deref().and_then(stated).or_else(|| {
        let born = date(patient.birth_date.as_deref()?)?;
        reckoned(born, date(study.study_date.as_deref()?)?)
    })
}

/// VR AS: three digits and `D`, `W`, `M` or `Y` (PS3.5 §6.2).
fn stated(age: &str) -> Option<String> {
    let age = age.trim();
    let (number, unit) = age.split_at_checked(age.len().checked_sub(1)?)?;
    let number: u32 = number.parse().ok()?;
    let unit = match unit {
        "D" => "d",
        "W" => "wk",
        "M" => "mo",
        "Y" => "y",
        _ => return None,
    };
    Some(format!("{number} {unit}"))
}

fn reckoned(born: NaiveDate, at: NaiveDate) -> Option<String> {
    if at < born {
        return None;
    }
    let mut months = (at.year() - born.year()) * 12 + at.month() as i32 - born.month() as i32;
    if at.day() < born.day() {
        months -= 1;
    }
    Some(match months {
        ..1 => format!("{} d", (at - born).num_days()),
        1..24 => format!("{months} mo"),
        _ => format!("{} y", months / 12),
    })
}

fn date(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y%m%d").ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(born: &str, at: &str) -> Option<String> {
        reckoned(date(born).unwrap(), date(at).unwrap())
    }

    #[test]
    fn an_age_is_told_in_the_unit_that_says_something() {
        assert_eq!(stated("045Y").as_deref(), Some("45 y"));
        assert_eq!(stated("003W").as_deref(), Some("3 wk"));
        assert_eq!(stated("Y").as_deref(), None);
        assert_eq!(stated("é").as_deref(), None);
        assert_eq!(between("19800229", "20260228").as_deref(), Some("45 y"));
        assert_eq!(between("20250115", "20260114").as_deref(), Some("11 mo"));
        assert_eq!(between("20260101", "20260113").as_deref(), Some("12 d"));
        assert_eq!(between("20260101", "20251231"), None);
    }
}
