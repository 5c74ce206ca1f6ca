//! What must never come out, and what must.

use super::table::ROWS;
use super::{
    BurnedIn, DecodedPixels, Deidentification, DeidentifyError, Profile, ProfileOption, Pseudonyms, Region,
    deidentify, needs_decoding,
};
use crate::index::{InstanceIndex, index_instance};
use crate::limits::Limits;
use crate::phantom::{PhantomKind, PhantomOptions, PhantomStudy, PhantomTransferSyntax};
use crate::tag::{Tag, tags};
use crate::writing::{ElementWriter, write_file_meta};
use dicom_core::VR;
use proptest::prelude::*;
use std::io::Cursor;

/// A generated element: a sentinel text, or a sequence.
#[derive(Debug, Clone)]
enum Node {
    Text(u32, u64),
    Uid(u32, &'static str),
    Sequence(u32, Vec<Vec<Node>>),
}

fn sentinel(number: u64) -> String {
    format!("Zz{number:016x}qQ")
}

/// Tags of the table, of private groups, unknown ones, and some that stay.
fn tag() -> impl Strategy<Value = u32> {
    prop_oneof![
        6 => (0..ROWS.len()).prop_map(|at| ROWS[at].0).prop_filter("a data set", |tag| *tag >= 0x0008_0000),
        1 => (0x0009_u32..0x00ff, 0x1000_u32..0xffff).prop_map(|(group, element)| (group | 1) << 16 | element),
        1 => Just(0x0008_fff0),
        1 => Just(0x6000_3000),
        1 => Just(0x5002_3000),
    ]
}

fn nodes() -> impl Strategy<Value = Vec<Node>> {
    let leaf = (tag(), any::<u64>()).prop_map(|(tag, number)| Node::Text(tag, number));
    let node = leaf.prop_recursive(4, 40, 4, |inner| {
        // Sequences that stay, some that go, and one of the table that is looked through.
        let sequence = prop_oneof![
            Just(0x0040_0275_u32),
            Just(0x0008_1140),
            Just(0x0054_0016),
            Just(0x0040_a730),
            Just(0x0009_1010),
        ];
        let items = prop::collection::vec(prop::collection::vec(inner, 0..4), 0..3);
        (sequence, items).prop_map(|(tag, items)| Node::Sequence(tag, items))
    });
    prop::collection::vec(node, 0..12)
}

fn options() -> impl Strategy<Value = Profile> {
    prop::sample::subsequence(ProfileOption::ALL, 0..=ProfileOption::ALL.len()).prop_map(|options| Profile {
        options: options.into_iter().collect(),
        ..Profile::default()
    })
}

impl Node {
    fn tag(&self) -> u32 {
        match self {
            Self::Text(tag, _) | Self::Uid(tag, _) | Self::Sequence(tag, _) => *tag,
        }
    }
}

/// The nodes of one data set in the order of their tags, of several with one tag the first.
fn in_order(nodes: &[Node]) -> Vec<&Node> {
    let mut nodes: Vec<&Node> = nodes.iter().collect();
    nodes.sort_by_key(|node| node.tag());
    nodes.dedup_by_key(|node| node.tag());
    nodes
}

fn write(nodes: &[Node], out: &mut ElementWriter<Vec<u8>>) {
    for node in in_order(nodes) {
        match node {
            Node::Uid(tag, uid) => out.text(Tag(*tag), VR::UI, uid).unwrap(),
            // UN, as an implicit writer's neighbour leaves it: the dictionary says what it is.
            Node::Text(tag, number) => out.text(Tag(*tag), VR::UN, &sentinel(*number)).unwrap(),
            Node::Sequence(tag, items) => {
                out.begin(Tag(*tag), VR::SQ).unwrap();
                for item in items {
                    out.begin_item().unwrap();
                    write(item, out);
                    out.end_item().unwrap();
                }
                out.end().unwrap();
            }
        }
    }
}

fn file(nodes: &[Node]) -> Vec<u8> {
    let mut out = ElementWriter::new(Vec::new());
    write_file_meta(
        &mut out,
        "1.2.840.10008.5.1.4.1.1.4",
        "1.2.3.4.9",
        "1.2.840.10008.1.2.1",
    )
    .unwrap();
    let mut all = vec![
        Node::Uid(tags::SOP_CLASS_UID.0, "1.2.840.10008.5.1.4.1.1.4"),
        Node::Uid(tags::SOP_INSTANCE_UID.0, "1.2.3.4.9"),
        Node::Uid(tags::STUDY_INSTANCE_UID.0, "1.2.3.4"),
        Node::Uid(tags::SERIES_INSTANCE_UID.0, "1.2.3.4.5"),
    ];
    all.extend_from_slice(nodes);
    write(&all, &mut out);
    std::mem::take(out.get_mut())
}

fn index(file: &[u8]) -> InstanceIndex {
    index_instance(&mut Cursor::new(file), file.len() as u64, &Limits::default()).unwrap()
}

fn run(file: &[u8], profile: &Profile) -> Result<Vec<u8>, DeidentifyError> {
    let pseudonyms = Pseudonyms::new([7; 32]);
    let how = Deidentification {
        profile,
        pseudonyms: &pseudonyms,
        patient: "patient",
    };
    let mut out = Vec::new();
    let length = file.len() as u64;
    deidentify(
        &mut Cursor::new(file),
        length,
        &index(file),
        how,
        None,
        &mut out,
        &Limits::default(),
    )?;
    Ok(out)
}

fn holds(bytes: &[u8], text: &str) -> bool {
    memchr::memmem::find(bytes, text.as_bytes()).is_some()
}

/// The numbers of all sentinels in these nodes and below: the basic profile leaves none of them.
fn touched(nodes: &[Node], numbers: &mut Vec<u64>) {
    for node in in_order(nodes) {
        match node {
            Node::Uid(..) => {}
            Node::Text(_, number) => numbers.push(*number),
            Node::Sequence(_, items) => items.iter().for_each(|item| touched(item, numbers)),
        }
    }
}

proptest! {
    #[test]
    fn no_value_of_a_removed_attribute_survives_at_any_level(nodes in nodes()) {
        let original = file(&nodes);
        let out = run(&original, &Profile::default()).unwrap();
        let mut numbers = Vec::new();
        touched(&nodes, &mut numbers);
        for number in numbers {
            prop_assert!(!holds(&out, &sentinel(number)), "{}", sentinel(number));
        }
        prop_assert!(!holds(&out, "1.2.3.4.9"));
    }

    #[test]
    fn whatever_comes_out_can_be_read_and_says_what_was_done(nodes in nodes(), profile in options()) {
        let out = run(&file(&nodes), &profile).unwrap();
        let index = index(&out);
        let text = String::from_utf8(index.metadata_json.clone()).unwrap();
        let says_so = text.contains(r#""00120062":{"vr":"CS","Value":["YES"]}"#);
        prop_assert!(says_so);
        let methods = text.matches(r#""00080100":{"vr":"SH","Value":["1131"#).count();
        prop_assert!(methods > profile.options.len());
        prop_assert!(index.warnings.is_empty(), "{:?}", index.warnings);
        prop_assert_eq!(index.attributes.sop_class_uid.as_str(), "1.2.840.10008.5.1.4.1.1.4");
    }
}

/// A phantom's first instance.
fn phantom(kind: PhantomKind, syntax: PhantomTransferSyntax) -> Vec<u8> {
    let options = PhantomOptions {
        // Of a loop these are its frames.
        instances: Some(3),
        edge: Some(32),
        transfer_syntax: syntax,
        ..PhantomOptions::default()
    };
    PhantomStudy::new(kind, options).next().unwrap().unwrap().bytes
}

#[test]
fn an_image_keeps_its_pixels_and_loses_its_patient() {
    for syntax in [
        PhantomTransferSyntax::ImplicitVrLittleEndian,
        PhantomTransferSyntax::ExplicitVrLittleEndian,
        PhantomTransferSyntax::JpegLsLossless,
    ] {
        let original = phantom(PhantomKind::HeadCt, syntax);
        let out = run(&original, &Profile::default()).unwrap();
        let (before, after) = (index(&original), index(&out));
        assert!(!holds(&out, "Phantom^Head"));
        assert_ne!(
            before.attributes.study_instance_uid,
            after.attributes.study_instance_uid
        );
        assert_eq!(after.attributes.patient_id, after.attributes.patient_name);
        assert_eq!(after.attributes.study_date, None);
        assert_eq!(before.attributes.rows, after.attributes.rows);
        let frame = |bytes: &[u8], index: &InstanceIndex| {
            crate::read_frame(&mut Cursor::new(bytes), &index.frames, 1, &Limits::default()).unwrap()
        };
        assert_eq!(frame(&original, &before), frame(&out, &after));
        let again = run(&original, &Profile::default()).unwrap();
        assert_eq!(out, again, "the same gives the same");
    }
}

#[test]
fn dates_move_together_and_descriptions_keep_harmless_words() {
    let original = phantom(PhantomKind::HeadCt, PhantomTransferSyntax::ExplicitVrLittleEndian);
    let options = [
        ProfileOption::RetainModifiedDates,
        ProfileOption::CleanDescriptors,
    ];
    let profile = Profile {
        options: options.into_iter().collect(),
        ..Profile::default()
    };
    let (before, after) = (index(&original), index(&run(&original, &profile).unwrap()));
    let study = after.attributes.study_date.clone().unwrap();
    assert!(study < before.attributes.study_date.unwrap());
    assert_eq!(after.attributes.series_date.unwrap_or(study.clone()), study);
    assert_eq!(before.attributes.study_time, after.attributes.study_time);
    assert_eq!(after.attributes.patient_birth_date, None);
    let description = after.attributes.study_description.unwrap_or_default();
    assert!(!description.to_uppercase().contains("PHANTOM^"), "{description}");
}

#[test]
fn regions_are_black_in_every_frame_and_compressed_pixels_must_come_decoded() {
    let profile = Profile {
        black_out: vec![Region::parse("0,0,8,4").unwrap()],
        ..Profile::default()
    };
    let native = phantom(
        PhantomKind::CardiacUltrasound,
        PhantomTransferSyntax::ExplicitVrLittleEndian,
    );
    let before = index(&native);
    assert!(!needs_decoding(&profile, &before).unwrap());
    let out = run(&native, &profile).unwrap();
    let after = index(&out);
    let columns = usize::from(after.attributes.columns.unwrap());
    let mut samples = Vec::new();
    for number in 1..=after.frames.count() {
        let read = |bytes: &[u8], index: &InstanceIndex| {
            crate::read_frame(&mut Cursor::new(bytes), &index.frames, number, &Limits::default()).unwrap()
        };
        let (old, new) = (read(&native, &before), read(&out, &after));
        for (at, byte) in new.iter().enumerate() {
            let (x, y) = (at / 3 % columns, at / 3 / columns);
            let expected = if x < 8 && y < 4 { 0 } else { old[at] };
            assert_eq!(*byte, expected, "frame {number}, {x}, {y}");
        }
        samples.extend(old);
    }

    let compressed = phantom(PhantomKind::CardiacUltrasound, PhantomTransferSyntax::RleLossless);
    let packed = index(&compressed);
    assert!(needs_decoding(&profile, &packed).unwrap());
    assert!(matches!(
        run(&compressed, &profile),
        Err(DeidentifyError::NotDecoded)
    ));
    let mut unpacked = Vec::new();
    let bytes = samples.len() as u64;
    let decoded = DecodedPixels {
        samples: &mut samples.as_slice(),
        bytes,
        photometric_interpretation: "RGB".to_owned(),
    };
    let pseudonyms = Pseudonyms::new([7; 32]);
    let how = Deidentification {
        profile: &profile,
        pseudonyms: &pseudonyms,
        patient: "patient",
    };
    let length = compressed.len() as u64;
    let mut source = Cursor::new(&compressed);
    deidentify(
        &mut source,
        length,
        &packed,
        how,
        Some(decoded),
        &mut unpacked,
        &Limits::default(),
    )
    .unwrap();
    let unpacked_index = index(&unpacked);
    assert!(unpacked_index.frames.is_native());
    let frame = |bytes: &[u8], index: &InstanceIndex| {
        crate::read_frame(&mut Cursor::new(bytes), &index.frames, 2, &Limits::default()).unwrap()
    };
    assert_eq!(frame(&unpacked, &unpacked_index), frame(&out, &after));
}

#[test]
fn pixels_that_may_show_a_name_are_refused_until_somebody_answers_for_them() {
    let ultrasound = phantom(
        PhantomKind::CardiacUltrasound,
        PhantomTransferSyntax::ExplicitVrLittleEndian,
    );
    assert!(matches!(
        run(&ultrasound, &Profile::default()),
        Err(DeidentifyError::BurnedIn)
    ));
    let looked_at = Profile {
        burned_in: BurnedIn::Keep,
        ..Profile::default()
    };
    assert!(run(&ultrasound, &looked_at).is_ok());
}
