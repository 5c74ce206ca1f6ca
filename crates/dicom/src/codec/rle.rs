//! RLE Lossless (PS3.5 Annex G), both ways. Own code, because it is small and the available decoder stops at 16 bits.

use super::CodecError;

const HEADER_BYTES: usize = 64;
const MAX_SEGMENTS: usize = 15;

/// Decodes one frame into bytes that lie as in a native little endian frame, colour by pixel.
///
/// `pixels` is rows × columns. Errors: [`CodecError::DecodeFailed`].
pub(crate) fn decode_frame(
    codestream: &[u8],
    pixels: usize,
    samples_per_pixel: usize,
    bytes_per_sample: usize,
) -> Result<Vec<u8>, CodecError> {
    let header = codestream
        .get(..HEADER_BYTES)
        .ok_or_else(|| CodecError::decode("RLE header is cut off"))?;
    let word = |index: usize| {
        let at = index * 4;
        u32::from_le_bytes(header[at..at + 4].try_into().expect("four bytes")) as usize
    };
    let segments = samples_per_pixel * bytes_per_sample;
    if word(0) != segments || segments > MAX_SEGMENTS {
        return Err(CodecError::mismatch("number of RLE segments"));
    }
    // A run makes at most 128 bytes out of two: what cannot fill the frame is refused before memory is taken.
    if pixels.saturating_mul(segments) > codestream.len().saturating_mul(64) {
        return Err(CodecError::TruncatedPixels);
    }
    let mut native = vec![0; pixels * segments];
    for segment in 0..segments {
        let start = word(1 + segment);
        let end = if segment + 1 < segments {
            word(2 + segment)
        } else {
            codestream.len()
        };
        let packed = codestream
            .get(start..end)
            .filter(|_| start >= HEADER_BYTES)
            .ok_or_else(|| CodecError::decode("RLE segment offsets"))?;
        // Segments run from the most significant byte of the first sample (PS3.5 §G.2).
        let sample = segment / bytes_per_sample;
        let byte = bytes_per_sample - 1 - segment % bytes_per_sample;
        unpack(
            packed,
            &mut native[sample * bytes_per_sample + byte..],
            segments,
            pixels,
        )?;
    }
    Ok(native)
}

/// Undoes PackBits into every `step`-th byte of `target`, `count` times (PS3.5 §G.3.2).
fn unpack(packed: &[u8], target: &mut [u8], step: usize, count: usize) -> Result<(), CodecError> {
    let cut_off = || CodecError::TruncatedPixels;
    let mut at = 0;
    let mut done = 0;
    while done < count {
        let control = *packed.get(at).ok_or_else(cut_off)?;
        at += 1;
        match control {
            0..=127 => {
                let length = usize::from(control) + 1;
                let literal = packed.get(at..at + length).ok_or_else(cut_off)?;
                at += length;
                for &byte in literal.iter().take(count - done) {
                    target[done * step] = byte;
                    done += 1;
                }
            }
            128 => {}
            129..=255 => {
                let length = 257 - usize::from(control);
                let byte = *packed.get(at).ok_or_else(cut_off)?;
                at += 1;
                for _ in 0..length.min(count - done) {
                    target[done * step] = byte;
                    done += 1;
                }
            }
        }
    }
    Ok(())
}

/// Encodes one native little endian frame, colour by pixel, of `columns` pixels a line.
///
/// Errors: [`CodecError::EncodeFailed`] for more than 15 bytes a pixel or a frame that is not made of whole lines.
pub fn encode_frame(
    native: &[u8],
    columns: usize,
    samples_per_pixel: usize,
    bytes_per_sample: usize,
) -> Result<Vec<u8>, CodecError> {
    let segments = samples_per_pixel * bytes_per_sample;
    let line_bytes = columns * segments;
    if segments == 0 || segments > MAX_SEGMENTS || line_bytes == 0 {
        return Err(CodecError::encode("RLE carries 1 to 15 bytes a pixel"));
    }
    if !native.len().is_multiple_of(line_bytes) {
        return Err(CodecError::encode("not a whole number of lines"));
    }
    let mut encoded = vec![0; HEADER_BYTES];
    encoded[..4].copy_from_slice(&(segments as u32).to_le_bytes());
    let mut row = vec![0; columns];
    for segment in 0..segments {
        let start =
            u32::try_from(encoded.len()).map_err(|_| CodecError::encode("longer than RLE offsets reach"))?;
        encoded[4 + segment * 4..8 + segment * 4].copy_from_slice(&start.to_le_bytes());
        let sample = segment / bytes_per_sample;
        let byte = bytes_per_sample - 1 - segment % bytes_per_sample;
        let first = sample * bytes_per_sample + byte;
        for line in native.chunks_exact(line_bytes) {
            for (cell, pixel) in row.iter_mut().zip(line.chunks_exact(segments)) {
                *cell = pixel[first];
            }
            // Each line on its own (PS3.5 §G.3.1).
            pack(&row, &mut encoded);
        }
        if encoded.len() % 2 == 1 {
            encoded.push(0);
        }
    }
    Ok(encoded)
}

/// PackBits: runs of three and more become replicates, the rest literals.
fn pack(row: &[u8], out: &mut Vec<u8>) {
    let mut at = 0;
    while at < row.len() {
        let run = run_length(&row[at..]);
        if run >= 3 || (run == 2 && at + 2 == row.len()) {
            out.push((257 - run) as u8); // run is 2 to 128
            out.push(row[at]);
            at += run;
            continue;
        }
        let start = at;
        while at < row.len() && at - start < 128 && run_length(&row[at..]) < 3 {
            at += 1;
        }
        out.push((at - start - 1) as u8); // 1 to 128 bytes
        out.extend_from_slice(&row[start..at]);
    }
}

/// How often the first byte repeats, at most 128.
fn run_length(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .take(128)
        .take_while(|&&byte| byte == bytes[0])
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_depth_and_colour_comes_back() {
        for (samples, bytes) in [(1, 1), (1, 2), (3, 1), (3, 2), (1, 4)] {
            let native: Vec<u8> = (0..64 * 7 * samples * bytes)
                .map(|index| {
                    if index % 97 < 40 {
                        5
                    } else {
                        (index * 31 % 251) as u8
                    }
                })
                .collect();
            let encoded = encode_frame(&native, 64, samples, bytes).unwrap();
            assert_eq!(decode_frame(&encoded, 64 * 7, samples, bytes).unwrap(), native);
        }
    }

    #[test]
    fn a_cut_off_segment_is_an_error() {
        let native: Vec<u8> = (0..100).map(|index| (index * 7 % 13) as u8).collect();
        let encoded = encode_frame(&native, 10, 1, 1).unwrap();
        for length in 0..encoded.len() - 2 {
            assert!(decode_frame(&encoded[..length], 100, 1, 1).is_err());
        }
    }
}
