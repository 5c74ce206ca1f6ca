//! The change feed as one caller may hear it.

use domain::{Actor, Permission, TenantId, change::ChangeTopic};
pub use store::ChangeRow;
use store::FeedSignal;
use tokio::sync::broadcast::{
    Receiver,
    error::{RecvError, TryRecvError},
};

use crate::{App, AppError};

/// How many changes are read at a time.
const STRIDE: u64 = 200;

/// Wakes when the tenant's feed may have grown.
#[derive(Debug)]
pub struct ChangeSignal {
    tenant: TenantId,
    signals: Receiver<FeedSignal>,
}

impl ChangeSignal {
    /// Waits for the next sign of a change; however many are there by then, they are one. False when there
    /// will be none any more.
    pub async fn changed(&mut self) -> bool {
        loop {
            match self.signals.recv().await {
                Ok(FeedSignal::Changed(tenant)) if tenant == self.tenant => break,
                Ok(_) => {}
                // What was missed may have been ours.
                Err(RecvError::Lagged(_)) => break,
                Err(RecvError::Closed) => return false,
            }
        }
        self.forget();
        true
    }

    /// Forgets the signs that are there: whoever looks now sees what they stand for.
    pub fn forget(&mut self) {
        while !matches!(
            self.signals.try_recv(),
            Err(TryRecvError::Empty | TryRecvError::Closed)
        ) {}
    }
}

impl App {
    /// Signals of the actor's tenant from now on. Subscribe before looking, so that nothing falls between.
    pub fn change_signal(&self, actor: &Actor) -> ChangeSignal {
        ChangeSignal {
            tenant: actor.tenant(),
            signals: self.store.signals(),
        }
    }

    /// The number of the tenant's newest change.
    pub async fn change_sequence(&self, actor: &Actor) -> Result<i64, AppError> {
        self.authorise(actor, Permission::ViewCases)?;
        Ok(self.store.read(actor).await?.change_sequence().await?)
    }

    /// The next changes after `sequence` that the actor may hear of, oldest first, and the sequence up to
    /// which the feed was read. Of several changes to one thing only the last is told.
    pub async fn changes_after(
        &self,
        actor: &Actor,
        sequence: i64,
    ) -> Result<(Vec<ChangeRow>, i64), AppError> {
        self.authorise(actor, Permission::ViewCases)?;
        let rows = self
            .store
            .read(actor)
            .await?
            .changes_after(sequence, actor.facilities(), STRIDE)
            .await?;
        let read_to = rows.last().map_or(sequence, |row| row.sequence);
        let mut told: Vec<ChangeRow> = Vec::new();
        for row in rows.into_iter().rev().filter(|row| may_hear(actor, row.topic)) {
            if !told
                .iter()
                .any(|later| (later.topic, later.object) == (row.topic, row.object))
            {
                told.push(row);
            }
        }
        told.reverse();
        Ok((told, read_to))
    }
}

fn may_hear(actor: &Actor, topic: ChangeTopic) -> bool {
    match topic {
        ChangeTopic::Case | ChangeTopic::Study | ChangeTopic::Facility => true,
        ChangeTopic::Upload => actor.may(Permission::StoreStudies),
        ChangeTopic::Job => actor.may(Permission::ManageOperations),
        ChangeTopic::Member => actor.may(Permission::ManageMembers),
        // Subscribers of work items hear of these; no screen shows them.
        ChangeTopic::Workitem => false,
    }
}
