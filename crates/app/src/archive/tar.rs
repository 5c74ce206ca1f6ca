//! The frame of a POSIX tar: headers and padding (IEEE Std 1003.1, pax, ustar interchange format).
//!
//! **Invariant:** a batch object is readable by any tar, so that the originals outlive this program.

use chrono::{DateTime, Utc};

/// Bytes of a tar block: headers, and the unit members are padded to.
pub const BLOCK_BYTES: u64 = 512;

/// What ends an archive: two empty blocks.
pub const END: [u8; 1024] = [0; 1024];

/// The largest member a ustar header can describe: eleven octal digits.
pub const MAX_MEMBER_BYTES: u64 = (8 << 30) - 1;

/// The header of a file. `name` is ASCII of at most 100 bytes, `length` at most [`MAX_MEMBER_BYTES`].
pub fn header(name: &str, length: u64, modified: DateTime<Utc>) -> [u8; BLOCK_BYTES as usize] {
    debug_assert!(name.is_ascii() && name.len() <= 100 && length <= MAX_MEMBER_BYTES);
    let mut block = [0; BLOCK_BYTES as usize];
    put(&mut block, 0, name.as_bytes());
    put(&mut block, 100, b"0000644\0");
    put(&mut block, 108, b"0000000\0");
    put(&mut block, 116, b"0000000\0");
    put(&mut block, 124, format!("{length:011o}\0").as_bytes());
    put(
        &mut block,
        136,
        format!("{:011o}\0", modified.timestamp().max(0)).as_bytes(),
    );
    // The checksum counts its own field as blanks.
    put(&mut block, 148, b"        ");
    put(&mut block, 156, b"0");
    put(&mut block, 257, b"ustar\x0000");
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    put(&mut block, 148, format!("{sum:06o}\0 ").as_bytes());
    block
}

/// How many bytes fill the last block of a member up.
pub fn padding(length: u64) -> u64 {
    length.next_multiple_of(BLOCK_BYTES) - length
}

fn put(block: &mut [u8], at: usize, field: &[u8]) {
    block[at..at + field.len()].copy_from_slice(field);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_adds_up_to_its_checksum() {
        let block = header("00001_1.2.3.dcm", 1234, DateTime::UNIX_EPOCH);
        let written = std::str::from_utf8(&block[148..154]).unwrap();
        let mut blank = block;
        put(&mut blank, 148, b"        ");
        let sum: u32 = blank.iter().map(|byte| u32::from(*byte)).sum();
        assert_eq!(u32::from_str_radix(written, 8), Ok(sum));
        assert_eq!(&block[124..136], b"00000002322\0");
    }

    #[test]
    fn members_end_at_block_boundaries() {
        assert_eq!(
            (padding(0), padding(1), padding(512), padding(513)),
            (0, 511, 0, 511)
        );
    }
}
