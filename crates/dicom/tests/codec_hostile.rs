//! Files that lie: each is refused for what it is, cheaply, before a decoder sees it.

#![expect(clippy::unwrap_used, reason = "what cannot be prepared fails the test")]

use dicom::codec::{
    CodecError, CodecReply, CodecRequest, PictureFormat, RenderOptions, Source, Work, encode_rle_frame,
    perform,
};

const EXPLICIT: &str = "1.2.840.10008.1.2.1";
const DEFLATED: &str = "1.2.840.10008.1.2.1.99";
const RLE: &str = "1.2.840.10008.1.2.5";
const JPEG: &str = "1.2.840.10008.1.2.4.50";
const HTJ2K: &str = "1.2.840.10008.1.2.4.202";
const VIDEO: &str = "1.2.840.10008.1.2.4.102";

/// A data set under construction, explicit VR little endian, elements in the order they are added.
#[derive(Clone)]
struct File {
    transfer_syntax: &'static str,
    rows: u16,
    columns: u16,
    frames: Option<&'static str>,
    bits: u16,
    photometric: &'static str,
    before_pixels: Vec<u8>,
    pixels: Vec<u8>,
}

fn element(tag: u32, vr: &[u8; 2], value: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend(((tag >> 16) as u16).to_le_bytes());
    bytes.extend((tag as u16).to_le_bytes());
    bytes.extend(vr);
    if matches!(vr, b"OB" | b"OW" | b"SQ" | b"UN") {
        bytes.extend([0, 0]);
        bytes.extend((value.len() as u32).to_le_bytes());
    } else {
        bytes.extend((value.len() as u16).to_le_bytes());
    }
    bytes.extend(value);
    bytes
}

fn padded(text: &str) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    if bytes.len() % 2 == 1 {
        bytes.push(0);
    }
    bytes
}

fn native(pixels: &[u8]) -> Vec<u8> {
    element(0x7FE0_0010, b"OW", pixels)
}

fn encapsulated(fragments: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = vec![0xE0, 0x7F, 0x10, 0x00, b'O', b'B', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF];
    bytes.extend([0xFE, 0xFF, 0x00, 0xE0, 0, 0, 0, 0]);
    for fragment in fragments {
        bytes.extend([0xFE, 0xFF, 0x00, 0xE0]);
        bytes.extend((fragment.len() as u32).to_le_bytes());
        bytes.extend(fragment);
    }
    bytes.extend([0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0]);
    bytes
}

impl File {
    fn new(transfer_syntax: &'static str, pixels: Vec<u8>) -> Self {
        Self {
            transfer_syntax,
            rows: 16,
            columns: 16,
            frames: None,
            bits: 8,
            photometric: "MONOCHROME2",
            before_pixels: Vec::new(),
            pixels,
        }
    }

    fn data_set(&self) -> Vec<u8> {
        let mut set = element(0x0008_0016, b"UI", &padded("1.2.840.10008.5.1.4.1.1.7"));
        set.extend(element(0x0028_0002, b"US", &1_u16.to_le_bytes()));
        set.extend(element(0x0028_0004, b"CS", &padded(self.photometric)));
        if let Some(frames) = self.frames {
            set.extend(element(0x0028_0008, b"IS", &padded(frames)));
        }
        set.extend(element(0x0028_0010, b"US", &self.rows.to_le_bytes()));
        set.extend(element(0x0028_0011, b"US", &self.columns.to_le_bytes()));
        set.extend(element(0x0028_0100, b"US", &self.bits.to_le_bytes()));
        set.extend(element(0x0028_0101, b"US", &self.bits.to_le_bytes()));
        set.extend(element(0x0028_0102, b"US", &(self.bits - 1).to_le_bytes()));
        set.extend(element(0x0028_0103, b"US", &0_u16.to_le_bytes()));
        set.extend(&self.before_pixels);
        set.extend(&self.pixels);
        set
    }

    fn bytes(&self) -> Vec<u8> {
        self.bytes_around(&self.data_set())
    }

    fn bytes_around(&self, data_set: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0; 128];
        bytes.extend(b"DICM");
        bytes.extend(element(0x0002_0010, b"UI", &padded(self.transfer_syntax)));
        bytes.extend(data_set);
        bytes
    }

    fn thumbnail(&self) -> Result<CodecReply, CodecError> {
        thumbnail(self.bytes())
    }

    fn refusal(&self) -> &'static str {
        match self.thumbnail() {
            Ok(_) => "served",
            Err(error) => error.code(),
        }
    }
}

fn thumbnail(bytes: Vec<u8>) -> Result<CodecReply, CodecError> {
    let work = Work::Thumbnail {
        max_edge: 64,
        frame: Some(0),
    };
    perform(CodecRequest {
        source: Source::Inline(bytes),
        work,
    })
}

fn codestream() -> Vec<u8> {
    let spec = openjph::ImageSpec {
        width: 16,
        height: 16,
        components: 1,
        bits_stored: 8,
        signed: false,
        color_transform: false,
    };
    let samples: Vec<i32> = (0..256).collect();
    openjph::encode_lossless(&spec, &samples).unwrap()
}

#[test]
fn an_honest_file_is_served() {
    assert!(File::new(EXPLICIT, native(&[7; 256])).thumbnail().is_ok());
    assert!(
        File::new(HTJ2K, encapsulated(&[codestream()]))
            .thumbnail()
            .is_ok()
    );
    let rle = encode_rle_frame(&[7; 256], 16, 1, 1).unwrap();
    assert!(File::new(RLE, encapsulated(&[rle])).thumbnail().is_ok());
}

#[test]
fn a_data_set_without_file_meta_is_read_as_what_it_looks_like() {
    let file = File::new(EXPLICIT, native(&[7; 256]));
    assert!(thumbnail(file.data_set()).is_ok());
}

#[test]
fn bytes_in_big_endian_words_come_in_the_right_order() {
    // Two frames of three pixels in words: the second frame begins in the middle of one.
    let mut set = Vec::new();
    for (tag, vr, value) in [
        (0x0028_0002_u32, b"US", vec![0, 1]),
        (0x0028_0004, b"CS", padded("MONOCHROME2 ")),
        (0x0028_0008, b"IS", padded("2 ")),
        (0x0028_0010, b"US", vec![0, 1]),
        (0x0028_0011, b"US", vec![0, 3]),
        (0x0028_0100, b"US", vec![0, 8]),
        (0x0028_0101, b"US", vec![0, 8]),
        (0x0028_0102, b"US", vec![0, 7]),
        (0x0028_0103, b"US", vec![0, 0]),
        (0x7FE0_0010, b"OW", vec![20, 10, 40, 30, 60, 50]),
    ] {
        set.extend(tag.to_be_bytes());
        set.extend(vr);
        if vr == b"OW" {
            set.extend([0, 0, 0, 0, 0]);
        } else {
            set.push(0);
        }
        set.push(value.len() as u8);
        set.extend(value);
    }
    let file = File::new("1.2.840.10008.1.2.2", Vec::new()).bytes_around(&set);
    let shades = |frame| {
        let work = Work::Rendered(RenderOptions {
            frame,
            format: PictureFormat::Png,
            ..RenderOptions::default()
        });
        let source = Source::Inline(file.clone());
        let Ok(CodecReply::Picture(picture)) = perform(CodecRequest { source, work }) else {
            panic!("not rendered");
        };
        image::load_from_memory(&picture.bytes)
            .unwrap()
            .into_luma8()
            .into_raw()
    };
    assert_eq!(shades(0), [10, 20, 30]);
    assert_eq!(shades(1), [40, 50, 60]);
}

#[test]
fn dimensions_beyond_the_pixels_are_refused() {
    let huge = File {
        rows: 65_535,
        columns: 65_535,
        frames: Some("1000"),
        bits: 16,
        ..File::new(EXPLICIT, native(&[0; 16]))
    };
    assert_eq!(huge.refusal(), "CODEC_TOO_LARGE");
    let wide = File {
        columns: 17,
        ..File::new(EXPLICIT, native(&[0; 256]))
    };
    assert_eq!(wide.refusal(), "CODEC_TRUNCATED_PIXELS");
    let flat = File {
        rows: 0,
        ..File::new(EXPLICIT, native(&[0; 256]))
    };
    assert_eq!(flat.refusal(), "CODEC_BAD_PIXEL_DESCRIPTION");
}

#[test]
fn two_thousand_million_frames_cost_nothing() {
    let file = File {
        frames: Some("2000000000"),
        ..File::new(HTJ2K, encapsulated(&[codestream()]))
    };
    assert_eq!(file.refusal(), "CODEC_BAD_PIXEL_DESCRIPTION");
}

#[test]
fn a_codestream_of_another_size_is_refused_before_it_is_decoded() {
    for (rows, columns) in [(8, 16), (16, 8), (32, 16), (16, 32)] {
        let file = File {
            rows,
            columns,
            ..File::new(HTJ2K, encapsulated(&[codestream()]))
        };
        assert_eq!(file.refusal(), "CODEC_HEADER_MISMATCH");
    }
    // Columns 65 535 and 65 535 in SIZ, sixteen in the data set.
    let mut lying = codestream();
    for at in [8, 12, 24, 28] {
        lying[at..at + 4].copy_from_slice(&65_535_u32.to_be_bytes());
    }
    assert_eq!(
        File::new(HTJ2K, encapsulated(&[lying])).refusal(),
        "CODEC_HEADER_MISMATCH"
    );
}

#[test]
fn a_myriad_of_tiles_is_refused() {
    let mut tiled = codestream();
    // SIZ: XTsiz and YTsiz stand after the image's extent and offset.
    let (width, height) = (0_u32.to_be_bytes(), 1_u32.to_be_bytes());
    tiled[24..28].copy_from_slice(&height);
    tiled[28..32].copy_from_slice(&height);
    let huge = File {
        rows: 256,
        columns: 256,
        ..File::new(
            HTJ2K,
            encapsulated(&[{
                let mut stream = tiled.clone();
                stream[8..12].copy_from_slice(&256_u32.to_be_bytes());
                stream[12..16].copy_from_slice(&256_u32.to_be_bytes());
                stream
            }]),
        )
    };
    assert_eq!(huge.refusal(), "CODEC_HOSTILE");
    tiled[24..28].copy_from_slice(&width);
    assert_eq!(
        File::new(HTJ2K, encapsulated(&[tiled])).refusal(),
        "CODEC_DECODE_FAILED"
    );
}

#[test]
fn codestreams_cut_off_anywhere_are_refused_or_served_but_never_panic() {
    let whole = codestream();
    for length in 0..whole.len() {
        let file = File::new(HTJ2K, encapsulated(&[whole[..length].to_vec()]));
        // A tail may be missing: JPEG 2000 is made to be cut. The header may not.
        let outcome = file.refusal();
        assert!(length > 60 || outcome != "served", "{length}");
    }
    let rle = encode_rle_frame(&(0..=255).collect::<Vec<u8>>(), 16, 1, 1).unwrap();
    for length in 0..rle.len() - 2 {
        let file = File::new(RLE, encapsulated(&[rle[..length].to_vec()]));
        assert_ne!(file.refusal(), "served", "{length}");
    }
    assert_eq!(
        File::new(JPEG, encapsulated(&[vec![0xFF, 0xD8, 0xFF]])).refusal(),
        "CODEC_DECODE_FAILED"
    );
}

#[test]
fn an_rle_bomb_is_refused_before_memory_is_taken() {
    let mut bomb = vec![0; 64];
    bomb[0] = 1;
    bomb[4] = 64;
    bomb.extend([0x81, 0]);
    let file = File {
        rows: 11_000,
        columns: 11_000,
        ..File::new(RLE, encapsulated(&[bomb]))
    };
    assert_eq!(file.refusal(), "CODEC_TRUNCATED_PIXELS");
}

#[test]
fn sequences_nested_a_hundred_thousand_deep_are_refused() {
    let mut nested = Vec::new();
    for _ in 0..100_000 {
        nested.extend([0x40, 0x00, 0x30, 0xA7, b'S', b'Q', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF]);
        nested.extend([0xFE, 0xFF, 0x00, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF]);
    }
    let file = File {
        before_pixels: nested,
        ..File::new(EXPLICIT, native(&[0; 256]))
    };
    assert_eq!(file.refusal(), "CODEC_HOSTILE");
}

#[test]
fn a_value_longer_than_the_file_is_refused() {
    let mut long = element(0x0040_A124, b"UN", &[]);
    let at = long.len() - 4;
    long[at..].copy_from_slice(&0xFFFF_FFF0_u32.to_le_bytes());
    let file = File {
        before_pixels: long,
        ..File::new(EXPLICIT, native(&[0; 256]))
    };
    assert_eq!(file.refusal(), "CODEC_HOSTILE");
}

#[test]
fn a_deflate_bomb_is_refused() {
    use std::io::Write as _;
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    let zeros = vec![0; 1 << 20];
    for _ in 0..600 {
        encoder.write_all(&zeros).unwrap();
    }
    let file = File::new(DEFLATED, Vec::new());
    let bytes = file.bytes_around(&encoder.finish().unwrap());
    assert!(bytes.len() < 2 << 20);
    assert_eq!(thumbnail(bytes).unwrap_err().code(), "CODEC_HOSTILE");
}

#[test]
fn objects_without_pixels_say_so() {
    assert_eq!(File::new(EXPLICIT, Vec::new()).refusal(), "CODEC_NO_PIXELS");
}

#[test]
fn what_is_no_dicom_says_so() {
    for bytes in [
        &b""[..],
        b"\x89PNG\r\n\x1a\n",
        b"<html></html>",
        &[0; 132],
        &[0xFF; 400],
    ] {
        assert!(
            matches!(thumbnail(bytes.to_vec()), Err(CodecError::NotDicom)),
            "{bytes:?}"
        );
    }
}

#[test]
fn video_and_unknown_transfer_syntaxes_are_named() {
    for uid in [VIDEO, "1.2.3.4"] {
        let file = File::new(uid, encapsulated(&[vec![0; 100], vec![1; 100]]));
        assert_eq!(
            file.thumbnail(),
            Err(CodecError::UnsupportedTransferSyntax { uid: uid.to_owned() })
        );
    }
}

#[test]
fn fragments_that_cannot_be_told_apart_are_refused() {
    let file = File {
        frames: Some("3"),
        ..File::new(HTJ2K, encapsulated(&[codestream(), codestream()]))
    };
    assert_eq!(file.refusal(), "CODEC_BAD_PIXEL_DESCRIPTION");
    // Two fragments, one frame: they belong together.
    let whole = codestream();
    let (head, tail) = whole.split_at(100);
    let split = File::new(HTJ2K, encapsulated(&[head.to_vec(), tail.to_vec()]));
    assert!(split.thumbnail().is_ok());
    // Four fragments, two frames, no table: the markers tell.
    let markers = File {
        frames: Some("2"),
        ..File::new(
            HTJ2K,
            encapsulated(&[head.to_vec(), tail.to_vec(), head.to_vec(), tail.to_vec()]),
        )
    };
    assert!(markers.thumbnail().is_ok());
}

#[test]
fn a_file_range_outside_the_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("batch");
    let file = File::new(EXPLICIT, native(&[7; 256])).bytes();
    let mut batch = vec![0xAA; 512];
    batch.extend(&file);
    batch.extend([0xBB; 512]);
    std::fs::write(&path, batch).unwrap();
    let on = |offset, length| {
        perform(CodecRequest {
            source: Source::File {
                path: path.clone(),
                offset,
                length,
            },
            work: Work::ProbePixels,
        })
    };
    assert!(on(512, file.len() as u64).is_ok());
    assert!(matches!(on(512, 1 << 40), Err(CodecError::BadRequest { .. })));
    assert!(matches!(on(u64::MAX, 2), Err(CodecError::BadRequest { .. })));
}
