//! multipart/related bodies.

use bytes::Bytes;
use dicom::multipart::{Event, MultipartReader};

const CONTENT_TYPE: &str = "multipart/related; type=\"application/dicom\"; boundary=b";

/// Promise: however a body is cut into chunks, it says the same.
pub fn multipart(body: &[u8]) {
    let whole = read(body, body.len().max(1));
    for size in [1, 3, 64] {
        assert_eq!(whole, read(body, size), "cut every {size} bytes");
    }
}

/// What a body says: the bytes of its parts, and whether it came to its end.
fn read(body: &[u8], chunk: usize) -> (Vec<Vec<u8>>, bool) {
    let mut reader = MultipartReader::new(CONTENT_TYPE, 1 << 16).expect("the type is right");
    let mut parts = Vec::new();
    for chunk in body.chunks(chunk) {
        reader.push(Bytes::copy_from_slice(chunk));
        loop {
            match reader.next_event() {
                Ok(Some(Event::PartStart(_))) => parts.push(Vec::new()),
                Ok(Some(Event::Data(bytes))) => parts
                    .last_mut()
                    .expect("data belongs to a part")
                    .extend_from_slice(&bytes),
                Ok(Some(Event::PartEnd | Event::End)) => {}
                Ok(None) => break,
                // How far it got before depends on the chunks; that it is refused does not.
                Err(_) => return (Vec::new(), false),
            }
        }
    }
    if reader.finish().is_err() {
        return (Vec::new(), false);
    }
    (parts, true)
}
