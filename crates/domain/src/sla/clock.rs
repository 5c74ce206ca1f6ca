//! Reading the ledger.

use chrono::{DateTime, TimeDelta, Utc};

use super::{ClockEvent, ClockEventKind, ClockOwner, ClockState, Mark, ledger::Handover};

/// A stretch of time with one owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockSpan {
    /// Whose it is.
    pub owner: ClockOwner,
    /// From here on.
    pub from: DateTime<Utc>,
    /// Until here; none while it lasts.
    pub to: Option<DateTime<Utc>>,
}

impl ClockSpan {
    /// How long it has lasted at `now`.
    pub fn length(&self, now: DateTime<Utc>) -> TimeDelta {
        (self.to.unwrap_or(now) - self.from).max(TimeDelta::zero())
    }
}

/// The clock of one case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlaClock {
    target: TimeDelta,
    events: Vec<ClockEvent>,
}

impl SlaClock {
    /// The clock that `events` (in the order they were written) tell of, against `target`.
    pub fn new(target: TimeDelta, mut events: Vec<ClockEvent>) -> Self {
        // Stable: events of one instant stay in the order they were written.
        events.sort_by_key(|event| event.at);
        Self { target, events }
    }

    /// The promised time.
    pub fn target(&self) -> TimeDelta {
        self.target
    }

    /// The ledger, by time.
    pub fn events(&self) -> &[ClockEvent] {
        &self.events
    }

    /// Whether the target's time passes.
    pub fn state(&self) -> ClockState {
        if self.stopped_at().is_some() {
            return ClockState::Stopped;
        }
        let last = self
            .events
            .iter()
            .rev()
            .find(|event| matches!(event.kind, ClockEventKind::Paused | ClockEventKind::Resumed));
        match last.map(|event| event.kind) {
            Some(ClockEventKind::Paused) => ClockState::Paused,
            _ => ClockState::Running,
        }
    }

    /// When the target began to run.
    pub fn started_at(&self) -> Option<DateTime<Utc>> {
        self.first(ClockEventKind::ReadyToRead)
    }

    /// When the facility had the report.
    pub fn stopped_at(&self) -> Option<DateTime<Utc>> {
        self.first(ClockEventKind::Delivered)
    }

    /// Who owns the minutes now.
    pub fn owner(&self) -> Option<ClockOwner> {
        self.spans()
            .last()
            .filter(|span| span.to.is_none())
            .map(|span| span.owner)
    }

    /// Who owned which stretch, oldest first: without gaps and without overlaps from the first event
    /// to delivery.
    pub fn spans(&self) -> Vec<ClockSpan> {
        let mut spans: Vec<ClockSpan> = Vec::new();
        for event in &self.events {
            let open = spans.last_mut().filter(|span| span.to.is_none());
            match (event.kind.handover(), open) {
                (Handover::Keeps, _) | (Handover::Stops, None) => {}
                (Handover::To(owner), Some(open)) if open.owner == owner => {}
                (Handover::To(owner), Some(open)) => {
                    open.to = Some(event.at);
                    spans.push(ClockSpan {
                        owner,
                        from: event.at,
                        to: None,
                    });
                }
                (Handover::To(owner), None) => {
                    // What follows delivery is nobody's turnaround time.
                    if spans.is_empty() {
                        spans.push(ClockSpan {
                            owner,
                            from: event.at,
                            to: None,
                        });
                    }
                }
                (Handover::Stops, Some(open)) => open.to = Some(event.at),
            }
        }
        spans
    }

    /// How much of the target's time has passed at `now`.
    pub fn elapsed(&self, now: DateTime<Utc>) -> TimeDelta {
        self.running()
            .into_iter()
            .map(|(from, to)| (to.map_or(now, |to| to.min(now)) - from).max(TimeDelta::zero()))
            .sum()
    }

    /// When the target will have passed, as things stand; none before the case is ready, while it is
    /// paused, or when it was delivered in time.
    pub fn due_at(&self) -> Option<DateTime<Utc>> {
        self.reached_at(self.target)
    }

    /// When the report is or was owed: as [`Self::due_at`], and also after delivery.
    pub fn promised_at(&self) -> Option<DateTime<Utc>> {
        self.due_at().or_else(|| {
            self.stopped_at()?;
            Some(self.started_at()? + self.target)
        })
    }

    /// Whether `mark` was reached by `now`.
    pub fn has_reached(&self, mark: Mark, now: DateTime<Utc>) -> bool {
        self.mark_at(mark).is_some_and(|at| at <= now)
    }

    /// The marks reached by `now` that the ledger does not hold yet for this target, with their moments.
    pub fn unrecorded_marks(&self, now: DateTime<Utc>) -> Vec<(Mark, DateTime<Utc>)> {
        self.marks()
            .filter(|(mark, at)| *at <= now && !self.records(*mark))
            .collect()
    }

    /// When the next mark will be reached after `now`, as things stand.
    pub fn next_mark_at(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.marks().map(|(_, at)| at).filter(|at| *at > now).min()
    }

    /// The target in whole seconds.
    pub fn target_seconds(&self) -> u32 {
        u32::try_from(self.target.num_seconds()).unwrap_or(0)
    }

    fn marks(&self) -> impl Iterator<Item = (Mark, DateTime<Utc>)> + '_ {
        Mark::ALL
            .iter()
            .filter_map(|mark| Some((*mark, self.mark_at(*mark)?)))
    }

    fn records(&self, mark: Mark) -> bool {
        let target = Some(self.target_seconds());
        self.events
            .iter()
            .any(|event| event.kind == mark.event() && event.target_seconds == target)
    }

    fn mark_at(&self, mark: Mark) -> Option<DateTime<Utc>> {
        self.reached_at(self.target * mark.percent() / 100)
    }

    /// When `share` of time had or will have passed.
    fn reached_at(&self, share: TimeDelta) -> Option<DateTime<Utc>> {
        let mut left = share;
        for (from, to) in self.running() {
            match to {
                Some(to) if to - from < left => left -= to - from,
                _ => return Some(from + left),
            }
        }
        None
    }

    /// The stretches in which the target's time passes.
    fn running(&self) -> Vec<(DateTime<Utc>, Option<DateTime<Utc>>)> {
        let mut stretches = Vec::new();
        let mut since = None;
        let mut started = false;
        for event in &self.events {
            match event.kind {
                ClockEventKind::ReadyToRead if !started => {
                    started = true;
                    since = Some(event.at);
                }
                ClockEventKind::Resumed if started && since.is_none() => since = Some(event.at),
                ClockEventKind::Paused | ClockEventKind::Delivered => {
                    if let Some(from) = since.take() {
                        stretches.push((from, Some(event.at)));
                    }
                    if event.kind == ClockEventKind::Delivered {
                        return stretches;
                    }
                }
                _ => {}
            }
        }
        if let Some(from) = since {
            stretches.push((from, None));
        }
        stretches
    }

    fn first(&self, kind: ClockEventKind) -> Option<DateTime<Utc>> {
        self.events
            .iter()
            .find(|event| event.kind == kind)
            .map(|event| event.at)
    }
}

#[cfg(test)]
mod tests;
