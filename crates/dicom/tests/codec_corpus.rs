//! Real files of many vendors, where they are at hand (`TELERAD_TEST_CORPUS` names the folder): every one is served
//! or refused with a reason, and none makes the codec panic.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "what cannot be prepared fails the test; the counts are what it is run for"
)]

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use dicom::codec::{CodecError, CodecReply, CodecRequest, RenderOptions, Source, Work, perform};

fn files_below(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files_below(&path, found);
        } else if path.extension().is_none_or(|extension| extension != "csv") {
            found.push(path);
        }
    }
}

fn corpus() -> Vec<PathBuf> {
    let mut files = Vec::new();
    if let Some(folder) = std::env::var_os("TELERAD_TEST_CORPUS") {
        files_below(Path::new(&folder), &mut files);
    }
    files
}

fn on(path: &Path, work: Work) -> Result<CodecReply, CodecError> {
    let request = CodecRequest {
        source: Source::File {
            path: path.to_owned(),
            offset: 0,
            length: std::fs::metadata(path).unwrap().len(),
        },
        work,
    };
    catch_unwind(AssertUnwindSafe(|| perform(request))).unwrap_or_else(|_| panic!("panicked on {path:?}"))
}

fn transfer_syntax(path: &Path) -> String {
    let bytes = std::fs::read(path).unwrap();
    let marker = [0x02, 0x00, 0x10, 0x00, b'U', b'I'];
    let Some(at) = bytes.windows(6).take(2000).position(|window| window == marker) else {
        return "none".to_owned();
    };
    let length = usize::from(bytes[at + 6]);
    String::from_utf8_lossy(&bytes[at + 8..at + 8 + length])
        .trim_matches(['\0', ' '])
        .to_owned()
}

/// Runs `work` on every file and prints outcomes by transfer syntax.
fn tally(name: &str, work: impl Fn(&Path) -> Work) -> usize {
    let mut outcomes: BTreeMap<String, BTreeMap<&str, usize>> = BTreeMap::new();
    let mut served = 0;
    for path in corpus() {
        let outcome = on(&path, work(&path));
        let code = match &outcome {
            Ok(_) => "ok",
            Err(error) => error.code(),
        };
        if let Err(error) = &outcome
            && !matches!(error, CodecError::NoPixels)
        {
            println!("{name} {} {} {error}", path.display(), transfer_syntax(&path));
        }
        assert!(
            !matches!(outcome, Err(CodecError::VerificationFailed { .. })),
            "{path:?}: {outcome:?}"
        );
        served += usize::from(outcome.is_ok());
        *outcomes
            .entry(transfer_syntax(&path))
            .or_default()
            .entry(code)
            .or_default() += 1;
    }
    for (transfer_syntax, counts) in &outcomes {
        println!("{name} {transfer_syntax:28} {counts:?}");
    }
    served
}

#[test]
fn every_file_gets_a_thumbnail_or_a_reason() {
    let served = tally("thumbnail", |_| Work::Thumbnail {
        max_edge: 256,
        frame: None,
    });
    println!("thumbnails: {served}");
}

#[test]
fn every_file_renders_or_says_why_not() {
    let served = tally("rendered", |_| Work::Rendered(RenderOptions::default()));
    println!("rendered: {served}");
}

#[test]
fn every_rendition_is_exact_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let served = tally("rendition", |path| Work::HtJ2k {
        output: folder.path().join(format!(
            "{}.{}",
            path.parent().unwrap().file_name().unwrap().to_string_lossy(),
            path.file_name().unwrap().to_string_lossy()
        )),
        first_frame: 0,
        frame_count: None,
    });
    println!("renditions: {served}");
}
