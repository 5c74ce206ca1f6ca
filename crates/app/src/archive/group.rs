//! Batches that wait for each other become visible in one transaction.
//!
//! A transaction costs as much for one instance as for fifty, and the database makes one at a time durable. So while
//! one is written, what comes from the same sender queues up behind it and goes into the next one together. Nobody
//! waits for company: what comes alone is written alone, at once.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use domain::{FacilityId, TenantId, UploadId};
use tokio::sync::oneshot;

use super::{
    batch::{SealedBatch, Sending},
    commit::Written,
    report::StoredPart,
};
use crate::AppError;

/// So many parts go into one transaction at the most, except where one batch has more.
const GROUP_PARTS: usize = 500;

/// Batches of one sender whose rows go into one transaction.
#[derive(Debug)]
pub(super) struct Group {
    pub sending: Sending,
    pub batches: Vec<SealedBatch>,
}

/// The batches whose objects are durable and whose rows are not written yet.
#[derive(Debug, Default)]
pub struct Commits {
    /// A lane is there as long as somebody works it off.
    lanes: Mutex<HashMap<Lane, Vec<Waiting>>>,
}

/// What may go into one transaction, if one sender sends it.
type Lane = (TenantId, FacilityId, Option<UploadId>);

#[derive(Debug)]
struct Waiting {
    batch: SealedBatch,
    outcome: oneshot::Sender<Result<Vec<StoredPart>, AppError>>,
}

impl Commits {
    /// Makes a batch visible, together with those that wait beside it.
    pub(super) async fn commit(self: &Arc<Self>, batch: SealedBatch) -> Result<Vec<StoredPart>, AppError> {
        let sending = &batch.sending;
        let upload = sending.upload.as_ref().map(|upload| upload.id);
        let lane = (sending.actor.tenant(), sending.facility, upload);
        let (outcome, told) = oneshot::channel();
        if self.queue(lane, Waiting { batch, outcome }) {
            tokio::spawn(Arc::clone(self).work_off(lane));
        }
        told.await.unwrap_or_else(|_| {
            Err(AppError::Internal {
                what: "a group of batches was not written".to_owned(),
            })
        })
    }

    /// Whether the lane is new, so that nobody works it off yet.
    fn queue(&self, lane: Lane, waiting: Waiting) -> bool {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = !lanes.contains_key(&lane);
        lanes.entry(lane).or_default().push(waiting);
        is_new
    }

    async fn work_off(self: Arc<Self>, lane: Lane) {
        while let Some(group) = self.next_group(lane) {
            // Apart, so that a group that fails badly takes nobody else along.
            if let Err(error) = tokio::spawn(commit_group(group)).await {
                tracing::error!(error = %error, "a group of batches was not written");
            }
        }
    }

    /// Takes those that go together with the one that has waited longest. None ends the lane.
    fn next_group(&self, lane: Lane) -> Option<Vec<Waiting>> {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = lanes.remove(&lane)?;
        let actor = waiting.first()?.batch.sending.actor.clone();
        let mut parts = 0;
        let (together, later) = waiting.into_iter().partition(|one: &Waiting| {
            parts += one.batch.parts.len();
            one.batch.sending.actor == actor && (parts <= GROUP_PARTS || parts == one.batch.parts.len())
        });
        lanes.insert(lane, later);
        Some(together)
    }
}

/// Writes the rows of all batches in one transaction, or of each in one of its own when that does not work out.
async fn commit_group(group: Vec<Waiting>) {
    let (batches, outcomes): (Vec<_>, Vec<_>) = group.into_iter().map(|one| (one.batch, one.outcome)).unzip();
    let Some(sending) = batches.first().map(|batch| batch.sending.clone()) else {
        return;
    };
    let mut outcomes = outcomes.into_iter();
    let group = Group { sending, batches };
    let several = group.batches.len() > 1;
    let written = group.write_rows().await;
    let results = match written {
        Err(error) if several => {
            tracing::debug!(error = %error, "batches that could not be written together are written one by one");
            for batch in group.batches {
                let alone = Group {
                    sending: batch.sending.clone(),
                    batches: vec![batch],
                };
                let written = alone.write_rows().await;
                for told in alone.settle(written).await {
                    if let Some(outcome) = outcomes.next() {
                        let _ = outcome.send(told);
                    }
                }
            }
            return;
        }
        written => group.settle(written).await,
    };
    for (outcome, told) in outcomes.zip(results) {
        // Whoever went away finds it stored when it comes again.
        let _ = outcome.send(told);
    }
}

impl Group {
    /// What each batch's sender is told. Objects that nobody needs are removed, and their markers after them.
    async fn settle(self, written: Result<Written, AppError>) -> Vec<Result<Vec<StoredPart>, AppError>> {
        let mut told = Vec::with_capacity(self.batches.len());
        match written {
            Ok(Written { verdicts, used }) => {
                let mut verdicts = verdicts.into_iter();
                for batch in self.batches {
                    let parts = batch.parts.iter().zip(verdicts.by_ref());
                    told.push(Ok(parts
                        .map(|(part, verdict)| StoredPart::judged(part, verdict))
                        .collect()));
                    if batch.object_bytes.is_some() && !used.contains(&batch.id) {
                        batch.give_object_up().await;
                    } else {
                        batch.file.remove();
                    }
                }
            }
            Err(error) => {
                for batch in self.batches {
                    if batch.object_bytes.is_some() {
                        batch.give_object_up().await;
                    }
                }
                told.push(Err(error));
            }
        }
        told
    }
}
