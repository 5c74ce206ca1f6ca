//! The scrub: every object against its rows, and every row against its objects.
//!
//! **Invariant:** nothing is held but one batch's rows and a page of keys, however large the archive is; nothing is
//! changed unless the order says so, and then only what was read in this very run.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use dicom::{ChunkSummer, ChunkSums};
use domain::{
    Actor, InstanceId, Permission,
    audit::{AuditAction, AuditEvent},
    job::Job,
};
use futures_util::StreamExt as _;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use store::{BatchRow, Content, PromisedObject};
use uuid::Uuid;

use super::{
    prove::{Pace, is_sound},
    tally::{Finding, Trouble, VerifyTally},
};
use crate::{
    App, AppError,
    archive::RemoveObject,
    jobs::program_actor,
    ports::{BlobError, BlobStore, FoundObject, ObjectKey},
    renditions::{MakeRenditions, MakeThumbnail, RENDITION_VERSION},
};

/// Rows or keys looked at together.
const AT_ONCE: usize = 200;

/// What is to be verified, and what is to be done about what is found.
#[derive(Debug, Clone)]
pub struct VerifyOrder {
    /// What is done about what is found.
    pub mend: Mend,
    /// Of how many objects in a hundred every byte is read; of the others only that they are there.
    pub sample_percent: u8,
    /// At most so many bytes a second.
    pub bytes_per_second: Option<u64>,
    /// Objects younger than this may belong to a transaction under way.
    pub grace: Duration,
}

impl Default for VerifyOrder {
    fn default() -> Self {
        Self {
            mend: Mend::Nothing,
            sample_percent: 100,
            bytes_per_second: None,
            grace: Duration::from_secs(24 * 3600),
        }
    }
}

/// What is done about what is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mend {
    /// It is told, and that is all.
    Nothing,
    /// What is damaged is marked and repaired from the replica; derived objects are made again.
    Damage,
    /// Orphans are removed, too.
    Everything,
}

/// Verifies a tenant's archive in the background: that every object is there, and every byte of some of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifyArchive {}

impl Job for VerifyArchive {
    const KIND: &'static str = "verify_archive";
    const PRIORITY: i16 = -40;
    const MAX_ATTEMPTS: u16 = 3;

    fn dedupe_key(&self) -> Option<String> {
        Some("once".to_owned())
    }
}

/// A scrub under way.
struct Scrub<'a> {
    app: &'a App,
    actor: &'a Actor,
    order: &'a VerifyOrder,
    pace: Pace,
    tally: VerifyTally,
    report: &'a mut (dyn FnMut(Finding) + Send),
}

impl App {
    /// Verifies all that a tenant has stored and tells `report` of each finding as it is made.
    ///
    /// Errors: the database's. What the object store fails with is a finding.
    pub async fn verify_archive(
        &self,
        actor: &Actor,
        order: &VerifyOrder,
        report: &mut (dyn FnMut(Finding) + Send),
    ) -> Result<VerifyTally, AppError> {
        self.authorise(actor, Permission::ManageOperations)?;
        let mut scrub = Scrub {
            app: self,
            actor,
            order,
            pace: Pace::of(order.bytes_per_second),
            tally: VerifyTally::default(),
            report,
        };
        scrub.originals().await?;
        scrub.renditions().await?;
        scrub.thumbnails().await?;
        scrub.documents().await?;
        scrub.orphans().await?;
        let tally = scrub.tally;
        let event = AuditEvent::of(actor, self.clock.now(), AuditAction::ArchiveVerify, "archive")
            .detail(tally.summary());
        self.audit_alone(actor, if tally.is_clean() { event } else { event.denied() })
            .await?;
        Ok(tally)
    }
}

impl App {
    /// The scrub of every day: all objects are there, and of one in ten every byte is read, slowly.
    pub async fn verify_in_background(&self, actor: &Actor) -> Result<(), AppError> {
        const BYTES_PER_SECOND: u64 = 20 << 20;
        let order = VerifyOrder {
            mend: Mend::Damage,
            sample_percent: 10,
            bytes_per_second: Some(BYTES_PER_SECOND),
            ..VerifyOrder::default()
        };
        let mut report = |finding: Finding| {
            tracing::error!(
                object.key = finding.object,
                object.of = finding.of,
                verify.trouble = ?finding.trouble,
                verify.note = finding.note,
                "the scrub found something"
            );
        };
        let tally = self.verify_archive(actor, &order, &mut report).await?;
        metrics::counter!("telerad_scrubbed_bytes_total").increment(tally.bytes);
        for (trouble, count) in [
            ("missing", tally.missing),
            ("damaged", tally.damaged),
            ("orphan", tally.orphans),
            ("unread", tally.unread),
        ] {
            metrics::counter!("telerad_scrub_findings_total", "trouble" => trouble).increment(count);
        }
        Ok(())
    }

    /// Queues a scrub of every tenant's archive; gives their number.
    pub async fn verify_archives(&self) -> Result<u64, AppError> {
        let now = self.clock.now();
        let mut queued = 0;
        for tenant in self.store.read_sign_in().await?.audited_tenants().await? {
            let mut tx = self.store.begin(&program_actor(tenant)).await?;
            tx.enqueue(self.ids.next(), now, now, &VerifyArchive {}).await?;
            tx.commit().await?;
            queued += 1;
        }
        Ok(queued)
    }
}

impl Scrub<'_> {
    fn mends_damage(&self) -> bool {
        self.order.mend >= Mend::Damage
    }

    fn find(&mut self, trouble: Trouble, object: &str, of: Option<String>, note: Option<&str>) {
        let count = match trouble {
            Trouble::Missing => &mut self.tally.missing,
            Trouble::Damaged => &mut self.tally.damaged,
            Trouble::Orphan => &mut self.tally.orphans,
            Trouble::Unread => &mut self.tally.unread,
        };
        *count += 1;
        (self.report)(Finding {
            trouble,
            object: object.to_owned(),
            of,
            note: note.map(str::to_owned),
        });
    }

    /// Whether every byte of this object is read: the same ones in every run would leave the others to rot.
    fn is_in_sample(&self) -> bool {
        let [byte, ..] = self.app.randomness.secret();
        u32::from(byte) * 100 < u32::from(self.order.sample_percent) * 256
    }

    async fn originals(&mut self) -> Result<(), AppError> {
        let mut after = Uuid::nil();
        loop {
            let batches = self
                .app
                .store
                .read(self.actor)
                .await?
                .batches_after(after, AT_ONCE as u64)
                .await?;
            let Some(last) = batches.last() else { return Ok(()) };
            after = last.id.uuid();
            for batch in &batches {
                self.batch(batch).await?;
            }
        }
    }

    async fn batch(&mut self, batch: &BatchRow) -> Result<(), AppError> {
        self.tally.objects += 1;
        let contents = self
            .app
            .store
            .read(self.actor)
            .await?
            .contents_of_batch(batch.id)
            .await?;
        let key = super::object(self.actor.tenant(), &batch.object_key)?;
        let store = self.app.store_of(batch.tier).clone();
        let (here, is_whole) = match store.size(&key).await {
            Ok(bytes) => (true, bytes == batch.stored_bytes),
            Err(BlobError::NotFound { .. }) => (false, false),
            Err(BlobError::Offline { .. }) => {
                self.tally.away += 1;
                return Ok(());
            }
            Err(error) => {
                self.find(Trouble::Unread, key.as_str(), None, Some(&error.to_string()));
                return Ok(());
            }
        };
        let (mut damaged, mut sound) = (Vec::new(), Vec::new());
        if is_whole && !self.is_in_sample() {
            return Ok(());
        }
        for promised in &contents {
            let is_sound = here && {
                self.tally.instances += 1;
                self.tally.bytes += promised.length;
                match is_sound(&store, &key, promised, &mut self.pace).await {
                    Ok(is_sound) => is_sound,
                    // An object is archived as a whole: what was read of it before is as good as unread.
                    Err(BlobError::Offline { .. }) => {
                        self.tally.away += 1;
                        return Ok(());
                    }
                    Err(error) => {
                        self.find(Trouble::Unread, key.as_str(), None, Some(&error.to_string()));
                        continue;
                    }
                }
            };
            match (promised.content, is_sound) {
                (Content::Instance(id), true) if promised.is_marked => sound.push(id),
                (Content::Instance(id), false) => damaged.push(Content::Instance(id)),
                (Content::Quarantined(id), false) => damaged.push(Content::Quarantined(id)),
                _ => {}
            }
        }
        if damaged.is_empty() {
            return self.unmark(batch, &sound).await;
        }
        let note = self.repair(batch, &damaged).await?;
        if !here {
            self.find(Trouble::Missing, key.as_str(), Some(batch.id.to_string()), note);
            return Ok(());
        }
        for content in damaged {
            let of = match content {
                Content::Instance(id) => id.to_string(),
                Content::Quarantined(id) => id.to_string(),
            };
            self.find(Trouble::Damaged, key.as_str(), Some(of), note);
        }
        Ok(())
    }

    /// Marks what is damaged and repairs it where that can be done.
    async fn repair(
        &mut self,
        batch: &BatchRow,
        damaged: &[Content],
    ) -> Result<Option<&'static str>, AppError> {
        if !self.mends_damage() {
            return Ok(None);
        }
        let instances: Vec<InstanceId> = damaged
            .iter()
            .filter_map(|content| match content {
                Content::Instance(id) => Some(*id),
                Content::Quarantined(_) => None,
            })
            .collect();
        let mut tx = self.app.store.begin(self.actor).await?;
        tx.mark_soundness(batch.id, &instances, Some(self.app.clock.now()))
            .await?;
        tx.commit().await?;
        match self.app.repair_batch(self.actor, batch.id).await {
            Ok(()) => {
                self.tally.fixed += 1;
                Ok(Some("repaired from the replica"))
            }
            Err(AppError::Blob(error)) => {
                tracing::warn!(error = %error, batch.id = %batch.id, "a damaged object could not be repaired");
                Ok(Some("set aside until it is restored or sent again"))
            }
            Err(error) => Err(error),
        }
    }

    /// What was damaged is right again: somebody restored it.
    async fn unmark(&mut self, batch: &BatchRow, sound: &[InstanceId]) -> Result<(), AppError> {
        if self.mends_damage() && !sound.is_empty() {
            let mut tx = self.app.store.begin(self.actor).await?;
            tx.mark_soundness(batch.id, sound, None).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    async fn renditions(&mut self) -> Result<(), AppError> {
        let mut after = Uuid::nil();
        loop {
            let read = self.app.store.read(self.actor).await?;
            let some = read.renditions_after(after, AT_ONCE as u64).await?;
            drop(read);
            let Some(last) = some.last() else { return Ok(()) };
            after = last.cursor;
            for object in some {
                let (instance, study) = object.of;
                if !self.derived(&object, instance.to_string()).await? || !self.mends_damage() {
                    continue;
                }
                let now = self.app.clock.now();
                let mut tx = self.app.store.begin(self.actor).await?;
                tx.remove_rendition(instance, RENDITION_VERSION).await?;
                tx.enqueue(self.app.ids.next(), now, now, &MakeRenditions { study })
                    .await?;
                tx.commit().await?;
                self.tally.fixed += 1;
            }
        }
    }

    async fn thumbnails(&mut self) -> Result<(), AppError> {
        let mut after = Uuid::nil();
        loop {
            let read = self.app.store.read(self.actor).await?;
            let some = read.thumbnails_after(after, AT_ONCE as u64).await?;
            drop(read);
            let Some(last) = some.last() else { return Ok(()) };
            after = last.cursor;
            for object in some {
                let series = object.of;
                if !self.derived(&object, series.to_string()).await? || !self.mends_damage() {
                    continue;
                }
                let now = self.app.clock.now();
                let mut tx = self.app.store.begin(self.actor).await?;
                tx.enqueue(self.app.ids.next(), now, now, &MakeThumbnail { series })
                    .await?;
                tx.commit().await?;
                self.tally.fixed += 1;
            }
        }
    }

    /// Looks at a derived object; true when it has to be made again.
    async fn derived<Id>(&mut self, object: &PromisedObject<Id>, of: String) -> Result<bool, AppError> {
        self.tally.objects += 1;
        let sums = ChunkSums::from_blob(object.proof.clone()).ok();
        let proven = self.read_whole(object).await;
        let note = self.mends_damage().then_some("made again");
        match proven {
            Ok(read) if sums.as_ref() == Some(&read.sums) => Ok(false),
            Ok(_) => {
                self.find(Trouble::Damaged, &object.object_key, Some(of), note);
                Ok(true)
            }
            Err(BlobError::NotFound { .. }) => {
                self.find(Trouble::Missing, &object.object_key, Some(of), note);
                Ok(true)
            }
            Err(BlobError::Damaged { .. }) => {
                self.find(Trouble::Damaged, &object.object_key, Some(of), note);
                Ok(true)
            }
            Err(error) => {
                self.find(
                    Trouble::Unread,
                    &object.object_key,
                    Some(of),
                    Some(&error.to_string()),
                );
                Ok(false)
            }
        }
    }

    async fn documents(&mut self) -> Result<(), AppError> {
        let mut after = Uuid::nil();
        loop {
            let read = self.app.store.read(self.actor).await?;
            let some = read.documents_after(after, AT_ONCE as u64).await?;
            drop(read);
            let Some(last) = some.last() else { return Ok(()) };
            after = last.cursor;
            for object in some {
                self.tally.objects += 1;
                let of = Some(object.of.to_string());
                match self.read_whole(&object).await {
                    Ok(read) if read.sha256.as_bytes() == object.proof => {}
                    Err(BlobError::NotFound { .. }) => self.find(
                        Trouble::Missing,
                        &object.object_key,
                        of,
                        Some("a signed report's document: restore it from a backup"),
                    ),
                    Ok(_) | Err(BlobError::Damaged { .. }) => self.find(
                        Trouble::Damaged,
                        &object.object_key,
                        of,
                        Some("a signed report's document: restore it from a backup"),
                    ),
                    Err(error) => {
                        self.find(Trouble::Unread, &object.object_key, of, Some(&error.to_string()))
                    }
                }
            }
        }
    }

    async fn read_whole<Id>(&mut self, object: &PromisedObject<Id>) -> Result<WholeObject, BlobError> {
        let missing = || BlobError::NotFound {
            key: object.object_key.clone(),
        };
        let key = ObjectKey::stored(self.actor.tenant(), object.object_key.clone()).ok_or_else(missing)?;
        let (mut hash, mut sums) = (Sha256::new(), ChunkSummer::default());
        let mut chunks = self.app.blobs.stream(&key, 0..object.length).await?;
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk?;
            hash.update(&chunk);
            sums.update(&chunk);
            self.tally.bytes += chunk.len() as u64;
            self.pace.spend(chunk.len() as u64).await;
        }
        Ok(WholeObject {
            sha256: hex::encode(hash.finalize()),
            sums: sums.finish(),
        })
    }

    /// Objects that no row names, in every store.
    async fn orphans(&mut self) -> Result<(), AppError> {
        let mut stores = vec![self.app.blobs.clone()];
        stores.extend(self.app.cold.clone());
        stores.extend(self.app.replica.clone());
        for store in stores {
            self.orphans_in(store.as_ref()).await?;
        }
        Ok(())
    }

    async fn orphans_in(&mut self, store: &dyn BlobStore) -> Result<(), AppError> {
        let tenant = self.actor.tenant();
        let folder = ObjectKey::tenant(tenant);
        let trail = format!("{}/", ObjectKey::checkpoints(tenant));
        let grace = TimeDelta::from_std(self.order.grace).unwrap_or(TimeDelta::MAX);
        let before = self
            .app
            .clock
            .now()
            .checked_sub_signed(grace)
            .unwrap_or(DateTime::<Utc>::MIN_UTC);
        let mut page: Vec<FoundObject> = Vec::with_capacity(AT_ONCE);
        let mut walk = store.walk(&folder);
        while let Some(found) = walk.next().await {
            match found {
                // Checkpoints are named by nobody: they speak against the rows.
                Ok(found) if found.key.starts_with(&trail) || found.written_at > before => {}
                Ok(found) => page.push(found),
                Err(BlobError::Offline { .. }) => break,
                Err(error) => {
                    self.find(Trouble::Unread, folder.as_str(), None, Some(&error.to_string()));
                    break;
                }
            }
            if page.len() == AT_ONCE {
                self.judge_unnamed(std::mem::take(&mut page)).await?;
            }
        }
        self.judge_unnamed(page).await
    }

    async fn judge_unnamed(&mut self, page: Vec<FoundObject>) -> Result<(), AppError> {
        let keys: Vec<String> = page.iter().map(|found| found.key.clone()).collect();
        let accounted = self
            .app
            .store
            .read(self.actor)
            .await?
            .accounted_objects(&keys)
            .await?;
        for found in page.into_iter().filter(|found| !accounted.contains(&found.key)) {
            let mut note = format!("{} bytes of {}", found.bytes, found.written_at.format("%F"));
            if self.order.mend == Mend::Everything {
                let now = self.app.clock.now();
                let mut tx = self.app.store.begin(self.actor).await?;
                let job = RemoveObject {
                    object_key: found.key.clone(),
                };
                tx.enqueue(self.app.ids.next(), now, now, &job).await?;
                tx.commit().await?;
                self.tally.fixed += 1;
                note.push_str(", queued for removal");
            }
            self.find(Trouble::Orphan, &found.key, None, Some(&note));
        }
        Ok(())
    }
}

/// What a whole object turned out to be.
struct WholeObject {
    sha256: String,
    sums: ChunkSums,
}
