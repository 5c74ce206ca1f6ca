//! DICOM JSON of instances, series and studies (PS3.18 §10.4.1.1.2).
//!
//! A series' document is put together once for each revision of the series and kept compressed; viewers ask for
//! it first and wait for it.

use std::io::{self, Read, Write};

use bytes::Bytes;
use dicom::resolve_bulk_uris;
use domain::{Actor, Permission, SeriesId};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use store::{SeriesMetadata, SeriesRow, StudyRow};

use super::address::ArchiveAddress;
use crate::{App, AppError, trail::StudyForm};

/// A larger document is put together for whoever asks and not kept: as one value of a row it would be in memory
/// several times over. A usual series of ten thousand images stays below.
const LARGEST_KEPT: usize = 16 << 20;

/// Instances read from the database at a time.
const INSTANCES_AT_ONCE: u64 = 64;

/// DICOM JSON of one or many instances: an array of objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetadataDocument {
    /// Changes whenever the document does.
    pub etag: String,
    /// The JSON array, gzip.
    pub json_gzip: Bytes,
}

impl MetadataDocument {
    /// The JSON array.
    ///
    /// Errors: `INTERNAL` when it does not unpack.
    pub fn unpack(&self) -> Result<Vec<u8>, AppError> {
        gunzip(&self.json_gzip)
    }
}

impl App {
    /// The metadata of an address: of an instance, of a series, or of all series of a study.
    pub async fn retrieve_metadata(
        &self,
        actor: &Actor,
        address: &ArchiveAddress,
    ) -> Result<MetadataDocument, AppError> {
        self.authorise(actor, Permission::RetrieveStudies)?;
        let tx = self.store.read(actor).await?;
        let root = self.dicomweb_root(&tx).await?;
        if address.instance.is_some() {
            let (study, instance) = self.instance_at(&tx, actor, address).await?;
            let (json_gzip, _) = tx
                .metadata_of_instance(instance.id)
                .await?
                .ok_or(AppError::NotFound { what: "metadata" })?;
            drop(tx);
            self.record_study_look(actor, study.id, StudyForm::Metadata)
                .await?;
            let base = format!("{root}/{}/bulkdata/", address.path());
            let json_gzip = packing(move || pack_one(&json_gzip, &base)).await?;
            // An instance never changes; the address of its bulk data might.
            let etag = format!("\"{}-{}\"", instance.id, fingerprint(&root));
            return Ok(MetadataDocument { etag, json_gzip });
        }
        let (study, series) = if address.series.is_some() {
            let (study, series) = self.series_at(&tx, actor, address).await?;
            (study, vec![series])
        } else {
            let study = self.study_at(&tx, actor, address).await?;
            let series = tx.series_of_studies(&[study.id]).await?;
            (study, series)
        };
        drop(tx);
        self.record_study_look(actor, study.id, StudyForm::Metadata)
            .await?;
        let mut documents = Vec::with_capacity(series.len());
        for series in &series {
            documents.push(self.series_document(actor, &study, series, &root).await?);
        }
        if let [_] = documents.as_slice() {
            return documents.pop().ok_or(AppError::NotFound { what: "metadata" });
        }
        let etags: String = documents.iter().map(|document| document.etag.as_str()).collect();
        let etag = format!("\"{}-{}\"", study.id, fingerprint(&etags));
        let json_gzip = packing(move || join(&documents)).await?;
        Ok(MetadataDocument { etag, json_gzip })
    }

    /// Puts a series' document together before anybody asks for it.
    pub async fn warm_series_metadata(&self, actor: &Actor, id: SeriesId) -> Result<(), AppError> {
        self.authorise(actor, Permission::ManageOperations)?;
        let tx = self.store.read(actor).await?;
        let Some(series) = tx.series(&[id]).await?.pop() else {
            return Ok(());
        };
        let study = tx
            .study(series.study)
            .await?
            .ok_or(AppError::NotFound { what: "study" })?;
        let root = self.dicomweb_root(&tx).await?;
        drop(tx);
        if self.kept_document(actor, &series, &root).await?.is_some() {
            return Ok(());
        }
        if let Some(json_gzip) = self
            .pack_series(actor, &study, &series, &root, LARGEST_KEPT)
            .await?
        {
            self.keep_document(actor, &series, &root, json_gzip).await?;
        }
        Ok(())
    }

    async fn series_document(
        &self,
        actor: &Actor,
        study: &StudyRow,
        series: &SeriesRow,
        root: &str,
    ) -> Result<MetadataDocument, AppError> {
        let etag = format!("\"{}-{}-{}\"", series.id, series.revision, fingerprint(root));
        if let Some(kept) = self.kept_document(actor, series, root).await? {
            return Ok(MetadataDocument {
                etag,
                json_gzip: Bytes::from(kept),
            });
        }
        let json_gzip = self
            .pack_series(actor, study, series, root, usize::MAX)
            .await?
            .unwrap_or_default();
        if json_gzip.len() <= LARGEST_KEPT {
            self.keep_document(actor, series, root, json_gzip.clone()).await?;
        }
        Ok(MetadataDocument {
            etag,
            json_gzip: Bytes::from(json_gzip),
        })
    }

    async fn kept_document(
        &self,
        actor: &Actor,
        series: &SeriesRow,
        root: &str,
    ) -> Result<Option<Vec<u8>>, AppError> {
        let kept = self.store.read(actor).await?.series_metadata(series.id).await?;
        Ok(kept
            .filter(|kept| kept.revision == series.revision && kept.base_url == root)
            .map(|kept| kept.json_gzip))
    }

    async fn keep_document(
        &self,
        actor: &Actor,
        series: &SeriesRow,
        root: &str,
        json_gzip: Vec<u8>,
    ) -> Result<(), AppError> {
        let metadata = SeriesMetadata {
            revision: series.revision,
            base_url: root.to_owned(),
            json_gzip,
        };
        let mut tx = self.store.begin(actor).await?;
        tx.keep_series_metadata(series.id, &metadata, self.clock.now())
            .await?;
        Ok(tx.commit().await?)
    }

    /// Packs the instances' objects into one array, a few of them in memory at a time. `None` when it would have
    /// more than `most` bytes.
    async fn pack_series(
        &self,
        actor: &Actor,
        study: &StudyRow,
        series: &SeriesRow,
        root: &str,
        most: usize,
    ) -> Result<Option<Vec<u8>>, AppError> {
        let base = format!(
            "{root}/studies/{}/series/{}/instances/",
            study.study_instance_uid, series.series_instance_uid
        );
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(b"[").map_err(unpackable)?;
        let mut done = 0;
        loop {
            let some = self
                .store
                .read(actor)
                .await?
                .instance_metadata(series.id, done, INSTANCES_AT_ONCE)
                .await?;
            if some.is_empty() {
                break;
            }
            let (first, base, count) = (done == 0, base.clone(), some.len() as u64);
            packed = packing(move || {
                for (at, instance) in some.iter().enumerate() {
                    if at > 0 || !first {
                        packed.write_all(b",")?;
                    }
                    let json = read_gzip(&instance.json_gzip)?;
                    let base = format!("{base}{}/bulkdata/", instance.sop_instance_uid);
                    packed.write_all(&resolve_bulk_uris(&json, &base))?;
                }
                Ok(packed)
            })
            .await?;
            done += count;
            if packed.get_ref().len() > most {
                return Ok(None);
            }
        }
        packed.write_all(b"]").map_err(unpackable)?;
        Ok(Some(packed.finish().map_err(unpackable)?))
    }
}

fn pack_one(json_gzip: &[u8], base: &str) -> io::Result<Bytes> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(b"[")?;
    packed.write_all(&resolve_bulk_uris(&read_gzip(json_gzip)?, base))?;
    packed.write_all(b"]")?;
    Ok(Bytes::from(packed.finish()?))
}

/// One array of the objects of several.
fn join(documents: &[MetadataDocument]) -> io::Result<Bytes> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(b"[")?;
    let mut first = true;
    for document in documents {
        let json = read_gzip(&document.json_gzip)?;
        let objects = json
            .strip_prefix(b"[")
            .and_then(|json| json.strip_suffix(b"]"))
            .unwrap_or_default();
        if objects.is_empty() {
            continue;
        }
        if !std::mem::take(&mut first) {
            packed.write_all(b",")?;
        }
        packed.write_all(objects)?;
    }
    packed.write_all(b"]")?;
    Ok(Bytes::from(packed.finish()?))
}

async fn packing<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, AppError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| AppError::Internal {
            what: format!("packing metadata: {error}"),
        })?
        .map_err(unpackable)
}

fn gunzip(packed: &[u8]) -> Result<Vec<u8>, AppError> {
    read_gzip(packed).map_err(unpackable)
}

/// Unpacks what this program packed itself, from metadata that the index had bounded.
pub(super) fn read_gzip(packed: &[u8]) -> io::Result<Vec<u8>> {
    let mut json = Vec::new();
    GzDecoder::new(packed).read_to_end(&mut json)?;
    Ok(json)
}

fn unpackable(error: io::Error) -> AppError {
    AppError::Internal {
        what: format!("packed metadata: {error}"),
    }
}

/// Short, and different for different addresses (FNV-1a).
fn fingerprint(text: &str) -> String {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}
