//! People, their memberships and sessions; facilities, invitations and machine keys.
//!
//! The platform itself is the tenant with the nil id: operators are its members, and their trail is
//! its chain. It has no row in `tenant`, so that no list of customers shows it.

use sea_orm_migration::{prelude::*, sea_orm::DatabaseBackend};

use crate::support::{isolate_tenants, run, tenant_id};

#[derive(DeriveMigrationName)]
pub struct Migration;

fn id() -> ColumnDef {
    ColumnDef::new("id").uuid().not_null().take()
}

fn moment(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).timestamp_with_time_zone().take()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        people(manager).await?;
        sessions(manager).await?;
        invitations_and_keys(manager).await?;
        run(
            manager,
            &[
                "CREATE INDEX membership_by_user ON membership (user_id)",
                "CREATE UNIQUE INDEX facility_code ON facility (tenant_id, code)",
                "CREATE UNIQUE INDEX facility_name ON facility (tenant_id, name)",
                "CREATE INDEX session_by_user ON session (tenant_id, user_id)",
                "CREATE UNIQUE INDEX refresh_token_hash ON refresh_token (tenant_id, token_hash)",
                "CREATE INDEX refresh_token_by_session ON refresh_token (tenant_id, session_id)",
                "CREATE UNIQUE INDEX invitation_token ON invitation (tenant_id, token_hash)",
                "CREATE INDEX invitation_by_email ON invitation (tenant_id, email)",
                "CREATE UNIQUE INDEX api_key_secret ON api_key (tenant_id, secret_hash)",
            ],
        )
        .await?;
        found_platform(manager).await?;
        isolate_tenants(
            manager,
            &[
                "facility",
                "membership",
                "membership_facility",
                "session",
                "refresh_token",
                "invitation",
                "api_key",
            ],
        )
        .await?;
        isolate_people(manager).await
    }
}

async fn people(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("user_account")
                .col(id().primary_key())
                .col(ColumnDef::new("email").string_len(254).not_null().unique_key())
                .col(ColumnDef::new("name").string_len(200).not_null())
                .col(ColumnDef::new("password_hash").string_len(255).not_null())
                .col(moment("created_at").not_null())
                .to_owned(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table("facility")
                .col(tenant_id())
                .col(id())
                .col(ColumnDef::new("name").string_len(200).not_null())
                .col(ColumnDef::new("code").string_len(32).not_null())
                .col(ColumnDef::new("report_email").string_len(254))
                .col(moment("created_at").not_null())
                .primary_key(Index::create().col("tenant_id").col("id"))
                .to_owned(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table("membership")
                .col(tenant_id())
                .col(ColumnDef::new("user_id").uuid().not_null())
                .col(ColumnDef::new("role").string_len(32).not_null())
                .col(moment("disabled_at"))
                .col(moment("last_sign_in_at"))
                .col(moment("created_at").not_null())
                .primary_key(Index::create().col("tenant_id").col("user_id"))
                .foreign_key(
                    ForeignKey::create()
                        .from("membership", "user_id")
                        .to("user_account", "id"),
                )
                .to_owned(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table("membership_facility")
                .col(tenant_id())
                .col(ColumnDef::new("user_id").uuid().not_null())
                .col(ColumnDef::new("facility_id").uuid().not_null())
                .primary_key(Index::create().col("tenant_id").col("user_id").col("facility_id"))
                .foreign_key(
                    ForeignKey::create()
                        .from("membership_facility", ("tenant_id", "user_id"))
                        .to("membership", ("tenant_id", "user_id")),
                )
                .foreign_key(
                    ForeignKey::create()
                        .from("membership_facility", ("tenant_id", "facility_id"))
                        .to("facility", ("tenant_id", "id")),
                )
                .to_owned(),
        )
        .await
}

async fn sessions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("session")
                .col(tenant_id())
                .col(id())
                .col(ColumnDef::new("user_id").uuid().not_null())
                .col(ColumnDef::new("address").string_len(64))
                .col(moment("created_at").not_null())
                .col(moment("revoked_at"))
                .primary_key(Index::create().col("tenant_id").col("id"))
                .foreign_key(
                    ForeignKey::create()
                        .from("session", ("tenant_id", "user_id"))
                        .to("membership", ("tenant_id", "user_id")),
                )
                .to_owned(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table("refresh_token")
                .col(tenant_id())
                .col(id())
                .col(ColumnDef::new("session_id").uuid().not_null())
                .col(ColumnDef::new("token_hash").binary().not_null())
                .col(moment("issued_at").not_null())
                .col(moment("expires_at").not_null())
                .col(moment("used_at"))
                .primary_key(Index::create().col("tenant_id").col("id"))
                .foreign_key(
                    ForeignKey::create()
                        .from("refresh_token", ("tenant_id", "session_id"))
                        .to("session", ("tenant_id", "id")),
                )
                .to_owned(),
        )
        .await
}

async fn invitations_and_keys(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("invitation")
                .col(tenant_id())
                .col(id())
                .col(ColumnDef::new("email").string_len(254).not_null())
                .col(ColumnDef::new("role").string_len(32).not_null())
                .col(ColumnDef::new("facility_ids").json().not_null())
                // Absent until the mail is made: the secret exists only in the mail.
                .col(ColumnDef::new("token_hash").binary())
                .col(moment("created_at").not_null())
                .col(moment("expires_at").not_null())
                .col(moment("accepted_at"))
                .col(moment("revoked_at"))
                .primary_key(Index::create().col("tenant_id").col("id"))
                .to_owned(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table("api_key")
                .col(tenant_id())
                .col(id())
                .col(ColumnDef::new("name").string_len(200).not_null())
                .col(ColumnDef::new("prefix").string_len(16).not_null())
                .col(ColumnDef::new("secret_hash").binary().not_null())
                .col(ColumnDef::new("scopes").json().not_null())
                .col(ColumnDef::new("facility_id").uuid())
                .col(moment("created_at").not_null())
                .col(moment("last_used_at"))
                .col(moment("revoked_at"))
                .primary_key(Index::create().col("tenant_id").col("id"))
                .foreign_key(
                    ForeignKey::create()
                        .from("api_key", ("tenant_id", "facility_id"))
                        .to("facility", ("tenant_id", "id")),
                )
                .to_owned(),
        )
        .await
}

/// Gives the platform its audit chain.
async fn found_platform(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    if manager.get_database_backend() == DatabaseBackend::Postgres {
        // The owner is bound by row-level security too.
        run(manager, &["SELECT set_config('app.platform', 'on', true)"]).await?;
    }
    let (nil, genesis) = match manager.get_database_backend() {
        DatabaseBackend::Postgres => (
            format!("'{}'::uuid", "00000000-0000-0000-0000-000000000000"),
            "decode(repeat('00', 32), 'hex')",
        ),
        _ => (format!("x'{}'", "00".repeat(16)), "zeroblob(32)"),
    };
    run(
        manager,
        &[&format!(
            "INSERT INTO tenant_head (tenant_id, change_sequence, audit_sequence, audit_hash) VALUES ({nil}, 0, 0, {genesis})"
        )],
    )
    .await
}

/// A tenant's transaction sees its own members' accounts and its own name; it may add an account for
/// somebody who accepts an invitation, and change none.
async fn isolate_people(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    if manager.get_database_backend() != DatabaseBackend::Postgres {
        return Ok(());
    }
    manager
        .get_connection()
        .execute_unprepared(
            "ALTER TABLE tenant ENABLE ROW LEVEL SECURITY;
             ALTER TABLE tenant FORCE ROW LEVEL SECURITY;
             CREATE POLICY tenant_isolation ON tenant USING (
                 id = NULLIF(current_setting('app.tenant_id', true), '')::uuid
                 OR current_setting('app.platform', true) = 'on'
             );
             ALTER TABLE user_account ENABLE ROW LEVEL SECURITY;
             ALTER TABLE user_account FORCE ROW LEVEL SECURITY;
             CREATE POLICY member_accounts ON user_account FOR SELECT USING (
                 current_setting('app.platform', true) = 'on'
                 OR EXISTS (SELECT 1 FROM membership WHERE membership.user_id = user_account.id
                            AND membership.tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid)
             );
             CREATE POLICY new_accounts ON user_account FOR INSERT WITH CHECK (
                 current_setting('app.platform', true) = 'on'
                 OR NULLIF(current_setting('app.tenant_id', true), '') IS NOT NULL
             );
             CREATE POLICY platform_changes ON user_account FOR UPDATE USING (current_setting('app.platform', true) = 'on');",
        )
        .await?;
    Ok(())
}
