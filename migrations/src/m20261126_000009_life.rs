//! The life of stored studies: the trash, legal holds, and how long what is kept where.

use sea_orm_migration::prelude::*;

use crate::support::{isolate_tenants, run, tenant_id};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [deletion(), legal_hold(), archive_policy(), retention_rule()] {
            manager.create_table(table).await?;
        }
        run(
            manager,
            &[
                "CREATE INDEX deletion_due ON deletion (tenant_id, purge_at) \
                 WHERE restored_at IS NULL AND purged_at IS NULL",
                "CREATE INDEX deletion_by_study ON deletion (tenant_id, study_id)",
                "CREATE INDEX retention_rule_of_tenant ON retention_rule (tenant_id, id)",
                "CREATE INDEX study_by_age ON study (tenant_id, last_received_at, id)",
                "CREATE INDEX legal_hold_by_study ON legal_hold (tenant_id, study_id, id)",
                "CREATE INDEX study_awaited ON study (tenant_id, id) WHERE recall_requested_at IS NOT NULL",
                "CREATE INDEX study_in_trash ON study (tenant_id, deletion_id) WHERE deletion_id IS NOT NULL",
                "CREATE INDEX series_in_trash ON series (tenant_id, deletion_id) WHERE deletion_id IS NOT NULL",
                "CREATE INDEX rendition_by_object ON rendition (tenant_id, object_key)",
                "CREATE INDEX thumbnail_by_object ON series (tenant_id, thumbnail_key) WHERE thumbnail_key IS NOT NULL",
                "CREATE INDEX report_document_by_object ON report_document (tenant_id, object_key)",
                "CREATE INDEX instance_damaged ON instance (tenant_id, id) WHERE damaged_at IS NOT NULL",
                "CREATE INDEX batch_not_replicated ON batch_object (tenant_id, id) WHERE replicated_at IS NULL",
                "CREATE INDEX instance_in_trash ON instance (tenant_id, deletion_id) WHERE deletion_id IS NOT NULL",
            ],
        )
        .await?;
        isolate_tenants(
            manager,
            &["deletion", "legal_hold", "archive_policy", "retention_rule"],
        )
        .await
    }
}

fn id() -> ColumnDef {
    ColumnDef::new("id").uuid().not_null().primary_key().take()
}

fn uuid(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).uuid().take()
}

fn moment(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).timestamp_with_time_zone().take()
}

/// Who did something: the wire id, and the name as it was then.
fn person(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).string_len(200).take()
}

/// Why a study, a series or an instance lies in the trash, and until when.
fn deletion() -> TableCreateStatement {
    Table::create()
        .table("deletion")
        .col(id())
        .col(tenant_id())
        .col(uuid("study_id").not_null())
        .col(ColumnDef::new("study_instance_uid").string_len(64).not_null())
        // The series, or the instance, when only that was deleted.
        .col(uuid("series_id"))
        .col(uuid("instance_id"))
        .col(ColumnDef::new("reason").text().not_null())
        .col(person("deleted_by").not_null())
        .col(person("deleted_by_name").not_null())
        .col(moment("deleted_at").not_null())
        .col(ColumnDef::new("instance_count").integer().not_null())
        .col(ColumnDef::new("stored_bytes").big_integer().not_null())
        .col(moment("purge_at").not_null())
        // From here on it cannot be restored.
        .col(moment("purging_at"))
        .col(moment("purged_at"))
        .col(moment("restored_at"))
        .take()
}

/// Why a study must not be deleted.
fn legal_hold() -> TableCreateStatement {
    Table::create()
        .table("legal_hold")
        .col(id())
        .col(tenant_id())
        .col(uuid("study_id").not_null())
        .col(ColumnDef::new("reason").text().not_null())
        .col(person("placed_by").not_null())
        .col(person("placed_by_name").not_null())
        .col(moment("placed_at").not_null())
        .col(ColumnDef::new("lift_reason").text())
        .col(person("lifted_by"))
        .col(person("lifted_by_name"))
        .col(moment("lifted_at"))
        .take()
}

/// What a tenant decided about its archive; the built-in values hold without a row.
fn archive_policy() -> TableCreateStatement {
    Table::create()
        .table("archive_policy")
        .col(tenant_id().primary_key())
        .col(ColumnDef::new("trash_days").integer().not_null())
        // Studies nobody looked at for so long go to the slow store; never when null.
        .col(ColumnDef::new("cold_after_days").integer())
        .take()
}

/// How long studies are kept. Without a row for ever.
fn retention_rule() -> TableCreateStatement {
    Table::create()
        .table("retention_rule")
        .col(id())
        .col(tenant_id())
        .col(ColumnDef::new("modality").string_len(16))
        .col(ColumnDef::new("keep_days").integer().not_null())
        .col(ColumnDef::new("counted_from").string_len(16).not_null())
        .take()
}
