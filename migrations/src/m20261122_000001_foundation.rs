//! Tenants, the audit trail, the change feed and the job table.

use sea_orm_migration::prelude::*;

use crate::support::{isolate_tenants, run, tenant_id, write_once};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("tenant")
                    .col(ColumnDef::new("id").uuid().not_null().primary_key())
                    .col(ColumnDef::new("slug").string_len(63).not_null().unique_key())
                    .col(ColumnDef::new("name").string_len(200).not_null())
                    .col(ColumnDef::new("created_at").timestamp_with_time_zone().not_null())
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("tenant_head")
                    .col(tenant_id().primary_key())
                    .col(ColumnDef::new("change_sequence").big_integer().not_null())
                    .col(ColumnDef::new("audit_sequence").big_integer().not_null())
                    .col(ColumnDef::new("audit_hash").binary().not_null())
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("audit_event")
                    .col(tenant_id())
                    .col(ColumnDef::new("sequence").big_integer().not_null())
                    .col(ColumnDef::new("at").timestamp_with_time_zone().not_null())
                    .col(ColumnDef::new("actor_kind").string_len(16).not_null())
                    .col(ColumnDef::new("actor_id").string_len(64).not_null())
                    .col(ColumnDef::new("actor_name").string_len(200).not_null())
                    .col(ColumnDef::new("action").string_len(64).not_null())
                    .col(ColumnDef::new("object").string_len(200).not_null())
                    .col(ColumnDef::new("case_id").uuid())
                    .col(ColumnDef::new("outcome").string_len(16).not_null())
                    .col(ColumnDef::new("address").string_len(64))
                    .col(ColumnDef::new("user_agent").string_len(200))
                    .col(ColumnDef::new("detail").text())
                    .col(ColumnDef::new("hash").binary().not_null())
                    .primary_key(Index::create().col("tenant_id").col("sequence"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("change_event")
                    .col(tenant_id())
                    .col(ColumnDef::new("sequence").big_integer().not_null())
                    .col(ColumnDef::new("topic").string_len(16).not_null())
                    .col(ColumnDef::new("object_id").uuid().not_null())
                    .col(ColumnDef::new("facility_id").uuid())
                    .primary_key(Index::create().col("tenant_id").col("sequence"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("job")
                    .col(ColumnDef::new("id").uuid().not_null().primary_key())
                    .col(tenant_id())
                    .col(ColumnDef::new("kind").string_len(64).not_null())
                    .col(ColumnDef::new("payload").json().not_null())
                    .col(ColumnDef::new("state").string_len(16).not_null())
                    .col(ColumnDef::new("priority").small_integer().not_null())
                    .col(ColumnDef::new("run_at").timestamp_with_time_zone().not_null())
                    .col(ColumnDef::new("attempts").integer().not_null())
                    .col(ColumnDef::new("max_attempts").integer().not_null())
                    .col(ColumnDef::new("dedupe_key").string_len(200))
                    .col(ColumnDef::new("locked_by").uuid())
                    .col(ColumnDef::new("locked_until").timestamp_with_time_zone())
                    .col(ColumnDef::new("last_error").text())
                    .col(ColumnDef::new("created_at").timestamp_with_time_zone().not_null())
                    .col(ColumnDef::new("finished_at").timestamp_with_time_zone())
                    .to_owned(),
            )
            .await?;
        run(
            manager,
            &[
                "CREATE INDEX audit_event_by_case ON audit_event (tenant_id, case_id, sequence)",
                "CREATE INDEX job_by_tenant ON job (tenant_id, state, id)",
                "CREATE INDEX job_due ON job (state, run_at)",
                "CREATE UNIQUE INDEX job_once_while_queued ON job (tenant_id, kind, dedupe_key) WHERE state = 'QUEUED'",
            ],
        )
        .await?;
        write_once(manager, &["audit_event"]).await?;
        isolate_tenants(manager, &["tenant_head", "audit_event", "change_event", "job"]).await
    }
}
