//! Decoded samples are the cells as they were stored, bit for bit, and nothing damaged is decoded.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

#[expect(dead_code, reason = "not every test makes every kind of file")]
mod common;

use std::path::Path;

use common::{DataSet, Syntax, UNDEFINED, part10};
use dicom::ChunkSums;
use dicom::codec::{
    CodecError, CodecReply, CodecRequest, PixelProbe, Source, Work, WrittenSamples, encode_rle_frame, perform,
};

const RLE: &str = "1.2.840.10008.1.2.5";

/// How a cell holds its value.
struct Cells {
    allocated: u16,
    stored: u16,
    high_bit: u16,
}

/// Four pixels in one line, RLE compressed; `native` is what they are uncompressed.
fn rle(cells: &Cells, native: &[u8]) -> Vec<u8> {
    let bytes_per_sample = usize::from(cells.allocated / 8);
    let frame = encode_rle_frame(native, 4, 1, bytes_per_sample).unwrap();
    let mut set = DataSet::new(Syntax::Explicit);
    set.identity()
        .number(0x0028_0002, 1)
        .text(0x0028_0004, "CS", "MONOCHROME2")
        .number(0x0028_0010, 1)
        .number(0x0028_0011, 4)
        .number(0x0028_0100, cells.allocated)
        .number(0x0028_0101, cells.stored)
        .number(0x0028_0102, cells.high_bit)
        .number(0x0028_0103, 0)
        .header(0x7fe0_0010, "OB", UNDEFINED)
        .item(&[])
        .item(&frame)
        .sequence_delimiter();
    part10(RLE, &set.bytes)
}

fn samples(source: Source, folder: &Path) -> Result<(WrittenSamples, Vec<u8>), CodecError> {
    let output = folder.join("samples");
    let work = Work::Samples {
        output: output.clone(),
        frame: 0,
    };
    match perform(CodecRequest { source, work })? {
        CodecReply::Samples(written) => {
            let bytes = std::fs::read(&output).unwrap();
            std::fs::remove_file(&output).unwrap();
            Ok((written, bytes))
        }
        other => panic!("{other:?}"),
    }
}

fn probe(file: &[u8]) -> PixelProbe {
    let request = CodecRequest {
        source: Source::Inline(file.to_vec()),
        work: Work::ProbePixels,
    };
    match perform(request).unwrap() {
        CodecReply::Probe(probe) => probe,
        other => panic!("{other:?}"),
    }
}

#[test]
fn unsigned_values_of_32_bits_come_out_whole() {
    let folder = tempfile::tempdir().unwrap();
    let native: Vec<u8> = [0, 1, 0x8000_0000, u32::MAX]
        .into_iter()
        .flat_map(u32::to_le_bytes)
        .collect();
    let cells = Cells {
        allocated: 32,
        stored: 32,
        high_bit: 31,
    };
    let file = rle(&cells, &native);
    let (written, bytes) = samples(Source::Inline(file.clone()), folder.path()).unwrap();
    assert_eq!(bytes, native);
    assert_eq!(written.photometric_interpretation, "MONOCHROME2");
    let probe = probe(&file);
    assert_eq!((probe.smallest, probe.greatest), (0, i64::from(u32::MAX)));
}

#[test]
fn overlay_bits_beside_the_value_stay_in_the_cell_and_out_of_the_value() {
    let folder = tempfile::tempdir().unwrap();
    let native: Vec<u8> = [0x0FFF, 0x1000, 0xF123, 0x8000]
        .into_iter()
        .flat_map(u16::to_le_bytes)
        .collect();
    let cells = Cells {
        allocated: 16,
        stored: 12,
        high_bit: 11,
    };
    let file = rle(&cells, &native);
    let (_, bytes) = samples(Source::Inline(file.clone()), folder.path()).unwrap();
    assert_eq!(bytes, native);
    assert_eq!(probe(&file).greatest, 0x0FFF);
}

#[test]
fn a_damaged_instance_is_not_decoded() {
    let folder = tempfile::tempdir().unwrap();
    let native: Vec<u8> = (0..8).collect();
    let cells = Cells {
        allocated: 16,
        stored: 16,
        high_bit: 15,
    };
    let file = rle(&cells, &native);
    let path = folder.path().join("batch.tar");
    let stored = |bytes: &[u8]| {
        let mut batch = vec![0; 512];
        batch.extend_from_slice(bytes);
        std::fs::write(&path, batch).unwrap();
        Source::Stored {
            path: path.clone(),
            offset: 512,
            length: file.len() as u64,
            sums: ChunkSums::of(&file),
        }
    };
    assert_eq!(samples(stored(&file), folder.path()).unwrap().1, native);

    let mut flipped = file.clone();
    *flipped.last_mut().unwrap() ^= 1;
    let cut = &file[..file.len() - 8];
    for damaged in [&flipped, cut] {
        let outcome = samples(stored(damaged), folder.path());
        assert_eq!(outcome.unwrap_err(), CodecError::Damaged);
    }
    let source = stored(&file);
    std::fs::remove_file(&path).unwrap();
    assert_eq!(samples(source, folder.path()).unwrap_err(), CodecError::Damaged);
}
