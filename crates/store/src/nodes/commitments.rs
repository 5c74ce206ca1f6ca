//! Storage commitments that were asked for, until they are reported.

use chrono::{DateTime, Utc};
use domain::{CommitmentId, DicomNodeId};
use sea_orm::{ActiveValue::Set, ColumnTrait, QueryFilter};

use crate::{StoreError, TenantRead, TenantTx, entity::storage_commitment, tenant::tenant_owned};

tenant_owned!(storage_commitment);

/// A storage commitment.
#[derive(Debug, Clone, PartialEq)]
pub struct CommitmentRow {
    /// Its id.
    pub id: CommitmentId,
    /// Who asked.
    pub node: DicomNodeId,
    /// Transaction UID (0008,1195).
    pub transaction_uid: String,
    /// What was and was not safely kept when it was asked.
    pub report: serde_json::Value,
    /// When.
    pub requested_at: DateTime<Utc>,
    /// When the node took the report.
    pub reported_at: Option<DateTime<Utc>>,
}

impl TenantRead {
    /// One commitment.
    pub async fn commitment(&self, id: CommitmentId) -> Result<Option<CommitmentRow>, StoreError> {
        let row = self
            .find::<storage_commitment::Entity>()
            .filter(storage_commitment::Column::Id.eq(id.uuid()))
            .one(&self.conn)
            .await?;
        Ok(row.map(|row| CommitmentRow {
            id: CommitmentId::from_uuid(row.id),
            node: DicomNodeId::from_uuid(row.node_id),
            transaction_uid: row.transaction_uid,
            report: row.report,
            requested_at: row.requested_at,
            reported_at: row.reported_at,
        }))
    }
}

impl TenantTx {
    /// Adds a commitment.
    pub async fn insert_commitment(&self, row: &CommitmentRow) -> Result<(), StoreError> {
        self.insert::<storage_commitment::Entity>(storage_commitment::ActiveModel {
            id: Set(row.id.uuid()),
            node_id: Set(row.node.uuid()),
            transaction_uid: Set(row.transaction_uid.clone()),
            report: Set(row.report.clone()),
            requested_at: Set(row.requested_at),
            reported_at: Set(row.reported_at),
            ..Default::default()
        })
        .exec_without_returning(&self.conn)
        .await?;
        Ok(())
    }

    /// Notes that the node took the report.
    pub async fn commitment_is_reported(
        &self,
        id: CommitmentId,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.update::<storage_commitment::Entity>()
            .filter(storage_commitment::Column::Id.eq(id.uuid()))
            .filter(storage_commitment::Column::ReportedAt.is_null())
            .set(storage_commitment::ActiveModel {
                reported_at: Set(Some(now)),
                ..Default::default()
            })
            .exec(&self.conn)
            .await?;
        Ok(())
    }
}
