//! Putting originals into another object, bit for bit: small ones of a quiet study together, and what is left of an
//! object whose other part was removed.
//!
//! **Invariant:** an object is never changed. A new one is durable before one transaction lets the rows name it, and
//! the old one goes by the queue when nothing lies in it any more. A process that dies on the way leaves an object that
//! nobody names, which the sweeper finds by its marker.
//!
//! **Invariant:** every byte that is moved was compared with its SHA-256 and its sums; what is not sound stays.

use std::{
    fs::OpenOptions,
    io::{Seek as _, SeekFrom, Write as _},
    ops::Range,
    sync::Arc,
};

use domain::{
    Actor, BatchId, FacilityId, Permission, StudyId,
    audit::{AuditAction, AuditEvent},
};
use futures_util::StreamExt as _;
use store::{BatchRow, Content, NewBatch, PromisedBytes, StudyRow, Tier};

use super::{CompactStudy, TidyBatch};
use crate::{
    App, AppError,
    archive::{batch_file::Marker, spool::blocking, tar},
    integrity::{Proof, ReplicateBatch},
    ports::{BlobError, BlobStore, BlobStream, ObjectKey},
};

/// Objects below this are small: a study of many of them costs a request, and a seek, for each.
const SMALL_OBJECT_BYTES: u64 = 32 << 20;
/// A new object holds so many instances, and starts no further one beyond so many bytes.
const MOST_MEMBERS: usize = 500;
const ENOUGH_BYTES: u64 = 256 << 20;

impl App {
    /// Puts the small objects of a study together when nothing new has come for a while; waits while something does.
    pub async fn compact_study(&self, actor: &Actor, id: StudyId) -> Result<(), AppError> {
        self.authorise(actor, Permission::ManageOperations)?;
        let now = self.clock.now();
        let read = self.store.read(actor).await?;
        let Some(study) = read.study(id).await? else {
            return Ok(());
        };
        let quiet_at = study.last_received_at + self.settings.compact_after;
        if quiet_at > now {
            drop(read);
            let mut tx = self.store.begin(actor).await?;
            tx.enqueue(self.ids.next(), now, quiet_at, &CompactStudy { study: id })
                .await?;
            return Ok(tx.commit().await?);
        }
        let small = read.small_batches_of_study(id, SMALL_OBJECT_BYTES).await?;
        drop(read);
        let tier = study.tier;
        let small: Vec<BatchRow> = small.into_iter().filter(|batch| batch.tier == tier).collect();
        if small.len() < 2 {
            return Ok(());
        }
        self.repack_study(actor, &study, &small, tier, "compacted").await
    }

    /// Puts what lies of a study in these objects into new ones.
    pub(super) async fn repack_study(
        &self,
        actor: &Actor,
        study: &StudyRow,
        batches: &[BatchRow],
        to: Tier,
        why: &'static str,
    ) -> Result<(), AppError> {
        let mut group: Vec<(BatchId, PromisedBytes)> = Vec::new();
        let (mut bytes, mut sources) = (0, 0);
        for batch in batches {
            let contents = self.store.read(actor).await?.contents_of_batch(batch.id).await?;
            sources += 1;
            for promised in contents {
                if promised.study == Some(study.id) {
                    bytes += promised.length;
                    group.push((batch.id, promised));
                }
            }
            if group.len() >= MOST_MEMBERS || bytes >= ENOUGH_BYTES {
                self.repack(actor, std::mem::take(&mut group), study.facility, to, why)
                    .await?;
                (bytes, sources) = (0, 0);
            }
        }
        // What is left of one object alone would only be copied, unless it is to be elsewhere.
        if sources > 1 || (sources == 1 && batches.last().is_some_and(|batch| batch.tier != to)) {
            self.repack(actor, group, study.facility, to, why).await?;
        }
        Ok(())
    }

    /// Frees the space of a batch of which instances were removed or moved: gives its object up, or moves what is left
    /// of it into another one.
    pub async fn tidy_batch(&self, actor: &Actor, id: BatchId) -> Result<(), AppError> {
        self.authorise(actor, Permission::ManageOperations)?;
        if self.give_up_if_unused(actor, id).await? {
            return Ok(());
        }
        let read = self.store.read(actor).await?;
        let Some(batch) = read.batch(id).await? else {
            return Ok(());
        };
        let contents = read.contents_of_batch(id).await?;
        let facility = read.facility_of_batch(id).await?;
        drop(read);
        if !has_waste(&batch, &contents) {
            return Ok(());
        }
        let Some(facility) = facility else { return Ok(()) };
        let group = contents.into_iter().map(|promised| (id, promised)).collect();
        self.repack(actor, group, facility, batch.tier, "tidied").await?;
        Ok(())
    }

    async fn give_up_if_unused(&self, actor: &Actor, id: BatchId) -> Result<bool, AppError> {
        let now = self.clock.now();
        let mut tx = self.store.begin(actor).await?;
        let Some(key) = tx.remove_batch_if_unused(id).await? else {
            return Ok(false);
        };
        self.remove_object_later(&mut tx, actor, &key, now).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Makes one object of these stretches and lets their rows name it.
    pub(super) async fn repack(
        &self,
        actor: &Actor,
        group: Vec<(BatchId, PromisedBytes)>,
        facility: FacilityId,
        tier: Tier,
        why: &'static str,
    ) -> Result<(), AppError> {
        let id = self.ids.next();
        let key = ObjectKey::originals(actor.tenant(), self.clock.now(), id);
        let (folder, name) = (self.settings.spool_dir.clone(), key.to_string());
        let mut marker = blocking(move || Marker::create(&folder, id, &name)).await?;
        let (moved, stored_bytes) = self.write_tar(actor, &marker, &group).await?;
        if moved.is_empty() {
            return Ok(());
        }
        marker.stay();
        self.store_of(tier).put_file(&key, &marker.tar()).await?;
        let done = self
            .name_anew(
                actor,
                BatchId::from_uuid(id),
                &key,
                (&moved, stored_bytes),
                facility,
                tier,
                why,
            )
            .await;
        if !matches!(done, Ok(true)) {
            let tx = self.store.begin(actor).await?;
            if tx
                .is_nobodys_batch(BatchId::from_uuid(id), self.clock.now())
                .await?
            {
                self.store_of(tier).delete(&key).await?;
            }
        }
        // The marker goes last: until then the sweeper looks whether the object is anybody's.
        marker.remove();
        done.map(drop)
    }

    /// Writes a tar of the stretches that are sound; gives where each lies and how long it is.
    async fn write_tar(
        &self,
        actor: &Actor,
        marker: &Marker,
        group: &[(BatchId, PromisedBytes)],
    ) -> Result<(Vec<(BatchId, Content, u64)>, u64), AppError> {
        let path = marker.tar();
        let mut file = blocking(move || OpenOptions::new().write(true).create_new(true).open(path)).await?;
        let now = self.clock.now();
        let mut moved = Vec::with_capacity(group.len());
        let mut end = 0;
        for (number, (from, promised)) in group.iter().enumerate() {
            let Some(batch) = self.store.read(actor).await?.batch(*from).await? else {
                continue;
            };
            let store = self.store_of(batch.tier);
            let key =
                ObjectKey::stored(actor.tenant(), batch.object_key).ok_or_else(|| AppError::Internal {
                    what: "an object key of another tenant".to_owned(),
                })?;
            let range = promised.offset..promised.offset.saturating_add(promised.length);
            let name = format!("{:05}_{}.dcm", number + 1, promised.sop_instance_uid);
            let header = tar::header(&name, promised.length, now);
            file = blocking(move || {
                file.seek(SeekFrom::Start(end))?;
                file.write_all(&header)?;
                Ok(file)
            })
            .await?;
            let mut proof = Proof::of(promised);
            let mut chunks = match self.at_hand(store, &key, range).await {
                Ok(chunks) => chunks,
                Err(error) if crate::integrity::is_damage(&error) => continue,
                Err(error) => return Err(error.into()),
            };
            let mut is_whole = true;
            while let Some(chunk) = chunks.next().await {
                match chunk {
                    Ok(chunk) => {
                        proof.update(&chunk);
                        file = blocking(move || file.write_all(&chunk).map(|()| file)).await?;
                    }
                    Err(error) if crate::integrity::is_damage(&error) => {
                        is_whole = false;
                        break;
                    }
                    Err(error) => return Err(error.into()),
                }
            }
            if !is_whole || !proof.holds() {
                tracing::warn!(batch.id = %from, "a damaged original stays where it is");
                continue;
            }
            moved.push((*from, promised.content, end + tar::BLOCK_BYTES));
            end += tar::BLOCK_BYTES + promised.length.next_multiple_of(tar::BLOCK_BYTES);
        }
        let stored_bytes = end + tar::END.len() as u64;
        blocking(move || {
            // What was written of something that turned out damaged is cut off.
            file.set_len(end)?;
            file.set_len(stored_bytes)?;
            file.sync_all()
        })
        .await?;
        Ok((moved, stored_bytes))
    }

    /// The stretch from its store or, when that is not at hand, from the replica.
    async fn at_hand(
        &self,
        store: &Arc<dyn BlobStore>,
        key: &ObjectKey,
        range: Range<u64>,
    ) -> Result<BlobStream, BlobError> {
        match (store.stream(key, range.clone()).await, &self.replica) {
            (Err(BlobError::Offline { key: away }), Some(replica)) => {
                match replica.stream(key, range).await {
                    // It was not copied yet: that is no damage.
                    Err(BlobError::NotFound { .. }) => Err(BlobError::Offline { key: away }),
                    copied => copied,
                }
            }
            (stream, _) => stream,
        }
    }

    /// The one transaction of a repacking. False when nothing was left to move.
    #[expect(clippy::too_many_arguments, reason = "the last step of one use case")]
    async fn name_anew(
        &self,
        actor: &Actor,
        id: BatchId,
        key: &ObjectKey,
        (moved, stored_bytes): (&[(BatchId, Content, u64)], u64),
        facility: FacilityId,
        tier: Tier,
        why: &'static str,
    ) -> Result<bool, AppError> {
        let now = self.clock.now();
        let mut tx = self.store.begin(actor).await?;
        let new = NewBatch {
            id,
            object_key: key.to_string(),
            stored_bytes,
            facility,
            upload: None,
        };
        tx.add_batches(vec![new], now).await?;
        tx.set_tier_of_batch(id, tier).await?;
        let count = tx.relocate(id, moved).await?;
        if count == 0 {
            return Ok(false);
        }
        let mut sources: Vec<BatchId> = moved.iter().map(|(from, ..)| *from).collect();
        sources.sort_unstable();
        sources.dedup();
        for batch in &sources {
            tx.enqueue(self.ids.next(), now, now, &TidyBatch { batch: *batch })
                .await?;
        }
        if self.replica.is_some() {
            tx.enqueue(self.ids.next(), now, now, &ReplicateBatch { batch: id })
                .await?;
        }
        tx.audit(
            AuditEvent::of(actor, now, AuditAction::ObjectRepack, id)
                .detail(format!("{why}: {count} originals of {} objects", sources.len())),
        );
        tx.commit().await?;
        metrics::counter!("telerad_repacked_originals_total", "why" => why).increment(count);
        Ok(true)
    }
}

/// Whether an object holds more than its rows promise: the rest was removed, and is to be gone.
fn has_waste(batch: &BatchRow, contents: &[PromisedBytes]) -> bool {
    let promised: u64 = contents
        .iter()
        .map(|promised| tar::BLOCK_BYTES + promised.length.next_multiple_of(tar::BLOCK_BYTES))
        .sum();
    batch.stored_bytes > promised + tar::END.len() as u64
}
