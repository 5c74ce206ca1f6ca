//! A ZIP archive as a stream (PKWARE APPNOTE 6.3.10; PS3.18 §8.7.3.6), of files of any size and number.
//!
//! **Invariant:** nothing is held but a line for each file, and not even that of who takes the lines away
//! ([`ZipWriter::take_contents`]): sizes and checksums follow the bytes of a file, and all of them again at the end. ZIP64 fields stand where 32 bits do not reach, and only there.

use crc32fast::Hasher;

/// Deflate; pixel data hardly shrinks, so its blocks are stored ones (RFC 1951 §3.2.4). Readers that go from front to
/// back cannot find the end of a file that is merely stored.
const DEFLATE: u16 = 8;
/// Sizes follow the bytes; names are UTF-8.
const FLAGS: u16 = 1 << 3 | 1 << 11;
const VERSION: u16 = 20;
const VERSION_ZIP64: u16 = 45;
/// Made on Unix, so that the mode counts.
const MADE_BY: u16 = 3 << 8;
const REGULAR_FILE: u32 = 0o100_644 << 16;
/// 1 January 1980, the first day that ZIP knows: the archive is made for who asks, and says nothing about when.
const DATE: u16 = 1 << 5 | 1;

/// Most bytes of one stored block.
const BLOCK_BYTES: usize = 0xFFFF;
/// The empty last block.
const LAST_BLOCK: [u8; 5] = [1, 0, 0, 0xFF, 0xFF];

/// What stands before, between and after the bytes of the files.
#[derive(Debug, Default)]
pub struct ZipWriter {
    /// The file that has begun.
    open: Option<File>,
    /// Lines of the table of contents that were not taken away.
    contents: Vec<u8>,
    /// How many bytes all lines have.
    contents_bytes: u64,
    files: u64,
    position: u64,
    checksum: Hasher,
}

#[derive(Debug)]
struct File {
    name: String,
    at: u64,
    /// Whether its sizes need 64 bits.
    large: bool,
    checksum: u32,
    packed: u64,
    bytes: u64,
}

impl ZipWriter {
    /// Begins a file; `bytes` is how many will come, as far as is known, and only decides about the width of fields.
    pub fn begin(&mut self, name: &str, bytes: u64) -> Vec<u8> {
        let large = packed_bytes(bytes) >= u64::from(u32::MAX);
        self.checksum = Hasher::new();
        self.open = Some(File {
            name: name.to_owned(),
            at: self.position,
            large,
            checksum: 0,
            packed: 0,
            bytes: 0,
        });
        let mut out = Vec::with_capacity(64 + name.len());
        out.extend(0x0403_4B50_u32.to_le_bytes());
        for word in [version(large), FLAGS, DEFLATE, 0, DATE] {
            out.extend(word.to_le_bytes());
        }
        out.extend([0; 4]);
        let size = if large { [0xFF; 8] } else { [0; 8] };
        out.extend(size);
        out.extend(length(name.len()).to_le_bytes());
        let extra: &[u8] = if large {
            // The ZIP64 field, still without sizes.
            &[1, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        } else {
            &[]
        };
        out.extend(length(extra.len()).to_le_bytes());
        out.extend(name.as_bytes());
        out.extend(extra);
        self.position += out.len() as u64;
        out
    }

    /// Bytes of the file that has begun.
    pub fn data(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(bytes.len() + 5 * bytes.len().div_ceil(BLOCK_BYTES));
        for block in bytes.chunks(BLOCK_BYTES) {
            let size = length(block.len());
            out.push(0);
            out.extend(size.to_le_bytes());
            out.extend((!size).to_le_bytes());
            out.extend(block);
        }
        self.checksum.update(bytes);
        if let Some(file) = &mut self.open {
            file.bytes += bytes.len() as u64;
            file.packed += out.len() as u64;
        }
        self.position += out.len() as u64;
        out
    }

    /// Ends the file that has begun.
    pub fn end(&mut self) -> Vec<u8> {
        let mut out = LAST_BLOCK.to_vec();
        if let Some(mut file) = self.open.take() {
            file.packed += LAST_BLOCK.len() as u64;
            file.checksum = std::mem::take(&mut self.checksum).finalize();
            out.extend(0x0807_4B50_u32.to_le_bytes());
            out.extend(file.checksum.to_le_bytes());
            for size in [file.packed, file.bytes] {
                if file.large {
                    out.extend(size.to_le_bytes());
                } else {
                    out.extend(narrow(size).to_le_bytes());
                }
            }
            let before = self.contents.len();
            file.write_entry(&mut self.contents);
            self.contents_bytes += (self.contents.len() - before) as u64;
            self.files += 1;
        }
        self.position += out.len() as u64;
        out
    }

    /// The lines of the table of contents so far, for who keeps them elsewhere: they go before what
    /// [`ZipWriter::finish`] gives.
    pub fn take_contents(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.contents)
    }

    /// The table of contents, which ends the archive.
    pub fn finish(self) -> Vec<u8> {
        let (start, count, size) = (self.position, self.files, self.contents_bytes);
        let mut out = self.contents;
        let wide = u64::from(u32::MAX);
        if count >= u64::from(u16::MAX) || start >= wide || size >= wide {
            let record = start + size;
            out.extend(0x0606_4B50_u32.to_le_bytes());
            out.extend(44_u64.to_le_bytes());
            out.extend((MADE_BY | VERSION_ZIP64).to_le_bytes());
            out.extend(VERSION_ZIP64.to_le_bytes());
            out.extend([0; 8]);
            for number in [count, count, size, start] {
                out.extend(number.to_le_bytes());
            }
            out.extend(0x0706_4B50_u32.to_le_bytes());
            out.extend([0; 4]);
            out.extend(record.to_le_bytes());
            out.extend(1_u32.to_le_bytes());
        }
        out.extend(0x0605_4B50_u32.to_le_bytes());
        out.extend([0; 4]);
        let few = u16::try_from(count).unwrap_or(u16::MAX);
        out.extend(few.to_le_bytes());
        out.extend(few.to_le_bytes());
        out.extend(narrow(size).to_le_bytes());
        out.extend(narrow(start).to_le_bytes());
        out.extend([0; 2]);
        out
    }
}

impl File {
    fn write_entry(&self, out: &mut Vec<u8>) {
        // Only what does not fit stands in the ZIP64 field, in this order.
        let wide: Vec<u64> = [self.bytes, self.packed, self.at]
            .into_iter()
            .filter(|number| *number >= u64::from(u32::MAX))
            .collect();
        let version = version(self.large || !wide.is_empty());
        out.extend(0x0201_4B50_u32.to_le_bytes());
        for word in [MADE_BY | version, version, FLAGS, DEFLATE, 0, DATE] {
            out.extend(word.to_le_bytes());
        }
        out.extend(self.checksum.to_le_bytes());
        out.extend(narrow(self.packed).to_le_bytes());
        out.extend(narrow(self.bytes).to_le_bytes());
        out.extend(length(self.name.len()).to_le_bytes());
        let extra = if wide.is_empty() { 0 } else { 4 + wide.len() * 8 };
        out.extend(length(extra).to_le_bytes());
        out.extend([0; 6]);
        out.extend(REGULAR_FILE.to_le_bytes());
        out.extend(narrow(self.at).to_le_bytes());
        out.extend(self.name.as_bytes());
        if !wide.is_empty() {
            out.extend(1_u16.to_le_bytes());
            out.extend(length(wide.len() * 8).to_le_bytes());
            out.extend(wide.iter().flat_map(|number| number.to_le_bytes()));
        }
    }
}

/// How many bytes stored blocks make of so many, at the most: pieces may be as small as a kilobyte.
fn packed_bytes(bytes: u64) -> u64 {
    bytes.saturating_add(bytes / 128).saturating_add(64)
}

fn version(large: bool) -> u16 {
    if large { VERSION_ZIP64 } else { VERSION }
}

/// What 32 bits can say; all ones where they cannot.
fn narrow(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Lengths of names, fields and blocks, which are short.
fn length(length: usize) -> u16 {
    u16::try_from(length).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};

    use super::*;

    fn archive(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
        let mut zip = ZipWriter::default();
        let mut out = Vec::new();
        for (name, bytes) in files {
            out.extend(zip.begin(name, bytes.len() as u64));
            for piece in bytes.chunks(100_000) {
                out.extend(zip.data(piece));
            }
            out.extend(zip.end());
        }
        out.extend(zip.finish());
        out
    }

    #[test]
    fn a_reader_from_front_to_back_finds_every_byte() {
        let files = [
            ("a/IM00001.dcm", vec![7; 200_000]),
            ("b/Ä.txt", b"why".to_vec()),
            ("empty", Vec::new()),
        ];
        let archive = archive(&files);
        let mut rest = archive.as_slice();
        for (name, bytes) in &files {
            assert!(rest.starts_with(b"PK\x03\x04"));
            let name_bytes = usize::from(u16::from_le_bytes([rest[26], rest[27]]));
            assert_eq!(&rest[30..30 + name_bytes], name.as_bytes());
            let mut found = Vec::new();
            let mut inflate = flate2::bufread::DeflateDecoder::new(&rest[30 + name_bytes..]);
            inflate.read_to_end(&mut found).unwrap();
            assert_eq!(&found, bytes);
            rest = inflate.into_inner();
            assert!(rest.starts_with(b"PK\x07\x08"));
            assert_eq!(rest[4..8], crc32fast::hash(bytes).to_le_bytes());
            rest = &rest[16..];
        }
        assert!(rest.starts_with(b"PK\x01\x02"));
    }

    #[test]
    fn the_table_of_contents_names_places() {
        let archive = archive(&[("first", vec![1; 10]), ("second", vec![2; 20])]);
        let end = archive.len() - 22;
        let number = |at: usize| u32::from_le_bytes(archive[at..at + 4].try_into().unwrap()) as usize;
        assert_eq!(&archive[end..end + 4], b"PK\x05\x06");
        assert_eq!(archive[end + 10], 2);
        let mut entry = number(end + 16);
        for name in ["first", "second"] {
            assert_eq!(&archive[entry..entry + 4], b"PK\x01\x02");
            let local = number(entry + 42);
            assert_eq!(&archive[local + 30..local + 30 + name.len()], name.as_bytes());
            entry += 46 + name.len();
        }
        assert_eq!(entry, end);
    }

    #[test]
    fn lines_that_were_taken_away_and_put_before_the_end_make_the_same_archive() {
        let whole = archive(&[("first", vec![1; 10]), ("second", vec![2; 20])]);
        let (mut zip, mut out, mut lines) = (ZipWriter::default(), Vec::new(), Vec::new());
        for (name, bytes) in [("first", vec![1; 10]), ("second", vec![2; 20])] {
            out.extend(zip.begin(name, bytes.len() as u64));
            out.extend(zip.data(&bytes));
            out.extend(zip.end());
            lines.extend(zip.take_contents());
        }
        assert_eq!([out, lines, zip.finish()].concat(), whole);
    }

    #[test]
    fn what_32_bits_cannot_say_stands_in_64() {
        let mut zip = ZipWriter::default();
        let head = zip.begin("large", 5 << 30);
        assert_eq!(head[18..26], [0xFF; 8], "the sizes are in the ZIP64 field");
        zip.data(b"x");
        assert_eq!(zip.end().len(), 5 + 8 + 16);
        zip.position = 6 << 30;
        zip.begin("behind", 1);
        zip.end();
        let mut out = Vec::new();
        out.write_all(&zip.finish()).unwrap();
        let position = (6_u64 << 30).to_le_bytes();
        assert!(
            out.windows(8).any(|window| window == position),
            "the place of the second"
        );
        assert!(out.windows(4).any(|window| window == b"PK\x06\x06"));
    }
}
