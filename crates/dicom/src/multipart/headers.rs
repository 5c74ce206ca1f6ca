//! The headers of a part (RFC 2046 §5.1).

use crate::media_type::MediaType;

/// The headers of one part.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PartHeaders(Vec<(String, String)>);

impl PartHeaders {
    /// The value of a header; `name` in lower case.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.as_str())
    }

    /// The part's Content-Type, when it is one.
    pub fn content_type(&self) -> Option<MediaType> {
        MediaType::parse(self.get("content-type")?)
    }

    /// The lines of a block of headers; `None` when one of them is none.
    pub(super) fn parse(block: &[u8]) -> Option<Self> {
        let mut headers: Vec<(String, String)> = Vec::new();
        for line in str::from_utf8(block)
            .ok()?
            .split("\r\n")
            .filter(|line| !line.is_empty())
        {
            if line.starts_with([' ', '\t']) {
                // A folded header goes on (RFC 2046 inherits it from RFC 822).
                let (_, value) = headers.last_mut()?;
                value.push(' ');
                value.push_str(line.trim());
                continue;
            }
            let (name, value) = line.split_once(':')?;
            headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
        Some(Self(headers))
    }

    /// All headers in order, names in lower case.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}
