//! Which way texts run, and which fonts they want.

use typst::foundations::{Array, IntoValue, Str, Value};
use unicode_bidi::{Direction, get_base_direction};

/// After the layout's own font, in this order; where none of them has a glyph, any font that has it.
const SCRIPT_FONTS: &[&str] = &[
    "Noto Naskh Arabic",
    "Noto Serif Hebrew",
    "Noto Serif Devanagari",
    "Noto Serif Thai",
    "Noto Serif Bengali",
    "Noto Serif Tamil",
    "Noto Serif Armenian",
    "Noto Serif Georgian",
    "Noto Serif Ethiopic",
    "Noto Serif Khmer",
    "Noto Serif Lao",
    "Noto Serif Myanmar",
];

/// Lines that run the same way.
#[derive(Debug, PartialEq, Eq)]
pub struct Run {
    /// From right to left.
    pub right_to_left: bool,
    /// Each without its end.
    pub lines: Vec<String>,
}

/// The lines of `text`, grouped by the direction of their first strong character (UAX #9, rules P2 and P3).
/// A line without one, a number for instance, goes with the line before it.
pub fn runs(text: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for line in text.split('\n') {
        let right_to_left = match get_base_direction(line) {
            Direction::Rtl => true,
            Direction::Ltr => false,
            Direction::Mixed => runs.last().is_some_and(|run| run.right_to_left),
        };
        match runs.last_mut() {
            Some(run) if run.right_to_left == right_to_left => run.lines.push(line.to_owned()),
            _ => runs.push(Run {
                right_to_left,
                lines: vec![line.to_owned()],
            }),
        }
    }
    runs
}

/// The fonts for a report, of which `sample` says which East Asian forms its readers expect: the same
/// ideograph is drawn differently for Japanese, Korean and Chinese eyes.
pub fn fonts(sample: &str) -> Value {
    let has = |range: fn(char) -> bool| sample.chars().any(range);
    let east_asian = if has(|c| matches!(c, '\u{3040}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}')) {
        "Noto Sans CJK JP"
    } else if has(
        |c| matches!(c, '\u{1100}'..='\u{11FF}' | '\u{3130}'..='\u{318F}' | '\u{AC00}'..='\u{D7AF}'),
    ) {
        "Noto Sans CJK KR"
    } else {
        "Noto Sans CJK SC"
    };
    std::iter::once("Libertinus Serif")
        .chain(SCRIPT_FONTS.iter().copied())
        .chain([east_asian])
        .map(|family| Value::Str(Str::from(family)))
        .collect::<Array>()
        .into_value()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_runs_the_way_of_its_first_strong_character() {
        let of = |text: &str| -> Vec<(bool, usize)> {
            runs(text)
                .into_iter()
                .map(|run| (run.right_to_left, run.lines.len()))
                .collect()
        };
        assert_eq!(of("No fracture.\n3 mm\nלא"), [(false, 2), (true, 1)]);
        assert_eq!(of("لا يوجد نزف\n12/4\n\nCT"), [(true, 3), (false, 1)]);
        assert_eq!(of(""), [(false, 1)]);
    }
}
