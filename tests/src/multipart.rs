//! multipart/related (RFC 2387) as the other side writes and reads it.

use crate::Reply;

const BOUNDARY: &str = "telerad-tests-d1c0m";

/// One part of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its header lines, joined.
    pub headers: String,
    /// Its bytes.
    pub body: Vec<u8>,
}

/// A body of `files` and its Content-Type.
pub fn related_body<F: AsRef<[u8]>>(media_type: &str, files: &[F]) -> (String, Vec<u8>) {
    let mut body = Vec::new();
    for file in files {
        body.extend_from_slice(format!("--{BOUNDARY}\r\nContent-Type: {media_type}\r\n\r\n").as_bytes());
        body.extend_from_slice(file.as_ref());
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    (
        format!("multipart/related; type=\"{media_type}\"; boundary={BOUNDARY}"),
        body,
    )
}

/// The parts of an answer; none when it is no multipart.
pub fn parts_of(reply: &Reply) -> Vec<Part> {
    let Some(boundary) = boundary_of(&reply.content_type) else {
        return Vec::new();
    };
    let delimiter = format!("\r\n--{boundary}");
    // The first delimiter may stand at the very beginning.
    let mut rest = [b"\r\n", reply.body.as_slice()].concat();
    let mut parts = Vec::new();
    while let Some(at) = find(&rest, delimiter.as_bytes()) {
        rest.drain(..at + delimiter.len());
        if rest.starts_with(b"--") {
            break;
        }
        let Some(end_of_headers) = find(&rest, b"\r\n\r\n") else {
            break;
        };
        let Some(end) = find(&rest, delimiter.as_bytes()) else {
            break;
        };
        parts.push(Part {
            headers: String::from_utf8_lossy(&rest[..end_of_headers]).trim().to_owned(),
            body: rest[end_of_headers + 4..end].to_vec(),
        });
    }
    parts
}

fn boundary_of(content_type: &str) -> Option<String> {
    let (_, rest) = content_type.split_once("boundary=")?;
    let value = rest.split(';').next()?.trim();
    Some(value.trim_matches('"').to_owned())
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    let (first, rest) = what.split_first()?;
    let mut at = 0;
    while let Some(step) = bytes[at..].iter().position(|byte| byte == first) {
        at += step;
        if bytes[at + 1..].starts_with(rest) {
            return Some(at);
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let files = [b"one".to_vec(), b"\r\n--not the end".to_vec(), Vec::new()];
        let (content_type, body) = related_body("application/dicom", &files);
        let parts = parts_of(&Reply {
            status: 200,
            content_type,
            body,
        });
        assert_eq!(
            parts.iter().map(|part| part.body.clone()).collect::<Vec<_>>(),
            files
        );
        assert!(parts[0].headers.contains("application/dicom"));
    }
}
