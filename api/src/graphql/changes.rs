//! What live screens are told.
//!
//! **Invariant:** the feed's rows are the truth and signals only wake: a client that resumes with the last
//! sequence it saw misses nothing.

use std::{sync::Arc, time::Duration};

use app::{
    AppError,
    changes::{ChangeRow, ChangeSignal},
    reading::rows::CaseRow,
};
use async_graphql::{Context, ID, Result, SimpleObject, Subscription};
use domain::{CaseId, FacilityId, JobId, StudyId, UploadId, UserId, change::ChangeTopic as Topic};
use futures_util::{Stream, StreamExt as _, stream};
use tokio::time::Instant;

use super::{
    CallerContext, graphql_error,
    looks::{Look, Looks},
    reading::{Case, ChangeTopic},
};

/// A signal between replicas may get lost; then the next look is this far away.
const LOOK_AGAIN: Duration = Duration::from_secs(15);
/// However fast things change, nobody looks more often than this.
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

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
        let (app, actor) = (ctx.app()?, ctx.actor()?);
        let signal = app.change_signal(actor);
        let newest = app.change_sequence(actor).await.map_err(graphql_error)?;
        let seen = after.map_or(newest, |after| after.clamp(0, newest));
        let watch = Watch {
            looks: Arc::clone(ctx.data::<Arc<Looks>>()?),
            signal,
            seen,
            woken: Instant::now(),
            ended: false,
        };
        Ok(stream::unfold(watch, Watch::next).flat_map(stream::iter))
    }
}

struct Watch {
    looks: Arc<Looks>,
    signal: ChangeSignal,
    seen: i64,
    /// Since when there may be something to see.
    woken: Instant,
    ended: bool,
}

impl Watch {
    /// The next changes; waits until there are some. An error is told and ends the watch.
    async fn next(mut self) -> Option<(Vec<Result<Change>>, Self)> {
        if self.ended {
            return None;
        }
        match self.wait().await {
            Ok(None) => None,
            Ok(Some(look)) => {
                let told = look.changes.iter().cloned();
                Some((told.map(|(row, case)| Ok(change(row, case))).collect(), self))
            }
            Err(error) => {
                self.ended = true;
                Some((vec![Err(graphql_error(error))], self))
            }
        }
    }

    /// The next look that saw something; none when the program stops.
    async fn wait(&mut self) -> Result<Option<Look>, AppError> {
        loop {
            let look = self.looks.after(self.seen, self.woken).await?;
            let went_on = look.read_to > self.seen;
            self.seen = look.read_to;
            if !look.changes.is_empty() {
                return Ok(Some(look));
            }
            if went_on {
                continue;
            }
            // A lost signal only delays; a closed line means that the program stops.
            if let Ok(false) = tokio::time::timeout(LOOK_AGAIN, self.signal.changed()).await {
                return Ok(None);
            }
            tokio::time::sleep_until(look.began + BETWEEN_LOOKS).await;
            self.signal.forget();
            self.woken = Instant::now();
        }
    }
}

fn change(row: ChangeRow, case: Option<CaseRow>) -> Change {
    Change {
        sequence: row.sequence,
        topic: row.topic.into(),
        object_id: wire_id(&row).into(),
        case: case.map(Case::from),
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
        Topic::Workitem => row.object.to_string(),
    }
}
