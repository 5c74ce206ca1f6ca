//! A batch: the parts that become one object.
//!
//! **Invariant:** until [`Batch::commit`] has succeeded nothing of a batch is stored.

use std::path::PathBuf;

use dicom::Limits;
use domain::{Actor, BatchId, FacilityId};
use store::UploadRow;
use tracing::Instrument as _;

use super::{
    batch_file::BatchFile,
    judging::{Addressed, Came},
    part::Part,
    report::StoredPart,
    spool::{Spool, blocking},
    tar,
    verdict::Verdict,
};
use crate::{App, AppError, ports::ObjectKey};

/// Who sends, for whom, and as part of what.
#[derive(Debug, Clone)]
pub(super) struct Sending {
    pub app: App,
    pub actor: Actor,
    pub facility: FacilityId,
    pub upload: Option<UploadRow>,
}

/// The parts of a request that are stored together.
#[derive(Debug)]
pub(super) struct Batch {
    /// Those that were received, in their order.
    pub parts: Vec<Part>,
    sending: Sending,
    addressed: Addressed,
    id: BatchId,
    key: ObjectKey,
    /// Its file.
    pub spool: Spool,
}

/// A batch to which nothing is added any more.
#[derive(Debug)]
pub(super) struct SealedBatch {
    pub sending: Sending,
    pub addressed: Addressed,
    pub id: BatchId,
    pub key: ObjectKey,
    pub parts: Vec<Part>,
    /// The size of its object; none when all of its parts are stored already or refused.
    pub object_bytes: Option<u64>,
    /// Until it is removed the sweeper looks whether the object is anybody's.
    pub file: Box<BatchFile>,
}

impl Batch {
    /// Begins a batch in the spool.
    pub async fn begin(sending: Sending, addressed: Addressed) -> Result<Self, AppError> {
        let Sending { app, actor, .. } = &sending;
        let id = app.ids.next();
        let key = ObjectKey::originals(actor.tenant(), app.clock.now(), id);
        let limits = Limits {
            part_bytes: app.settings.max_instance_bytes.min(tar::MAX_MEMBER_BYTES),
            ..Limits::default()
        };
        let (folder, name) = (app.settings.spool_dir.clone(), key.to_string());
        let file = blocking(move || BatchFile::create(&folder, id, &name, limits).map(Box::new)).await?;
        Ok(Self {
            parts: Vec::new(),
            sending,
            addressed,
            id: BatchId::from_uuid(id),
            key,
            spool: Spool::Resting(file),
        })
    }

    /// Makes the batch durable and visible, and says what became of each part. A sender that breaks off from here on
    /// does not stop it: it finds the parts stored when it sends them again.
    ///
    /// Errors: `STORAGE_FULL`, `STORAGE_UNAVAILABLE` and internal ones; then nothing of it is stored.
    pub async fn commit(self) -> Result<Vec<StoredPart>, AppError> {
        let tx = self.sending.app.store.read(&self.sending.actor).await?;
        let came: Vec<Came<'_>> = self.parts.iter().map(|part| self.came(part)).collect();
        let verdicts = self.sending.judge(&tx, &came).await?.verdicts;
        drop(tx);
        let (sealed, tar) = self.seal(&verdicts).await?;
        let stored = tokio::spawn(sealed.store(tar).in_current_span()).await;
        stored.unwrap_or_else(|error| {
            Err(AppError::Internal {
                what: format!("a batch was not stored: {error}"),
            })
        })
    }

    fn came<'a>(&'a self, part: &'a Part) -> Came<'a> {
        Came {
            part,
            addressed: &self.addressed,
        }
    }

    /// Leaves in the tar what is to be stored or set aside, and ends it.
    async fn seal(self, verdicts: &[Verdict]) -> Result<(SealedBatch, PathBuf), AppError> {
        let now = self.sending.app.clock.now();
        let mut parts = self.parts;
        for (part, verdict) in parts.iter_mut().zip(verdicts) {
            part.left_out = Some(*verdict).filter(|verdict| !verdict.needs_bytes());
        }
        let is_empty = parts.iter().all(|part| part.left_out.is_some());
        let mut file = self.spool.into_file().await?;
        let (file, parts, tar, length) = blocking(move || {
            let (mut kept, mut all_kept) = (Vec::new(), true);
            for part in &mut parts {
                match (part.left_out, &mut part.content) {
                    (None, Ok(instance)) => kept.push(instance.as_mut()),
                    (_, content) => all_kept &= content.is_err(),
                }
            }
            if !is_empty && !all_kept {
                file.keep_only(&mut kept, now)?;
            }
            let (tar, length) = file.seal()?;
            Ok((file, parts, tar, length))
        })
        .await?;
        let sealed = SealedBatch {
            sending: self.sending,
            addressed: self.addressed,
            id: self.id,
            key: self.key,
            parts,
            object_bytes: Some(length).filter(|_| !is_empty),
            file,
        };
        Ok((sealed, tar))
    }
}

impl SealedBatch {
    /// Its parts, with what their request says.
    pub fn came(&self) -> impl Iterator<Item = Came<'_>> {
        let addressed = &self.addressed;
        self.parts.iter().map(move |part| Came { part, addressed })
    }

    /// Makes the object durable, then the rows visible.
    async fn store(mut self, tar: PathBuf) -> Result<Vec<StoredPart>, AppError> {
        let app = self.sending.app.clone();
        if self.object_bytes.is_some() {
            self.file.object_begins();
            if let Err(error) = app.blobs.put_file(&self.key, &tar).await {
                self.give_object_up().await;
                return Err(error.into());
            }
        }
        app.commits.commit(self).await
    }

    /// Removes the object unless a row refers to it: a commit whose answer was lost did happen. When the database
    /// cannot say, the object stays; it costs space and nothing else.
    pub async fn give_object_up(self) {
        let Sending { app, actor, .. } = &self.sending;
        let removed = async {
            let tx = app.store.begin(actor).await?;
            if tx.is_nobodys_batch(self.id, app.clock.now()).await? {
                app.blobs.delete(&self.key).await?;
            }
            Ok::<(), AppError>(())
        };
        match removed.await {
            Ok(()) => self.file.remove(),
            Err(error) => {
                tracing::warn!(error = %error, object.key = %self.key, "the sweeper looks after an unused object");
            }
        }
    }
}
