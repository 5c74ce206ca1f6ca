//! Recalls that wait for media: looked at again until they come true, and told to who fetches the media.
//!
//! **Invariant:** a recall is a mark on its study, taken away in the transaction that makes the study ONLINE. Whatever
//! dies in between, the mark stays and the move is queued again.

use chrono::{DateTime, Utc};
use domain::{Actor, Permission};
use store::{StudyRow, Tier};
use uuid::Uuid;

use super::StudyHome;
use crate::{App, AppError, jobs::program_actor};

/// Studies looked at together.
const AT_ONCE: u64 = 200;

/// An object of the slow store that a recall waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwaitedObject {
    /// Its key in the slow store.
    pub object_key: String,
    /// How many bytes it has.
    pub stored_bytes: u64,
    /// Since when somebody waits for it.
    pub since: DateTime<Utc>,
}

impl App {
    /// Queues the way back for every study somebody waits for, and says in the metrics how many there are; gives their
    /// number.
    pub async fn chase_recalls(&self) -> Result<u64, AppError> {
        let now = self.clock.now();
        let (mut waiting, mut oldest) = (0, None);
        for tenant in self.store.read_sign_in().await?.audited_tenants().await? {
            let actor = program_actor(tenant);
            let mut after = Uuid::nil();
            while let Some(studies) = self.awaited_after(&actor, after).await? {
                let mut tx = self.store.begin(&actor).await?;
                for study in studies {
                    after = study.id.uuid();
                    waiting += 1;
                    oldest = oldest.into_iter().chain(study.recall_requested_at).min();
                    self.queue_move(&mut tx, study.id, StudyHome::Fast, now).await?;
                }
                tx.commit().await?;
            }
        }
        metrics::gauge!("telerad_waiting_recalls").set(waiting as f64);
        let longest = oldest.map_or(0, |oldest: DateTime<Utc>| (now - oldest).num_seconds());
        metrics::gauge!("telerad_waiting_recalls_seconds").set(longest as f64);
        Ok(waiting)
    }

    /// Tells of every object a tenant waits for, study by study: what a person or a script brings back.
    pub async fn tell_awaited(
        &self,
        actor: &Actor,
        tell: &mut (dyn FnMut(AwaitedObject) + Send),
    ) -> Result<u64, AppError> {
        self.authorise(actor, Permission::ManageOperations)?;
        let mut told = 0;
        let mut after = Uuid::nil();
        while let Some(studies) = self.awaited_after(actor, after).await? {
            for study in studies {
                after = study.id.uuid();
                let Some(since) = study.recall_requested_at else {
                    continue;
                };
                let read = self.store.read(actor).await?;
                let batches = read.small_batches_of_study(study.id, u64::MAX).await?;
                for batch in batches.into_iter().filter(|batch| batch.tier == Tier::Cold) {
                    told += 1;
                    tell(AwaitedObject {
                        object_key: batch.object_key,
                        stored_bytes: batch.stored_bytes,
                        since,
                    });
                }
            }
        }
        Ok(told)
    }

    /// The next awaited studies; none at the end.
    async fn awaited_after(&self, actor: &Actor, after: Uuid) -> Result<Option<Vec<StudyRow>>, AppError> {
        let studies = self
            .store
            .read(actor)
            .await?
            .awaited_studies(after, AT_ONCE)
            .await?;
        Ok((!studies.is_empty()).then_some(studies))
    }
}
