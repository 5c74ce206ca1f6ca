//! One JSON array out of the documents of many series, while it is sent.
//!
//! **Invariant:** a few instances, or a piece of a kept document, are in memory at a time, however many there are.

use std::{
    collections::VecDeque,
    io::{self, Cursor, Read as _, Write as _},
};

use bytes::Bytes;
use dicom::resolve_bulk_uris;
use domain::{Actor, SeriesId};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use futures_util::{Stream, stream};
use store::{InstanceMetadata, SeriesRow, StudyRow};

use crate::{App, AppError};

/// Instances read from the database at a time.
pub(super) const INSTANCES_AT_ONCE: u64 = 64;

/// Of a kept document so many bytes of JSON are taken at a time.
const PIECE_BYTES: usize = 1 << 20;

/// Where the objects of one series, or of one instance, come from.
#[derive(Debug)]
pub(super) enum Objects {
    /// An array of them, gzip.
    Packed(Bytes),
    /// A series whose turn has not come.
    Series(Box<OfSeries>),
    /// The rows of the series.
    Rows {
        /// Which series.
        series: SeriesId,
        /// The address of its instances, with a slash at the end.
        base: String,
    },
}

/// A series of many.
#[derive(Debug)]
pub(super) struct OfSeries {
    pub(super) study: StudyRow,
    pub(super) series: SeriesRow,
    pub(super) root: String,
}

/// The array of all objects, gzip if so wanted.
pub(super) fn joined(
    app: App,
    actor: Actor,
    objects: Vec<Objects>,
    gzip: bool,
) -> impl Stream<Item = Result<Bytes, AppError>> + Send + 'static {
    let joining = Joining {
        app,
        actor,
        waiting: objects.into(),
        open: None,
        array: Array::new(gzip),
    };
    stream::try_unfold(Some(joining), |joining| async move {
        match joining {
            Some(joining) => joining.next().await,
            None => Ok(None),
        }
    })
}

struct Joining {
    app: App,
    actor: Actor,
    waiting: VecDeque<Objects>,
    open: Option<Open>,
    array: Array,
}

enum Open {
    Packed(Box<Unpacking>),
    Rows {
        series: SeriesId,
        base: String,
        done: u64,
    },
}

type Step = Option<(Bytes, Option<Joining>)>;

impl Joining {
    /// The next bytes of the array.
    async fn next(mut self) -> Result<Step, AppError> {
        loop {
            let open = match self.open.take() {
                Some(open) => Some(open),
                None => self.open_next().await?,
            };
            let Some(open) = open else {
                let array = self.array;
                let last = in_background(move || array.finish()).await?;
                return Ok(Some((last, None)));
            };
            let more = match open {
                Open::Packed(mut unpacking) => {
                    let mut array = self.array;
                    let (array, open) = in_background(move || {
                        let more = unpacking.next(&mut array)?;
                        Ok((array, more.then_some(Open::Packed(unpacking))))
                    })
                    .await?;
                    self.array = array;
                    open
                }
                Open::Rows { series, base, done } => {
                    let tx = self.app.store.read(&self.actor).await?;
                    let rows = tx.instance_metadata(series, done, INSTANCES_AT_ONCE).await?;
                    drop(tx);
                    let count = rows.len() as u64;
                    let (array, base) = {
                        let mut array = self.array;
                        in_background(move || {
                            for row in &rows {
                                array.object(&object_of(row, &base)?)?;
                            }
                            Ok((array, base))
                        })
                        .await?
                    };
                    self.array = array;
                    (count > 0).then_some(Open::Rows {
                        series,
                        base,
                        done: done + count,
                    })
                }
            };
            self.open = more;
            let ready = self.array.take();
            if !ready.is_empty() {
                return Ok(Some((ready, Some(self))));
            }
        }
    }
}

impl Joining {
    async fn open_next(&mut self) -> Result<Option<Open>, AppError> {
        let objects = match self.waiting.pop_front() {
            Some(Objects::Series(of)) => {
                let OfSeries { study, series, root } = *of;
                let found = self.app.objects_of_series(&self.actor, &study, &series, &root);
                Some(found.await?)
            }
            other => other,
        };
        Ok(match objects {
            Some(Objects::Packed(gzip)) => Some(Open::Packed(Box::new(Unpacking::new(gzip)))),
            Some(Objects::Rows { series, base }) => Some(Open::Rows {
                series,
                base,
                done: 0,
            }),
            Some(Objects::Series(_)) | None => None,
        })
    }
}

/// The JSON object of an instance with the addresses of its bulk data.
pub(super) fn object_of(row: &InstanceMetadata, base: &str) -> io::Result<Vec<u8>> {
    let mut json = Vec::new();
    GzDecoder::new(row.json_gzip.as_slice()).read_to_end(&mut json)?;
    let base = format!("{base}{}/bulkdata/", row.sop_instance_uid);
    Ok(resolve_bulk_uris(&json, &base))
}

/// The inside of a packed array, piece by piece.
struct Unpacking {
    json: GzDecoder<Cursor<Bytes>>,
    /// The byte read last, which is the closing bracket if nothing follows.
    held: Option<u8>,
    begun: bool,
}

impl Unpacking {
    fn new(gzip: Bytes) -> Self {
        Self {
            json: GzDecoder::new(Cursor::new(gzip)),
            held: None,
            begun: false,
        }
    }

    /// Adds a piece to `array`; false at the end.
    fn next(&mut self, array: &mut Array) -> io::Result<bool> {
        let mut piece = Vec::with_capacity(PIECE_BYTES + 1);
        piece.extend(self.held.take());
        (&mut self.json)
            .take(PIECE_BYTES as u64)
            .read_to_end(&mut piece)?;
        let ended = piece.len() < PIECE_BYTES;
        let mut inside = piece.as_slice();
        if !self.begun {
            inside = inside.strip_prefix(b"[").unwrap_or(inside);
        }
        let last = inside.split_last();
        let Some((&last, inside)) = last else {
            return Ok(false);
        };
        if !ended {
            self.held = Some(last);
        }
        if !inside.is_empty() {
            if self.begun {
                array.more(inside)?;
            } else {
                array.object(inside)?;
            }
            self.begun = true;
        }
        Ok(!ended)
    }
}

/// A JSON array that is being written.
enum Out {
    Plain(Vec<u8>),
    Gzip(Box<GzEncoder<Vec<u8>>>),
}

struct Array {
    out: Out,
    is_empty: bool,
}

impl Array {
    fn new(gzip: bool) -> Self {
        Self {
            out: if gzip {
                Out::Gzip(Box::new(GzEncoder::new(Vec::new(), Compression::fast())))
            } else {
                Out::Plain(Vec::new())
            },
            is_empty: true,
        }
    }

    /// Adds an object, or the beginning of several.
    fn object(&mut self, json: &[u8]) -> io::Result<()> {
        let before: &[u8] = if std::mem::take(&mut self.is_empty) {
            b"["
        } else {
            b","
        };
        self.more(before)?;
        self.more(json)
    }

    fn more(&mut self, json: &[u8]) -> io::Result<()> {
        match &mut self.out {
            Out::Plain(out) => out.extend_from_slice(json),
            Out::Gzip(out) => out.write_all(json)?,
        }
        Ok(())
    }

    /// What is ready to be sent.
    fn take(&mut self) -> Bytes {
        match &mut self.out {
            Out::Plain(out) => std::mem::take(out).into(),
            Out::Gzip(out) => std::mem::take(out.get_mut()).into(),
        }
    }

    fn finish(mut self) -> io::Result<Bytes> {
        let end: &[u8] = if self.is_empty { b"[]" } else { b"]" };
        self.more(end)?;
        Ok(match self.out {
            Out::Plain(out) => out.into(),
            Out::Gzip(out) => out.finish()?.into(),
        })
    }
}

/// Work on JSON away from the threads that serve requests.
pub(super) async fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, AppError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| AppError::Internal {
        what: format!("packing metadata: {error}"),
    })?
    .map_err(unpackable)
}

pub(super) fn unpackable(error: io::Error) -> AppError {
    AppError::Internal {
        what: format!("packed metadata: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(json: &str) -> Bytes {
        let mut out = GzEncoder::new(Vec::new(), Compression::fast());
        out.write_all(json.as_bytes()).unwrap();
        out.finish().unwrap().into()
    }

    fn join(documents: &[String]) -> String {
        let mut array = Array::new(false);
        let mut out = Vec::new();
        for document in documents {
            let mut unpacking = Unpacking::new(packed(document));
            while unpacking.next(&mut array).unwrap() {
                out.extend(array.take());
            }
        }
        out.extend(array.finish().unwrap());
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn arrays_become_one_array() {
        assert_eq!(join(&[]), "[]");
        assert_eq!(join(&["[]".to_owned()]), "[]");
        let documents = ["[{\"a\":1}]", "[]", "[{\"b\":2},{\"c\":[3]}]"].map(str::to_owned);
        assert_eq!(join(&documents), "[{\"a\":1},{\"b\":2},{\"c\":[3]}]");
    }

    #[test]
    fn documents_longer_than_a_piece_are_whole() {
        for length in [
            PIECE_BYTES - 20,
            PIECE_BYTES - 4,
            PIECE_BYTES - 3,
            PIECE_BYTES - 2,
            PIECE_BYTES,
            3 * PIECE_BYTES,
        ] {
            let long = format!("[{{\"{}\":1}}]", "x".repeat(length));
            let joined = join(&[long.clone(), "[{}]".to_owned()]);
            assert!(joined == format!("{},{{}}]", &long[..long.len() - 1]), "{length}");
        }
    }
}
