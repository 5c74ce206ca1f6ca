//! DA and TM values in a form that sorts and compares as text.

/// `YYYYMMDD`, from that or from the old `YYYY.MM.DD` (PS3.5 §6.2); `None` when it is no date.
pub fn normal_date(text: &str) -> Option<String> {
    let digits: String = text.trim().split(['.', '-']).collect();
    if digits.len() != 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number = |range| digits.get(range).and_then(|part: &str| part.parse::<u32>().ok());
    let (year, month, day) = (number(0..4)?, number(4..6)?, number(6..8)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return None,
    };
    (1..=days).contains(&day).then_some(digits)
}

/// `HHMMSS` with the fraction as written, from `HH`, `HHMM`, `HHMMSS[.F]` or the old `HH:MM:SS` (PS3.5 §6.2);
/// `None` when it is no time.
pub fn normal_time(text: &str) -> Option<String> {
    let (whole, fraction) = split_time(text)?;
    let mut time = format!("{whole:0<6}");
    if !fraction.is_empty() {
        time.push('.');
        time.push_str(&fraction);
    }
    Some(time)
}

/// The last instant that `text` can mean: what is not said is as late as it can be. `12` is `125959.999999`.
pub(crate) fn latest_time(text: &str) -> Option<String> {
    let (whole, fraction) = split_time(text)?;
    let time = format!("{whole}{}", &"235959"[whole.len()..]);
    Some(format!("{time}.{fraction:9<6}"))
}

/// The digits of the clock, an even number of them, and of the fraction.
fn split_time(text: &str) -> Option<(String, String)> {
    let text = text.trim().replace(':', "");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !matches!(whole.len(), 2 | 4 | 6) || !digits(whole) || !digits(fraction) || fraction.len() > 6 {
        return None;
    }
    if !fraction.is_empty() && whole.len() != 6 {
        return None;
    }
    let part = |at: usize| {
        whole
            .get(at..at + 2)
            .and_then(|part| part.parse::<u32>().ok())
            .unwrap_or(0)
    };
    // 60 is a leap second.
    (part(0) < 24 && part(2) < 60 && part(4) <= 60).then(|| (whole.to_owned(), fraction.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_checked() {
        assert_eq!(normal_date("20240229").as_deref(), Some("20240229"));
        assert_eq!(normal_date("1997.07.04").as_deref(), Some("19970704"));
        for wrong in ["20230229", "20241301", "2024", "202401011", "abcdefgh", ""] {
            assert_eq!(normal_date(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn times_are_filled_up() {
        assert_eq!(normal_time("10").as_deref(), Some("100000"));
        assert_eq!(normal_time("10:30:05").as_deref(), Some("103005"));
        assert_eq!(normal_time("103005.25").as_deref(), Some("103005.25"));
        assert_eq!(latest_time("10").as_deref(), Some("105959.999999"));
        assert_eq!(latest_time("103005.25").as_deref(), Some("103005.259999"));
        for wrong in ["25", "1", "10.5", "106000", "aa", "１0", ""] {
            assert_eq!(normal_time(wrong), None, "{wrong}");
        }
    }
}
