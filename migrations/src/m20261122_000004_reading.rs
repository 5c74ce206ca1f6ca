//! Cases, their work items and clock ledgers, reports and their versions, templates, key images, deliveries.

use sea_orm_migration::prelude::*;

use crate::support::{isolate_tenants, run, tenant_id, write_once};

#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &[&str] = &[
    "reading_case",
    "work_item",
    "clock_event",
    "report_template",
    "report",
    "report_version",
    "report_document",
    "key_image",
    "delivery",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [
            reading_case(),
            work_item(),
            clock_event(),
            report_template(),
            report(),
            report_version(),
            report_document(),
            key_image(),
            delivery(),
        ] {
            manager.create_table(table).await?;
        }
        run(
            manager,
            &[
                "CREATE UNIQUE INDEX reading_case_of_study ON reading_case (tenant_id, study_id)",
                "CREATE INDEX reading_case_worklist ON reading_case (tenant_id, worklist_rank, urgency, id)",
                "CREATE INDEX reading_case_by_facility ON reading_case (tenant_id, facility_id, worklist_rank)",
                "CREATE UNIQUE INDEX work_item_open ON work_item (tenant_id, case_id, kind) WHERE state = 'OPEN'",
                "CREATE INDEX work_item_by_holder ON work_item (tenant_id, claim_holder, state)",
                "CREATE UNIQUE INDEX clock_mark_once ON clock_event (tenant_id, case_id, kind, target_seconds) \
                 WHERE target_seconds IS NOT NULL",
                "CREATE UNIQUE INDEX report_template_name ON report_template (tenant_id, name)",
                "CREATE UNIQUE INDEX report_of_case ON report (tenant_id, case_id)",
                "CREATE UNIQUE INDEX report_version_number ON report_version (tenant_id, report_id, number)",
                "CREATE INDEX report_version_by_case ON report_version (tenant_id, case_id, number)",
                "CREATE UNIQUE INDEX report_document_of_version ON report_document (tenant_id, version_id)",
                "CREATE INDEX key_image_by_case ON key_image (tenant_id, case_id, id)",
                "CREATE INDEX delivery_by_case ON delivery (tenant_id, case_id, id)",
                "CREATE INDEX delivery_by_version ON delivery (tenant_id, version_id)",
            ],
        )
        .await?;
        write_once(manager, &["clock_event", "report_version", "report_document"]).await?;
        isolate_tenants(manager, TABLES).await
    }
}

fn id() -> ColumnDef {
    ColumnDef::new("id").uuid().not_null().primary_key().take()
}

fn uuid(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).uuid().take()
}

fn name(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).string_len(24).take()
}

fn text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().take()
}

fn count(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).integer().take()
}

fn moment(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).timestamp_with_time_zone().take()
}

fn refers(column: &'static str, table: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().from_col(column).to(table, "id").take()
}

fn reading_case() -> TableCreateStatement {
    Table::create()
        .table("reading_case")
        .col(id())
        .col(tenant_id())
        .col(uuid("study_id").not_null())
        .col(uuid("patient_id").not_null())
        .col(uuid("facility_id").not_null())
        .col(name("state").not_null())
        .col(name("priority").not_null())
        // 0 for STAT to 3 for routine: what a list sorts by where the rank is the same.
        .col(ColumnDef::new("urgency").small_integer().not_null())
        .col(name("protocol_flag"))
        .col(text("indication"))
        .col(text("modality"))
        .col(text("body_part"))
        .col(text("description"))
        .col(moment("created_at").not_null())
        .col(moment("ready_at"))
        .col(count("received_count").not_null())
        .col(count("expected_count"))
        .col(ColumnDef::new("has_preliminary").boolean().not_null())
        .col(ColumnDef::new("late_images").boolean().not_null())
        // What breaches first is smallest; see `domain::reading_case::worklist_rank`.
        .col(ColumnDef::new("worklist_rank").big_integer().not_null())
        // The deletion of its study. A case outlives the study, for its ledger and reports are written once; hence
        // no foreign keys to study and patient.
        .col(uuid("deletion_id"))
        .take()
}

fn work_item() -> TableCreateStatement {
    Table::create()
        .table("work_item")
        .col(id())
        .col(tenant_id())
        .col(uuid("case_id").not_null())
        .col(name("kind").not_null())
        .col(name("state").not_null())
        .col(uuid("claim_token"))
        .col(uuid("claim_holder"))
        .col(moment("claim_since"))
        .col(moment("claim_until"))
        .col(moment("opened_at").not_null())
        .col(moment("closed_at"))
        .col(uuid("closed_by"))
        .foreign_key(&mut refers("case_id", "reading_case"))
        .take()
}

fn clock_event() -> TableCreateStatement {
    Table::create()
        .table("clock_event")
        .col(tenant_id())
        .col(uuid("case_id").not_null())
        // The order of writing, from 1; `at` may lie before that of an earlier number.
        .col(count("number").not_null())
        .col(moment("at").not_null())
        .col(name("kind").not_null())
        .col(ColumnDef::new("actor").string_len(200))
        .col(count("target_seconds"))
        .primary_key(Index::create().col("tenant_id").col("case_id").col("number"))
        .foreign_key(&mut refers("case_id", "reading_case"))
        .take()
}

fn report_template() -> TableCreateStatement {
    Table::create()
        .table("report_template")
        .col(id())
        .col(tenant_id())
        .col(ColumnDef::new("name").string_len(200).not_null())
        .col(name("modality"))
        .col(ColumnDef::new("body_part").string_len(64))
        .col(ColumnDef::new("language").string_len(35).not_null())
        .col(ColumnDef::new("sections").json().not_null())
        .col(moment("created_at").not_null())
        .take()
}

fn report() -> TableCreateStatement {
    Table::create()
        .table("report")
        .col(id())
        .col(tenant_id())
        .col(uuid("case_id").not_null())
        .col(name("state").not_null())
        .col(uuid("draft_template_id"))
        .col(ColumnDef::new("draft_sections").json())
        .col(count("draft_revision").not_null())
        .col(moment("draft_updated_at"))
        .foreign_key(&mut refers("case_id", "reading_case"))
        .take()
}

fn report_version() -> TableCreateStatement {
    Table::create()
        .table("report_version")
        .col(id())
        .col(tenant_id())
        .col(uuid("report_id").not_null())
        .col(uuid("case_id").not_null())
        .col(count("number").not_null())
        .col(name("kind").not_null())
        // The signed bytes as they are; the hash is theirs. Not `json`, which would spell them anew.
        .col(text("content").not_null())
        .col(ColumnDef::new("sha256").string_len(64).not_null())
        .col(uuid("signed_by").not_null())
        .col(moment("signed_at").not_null())
        .foreign_key(&mut refers("report_id", "report"))
        .foreign_key(&mut refers("case_id", "reading_case"))
        .take()
}

fn report_document() -> TableCreateStatement {
    Table::create()
        .table("report_document")
        .col(uuid("version_id").not_null().primary_key().take())
        .col(tenant_id())
        .col(text("object_key").not_null())
        .col(ColumnDef::new("byte_length").big_integer().not_null())
        .col(ColumnDef::new("sha256").string_len(64).not_null())
        .col(moment("made_at").not_null())
        .foreign_key(&mut refers("version_id", "report_version"))
        .take()
}

fn key_image() -> TableCreateStatement {
    Table::create()
        .table("key_image")
        .col(id())
        .col(tenant_id())
        .col(uuid("case_id").not_null())
        .col(ColumnDef::new("series_instance_uid").string_len(64).not_null())
        .col(ColumnDef::new("sop_instance_uid").string_len(64).not_null())
        // From 1, as in DICOM.
        .col(count("frame").not_null())
        .col(ColumnDef::new("window_center").double())
        .col(ColumnDef::new("window_width").double())
        .col(text("note"))
        .col(uuid("marked_by").not_null())
        .col(moment("marked_at").not_null())
        .foreign_key(&mut refers("case_id", "reading_case"))
        .take()
}

fn delivery() -> TableCreateStatement {
    Table::create()
        .table("delivery")
        .col(id())
        .col(tenant_id())
        .col(uuid("case_id").not_null())
        .col(uuid("version_id").not_null())
        .col(uuid("facility_id").not_null())
        .col(name("channel").not_null())
        .col(ColumnDef::new("recipient").string_len(254).not_null())
        .col(name("state").not_null())
        .col(count("attempts").not_null())
        .col(moment("queued_at").not_null())
        .col(moment("delivered_at"))
        .col(moment("acknowledged_at"))
        .col(uuid("acknowledged_by"))
        .col(text("last_error"))
        .foreign_key(&mut refers("case_id", "reading_case"))
        .foreign_key(&mut refers("version_id", "report_version"))
        .take()
}
