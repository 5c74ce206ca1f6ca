//! DICOM files to send: generated ones, and the corpus where one is at hand.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use dicom::phantom::{PhantomInstance, PhantomKind, PhantomOptions, PhantomPatient, PhantomStudy};

/// A small study of `kind`; another `seed` is another study of another patient.
pub fn study(kind: PhantomKind, seed: u64, instances: u32) -> Vec<PhantomInstance> {
    let options = PhantomOptions {
        seed,
        patient: PhantomPatient {
            name: None,
            id: format!("PHANTOM-{seed}"),
            birth_date: "19600229".to_owned(),
            sex: "F".to_owned(),
        },
        accession_number: format!("A{seed}"),
        instances: Some(instances),
        edge: Some(64),
        ..PhantomOptions::default()
    };
    PhantomStudy::new(kind, options)
        .map(|instance| instance.expect("every kind can be made"))
        .collect()
}

/// The bytes of instances, as STOW takes them.
pub fn bytes_of(instances: &[PhantomInstance]) -> Vec<&[u8]> {
    instances
        .iter()
        .map(|instance| instance.bytes.as_slice())
        .collect()
}

/// Files below the folders `names` of the corpus that `TELERAD_TEST_CORPUS` names; none without it.
pub fn corpus(names: &[&str]) -> Vec<PathBuf> {
    let Some(root) = env::var_os("TELERAD_TEST_CORPUS") else {
        return Vec::new();
    };
    let mut files = Vec::new();
    for name in names {
        collect(&Path::new(&root).join(name), &mut files);
    }
    files.sort();
    files
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "dcm") {
            files.push(path);
        }
    }
}
