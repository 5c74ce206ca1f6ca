//! A frame as plain samples, for those who ask for Explicit VR Little Endian.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use super::CodecError;
use super::family::Family;
use super::image_header::ImageObject;
use super::protocol::WrittenSamples;

/// Whether compressed frames in a transfer syntax, of so many Bits Allocated, can be handed out as samples.
pub fn is_decodable(transfer_syntax_uid: &str, bits_allocated: Option<u32>) -> bool {
    Family::of(transfer_syntax_uid).is_ok() && matches!(bits_allocated, None | Some(8 | 16 | 32))
}

/// Writes one frame to the new file `output`: whole cells, so that what stands beside the value is not lost.
///
/// Errors: [`CodecError::FrameOutOfRange`] and those of decoding. After any error there is no file.
pub(super) fn write_samples(
    image: &ImageObject,
    output: &Path,
    frame: u32,
) -> Result<WrittenSamples, CodecError> {
    let sample_bytes = match image.header.bits_allocated {
        bits @ (8 | 16 | 32) => usize::from(bits / 8),
        bits => return Err(CodecError::unsupported(format!("{bits} bits as samples"))),
    };
    let frame = image.decode_cells(frame)?;
    let file = File::create_new(output)?;
    let written = write(file, &frame.samples, sample_bytes);
    if written.is_err() {
        // The file is ours: it did not exist before.
        let _ = fs::remove_file(output);
    }
    Ok(WrittenSamples {
        bytes: written?,
        photometric_interpretation: frame.photometric.to_string(),
    })
}

fn write(file: File, samples: &[i32], sample_bytes: usize) -> Result<u64, CodecError> {
    let mut out = BufWriter::new(file);
    for sample in samples {
        // They came out of cells of this width, and their bits are those of the cell.
        out.write_all(&sample.to_le_bytes()[..sample_bytes])?;
    }
    out.flush()?;
    Ok((samples.len() * sample_bytes) as u64)
}
