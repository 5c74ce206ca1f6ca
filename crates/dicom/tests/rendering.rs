//! What people see: every step from stored values to a picture, on images small enough to be worked out by hand.

#![expect(clippy::unwrap_used, reason = "what cannot be prepared fails the test")]

mod common;

use common::{DataSet, Syntax, UNDEFINED, ct};
use dicom::codec::{
    Annotations, CodecError, CodecReply, CodecRequest, IccProfile, PictureFormat, Region, RenderOptions,
    Source, VoiFunction, Window, Work, perform,
};
use image::DynamicImage;

/// An image of 4 by 2 grey values of 16 bits allocated; `more` adds elements before the pixels.
fn grey(values: [u16; 8], stored: u16, signed: bool, more: impl FnOnce(&mut DataSet)) -> DataSet {
    let mut set = DataSet::new(Syntax::Explicit);
    set.identity()
        .number(0x0028_0002, 1)
        .text(0x0028_0004, "CS", "MONOCHROME2")
        .number(0x0028_0010, 2)
        .number(0x0028_0011, 4)
        .number(0x0028_0100, 16)
        .number(0x0028_0101, stored)
        .number(0x0028_0102, stored - 1)
        .number(0x0028_0103, u16::from(signed));
    more(&mut set);
    pixels(&mut set, &values);
    set
}

fn pixels(set: &mut DataSet, values: &[u16]) {
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    set.element(0x7fe0_0010, "OW", &bytes);
}

/// A sequence of one item.
fn item(set: &mut DataSet, tag: u32, fill: impl FnOnce(&mut DataSet)) {
    let mut inner = DataSet::new(Syntax::Explicit);
    fill(&mut inner);
    set.header(tag, "SQ", inner.bytes.len() as u32 + 8)
        .item(&inner.bytes);
}

fn words(values: &[u16]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

fn run(file: Vec<u8>, work: Work) -> Result<CodecReply, CodecError> {
    perform(CodecRequest {
        source: Source::Inline(file),
        work,
    })
}

fn picture(set: &DataSet, options: RenderOptions) -> Vec<u8> {
    let options = RenderOptions {
        format: PictureFormat::Png,
        ..options
    };
    match run(set.file(), Work::Rendered(options)).unwrap() {
        CodecReply::Picture(picture) => picture.bytes,
        other => panic!("{other:?}"),
    }
}

fn image(set: &DataSet, options: RenderOptions) -> DynamicImage {
    image::load_from_memory(&picture(set, options)).unwrap()
}

fn shades(set: &DataSet) -> Vec<u8> {
    image(set, RenderOptions::default()).into_luma8().into_raw()
}

fn window(set: &mut DataSet, center: &str, width: &str, function: &str) {
    set.text(0x0028_1050, "DS", center).text(0x0028_1051, "DS", width);
    if !function.is_empty() {
        set.text(0x0028_1056, "CS", function);
    }
}

const RAMP: [u16; 8] = [0, 100, 200, 300, 400, 500, 600, 700];

#[test]
fn windows_follow_their_functions() {
    let level = |function: &str, level: &dyn Fn(f64) -> f64| {
        let set = grey(RAMP, 12, false, |set| window(set, "350", "400", function));
        let expected: Vec<u8> = RAMP
            .iter()
            .map(|value| (level(f64::from(*value)).clamp(0.0, 1.0) * 255.0).round() as u8)
            .collect();
        assert_eq!(shades(&set), expected, "{function}");
    };
    let linear = |value: f64| (value - 349.5) / 399.0 + 0.5;
    level("", &linear);
    level("LINEAR", &linear);
    level("LINEAR_EXACT", &|value| (value - 350.0) / 400.0 + 0.5);
    level("SIGMOID", &|value| {
        1.0 / (1.0 + (-4.0 * (value - 350.0) / 400.0).exp())
    });
}

#[test]
fn the_encoding_of_the_data_set_does_not_show() {
    let expected = picture(&ct(Syntax::Explicit), RenderOptions::default());
    for syntax in [Syntax::Implicit, Syntax::Big, Syntax::Deflated] {
        assert!(
            picture(&ct(syntax), RenderOptions::default()) == expected,
            "{syntax:?}"
        );
    }
}

#[test]
fn rescale_and_signs_come_before_the_window() {
    let stored =
        [-1000_i16, -500, 0, 500, 1000, 1500, 2000, 2047].map(|value| value.cast_unsigned() & 0x0FFF);
    let set = grey(stored, 12, true, |set| {
        window(set, "0", "2001", "");
        set.text(0x0028_1052, "DS", "-500").text(0x0028_1053, "DS", "0.5");
    });
    let expected: Vec<u8> = [-1000.0, -750.0, -500.0, -250.0, 0.0, 250.0, 500.0, 523.5]
        .iter()
        .map(|value: &f64| (((value + 0.5) / 2000.0 + 0.5) * 255.0).round() as u8)
        .collect();
    assert_eq!(shades(&set), expected);
}

#[test]
fn tables_replace_rescale_and_window() {
    let modality = grey([0, 1, 2, 3, 3, 2, 1, 0], 12, false, |set| {
        window(set, "150", "301", "");
        item(set, 0x0028_3000, |item| {
            item.element(0x0028_3002, "US", &words(&[4, 0, 16])).element(
                0x0028_3006,
                "OW",
                &words(&[0, 100, 200, 300]),
            );
        });
    });
    assert_eq!(shades(&modality)[..4], [0, 85, 170, 255]);
    let voi = grey([10, 11, 12, 13, 9, 14, 10, 10], 12, false, |set| {
        window(set, "1", "1", "");
        item(set, 0x0028_3010, |item| {
            item.element(0x0028_3002, "US", &words(&[4, 10, 8])).element(
                0x0028_3006,
                "OW",
                &words(&[0, 50, 200, 255]),
            );
        });
    });
    // Beyond either end the end's entry holds.
    assert_eq!(shades(&voi)[..6], [0, 50, 200, 255, 0, 255]);
}

#[test]
fn monochrome_1_and_an_inverse_shape_turn_the_picture_once() {
    let plain = shades(&grey(RAMP, 12, false, |set| window(set, "350", "701", "")));
    let turned: Vec<u8> = plain.iter().map(|shade| 255 - shade).collect();
    for (photometric, shape) in [
        ("MONOCHROME1", ""),
        ("MONOCHROME2", "INVERSE"),
        ("MONOCHROME1", "INVERSE"),
    ] {
        let mut set = DataSet::new(Syntax::Explicit);
        set.identity()
            .number(0x0028_0002, 1)
            .text(0x0028_0004, "CS", photometric)
            .number(0x0028_0010, 2)
            .number(0x0028_0011, 4)
            .number(0x0028_0100, 16)
            .number(0x0028_0101, 12)
            .number(0x0028_0102, 11)
            .number(0x0028_0103, 0);
        window(&mut set, "350", "701", "");
        set.text(0x2050_0020, "CS", shape);
        pixels(&mut set, &RAMP);
        assert_eq!(shades(&set), turned, "{photometric} {shape}");
    }
}

#[test]
fn padding_is_black_and_no_part_of_the_contrast() {
    let values = [2000, 100, 100, 200, 200, 300, 300, 2000];
    let set = grey(values, 12, false, |set| {
        set.number(0x0028_0120, 2000);
    });
    let shades = shades(&set);
    assert_eq!((shades[0], shades[7], shades[5]), (0, 0, 255));
}

#[test]
fn every_frame_has_its_own_groups() {
    let mut set = DataSet::new(Syntax::Explicit);
    set.identity().dimensions(1, 4, "2");
    let groups = |center: &str| {
        let mut lut = DataSet::new(Syntax::Explicit);
        window(&mut lut, center, "3", "LINEAR_EXACT");
        let mut frame = DataSet::new(Syntax::Explicit);
        frame
            .header(0x0028_9132, "SQ", lut.bytes.len() as u32 + 8)
            .item(&lut.bytes);
        frame.bytes
    };
    let (first, second) = (groups("1.5"), groups("11.5"));
    set.header(0x5200_9230, "SQ", UNDEFINED)
        .item(&first)
        .item(&second)
        .sequence_delimiter();
    pixels(&mut set, &[0, 1, 2, 3, 10, 11, 12, 13]);
    for frame in [0, 1] {
        let options = RenderOptions {
            frame,
            ..RenderOptions::default()
        };
        assert_eq!(
            image(&set, options).into_luma8().into_raw(),
            [0, 85, 170, 255],
            "{frame}"
        );
    }
}

/// Two by one colour pixels of 8 bits.
fn colour(photometric: &str, planar: u16, bytes: &[u8], more: impl FnOnce(&mut DataSet)) -> DataSet {
    let mut set = DataSet::new(Syntax::Explicit);
    set.identity()
        .number(0x0028_0002, if photometric == "PALETTE COLOR" { 1 } else { 3 })
        .text(0x0028_0004, "CS", photometric)
        .number(0x0028_0006, planar)
        .number(0x0028_0010, 1)
        .number(0x0028_0011, 2)
        .number(0x0028_0100, 8)
        .number(0x0028_0101, 8)
        .number(0x0028_0102, 7)
        .number(0x0028_0103, 0);
    more(&mut set);
    set.element(0x7fe0_0010, "OB", bytes);
    set
}

fn rgb(set: &DataSet) -> Vec<u8> {
    image(set, RenderOptions::default()).into_rgb8().into_raw()
}

#[test]
fn colours_are_the_same_by_pixel_by_plane_and_as_luminance() {
    let expected = [255, 0, 0, 10, 20, 30];
    assert_eq!(rgb(&colour("RGB", 0, &expected, |_| {})), expected);
    assert_eq!(rgb(&colour("RGB", 1, &[255, 10, 0, 20, 0, 30], |_| {})), expected);
    let luminance = rgb(&colour("YBR_FULL", 0, &[76, 85, 255, 18, 135, 122], |_| {}));
    let halved = rgb(&colour("YBR_FULL_422", 0, &[76, 149, 85, 255], |_| {}));
    for (found, wanted) in luminance.iter().zip(expected) {
        assert!(found.abs_diff(wanted) <= 2, "{luminance:?}");
    }
    assert!(halved[0] > 250 && halved[1] < 5, "{halved:?}");
}

#[test]
fn palettes_are_looked_up_plain_and_segmented() {
    let descriptor = words(&[4, 0, 16]);
    let entries: [[u16; 4]; 3] = [[0, 0x5500, 0xAA00, 0xFF00], [0xFF00, 0, 0, 0], [0x8000; 4]];
    let plain = colour("PALETTE COLOR", 0, &[1, 3], |set| {
        for tag in [0x0028_1101, 0x0028_1102, 0x0028_1103] {
            set.element(tag, "US", &descriptor);
        }
        for (tag, entries) in [0x0028_1201, 0x0028_1202, 0x0028_1203].into_iter().zip(entries) {
            set.element(tag, "OW", &words(&entries));
        }
    });
    assert_eq!(rgb(&plain), [0x55, 0, 0x80, 0xFF, 0, 0x80]);
    let segmented = colour("PALETTE COLOR", 0, &[1, 3], |set| {
        for tag in [0x0028_1101, 0x0028_1102, 0x0028_1103] {
            set.element(tag, "US", &descriptor);
        }
        // Discrete; then linear to its end, which counts from the entry before; then indirect to the first.
        set.element(0x0028_1221, "OW", &words(&[0, 1, 0, 1, 3, 0xFF00]))
            .element(0x0028_1222, "OW", &words(&[0, 2, 0xFF00, 0, 0, 2, 0, 0]))
            .element(0x0028_1223, "OW", &words(&[0, 2, 0x8000, 0x8000, 2, 1, 0, 0]));
    });
    assert_eq!(rgb(&segmented), [0x55, 0, 0x80, 0xFF, 0, 0x80]);
}

fn overlay(set: &mut DataSet, kind: &str, origin: [u16; 2], bits: &[u8]) {
    set.number(0x6000_0010, 2)
        .number(0x6000_0011, 2)
        .text(0x6000_0040, "CS", kind)
        .element(0x6000_0050, "SS", &words(&origin))
        .number(0x6000_0100, 1)
        .number(0x6000_0102, 0)
        .element(0x6000_3000, "OW", bits);
}

#[test]
fn graphics_are_drawn_where_they_belong_and_regions_are_not() {
    let draw = |kind: &str, origin| {
        shades(&grey([0; 8], 12, false, |set| {
            window(set, "350", "701", "");
            overlay(set, kind, origin, &[0b1001, 0]);
        }))
    };
    assert_eq!(draw("G", [1, 2]), [0, 255, 0, 0, 0, 0, 255, 0]);
    assert_eq!(
        draw("G", [0, 0]),
        [255, 0, 0, 0, 0, 0, 0, 0],
        "what lies outside is left out"
    );
    assert_eq!(draw("R", [1, 2]), [0; 8]);
}

#[test]
fn graphics_in_the_pixel_cells_are_drawn_and_are_no_part_of_the_values() {
    let values = [0x8000, 0, 0x8000, 0, 0, 0, 0, 0];
    let set = grey(values, 12, false, |set| {
        window(set, "350", "701", "");
        set.number(0x6000_0010, 2)
            .number(0x6000_0011, 4)
            .text(0x6000_0040, "CS", "G")
            .element(0x6000_0050, "SS", &words(&[1, 1]))
            .number(0x6000_0100, 16)
            .number(0x6000_0102, 15);
    });
    assert_eq!(shades(&set), [255, 0, 255, 0, 0, 0, 0, 0]);
}

#[test]
fn a_part_of_the_image_is_shown_larger() {
    let set = grey(RAMP, 12, false, |set| window(set, "350", "701", ""));
    let options = RenderOptions {
        region: Some(Region {
            x: 2.0,
            y: 0.0,
            width: Some(2.0),
            height: Some(1.0),
        }),
        size: Some((40, 40)),
        enlarge: true,
        ..RenderOptions::default()
    };
    let shown = image(&set, options).into_luma8();
    assert_eq!(shown.dimensions(), (40, 20));
    let whole = shades(&set);
    assert!(shown[(0, 10)].0[0].abs_diff(whole[2]) < 12 && shown[(39, 10)].0[0].abs_diff(whole[3]) < 12);
}

#[test]
fn annotations_change_the_picture_only_when_asked_for() {
    let set = grey(RAMP, 12, false, |set| window(set, "350", "701", ""));
    let large = RenderOptions {
        size: Some((400, 200)),
        enlarge: true,
        ..RenderOptions::default()
    };
    let plain = image(&set, large).into_luma8();
    let annotated = |patient, technique| {
        let options = RenderOptions {
            annotations: Annotations { patient, technique },
            ..large
        };
        let picture = image(&set, options).into_luma8();
        let changed = |left: bool| {
            picture
                .enumerate_pixels()
                .any(|(x, y, pixel)| (x < 200) == left && pixel != plain.get_pixel(x, y))
        };
        (changed(true), changed(false))
    };
    assert_eq!(annotated(true, false), (true, false));
    assert_eq!(annotated(false, true), (false, true));
    assert_eq!(annotated(false, false), (false, false));
}

#[test]
fn colour_profiles_are_embedded_converted_or_left_out() {
    let set = colour("RGB", 0, &[200, 30, 40, 10, 220, 30], |_| {});
    let with = |icc_profile| {
        picture(
            &set,
            RenderOptions {
                icc_profile,
                ..RenderOptions::default()
            },
        )
    };
    let has_profile = |png: &[u8]| png.windows(4).any(|chunk| chunk == b"iCCP");
    assert!(!has_profile(&with(IccProfile::No)) && !has_profile(&with(IccProfile::Yes)));
    for named in [IccProfile::Srgb, IccProfile::AdobeRgb, IccProfile::RommRgb] {
        assert!(has_profile(&with(named)), "{named:?}");
    }
    let pixels = |png: &[u8]| image::load_from_memory(png).unwrap().into_rgb8().into_raw();
    let (plain, srgb) = (pixels(&with(IccProfile::No)), pixels(&with(IccProfile::Srgb)));
    assert!(
        plain
            .iter()
            .zip(&srgb)
            .all(|(one, other)| one.abs_diff(*other) <= 2)
    );
    assert_ne!(
        plain,
        pixels(&with(IccProfile::AdobeRgb)),
        "the wider space says the same with other numbers"
    );
}

#[test]
fn frames_become_an_animation_at_their_own_speed() {
    let mut set = DataSet::new(Syntax::Explicit);
    set.identity().text(0x0018_1063, "DS", "40");
    set.dimensions(2, 4, "3");
    pixels(&mut set, &[RAMP, RAMP.map(|value| value + 50), [0; 8]].concat());
    let folder = tempfile::tempdir().unwrap();
    let animate = |first_frame, frame_count, window| {
        let output = folder.path().join(format!("{first_frame}-{frame_count}"));
        let work = Work::Animation {
            output: output.clone(),
            options: RenderOptions {
                window,
                ..RenderOptions::default()
            },
            first_frame,
            frame_count,
        };
        let reply = run(set.file(), work)?;
        let bytes = std::fs::read(output).unwrap();
        assert!(matches!(reply, CodecReply::Animation(written) if written.bytes == bytes.len() as u64));
        Ok::<_, CodecError>(bytes)
    };
    let options = Window {
        center: 350.0,
        width: 701.0,
        function: VoiFunction::Linear,
    };
    let bytes = animate(0, 3, Some(options)).unwrap();
    let mut decode = gif::DecodeOptions::new();
    decode.set_color_output(gif::ColorOutput::RGBA);
    let mut decoder = decode.read_info(bytes.as_slice()).unwrap();
    let mut frames = Vec::new();
    while let Some(frame) = decoder.read_next_frame().unwrap() {
        assert_eq!(frame.delay, 4);
        frames.push(frame.buffer.iter().copied().step_by(4).collect::<Vec<u8>>());
    }
    assert_eq!(frames.len(), 3);
    let still = RenderOptions {
        window: Some(options),
        ..RenderOptions::default()
    };
    assert_eq!(
        frames[0],
        image(&set, still).into_luma8().into_raw(),
        "every level of grey is there"
    );
    assert!(matches!(
        animate(1, 3, None),
        Err(CodecError::FrameOutOfRange { .. })
    ));
    assert!(!folder.path().join("1-3").exists());
    assert!(animate(1, 2, None).is_ok());
}
