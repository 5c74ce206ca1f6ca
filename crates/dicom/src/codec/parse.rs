//! Reads the part of a file that describes its pixels: one pass, no recursion, up to the pixel data.
//!
//! It is not the archive's index (which keeps everything): only what describes pixels is kept, and it is as tolerant
//! as an image from a decade-old modality needs: no preamble, no or odd file meta, explicit VR where implicit was
//! promised.
//!
//! **Invariant:** depth, element count, kept bytes and inflation are bounded; no length is trusted before it is
//! compared with the bytes that are left.

use std::io::Read;

use flate2::read::DeflateDecoder;

use super::CodecError;
use super::dataset::DataSet;
use super::source::ByteSource;
use super::walk::{PixelData, Reader};

/// Most bytes that a deflated data set may grow to.
const MAX_INFLATED_BYTES: u64 = 512 << 20;

const EXPLICIT_BIG_ENDIAN: &str = "1.2.840.10008.1.2.2";

/// A data set read up to its pixels.
#[derive(Debug)]
pub(crate) struct Parsed {
    /// (0002,0010), or what was guessed where it is missing.
    pub(crate) transfer_syntax_uid: String,
    pub(crate) data_set: DataSet,
    pub(crate) pixel_data: Option<PixelData>,
    /// The bytes that the offsets of `pixel_data` refer to: the file's own, or the inflated ones.
    pub(crate) source: ByteSource,
    pub(crate) big_endian: bool,
}

/// Reads `source` up to its pixel data.
///
/// Errors: [`CodecError::NotDicom`], [`CodecError::Hostile`], [`CodecError::Io`].
pub(crate) fn parse(source: ByteSource) -> Result<Parsed, CodecError> {
    let meta = FileMeta::read(&source)?;
    let uid = meta.transfer_syntax_uid;
    let deflated = matches!(
        uid.as_str(),
        "1.2.840.10008.1.2.1.99" | "1.2.840.10008.1.2.4.95" | "1.2.840.10008.1.2.4.205"
    );
    let (source, start) = if deflated {
        (ByteSource::Memory(inflate(&source, meta.end)?), 0)
    } else {
        (source, meta.end)
    };
    let big_endian = uid == EXPLICIT_BIG_ENDIAN;
    let mut reader = Reader::new(&source, start, big_endian);
    let implicit = !reader.looks_explicit()?;
    let (data_set, pixel_data) = reader.data_set(implicit)?;
    Ok(Parsed {
        transfer_syntax_uid: uid,
        data_set,
        pixel_data,
        source,
        big_endian,
    })
}

/// Group 0002 (PS3.10 §7.1).
struct FileMeta {
    transfer_syntax_uid: String,
    /// Offset of the data set.
    end: u64,
}

impl FileMeta {
    fn read(source: &ByteSource) -> Result<Self, CodecError> {
        let head = source.window(0, 132)?;
        let start = if head.len() >= 132 && &head[128..] == b"DICM" {
            132
        } else if head.starts_with(b"DICM") {
            4
        } else {
            0
        };
        let mut reader = Reader::new(source, start, false);
        let mut uid = None;
        // The group length (0002,0000) is not trusted: group 0002 ends where another group begins.
        while let Some(peek) = reader.cursor.peek::<2>()? {
            if u16::from_le_bytes(peek) != 0x0002 {
                break;
            }
            let element = reader.element(false)?;
            let length = reader.bounded(element.length)?;
            if element.tag == 0x0002_0010 {
                let bytes = reader.cursor.source.bytes(reader.cursor.at, length)?;
                uid = Some(
                    String::from_utf8_lossy(&bytes)
                        .trim_matches([' ', '\0'])
                        .to_owned(),
                );
            }
            reader.cursor.at += length;
        }
        let end = reader.cursor.at;
        if start == 0 && uid.is_none() {
            // A bare data set: it must at least begin with a plausible element.
            let tag = reader.cursor.peek::<4>()?.ok_or(CodecError::NotDicom)?;
            let group = [tag[0], tag[1]];
            let plausible = |group| (1..=0x0020).contains(&group);
            if plausible(u16::from_be_bytes(group)) && reader.looks_explicit()? {
                return Ok(Self {
                    transfer_syntax_uid: EXPLICIT_BIG_ENDIAN.to_owned(),
                    end,
                });
            }
            if !plausible(u16::from_le_bytes(group)) {
                return Err(CodecError::NotDicom);
            }
        }
        let uid = match uid {
            Some(uid) => uid,
            None if reader.looks_explicit()? => "1.2.840.10008.1.2.1".to_owned(),
            None => "1.2.840.10008.1.2".to_owned(),
        };
        Ok(Self {
            transfer_syntax_uid: uid,
            end,
        })
    }
}

fn inflate(source: &ByteSource, from: u64) -> Result<Vec<u8>, CodecError> {
    let deflated = source.window(from, u64::MAX)?;
    inflate_bytes(&deflated, MAX_INFLATED_BYTES)
}

/// Inflates a raw deflate stream (RFC 1951) of at most `limit` bytes.
pub(crate) fn inflate_bytes(deflated: &[u8], limit: u64) -> Result<Vec<u8>, CodecError> {
    let mut inflated = Vec::new();
    DeflateDecoder::new(deflated)
        .take(limit + 1)
        .read_to_end(&mut inflated)
        .map_err(|_| CodecError::decode("broken deflate stream"))?;
    if inflated.len() as u64 > limit {
        return Err(CodecError::hostile("inflates beyond the limit"));
    }
    Ok(inflated)
}
