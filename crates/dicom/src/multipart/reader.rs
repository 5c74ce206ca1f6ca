//! A push parser: chunks in, events out.

use crate::media_type::MediaType;
use bytes::{Buf as _, Bytes, BytesMut};
use memchr::memmem;

/// Most bytes of one part's headers.
const HEADER_BYTES: usize = 16 << 10;
/// Most bytes before the first boundary.
const PREAMBLE_BYTES: u64 = 64 << 10;
/// Most blanks between a boundary and its line end.
const PADDING_BYTES: usize = 256;
/// Longest boundary (RFC 2046 §5.1.1).
const BOUNDARY_BYTES: usize = 70;

/// Why a body cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MultipartError {
    /// The Content-Type is not `multipart/related` with a usable boundary.
    #[error("the content type must be multipart/related with a boundary of 1 to 70 characters")]
    ContentType,
    /// No boundary where the body should begin.
    #[error("the body does not begin with its boundary")]
    NoBoundary,
    /// A boundary line with something else on it.
    #[error("a boundary is followed by something else than a line end")]
    BoundaryLine,
    /// Part headers that are too long or not headers.
    #[error("the headers of part {0} are not valid")]
    Headers(u64),
    /// A part larger than the limit.
    #[error("part {part} is larger than {limit} bytes")]
    PartTooLarge {
        /// Which part, from 1.
        part: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// The body ended inside a part.
    #[error("the body ends inside part {0}")]
    Truncated(u64),
}

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

    /// All headers in order, names in lower case.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// What the reader met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A part begins.
    PartStart(PartHeaders),
    /// Bytes of the current part, never empty.
    Data(Bytes),
    /// The current part is complete.
    PartEnd,
    /// The closing boundary was met; what follows is ignored.
    End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Preamble,
    /// After a boundary, on its line.
    Line,
    Headers,
    Body,
    Done,
}

/// Reads a body chunk by chunk.
///
/// ```
/// use dicom::multipart::{Event, MultipartReader};
///
/// let mut reader = MultipartReader::new("multipart/related; boundary=x", 1 << 20)?;
/// let mut events = Vec::new();
/// for chunk in ["--x\r\n\r\nhel", "lo\r\n--", "x--"] {
///     reader.push(chunk.into());
///     while let Some(event) = reader.next_event()? {
///         events.push(event);
///     }
/// }
/// reader.finish()?;
/// assert_eq!(events.last(), Some(&Event::End));
/// # Ok::<(), dicom::multipart::MultipartError>(())
/// ```
#[derive(Debug)]
pub struct MultipartReader {
    /// `\r\n--boundary`.
    delimiter: Vec<u8>,
    buffer: BytesMut,
    state: State,
    part: u64,
    part_bytes: u64,
    part_limit: u64,
    preamble_bytes: u64,
}

impl MultipartReader {
    /// `content_type` is the request's header; `part_limit` the most bytes of one part.
    pub fn new(content_type: &str, part_limit: u64) -> Result<Self, MultipartError> {
        let media_type = MediaType::parse(content_type).ok_or(MultipartError::ContentType)?;
        let boundary = media_type.parameter("boundary").unwrap_or_default();
        if media_type.essence != "multipart/related" || boundary.is_empty() || boundary.len() > BOUNDARY_BYTES
        {
            return Err(MultipartError::ContentType);
        }
        let mut buffer = BytesMut::new();
        // The first boundary needs no line end before it: give it one.
        buffer.extend_from_slice(b"\r\n");
        Ok(Self {
            delimiter: format!("\r\n--{boundary}").into_bytes(),
            buffer,
            state: State::Preamble,
            part: 0,
            part_bytes: 0,
            part_limit,
            preamble_bytes: 0,
        })
    }

    /// Takes the next chunk. Drain [`MultipartReader::next_event`] before the next one: that bounds the memory.
    pub fn push(&mut self, chunk: Bytes) {
        if self.state != State::Done {
            self.buffer.extend_from_slice(&chunk);
        }
    }

    /// The next event, or `None` when another chunk is needed.
    pub fn next_event(&mut self) -> Result<Option<Event>, MultipartError> {
        loop {
            match self.state {
                State::Done => return Ok(None),
                State::Preamble => {
                    let (skipped, found) = self.before_delimiter();
                    self.preamble_bytes += skipped as u64;
                    self.buffer.advance(skipped);
                    if self.preamble_bytes > PREAMBLE_BYTES {
                        return Err(MultipartError::NoBoundary);
                    }
                    if !found {
                        return Ok(None);
                    }
                    self.pass_delimiter();
                }
                State::Line => match self.boundary_line()? {
                    Some(true) => {
                        self.state = State::Done;
                        self.buffer.clear();
                        return Ok(Some(Event::End));
                    }
                    Some(false) => self.state = State::Headers,
                    None => return Ok(None),
                },
                State::Headers => {
                    return match self.headers()? {
                        Some(headers) => {
                            self.state = State::Body;
                            self.part_bytes = 0;
                            Ok(Some(Event::PartStart(headers)))
                        }
                        None => Ok(None),
                    };
                }
                State::Body => {
                    let (length, found) = self.before_delimiter();
                    if length > 0 {
                        self.part_bytes += length as u64;
                        if self.part_bytes > self.part_limit {
                            return Err(MultipartError::PartTooLarge {
                                part: self.part,
                                limit: self.part_limit,
                            });
                        }
                        return Ok(Some(Event::Data(self.buffer.split_to(length).freeze())));
                    }
                    if !found {
                        return Ok(None);
                    }
                    self.pass_delimiter();
                    return Ok(Some(Event::PartEnd));
                }
            }
        }
    }

    /// Whether the closing boundary was met.
    pub fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// Says that no chunk follows.
    ///
    /// Errors: when the closing boundary was not met.
    pub fn finish(&self) -> Result<(), MultipartError> {
        match self.state {
            State::Done => Ok(()),
            State::Preamble => Err(MultipartError::NoBoundary),
            State::Line | State::Headers | State::Body => Err(MultipartError::Truncated(self.part)),
        }
    }

    /// How many bytes certainly stand before the next delimiter, and whether it follows them.
    ///
    /// A delimiter counts only when its line ends or closes: `--boundaryX` is data.
    fn before_delimiter(&self) -> (usize, bool) {
        let mut from = 0;
        while let Some(at) = memmem::find(&self.buffer[from..], &self.delimiter) {
            let at = from + at;
            match self.buffer.get(at + self.delimiter.len()) {
                Some(b'\r' | b'-' | b' ' | b'\t') => return (at, true),
                Some(_) => from = at + 1,
                None => return (at, false),
            }
        }
        // What may be the beginning of a delimiter waits for the next chunk.
        let tail = self
            .buffer
            .len()
            .saturating_sub(self.delimiter.len() - 1)
            .max(from);
        let waiting = memchr::memchr(b'\r', &self.buffer[tail..]).map_or(self.buffer.len(), |at| tail + at);
        (waiting, false)
    }

    fn pass_delimiter(&mut self) {
        self.buffer.advance(self.delimiter.len());
        self.state = State::Line;
    }

    /// Passes the rest of a boundary's line: `Some(true)` when it closes the body, `None` when it is not all
    /// here.
    fn boundary_line(&mut self) -> Result<Option<bool>, MultipartError> {
        if self.buffer.starts_with(b"--") {
            return Ok(Some(true));
        }
        let padding = self
            .buffer
            .iter()
            .take_while(|byte| matches!(byte, b' ' | b'\t'))
            .count();
        let rest = &self.buffer[padding..];
        if rest.starts_with(b"\r\n") {
            // Headers end at an empty line; without headers that is this line's own end.
            self.buffer.advance(padding);
            self.part += 1;
            return Ok(Some(false));
        }
        let may_come =
            padding <= PADDING_BYTES && (rest.is_empty() || rest == b"\r" || padding == 0 && rest == b"-");
        if may_come {
            Ok(None)
        } else {
            Err(MultipartError::BoundaryLine)
        }
    }

    /// Reads the headers; the buffer stands at the line end of the boundary.
    fn headers(&mut self) -> Result<Option<PartHeaders>, MultipartError> {
        let Some(end) = memmem::find(&self.buffer, b"\r\n\r\n") else {
            return if self.buffer.len() > HEADER_BYTES {
                Err(MultipartError::Headers(self.part))
            } else {
                Ok(None)
            };
        };
        let invalid = MultipartError::Headers(self.part);
        if end > HEADER_BYTES {
            return Err(invalid);
        }
        let block = self.buffer.split_to(end + 4);
        let text = str::from_utf8(&block[..end]).map_err(|_| invalid.clone())?;
        let mut headers: Vec<(String, String)> = Vec::new();
        for line in text.split("\r\n").filter(|line| !line.is_empty()) {
            if line.starts_with([' ', '\t']) {
                // A folded header goes on (RFC 2046 inherits it from RFC 822).
                let (_, value) = headers.last_mut().ok_or_else(|| invalid.clone())?;
                value.push(' ');
                value.push_str(line.trim());
                continue;
            }
            let (name, value) = line.split_once(':').ok_or_else(|| invalid.clone())?;
            headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
        Ok(Some(PartHeaders(headers)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::MultipartWriter;
    use super::*;
    use proptest::prelude::*;

    type Parts = Vec<(PartHeaders, Vec<u8>)>;

    fn read(content_type: &str, chunks: impl Iterator<Item = Vec<u8>>) -> Result<Parts, MultipartError> {
        let mut reader = MultipartReader::new(content_type, 1 << 16)?;
        let mut parts: Parts = Vec::new();
        let mut complete = 0;
        for chunk in chunks {
            reader.push(chunk.into());
            while let Some(event) = reader.next_event()? {
                match event {
                    Event::PartStart(headers) => parts.push((headers, Vec::new())),
                    Event::Data(bytes) => parts.last_mut().unwrap().1.extend_from_slice(&bytes),
                    Event::PartEnd => complete += 1,
                    Event::End => assert_eq!(complete, parts.len()),
                }
            }
        }
        reader.finish().map(|()| parts)
    }

    fn whole(content_type: &str, body: &[u8]) -> Result<Parts, MultipartError> {
        read(content_type, std::iter::once(body.to_vec()))
    }

    fn bodies(parts: &Parts) -> Vec<&[u8]> {
        parts.iter().map(|(_, body)| body.as_slice()).collect()
    }

    #[test]
    fn preamble_padding_and_epilogue_are_passed_over() {
        let body = b"preamble\r\n--b  \r\nContent-Type: application/dicom\r\n\r\none\r\n--b\r\n\r\n\r\n--b--\r\nepilogue\r\n--b\r\n";
        let parts = whole("multipart/related; boundary=\"b\"", body).unwrap();
        assert_eq!(bodies(&parts), [b"one".as_slice(), b""]);
        assert_eq!(parts[0].0.content_type().unwrap().essence, "application/dicom");
    }

    #[test]
    fn data_that_looks_like_a_boundary_stays_data() {
        let body = b"--b\r\n\r\n\r\n--bb\r\n--\r\n-\r\r\n--b--";
        assert_eq!(
            bodies(&whole("multipart/related; boundary=b", body).unwrap()),
            [b"\r\n--bb\r\n--\r\n-\r".as_slice()]
        );
    }

    #[test]
    fn folded_and_odd_headers() {
        let body = b"--b\r\nContent-Type: application/dicom;\r\n transfer-syntax=1.2\r\nX:\r\n\r\nx\r\n--b--";
        let parts = whole("multipart/related; boundary=b", body).unwrap();
        assert_eq!(
            parts[0].0.content_type().unwrap().parameter("transfer-syntax"),
            Some("1.2")
        );
        assert_eq!(parts[0].0.get("x"), Some(""));
    }

    #[test]
    fn broken_bodies_have_their_own_errors() {
        let content_type = "multipart/related; boundary=b";
        assert_eq!(
            whole("multipart/form-data; boundary=b", b""),
            Err(MultipartError::ContentType)
        );
        assert_eq!(whole("multipart/related", b""), Err(MultipartError::ContentType));
        assert_eq!(whole(content_type, b""), Err(MultipartError::NoBoundary));
        assert_eq!(
            whole(content_type, &vec![b'x'; 100_000]),
            Err(MultipartError::NoBoundary)
        );
        assert_eq!(
            whole(content_type, b"--b\r\n\r\ncut"),
            Err(MultipartError::Truncated(1))
        );
        assert_eq!(
            whole(content_type, b"--b\r\n\r\na\r\n--b"),
            Err(MultipartError::Truncated(1))
        );
        assert_eq!(whole(content_type, b"--b x"), Err(MultipartError::BoundaryLine));
        assert_eq!(
            whole(content_type, b"--b\r\nno header\r\n\r\n"),
            Err(MultipartError::Headers(1))
        );
        let long = [b"--b\r\nx:".as_slice(), &vec![b'y'; 20_000]].concat();
        assert_eq!(whole(content_type, &long), Err(MultipartError::Headers(1)));
        let large = [b"--b\r\n\r\n".as_slice(), &vec![b'y'; 70_000]].concat();
        assert_eq!(
            whole(content_type, &large),
            Err(MultipartError::PartTooLarge {
                part: 1,
                limit: 1 << 16
            })
        );
    }

    #[test]
    fn what_the_writer_writes_the_reader_reads() {
        let mut writer = MultipartWriter::new("abc", "application/octet-stream");
        let content_type = writer.content_type();
        let uid = "1.2.840.10008.1.2.4.202".parse().unwrap();
        let mut body = writer
            .part_head(Some(&uid), Some("https://h/frames/1\r\nX: y"), Some(3))
            .into_bytes();
        body.extend_from_slice(b"\r\n-");
        body.extend_from_slice(writer.part_head(None, None, None).as_bytes());
        body.extend_from_slice(writer.end().as_bytes());
        let parts = whole(&content_type, &body).unwrap();
        assert_eq!(bodies(&parts), [b"\r\n-".as_slice(), b""]);
        let part_type = parts[0].0.content_type().unwrap();
        assert_eq!(
            part_type.parameter("transfer-syntax"),
            Some("1.2.840.10008.1.2.4.202")
        );
        assert_eq!(parts[0].0.get("x"), None);
        assert_eq!(parts[0].0.get("content-length"), Some("3"));
    }

    #[test]
    fn memory_is_one_chunk_and_a_boundary() {
        let mut reader = MultipartReader::new("multipart/related; boundary=b", u64::MAX).unwrap();
        reader.push(Bytes::from_static(b"--b\r\n\r\n"));
        while reader.next_event().unwrap().is_some() {}
        for _ in 0..1000 {
            reader.push(Bytes::from(vec![b'\r'; 1000]));
            while reader.next_event().unwrap().is_some() {}
            assert!(reader.buffer.len() < 10);
        }
    }

    fn nasty_bytes() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            Just(b"\r\n".to_vec()),
            Just(b"\r\n--".to_vec()),
            Just(b"\r\n--bo".to_vec()),
            Just(b"\r\n--bounX".to_vec()),
            prop::collection::vec(any::<u8>(), 0..20),
        ];
        prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn any_chunking_gives_the_same_parts(
            contents in prop::collection::vec(nasty_bytes(), 0..5),
            cuts in prop::collection::vec(1usize..40, 1..60),
        ) {
            let mut writer = MultipartWriter::new("boun", "application/dicom");
            let content_type = writer.content_type();
            let mut body = Vec::new();
            for content in &contents {
                body.extend_from_slice(writer.part_head(None, None, None).as_bytes());
                body.extend_from_slice(content);
            }
            body.extend_from_slice(writer.end().as_bytes());
            let mut rest = body.as_slice();
            let mut sizes = cuts.iter().cycle();
            let chunks = std::iter::from_fn(|| {
                let size = (*sizes.next()?).min(rest.len());
                let (chunk, after) = rest.split_at(size);
                rest = after;
                (size > 0).then(|| chunk.to_vec())
            });
            let parts = read(&content_type, chunks).unwrap();
            prop_assert_eq!(bodies(&parts), contents.iter().map(Vec::as_slice).collect::<Vec<_>>());
            prop_assert_eq!(&parts, &whole(&content_type, &body).unwrap());
        }

        #[test]
        fn any_bytes_are_read_or_refused(body in nasty_bytes()) {
            let _ = whole("multipart/related; boundary=boun", &body);
        }
    }
}
