//! A push parser: chunks in, events out.

use super::error::MultipartError;
use super::headers::PartHeaders;
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
        Ok(Some(PartHeaders::parse(&block[..end]).ok_or(invalid)?))
    }
}

#[cfg(test)]
mod tests;
