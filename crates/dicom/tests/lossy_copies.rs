//! Lossy copies: other objects that say what they are, and keep what they promise.

#![expect(clippy::unwrap_used, reason = "what cannot be prepared fails the test")]

use std::path::PathBuf;

use dicom::codec::{
    CodecError, CodecReply, CodecRequest, Derivation, HTJ2K_LOSSY, Source, Work, WrittenLossy, perform,
};
use dicom::phantom::{PhantomKind, PhantomOptions, PhantomStudy, PhantomTransferSyntax};
use dicom::{InstanceIndex, Limits, index_instance};
use serde_json::Value;

const NEW_INSTANCE: &str = "2.25.100";
const NEW_SERIES: &str = "2.25.200";

fn phantom(kind: PhantomKind, transfer_syntax: PhantomTransferSyntax) -> Vec<u8> {
    let options = PhantomOptions {
        instances: Some(2),
        edge: Some(128),
        transfer_syntax,
        ..PhantomOptions::default()
    };
    PhantomStudy::new(kind, options).instance(0).unwrap().bytes
}

fn copy(file: &[u8], least_psnr_db: u32) -> Result<(Vec<u8>, WrittenLossy), CodecError> {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("copy");
    let request = CodecRequest {
        source: Source::Inline(file.to_vec()),
        work: Work::Lossy {
            output: output.clone(),
            derivation: Derivation {
                sop_instance_uid: NEW_INSTANCE.to_owned(),
                series_instance_uid: NEW_SERIES.to_owned(),
                least_psnr_db,
            },
        },
    };
    match perform(request) {
        Ok(CodecReply::Lossy(written)) => {
            let bytes = std::fs::read(output).unwrap();
            assert_eq!(bytes.len() as u64, written.bytes);
            Ok((bytes, written))
        }
        Ok(other) => panic!("{other:?}"),
        Err(error) => {
            assert!(!output.exists(), "a refused copy left its file behind");
            Err(error)
        }
    }
}

fn index(file: &[u8]) -> InstanceIndex {
    let length = file.len() as u64;
    index_instance(&mut std::io::Cursor::new(file), length, &Limits::default()).unwrap()
}

fn json(file: &[u8]) -> Value {
    serde_json::from_slice(&index(file).metadata_json).unwrap()
}

fn samples(file: &[u8], frame: u32) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let output: PathBuf = folder.path().join("samples");
    let work = Work::Samples {
        output: output.clone(),
        frame,
    };
    let source = Source::Inline(file.to_vec());
    perform(CodecRequest { source, work }).unwrap();
    std::fs::read(output).unwrap()
}

/// 20 log₁₀ of the range of `wanted` over the root mean square error, of samples of `width` bytes.
fn psnr(wanted: &[u8], found: &[u8], width: usize, signed: bool) -> f64 {
    let value = |cell: &[u8]| match (width, signed) {
        (1, false) => f64::from(cell[0]),
        (2, false) => f64::from(u16::from_le_bytes([cell[0], cell[1]])),
        (2, true) => f64::from(i16::from_le_bytes([cell[0], cell[1]])),
        other => panic!("{other:?}"),
    };
    let wanted: Vec<f64> = wanted.chunks_exact(width).map(value).collect();
    let found: Vec<f64> = found.chunks_exact(width).map(value).collect();
    assert_eq!(wanted.len(), found.len());
    let squares: f64 = wanted.iter().zip(&found).map(|(a, b)| (a - b).powi(2)).sum();
    let least = wanted.iter().copied().fold(f64::INFINITY, f64::min);
    let most = wanted.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    20.0 * ((most - least) / (squares / wanted.len() as f64).sqrt()).log10()
}

#[test]
fn a_copy_is_another_object_that_says_what_it_is() {
    let original = phantom(PhantomKind::HeadCt, PhantomTransferSyntax::ExplicitVrLittleEndian);
    let (file, written) = copy(&original, 50).unwrap();
    let index = index(&file);
    assert_eq!(index.warnings, []);
    assert_eq!(index.meta.transfer_syntax_uid.as_str(), HTJ2K_LOSSY);
    assert_eq!(index.attributes.sop_instance_uid.as_str(), NEW_INSTANCE);
    assert_eq!(index.attributes.series_instance_uid.as_str(), NEW_SERIES);
    let (before, after) = (json(&original), json(&file));
    let text = |tag: &str| after[tag]["Value"][0].as_str().unwrap_or_default().to_owned();
    assert_eq!(text("00080008"), "DERIVED");
    assert_eq!(after["00080008"]["Value"][1], before["00080008"]["Value"][1]);
    assert_eq!(text("00282110"), "01");
    assert_eq!(text("00282114"), "ISO_15444_15");
    assert!(text("00082111").contains("50 dB"));
    let ratio = after["00282112"]["Value"][0].as_f64().unwrap();
    assert!(
        (ratio - written.ratio).abs() < 0.006 && ratio > 1.0,
        "{ratio} {written:?}"
    );
    let code = &after["00089215"]["Value"][0];
    assert_eq!(code["00080100"]["Value"][0], "113040");
    assert_eq!(code["00080102"]["Value"][0], "DCM");
    let source = &after["00082112"]["Value"][0];
    assert_eq!(source["00081150"]["Value"], before["00080016"]["Value"]);
    assert_eq!(source["00081155"]["Value"], before["00080018"]["Value"]);
    assert_eq!(source["0040A170"]["Value"][0]["00080100"]["Value"][0], "121320");
    // Everything else is as it was: patient, study, geometry, windows.
    let changed = [
        "00080008", "00080018", "00082111", "00082112", "00089215", "0020000E", "00282110", "00282112",
        "00282114", "7FE00010",
    ];
    for (tag, value) in before.as_object().unwrap() {
        assert!(changed.contains(&tag.as_str()) || after[tag] == *value, "{tag}");
    }
    for tag in after.as_object().unwrap().keys() {
        assert!(changed.contains(&tag.as_str()) || !before[tag].is_null(), "{tag}");
    }
}

#[test]
fn every_frame_keeps_what_was_promised() {
    for kind in PhantomKind::ALL {
        for syntax in [
            PhantomTransferSyntax::ExplicitVrLittleEndian,
            PhantomTransferSyntax::RleLossless,
            PhantomTransferSyntax::HtJ2kLosslessRpcl,
        ] {
            let original = phantom(kind, syntax);
            let of = index(&original);
            let width = usize::from(of.attributes.bits_allocated.unwrap() / 8);
            let signed = json(&original)["00280103"]["Value"][0] == 1;
            let mut before = 0;
            for least in [40, 60] {
                let (file, written) = copy(&original, least).unwrap();
                assert!(written.psnr_db >= f64::from(least), "{kind:?} {written:?}");
                let mut worst = f64::INFINITY;
                for frame in 0..of.frames.count() {
                    let (wanted, found) = (samples(&original, frame), samples(&file, frame));
                    worst = worst.min(psnr(&wanted, &found, width, signed));
                }
                assert!(
                    worst >= f64::from(least) - 0.01,
                    "{kind:?} {syntax:?} {least} {worst}"
                );
                assert!(file.len() > before, "{kind:?}: more is kept in more bytes");
                before = file.len();
            }
        }
    }
}

#[test]
fn nothing_is_lost_twice_and_nothing_that_has_no_shades() {
    let original = phantom(PhantomKind::HeadCt, PhantomTransferSyntax::ExplicitVrLittleEndian);
    let (once, _) = copy(&original, 50).unwrap();
    let twice = copy(&once, 40).map(|(_, written)| written);
    assert!(matches!(twice, Err(CodecError::Unsuitable { .. })), "{twice:?}");
    // Even a copy that lost nothing is told to keep 999 dB and no more.
    let impossible = copy(&original, 1000).map(|(_, written)| written);
    assert!(
        matches!(impossible, Err(CodecError::Unsuitable { .. })),
        "{impossible:?}"
    );
}
