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

/// The earliest moment in universal time that `text` can mean, a DT (PS3.5 §6.2): `YYYYMMDDHHMMSS.FFFFFF`. Without an
/// offset it is taken for universal time.
pub(crate) fn normal_date_time(text: &str) -> Option<String> {
    moment(text, "00010101000000", '0')
}

/// The last moment that `text` can mean.
pub(crate) fn latest_date_time(text: &str) -> Option<String> {
    moment(text, "99991231235959", '9')
}

fn moment(text: &str, filling: &str, digit: char) -> Option<String> {
    let text = text.trim();
    let sign = text.get(4..)?.find(['+', '-']).map(|at| at + 4);
    let (local, offset) = sign.map_or((text, ""), |at| text.split_at(at));
    let (whole, fraction) = local.split_once('.').unwrap_or((local, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !matches!(whole.len(), 4 | 6 | 8 | 10 | 12 | 14)
        || !digits(whole)
        || !digits(fraction)
        || fraction.len() > 6
    {
        return None;
    }
    let mut filled = format!("{whole}{}", &filling[whole.len()..]);
    if whole.len() == 6 && digit == '9' {
        // Not every month has 31 days.
        let last = (28..=31)
            .rev()
            .map(|day| format!("{whole}{day}"))
            .find_map(|day| normal_date(&day))?;
        filled.replace_range(..8, &last);
    }
    let date = normal_date(&filled[..8])?;
    normal_time(&filled[8..])?;
    let minutes = match offset {
        "" => 0,
        offset => {
            let number: i64 = offset.get(1..5).filter(|text| digits(text))?.parse().ok()?;
            let minutes = number / 100 * 60 + number % 100;
            if offset.len() != 5 || minutes > 14 * 60 {
                return None;
            }
            if offset.starts_with('-') {
                -minutes
            } else {
                minutes
            }
        }
    };
    let part = |range: std::ops::Range<usize>| filled.get(range).and_then(|part| part.parse::<i64>().ok());
    let clock = part(8..10)? * 60 + part(10..12)? - minutes;
    let (day, clock) = (clock.div_euclid(24 * 60), clock.rem_euclid(24 * 60));
    let date = match day {
        0 => date,
        1 => neighbour(&date, true)?,
        _ => neighbour(&date, false)?,
    };
    let fraction: String = fraction.chars().chain(std::iter::repeat(digit)).take(6).collect();
    Some(format!(
        "{date}{:02}{:02}{}.{fraction}",
        clock / 60,
        clock % 60,
        &filled[12..14]
    ))
}

/// The day after a day, or the one before.
fn neighbour(date: &str, after: bool) -> Option<String> {
    let part = |range: std::ops::Range<usize>| date.get(range).and_then(|part| part.parse::<u32>().ok());
    let (year, month, day) = (part(0..4)?, part(4..6)?, part(6..8)?);
    let tries = if after {
        [(year, month, day + 1), (year, month + 1, 1), (year + 1, 1, 1)]
    } else {
        [
            (year, month, day.checked_sub(1)?),
            (year, month - 1, 31),
            (year.checked_sub(1)?, 12, 31),
        ]
    };
    let try_day = |(year, month, day): (u32, u32, u32)| normal_date(&format!("{year:04}{month:02}{day:02}"));
    if !after && day == 1 && month > 1 {
        return (28..=31).rev().find_map(|day| try_day((year, month - 1, day)));
    }
    tries.into_iter().find_map(try_day)
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

    #[test]
    fn moments_are_compared_in_universal_time() {
        let from = |text: &str| normal_date_time(text).unwrap();
        assert_eq!(from("2026"), "20260101000000.000000");
        assert_eq!(from("20260102103000.5+0100"), "20260102093000.500000");
        assert_eq!(from("20260101003000+0100"), "20251231233000.000000");
        assert_eq!(from("20260301003000+0100"), "20260228233000.000000");
        assert_eq!(from("20251231233000-0100"), "20260101003000.000000");
        assert_eq!(
            latest_date_time("202602").as_deref(),
            Some("20260228235959.999999")
        );
        for wrong in [
            "",
            "202",
            "20261301",
            "20260102+99",
            "20260102103000+2500",
            "2026010210300a",
        ] {
            assert_eq!(normal_date_time(wrong), None, "{wrong}");
        }
    }
}
