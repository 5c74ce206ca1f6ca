//! Explicit VR Little Endian as Implicit VR Little Endian, while it streams: the one transfer syntax that every receiver
//! takes (PS3.5 §10.1).
//!
//! **Invariant:** values pass through as they are; only headers are written anew. Sequences and items get an undefined
//! length, because theirs changes. What is held is one header and the nesting.

use bytes::Bytes;
use dicom::{EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN, Tag};
use futures_util::{Stream, StreamExt as _, stream};

use crate::{
    DataStream, Status,
    data_set::{ITEM, ITEM_END, SEQUENCE_END, UNDEFINED, has_long_length, write_tag},
};

/// How deep sequences may lie in each other.
const MAX_DEPTH: usize = 64;

/// The same data set in Implicit VR Little Endian. `data` is in Explicit VR Little Endian, with native pixels.
fn in_default_syntax(data: DataStream) -> DataStream {
    let rewriting = (data, Some(Rewriter::default()));
    rewritten(rewriting).boxed()
}

fn rewritten(rewriting: (DataStream, Option<Rewriter>)) -> impl Stream<Item = Result<Bytes, Status>> + Send {
    stream::try_unfold(rewriting, move |(mut data, rewriter)| async move {
        let Some(mut rewriter) = rewriter else {
            return Ok(None);
        };
        let mut out = Vec::new();
        match data.next().await.transpose()? {
            Some(bytes) => {
                rewriter.push(&bytes, &mut out)?;
                Ok(Some((Bytes::from(out), (data, Some(rewriter)))))
            }
            None => {
                rewriter.finish(&mut out)?;
                Ok(Some((Bytes::from(out), (data, None))))
            }
        }
    })
}

/// The transfer syntaxes in which an instance that is stored in `stored` can be sent, the best first.
pub fn sendable_in(stored: &str) -> Vec<&str> {
    match stored {
        EXPLICIT_VR_LITTLE_ENDIAN => vec![stored, IMPLICIT_VR_LITTLE_ENDIAN],
        _ => vec![stored],
    }
}

/// `data` of an instance that is stored in `stored`, in `wanted`, one of [`sendable_in`].
pub fn sent_in(data: DataStream, stored: &str, wanted: &str) -> DataStream {
    if stored == wanted {
        data
    } else {
        in_default_syntax(data)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Unfit;

impl From<Unfit> for Status {
    fn from(_: Unfit) -> Self {
        let text = "the data set cannot be written implicitly";
        Self::with(Self::PROCESSING_FAILURE, text)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Sequence,
    Item,
}

#[derive(Debug)]
struct Level {
    kind: Kind,
    /// Where it ends in the input, when its length says so.
    end: Option<u64>,
    /// Within UN of undefined length everything is implicit already (PS3.5 §6.2.2, note 4).
    is_implicit: bool,
}

#[derive(Debug, Default)]
struct Rewriter {
    levels: Vec<Level>,
    position: u64,
    header: Vec<u8>,
    /// Bytes of a value that are still to pass, or to be left out.
    value_left: u64,
    leaves_out: bool,
}

impl Rewriter {
    fn push(&mut self, mut input: &[u8], out: &mut Vec<u8>) -> Result<(), Unfit> {
        while !input.is_empty() {
            if self.value_left > 0 {
                let now = usize::try_from(self.value_left)
                    .unwrap_or(input.len())
                    .min(input.len());
                let (value, rest) = input.split_at(now);
                if !self.leaves_out {
                    out.extend_from_slice(value);
                }
                self.value_left -= now as u64;
                self.position += now as u64;
                input = rest;
                continue;
            }
            if self.header.is_empty() {
                self.close(out)?;
            }
            let missing = self.header_bytes() - self.header.len();
            let (more, rest) = input.split_at(missing.min(input.len()));
            self.header.extend_from_slice(more);
            self.position += more.len() as u64;
            input = rest;
            if self.header.len() == self.header_bytes() {
                self.element(out)?;
                self.header.clear();
            }
        }
        Ok(())
    }

    fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), Unfit> {
        self.close(out)?;
        let is_whole = self.levels.is_empty() && self.header.is_empty() && self.value_left == 0;
        is_whole.then_some(()).ok_or(Unfit)
    }

    /// Ends what ends here by its length.
    fn close(&mut self, out: &mut Vec<u8>) -> Result<(), Unfit> {
        while let Some(end) = self.levels.last().and_then(|level| level.end) {
            match end.cmp(&self.position) {
                std::cmp::Ordering::Greater => break,
                std::cmp::Ordering::Less => return Err(Unfit),
                std::cmp::Ordering::Equal => self.end_level(out),
            }
        }
        Ok(())
    }

    fn end_level(&mut self, out: &mut Vec<u8>) {
        if let Some(level) = self.levels.pop() {
            let delimiter = match level.kind {
                Kind::Sequence => SEQUENCE_END,
                Kind::Item => ITEM_END,
            };
            write_header(out, delimiter, 0);
        }
    }

    /// How long the header is, as far as what has come of it says.
    fn header_bytes(&self) -> usize {
        let is_explicit = !self.is_implicit() && self.header.get(..2) != Some(&[0xfe, 0xff]);
        match self.header.get(4..6) {
            Some(vr) if is_explicit && has_long_length([vr[0], vr[1]]) => 12,
            _ => 8,
        }
    }

    fn is_implicit(&self) -> bool {
        self.levels.last().is_some_and(|level| level.is_implicit)
    }

    fn element(&mut self, out: &mut Vec<u8>) -> Result<(), Unfit> {
        let word = |at: usize| u16::from_le_bytes([self.header[at], self.header[at + 1]]);
        let long = |at: usize| u32::from(word(at)) | u32::from(word(at + 2)) << 16;
        let tag = Tag::new(word(0), word(2));
        if tag.group() == 0xfffe {
            let length = long(4);
            return self.delimiter(tag, length, out);
        }
        let (vr, length) = match (self.is_implicit(), self.header.len()) {
            (true, _) => (*b"UN", long(4)),
            (false, 12) => ([self.header[4], self.header[5]], long(8)),
            (false, _) => ([self.header[4], self.header[5]], u32::from(word(6))),
        };
        if !vr.iter().all(u8::is_ascii_uppercase) {
            return Err(Unfit);
        }
        if &vr == b"SQ" || (&vr == b"UN" && length == UNDEFINED) {
            write_header(out, tag, UNDEFINED);
            return self.open(Kind::Sequence, length, &vr == b"UN");
        }
        if length == UNDEFINED {
            return Err(Unfit);
        }
        // Lengths of groups would be wrong; they are retired and may be left out (PS3.5 §7.2).
        self.leaves_out = tag.element() == 0;
        self.value_left = u64::from(length);
        if !self.leaves_out {
            write_header(out, tag, length);
        }
        Ok(())
    }

    fn delimiter(&mut self, tag: Tag, length: u32, out: &mut Vec<u8>) -> Result<(), Unfit> {
        let inside = self.levels.last().map(|level| (level.kind, level.end.is_none()));
        match (tag, inside) {
            (ITEM, Some((Kind::Sequence, _))) => {
                write_header(out, ITEM, UNDEFINED);
                self.open(Kind::Item, length, false)
            }
            (ITEM_END, Some((Kind::Item, true))) | (SEQUENCE_END, Some((Kind::Sequence, true))) => {
                self.end_level(out);
                Ok(())
            }
            _ => Err(Unfit),
        }
    }

    fn open(&mut self, kind: Kind, length: u32, is_implicit: bool) -> Result<(), Unfit> {
        if self.levels.len() >= MAX_DEPTH {
            return Err(Unfit);
        }
        let is_implicit = is_implicit || self.is_implicit();
        self.levels.push(Level {
            kind,
            end: (length != UNDEFINED).then(|| self.position + u64::from(length)),
            is_implicit,
        });
        Ok(())
    }
}

fn write_header(out: &mut Vec<u8>, tag: Tag, length: u32) {
    write_tag(out, tag);
    out.extend(length.to_le_bytes());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::data_set::{DataSet, Value, Writing};

    fn rewrite(bytes: &[u8], chunk: usize) -> Result<Vec<u8>, Unfit> {
        let (mut rewriter, mut out) = (Rewriter::default(), Vec::new());
        for chunk in bytes.chunks(chunk) {
            rewriter.push(chunk, &mut out)?;
        }
        rewriter.finish(&mut out)?;
        Ok(out)
    }

    /// Sets of standard attributes, whose VR the implicit side knows again; sequences in sequences.
    fn data_set() -> impl Strategy<Value = DataSet> {
        let texts = prop::collection::vec("[A-Z ]{0,30}", 3);
        let flat = texts.prop_map(|texts| {
            DataSet::default()
                .with_text(dicom::tags::MODALITY, *b"CS", &texts[0])
                .with_text(dicom::tags::PATIENT_NAME, *b"PN", &texts[1])
                .with(
                    Tag::new(0x7fe0, 0x0010),
                    *b"OW",
                    Value::Bytes(texts[2].repeat(2).into_bytes()),
                )
        });
        flat.prop_recursive(3, 20, 3, |inner| {
            (inner.clone(), prop::collection::vec(inner, 0..3))
                .prop_map(|(set, items)| set.with(Tag::new(0x0008, 0x1199), *b"SQ", Value::Items(items)))
        })
    }

    proptest! {
        #[test]
        fn the_same_attributes_are_read_from_the_other_writing(set in data_set(), chunk in 1usize..40) {
            let implicit = rewrite(&set.to_bytes(Writing::Explicit), chunk).unwrap();
            prop_assert_eq!(DataSet::parse(&implicit, Writing::Implicit), Ok(set));
        }

        #[test]
        fn any_bytes_are_written_anew_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300), chunk in 1usize..40) {
            let _ = rewrite(&bytes, chunk);
        }
    }

    #[test]
    fn group_lengths_are_left_out_and_unknown_sequences_pass() {
        let mut explicit = b"\x08\0\0\0UL\x04\0\x99\0\0\0".to_vec();
        explicit.extend(b"\x09\0\x10\x10UN\0\0\xff\xff\xff\xff");
        explicit.extend(b"\xfe\xff\x00\xe0\x0a\0\0\0\x08\0\x60\0\x02\0\0\0CT");
        explicit.extend(b"\xfe\xff\xdd\xe0\0\0\0\0");
        let implicit = rewrite(&explicit, 3).unwrap();
        let mut expected = b"\x09\0\x10\x10\xff\xff\xff\xff".to_vec();
        expected.extend(b"\xfe\xff\x00\xe0\xff\xff\xff\xff\x08\0\x60\0\x02\0\0\0CT\xfe\xff\x0d\xe0\0\0\0\0");
        expected.extend(b"\xfe\xff\xdd\xe0\0\0\0\0");
        assert_eq!(implicit, expected);
    }
}
