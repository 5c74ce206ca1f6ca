//! Files made to hurt. Each runs on a small stack; each gets a clear answer.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod common;

use common::{DataSet, Syntax, UNDEFINED, ct, part10};
use dicom::{InstanceIndex, Limits, Refusal, index_instance};
use proptest::prelude::*;
use std::io::Cursor;

fn index_under(limits: &Limits, file: &[u8]) -> Result<InstanceIndex, Refusal> {
    index_instance(&mut Cursor::new(file), file.len() as u64, limits)
}

fn index(file: &[u8]) -> Result<InstanceIndex, Refusal> {
    index_under(&Limits::default(), file)
}

/// The code of the refusal, found on a stack of 128 KiB: recursion would abort.
fn code(file: Vec<u8>) -> &'static str {
    let thread = std::thread::Builder::new()
        .stack_size(128 << 10)
        .spawn(move || index(&file));
    thread
        .unwrap()
        .join()
        .unwrap()
        .map_or_else(|refusal| refusal.code(), |_| "accepted")
}

fn instance() -> DataSet {
    let mut set = DataSet::new(Syntax::Explicit);
    set.identity();
    set
}

#[test]
fn nesting_is_bounded_at_any_depth() {
    for depth in [65, 1000, 100_000] {
        for (syntax, vr) in [
            (Syntax::Explicit, "SQ"),
            (Syntax::Implicit, "SQ"),
            (Syntax::Big, "SQ"),
        ] {
            let mut set = DataSet::new(syntax);
            set.identity();
            for _ in 0..depth {
                set.header(0x0040_a730, vr, UNDEFINED)
                    .header(0xfffe_e000, "", UNDEFINED);
            }
            assert_eq!(code(set.file()), "DATASET_HOSTILE", "{depth} {syntax:?}");
        }
        let mut unknown = instance();
        unknown
            .header(0x0040_a730, "UN", UNDEFINED)
            .header(0xfffe_e000, "", UNDEFINED);
        let mut inside = DataSet::new(Syntax::Implicit);
        for _ in 0..depth {
            inside
                .header(0x0009_1001, "", UNDEFINED)
                .header(0xfffe_e000, "", UNDEFINED);
        }
        unknown.bytes.extend(inside.bytes);
        assert_eq!(code(unknown.file()), "DATASET_HOSTILE", "{depth} UN");
    }
}

#[test]
fn nesting_up_to_the_limit_is_accepted() {
    let mut set = instance();
    for _ in 0..64 {
        set.header(0x0040_a730, "SQ", UNDEFINED)
            .header(0xfffe_e000, "", UNDEFINED);
    }
    for _ in 0..64 {
        set.header(0xfffe_e00d, "", 0).sequence_delimiter();
    }
    assert_eq!(code(set.file()), "accepted");
}

#[test]
fn a_length_beyond_the_file_is_never_believed() {
    for length in [0xffff_fffe, 0x8000_0000, 1 << 20] {
        for vr in ["UN", "OB", "UT", "SQ"] {
            let mut set = instance();
            set.header(0x0042_0011, vr, length);
            assert_eq!(code(set.file()), "INSTANCE_TRUNCATED", "{vr} {length:x}");
        }
        let mut item = instance();
        item.header(0x0040_a730, "SQ", UNDEFINED)
            .header(0xfffe_e000, "", length);
        assert_eq!(code(item.file()), "INSTANCE_TRUNCATED");
        let mut fragment = instance();
        fragment
            .dimensions(8, 8, "1")
            .header(0x7fe0_0010, "OB", UNDEFINED)
            .item(&[]);
        fragment
            .header(0xfffe_e000, "", length)
            .bytes
            .extend([0xff, 0xd8]);
        assert_eq!(
            code(part10("1.2.840.10008.1.2.4.50", &fragment.bytes)),
            "INSTANCE_TRUNCATED"
        );
    }
}

#[test]
fn dimensions_are_checked_against_the_bytes() {
    let bomb = |rows, columns, frames: &str| {
        let mut set = instance();
        set.dimensions(rows, columns, frames)
            .element(0x7fe0_0010, "OW", &[0; 16]);
        code(set.file())
    };
    assert_eq!(bomb(65535, 65535, "1000"), "INSTANCE_TRUNCATED");
    assert_eq!(bomb(65535, 65535, "4294967295"), "DATASET_HOSTILE");
    assert_eq!(bomb(3, 3, "1"), "INSTANCE_TRUNCATED");
    assert_eq!(bomb(0, 512, "1"), "DATASET_HOSTILE");
    assert_eq!(bomb(2, 4, "1"), "accepted");
    assert_eq!(bomb(2, 2, "2"), "accepted");
}

#[test]
fn a_deflate_bomb_stops_at_the_ratio() {
    let mut set = DataSet::new(Syntax::Deflated);
    set.identity().header(0x0042_0011, "OB", 200 << 20);
    set.bytes.resize(set.bytes.len() + (200 << 20), 0);
    let file = set.file();
    assert!(file.len() < 1 << 20);
    assert_eq!(code(file), "DATASET_HOSTILE");
}

#[test]
fn a_deflated_data_set_that_is_cut_or_none_is_refused() {
    let file = ct(Syntax::Deflated).file();
    let body = file.len() - 40;
    assert_eq!(code(file[..body].to_vec()), "INSTANCE_TRUNCATED");
    assert_eq!(
        code(part10(Syntax::Deflated.uid(), &[0xff; 100])),
        "DATASET_HOSTILE"
    );
}

#[test]
fn counts_are_bounded() {
    let limits = Limits {
        elements: 1000,
        fragments: 100,
        metadata_bytes: 100_000,
        ..Limits::default()
    };
    let mut elements = instance();
    for at in 0..2000 {
        elements.number(0x0009_1000 + at, 1);
    }
    assert_eq!(
        index_under(&limits, &elements.file()).unwrap_err().code(),
        "DATASET_HOSTILE"
    );

    let mut items = instance();
    items.header(0x0040_a730, "SQ", UNDEFINED);
    for _ in 0..2000 {
        items.item(&[]);
    }
    items.sequence_delimiter();
    assert_eq!(
        index_under(&limits, &items.file()).unwrap_err().code(),
        "DATASET_HOSTILE"
    );

    let mut fragments = instance();
    fragments
        .dimensions(8, 8, "1")
        .header(0x7fe0_0010, "OB", UNDEFINED);
    for _ in 0..200 {
        fragments.item(&[]);
    }
    fragments.sequence_delimiter();
    let file = part10("1.2.840.10008.1.2.4.50", &fragments.bytes);
    assert_eq!(index_under(&limits, &file).unwrap_err().code(), "DATASET_HOSTILE");

    // A million empty values are five bytes each in the metadata.
    let mut values = instance();
    values.text(0x0040_a160, "UC", &"\\".repeat(200_000));
    assert_eq!(
        index_under(&limits, &values.file()).unwrap_err().code(),
        "DATASET_HOSTILE"
    );
    assert!(index(&values.file()).is_ok());
}

#[test]
fn values_beyond_the_budget_stay_in_the_file() {
    let limits = Limits {
        held_bytes: 1000,
        ..Limits::default()
    };
    let mut set = instance();
    for at in 0..50 {
        set.text(0x0009_1000 + at, "LT", &"x".repeat(100));
    }
    let index = index_under(&limits, &set.file()).unwrap();
    assert!(index.bulk.len() > 40);
}

#[test]
fn uids_that_could_leave_a_folder_are_refused() {
    let with = |study: &str| {
        let mut set = DataSet::new(Syntax::Explicit);
        set.text(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.2")
            .text(0x0008_0018, "UI", "1.2.3.4");
        set.text(0x0020_000d, "UI", study)
            .text(0x0020_000e, "UI", "1.2.3.1");
        code(set.file())
    };
    let long = format!("1.{}", "2".repeat(63));
    for hostile in [
        "../../etc/passwd",
        "/1.2",
        "1.2/../3",
        "1.2\0/3",
        "1..2",
        "",
        "1.2\\1.3",
        "é",
        long.as_str(),
    ] {
        assert_eq!(with(hostile), "INVALID_UID", "{hostile:?}");
    }
    for good in ["1.2.3", "1.2.3 ", "1.2.3\0\0", &long[..64]] {
        assert_eq!(with(good), "accepted", "{good:?}");
    }
}

#[test]
fn what_is_not_dicom_is_said_so() {
    assert_eq!(code(Vec::new()), "INSTANCE_EMPTY");
    for other in [
        &b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..],
        b"PK\x03\x04",
        b"%PDF-1.7",
        b"{\"a\": 1}",
        b"\xff\xd8\xff\xe0",
        &[0; 5000],
        &[8, 0],
        b"<html>",
    ] {
        assert_eq!(code(other.to_vec()), "NOT_DICOM", "{other:?}");
    }
}

#[test]
fn a_file_cut_anywhere_but_between_elements_is_refused() {
    for syntax in [Syntax::Explicit, Syntax::Implicit, Syntax::Big] {
        let set = ct(syntax);
        let file = set.file();
        let start = file.len() - set.bytes.len();
        for cut in 0..file.len() {
            let between = cut
                .checked_sub(start)
                .is_some_and(|at| set.boundaries.contains(&at));
            match index(&file[..cut]) {
                Ok(_) if !between => panic!("{syntax:?} cut at {cut} of {} was accepted", file.len()),
                Ok(index) => assert_eq!(index.frames.count(), 0, "no pixels are left"),
                Err(Refusal::NotDicom(_)) => assert!(cut < 132),
                Err(Refusal::InvalidUid { .. }) => assert!(between, "{syntax:?} {cut}"),
                Err(refusal) => assert!(
                    matches!(refusal.code(), "INSTANCE_TRUNCATED" | "INSTANCE_EMPTY"),
                    "{refusal}"
                ),
            }
        }
    }
}

#[test]
fn a_source_shorter_than_it_is_said_to_be_is_cut() {
    let mut set = instance();
    set.dimensions(256, 256, "1")
        .element(0x7fe0_0010, "OW", &[0; 131_072]);
    let file = set.file();
    let short = &file[..file.len() - 1];
    let refusal = index_instance(&mut Cursor::new(short), file.len() as u64, &Limits::default()).unwrap_err();
    assert_eq!(refusal.code(), "INSTANCE_TRUNCATED");
}

#[test]
fn compressed_pixels_cut_anywhere_are_refused() {
    let mut set = instance();
    set.dimensions(8, 8, "2").header(0x7fe0_0010, "OB", UNDEFINED);
    let pixels = set.bytes.len();
    set.item(&[])
        .item(&[0xff, 0xd8, 0xff, 1])
        .item(&[0xff, 0xd8, 0xff, 2]);
    let complete = set.bytes.len();
    set.sequence_delimiter();
    for cut in pixels..set.bytes.len() {
        let result = index(&part10("1.2.840.10008.1.2.4.50", &set.bytes[..cut]));
        // Only the delimiter may be missing, not a part of it.
        assert_eq!(result.is_ok(), cut == complete, "{cut}");
    }
}

#[test]
fn an_unknown_transfer_syntax_is_read_if_it_can_be() {
    let known = ct(Syntax::Explicit);
    assert_eq!(code(part10("1.2.3.4.5.6", &known.bytes)), "accepted");
    let odd: Vec<u8> = (0..200u8).map(|byte| byte.wrapping_mul(37) | 0x80).collect();
    assert_eq!(code(part10("1.2.3.4.5.6", &odd)), "TRANSFER_SYNTAX_UNKNOWN");
}

/// A file with something of everything, to be mutated.
fn specimen() -> Vec<u8> {
    let mut set = ct(Syntax::Explicit);
    set.bytes.truncate(*set.boundaries.iter().rev().nth(1).unwrap());
    set.header(0x7fe0_0001, "OV", 8).bytes.extend([0; 8]);
    set.header(0x7fe0_0010, "OB", UNDEFINED);
    set.item(&[0, 0, 0, 0, 12, 0, 0, 0])
        .item(&[0xff, 0xd8, 0xff, 1])
        .item(&[0xff, 0xd8, 0xff, 2]);
    set.sequence_delimiter();
    part10("1.2.840.10008.1.2.4.50", &set.bytes)
}

fn check_answer(file: &[u8]) {
    let limits = Limits {
        inflated_bytes: 1 << 20,
        ..Limits::default()
    };
    if let Ok(index) = index_under(&limits, file) {
        serde_json::from_slice::<serde_json::Value>(&index.metadata_json).expect("the metadata is JSON");
        assert!(dicom::FrameIndex::from_blob(&index.frames.to_blob()).as_ref() == Ok(&index.frames));
        for number in [1, index.frames.count()] {
            let Some(location) = index.frames.frame(number) else {
                continue;
            };
            let inside = |range: &dicom::ByteRange| range.offset + range.length <= file.len() as u64;
            assert!(location.inflated || location.ranges.iter().all(inside));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_bytes_get_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        check_answer(&bytes);
        check_answer(&part10("1.2.840.10008.1.2", &bytes));
        check_answer(&part10("1.2.840.10008.1.2.1", &bytes));
        check_answer(&part10("1.2.840.10008.1.2.1.99", &bytes));
    }

    #[test]
    fn any_mutation_gets_an_answer(
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        cut in prop::option::of(any::<prop::sample::Index>()),
        splice in prop::option::of((any::<prop::sample::Index>(), prop::collection::vec(any::<u8>(), 0..16))),
    ) {
        let mut file = specimen();
        for (at, byte) in flips {
            let at = at.index(file.len());
            file[at] = byte;
        }
        if let Some((at, bytes)) = splice {
            let at = at.index(file.len());
            file.splice(at..at, bytes);
        }
        if let Some(cut) = cut {
            file.truncate(cut.index(file.len()));
        }
        check_answer(&file);
    }

    #[test]
    fn any_arrangement_of_elements_and_delimiters_gets_an_answer(
        pieces in prop::collection::vec((0usize..9, any::<u16>(), 0u32..40), 0..60),
    ) {
        let mut set = instance();
        for (kind, element, length) in pieces {
            let tag = 0x0040_0000 | u32::from(element);
            match kind {
                0 => set.header(0xfffe_e000, "", UNDEFINED),
                1 => set.header(0xfffe_e00d, "", 0),
                2 => set.header(0xfffe_e0dd, "", 0),
                3 => set.header(0xfffe_e000, "", length),
                4 => set.header(tag, "SQ", UNDEFINED),
                5 => set.header(tag, "SQ", length),
                6 => set.header(tag, "UN", UNDEFINED),
                7 => set.header(tag, "OB", UNDEFINED),
                _ => set.element(tag, "LO", &vec![b'x'; length as usize]),
            };
        }
        set.bytes.extend([0; 64]);
        check_answer(&set.file());
    }
}
