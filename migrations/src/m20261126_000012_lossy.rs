//! What organisations decided about lossy copies; nothing, to begin with.

use sea_orm_migration::prelude::*;

use crate::support::{isolate_tenants, tenant_id};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("lossy_policy")
                    .col(tenant_id().primary_key())
                    .col(ColumnDef::new("after_days").integer().not_null())
                    // With backslashes between them, as DICOM writes several values.
                    .col(ColumnDef::new("modalities").text().not_null())
                    .col(ColumnDef::new("least_psnr_db").integer().not_null())
                    .to_owned(),
            )
            .await?;
        isolate_tenants(manager, &["lossy_policy"]).await
    }
}
