//! Batches that wait for each other become visible in one transaction.
//!
//! A transaction costs as much for one instance as for fifty, and the database makes one at a time durable. So while
//! one is written, what comes from the same sender queues up behind it and goes into the next one together. Nobody
//! waits for company: what comes alone is written alone, at once.
//!
//! **Invariant:** nobody works for a queue in the background. Whoever waits in one takes a turn in the order of
//! coming, and finds itself written by then or writes. So a waiter that is gone holds nobody up.

use std::{
    collections::{HashMap, VecDeque},
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use domain::{Actor, ErrorCode, FacilityId, UploadId};
use futures_util::FutureExt as _;
use tokio::sync::oneshot;

use super::{
    batch::{SealedBatch, Sending},
    commit::Written,
    report::StoredPart,
};
use crate::AppError;

/// So many parts go into one transaction at the most, except where one batch has more.
const GROUP_PARTS: usize = 500;
/// So many batches wait in one queue at the most: what is behind them comes faster than it can be written.
const MOST_WAITING: usize = 256;

/// Batches of one sender whose rows go into one transaction.
#[derive(Debug)]
pub(super) struct Group {
    pub sending: Sending,
    pub batches: Vec<SealedBatch>,
}

/// The batches whose objects are durable and whose rows are not written yet.
#[derive(Debug, Default)]
pub struct Commits {
    /// A queue is there as long as somebody waits in it.
    queues: Mutex<HashMap<Sender, Arc<Queue>>>,
}

/// Whose batches may go into one transaction.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Sender {
    actor: Actor,
    facility: FacilityId,
    upload: Option<UploadId>,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: Mutex<VecDeque<Waiting>>,
    /// Held by the one that writes. Turns are given in the order in which they were asked for.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
struct Waiting {
    batch: SealedBatch,
    outcome: oneshot::Sender<Result<Vec<StoredPart>, AppError>>,
}

/// A place in a queue, which ends with the last one.
struct Place<'a> {
    commits: &'a Commits,
    sender: Sender,
    queue: Arc<Queue>,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut queues = lock(&self.commits.queues);
        // The map has it, and so have we.
        if Arc::strong_count(&self.queue) == 2 && lock(&self.queue.waiting).is_empty() {
            queues.remove(&self.sender);
        }
    }
}

impl Commits {
    /// Makes a batch visible, together with those that wait beside it.
    ///
    /// Errors: `STORAGE_UNAVAILABLE` when too many wait already, and those of the transaction.
    pub(super) async fn commit(&self, batch: SealedBatch) -> Result<Vec<StoredPart>, AppError> {
        let place = self.place_for(&batch.sending);
        let (outcome, mut told) = oneshot::channel();
        if let Err(batch) = place.queue.join(Waiting { batch, outcome }) {
            batch.give_object_up().await;
            return Err(too_many());
        }
        let mut unused = Vec::new();
        let turn = tokio::select! {
            biased;
            told = &mut told => return told.unwrap_or_else(|_| Err(not_written())),
            turn = place.queue.turn.lock() => turn,
        };
        let told = loop {
            match told.try_recv() {
                Ok(told) => break told,
                Err(oneshot::error::TryRecvError::Closed) => break Err(not_written()),
                Err(oneshot::error::TryRecvError::Empty) => {}
            }
            let group = place.queue.next_group();
            if group.is_empty() {
                break Err(not_written());
            }
            unused.extend(write_group(group).await);
        };
        drop(turn);
        // Everybody knows by now; only who wrote waits until its leavings are away.
        for batch in unused {
            batch.give_object_up().await;
        }
        told
    }

    fn place_for(&self, sending: &Sending) -> Place<'_> {
        let sender = Sender {
            actor: sending.actor.clone(),
            facility: sending.facility,
            upload: sending.upload.as_ref().map(|upload| upload.id),
        };
        let queue = Arc::clone(lock(&self.queues).entry(sender.clone()).or_default());
        Place {
            commits: self,
            sender,
            queue,
        }
    }
}

impl Queue {
    /// Gives the batch back when the queue is full.
    fn join(&self, one: Waiting) -> Result<(), Box<SealedBatch>> {
        let mut waiting = lock(&self.waiting);
        if waiting.len() >= MOST_WAITING {
            return Err(Box::new(one.batch));
        }
        waiting.push_back(one);
        Ok(())
    }

    /// Takes those that have waited longest and go together.
    fn next_group(&self) -> Vec<Waiting> {
        let mut waiting = lock(&self.waiting);
        let mut group = Vec::new();
        let mut parts = 0;
        while let Some(next) = waiting.front() {
            parts += next.batch.parts.len();
            if parts > GROUP_PARTS && !group.is_empty() {
                break;
            }
            group.extend(waiting.pop_front());
        }
        group
    }
}

/// Writes the rows of all batches in one transaction, or of each in one of its own when one of them is at fault, and
/// tells their senders. Gives those back whose objects nobody needs.
async fn write_group(waiting: Vec<Waiting>) -> Vec<SealedBatch> {
    let (batches, outcomes): (Vec<_>, Vec<_>) =
        waiting.into_iter().map(|one| (one.batch, one.outcome)).unzip();
    let written = Group::write(batches).await;
    let (group, error) = match written {
        (group, Ok(written)) => return group.tell(written, outcomes),
        (group, Err(error)) => (group, error),
    };
    if group.batches.len() == 1 || is_everybodys(&error) {
        return group.fail(&error, outcomes);
    }
    tracing::debug!(error = %error, "batches that could not be written together are written one by one");
    let mut unused = Vec::new();
    for (batch, outcome) in group.batches.into_iter().zip(outcomes) {
        unused.extend(match Group::write(vec![batch]).await {
            (alone, Ok(written)) => alone.tell(written, [outcome]),
            (alone, Err(error)) => alone.fail(&error, [outcome]),
        });
    }
    unused
}

/// How a sender is told what became of its batch.
type Outcome = oneshot::Sender<Result<Vec<StoredPart>, AppError>>;

impl Group {
    /// Writes the rows of batches, of which there is at least one. One that makes us panic is at fault like any other.
    async fn write(batches: Vec<SealedBatch>) -> (Self, Result<Written, AppError>) {
        let sending = batches[0].sending.clone();
        let group = Self { sending, batches };
        let written = AssertUnwindSafe(group.write_rows()).catch_unwind().await;
        let written = written.unwrap_or_else(|_| {
            Err(AppError::Internal {
                what: "writing a group of batches panicked".to_owned(),
            })
        });
        (group, written)
    }

    fn tell(self, written: Written, outcomes: impl IntoIterator<Item = Outcome>) -> Vec<SealedBatch> {
        let Written { verdicts, used } = written;
        let mut verdicts = verdicts.into_iter();
        let mut unused = Vec::new();
        for (batch, outcome) in self.batches.into_iter().zip(outcomes) {
            let parts = batch.parts.iter().zip(verdicts.by_ref());
            let told = parts
                .map(|(part, verdict)| StoredPart::judged(part, verdict))
                .collect();
            // Whoever went away finds it stored when it comes again.
            let _ = outcome.send(Ok(told));
            if batch.object_bytes.is_some() && !used.contains(&batch.id) {
                unused.push(batch);
            } else {
                batch.file.remove();
            }
        }
        unused
    }

    fn fail(self, error: &AppError, outcomes: impl IntoIterator<Item = Outcome>) -> Vec<SealedBatch> {
        tracing::warn!(error = %error, batches = self.batches.len(), "batches could not be made visible");
        for outcome in outcomes {
            let _ = outcome.send(Err(told_to_each(error)));
        }
        self.batches
            .into_iter()
            .filter(|batch| batch.object_bytes.is_some())
            .collect()
    }
}

/// Whether it is no batch's fault: each for itself would only fail again, after as long a wait.
fn is_everybodys(error: &AppError) -> bool {
    matches!(error, AppError::Store(error) if error.is_transient() || error.is_out_of_space())
}

fn told_to_each(error: &AppError) -> AppError {
    match error.code() {
        ErrorCode::Internal => AppError::Internal {
            what: error.to_string(),
        },
        code => AppError::refused(code, error.public_message()),
    }
}

fn too_many() -> AppError {
    AppError::refused(
        ErrorCode::StorageUnavailable,
        "more comes than can be stored at the moment: nothing of this was stored; send it again in a while",
    )
}

fn not_written() -> AppError {
    AppError::Internal {
        what: "a group of batches was not written".to_owned(),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
