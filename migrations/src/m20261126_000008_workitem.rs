//! Unified Procedure Steps that others created here, and who wants to hear of which.

use sea_orm_migration::prelude::*;

use crate::support::{isolate_tenants, run, tenant_id};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(ups_workitem()).await?;
        manager.create_table(ups_subscription()).await?;
        run(
            manager,
            &[
                "CREATE UNIQUE INDEX workitem_uid ON ups_workitem (tenant_id, sop_instance_uid)",
                "CREATE INDEX workitem_by_state ON ups_workitem (tenant_id, state, id)",
                "CREATE INDEX workitem_by_arrival ON ups_workitem (tenant_id, id)",
                "CREATE INDEX work_item_by_arrival ON work_item (tenant_id, id)",
            ],
        )
        .await?;
        isolate_tenants(manager, &["ups_workitem", "ups_subscription"]).await
    }
}

fn moment(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).timestamp_with_time_zone().not_null().take()
}

fn ups_workitem() -> TableCreateStatement {
    Table::create()
        .table("ups_workitem")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(tenant_id())
        // Of whom a facility's people may see it; none when it is nobody's in particular.
        .col(ColumnDef::new("facility_id").uuid())
        .col(ColumnDef::new("sop_instance_uid").string_len(64).not_null())
        .col(ColumnDef::new("state").string_len(16).not_null())
        .col(ColumnDef::new("transaction_uid").string_len(64))
        // The DICOM JSON Model, without the Transaction UID: who reads it must not hold it.
        .col(ColumnDef::new("data_set").text().not_null())
        .col(moment("created_at"))
        .col(moment("updated_at"))
        .take()
}

fn ups_subscription() -> TableCreateStatement {
    Table::create()
        .table("ups_subscription")
        .col(tenant_id())
        // The AE title that subscribed.
        .col(ColumnDef::new("subscriber").string_len(64).not_null())
        // The work item's UID, or a well-known one: of all, or of those that match `filter`.
        .col(ColumnDef::new("target").string_len(64).not_null())
        .col(ColumnDef::new("filter").text())
        // Whose subscription it is: a key or a person.
        .col(ColumnDef::new("owner").string_len(64).not_null())
        .col(moment("created_at"))
        .primary_key(Index::create().col("tenant_id").col("subscriber").col("target"))
        .take()
}
