//! Media types with parameters (RFC 9110 §8.3), as multipart bodies and Accept headers write them.

/// A media type: `type/subtype` and parameters. Type and parameter names are lower case, values as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaType {
    /// `type/subtype` in lower case.
    pub essence: String,
    /// Parameters in order.
    pub parameters: Vec<(String, String)>,
}

impl MediaType {
    /// Reads one media type; `None` when it is none. Values may be quoted.
    pub fn parse(text: &str) -> Option<Self> {
        let mut pieces = split_outside_quotes(text, ';').into_iter();
        let essence = pieces.next()?.trim().to_ascii_lowercase();
        let (kind, subtype) = essence.split_once('/')?;
        if !is_token(kind) || !is_token(subtype) {
            return None;
        }
        let mut parameters = Vec::new();
        for piece in pieces.filter(|piece| !piece.trim().is_empty()) {
            let (name, value) = piece.split_once('=')?;
            let name = name.trim().to_ascii_lowercase();
            if !is_token(&name) {
                return None;
            }
            parameters.push((name, unquote(value.trim())?));
        }
        Some(Self { essence, parameters })
    }

    /// The first parameter of that name.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Splits at `separator`, except inside quotes.
pub(crate) fn split_outside_quotes(text: &str, separator: char) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut start, mut quoted, mut escaped) = (0, false, false);
    for (at, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if character == separator && !quoted => {
                pieces.push(&text[start..at]);
                start = at + character.len_utf8();
            }
            _ => {}
        }
    }
    pieces.push(&text[start..]);
    pieces
}

fn unquote(value: &str) -> Option<String> {
    let Some(inner) = value.strip_prefix('"') else {
        return Some(value.to_owned());
    };
    let inner = inner.strip_suffix('"')?;
    let mut out = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        out.push(if character == '\\' {
            characters.next()?
        } else {
            character
        });
    }
    Some(out)
}

fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_may_be_quoted() {
        let parsed =
            MediaType::parse("Multipart/Related; TYPE=\"application/dicom\"; boundary=a;b=\"x;\\\"y\"")
                .unwrap();
        assert_eq!(parsed.essence, "multipart/related");
        assert_eq!(parsed.parameter("type"), Some("application/dicom"));
        assert_eq!(parsed.parameter("boundary"), Some("a"));
        assert_eq!(parsed.parameter("b"), Some("x;\"y"));
    }

    #[test]
    fn what_is_no_media_type_is_refused() {
        for wrong in [
            "",
            "text",
            "text/",
            "/html",
            "text/html; x",
            "text/html; x=\"y",
            "a b/c",
        ] {
            assert_eq!(MediaType::parse(wrong), None, "{wrong}");
        }
    }
}
