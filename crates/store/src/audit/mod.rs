//! The audit trail and the change feed as rows: both numbered without gaps per tenant.
//!
//! **Invariant:** a tenant's numbers are handed out under the lock of its `tenant_head` row, in the
//! transaction that writes the rows, so that numbers become visible in order and the chain never forks.

mod search;

use domain::audit::{ChainedRow, GENESIS, chain};
use sea_orm::{ActiveValue::Set, ColumnTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::{
    StoreError, TenantRead, TenantTx,
    entity::{audit_event, change_event, tenant_head},
    tenant::{Outbox, one_row, tenant_owned},
};

pub use search::{AuditFilter, AuditRow};

tenant_owned!(audit_event, change_event, tenant_head);

/// How many rows the verification reads at a time.
const VERIFY_STRIDE: u64 = 1000;

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
                        event.actor_kind.as_str(),
                        &event.actor_id,
                        &event.actor_name,
                        event.action.as_str(),
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
                actor_kind: Set(event.actor_kind.as_str().to_owned()),
                actor_id: Set(event.actor_id.clone()),
                actor_name: Set(event.actor_name.clone()),
                action: Set(event.action.as_str().to_owned()),
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
    /// Recomputes the whole chain, a thousand rows at a time.
    pub async fn verify_audit_trail(&self) -> Result<ChainVerdict, StoreError> {
        self.verify_audit_after(0, GENESIS).await
    }

    /// Recomputes the chain behind the row at `sequence`, whose hash is `hash`.
    pub async fn verify_audit_after(
        &self,
        mut sequence: i64,
        mut hash: [u8; 32],
    ) -> Result<ChainVerdict, StoreError> {
        // The head first: rows up to it are committed and stay, and later ones are no concern of this look.
        let Some((last, last_hash)) = self.audit_head().await? else {
            return Ok(ChainVerdict {
                events: 0,
                first_broken: Some(sequence + 1),
            });
        };
        loop {
            let rows = self
                .find::<audit_event::Entity>()
                .filter(audit_event::Column::Sequence.gt(sequence))
                .filter(audit_event::Column::Sequence.lte(last))
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
        let whole = last == sequence && last_hash == hash && !self.has_rows_beyond_head().await?;
        Ok(ChainVerdict {
            events: sequence.unsigned_abs(),
            first_broken: (!whole).then_some(sequence + 1),
        })
    }

    /// Whether the trail is longer than its head says. The row is read before the head, which never falls behind.
    async fn has_rows_beyond_head(&self) -> Result<bool, StoreError> {
        let newest = self
            .find::<audit_event::Entity>()
            .order_by_desc(audit_event::Column::Sequence)
            .limit(1)
            .one(&self.conn)
            .await?;
        let head = self.audit_head().await?;
        Ok(newest.map_or(0, |row| row.sequence) > head.map_or(0, |(sequence, _)| sequence))
    }

    /// Number and hash of the newest row, as the tenant's head has them; none when there is no such tenant.
    pub async fn audit_head(&self) -> Result<Option<(i64, Vec<u8>)>, StoreError> {
        let head = self.find::<tenant_head::Entity>().one(&self.conn).await?;
        Ok(head.map(|head| (head.audit_sequence, head.audit_hash)))
    }

    /// The hash of the row at `sequence`, if there is one.
    pub async fn audit_hash_at(&self, sequence: i64) -> Result<Option<Vec<u8>>, StoreError> {
        let row = self
            .find::<audit_event::Entity>()
            .filter(audit_event::Column::Sequence.eq(sequence))
            .one(&self.conn)
            .await?;
        Ok(row.map(|row| row.hash))
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
