//! A frame as plain samples, for those who ask for Explicit VR Little Endian.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use super::CodecError;
use super::codestream::Family;
use super::image_header::ImageObject;

/// Whether frames in a transfer syntax can be handed out as samples.
pub fn is_decodable(transfer_syntax_uid: &str) -> bool {
    Family::of(transfer_syntax_uid).is_ok()
}

/// Writes one frame to the new file `output` and gives its length in bytes.
///
/// Errors: [`CodecError::FrameOutOfRange`] and those of decoding. After any error there is no file.
pub(super) fn write_samples(image: &ImageObject, output: &Path, frame: u32) -> Result<u64, CodecError> {
    let sample_bytes = match image.header.bits_allocated {
        bits @ (8 | 16 | 32) => usize::from(bits / 8),
        bits => return Err(CodecError::unsupported(format!("{bits} bits as samples"))),
    };
    if sample_bytes == 4 && !image.header.signed {
        // Decoded values are signed 32-bit integers; rather nothing than a clipped value.
        return Err(CodecError::unsupported("unsigned 32 bits as samples"));
    }
    let frame = image.decode_frame(frame, 0)?;
    let file = File::create_new(output)?;
    let written = write(file, &frame.samples, sample_bytes);
    if written.is_err() {
        // The file is ours: it did not exist before.
        let _ = fs::remove_file(output);
    }
    written
}

fn write(file: File, samples: &[i32], sample_bytes: usize) -> Result<u64, CodecError> {
    let mut out = BufWriter::new(file);
    for sample in samples {
        // Values fit their cells: they came out of cells of this width.
        out.write_all(&sample.to_le_bytes()[..sample_bytes])?;
    }
    out.flush()?;
    Ok((samples.len() * sample_bytes) as u64)
}
