//! Looking at the change feed, once for all subscriptions of a connection.
//!
//! **Invariant:** one connection looks at one thing at a time, and those of its subscriptions that wait for the
//! same see the same look.

use std::{collections::HashMap, sync::Arc};

use app::{App, AppError, changes::ChangeRow, reading::rows::CaseRow};
use domain::{Actor, CaseId, change::ChangeTopic};
use tokio::{sync::Mutex, time::Instant};

/// What was seen of the feed, and when.
#[derive(Debug, Clone)]
pub(super) struct Look {
    /// When it began: what was committed before is in it.
    pub began: Instant,
    /// Changes after this sequence.
    after: i64,
    /// Up to this one.
    pub read_to: i64,
    /// Those the caller may hear of, each with its case if the caller sees it.
    pub changes: Arc<[(ChangeRow, Option<CaseRow>)]>,
}

/// One caller's looks at the feed.
#[derive(Debug)]
pub(super) struct Looks {
    app: App,
    actor: Actor,
    last: Mutex<Option<Look>>,
}

impl Looks {
    pub(super) fn new(app: App, actor: Actor) -> Self {
        Self {
            app,
            actor,
            last: Mutex::default(),
        }
    }

    /// What there is after the sequence `seen`, seen not before `woken`.
    pub(super) async fn after(&self, seen: i64, woken: Instant) -> Result<Look, AppError> {
        let mut last = self.last.lock().await;
        if let Some(look) = last
            .as_ref()
            .filter(|look| look.after == seen && look.began >= woken)
        {
            return Ok(look.clone());
        }
        let began = Instant::now();
        let (rows, read_to) = self.app.changes_after(&self.actor, seen).await?;
        let mut cases = self.cases_of(&rows).await?;
        let changes = rows.into_iter().map(|row| {
            let case = match row.topic {
                ChangeTopic::Case => cases.remove(&CaseId::from_uuid(row.object)),
                _ => None,
            };
            (row, case)
        });
        let look = Look {
            began,
            after: seen,
            read_to,
            changes: changes.collect(),
        };
        *last = Some(look.clone());
        Ok(look)
    }

    /// The cases that changed, loaded together.
    async fn cases_of(&self, rows: &[ChangeRow]) -> Result<HashMap<CaseId, CaseRow>, AppError> {
        let of_cases = rows.iter().filter(|row| row.topic == ChangeTopic::Case);
        let ids: Vec<_> = of_cases.map(|row| CaseId::from_uuid(row.object)).collect();
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let cases = self.app.cases(&self.actor, &ids).await?;
        Ok(cases.into_iter().map(|row| (row.case.id, row)).collect())
    }
}
