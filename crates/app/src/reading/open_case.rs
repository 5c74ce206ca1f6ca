//! A case under change: its row is locked, and what happens to it is written into its ledger.

use chrono::{DateTime, Utc};
use domain::{
    Actor, CaseId, Principal, StudyId,
    audit::{AuditAction, AuditEvent},
    change::{Change, ChangeTopic},
    reading_case::{ReadingCase, worklist_rank},
    sla::{ClockEvent, ClockEventKind, SlaClock, default_target},
};
use store::{CaseRow, TenantTx};

use super::MarkServiceLevel;
use crate::{App, AppError};

/// A locked case with its ledger.
#[derive(Debug)]
pub(super) struct OpenCase {
    row: CaseRow,
    ledger: Vec<ClockEvent>,
    written: usize,
}

impl OpenCase {
    /// Opens a case that `actor` may see.
    pub async fn of_case(tx: &TenantTx, actor: &Actor, id: CaseId) -> Result<Self, AppError> {
        let row = tx.lock_case(id).await?;
        let row = row.filter(|row| actor.facilities().contains(row.case.facility));
        Self::read(tx, row.ok_or(AppError::NotFound { what: "case" })?).await
    }

    /// Opens the case of a study, if there is one yet.
    pub async fn of_study(tx: &TenantTx, study: StudyId) -> Result<Option<Self>, AppError> {
        match tx.lock_case_of_study(study).await? {
            Some(row) => Ok(Some(Self::read(tx, row).await?)),
            None => Ok(None),
        }
    }

    /// Begins a case that nobody else can know of yet.
    pub async fn begin(tx: &TenantTx, row: CaseRow, event: ClockEvent) -> Result<Self, AppError> {
        let opened = Self {
            row,
            ledger: vec![event],
            written: 0,
        };
        tx.insert_case(&opened.row, opened.rank()).await?;
        Ok(opened)
    }

    async fn read(tx: &TenantTx, row: CaseRow) -> Result<Self, AppError> {
        let ledger = tx
            .clock_events(&[row.case.id])
            .await?
            .remove(&row.case.id)
            .unwrap_or_default();
        Ok(Self {
            written: ledger.len(),
            row,
            ledger,
        })
    }

    pub fn case(&self) -> &ReadingCase {
        &self.row.case
    }

    pub fn case_mut(&mut self) -> &mut ReadingCase {
        &mut self.row.case
    }

    pub fn row(&self) -> &CaseRow {
        &self.row
    }

    pub fn row_mut(&mut self) -> &mut CaseRow {
        &mut self.row
    }

    pub fn clock(&self) -> SlaClock {
        clock_of(&self.row.case, self.ledger.clone())
    }

    /// Notes in the ledger that `actor` did something.
    pub fn note(&mut self, actor: &Actor, at: DateTime<Utc>, kind: ClockEventKind) {
        self.ledger.push(ClockEvent::new(at, kind, actor_name(actor)));
    }

    /// Notes something that time did.
    pub fn note_event(&mut self, event: ClockEvent) {
        self.ledger.push(event);
    }

    /// Keeps the case and its ledger and tells the live screens.
    pub async fn save(self, tx: &mut TenantTx) -> Result<CaseRow, AppError> {
        tx.save_case(&self.row, self.rank()).await?;
        tx.append_clock_events(self.row.case.id, self.written, &self.ledger[self.written..])
            .await?;
        tx.announce(Change {
            topic: ChangeTopic::Case,
            object: self.row.case.id.uuid(),
            facility: Some(self.row.case.facility),
        });
        Ok(self.row)
    }

    /// An event of the audit trail about this case.
    pub fn audited(
        &self,
        actor: &Actor,
        at: DateTime<Utc>,
        action: AuditAction,
        object: impl ToString,
    ) -> AuditEvent {
        AuditEvent::of(actor, at, action, object).case(self.row.case.id)
    }

    fn rank(&self) -> i64 {
        worklist_rank(&self.row.case, &self.clock())
    }
}

impl App {
    /// Queues the job that records the next mark of the case's target.
    pub(super) async fn watch_target(
        &self,
        tx: &mut TenantTx,
        opened: &OpenCase,
        now: DateTime<Utc>,
    ) -> Result<(), AppError> {
        let clock = opened.clock();
        let due = if clock.unrecorded_marks(now).is_empty() {
            clock.next_mark_at(now)
        } else {
            Some(now)
        };
        if let (Some(due), None) = (due, clock.stopped_at()) {
            let job = MarkServiceLevel {
                case: opened.case().id,
                due_micros: due.timestamp_micros(),
            };
            tx.enqueue(self.ids.next(), now, due, &job).await?;
        }
        Ok(())
    }
}

/// The clock of a case against the target it has now.
pub(super) fn clock_of(case: &ReadingCase, ledger: Vec<ClockEvent>) -> SlaClock {
    SlaClock::new(default_target(case.priority, case.protocol_flag), ledger)
}

fn actor_name(actor: &Actor) -> Option<String> {
    match actor.principal() {
        Principal::User { name, .. } | Principal::ApiKey { name, .. } | Principal::Node { name, .. } => {
            Some(name.clone())
        }
        Principal::System { .. } => None,
    }
}
