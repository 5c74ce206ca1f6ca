//! Specific Character Set (0008,0005): text of any data set as Unicode.
//!
//! Single-byte sets, UTF-8, GB18030 and GBK, and the code extensions of ISO/IEC 2022 that PS3.3 §C.12.1.1.2
//! lists for Japanese, Korean and Chinese.

use encoding_rs::{
    EUC_JP, EUC_KR, Encoding, GB18030, GBK, ISO_8859_2, ISO_8859_3, ISO_8859_4, ISO_8859_5, ISO_8859_6,
    ISO_8859_7, ISO_8859_8, ISO_8859_15, SHIFT_JIS, WINDOWS_874, WINDOWS_1254,
};

/// The text of a value, as Unicode. `character_set` is Specific Character Set (0008,0005) as it stands in the data
/// set, its terms separated by backslashes; bytes that do not fit are replaced.
pub fn decode_text(character_set: &str, bytes: &[u8], is_person_name: bool) -> String {
    let terms = character_set
        .split('\\')
        .map(str::trim)
        .filter(|term| !term.is_empty());
    let (set, _) = CharacterSet::from_terms(terms);
    set.decode(bytes, is_person_name).0
}

/// How the text of one data set is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CharacterSet {
    base: Base,
    extensions: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Base {
    /// ISO-IR 6; bytes above 0x7F are against the Standard and are guessed.
    Default,
    Latin1,
    Single(&'static Encoding),
    Utf8,
    /// Sets whose bytes are not self-delimiting, decoded in one piece.
    Multi(&'static Encoding),
}

/// What G0 and G1 hold while ISO 2022 text is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Active {
    Single(Base),
    /// Two bytes a character, decoded after setting both high bits; JIS X 0212 needs a prefix as well.
    Double(&'static Encoding, &'static [u8]),
}

impl CharacterSet {
    /// The set that holds when none is declared.
    pub(crate) const DEFAULT: Self = Self {
        base: Base::Default,
        extensions: false,
    };

    /// From the values of Specific Character Set; `None` in the second place when a term is unknown.
    pub(crate) fn from_terms<'a>(terms: impl Iterator<Item = &'a str>) -> (Self, bool) {
        let mut set = Self::DEFAULT;
        let mut known = true;
        for (at, term) in terms.enumerate() {
            let (base, extended) = term_meaning(term).unwrap_or_else(|| {
                known = false;
                (Base::Default, false)
            });
            set.extensions |= extended || at > 0;
            if at == 0 {
                set.base = base;
            }
        }
        (set, known)
    }

    /// Decodes one value. The second result is false when bytes did not fit the set.
    pub(crate) fn decode(self, bytes: &[u8], person_name: bool) -> (String, bool) {
        if self.extensions && bytes.contains(&0x1b) {
            return self.decode_iso_2022(bytes, person_name);
        }
        if bytes.is_ascii() {
            return (bytes.iter().map(|&byte| char::from(byte)).collect(), true);
        }
        self.base.decode(bytes)
    }

    fn decode_iso_2022(self, bytes: &[u8], person_name: bool) -> (String, bool) {
        let mut text = String::with_capacity(bytes.len());
        let mut fits = true;
        let initial = (Active::Single(Base::Latin1), Active::Single(self.base));
        let (mut low, mut high) = initial;
        let mut rest = bytes;
        while let Some((&byte, after)) = rest.split_first() {
            if byte == 0x1b {
                match escape(after) {
                    Some((length, Designation::Low(active))) => {
                        low = active;
                        rest = &after[length..];
                    }
                    Some((length, Designation::High(active))) => {
                        high = active;
                        rest = &after[length..];
                    }
                    None => {
                        fits = false;
                        rest = after;
                    }
                }
                continue;
            }
            let active = if byte < 0x80 { low } else { high };
            let printable = !matches!(byte, 0..=0x20 | 0x7f);
            match (active, after.first()) {
                (Active::Double(encoding, prefix), Some(&second)) if printable => {
                    let mut pair = prefix.to_vec();
                    pair.extend([byte | 0x80, second | 0x80]);
                    let (decoded, wrong) = encoding.decode_without_bom_handling(&pair);
                    text.push_str(&decoded);
                    fits &= !wrong;
                    rest = &after[1..];
                }
                (Active::Single(base), _) if byte >= 0x80 => {
                    let (decoded, good) = base.decode(&[byte]);
                    text.push_str(&decoded);
                    fits &= good;
                    rest = after;
                }
                _ => {
                    // PS3.5 §6.1.2.5.3: delimiters and line ends bring the first set back.
                    if matches!(byte, b'\\' | b'\r' | b'\n' | b'\t' | 0x0c)
                        || person_name && matches!(byte, b'^' | b'=')
                    {
                        (low, high) = initial;
                    }
                    text.push(char::from(byte));
                    rest = after;
                }
            }
        }
        (text, fits)
    }
}

impl Base {
    fn decode(self, bytes: &[u8]) -> (String, bool) {
        match self {
            Self::Latin1 => (bytes.iter().map(|&byte| char::from(byte)).collect(), true),
            Self::Single(encoding) | Self::Multi(encoding) => {
                let (text, wrong) = encoding.decode_without_bom_handling(bytes);
                (text.into_owned(), !wrong)
            }
            Self::Utf8 => match str::from_utf8(bytes) {
                Ok(text) => (text.to_owned(), true),
                Err(_) => (String::from_utf8_lossy(bytes).into_owned(), false),
            },
            Self::Default if bytes.is_ascii() => Self::Latin1.decode(bytes),
            // Undeclared: UTF-8 hardly ever validates by accident, Latin-1 never fails.
            Self::Default => match str::from_utf8(bytes) {
                Ok(text) => (text.to_owned(), false),
                Err(_) => (Self::Latin1.decode(bytes).0, false),
            },
        }
    }
}

/// The meaning of a defined term, and whether it allows code extensions. Spellings such as `ISO-IR 100` occur.
fn term_meaning(term: &str) -> Option<(Base, bool)> {
    let term = term
        .trim_matches(['\0', ' '])
        .to_ascii_uppercase()
        .replace(['-', '_'], " ");
    let extended = term.starts_with("ISO 2022");
    let base = match term.as_str() {
        "" => Base::Default,
        "GB18030" => Base::Multi(GB18030),
        "GBK" => Base::Multi(GBK),
        "UTF8" | "UTF 8" => Base::Utf8,
        _ => match term.rsplit_once("IR ")?.1.trim() {
            "6" => Base::Default,
            "100" => Base::Latin1,
            "101" => Base::Single(ISO_8859_2),
            "109" => Base::Single(ISO_8859_3),
            "110" => Base::Single(ISO_8859_4),
            "144" => Base::Single(ISO_8859_5),
            "127" => Base::Single(ISO_8859_6),
            "126" => Base::Single(ISO_8859_7),
            "138" => Base::Single(ISO_8859_8),
            "148" => Base::Single(WINDOWS_1254),
            "203" => Base::Single(ISO_8859_15),
            "166" => Base::Single(WINDOWS_874),
            "13" => Base::Single(SHIFT_JIS),
            "192" => Base::Utf8,
            "87" | "159" | "149" | "58" => Base::Default,
            _ => return None,
        },
    };
    Some((base, extended))
}

enum Designation {
    Low(Active),
    High(Active),
}

/// Reads what follows ESC (PS3.3 tables C.12-3 and C.12-4): its length and what it designates.
fn escape(after: &[u8]) -> Option<(usize, Designation)> {
    use Designation::{High, Low};
    let single = |encoding| High(Active::Single(Base::Single(encoding)));
    Some(match after {
        [b'(', b'B' | b'J', ..] => (2, Low(Active::Single(Base::Latin1))),
        [b')', b'I', ..] => (2, single(SHIFT_JIS)),
        [b'$', b'B' | b'@', ..] => (2, Low(Active::Double(EUC_JP, &[]))),
        [b'$', b'(', b'D', ..] => (3, Low(Active::Double(EUC_JP, &[0x8f]))),
        [b'$', b')', b'C', ..] => (3, High(Active::Double(EUC_KR, &[]))),
        [b'$', b')', b'A', ..] => (3, High(Active::Double(GBK, &[]))),
        [b'-', b'A', ..] => (2, High(Active::Single(Base::Latin1))),
        [b'-', b'B', ..] => (2, single(ISO_8859_2)),
        [b'-', b'C', ..] => (2, single(ISO_8859_3)),
        [b'-', b'D', ..] => (2, single(ISO_8859_4)),
        [b'-', b'L', ..] => (2, single(ISO_8859_5)),
        [b'-', b'G', ..] => (2, single(ISO_8859_6)),
        [b'-', b'F', ..] => (2, single(ISO_8859_7)),
        [b'-', b'H', ..] => (2, single(ISO_8859_8)),
        [b'-', b'M', ..] => (2, single(WINDOWS_1254)),
        [b'-', b'T', ..] => (2, single(WINDOWS_874)),
        [b'-', b'b', ..] => (2, single(ISO_8859_15)),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(terms: &[&str], bytes: &[u8]) -> String {
        let (set, known) = CharacterSet::from_terms(terms.iter().copied());
        assert!(known, "{terms:?}");
        let (text, fits) = set.decode(bytes, true);
        assert!(fits, "{text}");
        text
    }

    // The examples of PS3.5 annexes H to J.

    #[test]
    fn japanese_names_switch_sets_by_escape() {
        let name = b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B";
        assert_eq!(
            decode(&["", "ISO 2022 IR 87"], name),
            "Yamada^Tarou=山田^太郎=やまだ^たろう"
        );
    }

    #[test]
    fn japanese_half_width_katakana_is_the_first_set() {
        let name = b"\xd4\xcf\xc0\xde^\xc0\xdb\xb3=\x1b$B;3ED\x1b(J^\x1b$BB@O:\x1b(J";
        assert_eq!(
            decode(&["ISO 2022 IR 13", "ISO 2022 IR 87"], name),
            "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎"
        );
    }

    #[test]
    fn korean_names_designate_g1() {
        let name =
            b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7=\x1b$)C\xc8\xab^\x1b$)C\xb1\xe6\xb5\xbf";
        assert_eq!(
            decode(&["", "ISO 2022 IR 149"], name),
            "Hong^Gildong=洪^吉洞=홍^길동"
        );
    }

    #[test]
    fn chinese_names_in_gb18030_and_utf8() {
        let name = b"Wang^XiaoDong=\xcd\xf5^\xd0\xa1\xb6\xab";
        assert_eq!(decode(&["GB18030"], name), "Wang^XiaoDong=王^小东");
        assert_eq!(decode(&["ISO_IR 192"], "Wang=王".as_bytes()), "Wang=王");
        let zhang = b"Zhang^XiaoDong=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab";
        assert_eq!(decode(&["", "ISO 2022 IR 58"], zhang), "Zhang^XiaoDong=张^小东");
    }

    #[test]
    fn single_byte_sets() {
        assert_eq!(decode(&["ISO_IR 100"], b"Buc^J\xe9r\xf4me"), "Buc^Jérôme");
        assert_eq!(decode(&["ISO_IR 144"], b"\xbb\xee\xda"), "Люк");
        assert_eq!(decode(&["ISO_IR 126"], b"\xc4"), "Δ");
        assert_eq!(decode(&["ISO-IR 100"], b"\xe9"), "é");
        assert_eq!(
            decode(&["ISO 2022 IR 100", "ISO 2022 IR 144"], b"\xe9^\x1b-L\xbb"),
            "é^Л"
        );
    }

    #[test]
    fn undeclared_bytes_are_guessed_and_reported() {
        assert_eq!(
            CharacterSet::DEFAULT.decode("Jérôme".as_bytes(), false),
            ("Jérôme".to_owned(), false)
        );
        assert_eq!(
            CharacterSet::DEFAULT.decode(b"J\xe9", false),
            ("Jé".to_owned(), false)
        );
    }

    #[test]
    fn a_backslash_inside_a_multi_byte_character_does_not_split() {
        // 0x8C5C is one GB18030 character.
        let text = decode(&["GB18030"], b"\x8c\x5c");
        assert_eq!(text.chars().count(), 1);
        assert!(!text.contains('\\'));
    }

    #[test]
    fn an_unknown_term_is_reported() {
        assert!(!CharacterSet::from_terms(["ISO_IR 999"].into_iter()).1);
    }
}
