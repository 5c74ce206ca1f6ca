//! Adds the tile-part lengths (TLM) that OpenJPH before 0.10 cannot write.
//!
//! PS3.5 §10.18 demands TLM with the RPCL transfer syntax, so that a reader finds the tile-parts without walking
//! them. The encoder writes one tile in one tile-part, so the segment has a single entry.

use crate::Error;

const SOC: u16 = 0xFF4F;
const SOT: u16 = 0xFF90;
const TLM: u16 = 0xFF55;
const EOC: u16 = 0xFFD9;

/// Inserts a TLM marker segment (ISO/IEC 15444-1 §A.7.1) after the main header of a one-tile codestream.
///
/// A codestream that has one already, or that has another shape than the encoder's, is returned as it is.
pub(crate) fn insert(mut codestream: Vec<u8>) -> Result<Vec<u8>, Error> {
    let Some(first_tile_part) = end_of_main_header(&codestream) else {
        return Err(Error::Codec("the main header has no end".to_owned()));
    };
    let Some(first_tile_part) = first_tile_part else {
        return Ok(codestream);
    };
    // SOT: marker, Lsot = 10, Isot (2), Psot (4), TPsot (1), TNsot (1).
    let Some(sot) = codestream.get(first_tile_part..first_tile_part + 12) else {
        return Err(Error::Codec("the tile-part header is cut off".to_owned()));
    };
    let declared = u32::from_be_bytes([sot[6], sot[7], sot[8], sot[9]]) as usize;
    let until_eoc = codestream.len() - 2 - first_tile_part;
    let ends_with_eoc = codestream.ends_with(&EOC.to_be_bytes());
    if !ends_with_eoc || (declared != 0 && declared != until_eoc) {
        // Several tile-parts: their lengths would have to be collected; no encoder setting of ours makes them.
        return Ok(codestream);
    }
    let length = u32::try_from(until_eoc).map_err(|_| Error::TooLarge)?;
    let mut segment = Vec::with_capacity(12);
    segment.extend(TLM.to_be_bytes());
    segment.extend(10_u16.to_be_bytes()); // Ltlm: itself, Ztlm, Stlm, Ttlm, Ptlm
    segment.push(0); // Ztlm: the first TLM segment
    segment.push(0b0110_0000); // Stlm: ST = 2 (16-bit Ttlm), SP = 1 (32-bit Ptlm)
    segment.extend(0_u16.to_be_bytes()); // Ttlm: tile 0
    segment.extend(length.to_be_bytes()); // Ptlm: from SOT to the end of the tile-part
    codestream.splice(first_tile_part..first_tile_part, segment);
    Ok(codestream)
}

/// Offset of the first SOT; `Some(None)` when a TLM segment is there already, `None` when the header is broken.
fn end_of_main_header(codestream: &[u8]) -> Option<Option<usize>> {
    let word = |at: usize| {
        Some(u16::from_be_bytes([
            *codestream.get(at)?,
            *codestream.get(at + 1)?,
        ]))
    };
    if word(0)? != SOC {
        return None;
    }
    let mut at = 2;
    loop {
        match word(at)? {
            SOT => return Some(Some(at)),
            TLM => return Some(None),
            _ => at += 2 + usize::from(word(at + 2)?),
        }
    }
}
