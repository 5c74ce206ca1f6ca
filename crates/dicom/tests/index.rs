//! What the index says about honest files, in every encoding.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod common;

use common::{DataSet, Syntax, UNDEFINED, ct, part10};
use dicom::{
    Encoding, FrameIndex, InstanceIndex, Limits, Refusal, Section, Warning, index_instance, read_bulk_value,
    read_frame, resolve_bulk_uris,
};
use std::io::Cursor;

fn index(file: &[u8]) -> Result<InstanceIndex, Refusal> {
    index_instance(&mut Cursor::new(file), file.len() as u64, &Limits::default())
}

fn frames(file: &[u8], index: &InstanceIndex) -> Vec<Vec<u8>> {
    let read =
        |number| read_frame(&mut Cursor::new(file), &index.frames, number, &Limits::default()).unwrap();
    (1..=index.frames.count()).map(read).collect()
}

fn metadata(index: &InstanceIndex) -> serde_json::Value {
    serde_json::from_slice(&index.metadata_json).unwrap()
}

#[test]
fn every_encoding_of_a_data_set_gives_the_same_answer() {
    let expected: Vec<u8> = (0..24u16).flat_map(|sample| (sample * 3).to_le_bytes()).collect();
    let reference = index(&ct(Syntax::Explicit).file()).unwrap();
    for syntax in [Syntax::Implicit, Syntax::Explicit, Syntax::Big, Syntax::Deflated] {
        let file = ct(syntax).file();
        let index = index(&file).unwrap();
        assert_eq!(index.warnings, [], "{syntax:?}");
        assert_eq!(index.meta.transfer_syntax_uid.as_str(), syntax.uid());
        assert_eq!(index.attributes, reference.attributes, "{syntax:?}");
        assert_eq!(metadata(&index), metadata(&reference), "{syntax:?}");
        assert_eq!(
            frames(&file, &index),
            [&expected[..24], &expected[24..]],
            "{syntax:?}"
        );
        assert_eq!(
            matches!(index.frames, FrameIndex::Deflated { .. }),
            syntax == Syntax::Deflated
        );
    }
    let attributes = reference.attributes;
    assert_eq!(attributes.patient_person_name().display(), "Müller, Anna");
    assert_eq!(attributes.study_date.as_deref(), Some("20261122"));
    assert_eq!(
        (attributes.rows, attributes.columns, attributes.frames),
        (Some(3), Some(4), Some(2))
    );
    assert_eq!(
        (attributes.window_center, attributes.window_width),
        (Some(40.0), Some(400.0))
    );
}

#[test]
fn the_metadata_follows_the_json_model() {
    let index = index(&ct(Syntax::Explicit).file()).unwrap();
    let json = metadata(&index);
    assert_eq!(
        json["00080005"],
        serde_json::json!({"vr": "CS", "Value": ["ISO_IR 192"]})
    );
    assert_eq!(json["00100010"]["Value"][0]["Alphabetic"], "Müller^Anna");
    assert_eq!(json["00209116"]["Value"][0]["00081155"]["Value"][0], "1.2.3.9");
    assert_eq!(json["00400275"]["Value"][0]["00080100"]["Value"][0], "CODE");
    assert_eq!(json["00400275"]["Value"][1], serde_json::json!({}));
    assert_eq!(json["00281050"]["Value"], serde_json::json!([40, 50]));
    assert!(
        json.get("00020010").is_none(),
        "file meta is not part of the data set"
    );
    let resolved = resolve_bulk_uris(&index.metadata_json, "https://h/bulkdata/");
    let resolved: serde_json::Value = serde_json::from_slice(&resolved).unwrap();
    assert_eq!(resolved["7FE00010"]["BulkDataURI"], "https://h/bulkdata/7FE00010");
}

#[test]
fn a_file_without_preamble_or_meta_is_recognised() {
    for (syntax, encoding) in [
        (Syntax::Implicit, Encoding::ImplicitLittle),
        (Syntax::Explicit, Encoding::ExplicitLittle),
        (Syntax::Big, Encoding::ExplicitBig),
    ] {
        let index = index(&ct(syntax).bytes).unwrap();
        assert_eq!(index.meta.transfer_syntax.encoding, encoding);
        assert_eq!(
            index.warnings,
            [
                Warning::NoPreamble,
                Warning::NoFileMeta,
                Warning::TransferSyntaxGuessed
            ]
        );
        assert_eq!(index.frames.count(), 2);
    }
}

#[test]
fn odd_file_meta_is_read() {
    let set = ct(Syntax::Explicit);
    let mut meta = DataSet::new(Syntax::Explicit);
    // No group length, an AE title of 18 and a version name of 22 characters.
    meta.text(0x0002_0010, "UI", Syntax::Explicit.uid())
        .text(0x0002_0013, "SH", "TWENTY-TWO CHARACTERS!")
        .text(0x0002_0016, "AE", "EIGHTEEN CHARACTER");
    let mut file = vec![0; 128];
    file.extend(b"DICM");
    file.extend(&meta.bytes);
    file.extend(&set.bytes);
    let index = index(&file).unwrap();
    assert_eq!(
        index.meta.source_application_entity_title.as_deref(),
        Some("EIGHTEEN CHARACTER")
    );
    assert_eq!(index.meta.dataset_offset, 132 + meta.bytes.len() as u64);
    assert_eq!(index.warnings, []);
}

#[test]
fn a_data_set_that_is_not_written_as_declared_is_read_with_a_warning() {
    let file = part10(Syntax::Explicit.uid(), &ct(Syntax::Implicit).bytes);
    let index = index(&file).unwrap();
    assert_eq!(index.warnings, [Warning::EncodingMismatch]);
    assert_eq!(index.attributes.patient_id.as_deref(), Some("P-1"));
}

#[test]
fn an_executable_preamble_is_only_a_preamble() {
    let mut file = ct(Syntax::Explicit).file();
    file[..4].copy_from_slice(b"MZ\x90\0");
    assert!(index(&file).is_ok());
}

#[test]
fn a_section_of_a_batch_is_a_file_of_its_own() {
    let file = ct(Syntax::Deflated).file();
    let mut batch = vec![7; 512];
    batch.extend(&file);
    batch.extend([9; 512]);
    let mut section = Section::new(Cursor::new(&batch), 512, file.len() as u64).unwrap();
    let found = index_instance(&mut section, file.len() as u64, &Limits::default()).unwrap();
    assert_eq!(found, index(&file).unwrap());
    let frame = read_frame(&mut section, &found.frames, 2, &Limits::default()).unwrap();
    assert_eq!(frame, frames(&file, &found)[1]);
}

#[test]
fn an_unknown_vr_of_undefined_length_is_implicit_inside() {
    let mut set = DataSet::new(Syntax::Explicit);
    set.identity();
    set.header(0x0040_a730, "UN", UNDEFINED);
    let mut inside = DataSet::new(Syntax::Implicit);
    inside
        .header(0xfffe_e000, "", UNDEFINED)
        .text(0x0040_a040, "CS", "TEXT")
        .header(0xfffe_e00d, "", 0)
        .sequence_delimiter();
    set.bytes.extend(inside.bytes);
    set.text(0x0040_db00, "CS", "COMPLETE");
    let index = index(&set.file()).unwrap();
    let json = metadata(&index);
    assert_eq!(json["0040A730"]["Value"][0]["0040A040"]["Value"][0], "TEXT");
    assert_eq!(json["0040DB00"]["Value"][0], "COMPLETE");
    assert_eq!(
        index.warnings,
        [Warning::CharacterSet],
        "the name is not in the default set"
    );
}

#[test]
fn large_values_stay_in_the_file() {
    let mut set = DataSet::new(Syntax::Explicit);
    set.identity();
    let mut item = DataSet::new(Syntax::Explicit);
    item.element(0x0042_0011, "OB", &[7; 5000]);
    set.header(0x0088_0200, "SQ", item.bytes.len() as u32 + 8)
        .item(&item.bytes);
    let file = set.file();
    let index = index(&file).unwrap();
    let [bulk] = index.bulk.as_slice() else {
        panic!("{:?}", index.bulk)
    };
    assert_eq!(bulk.path, "00880200/0/00420011");
    assert_eq!(&file[bulk.offset as usize..][..bulk.length as usize], [7; 5000]);
    assert_eq!(
        metadata(&index)["00880200"]["Value"][0]["00420011"]["BulkDataURI"],
        "bulk:00880200/0/00420011"
    );
}

#[test]
fn the_first_of_two_equal_elements_counts() {
    let mut set = DataSet::new(Syntax::Explicit);
    set.identity()
        .text(0x0020_000e, "UI", "9.9.9")
        .text(0x0020_0011, "IS", "5");
    let index = index(&set.file()).unwrap();
    assert_eq!(index.attributes.series_instance_uid.as_str(), "1.2.3.1");
    assert_eq!(index.attributes.series_number, Some(5));
    assert!(index.warnings.contains(&Warning::DuplicateElement));
}

#[test]
fn fragments_are_not_frames() {
    let mut set = DataSet::new(Syntax::Explicit);
    set.identity()
        .dimensions(8, 8, "2")
        .header(0x7fe0_0010, "OB", UNDEFINED);
    set.item(&[])
        .item(&[0xff, 0xd8, 0xff, 1])
        .item(&[2, 3])
        .item(&[0xff, 0xd8, 0xff, 4])
        .sequence_delimiter();
    let file = part10("1.2.840.10008.1.2.4.50", &set.bytes);
    let index = index(&file).unwrap();
    assert_eq!(
        frames(&file, &index),
        [vec![0xff, 0xd8, 0xff, 1, 2, 3], vec![0xff, 0xd8, 0xff, 4]]
    );
}

#[test]
fn one_bit_frames_and_shared_chroma_have_their_own_sizes() {
    let mut segmentation = DataSet::new(Syntax::Explicit);
    segmentation
        .identity()
        .number(0x0028_0002, 1)
        .text(0x0028_0008, "IS", "3")
        .number(0x0028_0010, 3)
        .number(0x0028_0011, 3)
        .number(0x0028_0100, 1)
        .element(0x7fe0_0010, "OB", &[0b1111_1111, 0b0000_0001, 0b1111_1100, 0b111]);
    let file = segmentation.file();
    let ones: Vec<u32> = frames(&file, &index(&file).unwrap())
        .iter()
        .flatten()
        .map(|byte| byte.count_ones())
        .collect();
    assert_eq!(ones, [8, 1, 0, 0, 8, 1]);

    let mut ultrasound = DataSet::new(Syntax::Explicit);
    ultrasound
        .identity()
        .number(0x0028_0002, 3)
        .text(0x0028_0004, "CS", "YBR_FULL_422")
        .number(0x0028_0010, 2)
        .number(0x0028_0011, 4)
        .number(0x0028_0100, 8)
        .element(0x7fe0_0010, "OB", &[5; 16]);
    let file = ultrasound.file();
    assert_eq!(frames(&file, &index(&file).unwrap()), [vec![5; 16]]);
}

#[test]
fn big_endian_samples_of_32_bits_are_swapped_whole() {
    let mut dose = DataSet::new(Syntax::Big);
    dose.identity()
        .number(0x0028_0010, 1)
        .number(0x0028_0011, 2)
        .number(0x0028_0100, 32)
        .header(0x7fe0_0010, "OW", 8)
        .bytes
        .extend([0x00, 0x13, 0x0e, 0xe8, 0x00, 0x00, 0x00, 0x01]);
    let file = dose.file();
    assert_eq!(
        frames(&file, &index(&file).unwrap()),
        [[0xe8, 0x0e, 0x13, 0x00, 0x01, 0x00, 0x00, 0x00]]
    );
}

#[test]
fn padding_after_the_data_set_is_tolerated() {
    for padding in [&[0; 100][..], &[0xaa; 3]] {
        let mut file = ct(Syntax::Explicit).file();
        file.extend(padding);
        assert_eq!(index(&file).unwrap().warnings, [Warning::TrailingBytes]);
    }
}

#[test]
fn every_bulk_value_is_read_little_endian_whatever_the_encoding() {
    let words: Vec<u8> = (0..40).collect();
    let limits = Limits {
        inline_binary_bytes: 8,
        ..Limits::default()
    };
    for syntax in [Syntax::Implicit, Syntax::Explicit, Syntax::Big, Syntax::Deflated] {
        let mut icon = DataSet::new(syntax);
        icon.element(0x7fe0_0010, "OW", &words);
        let mut set = DataSet::new(syntax);
        set.identity();
        set.header(0x0088_0200, "SQ", UNDEFINED)
            .item(&icon.bytes)
            .sequence_delimiter();
        set.dimensions(2, 10, "1");
        if syntax != Syntax::Implicit {
            set.element(0x0066_0016, "OF", &words);
        }
        set.element(0x7fe0_0010, "OW", &words);
        let file = set.file();
        let index = index_instance(&mut Cursor::new(&file), file.len() as u64, &limits).unwrap();
        let named = serde_json::to_string(&metadata(&index))
            .unwrap()
            .matches("bulk:")
            .count();
        assert_eq!(named, index.bulk.len(), "{syntax:?}");
        assert!(index.bulk.iter().any(|value| value.path == "00880200/0/7FE00010"));
        for value in &index.bulk {
            let bytes = read_bulk_value(&mut Cursor::new(&file), value, &limits).unwrap();
            assert_eq!(bytes, words, "{syntax:?} {}", value.path);
        }
    }
}

#[test]
fn an_empty_pixel_data_is_none() {
    let mut set = DataSet::new(Syntax::Explicit);
    set.identity().dimensions(512, 512, "1");
    set.element(0x7fe0_0010, "OW", &[]);
    let index = index(&set.file()).unwrap();
    assert_eq!(index.frames, FrameIndex::None);
    assert!(index.warnings.contains(&Warning::NoPixelData));
    assert!(index.bulk.is_empty());
    assert_eq!(metadata(&index)["7FE00010"], serde_json::json!({"vr": "OW"}));
}
