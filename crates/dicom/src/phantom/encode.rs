//! Puts rendered frames into a transfer syntax.

use image::ExtendedColorType;
use image::ImageEncoder;
use image::codecs::jpeg::JpegEncoder;

use super::PhantomTransferSyntax;
use super::part10::Elements;
use crate::codec::{CodecError, encode_rle_frame};

const PIXEL_DATA: u32 = 0x7FE0_0010;

/// What the frames are.
pub(super) struct FrameKind {
    pub(super) columns: usize,
    pub(super) rows: usize,
    /// 1 or 3.
    pub(super) components: usize,
    /// 8 or 16.
    pub(super) bits_allocated: usize,
    pub(super) bits_stored: usize,
    pub(super) signed: bool,
}

/// Adds pixel data and Photometric Interpretation for `frames`, native little endian bytes each, colour by pixel.
///
/// Errors: [`CodecError::Unsuitable`], [`CodecError::EncodeFailed`].
pub(super) fn add_pixels(
    set: &mut Elements,
    transfer_syntax: PhantomTransferSyntax,
    kind: &FrameKind,
    frames: Vec<Vec<u8>>,
) -> Result<(), CodecError> {
    let color = kind.components == 3;
    let mut photometric = if color { "RGB" } else { "MONOCHROME2" };
    let native_bytes: usize = frames.iter().map(Vec::len).sum();
    match transfer_syntax {
        PhantomTransferSyntax::ImplicitVrLittleEndian | PhantomTransferSyntax::ExplicitVrLittleEndian => {
            let explicit = transfer_syntax == PhantomTransferSyntax::ExplicitVrLittleEndian;
            let vr = if kind.bits_allocated == 8 && explicit {
                b"OB"
            } else {
                b"OW"
            };
            let mut bytes = frames.concat();
            if bytes.len() % 2 == 1 {
                bytes.push(0);
            }
            set.bytes(PIXEL_DATA, vr, bytes);
        }
        PhantomTransferSyntax::RleLossless => {
            let encode = |frame: &Vec<u8>| {
                encode_rle_frame(frame, kind.columns, kind.components, kind.bits_allocated / 8)
            };
            set.fragments(frames.iter().map(encode).collect::<Result<_, _>>()?);
        }
        PhantomTransferSyntax::JpegLsLossless => {
            set.fragments(
                frames
                    .iter()
                    .map(|frame| jpeg_ls(kind, frame))
                    .collect::<Result<_, _>>()?,
            );
        }
        PhantomTransferSyntax::HtJ2kLosslessRpcl => {
            if color {
                photometric = "YBR_RCT";
            }
            set.fragments(
                frames
                    .iter()
                    .map(|frame| htj2k(kind, frame))
                    .collect::<Result<_, _>>()?,
            );
        }
        PhantomTransferSyntax::JpegBaseline => {
            if color {
                photometric = "YBR_FULL";
            }
            let coded: Vec<Vec<u8>> = frames
                .iter()
                .map(|frame| jpeg(kind, frame))
                .collect::<Result<_, _>>()?;
            let ratio = native_bytes as f32 / coded.iter().map(Vec::len).sum::<usize>() as f32;
            set.text(0x0028_2110, b"CS", "01")
                .numbers(0x0028_2112, b"DS", &[ratio])
                .text(0x0028_2114, b"CS", "ISO_10918_1")
                .fragments(coded);
        }
    }
    set.text(0x0028_0004, b"CS", photometric);
    Ok(())
}

fn jpeg_ls(kind: &FrameKind, frame: &[u8]) -> Result<Vec<u8>, CodecError> {
    let info = charls::FrameInfo {
        width: kind.columns as u32,
        height: kind.rows as u32,
        bits_per_sample: kind.bits_stored as i32,
        component_count: kind.components as i32,
    };
    // Unset, the interleave mode is "none": one scan a plane, so planes are what it takes.
    let planes: Vec<u8> = (0..kind.components)
        .flat_map(|component| frame.iter().skip(component).step_by(kind.components).copied())
        .collect();
    let source = if kind.components == 1 { frame } else { &planes };
    charls::CharLS::default()
        .encode(info, 0, source)
        .map_err(|error| CodecError::EncodeFailed {
            why: error.to_string(),
        })
}

fn htj2k(kind: &FrameKind, frame: &[u8]) -> Result<Vec<u8>, CodecError> {
    let samples: Vec<i32> = match (kind.bits_allocated, kind.signed) {
        (8, _) => frame.iter().map(|&byte| byte.into()).collect(),
        (_, signed) => frame
            .chunks_exact(2)
            .map(|pair| {
                let word = u16::from_le_bytes([pair[0], pair[1]]);
                if signed {
                    i32::from(word as i16)
                } else {
                    word.into()
                }
            })
            .collect(),
    };
    let spec = openjph::ImageSpec {
        width: kind.columns as u32,
        height: kind.rows as u32,
        components: kind.components as u32,
        bits_stored: kind.bits_stored as u32,
        signed: kind.signed,
        color_transform: kind.components == 3,
    };
    openjph::encode_lossless(&spec, &samples).map_err(|error| CodecError::EncodeFailed {
        why: error.to_string(),
    })
}

fn jpeg(kind: &FrameKind, frame: &[u8]) -> Result<Vec<u8>, CodecError> {
    if kind.bits_allocated != 8 {
        return Err(CodecError::Unsuitable {
            why: "JPEG Baseline carries 8 bits".to_owned(),
        });
    }
    let color = if kind.components == 3 {
        ExtendedColorType::Rgb8
    } else {
        ExtendedColorType::L8
    };
    let mut out = Vec::new();
    JpegEncoder::new_with_quality(&mut out, 88)
        .write_image(frame, kind.columns as u32, kind.rows as u32, color)
        .map_err(|error| CodecError::EncodeFailed {
            why: error.to_string(),
        })?;
    Ok(out)
}
