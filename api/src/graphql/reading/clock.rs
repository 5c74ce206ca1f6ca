//! A case's clock.

use async_graphql::SimpleObject;
use chrono::{DateTime, TimeDelta, Utc};

use super::enums::{ClockOwner, ClockState};

/// Who owned which minutes of a case, and how much of its target has passed.
#[derive(Debug, Clone, SimpleObject)]
pub struct SlaClock {
    state: ClockState,
    /// When the target began to run: null until the case is ready to read.
    started_at: Option<DateTime<Utc>>,
    target_seconds: i64,
    elapsed_seconds: i64,
    /// Whose minutes they are now; null once the report is delivered.
    owner: Option<ClockOwner>,
    spans: Vec<ClockSpan>,
    events: Vec<ClockEvent>,
}

/// A stretch of time with one owner.
#[derive(Debug, Clone, SimpleObject)]
pub struct ClockSpan {
    owner: ClockOwner,
    from: DateTime<Utc>,
    /// Null while it lasts.
    to: Option<DateTime<Utc>>,
    seconds: i64,
}

/// One line of the ledger.
#[derive(Debug, Clone, SimpleObject)]
pub struct ClockEvent {
    at: DateTime<Utc>,
    kind: &'static str,
    /// Whose the minutes after it are, where it decides that.
    owner: Option<ClockOwner>,
    /// Null when time itself did it.
    actor: Option<String>,
}

impl SlaClock {
    pub fn at(now: DateTime<Utc>, clock: &domain::sla::SlaClock) -> Self {
        let spans = clock.spans();
        let origin = clock.started_at().or(spans.first().map(|span| span.from));
        // Counted on one scale: cut to whole seconds one by one, spans would not add up to what elapsed.
        let second = |at: DateTime<Utc>| origin.map_or(0, |origin| whole(at - origin));
        let spans = spans.into_iter().map(|span| ClockSpan {
            owner: span.owner.into(),
            from: span.from,
            to: span.to,
            seconds: (second(span.to.unwrap_or(now)) - second(span.from)).max(0),
        });
        let events = clock.events().iter().map(|event| ClockEvent {
            at: event.at,
            kind: event.kind.as_str(),
            owner: event.kind.owner().map(ClockOwner::from),
            actor: event.actor.clone(),
        });
        Self {
            state: clock.state().into(),
            started_at: clock.started_at(),
            target_seconds: whole(clock.target()),
            elapsed_seconds: whole(clock.elapsed(now)),
            owner: clock.owner().map(ClockOwner::from),
            spans: spans.collect(),
            events: events.collect(),
        }
    }
}

fn whole(time: TimeDelta) -> i64 {
    time.num_seconds()
}
