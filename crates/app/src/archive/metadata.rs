//! DICOM JSON of instances, series and studies (PS3.18 §10.4.1.1.2).
//!
//! A series' document is put together once for each revision of the series and kept compressed; viewers ask for
//! it first and wait for it.

use std::io::{self, Read as _, Write as _};

use bytes::Bytes;
use dicom::resolve_bulk_uris;
use domain::{Actor, Permission, SeriesId};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use futures_util::Stream;
use store::{SeriesMetadata, SeriesRow, StudyRow};

use super::{
    address::ArchiveAddress,
    joining::{INSTANCES_AT_ONCE, Objects, OfSeries, in_background, joined, object_of, unpackable},
};
use crate::{App, AppError, trail::StudyForm};

/// A larger document is put together for whoever asks and not kept: as one value of a row it would be in memory
/// several times over. A usual series of ten thousand images stays below.
const LARGEST_KEPT: usize = 16 << 20;

/// DICOM JSON of one or many instances: an array of objects.
#[derive(Debug)]
pub struct MetadataDocument {
    /// Changes whenever the document does.
    pub etag: String,
    objects: Vec<Objects>,
}

impl MetadataDocument {
    /// The whole array, gzip, where it was kept so.
    pub fn packed(&self) -> Option<Bytes> {
        match self.objects.as_slice() {
            [Objects::Packed(whole)] => Some(whole.clone()),
            _ => None,
        }
    }
}

/// What an address names.
pub(super) struct Described {
    /// Where the tenant's DICOMweb begins.
    pub root: String,
    /// Of which revisions it is, and of which addresses it speaks.
    pub etag: String,
    pub what: What,
}

pub(super) enum What {
    /// One instance: its object, packed, and where its bulk data is, with a slash at the end.
    Instance { json_gzip: Vec<u8>, base: String },
    /// Some or all series of a study.
    Series(Box<StudyRow>, Vec<SeriesRow>),
}

impl App {
    /// The metadata of an address: of an instance, of a series, or of all series of a study.
    pub async fn retrieve_metadata(
        &self,
        actor: &Actor,
        address: &ArchiveAddress,
    ) -> Result<MetadataDocument, AppError> {
        let Described { root, etag, what } = self.described(actor, address).await?;
        let objects = match what {
            What::Instance { json_gzip, base } => {
                vec![Objects::Packed(
                    in_background(move || pack_one(&json_gzip, &base)).await?,
                )]
            }
            What::Series(study, series) => match series.as_slice() {
                [one] => vec![self.objects_of_series(actor, &study, one, &root).await?],
                many => many
                    .iter()
                    .map(|series| {
                        Objects::Series(Box::new(OfSeries {
                            study: StudyRow::clone(&study),
                            series: series.clone(),
                            root: root.clone(),
                        }))
                    })
                    .collect(),
            },
        };
        Ok(MetadataDocument { etag, objects })
    }

    /// What an address names and where its metadata is kept. That somebody looks at it is recorded.
    pub(super) async fn described(
        &self,
        actor: &Actor,
        address: &ArchiveAddress,
    ) -> Result<Described, AppError> {
        self.authorise(actor, Permission::RetrieveStudies)?;
        let tx = self.store.read(actor).await?;
        let root = self.dicomweb_root(&tx).await?;
        let (study, etag, what) = if address.instance.is_some() {
            let instance = self.instance_at(&tx, actor, address).await?.instance;
            let (json_gzip, _) = tx
                .metadata_of_instance(instance.id)
                .await?
                .ok_or(AppError::NotFound { what: "metadata" })?;
            let base = format!("{root}/{}/bulkdata/", address.path());
            // An instance never changes; the address of its bulk data might.
            let etag = format!("\"{}-{}\"", instance.id, fingerprint(&root));
            (instance.study, etag, What::Instance { json_gzip, base })
        } else {
            let (study, series) = if address.series.is_some() {
                let (study, series) = self.series_at(&tx, actor, address).await?;
                (study, vec![series])
            } else {
                let study = self.study_at(&tx, actor, address).await?;
                let series = tx.series_of_studies(&[study.id]).await?;
                (study, series)
            };
            let etag = etag_of(&study, &series, &root);
            (study.id, etag, What::Series(Box::new(study), series))
        };
        drop(tx);
        self.record_study_look(actor, study, StudyForm::Metadata).await?;
        Ok(Described { root, etag, what })
    }

    /// The array of a document as it is sent, gzip if so wanted.
    pub fn stream_metadata(
        &self,
        actor: &Actor,
        document: MetadataDocument,
        gzip: bool,
    ) -> impl Stream<Item = Result<Bytes, AppError>> + use<> {
        joined(self.clone(), actor.clone(), document.objects, gzip)
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
        if let Some(json_gzip) = self.pack_series(actor, &study, &series, &root).await? {
            self.keep_document(actor, &series, &root, json_gzip).await?;
        }
        Ok(())
    }

    /// The kept document of a series, made now where there is none; the series' rows where it would be too large.
    pub(super) async fn objects_of_series(
        &self,
        actor: &Actor,
        study: &StudyRow,
        series: &SeriesRow,
        root: &str,
    ) -> Result<Objects, AppError> {
        if let Some(kept) = self.kept_document(actor, series, root).await? {
            return Ok(Objects::Packed(kept.into()));
        }
        let Some(json_gzip) = self.pack_series(actor, study, series, root).await? else {
            return Ok(Objects::Rows {
                series: series.id,
                base: base_of(study, series, root),
            });
        };
        self.keep_document(actor, series, root, json_gzip.clone()).await?;
        Ok(Objects::Packed(json_gzip.into()))
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
    /// more than [`LARGEST_KEPT`] bytes.
    async fn pack_series(
        &self,
        actor: &Actor,
        study: &StudyRow,
        series: &SeriesRow,
        root: &str,
    ) -> Result<Option<Vec<u8>>, AppError> {
        let base = base_of(study, series, root);
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(b"[").map_err(unpackable)?;
        let mut done = 0;
        loop {
            let tx = self.store.read(actor).await?;
            let some = tx.instance_metadata(series.id, done, INSTANCES_AT_ONCE).await?;
            drop(tx);
            if some.is_empty() {
                break;
            }
            let (first, base, count) = (done == 0, base.clone(), some.len() as u64);
            packed = in_background(move || {
                for (at, instance) in some.iter().enumerate() {
                    if at > 0 || !first {
                        packed.write_all(b",")?;
                    }
                    packed.write_all(&object_of(instance, &base)?)?;
                }
                Ok(packed)
            })
            .await?;
            done += count;
            if packed.get_ref().len() > LARGEST_KEPT {
                return Ok(None);
            }
        }
        packed.write_all(b"]").map_err(unpackable)?;
        let packed = packed.finish().map_err(unpackable)?;
        Ok((packed.len() <= LARGEST_KEPT).then_some(packed))
    }
}

/// Where the instances of a series are, with a slash at the end.
pub(super) fn base_of(study: &StudyRow, series: &SeriesRow, root: &str) -> String {
    format!(
        "{root}/studies/{}/series/{}/instances/",
        study.study_instance_uid, series.series_instance_uid
    )
}

/// Of which revisions a document is, and of which addresses it speaks.
fn etag_of(study: &StudyRow, series: &[SeriesRow], root: &str) -> String {
    let revision = |series: &SeriesRow| format!("{}-{}-{}", series.id, series.revision, fingerprint(root));
    match series {
        [one] => format!("\"{}\"", revision(one)),
        many => {
            let revisions: Vec<String> = many.iter().map(revision).collect();
            format!("\"{}-{}\"", study.id, fingerprint(&revisions.concat()))
        }
    }
}

fn pack_one(json_gzip: &[u8], base: &str) -> io::Result<Bytes> {
    let json = read_gzip(json_gzip)?;
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(b"[")?;
    packed.write_all(&resolve_bulk_uris(&json, base))?;
    packed.write_all(b"]")?;
    Ok(Bytes::from(packed.finish()?))
}

/// Unpacks what this program packed itself, from metadata that the index had bounded.
pub(super) fn read_gzip(packed: &[u8]) -> io::Result<Vec<u8>> {
    let mut json = Vec::new();
    GzDecoder::new(packed).read_to_end(&mut json)?;
    Ok(json)
}

/// Short, and different for different addresses (FNV-1a).
fn fingerprint(text: &str) -> String {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}
