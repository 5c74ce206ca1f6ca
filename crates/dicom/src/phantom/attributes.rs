//! The attributes around the pixels, by the modules that each SOP class demands (PS3.3 §A).

use super::encode::{self, FrameKind};
use super::noise;
use super::part10::{self, Elements, Vr};
use super::ultrasound;
use super::{Geometry, PhantomInstance, PhantomKind, PhantomOptions, PhantomTransferSyntax, Picture};
use crate::codec::CodecError;

/// Stored value outside the circle that a CT reconstructs.
const CT_PADDING: i16 = -2000;
const CT_INTERCEPT: i32 = -1024;

/// Writes one instance.
///
/// Errors: those of the encoders.
pub(super) fn write(
    kind: PhantomKind,
    options: &PhantomOptions,
    index: u32,
    picture: Picture,
) -> Result<PhantomInstance, CodecError> {
    let series = match kind {
        PhantomKind::ChestRadiograph => index,
        _ => 0,
    };
    let sop_class_uid = sop_class(kind);
    let study_instance_uid = uid(options, kind, "study", 0);
    let series_instance_uid = uid(options, kind, "series", series);
    let sop_instance_uid = uid(options, kind, "instance", index);

    let mut set = Elements::default();
    patient_and_study(&mut set, kind, options, index);
    set.text(0x0008_0016, b"UI", sop_class_uid)
        .text(0x0008_0018, b"UI", &sop_instance_uid)
        .text(0x0020_000D, b"UI", &study_instance_uid)
        .text(0x0020_000E, b"UI", &series_instance_uid)
        .text(0x0020_0011, b"IS", (series + 1).to_string())
        .text(0x0020_0013, b"IS", (index + 1).to_string());
    acquisition(&mut set, kind, index);
    match picture {
        Picture::Gray { samples, geometry } => gray(&mut set, kind, options, index, samples, &geometry)?,
        Picture::Rgb { frames } => cine(&mut set, options.transfer_syntax, frames)?,
    }
    let vr = match options.transfer_syntax {
        PhantomTransferSyntax::ImplicitVrLittleEndian => Vr::Implicit,
        _ => Vr::Explicit,
    };
    let transfer_syntax_uid = options.transfer_syntax.uid();
    let bytes = part10::file(sop_class_uid, &sop_instance_uid, transfer_syntax_uid, vr, set)?;
    Ok(PhantomInstance {
        study_instance_uid,
        series_instance_uid,
        sop_instance_uid,
        sop_class_uid,
        bytes,
    })
}

/// A UID that follows from seed, kind and role.
pub(super) fn uid(options: &PhantomOptions, kind: PhantomKind, role: &str, number: u32) -> String {
    let label = role
        .bytes()
        .fold(kind as u64, |label, byte| noise::hash(label, byte.into()));
    let high = noise::hash(options.seed, label);
    let low = noise::hash(high, u64::from(number) + 1);
    match &options.uid_root {
        // Two groups of up to 20 digits: 64 characters hold a root of 22.
        Some(root) => format!("{root}.{high}.{low}"),
        None => {
            // A version 8 UUID as an integer (PS3.5 §B.2).
            let bits = (u128::from(high) << 64) | u128::from(low);
            let bits = bits & !(0xF << 76) & !(0x3 << 62) | (0x8 << 76) | (0x2 << 62);
            format!("2.25.{bits}")
        }
    }
}

fn sop_class(kind: PhantomKind) -> &'static str {
    match kind {
        PhantomKind::HeadCt => "1.2.840.10008.5.1.4.1.1.2",
        PhantomKind::ChestRadiograph => "1.2.840.10008.5.1.4.1.1.1.1",
        PhantomKind::KneeMr => "1.2.840.10008.5.1.4.1.1.4",
        PhantomKind::CardiacUltrasound => "1.2.840.10008.5.1.4.1.1.3.1",
    }
}

fn patient_and_study(set: &mut Elements, kind: PhantomKind, options: &PhantomOptions, index: u32) {
    let name = options.patient.name.as_deref().unwrap_or(kind.patient_name());
    let (study, series) = match kind {
        PhantomKind::HeadCt => ("CT Head without contrast", "Axial brain"),
        PhantomKind::ChestRadiograph if index == 0 => ("XR Chest two views", "PA"),
        PhantomKind::ChestRadiograph => ("XR Chest two views", "Lateral"),
        PhantomKind::KneeMr => ("MR Knee left", "PD TSE sagittal"),
        PhantomKind::CardiacUltrasound => ("US Heart", "Apical four chamber"),
    };
    let (date, time) = (&options.study_date, &options.study_time);
    set.text(0x0008_0005, b"CS", "ISO_IR 192")
        .text(0x0008_0020, b"DA", date)
        .text(0x0008_0021, b"DA", date)
        .text(0x0008_0022, b"DA", date)
        .text(0x0008_0023, b"DA", date)
        .text(0x0008_0030, b"TM", time)
        .text(0x0008_0031, b"TM", time)
        .text(0x0008_0032, b"TM", time)
        .text(0x0008_0033, b"TM", time)
        .text(0x0008_0050, b"SH", &options.accession_number)
        .text(0x0008_0070, b"LO", "telerad phantom")
        .text(0x0008_0080, b"LO", &options.institution)
        .text(0x0008_0090, b"PN", "Phantom^Referrer")
        .text(0x0008_1010, b"SH", "PHANTOM")
        .text(0x0008_1030, b"LO", study)
        .text(0x0008_103E, b"LO", series)
        .text(0x0008_1090, b"LO", "Phantom 1")
        .text(0x0010_0010, b"PN", name)
        .text(0x0010_0020, b"LO", &options.patient.id)
        .text(0x0010_0030, b"DA", &options.patient.birth_date)
        .text(0x0010_0040, b"CS", &options.patient.sex)
        .text(0x0020_0010, b"SH", "1")
        .text(0x0018_1020, b"LO", "phantom 1");
}

/// Modality, body part and how the image was taken.
fn acquisition(set: &mut Elements, kind: PhantomKind, index: u32) {
    match kind {
        PhantomKind::HeadCt => set
            .text(0x0008_0008, b"CS", "ORIGINAL\\PRIMARY\\AXIAL")
            .text(0x0008_0060, b"CS", "CT")
            .text(0x0018_0015, b"CS", "HEAD")
            .text(0x0018_0060, b"DS", "120")
            .text(0x0018_1030, b"LO", "Head routine")
            .text(0x0018_1210, b"SH", "H31s")
            .text(0x0018_5100, b"CS", "HFS"),
        PhantomKind::KneeMr => set
            .text(0x0008_0008, b"CS", "ORIGINAL\\PRIMARY\\M\\SE")
            .text(0x0008_0060, b"CS", "MR")
            .text(0x0018_0015, b"CS", "KNEE")
            .text(0x0018_0020, b"CS", "SE")
            .text(0x0018_0021, b"CS", "NONE")
            .text(0x0018_0022, b"CS", "")
            .text(0x0018_0023, b"CS", "2D")
            .text(0x0018_0080, b"DS", "2600")
            .text(0x0018_0081, b"DS", "32")
            .text(0x0018_0087, b"DS", "1.5")
            .text(0x0018_0091, b"IS", "7")
            .text(0x0018_1030, b"LO", "PD TSE SAG")
            .text(0x0018_5100, b"CS", "FFS")
            .text(0x0020_0060, b"CS", "L"),
        PhantomKind::ChestRadiograph => set
            .text(0x0008_0008, b"CS", "ORIGINAL\\PRIMARY\\")
            .text(0x0008_0060, b"CS", "DX")
            .text(0x0008_0068, b"CS", "FOR PRESENTATION")
            .text(0x0018_0015, b"CS", "CHEST")
            .text(0x0018_0060, b"DS", "125")
            .text(0x0018_5101, b"CS", if index == 0 { "PA" } else { "LL" })
            .text(0x0020_0020, b"CS", if index == 0 { "L\\F" } else { "P\\F" })
            .text(0x0020_0062, b"CS", "U"),
        PhantomKind::CardiacUltrasound => set
            .text(0x0008_0008, b"CS", "ORIGINAL\\PRIMARY\\\\0001")
            .text(0x0008_0060, b"CS", "US")
            .text(0x0018_0015, b"CS", "HEART"),
    };
}

fn gray(
    set: &mut Elements,
    kind: PhantomKind,
    options: &PhantomOptions,
    index: u32,
    samples: Vec<i32>,
    geometry: &Geometry,
) -> Result<(), CodecError> {
    let (bits_stored, signed) = match kind {
        PhantomKind::HeadCt => (16, true),
        _ => (12, false),
    };
    set.us(0x0028_0002, &[1])
        .us(0x0028_0010, &[geometry.rows as u16])
        .us(0x0028_0011, &[geometry.columns as u16])
        .us(0x0028_0100, &[16])
        .us(0x0028_0101, &[bits_stored])
        .us(0x0028_0102, &[bits_stored - 1])
        .us(0x0028_0103, &[u16::from(signed)]);
    let spacing = [geometry.spacing, geometry.spacing];
    let words: Vec<i16> = match kind {
        PhantomKind::HeadCt => {
            set.text(0x0028_1050, b"DS", "40\\600")
                .text(0x0028_1051, b"DS", "80\\2800")
                .text(0x0028_1055, b"LO", "BRAIN\\BONE")
                .text(0x0028_1052, b"DS", CT_INTERCEPT.to_string())
                .text(0x0028_1053, b"DS", "1")
                .text(0x0028_1054, b"LO", "HU")
                .bytes(0x0028_0120, b"SS", CT_PADDING.to_le_bytes().to_vec());
            place(set, kind, options, geometry, "1\\0\\0\\0\\1\\0");
            ct_words(samples, geometry)
        }
        PhantomKind::KneeMr => {
            set.text(0x0028_1050, b"DS", "820")
                .text(0x0028_1051, b"DS", "1640");
            place(set, kind, options, geometry, "0\\1\\0\\0\\0\\-1");
            samples.into_iter().map(|value| value as i16).collect()
        }
        _ => {
            let (center, width) = if index == 0 {
                (2000.0, 3600.0)
            } else {
                (1950.0, 3700.0)
            };
            set.numbers(0x0018_1164, b"DS", &spacing)
                .numbers(0x0028_1050, b"DS", &[center])
                .numbers(0x0028_1051, b"DS", &[width])
                .text(0x0028_1052, b"DS", "0")
                .text(0x0028_1053, b"DS", "1")
                .text(0x0028_1054, b"LO", "US")
                .text(0x0028_0301, b"CS", "YES")
                .text(0x0028_1040, b"CS", "LOG")
                .bytes(0x0028_1041, b"SS", vec![1, 0])
                .text(0x0028_2110, b"CS", "00")
                .text(0x2050_0020, b"CS", "IDENTITY");
            samples.into_iter().map(|value| value as i16).collect()
        }
    };
    set.numbers(0x0028_0030, b"DS", &spacing);
    let bytes = words.into_iter().flat_map(i16::to_le_bytes).collect();
    let frame = FrameKind {
        columns: geometry.columns,
        rows: geometry.rows,
        components: 1,
        bits_allocated: 16,
        bits_stored: bits_stored.into(),
        signed,
    };
    encode::add_pixels(set, options.transfer_syntax, &frame, vec![bytes])
}

/// Hounsfield units to stored values; outside the circle of reconstruction there is padding.
fn ct_words(units: Vec<i32>, geometry: &Geometry) -> Vec<i16> {
    let half = geometry.columns as f32 / 2.0;
    units
        .into_iter()
        .enumerate()
        .map(|(pixel, units)| {
            let x = (pixel % geometry.columns) as f32 + 0.5 - half;
            let y = (pixel / geometry.columns) as f32 + 0.5 - half;
            if x * x + y * y > half * half {
                CT_PADDING
            } else {
                (units - CT_INTERCEPT) as i16
            }
        })
        .collect()
}

/// Image Plane and Frame of Reference (PS3.3 §C.7.6.2, §C.7.4.1).
fn place(
    set: &mut Elements,
    kind: PhantomKind,
    options: &PhantomOptions,
    geometry: &Geometry,
    orientation: &str,
) {
    let corner = (geometry.spacing - geometry.spacing * geometry.columns as f32) / 2.0;
    let position = match kind {
        // Sagittal: columns run to the back, rows to the feet.
        PhantomKind::KneeMr => [geometry.position, corner, -corner],
        _ => [corner, corner, geometry.position],
    };
    set.numbers(0x0018_0050, b"DS", &[geometry.thickness])
        .numbers(0x0018_0088, b"DS", &[geometry.thickness])
        .numbers(0x0020_0032, b"DS", &position)
        .text(0x0020_0037, b"DS", orientation)
        .text(0x0020_0052, b"UI", uid(options, kind, "frame of reference", 0))
        .text(0x0020_1040, b"LO", "")
        .numbers(0x0020_1041, b"DS", &[geometry.position]);
}

fn cine(
    set: &mut Elements,
    transfer_syntax: PhantomTransferSyntax,
    frames: Vec<Vec<u8>>,
) -> Result<(), CodecError> {
    let (columns, rows) = ultrasound::SIZE;
    let count = frames.len();
    // One beat a second.
    let milliseconds = 1000.0 / count as f32;
    set.text(0x0028_0008, b"IS", count.to_string())
        .us(0x0028_0002, &[3])
        .us(0x0028_0006, &[0])
        .us(0x0028_0010, &[rows as u16])
        .us(0x0028_0011, &[columns as u16])
        .us(0x0028_0100, &[8])
        .us(0x0028_0101, &[8])
        .us(0x0028_0102, &[7])
        .us(0x0028_0103, &[0])
        .bytes(0x0028_0009, b"AT", vec![0x18, 0x00, 0x63, 0x10])
        .us(0x0028_0014, &[1])
        .numbers(0x0018_1063, b"DS", &[milliseconds])
        .text(0x0018_0040, b"IS", count.to_string())
        .text(0x0018_1088, b"IS", "60");
    // One calibrated region (PS3.3 §C.8.5.5): 2D tissue, centimetres.
    let mut region = Elements::default();
    let per_pixel = f64::from(ultrasound::SPACING) / 10.0;
    region
        .us(0x0018_6012, &[1])
        .us(0x0018_6014, &[1])
        .us(0x0018_6024, &[3])
        .us(0x0018_6026, &[3]);
    for (tag, value) in [
        (0x0018_6016, 2),
        (0x0018_6018, 40),
        (0x0018_601A, 22),
        (0x0018_601C, 599),
        (0x0018_601E, 442),
    ] {
        region.bytes(tag, b"UL", u32::to_le_bytes(value).to_vec());
    }
    region
        .bytes(0x0018_602C, b"FD", per_pixel.to_le_bytes().to_vec())
        .bytes(0x0018_602E, b"FD", per_pixel.to_le_bytes().to_vec());
    set.item(0x0018_6011, region);
    let frame = FrameKind {
        columns,
        rows,
        components: 3,
        bits_allocated: 8,
        bits_stored: 8,
        signed: false,
    };
    encode::add_pixels(set, transfer_syntax, &frame, frames)
}
