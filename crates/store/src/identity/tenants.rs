//! The tenants themselves, and what an operator may know of each: figures, never contents.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::{TenantId, audit::GENESIS, job::JobState, reading_case::CaseState};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Expr, ExprTrait},
};
use uuid::Uuid;

use crate::{
    PlatformTx, StoreError, TenantRead,
    entity::{instance, job, membership, reading_case, study, tenant, tenant_head},
    tenant::TenantOwned,
};

impl TenantOwned for tenant::Entity {
    const TENANT_ID: tenant::Column = tenant::Column::Id;
}

/// A tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantRow {
    /// Its id.
    pub id: TenantId,
    /// Its name in addresses.
    pub slug: String,
    /// Its name for people.
    pub name: String,
    /// Since when.
    pub created_at: DateTime<Utc>,
}

impl From<tenant::Model> for TenantRow {
    fn from(row: tenant::Model) -> Self {
        Self {
            id: TenantId::from_uuid(row.id),
            slug: row.slug,
            name: row.name,
            created_at: row.created_at,
        }
    }
}

/// How much one tenant has and does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantFigures {
    /// Which tenant.
    pub tenant: TenantRow,
    /// Members that are not disabled.
    pub members: u64,
    /// Stored studies.
    pub studies: u64,
    /// Stored instances.
    pub instances: u64,
    /// Bytes of the stored originals.
    pub stored_bytes: u64,
    /// Cases whose final report is not signed and that are not cancelled.
    pub open_cases: u64,
    /// Jobs in the dead-letter list.
    pub dead_jobs: u64,
}

impl TenantRead {
    /// The tenant of this transaction; none for the platform itself.
    pub async fn tenant_row(&self) -> Result<Option<TenantRow>, StoreError> {
        Ok(self
            .find::<tenant::Entity>()
            .one(&self.conn)
            .await?
            .map(TenantRow::from))
    }
}

impl PlatformTx {
    /// Adds a tenant with an empty audit trail.
    ///
    /// Errors: a unique violation when the slug is taken.
    pub async fn insert_tenant(&self, row: &TenantRow) -> Result<(), StoreError> {
        let tenant = tenant::ActiveModel {
            id: Set(row.id.uuid()),
            slug: Set(row.slug.clone()),
            name: Set(row.name.clone()),
            created_at: Set(row.created_at),
        };
        let head = tenant_head::ActiveModel {
            tenant_id: Set(row.id.uuid()),
            change_sequence: Set(0),
            audit_sequence: Set(0),
            audit_hash: Set(GENESIS.to_vec()),
        };
        self.insert_row::<tenant::Entity>(tenant)
            .exec_without_returning(self.conn())
            .await?;
        self.insert_row::<tenant_head::Entity>(head)
            .exec_without_returning(self.conn())
            .await?;
        Ok(())
    }

    /// The tenant of that slug.
    pub async fn tenant_by_slug(&self, slug: &str) -> Result<Option<TenantRow>, StoreError> {
        let row = self
            .all_rows::<tenant::Entity>()
            .filter(tenant::Column::Slug.eq(slug))
            .one(self.conn())
            .await?;
        Ok(row.map(TenantRow::from))
    }

    /// Every tenant, by slug.
    pub async fn tenants(&self) -> Result<Vec<TenantRow>, StoreError> {
        let rows = self
            .all_rows::<tenant::Entity>()
            .order_by_asc(tenant::Column::Slug)
            .all(self.conn())
            .await?;
        Ok(rows.into_iter().map(TenantRow::from).collect())
    }

    /// The ids of every tenant whose audit trail has rows, the platform's own among them.
    pub async fn audited_tenants(&self) -> Result<Vec<TenantId>, StoreError> {
        let heads = self
            .all_rows::<tenant_head::Entity>()
            .filter(tenant_head::Column::AuditSequence.gt(0))
            .order_by_asc(tenant_head::Column::TenantId)
            .all(self.conn())
            .await?;
        Ok(heads
            .into_iter()
            .map(|head| TenantId::from_uuid(head.tenant_id))
            .collect())
    }

    /// Every tenant with its figures, by name.
    pub async fn tenant_figures(&self) -> Result<Vec<TenantFigures>, StoreError> {
        let tenants = self
            .all_rows::<tenant::Entity>()
            .order_by_asc(tenant::Column::Name)
            .all(self.conn())
            .await?;
        let members = self
            .all_rows::<membership::Entity>()
            .filter(membership::Column::DisabledAt.is_null());
        let members = self.count_by(members, membership::Column::TenantId).await?;
        let dead = self
            .all_rows::<job::Entity>()
            .filter(job::Column::State.eq(JobState::Dead.as_str()));
        let dead = self.count_by(dead, job::Column::TenantId).await?;
        let open = CaseState::ALL
            .iter()
            .filter(|state| !state.is_final() && **state != CaseState::Cancelled)
            .map(|state| state.as_str());
        let open = self
            .all_rows::<reading_case::Entity>()
            .filter(reading_case::Column::State.is_in(open))
            .filter(reading_case::Column::DeletionId.is_null());
        let open = self.count_by(open, reading_case::Column::TenantId).await?;
        let studies = self
            .count_by(
                self.all_rows::<study::Entity>()
                    .filter(study::Column::DeletionId.is_null()),
                study::Column::TenantId,
            )
            .await?;
        let instances = self
            .count_by(
                self.all_rows::<instance::Entity>()
                    .filter(instance::Column::DeletionId.is_null()),
                instance::Column::TenantId,
            )
            .await?;
        let bytes = self.stored_bytes().await?;
        let of = |figures: &HashMap<Uuid, u64>, tenant: Uuid| figures.get(&tenant).copied().unwrap_or(0);
        Ok(tenants
            .into_iter()
            .map(|row| TenantFigures {
                members: of(&members, row.id),
                studies: of(&studies, row.id),
                instances: of(&instances, row.id),
                stored_bytes: of(&bytes, row.id),
                open_cases: of(&open, row.id),
                dead_jobs: of(&dead, row.id),
                tenant: row.into(),
            })
            .collect())
    }

    async fn count_by<E: EntityTrait>(
        &self,
        rows: Select<E>,
        tenant: E::Column,
    ) -> Result<HashMap<Uuid, u64>, StoreError> {
        let counted = rows
            .select_only()
            .column(tenant)
            .column_as(tenant.count(), "rows")
            .group_by(tenant);
        Ok(figures(counted.into_tuple().all(self.conn()).await?))
    }

    /// Bytes of the originals as they were received, which is what a customer would count. What lies in the trash
    /// counts, too: it takes the space.
    async fn stored_bytes(&self) -> Result<HashMap<Uuid, u64>, StoreError> {
        // PostgreSQL sums bigint to numeric.
        let bytes = Expr::col(instance::Column::ByteLength).sum().cast_as("bigint");
        let sums = self
            .all_rows::<instance::Entity>()
            .select_only()
            .column(instance::Column::TenantId)
            .column_as(bytes, "bytes")
            .group_by(instance::Column::TenantId);
        Ok(figures(sums.into_tuple().all(self.conn()).await?))
    }
}

fn figures(rows: Vec<(Uuid, i64)>) -> HashMap<Uuid, u64> {
    rows.into_iter()
        .map(|(tenant, figure)| (tenant, figure.unsigned_abs()))
        .collect()
}
