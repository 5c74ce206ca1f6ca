//! The kinds of matching of PS3.4 §C.2.2.2, and what they look like to SQL.

use crate::temporal::{latest_date_time, latest_time, normal_date, normal_date_time, normal_time};
use crate::uid::Uid;
use dicom_core::VR;

/// What a value must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Matching {
    /// Anything, absent values included (PS3.4 §C.2.2.2.3).
    Universal,
    /// Just this text, or this number.
    Single(String),
    /// A pattern of `*` and `?` (PS3.4 §C.2.2.2.4).
    Wildcard(Wildcard),
    /// Dates `YYYYMMDD`, both ends included; an open end is `None`.
    DateRange {
        /// First day.
        from: Option<String>,
        /// Last day.
        to: Option<String>,
    },
    /// Times `HHMMSS[.F]`, both ends included, comparable as text with [`crate::Attributes`]' times.
    TimeRange {
        /// Earliest time.
        from: Option<String>,
        /// Latest time.
        to: Option<String>,
    },
    /// Moments `YYYYMMDDHHMMSS.FFFFFF` in universal time, both ends included.
    DateTimeRange {
        /// Earliest moment.
        from: Option<String>,
        /// Latest moment.
        to: Option<String>,
    },
    /// One of these (PS3.4 §C.2.2.2.2).
    UidList(Vec<Uid>),
}

/// A pattern with at least one `*` or `?`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wildcard(String);

/// The escape character of [`Wildcard::to_like`]: `LIKE ? ESCAPE '\'`.
pub const LIKE_ESCAPE: char = '\\';

impl Wildcard {
    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The pattern for SQL LIKE with [`LIKE_ESCAPE`]: `*` becomes `%`, `?` becomes `_`, and what LIKE would take
    /// for a pattern is escaped.
    pub fn to_like(&self) -> String {
        let mut like = String::with_capacity(self.0.len() + 4);
        for character in self.0.chars() {
            match character {
                '*' => like.push('%'),
                '?' => like.push('_'),
                '%' | '_' | LIKE_ESCAPE => like.extend([LIKE_ESCAPE, character]),
                other => like.push(other),
            }
        }
        like
    }
}

impl Matching {
    /// What `value` asks of an attribute of this VR. The error says what is expected.
    pub(super) fn parse(vr: VR, value: &str) -> Result<Self, &'static str> {
        let value = value.trim_matches([' ', '\0']);
        let only_stars = !value.is_empty() && value.bytes().all(|byte| byte == b'*');
        if value.is_empty() || value == "\"\"" || only_stars && vr != VR::UI {
            return Ok(Self::Universal);
        }
        match vr {
            VR::UI => {
                let uids = value.split([',', '\\']).map(|uid| Uid::parse(uid.trim()));
                uids.collect::<Result<_, _>>()
                    .map(Self::UidList)
                    .map_err(|_| "a UID, or UIDs separated by commas")
            }
            VR::DA => {
                let day = |text: &str| normal_date(text).ok_or("a date YYYYMMDD, or a range with one hyphen");
                let (from, to) = range(value, day, day)?;
                Ok(Self::DateRange { from, to })
            }
            VR::TM => {
                let problem = "a time HHMMSS, or a range with one hyphen";
                let from = |text: &str| normal_time(text).ok_or(problem);
                let to = |text: &str| latest_time(text).ok_or(problem);
                let (from, to) = range(value, from, to)?;
                Ok(Self::TimeRange { from, to })
            }
            VR::DT => {
                let problem = "a moment YYYYMMDDHHMMSS, or a range with one hyphen";
                let (first, last) = split_moments(value);
                let end = |text: &str, read: fn(&str) -> Option<String>| match text {
                    "" => Ok(None),
                    text => read(text).map(Some).ok_or(problem),
                };
                Ok(Self::DateTimeRange {
                    from: end(first, normal_date_time)?,
                    to: end(last, latest_date_time)?,
                })
            }
            VR::AE | VR::CS | VR::LO | VR::LT | VR::PN | VR::SH | VR::ST | VR::UC | VR::UR | VR::UT
                if value.contains(['*', '?']) =>
            {
                Ok(Self::Wildcard(Wildcard(value.to_owned())))
            }
            VR::IS | VR::US | VR::UL | VR::SS | VR::SL | VR::UV | VR::SV => match value.parse::<i128>() {
                Ok(number) => Ok(Self::Single(number.to_string())),
                Err(_) => Err("a whole number"),
            },
            VR::SQ | VR::OB | VR::OW | VR::OD | VR::OF | VR::OL | VR::OV | VR::UN => {
                Err("an attribute that can be matched")
            }
            _ => Ok(Self::Single(value.to_owned())),
        }
    }
}

type Ends = (Option<String>, Option<String>);

/// The ends of a range of moments. A hyphen before four digits at the end of a moment is its offset from universal
/// time.
fn split_moments(value: &str) -> (&str, &str) {
    let value = value.trim();
    for (at, _) in value.match_indices('-') {
        let (first, last) = (&value[..at], &value[at + 1..]);
        let offset = last.as_bytes();
        let is_offset = at >= 4
            && offset.len() >= 4
            && offset[..4].iter().all(u8::is_ascii_digit)
            && offset.get(4).is_none_or(|next| *next == b'-')
            && (at > 8 || offset.len() > 4);
        if !is_offset {
            return (first.trim(), last.trim());
        }
    }
    (value, value)
}

/// `a-b`, `a-`, `-b`, or `a` for just that.
fn range<E>(
    value: &str,
    from: impl Fn(&str) -> Result<String, E>,
    to: impl Fn(&str) -> Result<String, E>,
) -> Result<Ends, E> {
    let (first, last) = value.split_once('-').unwrap_or((value, value));
    let end = |text: &str, read: &dyn Fn(&str) -> Result<String, E>| match text.trim() {
        "" => Ok(None),
        text => read(text).map(Some),
    };
    Ok((end(first, &from)?, end(last, &to)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn like(pattern: &str) -> String {
        match Matching::parse(VR::PN, pattern).unwrap() {
            Matching::Wildcard(wildcard) => wildcard.to_like(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_wildcard_becomes_a_like_pattern_and_nothing_else_does() {
        assert_eq!(like("MÜL*"), "MÜL%");
        assert_eq!(like("A?B*"), "A_B%");
        assert_eq!(like("100%_*\\"), "100\\%\\_%\\\\");
    }

    #[test]
    fn ranges_have_open_ends() {
        let date = |from: Option<&str>, to: Option<&str>| {
            Ok(Matching::DateRange {
                from: from.map(str::to_owned),
                to: to.map(str::to_owned),
            })
        };
        assert_eq!(
            Matching::parse(VR::DA, "20240101-20241231"),
            date(Some("20240101"), Some("20241231"))
        );
        assert_eq!(Matching::parse(VR::DA, "20240101-"), date(Some("20240101"), None));
        assert_eq!(Matching::parse(VR::DA, "-20241231"), date(None, Some("20241231")));
        assert_eq!(
            Matching::parse(VR::DA, "20240101"),
            date(Some("20240101"), Some("20240101"))
        );
        assert!(Matching::parse(VR::DA, "yesterday").is_err());
        assert!(Matching::parse(VR::DA, "2024*").is_err());
        let time = Matching::TimeRange {
            from: Some("100000".into()),
            to: Some("115959.999999".into()),
        };
        assert_eq!(Matching::parse(VR::TM, "10-11"), Ok(time));
    }

    #[test]
    fn uids_come_in_lists_and_without_wildcards() {
        let Ok(Matching::UidList(uids)) = Matching::parse(VR::UI, "1.2,1.3\\1.4") else {
            panic!("no list")
        };
        assert_eq!(
            uids.iter().map(Uid::as_str).collect::<Vec<_>>(),
            ["1.2", "1.3", "1.4"]
        );
        assert!(Matching::parse(VR::UI, "1.2.*").is_err());
        assert!(Matching::parse(VR::UI, "../1").is_err());
    }

    #[test]
    fn nothing_and_stars_match_everything() {
        for value in ["", "*", "**", " "] {
            assert_eq!(Matching::parse(VR::LO, value), Ok(Matching::Universal));
        }
    }
}
