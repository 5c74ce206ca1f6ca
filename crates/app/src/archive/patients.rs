//! How old a patient was.

use store::{PatientRow, StudyRow};

/// How old the patient was: computed from the dates, else as the images say (PS3.5 §6.2, AS). Such as `61 Y`.
pub fn age_at_study(patient: &PatientRow, study: &StudyRow) -> Option<String> {
    let computed = patient
        .birth_date
        .as_deref()
        .zip(study.study_date.as_deref())
        .and_then(|(birth, day)| age(birth, day));
    computed.or_else(|| spoken(study.patient_age.as_deref()?))
}

/// From two dates `YYYYMMDD`. Small children are counted in months, then days.
fn age(birth: &str, day: &str) -> Option<String> {
    let parse = |text| chrono::NaiveDate::parse_from_str(text, "%Y%m%d").ok();
    let (birth, day) = (parse(birth)?, parse(day)?);
    let years = day.years_since(birth)?;
    if years >= 2 {
        return Some(format!("{years} Y"));
    }
    let days = (day - birth).num_days();
    if days >= 60 {
        Some(format!("{} M", days / 30))
    } else {
        Some(format!("{days} D"))
    }
}

/// From an age string such as `061Y`.
fn spoken(text: &str) -> Option<String> {
    let unit = text.chars().last().filter(|unit| "DWMY".contains(*unit))?;
    let number: u32 = text.strip_suffix(unit)?.trim().parse().ok()?;
    Some(format!("{number} {unit}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn age_is_what_it_was_on_the_day() {
        assert_eq!(age("19650310", "20260309").as_deref(), Some("60 Y"));
        assert_eq!(age("19650310", "20260310").as_deref(), Some("61 Y"));
        assert_eq!(age("20250901", "20260101").as_deref(), Some("4 M"));
        assert_eq!(age("20251220", "20260101").as_deref(), Some("12 D"));
        assert_eq!(age("20270101", "20260101"), None, "not born yet");
        assert_eq!(age("19650230", "20260101"), None, "no such day");
    }

    #[test]
    fn an_age_string_is_read_as_the_standard_writes_it() {
        assert_eq!(spoken("061Y").as_deref(), Some("61 Y"));
        assert_eq!(spoken("003W").as_deref(), Some("3 W"));
        assert_eq!(spoken("abc"), None);
        assert_eq!(spoken(""), None);
    }
}
