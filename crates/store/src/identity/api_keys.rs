//! Keys of machines, stored as hashes.

use chrono::{DateTime, Utc};
use domain::{ApiKeyId, ApiScope, FacilityId};
use sea_orm::{ActiveValue::Set, ColumnTrait, QueryFilter, QueryOrder};

use crate::{StoreError, TenantRead, TenantTx, entity::api_key, tenant::tenant_owned};

tenant_owned!(api_key);

/// A machine's key, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyRow {
    /// Its id.
    pub id: ApiKeyId,
    /// The name the administrator gave it.
    pub name: String,
    /// How the secret begins, so that people can tell keys apart.
    pub prefix: String,
    /// What it may do.
    pub scopes: Vec<ApiScope>,
    /// The one facility it works for; none: all of the tenant's.
    pub facility: Option<FacilityId>,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// When it was last used, to within five minutes.
    pub last_used_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl TryFrom<api_key::Model> for ApiKeyRow {
    type Error = StoreError;

    fn try_from(row: api_key::Model) -> Result<Self, StoreError> {
        let scopes = serde_json::from_value(row.scopes).map_err(|_| StoreError::Inconsistent {
            table: "api_key",
            id: row.id.to_string(),
            what: "scopes is a list of known scopes",
        })?;
        Ok(Self {
            id: ApiKeyId::from_uuid(row.id),
            name: row.name,
            prefix: row.prefix,
            scopes,
            facility: row.facility_id.map(FacilityId::from_uuid),
            created_at: row.created_at,
            last_used_at: row.last_used_at,
            revoked_at: row.revoked_at,
        })
    }
}

impl TenantRead {
    /// All keys, newest first.
    pub async fn api_keys(&self) -> Result<Vec<ApiKeyRow>, StoreError> {
        let rows = self
            .find::<api_key::Entity>()
            .order_by_desc(api_key::Column::Id)
            .all(&self.conn)
            .await?;
        rows.into_iter().map(ApiKeyRow::try_from).collect()
    }

    /// One key.
    pub async fn api_key(&self, id: ApiKeyId) -> Result<Option<ApiKeyRow>, StoreError> {
        let row = self
            .find::<api_key::Entity>()
            .filter(api_key::Column::Id.eq(id.uuid()))
            .one(&self.conn)
            .await?;
        row.map(ApiKeyRow::try_from).transpose()
    }

    /// The key of that secret's hash.
    pub async fn api_key_by_secret(&self, secret_hash: &[u8; 32]) -> Result<Option<ApiKeyRow>, StoreError> {
        let row = self
            .find::<api_key::Entity>()
            .filter(api_key::Column::SecretHash.eq(secret_hash.as_slice()))
            .one(&self.conn)
            .await?;
        row.map(ApiKeyRow::try_from).transpose()
    }
}

impl TenantTx {
    /// Adds a key under the hash of its secret.
    pub async fn insert_api_key(&self, row: &ApiKeyRow, secret_hash: &[u8; 32]) -> Result<(), StoreError> {
        self.insert::<api_key::Entity>(api_key::ActiveModel {
            id: Set(row.id.uuid()),
            name: Set(row.name.clone()),
            prefix: Set(row.prefix.clone()),
            secret_hash: Set(secret_hash.to_vec()),
            scopes: Set(row.scopes.iter().map(|scope| scope.as_str()).collect()),
            facility_id: Set(row.facility.map(FacilityId::uuid)),
            created_at: Set(row.created_at),
            last_used_at: Set(row.last_used_at),
            revoked_at: Set(row.revoked_at),
            ..Default::default()
        })
        .exec_without_returning(&self.conn)
        .await?;
        Ok(())
    }

    /// Notes that a key was used.
    pub async fn touch_api_key(&self, id: ApiKeyId, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.update::<api_key::Entity>()
            .filter(api_key::Column::Id.eq(id.uuid()))
            .set(api_key::ActiveModel {
                last_used_at: Set(Some(now)),
                ..Default::default()
            })
            .exec(&self.conn)
            .await?;
        Ok(())
    }

    /// Revokes a key. False when there is no such live key.
    pub async fn revoke_api_key(&self, id: ApiKeyId, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let updated = self
            .update::<api_key::Entity>()
            .filter(api_key::Column::Id.eq(id.uuid()))
            .filter(api_key::Column::RevokedAt.is_null())
            .set(api_key::ActiveModel {
                revoked_at: Set(Some(now)),
                ..Default::default()
            })
            .exec(&self.conn)
            .await?;
        Ok(updated.rows_affected == 1)
    }
}
