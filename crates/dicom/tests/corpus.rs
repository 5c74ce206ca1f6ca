//! Real files of many vendors, where a folder of them is at hand.
//!
//! `TELERAD_TEST_CORPUS` names a folder with `real`, `made`, `edge` and `series` (files that other readers take:
//! they must index, or be refused for the reason listed here), `malformed` and `samples` (good and broken ones:
//! anything but harm). Without it this test says so and passes; what must always hold is tested on generated files.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

use dicom::{FrameIndex, InstanceIndex, Limits, Refusal, index_instance, read_frame};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// Files that are rightly refused: name, code, why.
const EXPLAINED: &[(&str, &str, &str)] = &[
    (
        "fo__chrSQEncoding1.dcm",
        "INVALID_UID",
        "a fragment for testing text, without study and series",
    ),
    (
        "nibabel__decimal_rescale.dcm",
        "INVALID_UID",
        "a fragment for testing numbers, without study",
    ),
    (
        "pydicom__JPEGLSNearLossless_16.dcm",
        "INVALID_UID",
        "pixels for testing a codec, without study",
    ),
    (
        "pydicom__SC_rgb_jls_lossy_line.dcm",
        "INVALID_UID",
        "pixels for testing a codec, without study",
    ),
    (
        "pydicom__UN_sequence.dcm",
        "INVALID_UID",
        "one private sequence, without study",
    ),
    ("pydicom__fall.dcm", "INVALID_UID", "StudyInstanceUID is empty"),
    (
        "pydicom_pydicom__HTJ2K_08_RGB.dcm",
        "INVALID_UID",
        "pixels for testing a codec, without study",
    ),
    (
        "pydicom_pydicom__JLSL_16_15_1_1F.dcm",
        "INVALID_UID",
        "pixels for testing a codec, without study",
    ),
    (
        "pydicom_pylibjpeg__JPEGLosslessP14SV1_1s_1f_u_16_16.dcm",
        "INVALID_UID",
        "SOPInstanceUID is empty",
    ),
    (
        "pydicom__DICOMDIR-empty.dcm",
        "NOT_DICOM",
        "the table of contents of a medium",
    ),
    (
        "pydicom_pydicom__JLSL_RGB_ILV2.dcm",
        "INVALID_UID",
        "pixels for testing a codec, without SOPInstanceUID",
    ),
    (
        "pydicom_pydicom__bad_sequence.dcm",
        "INVALID_UID",
        "SOPInstanceUID is a hexadecimal hash",
    ),
    (
        "robyoung_dicom__empty_charset_LEI.dcm",
        "INVALID_UID",
        "a fragment for testing text, without UIDs",
    ),
    (
        "robyoung_dicom__meta_missing_tsyntax.dcm",
        "INVALID_UID",
        "a fragment for testing file meta, without UIDs",
    ),
    (
        "robyoung_dicom__no_meta_group_length.dcm",
        "INVALID_UID",
        "a fragment for testing file meta, without study",
    ),
];

fn corpus() -> Option<PathBuf> {
    let folder = std::env::var_os("TELERAD_TEST_CORPUS").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("TELERAD_TEST_CORPUS is not set: no corpus to walk");
    }
    folder
}

/// All files under `folder`, however deep.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path)
            } else {
                found.push(path)
            }
        }
    }
    found.sort();
    found
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

fn index(path: &Path) -> Result<InstanceIndex, Refusal> {
    let mut file = File::open(path).unwrap();
    let length = file.metadata().unwrap().len();
    index_instance(&mut file, length, &Limits::default())
}

/// What must hold of every accepted instance.
fn check_accepted(path: &Path, index: &InstanceIndex) -> Result<(), String> {
    let metadata: serde_json::Value =
        serde_json::from_slice(&index.metadata_json).map_err(|error| format!("metadata: {error}"))?;
    let sop = &metadata["00080018"]["Value"][0];
    if !sop.is_null() && sop != index.attributes.sop_instance_uid.as_str() {
        return Err(format!("metadata names {sop}"));
    }
    if FrameIndex::from_blob(&index.frames.to_blob()).as_ref() != Ok(&index.frames) {
        return Err("the blob is another index".to_owned());
    }
    let mut file = File::open(path).unwrap();
    let count = index.frames.count();
    for number in [1.min(count), count / 2, count]
        .into_iter()
        .filter(|number| *number > 0)
    {
        let frame = read_frame(&mut file, &index.frames, number, &Limits::default());
        if frame
            .map_err(|error| format!("frame {number}: {error}"))?
            .is_empty()
        {
            return Err(format!("frame {number} is empty"));
        }
    }
    if index.frames.frame(count + 1).is_some() {
        return Err("there is a frame after the last".to_owned());
    }
    Ok(())
}

#[test]
fn every_legal_file_is_indexed_or_refused_for_a_listed_reason() {
    let Some(corpus) = corpus() else { return };
    if !corpus.join("real").is_dir() {
        return;
    }
    let (mut accepted, mut refused, mut wrong) = (0, 0, Vec::new());
    let mut oddities: BTreeMap<String, usize> = BTreeMap::new();
    for folder in ["real", "made", "edge", "series"] {
        for path in files(&corpus.join(folder)) {
            let name = name_of(&path);
            let explained = EXPLAINED.iter().find(|(file, ..)| *file == name);
            match (index(&path), explained) {
                (Ok(index), None) => {
                    accepted += 1;
                    if let Err(problem) = check_accepted(&path, &index) {
                        wrong.push(format!("{folder}/{name}: {problem}"));
                    }
                    for warning in &index.warnings {
                        *oddities.entry(warning.to_string()).or_default() += 1;
                    }
                }
                (Err(refusal), Some((_, code, _))) if refusal.code() == *code => refused += 1,
                (Err(refusal), _) => wrong.push(format!("{folder}/{name}: {} {refusal}", refusal.code())),
                (Ok(_), Some((_, code, _))) => wrong.push(format!("{folder}/{name}: accepted, not {code}")),
            }
        }
    }
    println!("{accepted} accepted, {refused} refused as listed");
    for (warning, count) in oddities {
        println!("{count:5} {warning}");
    }
    assert!(wrong.is_empty(), "{} files:\n{}", wrong.len(), wrong.join("\n"));
    assert!(accepted > 0, "the corpus is empty");
}

#[test]
fn malformed_files_are_answered_and_do_no_harm() {
    let Some(corpus) = corpus() else { return };
    let mut all = files(&corpus.join("malformed"));
    all.extend(files(&corpus.join("samples")));
    for path in all {
        match index(&path) {
            Ok(index) => {
                println!("{}: accepted, {:?}", name_of(&path), index.warnings);
                assert_eq!(check_accepted(&path, &index), Ok(()), "{}", name_of(&path));
            }
            Err(refusal) => println!("{}: {} {refusal}", name_of(&path), refusal.code()),
        }
    }
}
