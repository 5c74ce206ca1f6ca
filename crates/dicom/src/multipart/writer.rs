//! The frame around the parts of an answer.

use crate::uid::Uid;

/// Produces what stands before, between and after the parts; their bytes go between by other ways.
#[derive(Debug, Clone)]
pub struct MultipartWriter {
    boundary: String,
    part_type: String,
    started: bool,
}

impl MultipartWriter {
    /// A body of parts of `part_type`, such as `application/dicom`. `boundary` must not occur in the parts, so
    /// it is random: letters and digits, at most 70 (RFC 2046 §5.1.1).
    pub fn new(boundary: &str, part_type: &str) -> Self {
        debug_assert!(!boundary.is_empty() && boundary.len() <= 70);
        debug_assert!(boundary.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        Self {
            boundary: boundary.to_owned(),
            part_type: part_type.to_owned(),
            started: false,
        }
    }

    /// The Content-Type of the whole answer.
    pub fn content_type(&self) -> String {
        format!(
            "multipart/related; type=\"{}\"; boundary={}",
            self.part_type, self.boundary
        )
    }

    /// What goes before the bytes of a part. `transfer_syntax` is named in the part's Content-Type, because a
    /// reader takes a part without it for its type's default (PS3.18 §8.7.3.5.2).
    pub fn part_head(
        &mut self,
        transfer_syntax: Option<&Uid>,
        location: Option<&str>,
        length: Option<u64>,
    ) -> String {
        let syntax = transfer_syntax
            .map(|uid| format!("; transfer-syntax={uid}"))
            .unwrap_or_default();
        let kind = format!("{}{syntax}", self.part_type);
        self.part_head_of(&kind, location, length)
    }

    /// The same for a part whose Content-Type says more.
    pub fn part_head_of(
        &mut self,
        content_type: &str,
        location: Option<&str>,
        length: Option<u64>,
    ) -> String {
        use std::fmt::Write as _;
        let break_before = if std::mem::replace(&mut self.started, true) {
            "\r\n"
        } else {
            ""
        };
        let mut head = format!(
            "{break_before}--{}\r\nContent-Type: {content_type}",
            self.boundary
        );
        let write = "writing into a string cannot fail";
        if let Some(location) = location {
            // A line break would end the header.
            let location: String = location
                .chars()
                .filter(|character| !character.is_control())
                .collect();
            write!(head, "\r\nContent-Location: {location}").expect(write);
        }
        if let Some(length) = length {
            write!(head, "\r\nContent-Length: {length}").expect(write);
        }
        head.push_str("\r\n\r\n");
        head
    }

    /// What ends the body. A body without parts still gets its boundary.
    pub fn end(self) -> String {
        let break_before = if self.started { "\r\n" } else { "" };
        format!("{break_before}--{}--\r\n", self.boundary)
    }
}
