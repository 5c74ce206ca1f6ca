//! The replica: a second object store that has every original, and what it is good for.
//!
//! **Invariant:** only bytes that are what their rows promise are copied, in either direction; a copy that is damaged
//! itself replaces nothing.

use domain::{
    Actor, BatchId, ErrorCode, Permission,
    audit::{AuditAction, AuditEvent},
    job::Job,
};
use serde::{Deserialize, Serialize};
use store::{BatchRow, Content, PromisedBytes, Tier};

use super::prove::{Pace, fetch, file_is_sound, is_sound};
use crate::{
    App, AppError,
    jobs::program_actor,
    ports::{BlobError, ObjectKey},
};

/// Copies an object of originals to the replica.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplicateBatch {
    /// Which.
    pub batch: BatchId,
}

impl Job for ReplicateBatch {
    const KIND: &'static str = "replicate_batch";
    const PRIORITY: i16 = 5;

    fn dedupe_key(&self) -> Option<String> {
        Some(self.batch.to_string())
    }
}

/// Puts an object of originals right that was found missing or damaged, from the replica.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepairBatch {
    /// Which.
    pub batch: BatchId,
}

impl Job for RepairBatch {
    const KIND: &'static str = "repair_batch";
    const PRIORITY: i16 = 40;

    fn dedupe_key(&self) -> Option<String> {
        Some(self.batch.to_string())
    }
}

impl App {
    /// Copies an object of originals to the replica, once. Without a replica there is nothing to do.
    ///
    /// Errors: `OBJECT_DAMAGED` when the object itself is: a copy of it would be worth nothing.
    pub async fn replicate_batch(&self, actor: &Actor, id: BatchId) -> Result<(), AppError> {
        self.authorise(actor, Permission::ManageOperations)?;
        let Some(replica) = &self.replica else {
            return Ok(());
        };
        let read = self.store.read(actor).await?;
        let Some(batch) = read
            .batch(id)
            .await?
            .filter(|batch| batch.replicated_at.is_none())
        else {
            return Ok(());
        };
        let contents = read.contents_of_batch(id).await?;
        drop(read);
        let key = key_of(actor, &batch)?;
        if !holds_all(replica, &key, &contents).await? {
            let spooled = self.spool_file("replica");
            match fetch(self.store_of(batch.tier), &key, spooled.path()).await {
                // It is asked for again by the clock.
                Err(error) if error.code() == ErrorCode::StudyOffline => return Ok(()),
                fetched => fetched?,
            }
            if !file_is_sound(spooled.path(), &contents).await? {
                return Err(BlobError::Damaged { key: key.to_string() }.into());
            }
            // What is there and is not right would stay: an object is never replaced.
            replica.delete(&key).await?;
            replica.put_file(&key, spooled.path()).await?;
        }
        let mut tx = self.store.begin(actor).await?;
        tx.mark_replicated(id, self.clock.now()).await?;
        tx.commit().await?;
        metrics::counter!("telerad_replicated_objects_total").increment(1);
        Ok(())
    }

    /// Puts an object of originals right from the replica, when the replica has it as its rows promise it. Sound
    /// objects only lose their mark.
    ///
    /// Errors: `OBJECT_DAMAGED` when the replica has it no better.
    pub async fn repair_batch(&self, actor: &Actor, id: BatchId) -> Result<(), AppError> {
        self.authorise(actor, Permission::ManageOperations)?;
        let read = self.store.read(actor).await?;
        let Some(batch) = read.batch(id).await? else {
            return Ok(());
        };
        let contents = read.contents_of_batch(id).await?;
        drop(read);
        let key = key_of(actor, &batch)?;
        let home = self.store_of(batch.tier);
        let mut repaired = false;
        if !holds_all(home, &key, &contents).await? {
            let damaged = || BlobError::Damaged { key: key.to_string() };
            let replica = self.replica.as_ref().ok_or_else(damaged)?;
            let spooled = self.spool_file("repair");
            fetch(replica, &key, spooled.path()).await?;
            if !file_is_sound(spooled.path(), &contents).await? {
                return Err(damaged().into());
            }
            // Between these two the replica serves.
            home.delete(&key).await?;
            home.put_file(&key, spooled.path()).await?;
            repaired = true;
        }
        let instances: Vec<_> = contents
            .iter()
            .filter_map(|promised| match promised.content {
                Content::Instance(id) => Some(id),
                Content::Quarantined(_) => None,
            })
            .collect();
        let mut tx = self.store.begin(actor).await?;
        tx.mark_soundness(id, &instances, None).await?;
        if repaired {
            let event = AuditEvent::of(actor, self.clock.now(), AuditAction::ObjectRepair, &key);
            tx.audit(event.detail("from the replica"));
            metrics::counter!("telerad_repaired_objects_total").increment(1);
        }
        Ok(tx.commit().await?)
    }

    /// Queues copies of what the replica has not, and says in the metrics how far it is behind; gives their number.
    pub async fn follow_with_replica(&self) -> Result<u64, AppError> {
        const AT_ONCE: u64 = 500;
        if self.replica.is_none() {
            return Ok(0);
        }
        let now = self.clock.now();
        let (mut queued, mut oldest) = (0, None);
        for tenant in self.store.read_sign_in().await?.audited_tenants().await? {
            let actor = program_actor(tenant);
            let behind = self
                .store
                .read(&actor)
                .await?
                .batches_not_replicated(AT_ONCE)
                .await?;
            if behind.is_empty() {
                continue;
            }
            let mut tx = self.store.begin(&actor).await?;
            for batch in behind {
                oldest = oldest.into_iter().chain([batch.received_at]).min();
                tx.enqueue(self.ids.next(), now, now, &ReplicateBatch { batch: batch.id })
                    .await?;
                queued += 1;
            }
            tx.commit().await?;
        }
        metrics::gauge!("telerad_replica_lag_objects").set(queued as f64);
        let lag = oldest.map_or(0, |oldest| (now - oldest).num_seconds());
        metrics::gauge!("telerad_replica_lag_seconds").set(lag as f64);
        Ok(queued)
    }

    /// The store that holds what is in a tier.
    pub(crate) fn store_of(&self, tier: Tier) -> &std::sync::Arc<dyn crate::ports::BlobStore> {
        match (tier, &self.cold) {
            (Tier::Cold, Some(cold)) => cold,
            _ => &self.blobs,
        }
    }
}

fn key_of(actor: &Actor, batch: &BatchRow) -> Result<ObjectKey, AppError> {
    super::object(actor.tenant(), &batch.object_key)
}

async fn holds_all(
    blobs: &std::sync::Arc<dyn crate::ports::BlobStore>,
    key: &ObjectKey,
    contents: &[PromisedBytes],
) -> Result<bool, AppError> {
    match blobs.size(key).await {
        Ok(_) => {}
        Err(BlobError::NotFound { .. }) => return Ok(false),
        Err(error) => return Err(error.into()),
    }
    let mut pace = Pace::of(None);
    for promised in contents {
        if !is_sound(blobs, key, promised, &mut pace).await? {
            return Ok(false);
        }
    }
    Ok(true)
}
