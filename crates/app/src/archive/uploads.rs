//! Announced uploads: the manifest before the images, the receipt after them.
//!
//! **Invariant:** a receipt is read in pages; a manifest is bounded by `max_manifest_instances`.
//!
//! **Invariant:** a receipt says of every announced instance what became of it, and of every other file that was
//! sent why it was not taken; it can be asked for at any time, which is also how a sender resumes.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use dicom::Uid;
use domain::{
    Actor, ErrorCode, FacilityId, FacilityScope, Permission, Priority, ProtocolFlag, UploadId,
    audit::{AuditAction, AuditEvent},
    change::{Change, ChangeTopic},
};
use store::{
    ItemCounts, ItemOutcome, RefusedFile, SettledItem, StoredInstance, TenantRead, TenantTx, UploadItem,
    UploadRow, UploadState,
};
use uuid::Uuid;

use super::{group::Group, report::StoredPart, verdict::Verdict};
use crate::{App, AppError};

/// The longest indication, in characters.
const LONGEST_INDICATION: usize = 4000;
/// The longest name of a file, in characters.
const LONGEST_NAME: usize = 300;

/// What a sender is about to send.
#[derive(Debug, Clone)]
pub struct Announcement {
    /// For which facility.
    pub facility: FacilityId,
    /// How urgent.
    pub priority: Priority,
    /// The pathway, if any.
    pub protocol_flag: Option<ProtocolFlag>,
    /// Why the examination was made.
    pub indication: Option<String>,
    /// Every instance.
    pub instances: Vec<AnnouncedInstance>,
    /// Files the sender itself set aside: name and reason.
    pub refused: Vec<(String, String)>,
}

/// One announced instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnnouncedInstance {
    /// Study Instance UID.
    pub study_instance_uid: Uid,
    /// Series Instance UID.
    pub series_instance_uid: Uid,
    /// SOP Instance UID.
    pub sop_instance_uid: Uid,
    /// The length of its file.
    pub bytes: u64,
    /// What its bytes hash to, if the sender says so.
    pub sha256: Option<[u8; 32]>,
}

/// How many lines of a receipt are read at a time.
const LINES_PER_PAGE: u64 = 1000;

/// What an announcement came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announced {
    /// The upload.
    pub upload: UploadId,
    /// SOP Instance UIDs of what is to be sent.
    pub missing: Vec<String>,
    /// How many need not be.
    pub stored: usize,
}

/// How an upload stands; its lines are read with [`App::receipt_items`] and [`App::receipt_files`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The upload.
    pub upload: UploadRow,
    /// How many instances stand where.
    pub counts: ItemCounts,
}

impl App {
    /// Whether the actor may announce anything at all: asked before a manifest is read.
    ///
    /// Errors: `FORBIDDEN`.
    pub fn may_announce(&self, actor: &Actor) -> Result<(), AppError> {
        self.authorise(actor, Permission::StoreStudies)?;
        match actor.facilities() {
            FacilityScope::Only(facilities) if facilities.is_empty() => Err(AppError::refused(
                ErrorCode::Forbidden,
                "you send for no facility; ask your administrator to assign you to one",
            )),
            _ => Ok(()),
        }
    }

    /// Announces an upload. Instances that are stored already, with the announced hash, need not be sent.
    ///
    /// Errors: `NOT_FOUND` for a facility that is not the actor's; `INVALID_INPUT` for an empty or too long
    /// manifest, or one that names an instance twice.
    pub async fn announce_upload(
        &self,
        actor: &Actor,
        announced: Announcement,
    ) -> Result<Announced, AppError> {
        self.authorise(actor, Permission::StoreStudies)?;
        self.check(&announced)?;
        let now = self.clock.now();
        if !actor.facilities().contains(announced.facility) {
            return Err(AppError::NotFound { what: "facility" });
        }
        let mut tx = self.store.begin(actor).await?;
        if tx.facility(announced.facility).await?.is_none() {
            return Err(AppError::NotFound { what: "facility" });
        }
        let uids: Vec<&str> = announced
            .instances
            .iter()
            .map(|one| one.sop_instance_uid.as_str())
            .collect();
        let stored = tx.stored_instances(&uids).await?;
        let mut upload = UploadRow {
            id: UploadId::from_uuid(self.ids.next()),
            facility: announced.facility,
            announced_by: actor.to_string(),
            state: UploadState::Open,
            priority: announced.priority,
            protocol_flag: announced.protocol_flag,
            indication: announced.indication.filter(|text| !text.trim().is_empty()),
            created_at: now,
            finished_at: None,
        };
        drop(uids);
        tx.add_upload(&upload).await?;
        let count = announced.instances.len();
        let items: Vec<UploadItem> = announced
            .instances
            .into_iter()
            .map(|one| item(one, announced.facility, &stored))
            .collect();
        drop(stored);
        let missing: Vec<String> = items
            .iter()
            .filter(|item| item.outcome == ItemOutcome::Missing)
            .map(|item| item.sop_instance_uid.clone())
            .collect();
        tx.announce_items(upload.id, items).await?;
        let refused = announced.refused.into_iter().map(|(name, reason)| {
            let file = RefusedFile {
                name: cut(&name),
                reason_code: None,
                reason: cut(&reason),
                sha256: None,
            };
            (self.ids.next(), file)
        });
        tx.note_refused_files(upload.id, refused.collect()).await?;
        if missing.is_empty() {
            self.finish(&mut tx, actor, &mut upload, now).await?;
        }
        let detail = format!("instances: {count}");
        tx.audit(AuditEvent::of(actor, now, AuditAction::UploadAnnounce, upload.id).detail(detail));
        tx.announce(upload_changed(&upload));
        tx.commit().await?;
        Ok(Announced {
            upload: upload.id,
            stored: count - missing.len(),
            missing,
        })
    }

    /// The next announced instances of an upload, by UID, after the one named by `after`; empty after the last.
    pub async fn receipt_items(
        &self,
        actor: &Actor,
        id: UploadId,
        after: &str,
    ) -> Result<Vec<UploadItem>, AppError> {
        self.authorise(actor, Permission::StoreStudies)?;
        let tx = self.store.read(actor).await?;
        self.upload_in_reach(&tx, actor, id).await?;
        Ok(tx.upload_items(id, after, LINES_PER_PAGE).await?)
    }

    /// The next files of an upload that were not taken, after the one of this row; empty after the last.
    pub async fn receipt_files(
        &self,
        actor: &Actor,
        id: UploadId,
        after: Uuid,
    ) -> Result<Vec<(Uuid, RefusedFile)>, AppError> {
        self.authorise(actor, Permission::StoreStudies)?;
        let tx = self.store.read(actor).await?;
        self.upload_in_reach(&tx, actor, id).await?;
        Ok(tx.refused_files(id, after, LINES_PER_PAGE).await?)
    }

    /// How an upload stands.
    pub async fn upload_receipt(&self, actor: &Actor, id: UploadId) -> Result<Receipt, AppError> {
        self.authorise(actor, Permission::StoreStudies)?;
        let tx = self.store.read(actor).await?;
        let upload = self.upload_in_reach(&tx, actor, id).await?;
        receipt(&tx, upload).await
    }

    /// The sender says that nothing more will come. Studies of which something stays missing are complete after
    /// the quiet period, and show what is missing.
    pub async fn finish_upload(&self, actor: &Actor, id: UploadId) -> Result<Receipt, AppError> {
        self.authorise(actor, Permission::StoreStudies)?;
        let now = self.clock.now();
        let mut tx = self.store.begin(actor).await?;
        let mut upload = self.upload_in_reach(&tx, actor, id).await?;
        if upload.state == UploadState::Open {
            self.finish(&mut tx, actor, &mut upload, now).await?;
            tx.audit(AuditEvent::of(actor, now, AuditAction::UploadFinish, id));
            tx.announce(upload_changed(&upload));
        }
        let receipt = receipt(&tx, upload).await?;
        tx.commit().await?;
        Ok(receipt)
    }

    async fn finish(
        &self,
        tx: &mut TenantTx,
        actor: &Actor,
        upload: &mut UploadRow,
        now: DateTime<Utc>,
    ) -> Result<(), AppError> {
        tx.complete_upload(upload.id, now).await?;
        upload.state = UploadState::Complete;
        upload.finished_at = Some(now);
        self.judge_studies_of_upload(tx, actor, upload.id, now).await
    }

    fn check(&self, announced: &Announcement) -> Result<(), AppError> {
        let most = self.settings.max_manifest_instances;
        if announced.instances.is_empty() {
            return Err(AppError::invalid("studies", "announce at least one instance"));
        }
        if announced.instances.len() > most || announced.refused.len() > most {
            return Err(AppError::invalid(
                "studies",
                format!("announce at most {most} instances at a time"),
            ));
        }
        if announced
            .indication
            .as_ref()
            .is_some_and(|text| text.chars().count() > LONGEST_INDICATION)
        {
            let text = format!("the indication has more than {LONGEST_INDICATION} characters");
            return Err(AppError::invalid("indication", text));
        }
        let mut seen = HashSet::with_capacity(announced.instances.len());
        if !announced
            .instances
            .iter()
            .all(|one| seen.insert(&one.sop_instance_uid))
        {
            return Err(AppError::invalid("studies", "an instance is announced twice"));
        }
        Ok(())
    }
}

impl Group {
    /// Writes what became of the parts into the receipt.
    pub(super) async fn settle_receipt(
        &self,
        tx: &mut TenantTx,
        verdicts: &[Verdict],
        now: DateTime<Utc>,
    ) -> Result<(), AppError> {
        let Some(upload) = &self.sending.upload else {
            return Ok(());
        };
        let parts = || self.batches.iter().flat_map(|batch| &batch.parts);
        let claimed: Vec<&str> = parts()
            .filter_map(|part| part.claimed_uid.as_ref())
            .map(Uid::as_str)
            .collect();
        let announced = tx.announced(upload.id, &claimed).await?;
        let mut settled = Vec::with_capacity(verdicts.len());
        let mut files = Vec::new();
        for (part, verdict) in parts().zip(verdicts) {
            let found = part.content.as_deref().ok();
            let found = found.map(|instance| instance.facts.sop_instance_uid.as_str());
            let claimed = part.claimed_uid.as_ref().map(Uid::as_str);
            let claimed = claimed.filter(|uid| announced.contains_key(*uid));
            let (outcome, code) = match verdict {
                Verdict::New => (ItemOutcome::Stored, None),
                Verdict::Duplicate | Verdict::Heals => (ItemOutcome::Duplicate, None),
                Verdict::Conflict => (ItemOutcome::Refused, Some(ErrorCode::InstanceConflict)),
                // Nothing is wrong with the announced file: it is still expected.
                Verdict::Refused(code @ ErrorCode::DiffersFromManifest) => {
                    (ItemOutcome::Missing, Some(*code))
                }
                Verdict::Refused(code) => (ItemOutcome::Refused, Some(*code)),
            };
            let reason = code.map(|code| (code, StoredPart::reason(part, code)));
            let line = match code {
                Some(ErrorCode::NotInManifest) => None,
                Some(ErrorCode::DiffersFromManifest) => claimed.or(found),
                _ => found.or(claimed),
            };
            match (line, reason) {
                (Some(uid), reason) => settled.push(SettledItem {
                    sop_instance_uid: uid.to_owned(),
                    outcome,
                    reason: reason.map(|(code, text)| (code.as_str().to_owned(), text)),
                }),
                (None, Some((code, text))) => {
                    files.push(file(found.unwrap_or(&part.name), code, &text, part.sha256));
                }
                // What is stored has a UID.
                (None, None) => {}
            }
        }
        tx.settle_items(upload.id, &settled).await?;
        let files = files
            .into_iter()
            .map(|file| (self.sending.app.ids.next(), file))
            .collect();
        tx.note_refused_files(upload.id, files).await?;
        let counts = tx.upload_counts(upload.id).await?;
        if upload.state == UploadState::Open && counts.missing == 0 && counts.refused == 0 {
            tx.complete_upload(upload.id, now).await?;
        }
        tx.announce(upload_changed(upload));
        Ok(())
    }
}

async fn receipt(tx: &TenantRead, upload: UploadRow) -> Result<Receipt, AppError> {
    let counts = tx.upload_counts(upload.id).await?;
    Ok(Receipt { upload, counts })
}

fn item(
    announced: AnnouncedInstance,
    facility: FacilityId,
    stored: &HashMap<String, StoredInstance>,
) -> UploadItem {
    // Without a hash nobody knows whether these are the bytes that are stored: they are sent and judged.
    let is_stored = stored
        .get(announced.sop_instance_uid.as_str())
        .is_some_and(|stored| {
            stored.facility == facility
                && stored.study_instance_uid == announced.study_instance_uid.as_str()
                && announced.sha256.is_some_and(|sha256| stored.sha256 == sha256)
        });
    UploadItem {
        sop_instance_uid: announced.sop_instance_uid.to_string(),
        series_instance_uid: announced.series_instance_uid.to_string(),
        study_instance_uid: announced.study_instance_uid.to_string(),
        announced_bytes: announced.bytes,
        announced_sha256: announced.sha256,
        outcome: if is_stored {
            ItemOutcome::Duplicate
        } else {
            ItemOutcome::Missing
        },
        reason_code: None,
        reason: None,
    }
}

fn file(name: &str, code: ErrorCode, reason: &str, sha256: [u8; 32]) -> RefusedFile {
    RefusedFile {
        name: cut(name),
        reason_code: Some(code.as_str().to_owned()),
        reason: cut(reason),
        sha256: Some(sha256),
    }
}

fn upload_changed(upload: &UploadRow) -> Change {
    Change {
        topic: ChangeTopic::Upload,
        object: upload.id.uuid(),
        facility: Some(upload.facility),
    }
}

fn cut(text: &str) -> String {
    text.chars()
        .filter(|character| *character != '\0')
        .take(LONGEST_NAME)
        .collect()
}
