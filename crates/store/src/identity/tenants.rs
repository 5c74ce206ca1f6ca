//! The tenants themselves, and what an operator may know of each: figures, never contents.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::{TenantId, audit::GENESIS, job::JobState};
use sea_orm::{ActiveValue::Set, ColumnTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::{
    PlatformTx, StoreError, TenantRead,
    entity::{job, membership, tenant, tenant_head},
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

    /// Every tenant with its figures, by name.
    pub async fn tenant_figures(&self) -> Result<Vec<TenantFigures>, StoreError> {
        let tenants = self
            .all_rows::<tenant::Entity>()
            .order_by_asc(tenant::Column::Name)
            .all(self.conn())
            .await?;
        let members = self
            .all_rows::<membership::Entity>()
            .filter(membership::Column::DisabledAt.is_null())
            .select_only()
            .column(membership::Column::TenantId)
            .column_as(membership::Column::UserId.count(), "rows")
            .group_by(membership::Column::TenantId);
        let dead = self
            .all_rows::<job::Entity>()
            .filter(job::Column::State.eq(JobState::Dead.as_str()))
            .select_only()
            .column(job::Column::TenantId)
            .column_as(job::Column::Id.count(), "rows")
            .group_by(job::Column::TenantId);
        let members = counts(members.into_tuple().all(self.conn()).await?);
        let dead = counts(dead.into_tuple().all(self.conn()).await?);
        Ok(tenants
            .into_iter()
            .map(|row| TenantFigures {
                members: members.get(&row.id).copied().unwrap_or(0),
                dead_jobs: dead.get(&row.id).copied().unwrap_or(0),
                tenant: row.into(),
            })
            .collect())
    }
}

fn counts(rows: Vec<(Uuid, i64)>) -> HashMap<Uuid, u64> {
    rows.into_iter()
        .map(|(tenant, rows)| (tenant, rows.unsigned_abs()))
        .collect()
}
