//! What a report's document says about patient and examination.

use chrono::NaiveDate;
use dicom::PersonName;
use domain::reading_case::ReadingCase;
use store::{PatientRow, StudyRow};

use crate::archive::age_at_study;

/// Label and value of each line; what is not known has none.
pub(super) fn facts(case: &ReadingCase, patient: &PatientRow, study: &StudyRow) -> Vec<(String, String)> {
    let modalities = study.modalities.join(", ");
    let sex = patient.sex.as_deref().map(|sex| match sex {
        "F" => "female",
        "M" => "male",
        "O" => "other",
        unknown => unknown,
    });
    let name = |name: &str| PersonName::parse(name).display();
    [
        ("Patient", Some(name(&patient.name))),
        ("Patient ID", Some(patient.patient_id.clone())),
        ("Born", patient.birth_date.as_deref().map(readable_date)),
        ("Sex", sex.map(str::to_owned)),
        (
            "Age at examination",
            age_at_study(patient, study).as_deref().map(in_words),
        ),
        (
            "Examination",
            study.description.clone().or_else(|| Some(modalities.clone())),
        ),
        ("Modality", Some(modalities.clone())),
        ("Examined", examined(study)),
        (
            "Received",
            Some(case.created_at.format("%Y-%m-%d %H:%M UTC").to_string()),
        ),
        ("Accession number", study.accession_number.clone()),
        ("Referred by", study.referring_physician.as_deref().map(name)),
        ("Indication", case.indication.clone()),
    ]
    .into_iter()
    .filter_map(|(label, value)| Some((label.to_owned(), value.filter(|value| !value.trim().is_empty())?)))
    .collect()
}

/// Date and time as the modality gave them: in the facility's own time, of which DICOM rarely says which.
fn examined(study: &StudyRow) -> Option<String> {
    let date = readable_date(study.study_date.as_deref()?);
    let time = study.study_time.as_deref().and_then(readable_time);
    Some(match time {
        Some(time) => format!("{date} {time}"),
        None => date,
    })
}

/// An age as screens show it, `61 Y`, in words.
fn in_words(age: &str) -> String {
    let Some((number, unit)) = age.split_once(' ') else {
        return age.to_owned();
    };
    let unit = match unit {
        "Y" => "year",
        "M" => "month",
        "W" => "week",
        "D" => "day",
        other => other,
    };
    let plural = if number == "1" { "" } else { "s" };
    format!("{number} {unit}{plural}")
}

/// `20261122` as `2026-11-22`; anything else as it is.
fn readable_date(text: &str) -> String {
    NaiveDate::parse_from_str(text, "%Y%m%d").map_or_else(|_| text.to_owned(), |date| date.to_string())
}

/// `143015.123` as `14:30`.
fn readable_time(text: &str) -> Option<String> {
    let (hour, minute) = (text.get(0..2)?, text.get(2..4)?);
    let all_digits = hour
        .bytes()
        .chain(minute.bytes())
        .all(|digit| digit.is_ascii_digit());
    (all_digits && hour < "24" && minute < "60").then(|| format!("{hour}:{minute}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_printed_in_words() {
        assert_eq!(in_words("61 Y"), "61 years");
        assert_eq!(in_words("1 D"), "1 day");
    }

    #[test]
    fn times_are_as_precise_as_a_reader_needs_and_odd_ones_are_left_out() {
        assert_eq!(readable_time("143015.123").as_deref(), Some("14:30"));
        assert_eq!(readable_time("0905").as_deref(), Some("09:05"));
        for odd in ["", "14", "2561", "14:30", "ab30"] {
            assert_eq!(readable_time(odd), None, "{odd}");
        }
        assert_eq!(readable_date("20261122"), "2026-11-22");
        assert_eq!(readable_date("1926"), "1926");
    }
}
