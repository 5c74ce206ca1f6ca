//! Moving dates by whole days, so that intervals, weekdays apart, and times of day stay.

use chrono::{Datelike as _, NaiveDate};

const FORMAT: &str = "%Y%m%d";

/// A number of days into the past.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Days(u32);

impl Days {
    pub(super) const fn back(days: u32) -> Self {
        Self(days)
    }

    /// Moves a DA value (PS3.5 §6.2): every one of its values, or nothing when one is not a date.
    pub(super) fn move_dates(self, value: &str) -> Option<String> {
        each(value, |date| self.move_date(date))
    }

    /// Moves a DT value; one that is less precise than a day cannot be moved.
    pub(super) fn move_date_times(self, value: &str) -> Option<String> {
        each(value, |moment| {
            let (date, rest) = moment.split_at_checked(8)?;
            let is_time = |byte: u8| byte.is_ascii_digit() || b".+-".contains(&byte);
            rest.bytes()
                .all(is_time)
                .then(|| Some(self.move_date(date)? + rest))?
        })
    }

    fn move_date(self, date: &str) -> Option<String> {
        // ACR-NEMA wrote `YYYY.MM.DD`, which old files still hold (PS3.5 table 6.2-1).
        let digits: String = date.split('.').collect();
        if digits.len() != 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let moved = NaiveDate::parse_from_str(&digits, FORMAT)
            .ok()?
            .checked_sub_days(chrono::Days::new(self.0.into()))?;
        (moved.year() > 0).then(|| moved.format(FORMAT).to_string())
    }
}

/// Applies `change` to each value of a multi-valued text; empty values stay.
fn each(value: &str, change: impl Fn(&str) -> Option<String>) -> Option<String> {
    let changed: Option<Vec<String>> = value
        .trim_matches(['\0', ' '])
        .split('\\')
        .map(|one| match one.trim_matches(['\0', ' ']) {
            "" => Some(String::new()),
            one => change(one),
        })
        .collect();
    changed.map(|values| values.join("\\"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Duration;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn dates_move_as_the_calendar_says(days in 0_i64..700_000, back in 0_u32..4000) {
            let date = NaiveDate::from_ymd_opt(100, 1, 1).unwrap() + Duration::days(days + 4000);
            let moved = Days(back).move_dates(&date.format("%Y%m%d").to_string());
            let expected = date - Duration::days(back.into());
            prop_assert_eq!(moved, Some(expected.format("%Y%m%d").to_string()));
        }

        #[test]
        fn no_text_panics(text in ".*") {
            let _ = (Days(100).move_dates(&text), Days(100).move_date_times(&text));
        }
    }

    #[test]
    fn several_values_old_spellings_and_times_of_day() {
        let days = Days(1);
        assert_eq!(
            days.move_dates("20260301\\20240301 ").as_deref(),
            Some("20260228\\20240229")
        );
        assert_eq!(days.move_dates("2026.03.01").as_deref(), Some("20260228"));
        assert_eq!(
            days.move_date_times("20260301101112.5+0100").as_deref(),
            Some("20260228101112.5+0100")
        );
        assert_eq!(days.move_dates("").as_deref(), Some(""));
    }

    #[test]
    fn what_is_not_a_day_is_not_moved() {
        for wrong in ["20260230", "20261301", "2026", "26-03-01", "Doe^John", "00000101"] {
            assert_eq!(Days(1).move_dates(wrong), None, "{wrong}");
        }
        for wrong in ["2026", "202603", "20260301 Doe", "Doe^John"] {
            assert_eq!(Days(1).move_date_times(wrong), None, "{wrong}");
        }
    }
}
