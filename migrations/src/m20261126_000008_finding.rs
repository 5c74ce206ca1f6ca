//! What searches walk along: the parts of names, the steps that were requested, and indexes in the order of answers.

use sea_orm_migration::{prelude::*, sea_orm::DatabaseBackend};

use crate::support::{isolate_tenants, run, tenant_id};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Columns that are compared by beginnings and ranges. PostgreSQL sorts text by the customs of a language, which
/// agree with neither; and only in the order of their bytes an index serves them.
const COMPARED: &[(&str, &[&str])] = &[
    (
        "patient",
        &["patient_id", "issuer", "name_folded", "birth_date", "sex"],
    ),
    (
        "study",
        &[
            "study_instance_uid",
            "accession_number",
            "study_id",
            "study_date",
            "study_time",
            "description",
            "referring_physician_folded",
            "modalities",
        ],
    ),
    (
        "series",
        &[
            "series_instance_uid",
            "modality",
            "description",
            "body_part",
            "laterality",
            "series_date",
            "series_time",
            "performed_date",
            "performed_time",
            "protocol_name",
            "station_name",
            "manufacturer",
        ],
    ),
    ("instance", &["sop_instance_uid", "sop_class_uid"]),
    ("name_part", &["part"]),
    (
        "requested_step",
        &[
            "scheduled_procedure_step_id",
            "requested_procedure_id",
            "accession_number",
        ],
    ),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(name_part()).await?;
        manager.create_table(requested_step()).await?;
        if manager.get_database_backend() == DatabaseBackend::Postgres {
            for (table, columns) in COMPARED {
                let changes: Vec<String> = columns
                    .iter()
                    .map(|column| format!("ALTER COLUMN {column} TYPE text COLLATE \"C\""))
                    .collect();
                let statement = format!("ALTER TABLE {table} {}", changes.join(", "));
                manager.get_connection().execute_unprepared(&statement).await?;
            }
        }
        run(
            manager,
            &[
                "CREATE INDEX name_part_by_owner ON name_part (tenant_id, owner_id, kind, part)",
                "CREATE UNIQUE INDEX requested_step_once ON requested_step
                     (tenant_id, series_id, scheduled_procedure_step_id, requested_procedure_id, accession_number)",
                "CREATE INDEX requested_step_by_step ON requested_step (tenant_id, scheduled_procedure_step_id)",
                "CREATE INDEX requested_step_by_procedure ON requested_step (tenant_id, requested_procedure_id)",
                "CREATE INDEX patient_by_patient_id ON patient (tenant_id, patient_id, id)",
                "CREATE INDEX study_by_arrival ON study (tenant_id, id)",
                "CREATE INDEX study_by_facility_and_date ON study (tenant_id, facility_id, study_date, id)",
                "CREATE INDEX series_by_uid ON series (tenant_id, series_instance_uid)",
                "CREATE INDEX series_in_order ON series (tenant_id, study_id, series_number, id)",
            ],
        )
        .await?;
        isolate_tenants(manager, &["name_part", "requested_step"]).await
    }
}

fn text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().not_null().take()
}

fn uuid(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).uuid().not_null().take()
}

/// One way to find somebody by name: a component group, or a word of one without accents.
fn name_part() -> TableCreateStatement {
    Table::create()
        .table("name_part")
        .col(tenant_id())
        // Whose name, and which part of it.
        .col(ColumnDef::new("kind").string_len(16).not_null())
        .col(text("part"))
        // A patient; of a referring physician's name the study.
        .col(uuid("owner_id"))
        .primary_key(
            Index::create()
                .col("tenant_id")
                .col("kind")
                .col("part")
                .col("owner_id"),
        )
        .take()
}

/// An item of a series' Request Attributes Sequence (0040,0275), each once. What it does not say is empty.
fn requested_step() -> TableCreateStatement {
    Table::create()
        .table("requested_step")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(tenant_id())
        .col(uuid("study_id"))
        .col(uuid("series_id"))
        .col(text("scheduled_procedure_step_id"))
        .col(text("requested_procedure_id"))
        .col(text("accession_number"))
        .foreign_key(ForeignKey::create().from_col("series_id").to("series", "id"))
        .take()
}
