//! Element headers, as they are and not only as they should be.

use super::stream::Window;
use crate::refusal::{Hostility, Refusal, Warning};
use crate::tag::{Tag, tags};
use crate::transfer_syntax::Encoding;
use dicom_core::VR;

/// A data element's header (PS3.5 §7.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    pub tag: Tag,
    /// As written, or by the dictionary where the encoding is implicit.
    pub vr: VR,
    /// `None`: undefined length.
    pub length: Option<u32>,
    /// How the element turned out to be written, which may differ from its neighbours.
    pub encoding: Encoding,
    /// Bytes of the header itself.
    pub header_bytes: u64,
}

const UNDEFINED: u32 = 0xffff_ffff;

/// Reads the header at the window's position without consuming it. `signed` settles US or SS.
pub(crate) fn peek_header(
    window: &mut Window<'_>,
    encoding: Encoding,
    signed: bool,
    warnings: &mut Vec<Warning>,
) -> Result<Header, Refusal> {
    let (position, left) = (window.position(), window.left());
    let head = window.peek(12)?;
    if head.len() < 8 {
        return Err(Refusal::Truncated {
            what: "the data ends inside an element",
            at: position,
        });
    }
    let big = encoding.is_big_endian();
    let tag = Tag::new(short(head, 0, big), short(head, 2, big));
    let word = long(head, 4, big);
    let make = |vr, length: u32, encoding, header_bytes| Header {
        tag,
        vr,
        length: (length != UNDEFINED).then_some(length),
        encoding,
        header_bytes,
    };
    if tag.group() == tags::ITEM.group() {
        return Ok(make(VR::UN, word, encoding, 8));
    }

    let code = [head[4], head[5]];
    let vr = VR::from_binary(code);
    // PS3.5 §7.1.2: two reserved bytes and a 32-bit length.
    let long_form = |vr, encoding| match head.get(8..12) {
        Some(_) => Ok(make(vr, long(head, 8, big), encoding, 12)),
        None => Err(Refusal::Truncated {
            what: "the data ends inside an element",
            at: position,
        }),
    };
    let dictionary = || tag.dictionary_vr(signed).unwrap_or(VR::UN);
    let fits = |length: u32, header_bytes: u64| {
        length == UNDEFINED || u64::from(length).saturating_add(header_bytes) <= left
    };

    if encoding == Encoding::ImplicitLittle {
        // Some writers mix explicit elements in; read as a length their VR exceeds any file it could stand in.
        if let (Some(vr), false) = (vr, fits(word, 8)) {
            return if has_long_length(vr) {
                long_form(vr, Encoding::ExplicitLittle)
            } else {
                Ok(make(
                    vr,
                    u32::from(short(head, 6, false)),
                    Encoding::ExplicitLittle,
                    8,
                ))
            };
        }
        return Ok(make(dictionary(), word, encoding, 8));
    }
    if let Some(vr) = vr {
        return if has_long_length(vr) {
            long_form(vr, encoding)
        } else {
            Ok(make(vr, u32::from(short(head, 6, big)), encoding, 8))
        };
    }

    // Not a VR of the Standard. Future VRs use the long form (PS3.5 §6.2), old and broken writers everything else.
    let letters = code.iter().all(u8::is_ascii_uppercase);
    let reserved_is_zero = head[6..8] == [0, 0];
    if letters && reserved_is_zero && head.len() == 12 && fits(long(head, 8, big), 12) {
        note(warnings, Warning::UnknownVr);
        return Ok(make(VR::UN, long(head, 8, big), encoding, 12));
    }
    if !letters && !big && fits(word, 8) {
        note(warnings, Warning::EncodingMismatch);
        return Ok(make(dictionary(), word, Encoding::ImplicitLittle, 8));
    }
    let short_length = u32::from(short(head, 6, big));
    if fits(short_length, 8) && (letters || tag.dictionary_vr(signed).is_some()) {
        note(warnings, Warning::UnknownVr);
        return Ok(make(dictionary(), short_length, encoding, 8));
    }
    Err(Hostility::Structure(position).into())
}

/// Adds a warning once.
pub(crate) fn note(warnings: &mut Vec<Warning>, warning: Warning) {
    if !warnings.contains(&warning) {
        warnings.push(warning);
    }
}

/// Recognises how a data set is written from its first bytes. `None`: not a data set at all.
pub(crate) fn recognise_encoding(head: &[u8], left: u64) -> Option<Encoding> {
    if head.len() < 8 {
        return None;
    }
    // The first group of a data set is 0002 or 0008, or at least a small number: in the other byte order it is
    // a large one.
    const LARGEST_FIRST_GROUP: u16 = 0x0400;
    let (little, big) = (short(head, 0, false), short(head, 0, true));
    let explicit = VR::from_binary([head[4], head[5]]).is_some();
    match (little, big) {
        (_, 1..LARGEST_FIRST_GROUP) if little >= LARGEST_FIRST_GROUP => {
            explicit.then_some(Encoding::ExplicitBig)
        }
        (0..LARGEST_FIRST_GROUP, _) if explicit => Some(Encoding::ExplicitLittle),
        (0..LARGEST_FIRST_GROUP, _) => {
            let length = long(head, 4, false);
            let fits = length == UNDEFINED || u64::from(length) + 8 <= left;
            fits.then_some(Encoding::ImplicitLittle)
        }
        _ => None,
    }
}

pub(crate) fn has_long_length(vr: VR) -> bool {
    use VR::{OB, OD, OF, OL, OV, OW, SQ, SV, UC, UN, UR, UT, UV};
    matches!(vr, OB | OD | OF | OL | OV | OW | SQ | SV | UC | UN | UR | UT | UV)
}

fn short(bytes: &[u8], at: usize, big: bool) -> u16 {
    let pair = [bytes[at], bytes[at + 1]];
    if big {
        u16::from_be_bytes(pair)
    } else {
        u16::from_le_bytes(pair)
    }
}

fn long(bytes: &[u8], at: usize, big: bool) -> u32 {
    let four = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
    if big {
        u32::from_be_bytes(four)
    } else {
        u32::from_le_bytes(four)
    }
}
