//! Generated studies through the codec: what goes in comes out, whatever the transfer syntax.

#![expect(clippy::unwrap_used, reason = "what cannot be prepared fails the test")]

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use dicom::codec::{
    CodecError, CodecReply, CodecRequest, HTJ2K_LOSSLESS_RPCL, Picture, PictureFormat, PixelProbe,
    RenderOptions, Rendition, Source, VoiFunction, Window, Work, perform,
};
use dicom::phantom::{PhantomKind, PhantomOptions, PhantomPatient, PhantomStudy, PhantomTransferSyntax};

const LOSSLESS: [PhantomTransferSyntax; 5] = [
    PhantomTransferSyntax::ImplicitVrLittleEndian,
    PhantomTransferSyntax::ExplicitVrLittleEndian,
    PhantomTransferSyntax::RleLossless,
    PhantomTransferSyntax::JpegLsLossless,
    PhantomTransferSyntax::HtJ2kLosslessRpcl,
];

/// Generated once: rendering costs more than everything that is tested with it.
fn file(kind: PhantomKind, transfer_syntax: PhantomTransferSyntax) -> Vec<u8> {
    type Files = HashMap<(PhantomKind, PhantomTransferSyntax), Vec<u8>>;
    static FILES: LazyLock<Mutex<Files>> = LazyLock::new(Mutex::default);
    let make = || {
        let options = PhantomOptions {
            instances: Some(3),
            edge: Some(130),
            transfer_syntax,
            ..PhantomOptions::default()
        };
        PhantomStudy::new(kind, options).instance(0).unwrap().bytes
    };
    let mut files = FILES.lock().unwrap_or_else(PoisonError::into_inner);
    files.entry((kind, transfer_syntax)).or_insert_with(make).clone()
}

fn run(bytes: &[u8], work: Work) -> Result<CodecReply, CodecError> {
    perform(CodecRequest {
        source: Source::Inline(bytes.to_vec()),
        work,
    })
}

fn picture(bytes: &[u8], work: Work) -> Picture {
    match run(bytes, work) {
        Ok(CodecReply::Picture(picture)) => picture,
        other => panic!("{other:?}"),
    }
}

fn png(bytes: &[u8], options: RenderOptions) -> Picture {
    picture(
        bytes,
        Work::Rendered(RenderOptions {
            format: PictureFormat::Png,
            ..options
        }),
    )
}

fn probe(bytes: &[u8]) -> PixelProbe {
    match run(bytes, Work::ProbePixels) {
        Ok(CodecReply::Probe(probe)) => probe,
        other => panic!("{other:?}"),
    }
}

fn rendition(
    bytes: &[u8],
    first_frame: u32,
    frame_count: Option<u32>,
) -> Result<(Rendition, Vec<u8>), CodecError> {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("frames");
    let work = Work::HtJ2k {
        output: output.clone(),
        first_frame,
        frame_count,
    };
    match run(bytes, work) {
        Ok(CodecReply::Rendition(rendition)) => Ok((rendition, std::fs::read(output).unwrap())),
        Ok(other) => panic!("{other:?}"),
        Err(error) => {
            assert!(!output.exists(), "an unpublished rendition left its file behind");
            Err(error)
        }
    }
}

#[test]
fn every_lossless_transfer_syntax_shows_the_same_picture() {
    for kind in PhantomKind::ALL {
        let expected = png(&file(kind, LOSSLESS[0]), RenderOptions::default());
        for transfer_syntax in LOSSLESS {
            let bytes = file(kind, transfer_syntax);
            let found = png(&bytes, RenderOptions::default());
            assert!(found == expected, "{kind:?} {transfer_syntax:?}");
            assert_eq!(probe(&bytes).transfer_syntax_uid, transfer_syntax.uid());
        }
    }
}

fn samples(bytes: &[u8], frame: u32) -> Result<Vec<u8>, CodecError> {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("samples");
    let work = Work::Samples {
        output: output.clone(),
        frame,
    };
    match run(bytes, work) {
        Ok(CodecReply::Samples(written)) => {
            let samples = std::fs::read(output).unwrap();
            assert_eq!(samples.len() as u64, written.bytes);
            Ok(samples)
        }
        Ok(other) => panic!("{other:?}"),
        Err(error) => {
            assert!(!output.exists(), "a refused frame left its file behind");
            Err(error)
        }
    }
}

#[test]
fn samples_are_the_same_out_of_every_lossless_transfer_syntax() {
    for kind in PhantomKind::ALL {
        let native = file(kind, PhantomTransferSyntax::ExplicitVrLittleEndian);
        let expected = samples(&native, 0).unwrap();
        assert!(
            native.windows(expected.len()).any(|window| window == expected),
            "{kind:?}: native samples are those of the file"
        );
        for transfer_syntax in LOSSLESS {
            let found = samples(&file(kind, transfer_syntax), 0).unwrap();
            assert!(found == expected, "{kind:?} {transfer_syntax:?}");
        }
        assert!(matches!(
            samples(&native, 99),
            Err(CodecError::FrameOutOfRange { .. })
        ));
    }
}

#[test]
fn stored_values_keep_their_sign_and_padding() {
    let found = probe(&file(PhantomKind::HeadCt, PhantomTransferSyntax::RleLossless));
    assert!(found.signed);
    assert_eq!(
        found.smallest, -2000,
        "the padding around the circle of reconstruction"
    );
    assert!(found.greatest > 1500, "bone");
    assert_eq!((found.rows, found.columns, found.bits_stored), (130, 130, 16));
    assert!(found.needs_rendition);
}

#[test]
fn a_rendition_decodes_to_the_frames_it_was_made_from() {
    for kind in PhantomKind::ALL {
        for transfer_syntax in LOSSLESS {
            let bytes = file(kind, transfer_syntax);
            let made = rendition(&bytes, 0, None);
            if !probe(&bytes).needs_rendition {
                assert!(
                    matches!(made, Err(CodecError::Unsuitable { .. })),
                    "{kind:?} {transfer_syntax:?}"
                );
                continue;
            }
            let (rendition, codestreams) = made.unwrap();
            let frames = if kind == PhantomKind::CardiacUltrasound {
                3
            } else {
                1
            };
            assert_eq!(rendition.frame_lengths.len(), frames);
            assert_eq!(rendition.transfer_syntax_uid, HTJ2K_LOSSLESS_RPCL);
            let total: u32 = rendition.frame_lengths.iter().sum();
            assert_eq!(total as usize, codestreams.len());
            let mut at = 0;
            for length in &rendition.frame_lengths {
                let frame = &codestreams[at..at + *length as usize];
                let decoded = openjph::decode(frame, 1 << 24).unwrap();
                assert_eq!(decoded.spec.signed, kind == PhantomKind::HeadCt);
                assert_eq!(
                    decoded.spec.color_transform,
                    kind == PhantomKind::CardiacUltrasound
                );
                at += *length as usize;
            }
        }
    }
}

#[test]
fn a_range_of_frames_is_the_same_frames_by_themselves() {
    let bytes = file(
        PhantomKind::CardiacUltrasound,
        PhantomTransferSyntax::ExplicitVrLittleEndian,
    );
    let (all, whole) = rendition(&bytes, 0, None).unwrap();
    let (some, part) = rendition(&bytes, 1, Some(2)).unwrap();
    assert_eq!(some.first_frame, 1);
    assert_eq!(some.frame_lengths, all.frame_lengths[1..]);
    assert!(whole.ends_with(&part));
    assert_eq!(some.photometric_interpretation, "YBR_RCT");
    assert!(matches!(
        rendition(&bytes, 2, Some(2)),
        Err(CodecError::FrameOutOfRange { frame: 3, frames: 3 })
    ));
}

#[test]
fn an_output_that_exists_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("frames");
    std::fs::write(&output, b"somebody else's").unwrap();
    let bytes = file(PhantomKind::KneeMr, PhantomTransferSyntax::ExplicitVrLittleEndian);
    let work = Work::HtJ2k {
        output: output.clone(),
        first_frame: 0,
        frame_count: None,
    };
    assert!(matches!(run(&bytes, work), Err(CodecError::Io { .. })));
    assert_eq!(std::fs::read(&output).unwrap(), b"somebody else's");
}

#[test]
fn a_thumbnail_fits_its_box_and_keeps_the_proportions() {
    for kind in PhantomKind::ALL {
        for transfer_syntax in LOSSLESS {
            let work = Work::Thumbnail {
                max_edge: 64,
                frame: None,
            };
            let thumbnail = picture(&file(kind, transfer_syntax), work);
            assert_eq!(thumbnail.width.max(thumbnail.height), 64, "{kind:?}");
            assert!(thumbnail.bytes.starts_with(&[0xFF, 0xD8, 0xFF]));
        }
    }
    let small = file(PhantomKind::KneeMr, PhantomTransferSyntax::ExplicitVrLittleEndian);
    let work = Work::Thumbnail {
        max_edge: 2000,
        frame: None,
    };
    assert_eq!(picture(&small, work).width, 130, "never enlarged");
}

#[test]
fn a_window_decides_what_is_black_and_what_is_white() {
    let bytes = file(PhantomKind::HeadCt, PhantomTransferSyntax::ExplicitVrLittleEndian);
    let shades = |function, center, width| {
        let window = Some(Window {
            center,
            width,
            function,
        });
        let rendered = png(
            &bytes,
            RenderOptions {
                window,
                ..RenderOptions::default()
            },
        );
        image::load_from_memory(&rendered.bytes)
            .unwrap()
            .into_luma8()
            .into_raw()
    };
    for function in [
        VoiFunction::Linear,
        VoiFunction::LinearExact,
        VoiFunction::Sigmoid,
    ] {
        let all_white = shades(function, -20_000.0, 10.0);
        // Padding stays black in every window.
        assert_eq!(all_white[0], 0);
        assert_eq!(all_white[65 * 130 + 65], 255);
        assert!(shades(function, 20_000.0, 10.0).iter().all(|&shade| shade == 0));
    }
    // 40 ± 40: brain is grey, bone white, air black.
    let brain = shades(VoiFunction::Linear, 40.0, 80.0);
    assert!(brain.contains(&255) && brain.contains(&0));
    let center = brain[70 * 130 + 50];
    assert!((30..230).contains(&center), "{center}");
}

#[test]
fn requests_without_sense_are_refused() {
    let bytes = file(PhantomKind::KneeMr, PhantomTransferSyntax::ExplicitVrLittleEndian);
    let refused = |options| {
        matches!(
            run(&bytes, Work::Rendered(options)),
            Err(CodecError::BadRequest { .. })
        )
    };
    let default = RenderOptions::default();
    assert!(refused(RenderOptions {
        size: Some((0, 10)),
        ..default
    }));
    for width in [0.0, -5.0, f64::NAN] {
        let window = Some(Window {
            center: 0.0,
            width,
            function: VoiFunction::Linear,
        });
        assert!(refused(RenderOptions { window, ..default }));
    }
    assert!(matches!(
        run(&bytes, Work::Rendered(RenderOptions { frame: 1, ..default })),
        Err(CodecError::FrameOutOfRange { frame: 1, frames: 1 })
    ));
}

#[test]
fn lossy_originals_render_but_are_never_coded_again() {
    let bytes = file(
        PhantomKind::CardiacUltrasound,
        PhantomTransferSyntax::JpegBaseline,
    );
    let lossless = file(
        PhantomKind::CardiacUltrasound,
        PhantomTransferSyntax::ExplicitVrLittleEndian,
    );
    let pixels = |bytes: &[u8]| {
        let rendered = png(bytes, RenderOptions::default());
        image::load_from_memory(&rendered.bytes)
            .unwrap()
            .into_rgb8()
            .into_raw()
    };
    let (found, expected) = (pixels(&bytes), pixels(&lossless));
    let difference: u64 = found
        .iter()
        .zip(&expected)
        .map(|(a, b)| u64::from(a.abs_diff(*b)))
        .sum();
    // Colours in the wrong order or a missing transform would differ by tens of levels.
    assert!(
        difference / (found.len() as u64) < 6,
        "{}",
        difference / found.len() as u64
    );
    assert!(matches!(
        rendition(&bytes, 0, None),
        Err(CodecError::Unsuitable { .. })
    ));
    assert!(matches!(
        PhantomStudy::new(
            PhantomKind::HeadCt,
            PhantomOptions {
                transfer_syntax: PhantomTransferSyntax::JpegBaseline,
                edge: Some(64),
                ..PhantomOptions::default()
            }
        )
        .instance(0),
        Err(CodecError::Unsuitable { .. })
    ));
}

#[test]
fn a_study_is_the_same_every_time_and_another_seed_is_another_study() {
    let options = |seed| PhantomOptions {
        seed,
        instances: Some(2),
        edge: Some(48),
        ..PhantomOptions::default()
    };
    for kind in PhantomKind::ALL {
        let make = |seed| -> Vec<_> {
            PhantomStudy::new(kind, options(seed))
                .map(Result::unwrap)
                .collect()
        };
        let (once, again, other) = (make(7), make(7), make(8));
        assert!(once == again);
        assert_eq!(
            once.len(),
            PhantomStudy::new(kind, options(7)).instance_count() as usize
        );
        for (one, two) in once.iter().zip(&other) {
            assert_ne!(one.sop_instance_uid, two.sop_instance_uid);
            assert_ne!(one.study_instance_uid, two.study_instance_uid);
            assert!(one.sop_instance_uid.len() <= 64);
        }
        let mut uids: Vec<_> = once.iter().map(|instance| &instance.sop_instance_uid).collect();
        uids.dedup();
        assert_eq!(uids.len(), once.len());
    }
}

#[test]
fn the_archive_reads_a_phantom_with_a_name_in_two_scripts() {
    let options = PhantomOptions {
        instances: Some(1),
        edge: Some(32),
        patient: PhantomPatient {
            name: Some("Phantom^Hanako=幻影^花子=まぼろし^はなこ".to_owned()),
            ..PhantomOptions::default().patient
        },
        uid_root: Some("1.2.826.0.1.3680043.2".to_owned()),
        ..PhantomOptions::default()
    };
    for kind in PhantomKind::ALL {
        let instance = PhantomStudy::new(kind, options.clone()).instance(0).unwrap();
        let length = instance.bytes.len() as u64;
        let mut reader = std::io::Cursor::new(&instance.bytes);
        let index = dicom::index_instance(&mut reader, length, &dicom::Limits::default()).unwrap();
        assert_eq!(
            index.attributes.sop_instance_uid.to_string(),
            instance.sop_instance_uid
        );
        assert!(instance.sop_instance_uid.starts_with("1.2.826.0.1.3680043.2."));
        assert_eq!(index.warnings, vec![], "{kind:?}");
    }
}
