//! The hash of a file's data set: the same image may come again with another file meta, by another sender or by
//! another way.
//!
//! **Invariant:** it covers the transfer syntax and every byte after the file meta, so that equal hashes mean an
//! image that is equal bit for bit.

use std::{fs::File, io, os::unix::fs::FileExt as _};

/// Preamble, prefix and the group length of the file meta end here.
const HEAD_BYTES: usize = 144;

/// Hashes a data set while its file streams by.
///
/// Where the data set begins is known for sure only when the file is indexed. Until then the group length is believed;
/// where it lied, the bytes are read again.
#[derive(Debug, Default)]
pub(super) struct DataSetHasher {
    head: Vec<u8>,
    position: u64,
    /// Where the file meta says that the data set begins.
    begins: Option<u64>,
    hash: blake3::Hasher,
}

impl DataSetHasher {
    /// Adds the next bytes of the file.
    pub fn update(&mut self, chunk: &[u8]) {
        if self.head.len() < HEAD_BYTES {
            let missing = HEAD_BYTES - self.head.len();
            self.head.extend_from_slice(&chunk[..missing.min(chunk.len())]);
            self.begins = data_set_offset(&self.head);
        }
        if let Some(begins) = self.begins {
            let skipped = begins.saturating_sub(self.position).min(chunk.len() as u64);
            // It is at most the chunk's length, which is a usize.
            self.hash.update(&chunk[skipped as usize..]);
        }
        self.position += chunk.len() as u64;
    }

    /// The hash of the data set, which begins at `offset` of the file that lies at `start` of `spool` and has
    /// `length` bytes.
    pub fn finish(
        self,
        transfer_syntax_uid: &str,
        offset: u64,
        spool: &File,
        start: u64,
        length: u64,
    ) -> io::Result<[u8; 32]> {
        let data_set = if self.begins == Some(offset) {
            self.hash.finalize()
        } else {
            hash_again(spool, start + offset, length.saturating_sub(offset))?
        };
        let mut both = blake3::Hasher::new();
        both.update(data_set.as_bytes());
        both.update(transfer_syntax_uid.as_bytes());
        Ok(*both.finalize().as_bytes())
    }
}

/// Where the data set begins by the group length of the file meta (PS3.10 §7.1).
fn data_set_offset(head: &[u8]) -> Option<u64> {
    let tag_and_length = head.get(128..140)?;
    if tag_and_length != b"DICM\x02\0\0\0UL\x04\0" {
        return None;
    }
    let length: [u8; 4] = head.get(140..HEAD_BYTES)?.try_into().ok()?;
    Some(HEAD_BYTES as u64 + u64::from(u32::from_le_bytes(length)))
}

fn hash_again(spool: &File, mut at: u64, mut left: u64) -> io::Result<blake3::Hash> {
    let mut hash = blake3::Hasher::new();
    let mut buffer = vec![0; 256 << 10];
    while left > 0 {
        let wanted = usize::try_from(left).unwrap_or(buffer.len()).min(buffer.len());
        spool.read_exact_at(&mut buffer[..wanted], at)?;
        hash.update(&buffer[..wanted]);
        at += wanted as u64;
        left -= wanted as u64;
    }
    Ok(hash.finalize())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use proptest::prelude::*;

    use super::*;

    fn file_of(meta: &[u8], claimed: u32, data_set: &[u8]) -> Vec<u8> {
        let mut file = vec![0; 128];
        file.extend(b"DICM\x02\0\0\0UL\x04\0");
        file.extend(claimed.to_le_bytes());
        file.extend(meta);
        file.extend(data_set);
        file
    }

    fn hash(file: &[u8], offset: u64, syntax: &str, chunk: usize) -> [u8; 32] {
        let mut spool = tempfile::tempfile().unwrap();
        spool.write_all(b"before").unwrap();
        spool.write_all(file).unwrap();
        let mut hasher = DataSetHasher::default();
        file.chunks(chunk).for_each(|chunk| hasher.update(chunk));
        hasher
            .finish(syntax, offset, &spool, 6, file.len() as u64)
            .unwrap()
    }

    proptest! {
        #[test]
        fn the_file_meta_does_not_count_and_each_byte_of_the_data_set_does(
            metas in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 2..3),
            data_set in prop::collection::vec(any::<u8>(), 1..300),
            chunk in 1usize..200, lie in any::<u32>(), flipped in any::<prop::sample::Index>(),
        ) {
            let offset = |meta: &[u8]| 144 + meta.len() as u64;
            let first = file_of(&metas[0], metas[0].len() as u32, &data_set);
            let expected = hash(&first, offset(&metas[0]), "1.2", 1000);
            let second = file_of(&metas[1], metas[1].len() as u32, &data_set);
            prop_assert_eq!(hash(&second, offset(&metas[1]), "1.2", chunk), expected);
            let lying = file_of(&metas[1], lie, &data_set);
            prop_assert_eq!(hash(&lying, offset(&metas[1]), "1.2", chunk), expected);
            prop_assert_ne!(hash(&first, offset(&metas[0]), "1.3", chunk), expected);
            let mut other = data_set.clone();
            other[flipped.index(data_set.len())] ^= 1;
            let third = file_of(&metas[0], metas[0].len() as u32, &other);
            prop_assert_ne!(hash(&third, offset(&metas[0]), "1.2", chunk), expected);
        }
    }
}
