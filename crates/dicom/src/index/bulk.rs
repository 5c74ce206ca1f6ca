//! Reading a value that stands in the file and not in the metadata, whatever the file's encoding is.

use super::BulkValue;
use crate::limits::Limits;
use crate::prescan::inflate_range;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};

const ITEM: [u8; 4] = [0xFE, 0xFF, 0x00, 0xE0];

/// Reads `value` of the file in `source` as plain little-endian bytes. Encapsulated pixel data comes as its
/// fragments joined, without offset table: the codestream of an icon. Memory is the value.
///
/// Errors: the source's own, [`ErrorKind::UnexpectedEof`] when it ends before the value does.
pub fn read_bulk_value<R: Read + Seek>(
    source: &mut R,
    value: &BulkValue,
    limits: &Limits,
) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(from) = value.inflated_from {
        source.seek(SeekFrom::Start(from))?;
        inflate_range(source, value.offset, value.length, limits, &mut bytes)?;
    } else {
        source.seek(SeekFrom::Start(value.offset))?;
        source.by_ref().take(value.length).read_to_end(&mut bytes)?;
    }
    if (bytes.len() as u64) < value.length {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    if value.encapsulated {
        return join_fragments(&bytes);
    }
    if value.word_bytes > 1 {
        bytes
            .chunks_exact_mut(usize::from(value.word_bytes))
            .for_each(<[u8]>::reverse);
    }
    Ok(bytes)
}

/// The values of all items but the first, which is the offset table (PS3.5 §A.4).
fn join_fragments(mut items: &[u8]) -> io::Result<Vec<u8>> {
    let mut joined = Vec::new();
    let mut is_table = true;
    while !items.is_empty() {
        let (head, rest) = items.split_at_checked(8).ok_or(ErrorKind::UnexpectedEof)?;
        if head[..4] != ITEM {
            return Err(io::Error::other("an item where a fragment belongs"));
        }
        let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
        let (fragment, rest) = rest.split_at_checked(length).ok_or(ErrorKind::UnexpectedEof)?;
        if !std::mem::take(&mut is_table) {
            joined.extend_from_slice(fragment);
        }
        items = rest;
    }
    Ok(joined)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn value(length: u64) -> BulkValue {
        BulkValue {
            path: "00420011".to_owned(),
            offset: 2,
            length,
            encapsulated: false,
            word_bytes: 1,
            inflated_from: None,
        }
    }

    fn read(file: &[u8], value: &BulkValue) -> io::Result<Vec<u8>> {
        read_bulk_value(&mut Cursor::new(file), value, &Limits::default())
    }

    #[test]
    fn big_endian_words_come_little_endian() {
        let file = [9, 9, 1, 2, 3, 4, 9];
        assert_eq!(read(&file, &value(4)).unwrap(), [1, 2, 3, 4]);
        let words = |word_bytes| BulkValue {
            word_bytes,
            ..value(4)
        };
        assert_eq!(read(&file, &words(2)).unwrap(), [2, 1, 4, 3]);
        assert_eq!(read(&file, &words(4)).unwrap(), [4, 3, 2, 1]);
    }

    #[test]
    fn an_icons_fragments_are_joined_without_their_table() {
        let mut file = vec![9, 9];
        for item in [&[0, 0, 0, 0][..], &[1, 2], &[3, 4]] {
            file.extend(ITEM);
            file.extend((item.len() as u32).to_le_bytes());
            file.extend(item);
        }
        let whole = BulkValue {
            encapsulated: true,
            ..value(file.len() as u64 - 2)
        };
        assert_eq!(read(&file, &whole).unwrap(), [1, 2, 3, 4]);
        let cut = BulkValue {
            length: whole.length - 1,
            ..whole
        };
        assert!(read(&file, &cut).is_err());
    }

    #[test]
    fn a_file_that_ends_before_its_value_is_an_error() {
        assert!(read(&[0; 5], &value(4)).is_err());
    }
}
