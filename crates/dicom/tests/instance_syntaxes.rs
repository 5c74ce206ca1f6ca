//! Whole instances in another transfer syntax: the same object, element by element and sample by sample.

#![expect(clippy::unwrap_used, reason = "what cannot be prepared fails the test")]

mod common;

use std::path::{Path, PathBuf};

use common::{DataSet, Syntax, ct, part10};
use dicom::codec::{
    CodecError, CodecReply, CodecRequest, InstanceSyntax, Source, Work, encode_rle_frame, perform,
};
use dicom::phantom::{PhantomKind, PhantomOptions, PhantomStudy, PhantomTransferSyntax};
use dicom::{InstanceIndex, Limits, index_instance, read_frame};

const EXPLICIT: &str = "1.2.840.10008.1.2.1";
const HTJ2K: &str = "1.2.840.10008.1.2.4.202";

/// `file` in the transfer syntax `uid`.
fn put(file: &[u8], uid: &str) -> Result<Vec<u8>, CodecError> {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("instance");
    let request = CodecRequest {
        source: Source::Inline(file.to_vec()),
        work: Work::Instance {
            output: output.clone(),
            transfer_syntax_uid: uid.to_owned(),
        },
    };
    match perform(request) {
        Ok(CodecReply::Instance(written)) => {
            let bytes = std::fs::read(output).unwrap();
            assert_eq!(bytes.len() as u64, written.bytes);
            assert_eq!(written.transfer_syntax_uid, uid);
            Ok(bytes)
        }
        Ok(other) => panic!("{other:?}"),
        Err(error) => {
            assert!(!output.exists(), "a refused instance left its file behind");
            Err(error)
        }
    }
}

fn index(file: &[u8]) -> InstanceIndex {
    index_instance(
        &mut std::io::Cursor::new(file),
        file.len() as u64,
        &Limits::default(),
    )
    .unwrap()
}

/// The metadata as JSON, without what describes the encoding.
fn described(file: &[u8]) -> serde_json::Value {
    let mut json: serde_json::Value = serde_json::from_slice(&index(file).metadata_json).unwrap();
    for encoding in ["7FE00010", "00280004", "00280006", "7FE00001", "7FE00002"] {
        json.as_object_mut().unwrap().remove(encoding);
    }
    json
}

fn frame(file: &[u8], number: u32) -> Vec<u8> {
    let found = index(file).frames;
    read_frame(
        &mut std::io::Cursor::new(file),
        &found,
        number,
        &Limits::default(),
    )
    .unwrap()
}

fn phantom(kind: PhantomKind, transfer_syntax: PhantomTransferSyntax) -> Vec<u8> {
    let options = PhantomOptions {
        instances: Some(3),
        edge: Some(65),
        transfer_syntax,
        ..PhantomOptions::default()
    };
    PhantomStudy::new(kind, options).instance(0).unwrap().bytes
}

#[test]
fn every_lossless_syntax_becomes_the_same_explicit_little_endian() {
    for kind in PhantomKind::ALL {
        let native = phantom(kind, PhantomTransferSyntax::ExplicitVrLittleEndian);
        let frames = index(&native).frames.count();
        for syntax in [
            PhantomTransferSyntax::ImplicitVrLittleEndian,
            PhantomTransferSyntax::RleLossless,
            PhantomTransferSyntax::JpegLsLossless,
            PhantomTransferSyntax::HtJ2kLosslessRpcl,
        ] {
            let put = put(&phantom(kind, syntax), EXPLICIT).unwrap();
            assert_eq!(index(&put).meta.transfer_syntax_uid.as_str(), EXPLICIT);
            assert_eq!(described(&put), described(&native), "{kind:?} {syntax:?}");
            assert_eq!(index(&put).warnings, [], "{kind:?} {syntax:?}");
            for number in 1..=frames {
                assert!(
                    frame(&put, number) == frame(&native, number),
                    "{kind:?} {syntax:?} {number}"
                );
            }
        }
    }
}

#[test]
fn every_native_encoding_becomes_the_same_explicit_little_endian() {
    let expected = described(&ct(Syntax::Explicit).file());
    for syntax in [Syntax::Implicit, Syntax::Big, Syntax::Deflated, Syntax::Explicit] {
        let put = put(&ct(syntax).file(), EXPLICIT).unwrap();
        assert_eq!(described(&put), expected, "{syntax:?}");
        for number in [1, 2] {
            let samples = frame(&ct(Syntax::Explicit).file(), number);
            assert_eq!(frame(&put, number), samples, "{syntax:?}");
        }
    }
}

#[test]
fn lossless_htj2k_holds_the_same_samples_and_says_so() {
    for kind in PhantomKind::ALL {
        let native = phantom(kind, PhantomTransferSyntax::ExplicitVrLittleEndian);
        for uid in [HTJ2K, "1.2.840.10008.1.2.4.201"] {
            let packed = put(&native, uid).unwrap();
            let found = index(&packed);
            assert_eq!(found.meta.transfer_syntax_uid.as_str(), uid);
            assert_eq!(found.frames.count(), index(&native).frames.count());
            let again = put(&packed, EXPLICIT).unwrap();
            for number in 1..=found.frames.count() {
                assert!(
                    frame(&again, number) == frame(&native, number),
                    "{kind:?} {number}"
                );
            }
            assert_eq!(described(&again), described(&native), "{kind:?}");
        }
    }
}

/// Two 8-bit frames in RLE, with a compressed icon.
fn with_icon() -> Vec<u8> {
    let mut set = DataSet::new(Syntax::Explicit);
    set.identity()
        .number(0x0028_0002, 1)
        .text(0x0028_0004, "CS", "MONOCHROME2")
        .text(0x0028_0008, "IS", "2")
        .number(0x0028_0010, 4)
        .number(0x0028_0011, 6)
        .number(0x0028_0100, 8)
        .number(0x0028_0101, 8)
        .number(0x0028_0102, 7)
        .number(0x0028_0103, 0);
    let pixels = |set: &mut DataSet| {
        set.header(0x7fe0_0010, "OB", common::UNDEFINED).item(&[]);
        for start in [0_u8, 100] {
            let frame: Vec<u8> = (start..start + 24).collect();
            set.item(&encode_rle_frame(&frame, 6, 1, 1).unwrap());
        }
        set.sequence_delimiter();
    };
    let mut icon = DataSet::new(Syntax::Explicit);
    pixels(&mut icon);
    set.header(0x0088_0200, "SQ", icon.bytes.len() as u32 + 8)
        .item(&icon.bytes);
    set.text(0x2050_0020, "CS", "IDENTITY");
    pixels(&mut set);
    part10("1.2.840.10008.1.2.5", &set.bytes)
}

#[test]
fn a_compressed_icon_does_not_stand_in_an_uncompressed_data_set() {
    let put = put(&with_icon(), EXPLICIT).unwrap();
    let metadata = described(&put);
    assert!(metadata.get("00880200").is_none());
    assert_eq!(metadata["20500020"]["Value"][0], "IDENTITY");
    assert_eq!(frame(&put, 2), (100..124).collect::<Vec<u8>>());
}

#[test]
fn what_describes_lossy_pixels_stays_true() {
    let lossy = phantom(
        PhantomKind::CardiacUltrasound,
        PhantomTransferSyntax::JpegBaseline,
    );
    let put = put(&lossy, EXPLICIT).unwrap();
    let metadata: serde_json::Value = serde_json::from_slice(&index(&put).metadata_json).unwrap();
    assert_eq!(metadata["00280004"]["Value"][0], "RGB");
    assert_eq!(metadata["00280006"]["Value"][0], 0);
    assert_eq!(metadata["00282110"]["Value"][0], "01");
    assert_eq!(metadata["00282114"]["Value"][0], "ISO_10918_1");
}

#[test]
fn a_report_changes_its_encoding_and_cannot_be_compressed() {
    let mut report = DataSet::new(Syntax::Implicit);
    report.identity().text(0x0040_a040, "CS", "CONTAINER");
    let put_anew = put(&report.file(), EXPLICIT).unwrap();
    assert_eq!(described(&put_anew), described(&report.file()));
    assert!(matches!(
        put(&report.file(), HTJ2K),
        Err(CodecError::Unsuitable { .. })
    ));
}

#[test]
fn what_was_cut_off_or_is_not_known_is_refused_without_a_file() {
    let whole = with_icon();
    assert!(put(&whole[..whole.len() - 40], EXPLICIT).is_err());
    assert!(put(b"not a DICOM file", EXPLICIT).is_err());
    assert!(matches!(
        put(&whole, "1.2.840.10008.1.2.4.50"),
        Err(CodecError::BadRequest { .. })
    ));
}

fn corpus() -> Vec<PathBuf> {
    fn below(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.path().is_dir() {
                below(&entry.path(), found);
            } else {
                found.push(entry.path());
            }
        }
    }
    let mut files = Vec::new();
    if let Some(folder) = std::env::var_os("TELERAD_TEST_CORPUS") {
        below(Path::new(&folder), &mut files);
        files.sort();
    }
    files
}

#[test]
fn every_real_file_keeps_its_attributes_in_every_syntax_that_carries_it() {
    for path in corpus() {
        let file = std::fs::read(&path).unwrap();
        let indexed = index_instance(
            &mut std::io::Cursor::new(&file),
            file.len() as u64,
            &Limits::default(),
        );
        let Ok(indexed) = indexed else { continue };
        for syntax in InstanceSyntax::ALL {
            let Ok(put) = put(&file, syntax.uid()) else {
                continue;
            };
            let found = index_instance(
                &mut std::io::Cursor::new(&put),
                put.len() as u64,
                &Limits::default(),
            )
            .unwrap_or_else(|refusal| panic!("{path:?} {syntax:?}: {refusal}"));
            assert_eq!(
                (&found.attributes.sop_instance_uid, found.frames.count()),
                (&indexed.attributes.sop_instance_uid, indexed.frames.count()),
                "{path:?} {syntax:?}"
            );
            assert_eq!(
                found.attributes.patient_id, indexed.attributes.patient_id,
                "{path:?}"
            );
        }
    }
}
