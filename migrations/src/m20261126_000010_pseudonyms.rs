//! The key of each tenant's pseudonyms: who is de-identified today is called the same in ten years.

use sea_orm_migration::prelude::*;

use crate::support::{isolate_tenants, tenant_id, write_once};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("pseudonym_key")
                    .col(tenant_id().primary_key())
                    .col(ColumnDef::new("secret").binary().not_null())
                    .col(ColumnDef::new("created_at").timestamp_with_time_zone().not_null())
                    .to_owned(),
            )
            .await?;
        isolate_tenants(manager, &["pseudonym_key"]).await?;
        // Another key would give the same patients other names, and nobody would notice.
        write_once(manager, &["pseudonym_key"]).await
    }
}
