//! Bodies in any chunks, whole, broken and odd.

use super::*;
use crate::multipart::MultipartWriter;
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
