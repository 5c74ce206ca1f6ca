//! Applications that speak DICOM with us, the titles they call us by, and the commitments they asked for.

use sea_orm_migration::{prelude::*, sea_orm::DatabaseBackend};

use crate::support::{isolate_tenants, run, tenant_id};

#[derive(DeriveMigrationName)]
pub struct Migration;

fn id(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).uuid().not_null().take()
}

fn title(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).string_len(16).not_null().take()
}

fn moment(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).timestamp_with_time_zone().take()
}

fn flag(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).boolean().not_null().take()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(called_title()).await?;
        manager.create_table(dicom_node()).await?;
        manager.create_table(storage_commitment()).await?;
        run(
            manager,
            &[
                "CREATE UNIQUE INDEX dicom_node_titles ON dicom_node (tenant_id, called_title, peer_title, name)",
                "CREATE INDEX storage_commitment_by_node ON storage_commitment (tenant_id, node_id)",
            ],
        )
        .await?;
        isolate_tenants(manager, &["dicom_node", "storage_commitment"]).await?;
        isolate_titles(manager).await
    }
}

/// A title by which we are called: unique in the installation, because it is all a caller says about whom it means.
/// Its tenant is its owner, as a slug's is.
fn called_title() -> TableCreateStatement {
    Table::create()
        .table("called_title")
        .col(title("title").primary_key())
        .col(id("owner_id"))
        .col(id("facility_id"))
        .foreign_key(
            ForeignKey::create()
                .from("called_title", "owner_id")
                .to("tenant", "id"),
        )
        .take()
}

fn dicom_node() -> TableCreateStatement {
    Table::create()
        .table("dicom_node")
        .col(tenant_id())
        .col(id("id"))
        .col(id("facility_id"))
        .col(ColumnDef::new("name").string_len(200).not_null())
        .col(title("called_title"))
        .col(title("peer_title"))
        .col(ColumnDef::new("addresses").json().not_null())
        .col(ColumnDef::new("certificates").json().not_null())
        .col(flag("requires_tls"))
        .col(ColumnDef::new("rights").json().not_null())
        .col(flag("takes_private_classes"))
        .col(ColumnDef::new("host").string_len(255))
        .col(ColumnDef::new("port").integer())
        .col(flag("uses_tls"))
        .col(flag("is_enabled"))
        .col(moment("created_at").not_null())
        .primary_key(Index::create().col("tenant_id").col("id"))
        .foreign_key(
            ForeignKey::create()
                .from("dicom_node", ("tenant_id", "facility_id"))
                .to("facility", ("tenant_id", "id")),
        )
        .take()
}

fn storage_commitment() -> TableCreateStatement {
    Table::create()
        .table("storage_commitment")
        .col(tenant_id())
        .col(id("id"))
        .col(id("node_id"))
        .col(ColumnDef::new("transaction_uid").string_len(64).not_null())
        // What was and was not safely kept when it was asked.
        .col(ColumnDef::new("report").json().not_null())
        .col(moment("requested_at").not_null())
        .col(moment("reported_at"))
        .primary_key(Index::create().col("tenant_id").col("id"))
        .take()
}

/// A tenant sees its own titles only; that another one has a title shows when it is claimed.
async fn isolate_titles(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    if manager.get_database_backend() != DatabaseBackend::Postgres {
        return Ok(());
    }
    manager
        .get_connection()
        .execute_unprepared(
            "ALTER TABLE called_title ENABLE ROW LEVEL SECURITY;
             ALTER TABLE called_title FORCE ROW LEVEL SECURITY;
             CREATE POLICY tenant_isolation ON called_title USING (
                 owner_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid
                 OR current_setting('app.platform', true) = 'on'
             );",
        )
        .await?;
    Ok(())
}
