//! Which characters a report, a note or a name may hold.
//!
//! **Invariant:** what is kept and signed reads in the order in which it is stored. A reader sees every
//! character that the signature covers, or an effect of it.

/// `text` with lines that end in one way.
pub fn with_plain_line_ends(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// The first character of `text` that neither a report nor a note may hold.
///
/// Controls do nothing on paper. Embeddings, overrides and isolates (UAX #9 §2) can show a text in another
/// order than it has, so that `12` is read as `21`. Tags and noncharacters are not seen at all. Marks that
/// only help the scripts that need them, such as U+200E, U+200F and the joiners, are fine.
pub fn unfit_character(text: &str) -> Option<char> {
    text.chars().find(|c| is_unfit(*c))
}

/// Whether neither a report nor a note may hold `c`.
pub fn is_unfit(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => true,
        // Line and paragraph separators would be line ends of another kind.
        '\u{2028}' | '\u{2029}' => true,
        '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}' => true,
        '\u{FDD0}'..='\u{FDEF}' => true,
        c => c.is_control() || (c as u32) & 0xFFFE == 0xFFFE,
    }
}

/// Whether what is one line, such as a name, may not hold `c`: nor are line ends and tabs fit there.
pub fn is_unfit_on_a_line(c: char) -> bool {
    c.is_control() || is_unfit(c)
}

/// `c` as people look it up: `U+202E`.
pub fn code_point(c: char) -> String {
    format!("U+{:04X}", c as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_with_their_marks_are_fit_and_what_reorders_or_hides_is_not() {
        for fit in [
            "Größe 3 × 4 mm, ≥ 2 µm\n\tno change",
            "山田 太郎",
            "\u{200F}لا يوجد نزف\u{200E}",
            "می\u{200C}شود",
            "क्\u{200D}ष",
            "ไม่พบ",
        ] {
            assert_eq!(unfit_character(fit), None, "{fit:?}");
        }
        for unfit in [
            '\0',
            '\u{7}',
            '\r',
            '\u{1b}',
            '\u{85}',
            '\u{202e}',
            '\u{2066}',
            '\u{2069}',
            '\u{2028}',
            '\u{feff}',
            '\u{ffff}',
            '\u{1fffe}',
            '\u{e0041}',
        ] {
            assert_eq!(unfit_character(&format!("a{unfit}b")), Some(unfit));
        }
    }

    #[test]
    fn a_line_holds_neither_line_ends_nor_what_a_report_may_not_hold() {
        for unfit in ['\n', '\t', '\u{7}', '\u{202e}'] {
            assert!(is_unfit_on_a_line(unfit), "{unfit:?}");
        }
        assert!(!"山田 O’Neill می\u{200C}شود".chars().any(is_unfit_on_a_line));
    }

    #[test]
    fn lines_end_in_one_way() {
        assert_eq!(with_plain_line_ends("a\r\nb\rc\n"), "a\nb\nc\n");
    }
}
