//! Metadata as documents of the Native DICOM Model (PS3.19 §A.1), one for each instance, made while they are sent.
//!
//! **Invariant:** the rows of a few instances and one document are in memory at a time, however many there are.

use std::collections::VecDeque;

use bytes::Bytes;
use dicom::{
    resolve_bulk_uris,
    xml::{XmlError, write_native_model},
};
use domain::{Actor, SeriesId};
use futures_util::{Stream, stream};
use store::InstanceMetadata;

use super::{
    address::ArchiveAddress,
    joining::{INSTANCES_AT_ONCE, in_background, object_of},
    metadata::{Described, What, base_of, read_gzip},
};
use crate::{App, AppError};

/// The documents of an address, which are made by [`App::stream_native_models`].
#[derive(Debug)]
pub struct NativeModels {
    /// Changes whenever one of them does.
    pub etag: String,
    one: Option<(Vec<u8>, String)>,
    series: VecDeque<(SeriesId, String)>,
}

struct Reading {
    app: App,
    actor: Actor,
    models: NativeModels,
    /// How many instances of the first series were read.
    done: u64,
    rows: VecDeque<InstanceMetadata>,
}

impl App {
    /// The metadata of an address: of an instance, of a series, or of all series of a study.
    pub async fn retrieve_native_models(
        &self,
        actor: &Actor,
        address: &ArchiveAddress,
    ) -> Result<NativeModels, AppError> {
        let Described { root, etag, what } = self.described(actor, address).await?;
        // Another form of the same has another tag (RFC 9110 §8.8.3.3).
        let etag = format!("\"x-{}", etag.trim_start_matches('"'));
        Ok(match what {
            What::Instance { json_gzip, base } => NativeModels {
                etag,
                one: Some((json_gzip, base)),
                series: VecDeque::new(),
            },
            What::Series(study, series) => NativeModels {
                etag,
                one: None,
                series: series
                    .iter()
                    .map(|series| (series.id, base_of(&study, series, &root)))
                    .collect(),
            },
        })
    }

    /// The documents, in reading order.
    pub fn stream_native_models(
        &self,
        actor: &Actor,
        models: NativeModels,
    ) -> impl Stream<Item = Result<Bytes, AppError>> + use<> {
        let reading = Reading {
            app: self.clone(),
            actor: actor.clone(),
            models,
            done: 0,
            rows: VecDeque::new(),
        };
        stream::try_unfold(reading, |mut reading| async move {
            let document = reading.next().await?;
            Ok(document.map(|document| (document, reading)))
        })
    }
}

impl Reading {
    async fn next(&mut self) -> Result<Option<Bytes>, AppError> {
        if let Some((json_gzip, base)) = self.models.one.take() {
            let document =
                in_background(move || document_of(&resolve_bulk_uris(&read_gzip(&json_gzip)?, &base)));
            return document.await.map(Some);
        }
        loop {
            let Some((series, base)) = self.models.series.front() else {
                return Ok(None);
            };
            if let Some(row) = self.rows.pop_front() {
                let base = base.clone();
                return in_background(move || document_of(&object_of(&row, &base)?))
                    .await
                    .map(Some);
            }
            let tx = self.app.store.read(&self.actor).await?;
            let rows = tx
                .instance_metadata(*series, self.done, INSTANCES_AT_ONCE)
                .await?;
            if rows.is_empty() {
                self.models.series.pop_front();
                self.done = 0;
            } else {
                self.done += rows.len() as u64;
                self.rows = rows.into();
            }
        }
    }
}

fn document_of(json: &[u8]) -> std::io::Result<Bytes> {
    let mut document = Vec::with_capacity(2 * json.len());
    write_native_model(json, &mut document).map_err(|error| match error {
        XmlError::Io(error) => error,
        error => std::io::Error::other(error),
    })?;
    Ok(document.into())
}
