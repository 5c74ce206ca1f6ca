//! The viewing rendition of each image of a study.

use std::path::Path;

use dicom::{
    ChunkSummer, ChunkSums,
    codec::{CodecReply, CodecRequest, Rendition, Source, Work},
};
use domain::{
    Actor, InstanceId, Permission, StudyId,
    change::{Change, ChangeTopic},
};
use futures_util::{StreamExt as _, stream};
use store::{InstanceRow, NewRendition, ReadyRendition, RenditionRecord};
use tokio::{
    fs::{File, OpenOptions},
    io::{AsyncReadExt as _, AsyncWriteExt as _},
};

use super::{MakeRenditions, RENDITION_VERSION, source::spool_error};
use crate::{
    App, AppError,
    ports::{CodecError, ObjectKey},
};

/// So many images of one study are in work at once; the pool of codec children bounds the rest.
const IMAGES_AT_ONCE: usize = 4;

/// One codec request gets at most so many uncompressed bytes, so that it ends well within its deadline.
const REQUEST_BYTES: u64 = 256 << 20;

/// So many images are recorded in one transaction. What is made of them is lost when the program ends before.
const RECORDED_AT_ONCE: u64 = 32;

/// After so many transactions a run makes way for more urgent jobs, and the study is queued again.
const GROUPS_A_RUN: u32 = 4;

impl App {
    /// Makes the viewing renditions of a study's images. They are recorded group by group: what was made stays made
    /// when the job is run again. Images that cannot be transcoded are recorded as such.
    ///
    /// Errors: the first one that may pass, after everything else was tried.
    pub async fn make_renditions(&self, actor: &Actor, study: StudyId) -> Result<(), AppError> {
        self.authorise(actor, Permission::ManageOperations)?;
        let mut failure = None;
        let mut after = None;
        for group in 0.. {
            if group >= GROUPS_A_RUN && failure.is_none() {
                return self.queue_renditions(actor, study).await;
            }
            let read = self.store.read(actor).await?;
            let images = read
                .images_without_rendition(study, RENDITION_VERSION, after, RECORDED_AT_ONCE)
                .await?;
            drop(read);
            let Some(last) = images.last() else { break };
            after = Some(last.id);
            let made: Vec<Result<NewRendition, AppError>> = stream::iter(images)
                .map(async |image| self.make_rendition(actor, &image).await)
                .buffer_unordered(IMAGES_AT_ONCE)
                .collect()
                .await;
            let mut records = Vec::with_capacity(made.len());
            for made in made {
                match made {
                    Ok(record) => records.push(record),
                    Err(error) => failure = Some(worse(failure, error)),
                }
            }
            self.record_renditions(actor, &records).await?;
        }
        self.refresh_rendition_states(actor, study).await?;
        failure.map_or(Ok(()), Err)
    }

    /// The rest of a study's renditions are for another run.
    async fn queue_renditions(&self, actor: &Actor, study: StudyId) -> Result<(), AppError> {
        let now = self.clock.now();
        let mut tx = self.store.begin(actor).await?;
        tx.enqueue(self.ids.next(), now, now, &MakeRenditions { study })
            .await?;
        Ok(tx.commit().await?)
    }

    async fn make_rendition(&self, actor: &Actor, image: &InstanceRow) -> Result<NewRendition, AppError> {
        let record = match self.transcode(actor, image).await {
            Ok(made) => RenditionRecord::Ready(made),
            Err(AppError::Codec(CodecError::NoPixels)) => RenditionRecord::Original {
                reason: "no pixels".to_owned(),
            },
            Err(AppError::Codec(CodecError::Unsuitable { reason })) => RenditionRecord::Original { reason },
            Err(AppError::Codec(CodecError::Unreadable { reason })) => {
                tracing::info!(instance.id = %image.id, codec.reason = reason, "no rendition; the original serves");
                RenditionRecord::Unavailable { reason }
            }
            Err(error) => return Err(error),
        };
        Ok(NewRendition {
            id: self.ids.next(),
            instance: image.id,
            record,
        })
    }

    async fn record_renditions(&self, actor: &Actor, records: &[NewRendition]) -> Result<(), AppError> {
        let recorded = async {
            let mut tx = self.store.begin(actor).await?;
            tx.record_renditions(RENDITION_VERSION, records, self.clock.now())
                .await?;
            let instances: Vec<InstanceId> = records.iter().map(|record| record.instance).collect();
            let recorded = tx.ready_renditions(&instances, RENDITION_VERSION).await?;
            tx.commit().await?;
            Ok::<_, AppError>(recorded)
        };
        let recorded = recorded.await;
        for NewRendition { instance, record, .. } in records {
            let RenditionRecord::Ready(made) = record else {
                continue;
            };
            let is_ours = recorded.as_ref().is_ok_and(|recorded| {
                let ready = recorded.get(instance);
                ready.is_some_and(|ready| ready.object_key == made.object_key)
            });
            // Another run was faster and its frames are the same, or the image is gone meanwhile.
            if !is_ours && let Some(key) = ObjectKey::stored(actor.tenant(), made.object_key.clone()) {
                self.delete_derived(&key).await;
            }
        }
        recorded.map(drop)
    }

    /// Has the image encoded and verified, and stores the result as one object.
    async fn transcode(&self, actor: &Actor, image: &InstanceRow) -> Result<ReadyRendition, AppError> {
        let pixels = self.pixel_source(actor, image).await?;
        let whole = self.spool_file("rendition");
        let frames = image.frames.unwrap_or(1).max(1);
        let per_request = frames_per_request(image);
        let mut frame_lengths = Vec::new();
        let mut transfer_syntax_uid = String::new();
        let mut first = 0;
        while first < frames {
            let part = self.spool_file("frames");
            let work = Work::HtJ2k {
                output: part.path().to_owned(),
                first_frame: first,
                frame_count: Some(per_request.min(frames - first)),
            };
            let made = self.encode(actor, image, pixels.source.clone(), work).await?;
            append(part.path(), whole.path()).await?;
            first += per_request;
            frame_lengths.extend(made.frame_lengths);
            transfer_syntax_uid = made.transfer_syntax_uid;
        }
        let chunk_sums = sums_of_file(whole.path()).await?;
        let version = RENDITION_VERSION.unsigned_abs();
        let key = ObjectKey::rendition(actor.tenant(), image.id.uuid(), version, self.ids.next());
        self.blobs.put_file(&key, whole.path()).await?;
        Ok(ReadyRendition {
            transfer_syntax_uid,
            object_key: key.to_string(),
            chunk_sums: chunk_sums.as_blob().to_vec(),
            frame_lengths,
        })
    }

    async fn encode(
        &self,
        actor: &Actor,
        image: &InstanceRow,
        source: Source,
        work: Work,
    ) -> Result<Rendition, AppError> {
        match self
            .run_codec(actor, image, CodecRequest { source, work })
            .await?
        {
            CodecReply::Rendition(made) => Ok(made),
            _ => Err(AppError::Internal {
                what: "the codec answered something else".to_owned(),
            }),
        }
    }

    async fn refresh_rendition_states(&self, actor: &Actor, study: StudyId) -> Result<(), AppError> {
        let mut tx = self.store.begin(actor).await?;
        if tx.refresh_rendition_states(study, RENDITION_VERSION).await?
            && let Some(study) = tx.study(study).await?
        {
            tx.announce(Change {
                topic: ChangeTopic::Study,
                object: study.id.uuid(),
                facility: Some(study.facility),
            });
        }
        Ok(tx.commit().await?)
    }
}

/// Which of two failures the job ends with. Damage ends it until somebody restores the original, so what may pass
/// counts more.
fn worse(before: Option<AppError>, now: AppError) -> AppError {
    match before {
        Some(before) if !before.is_damage() || now.is_damage() => before,
        _ => now,
    }
}

/// How many frames of `image` one request may have, at least one.
fn frames_per_request(image: &InstanceRow) -> u32 {
    const MOST_SAMPLES_PER_PIXEL: u64 = 3;
    let pixels = u64::from(image.rows.unwrap_or(0)) * u64::from(image.columns.unwrap_or(0));
    let sample_bytes = u64::from(image.bits_allocated.unwrap_or(16)).div_ceil(8);
    let frame_bytes = (pixels * sample_bytes * MOST_SAMPLES_PER_PIXEL).max(1);
    u32::try_from(REQUEST_BYTES / frame_bytes)
        .unwrap_or(u32::MAX)
        .max(1)
}

/// The checksums of a file that is about to become an object.
async fn sums_of_file(path: &Path) -> Result<ChunkSums, AppError> {
    let mut file = File::open(path).await.map_err(spool_error)?;
    let mut summing = ChunkSummer::default();
    let mut piece = vec![0; 1 << 20];
    loop {
        let read = file.read(&mut piece).await.map_err(spool_error)?;
        if read == 0 {
            return Ok(summing.finish());
        }
        summing.update(&piece[..read]);
    }
}

/// Puts the frames of one request behind those before them.
async fn append(part: &Path, whole: &Path) -> Result<(), AppError> {
    if tokio::fs::try_exists(whole).await.map_err(spool_error)? {
        let mut from = File::open(part).await.map_err(spool_error)?;
        let mut to = OpenOptions::new()
            .append(true)
            .open(whole)
            .await
            .map_err(spool_error)?;
        tokio::io::copy(&mut from, &mut to).await.map_err(spool_error)?;
        return to.flush().await.map_err(spool_error);
    }
    tokio::fs::rename(part, whole).await.map_err(spool_error)
}
