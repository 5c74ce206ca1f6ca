//! The clock ledger.

use std::collections::HashMap;

use domain::{
    CaseId,
    sla::{ClockEvent, ClockEventKind},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, QueryFilter, QueryOrder};

use super::{column, named};
use crate::{StoreError, TenantRead, TenantTx, entity::clock_event};

impl TenantRead {
    /// The ledgers of these cases, each in the order it was written.
    pub async fn clock_events(
        &self,
        cases: &[CaseId],
    ) -> Result<HashMap<CaseId, Vec<ClockEvent>>, StoreError> {
        let rows = self
            .find::<clock_event::Entity>()
            .filter(clock_event::Column::CaseId.is_in(cases.iter().map(|case| case.uuid())))
            .order_by_asc(clock_event::Column::CaseId)
            .order_by_asc(clock_event::Column::Number)
            .all(&self.conn)
            .await?;
        let mut ledgers: HashMap<CaseId, Vec<ClockEvent>> = HashMap::new();
        for row in rows {
            let event = ClockEvent {
                at: row.at,
                kind: named("clock_event", row.case_id, &row.kind, ClockEventKind::from_name)?,
                actor: row.actor,
                target_seconds: row.target_seconds.map(i32::unsigned_abs),
            };
            ledgers
                .entry(CaseId::from_uuid(row.case_id))
                .or_default()
                .push(event);
        }
        Ok(ledgers)
    }
}

impl TenantTx {
    /// Writes `events` behind the `written` ones of a case's ledger.
    ///
    /// The caller has locked the case; two writers that had not would meet in the primary key.
    pub async fn append_clock_events(
        &self,
        case: CaseId,
        written: usize,
        events: &[ClockEvent],
    ) -> Result<(), StoreError> {
        if events.is_empty() {
            return Ok(());
        }
        let rows = events
            .iter()
            .zip(written + 1..)
            .map(|(event, number)| clock_event::ActiveModel {
                case_id: Set(case.uuid()),
                number: Set(i32::try_from(number).unwrap_or(i32::MAX)),
                at: Set(event.at),
                kind: Set(event.kind.as_str().to_owned()),
                actor: Set(event.actor.clone()),
                target_seconds: Set(event.target_seconds.map(column)),
                ..Default::default()
            });
        self.insert_many::<clock_event::Entity, _>(rows)
            .exec_without_returning(&self.conn)
            .await?;
        Ok(())
    }
}
