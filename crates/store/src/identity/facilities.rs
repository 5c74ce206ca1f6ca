//! The imaging centres of a tenant.

use chrono::{DateTime, Utc};
use domain::{FacilityId, FacilityScope};
use sea_orm::{ActiveValue::Set, ColumnTrait, QueryFilter, QueryOrder};

use crate::{StoreError, TenantRead, TenantTx, entity::facility, tenant::tenant_owned};

tenant_owned!(facility);

/// An imaging centre.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacilityRow {
    /// Its id.
    pub id: FacilityId,
    /// Its name.
    pub name: String,
    /// Its short code, unique in the tenant.
    pub code: String,
    /// Where the links to its reports are mailed.
    pub report_email: Option<String>,
    /// Since when.
    pub created_at: DateTime<Utc>,
}

impl From<facility::Model> for FacilityRow {
    fn from(row: facility::Model) -> Self {
        Self {
            id: FacilityId::from_uuid(row.id),
            name: row.name,
            code: row.code,
            report_email: row.report_email,
            created_at: row.created_at,
        }
    }
}

impl TenantRead {
    /// One facility.
    pub async fn facility(&self, id: FacilityId) -> Result<Option<FacilityRow>, StoreError> {
        let row = self
            .find::<facility::Entity>()
            .filter(facility::Column::Id.eq(id.uuid()))
            .one(&self.conn)
            .await?;
        Ok(row.map(FacilityRow::from))
    }

    /// The facilities inside `scope`, by name.
    pub async fn facilities(&self, scope: &FacilityScope) -> Result<Vec<FacilityRow>, StoreError> {
        let mut query = self.find::<facility::Entity>();
        if let FacilityScope::Only(list) = scope {
            query = query.filter(facility::Column::Id.is_in(list.iter().map(|facility| facility.uuid())));
        }
        let rows = query.order_by_asc(facility::Column::Name).all(&self.conn).await?;
        Ok(rows.into_iter().map(FacilityRow::from).collect())
    }
}

impl TenantTx {
    /// Adds a facility.
    ///
    /// Errors: a unique violation when the name or the code is taken.
    pub async fn insert_facility(&self, row: &FacilityRow) -> Result<(), StoreError> {
        self.insert::<facility::Entity>(facility::ActiveModel {
            id: Set(row.id.uuid()),
            name: Set(row.name.clone()),
            code: Set(row.code.clone()),
            report_email: Set(row.report_email.clone()),
            created_at: Set(row.created_at),
            ..Default::default()
        })
        .exec_without_returning(&self.conn)
        .await?;
        Ok(())
    }
}
