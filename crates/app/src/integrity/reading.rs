//! Reading stored bytes from wherever they are sound.
//!
//! **Invariant:** a place that fails in the middle of a range is left for the next one at the byte where it failed;
//! every byte was compared with its checksum whichever place it came from.

use std::{collections::VecDeque, ops::Range, sync::Arc};

use domain::Actor;
use futures_util::{StreamExt as _, stream};

use super::{StoredBytes, checked, is_damage};
use crate::{
    App, AppError,
    ports::{BlobError, BlobStore, BlobStream},
};

/// One of the object stores.
#[derive(Debug, Clone)]
struct Place {
    name: &'static str,
    store: Arc<dyn BlobStore>,
}

/// A range on its way out.
struct Reading {
    app: App,
    actor: Actor,
    stored: StoredBytes,
    at: u64,
    end: u64,
    current: BlobStream,
    place: Place,
    rest: VecDeque<Place>,
}

impl App {
    /// Opens a range of stored bytes. The first of them are read and checked before this returns, and everything
    /// up to 16 MiB where memory allows: what is damaged there is an answer, not a broken connection.
    ///
    /// Errors: `OBJECT_DAMAGED`, `STORAGE_UNAVAILABLE`, when no store has them sound. Later damage ends the stream with
    /// an error before a wrong byte is in it.
    pub(crate) async fn open_stored(
        &self,
        actor: &Actor,
        stored: &StoredBytes,
        range: Range<u64>,
    ) -> Result<BlobStream, AppError> {
        let mut places = self.places_of(stored);
        let Some(first) = places.pop_front() else {
            return Err(AppError::Internal {
                what: "there is no object store".to_owned(),
            });
        };
        let mut reading = Reading {
            app: self.clone(),
            actor: actor.clone(),
            stored: stored.clone(),
            at: range.start,
            end: range.end,
            current: stream::empty().boxed(),
            place: first.clone(),
            rest: places,
        };
        reading.current = match checked::open(&first.store, &self.held, stored, range).await {
            Ok(stream) => stream,
            Err(error) => reading.elsewhere(error).await?,
        };
        Ok(stream::try_unfold(reading, |mut reading| async move {
            loop {
                match reading.current.next().await {
                    None => return Ok(None),
                    Some(Ok(chunk)) => {
                        reading.at += chunk.len() as u64;
                        return Ok(Some((chunk, reading)));
                    }
                    Some(Err(error)) => reading.current = reading.elsewhere(error).await?,
                }
            }
        })
        .boxed())
    }

    /// Where bytes may be, the likeliest first. What is derived is nowhere else: it is made again.
    fn places_of(&self, stored: &StoredBytes) -> VecDeque<Place> {
        let place = |name, store: &Arc<dyn BlobStore>| Place {
            name,
            store: Arc::clone(store),
        };
        let mut places = VecDeque::from([place("primary", &self.blobs)]);
        if !stored.subject.is_original() {
            return places;
        }
        if let Some(cold) = &self.cold {
            places.push_back(place("cold", cold));
            if stored.is_cold {
                places.swap(0, 1);
            }
        }
        if let Some(replica) = &self.replica {
            places.push_back(place("replica", replica));
        }
        places
    }
}

impl Reading {
    /// The rest of the range from another place.
    ///
    /// Errors: the one of the place that should have it, when no other has it.
    async fn elsewhere(&mut self, error: BlobError) -> Result<BlobStream, BlobError> {
        self.note(&error).await;
        while let Some(place) = self.rest.pop_front() {
            self.place = place;
            let range = self.at..self.end;
            match checked::open(&self.place.store, &self.app.held, &self.stored, range).await {
                Ok(stream) => {
                    metrics::counter!("telerad_reads_elsewhere_total", "store" => self.place.name)
                        .increment(1);
                    return Ok(stream);
                }
                // That another store has not even the object is nothing to speak of.
                Err(BlobError::NotFound { .. }) => {}
                Err(other) => self.note(&other).await,
            }
        }
        Err(error)
    }

    // By unique reference, for the stream inside cannot be shared between threads.
    async fn note(&mut self, error: &BlobError) {
        if matches!(error, BlobError::Offline { .. }) {
            // Nothing is wrong with it: it is where it was sent.
            return;
        }
        if is_damage(error) {
            self.app
                .raise_at(
                    &self.actor,
                    self.stored.subject,
                    self.stored.key.as_str(),
                    self.place.name,
                )
                .await;
        } else {
            tracing::warn!(error = %error, store.name = self.place.name, "an object store did not answer");
        }
    }
}
