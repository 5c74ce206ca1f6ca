//! How a person's name is written for being found: in its groups, and word by word without accents.
//!
//! **Invariant:** what is looked for is folded exactly like what is kept; both call this module.

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// The most words kept of one name, and the most characters of one word.
const MOST_WORDS: usize = 32;
const LONGEST_WORD: usize = 64;
/// The most characters of one group; the Standard allows 64 (PS3.5 §6.2).
const LONGEST_GROUP: usize = 128;

/// The component groups of a PN value (PS3.5 §6.2.1) in small letters, each once, without empty ones at their end.
pub fn name_groups(name: &str) -> Vec<String> {
    let mut groups: Vec<String> = Vec::new();
    for group in name.split('=') {
        let group = name_group(group);
        if !group.is_empty() && !groups.contains(&group) {
            groups.push(group);
        }
    }
    groups
}

/// One group, or what is looked for in one.
pub fn name_group(group: &str) -> String {
    let group = group.trim().trim_end_matches(['^', ' ']).to_lowercase();
    group.chars().take(LONGEST_GROUP).collect()
}

/// The words of a name as they are kept: without accents, and once more as German and Scandinavian names are
/// written where accents are missing: `müller` is found as `muller` and as `mueller`.
pub fn name_words(name: &str) -> Vec<String> {
    let name = name.replace(['*', '?'], " ");
    let mut words: Vec<String> = Vec::new();
    for word in split(&name) {
        for form in [fold(word), fold(&transcribe(word))] {
            if !form.is_empty() && !words.contains(&form) && words.len() < MOST_WORDS {
                words.push(form);
            }
        }
    }
    words
}

/// The words that are looked for, each without accents; `*` and `?` stay.
pub fn wanted_words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in split(text).map(fold) {
        if word.chars().any(|character| !matches!(character, '*' | '?')) && !words.contains(&word) {
            words.push(word);
        }
    }
    words.truncate(MOST_WORDS);
    words
}

fn split(name: &str) -> impl Iterator<Item = &str> {
    let parts = |character: char| {
        let is_part = character.is_alphanumeric() || is_combining_mark(character);
        !(is_part || matches!(character, '*' | '?' | '\'' | '’' | '`'))
    };
    name.split(parts).filter(|word| !word.is_empty())
}

fn fold(word: &str) -> String {
    let mut folded = String::with_capacity(word.len());
    for character in word.nfkd().flat_map(char::to_lowercase) {
        match character {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'þ' => folded.push_str("th"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' | 'ð' => folded.push('d'),
            'ħ' => folded.push('h'),
            'ı' => folded.push('i'),
            mark if is_mark(mark) => {}
            other if other.is_alphanumeric() || is_combining_mark(other) || matches!(other, '*' | '?') => {
                folded.push(other);
            }
            // Apostrophes, and what a ligature of signs was taken apart into.
            _ => {}
        }
    }
    // What was taken apart and has no accents goes together again: syllables of hangul, voiced kana.
    folded.nfc().take(LONGEST_WORD).collect()
}

fn transcribe(word: &str) -> String {
    let mut written = String::with_capacity(word.len() + 2);
    for character in word.nfc().flat_map(char::to_lowercase) {
        match character {
            'ä' => written.push_str("ae"),
            'ö' | 'ø' => written.push_str("oe"),
            'ü' => written.push_str("ue"),
            'å' => written.push_str("aa"),
            other => written.push(other),
        }
    }
    written
}

/// Accents of Latin, Greek and Cyrillic, points of Hebrew, vowel signs of Arabic: what people leave out.
const fn is_mark(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5c7}' | '\u{64b}'..='\u{65f}' | '\u{670}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn groups_are_kept_apart_and_small() {
        assert_eq!(
            name_groups("Yamada^Tarou^^^=山田^太郎=YAMADA^TAROU"),
            ["yamada^tarou", "山田^太郎"]
        );
        assert_eq!(name_groups("^^="), Vec::<String>::new());
    }

    #[test]
    fn words_lose_their_accents_and_nothing_else() {
        assert_eq!(
            name_words("Müller-Lüdenscheidt^Änne^^Dr."),
            [
                "muller",
                "mueller",
                "ludenscheidt",
                "luedenscheidt",
                "anne",
                "aenne",
                "dr"
            ]
        );
        assert_eq!(name_words("O'Brien^Seán"), ["obrien", "sean"]);
        assert_eq!(name_words("Łukasz^Groß"), ["lukasz", "gross"]);
        assert_eq!(
            name_words("Wang^XiaoDong=王^小东"),
            ["wang", "xiaodong", "王", "小东"]
        );
        assert_eq!(name_words("=김^희중=がく"), ["김", "희중", "がく"]);
    }

    #[test]
    fn what_is_looked_for_is_folded_alike() {
        assert_eq!(wanted_words("ÄNNE müll* *"), ["anne", "mull*"]);
        assert_eq!(wanted_words("*"), Vec::<String>::new());
    }

    proptest! {
        #[test]
        fn every_word_of_a_name_finds_it(name in "\\PC{0,40}") {
            let name = name.replace(['*', '?'], "");
            let kept = name_words(&name);
            for wanted in wanted_words(&name).iter().take(8) {
                prop_assert!(kept.contains(wanted), "{wanted} of {name} in {kept:?}");
            }
        }

        #[test]
        fn folding_twice_changes_nothing(name in "\\PC{0,40}") {
            for word in name_words(&name) {
                prop_assert!(word.chars().count() <= LONGEST_WORD);
                prop_assert_eq!(wanted_words(&word), vec![word]);
            }
        }
    }
}
