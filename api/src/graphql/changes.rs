//! What live screens are told.
//!
//! **Invariant:** the feed's rows are the truth and signals only wake: a client that resumes with the last
//! sequence it saw misses nothing.

use std::{collections::HashMap, time::Duration};

use app::{
    App, AppError,
    changes::{ChangeRow, ChangeSignal},
    reading::rows::CaseRow,
};
use async_graphql::{Context, ID, Result, SimpleObject, Subscription};
use domain::{Actor, CaseId, FacilityId, JobId, StudyId, UploadId, UserId, change::ChangeTopic as Topic};
use futures_util::{Stream, StreamExt as _, stream};

use super::{
    CallerContext, graphql_error,
    reading::{Case, ChangeTopic},
};

/// A signal between replicas may get lost; then the next look is this far away.
const LOOK_AGAIN: Duration = Duration::from_secs(15);

/// One committed change.
#[derive(Debug, SimpleObject)]
pub struct Change {
    /// Its place in the tenant's feed; give the last one seen to resume.
    sequence: i64,
    topic: ChangeTopic,
    object_id: ID,
    /// For changes of a case; null when the caller does not see it any more.
    case: Option<Case>,
}

/// Watching.
#[derive(Debug, Default)]
pub struct ChangesSubscription;

#[Subscription]
impl ChangesSubscription {
    /// Every committed change the caller may see, from sequence `after` on (resume), then live. Of several
    /// changes to one thing that wait together only the last is told.
    async fn changes(
        &self,
        ctx: &Context<'_>,
        after: Option<i64>,
    ) -> Result<impl Stream<Item = Result<Change>> + use<>> {
        let (app, actor) = (ctx.app()?.clone(), ctx.actor()?.clone());
        let signal = app.change_signal(&actor);
        let newest = app.change_sequence(&actor).await.map_err(graphql_error)?;
        let seen = after.map_or(newest, |after| after.clamp(0, newest));
        let watch = Watch {
            app,
            actor,
            signal,
            seen,
            ended: false,
        };
        Ok(stream::unfold(watch, Watch::next).flat_map(stream::iter))
    }
}

struct Watch {
    app: App,
    actor: Actor,
    signal: ChangeSignal,
    seen: i64,
    ended: bool,
}

impl Watch {
    /// The next changes; waits until there are some. An error is told and ends the watch.
    async fn next(mut self) -> Option<(Vec<Result<Change>>, Self)> {
        if self.ended {
            return None;
        }
        match self.wait().await {
            Ok(changes) if changes.is_empty() => None,
            Ok(changes) => Some((changes.into_iter().map(Ok).collect(), self)),
            Err(error) => {
                self.ended = true;
                Some((vec![Err(graphql_error(error))], self))
            }
        }
    }

    async fn wait(&mut self) -> Result<Vec<Change>, AppError> {
        loop {
            let (rows, read_to) = self.app.changes_after(&self.actor, self.seen).await?;
            let went_on = read_to > self.seen;
            self.seen = read_to;
            if !rows.is_empty() {
                return self.told(rows).await;
            }
            if went_on {
                continue;
            }
            // A lost signal only delays; a closed line means that the program stops.
            if let Ok(false) = tokio::time::timeout(LOOK_AGAIN, self.signal.changed()).await {
                return Ok(Vec::new());
            }
        }
    }

    /// The changes with their cases, which are loaded together.
    async fn told(&self, rows: Vec<ChangeRow>) -> Result<Vec<Change>, AppError> {
        let of_cases = rows.iter().filter(|row| row.topic == Topic::Case);
        let ids: Vec<_> = of_cases.map(|row| CaseId::from_uuid(row.object)).collect();
        let cases = if ids.is_empty() {
            Vec::new()
        } else {
            self.app.cases(&self.actor, &ids).await?
        };
        let mut cases: HashMap<_, CaseRow> = cases.into_iter().map(|row| (row.case.id.uuid(), row)).collect();
        Ok(rows
            .into_iter()
            .map(|row| Change {
                sequence: row.sequence,
                topic: row.topic.into(),
                object_id: wire_id(&row).into(),
                case: cases.remove(&row.object).map(Case::from),
            })
            .collect())
    }
}

fn wire_id(row: &ChangeRow) -> String {
    match row.topic {
        Topic::Case => CaseId::from_uuid(row.object).to_string(),
        Topic::Study => StudyId::from_uuid(row.object).to_string(),
        Topic::Upload => UploadId::from_uuid(row.object).to_string(),
        Topic::Job => JobId::from_uuid(row.object).to_string(),
        Topic::Member => UserId::from_uuid(row.object).to_string(),
        Topic::Facility => FacilityId::from_uuid(row.object).to_string(),
    }
}
