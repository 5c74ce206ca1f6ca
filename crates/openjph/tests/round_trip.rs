//! Images of many shapes come back sample by sample, and broken codestreams come back as errors.

use openjph::{Error, ImageSpec, decode, encode_lossless, encode_lossy};

/// A small deterministic generator (SplitMix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

fn spec(width: u32, height: u32, components: u32, bits_stored: u32, signed: bool) -> ImageSpec {
    ImageSpec {
        width,
        height,
        components,
        bits_stored,
        signed,
        color_transform: components == 3,
    }
}

fn noise(spec: &ImageSpec, seed: u64) -> Vec<i32> {
    let mut random = Random(seed);
    let offset = if spec.signed {
        1 << (spec.bits_stored - 1)
    } else {
        0
    };
    (0..spec.sample_count().unwrap())
        .map(|_| (random.next() % (1 << spec.bits_stored)) as i32 - offset)
        .collect()
}

fn gradient(spec: &ImageSpec) -> Vec<i32> {
    let levels = 1_i64 << spec.bits_stored;
    let offset = if spec.signed { levels / 2 } else { 0 };
    let count = spec.sample_count().unwrap() as i64;
    (0..count)
        .map(|index| (index * (levels - 1) / count.max(1) - offset) as i32)
        .collect()
}

fn comes_back(spec: &ImageSpec, samples: &[i32]) {
    let codestream = encode_lossless(spec, samples).unwrap();
    let decoded = decode(&codestream, samples.len()).unwrap();
    assert_eq!(decoded.spec, *spec);
    assert_eq!(decoded.decompositions, spec.decompositions());
    assert!(decoded.samples == samples, "{spec:?}");
}

#[test]
fn every_depth_comes_back() {
    for bits in [1, 2, 7, 8, 10, 12, 15, 16] {
        for signed in [false, true] {
            if bits == 1 && signed {
                continue;
            }
            for components in [1, 3] {
                let spec = spec(131, 97, components, bits, signed);
                comes_back(&spec, &noise(&spec, bits.into()));
                comes_back(&spec, &gradient(&spec));
            }
        }
    }
}

#[test]
fn tiny_and_thin_images_come_back() {
    for (width, height) in [
        (1, 1),
        (1, 2),
        (2, 1),
        (1, 300),
        (300, 1),
        (3, 700),
        (65, 64),
        (64, 65),
    ] {
        for components in [1, 3] {
            let spec = spec(width, height, components, 12, false);
            comes_back(&spec, &noise(&spec, 7));
        }
    }
}

#[test]
fn the_lowest_resolution_fits_64_pixels() {
    for (width, height, levels) in [
        (64, 64, 0),
        (65, 1, 1),
        (512, 512, 3),
        (2394, 3062, 6),
        (65535, 1, 10),
    ] {
        assert_eq!(spec(width, height, 1, 12, false).decompositions(), levels);
    }
}

#[test]
fn the_codestream_is_rpcl_with_tile_part_lengths() {
    let spec = spec(200, 100, 1, 12, false);
    let codestream = encode_lossless(&spec, &gradient(&spec)).unwrap();
    let mut at = 2;
    let (mut progression, mut length_by_tlm) = (None, None);
    loop {
        let marker = u16::from_be_bytes([codestream[at], codestream[at + 1]]);
        if marker == 0xFF90 {
            break;
        }
        let segment = &codestream[at + 4..];
        match marker {
            0xFF52 => progression = Some(segment[1]),
            0xFF55 => {
                let length = &codestream[at + 8..at + 12];
                length_by_tlm = Some(u32::from_be_bytes(length.try_into().unwrap()));
            }
            _ => {}
        }
        at += 2 + usize::from(u16::from_be_bytes([codestream[at + 2], codestream[at + 3]]));
    }
    assert_eq!(progression, Some(2), "RPCL");
    // From SOT to before EOC.
    assert_eq!(length_by_tlm, Some((codestream.len() - 2 - at) as u32));
}

#[test]
fn what_does_not_fit_the_description_is_refused_before_encoding() {
    let good = spec(4, 4, 1, 8, false);
    assert!(matches!(
        encode_lossless(&good, &[0; 15]),
        Err(Error::InvalidImage(_))
    ));
    let mut samples = [0; 16];
    samples[5] = 256;
    assert_eq!(
        encode_lossless(&good, &samples),
        Err(Error::SampleOutOfRange { index: 5, value: 256 })
    );
    for bad in [
        ImageSpec { width: 0, ..good },
        ImageSpec {
            height: 70_000,
            ..good
        },
        ImageSpec {
            components: 5,
            ..good
        },
        ImageSpec {
            bits_stored: 17,
            ..good
        },
        ImageSpec {
            color_transform: true,
            ..good
        },
    ] {
        assert!(matches!(
            encode_lossless(&bad, &[0; 16]),
            Err(Error::InvalidImage(_))
        ));
    }
    let huge = spec(65_535, 65_535, 1, 8, false);
    assert_eq!(huge.sample_count(), Err(Error::TooLarge));
}

#[test]
fn a_codestream_beyond_the_callers_limit_is_refused_before_memory_is_taken() {
    let spec = spec(100, 100, 1, 8, false);
    let codestream = encode_lossless(&spec, &gradient(&spec)).unwrap();
    assert_eq!(decode(&codestream, 9_999), Err(Error::TooLarge));
}

#[test]
fn rubbish_and_cut_off_headers_are_errors() {
    assert!(decode(&[], 1000).is_err());
    assert!(decode(b"not a codestream at all", 1000).is_err());
    let spec = spec(100, 100, 1, 8, false);
    let codestream = encode_lossless(&spec, &gradient(&spec)).unwrap();
    for length in 0..60 {
        assert!(decode(&codestream[..length], 10_000).is_err(), "{length} bytes");
    }
}

#[test]
fn a_size_segment_with_flipped_bytes_is_an_error_or_another_image() {
    let spec = spec(96, 80, 1, 12, true);
    let codestream = encode_lossless(&spec, &noise(&spec, 3)).unwrap();
    let mut refused = 0;
    // SIZ alone: deeper damage may end the process (OpenJPH asserts), which is why decoding strangers' bytes
    // belongs into a child process.
    for at in 2..40 {
        let mut broken = codestream.clone();
        broken[at] ^= 0x80;
        if decode(&broken, 1 << 20) != decode(&codestream, 1 << 20) {
            refused += 1;
        }
    }
    assert!(refused > 20, "{refused}");
}

#[test]
fn a_refusal_carries_the_words_of_openjph() {
    let Err(Error::Codec(words)) = decode(b"not a codestream at all", 1000) else {
        panic!("rubbish was decoded");
    };
    assert!(words.contains("ojph"), "{words}");
}

#[test]
fn finer_steps_lose_less_and_cost_more() {
    for components in [1, 3] {
        let spec = spec(131, 97, components, 12, false);
        let samples = noise(&spec, 5);
        let mut before: Option<(f64, usize)> = None;
        for step in [0.05, 0.01, 0.001] {
            let codestream = encode_lossy(&spec, &samples, step).unwrap();
            let decoded = decode(&codestream, samples.len()).unwrap();
            assert_eq!(decoded.spec, spec);
            let squares = decoded.samples.iter().zip(&samples);
            let error: f64 = squares.map(|(a, b)| f64::from(a - b).powi(2)).sum();
            if let Some((worse, smaller)) = before {
                assert!(error < worse && codestream.len() > smaller, "{step}");
            }
            before = Some((error, codestream.len()));
        }
    }
    let spec = spec(8, 8, 1, 8, false);
    for step in [0.0, -1.0, 0.6, f32::NAN, f32::INFINITY] {
        let refused = encode_lossy(&spec, &[0; 64], step);
        assert!(matches!(refused, Err(Error::InvalidImage(_))), "{step}");
    }
}
