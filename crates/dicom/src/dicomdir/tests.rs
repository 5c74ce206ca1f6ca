//! A directory is written, and read again by the walk that everything goes through.

use super::{DirectoryWriter, FileIds, read_file_ids};
use crate::index::{InstanceIndex, index_instance};
use crate::limits::Limits;
use crate::phantom::{PhantomKind, PhantomOptions, PhantomStudy};
use proptest::prelude::*;
use std::io::Cursor;

fn phantom(kind: PhantomKind) -> InstanceIndex {
    let options = PhantomOptions {
        instances: Some(1),
        edge: Some(16),
        ..PhantomOptions::default()
    };
    let bytes = PhantomStudy::new(kind, options).next().unwrap().unwrap().bytes;
    let length = bytes.len() as u64;
    index_instance(&mut Cursor::new(bytes), length, &Limits::default()).unwrap()
}

fn word(file: &[u8], at: usize) -> usize {
    u32::from_le_bytes(file[at..at + 4].try_into().unwrap()) as usize
}

/// Where the value of the first element of this number lies. Its representation tells it from an offset.
fn value_of(file: &[u8], from: usize, element: u16, vr: [u8; 2]) -> usize {
    let [low, high] = element.to_le_bytes();
    let at = memchr::memmem::find(&file[from..], &[4, 0, low, high, vr[0], vr[1]]).unwrap();
    from + at + 8
}

/// Follows the offsets from a record on: the types, with an item's lower records behind it in brackets.
fn follow(file: &[u8], mut at: usize) -> String {
    let mut said = String::new();
    while at != 0 {
        assert_eq!(
            file[at..at + 4],
            [0xfe, 0xff, 0x00, 0xe0],
            "an item begins where an offset points to"
        );
        let kind = value_of(file, at, 0x1430, *b"CS");
        said.push(char::from(file[kind]));
        let lower = word(file, value_of(file, at, 0x1420, *b"UL"));
        if lower != 0 {
            said.push('(');
            said.push_str(&follow(file, lower));
            said.push(')');
        }
        at = word(file, value_of(file, at, 0x1400, *b"UL"));
    }
    said
}

proptest! {
    #[test]
    fn every_record_is_reached_from_the_root(shape in prop::collection::vec((0_u8..3, 0_u8..3, 0_u8..3), 0..20)) {
        let index = phantom(PhantomKind::HeadCt);
        let mut shape = shape;
        shape.sort_unstable();
        let mut ids = FileIds::default();
        let mut directory = DirectoryWriter::begin(Cursor::new(Vec::new()), "2.25.1", "TEST").unwrap();
        let mut expected = Vec::new();
        for (patient, study, series) in &shape {
            let names = [patient.to_string(), study.to_string(), series.to_string()];
            let id = ids.next(&names[0], &names[1], &names[2]);
            directory.add(&index, &id).unwrap();
            expected.push(id.components().to_vec());
        }
        let file = directory.finish().unwrap().into_inner();
        let root = word(&file, value_of(&file, 0, 0x1200, *b"UL"));
        let tree = follow(&file, root);
        prop_assert_eq!(tree.matches('I').count(), shape.len());
        shape.dedup();
        // S stands for a study and for a series.
        let mut studies: Vec<_> = shape.iter().map(|(patient, study, _)| (patient, study)).collect();
        studies.dedup();
        prop_assert_eq!(tree.matches('S').count(), shape.len() + studies.len());
        let mut patients: Vec<_> = shape.iter().map(|(patient, ..)| patient).collect();
        patients.dedup();
        prop_assert_eq!(tree.matches('P').count(), patients.len());

        let mut found = Vec::new();
        let length = file.len() as u64;
        read_file_ids(&mut Cursor::new(file), length, &Limits::default(), |id| found.push(id)).unwrap();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn no_bytes_hurt_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let length = bytes.len() as u64;
        let _ = read_file_ids(&mut Cursor::new(bytes), length, &Limits::default(), |_| {});
    }
}

#[test]
fn a_record_says_whose_the_study_is() {
    let mut directory = DirectoryWriter::begin(Cursor::new(Vec::new()), "2.25.1", "TEST").unwrap();
    let id = FileIds::default().next("a", "b", "c");
    directory.add(&phantom(PhantomKind::KneeMr), &id).unwrap();
    let file = directory.finish().unwrap().into_inner();
    for text in [
        "Phantom^Knee",
        "DICOM\\P0000001\\T0000001\\S0000001\\I0000001",
        "1.2.840.10008.1.3.10",
    ] {
        assert!(memchr::memmem::find(&file, text.as_bytes()).is_some(), "{text}");
    }
}
