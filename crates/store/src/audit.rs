//! The audit trail and the change feed as rows: both numbered without gaps per tenant.
//!
//! **Invariant:** a tenant's numbers are handed out under the lock of its `tenant_head` row, in the
//! transaction that writes the rows, so that numbers become visible in order and the chain never forks.

use chrono::{DateTime, Utc};
use domain::audit::{ChainedRow, GENESIS, Outcome, chain};
use sea_orm::{ActiveValue::Set, ColumnTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::{
    Page, StoreError, TenantRead, TenantTx,
    entity::{audit_event, change_event, tenant_head},
    tenant::{Outbox, one_row, tenant_owned},
};

tenant_owned!(audit_event, change_event, tenant_head);

/// How many rows the verification reads at a time.
const VERIFY_STRIDE: u64 = 1000;

/// One row of the audit trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// The place in the chain, from 1.
    pub sequence: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// `USER`, `API_KEY` or `SYSTEM`.
    pub actor_kind: String,
    /// The actor's wire id.
    pub actor_id: String,
    /// The actor's name at that moment.
    pub actor_name: String,
    /// What was done.
    pub action: String,
    /// The object's wire id.
    pub object: String,
    /// `SUCCESS` or `DENIED`.
    pub outcome: String,
    /// The peer's address.
    pub address: Option<String>,
    /// What the client calls itself.
    pub user_agent: Option<String>,
    /// Further facts.
    pub detail: Option<String>,
    /// The hash of this row and all before it.
    pub hash: Vec<u8>,
}

/// What recomputing the chain found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainVerdict {
    /// How many rows were read.
    pub events: u64,
    /// The first row whose hash or number does not follow from the rows before it.
    pub first_broken: Option<i64>,
}

impl TenantTx {
    /// Writes what this transaction announces; the last thing before the commit.
    pub(crate) async fn write_outbox(&self, outbox: &Outbox) -> Result<(), StoreError> {
        if outbox.audit.is_empty() && outbox.changes.is_empty() {
            return Ok(());
        }
        let head = self
            .find::<tenant_head::Entity>()
            .lock_exclusive()
            .one(&self.conn)
            .await?
            .ok_or_else(|| broken("tenant_head", self.tenant().to_string(), "every tenant has one"))?;
        let mut hash = to_hash(&head.audit_hash)
            .ok_or_else(|| broken("tenant_head", self.tenant().to_string(), "a hash has 32 bytes"))?;
        let mut audit = Vec::with_capacity(outbox.audit.len());
        let mut audit_sequence = head.audit_sequence;
        for event in &outbox.audit {
            audit_sequence += 1;
            let case = event.case.map(|case| case.to_string());
            hash = chain(
                &hash,
                &ChainedRow {
                    tenant: self.tenant(),
                    sequence: audit_sequence,
                    at: event.at,
                    required: [
                        event.actor_kind,
                        &event.actor_id,
                        &event.actor_name,
                        event.action,
                        &event.object,
                        event.outcome.as_str(),
                    ],
                    optional: [
                        case.as_deref(),
                        event.address.as_deref(),
                        event.user_agent.as_deref(),
                        event.detail.as_deref(),
                    ],
                },
            );
            audit.push(audit_event::ActiveModel {
                tenant_id: Set(self.tenant().uuid()),
                sequence: Set(audit_sequence),
                at: Set(event.at),
                actor_kind: Set(event.actor_kind.to_owned()),
                actor_id: Set(event.actor_id.clone()),
                actor_name: Set(event.actor_name.clone()),
                action: Set(event.action.to_owned()),
                object: Set(event.object.clone()),
                case_id: Set(event.case),
                outcome: Set(event.outcome.as_str().to_owned()),
                address: Set(event.address.clone()),
                user_agent: Set(event.user_agent.clone()),
                detail: Set(event.detail.clone()),
                hash: Set(hash.to_vec()),
            });
        }
        let mut changes = Vec::with_capacity(outbox.changes.len());
        let mut change_sequence = head.change_sequence;
        for change in &outbox.changes {
            change_sequence += 1;
            changes.push(change_event::ActiveModel {
                tenant_id: Set(self.tenant().uuid()),
                sequence: Set(change_sequence),
                topic: Set(change.topic.as_str().to_owned()),
                object_id: Set(change.object),
                facility_id: Set(change.facility.map(|facility| facility.uuid())),
            });
        }
        if !audit.is_empty() {
            self.insert_many::<audit_event::Entity, _>(audit)
                .exec_without_returning(&self.conn)
                .await?;
        }
        if !changes.is_empty() {
            self.insert_many::<change_event::Entity, _>(changes)
                .exec_without_returning(&self.conn)
                .await?;
        }
        let updated = self
            .update::<tenant_head::Entity>()
            .set(tenant_head::ActiveModel {
                change_sequence: Set(change_sequence),
                audit_sequence: Set(audit_sequence),
                audit_hash: Set(hash.to_vec()),
                ..Default::default()
            })
            .exec(&self.conn)
            .await?;
        one_row("tenant_head", updated.rows_affected)
    }
}

impl TenantRead {
    /// The trail, newest first, of one case or of everything. The cursor is a sequence number.
    pub async fn audit_trail(
        &self,
        case: Option<domain::CaseId>,
        page: &Page,
    ) -> Result<Vec<AuditRow>, StoreError> {
        let mut query = self.find::<audit_event::Entity>();
        if let Some(case) = case {
            query = query.filter(audit_event::Column::CaseId.eq(case.uuid()));
        }
        if let Some(before) = page
            .after
            .as_deref()
            .and_then(|cursor| cursor.parse::<i64>().ok())
        {
            query = query.filter(audit_event::Column::Sequence.lt(before));
        }
        let rows = query
            .order_by_desc(audit_event::Column::Sequence)
            .limit(page.limit())
            .all(&self.conn)
            .await?;
        Ok(rows.into_iter().map(AuditRow::from).collect())
    }

    /// Recomputes the whole chain, a thousand rows at a time.
    pub async fn verify_audit_trail(&self) -> Result<ChainVerdict, StoreError> {
        let mut hash = GENESIS;
        let mut sequence = 0;
        loop {
            let rows = self
                .find::<audit_event::Entity>()
                .filter(audit_event::Column::Sequence.gt(sequence))
                .order_by_asc(audit_event::Column::Sequence)
                .limit(VERIFY_STRIDE)
                .all(&self.conn)
                .await?;
            if rows.is_empty() {
                break;
            }
            for row in rows {
                sequence += 1;
                hash = chain(&hash, &chained(self.tenant(), &row, case_text(&row).as_deref()));
                if row.sequence != sequence || row.hash != hash {
                    return Ok(ChainVerdict {
                        events: sequence.unsigned_abs(),
                        first_broken: Some(sequence),
                    });
                }
            }
        }
        // Rows cut off the end leave a chain that is whole but shorter than the head says.
        let head = self.find::<tenant_head::Entity>().one(&self.conn).await?;
        let whole = head.is_some_and(|head| head.audit_sequence == sequence && head.audit_hash == hash);
        Ok(ChainVerdict {
            events: sequence.unsigned_abs(),
            first_broken: (!whole).then_some(sequence + 1),
        })
    }

    /// How many audit events the tenant has.
    pub async fn audit_count(&self) -> Result<u64, StoreError> {
        Ok(self.find::<audit_event::Entity>().count(&self.conn).await?)
    }
}

fn case_text(row: &audit_event::Model) -> Option<String> {
    row.case_id.as_ref().map(Uuid::to_string)
}

fn chained<'a>(
    tenant: domain::TenantId,
    row: &'a audit_event::Model,
    case: Option<&'a str>,
) -> ChainedRow<'a> {
    ChainedRow {
        tenant,
        sequence: row.sequence,
        at: row.at,
        required: [
            &row.actor_kind,
            &row.actor_id,
            &row.actor_name,
            &row.action,
            &row.object,
            &row.outcome,
        ],
        optional: [
            case,
            row.address.as_deref(),
            row.user_agent.as_deref(),
            row.detail.as_deref(),
        ],
    }
}

fn to_hash(bytes: &[u8]) -> Option<[u8; 32]> {
    bytes.try_into().ok()
}

fn broken(table: &'static str, id: String, what: &'static str) -> StoreError {
    StoreError::Inconsistent { table, id, what }
}

impl From<audit_event::Model> for AuditRow {
    fn from(row: audit_event::Model) -> Self {
        debug_assert!([Outcome::Success.as_str(), Outcome::Denied.as_str()].contains(&row.outcome.as_str()));
        Self {
            sequence: row.sequence,
            at: row.at,
            actor_kind: row.actor_kind,
            actor_id: row.actor_id,
            actor_name: row.actor_name,
            action: row.action,
            object: row.object,
            outcome: row.outcome,
            address: row.address,
            user_agent: row.user_agent,
            detail: row.detail,
            hash: row.hash,
        }
    }
}
