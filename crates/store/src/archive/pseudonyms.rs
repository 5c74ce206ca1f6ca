//! The key that a tenant's pseudonyms are made with.
//!
//! **Invariant:** a tenant has one key for ever; whoever comes second gets the first one's.

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, sea_query::OnConflict};

use crate::{StoreError, TenantTx, entity::pseudonym_key};

impl TenantTx {
    /// The tenant's key; `fresh` becomes it when there is none.
    pub async fn pseudonym_key(&self, fresh: [u8; 32], now: DateTime<Utc>) -> Result<[u8; 32], StoreError> {
        if let Some(row) = self.find::<pseudonym_key::Entity>().one(&self.conn).await? {
            return key_of(row);
        }
        self.insert::<pseudonym_key::Entity>(pseudonym_key::ActiveModel {
            secret: Set(fresh.to_vec()),
            created_at: Set(now),
            ..Default::default()
        })
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(&self.conn)
        .await?;
        let row = self.find::<pseudonym_key::Entity>().one(&self.conn).await?;
        row.map_or(
            Err(StoreError::Contended {
                what: "pseudonym key",
            }),
            key_of,
        )
    }
}

fn key_of(row: pseudonym_key::Model) -> Result<[u8; 32], StoreError> {
    row.secret.try_into().map_err(|_| StoreError::Inconsistent {
        table: "pseudonym_key",
        id: row.tenant_id.to_string(),
        what: "the key has 32 bytes",
    })
}
