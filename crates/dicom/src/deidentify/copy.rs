//! Copying values as they are, in the byte order of the copy.

use super::DeidentifyError;
use super::black_out::Painter;
use crate::prescan::{Element, Event, Scanner};
use crate::writing::{ElementWriter, padding};
use dicom_core::VR;
use std::io::{self, Read, Write};

/// Bytes copied at a time.
const PIECE_BYTES: u64 = 32 << 10;

/// Copies the current element.
pub(super) fn element<W: Write>(
    scanner: &mut Scanner<'_, '_>,
    element: &Element,
    out: &mut ElementWriter<W>,
) -> Result<(), DeidentifyError> {
    let word_bytes = if element.big_endian {
        word_bytes(element.vr)
    } else {
        1
    };
    value(scanner, element, word_bytes, None, out)
}

/// Copies the current element, whose words of `word_bytes` are to be turned round, and has `painter` paint it.
pub(super) fn value<W: Write>(
    scanner: &mut Scanner<'_, '_>,
    element: &Element,
    word_bytes: usize,
    mut painter: Option<&mut Painter>,
    out: &mut ElementWriter<W>,
) -> Result<(), DeidentifyError> {
    let length = u64::from(element.length);
    out.header(element.tag, element.vr, length.next_multiple_of(2))?;
    let mut piece = Vec::new();
    loop {
        // Pieces are multiples of every word's size, except the last.
        scanner.read_piece(PIECE_BYTES, &mut piece)?;
        if piece.is_empty() {
            break;
        }
        if word_bytes > 1 {
            piece.chunks_exact_mut(word_bytes).for_each(<[u8]>::reverse);
        }
        if let Some(painter) = &mut painter {
            painter.paint(&mut piece);
        }
        out.raw(&piece)?;
    }
    if length % 2 == 1 {
        out.raw(&[padding(element.vr)])?;
    }
    Ok(())
}

/// Copies encapsulated pixel data, whose beginning was met, or reads over it.
pub(super) fn fragments<W: Write>(
    scanner: &mut Scanner<'_, '_>,
    mut out: Option<&mut ElementWriter<W>>,
) -> Result<(), DeidentifyError> {
    let mut piece = Vec::new();
    loop {
        match (scanner.next()?, &mut out) {
            (Event::Fragment { length, .. }, Some(out)) => {
                out.fragment(length.next_multiple_of(2))?;
                loop {
                    scanner.read_piece(PIECE_BYTES, &mut piece)?;
                    if piece.is_empty() {
                        break;
                    }
                    out.raw(&piece)?;
                }
                if length % 2 == 1 {
                    out.raw(&[0])?;
                }
            }
            (Event::Fragment { .. }, None) => {}
            // The scanner yields only fragments until here.
            (_, Some(out)) => return Ok(out.end()?),
            (_, None) => return Ok(()),
        }
    }
}

/// Copies `bytes` decoded pixels and has `painter` paint them.
pub(super) fn decoded<W: Write>(
    samples: &mut dyn Read,
    bytes: u64,
    painter: &mut Painter,
    out: &mut ElementWriter<W>,
) -> Result<(), DeidentifyError> {
    let mut piece = vec![0; 32 << 10];
    let mut missing = bytes;
    while missing > 0 {
        let wanted = usize::try_from(missing).unwrap_or(usize::MAX).min(piece.len());
        let read = samples.read(&mut piece[..wanted])?;
        if read == 0 {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        painter.paint(&mut piece[..read]);
        out.raw(&piece[..read])?;
        missing -= read as u64;
    }
    if bytes % 2 == 1 {
        out.raw(&[0])?;
    }
    Ok(())
}

/// The words that byte order is about (PS3.5 §7.3).
fn word_bytes(vr: VR) -> usize {
    match vr {
        VR::US | VR::SS | VR::OW | VR::AT => 2,
        VR::UL | VR::SL | VR::FL | VR::OF | VR::OL => 4,
        VR::FD | VR::OD | VR::SV | VR::UV | VR::OV => 8,
        _ => 1,
    }
}
