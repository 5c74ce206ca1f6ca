//! What several migrations need: tenant tables and their row-level security.

use sea_orm_migration::{prelude::*, sea_orm::DatabaseBackend};

/// A column that names the tenant a row belongs to.
pub fn tenant_id() -> ColumnDef {
    ColumnDef::new("tenant_id").uuid().not_null().take()
}

/// Puts `tables` under row-level security on PostgreSQL: a transaction sees the rows of the tenant in
/// `app.tenant_id`, or, when it said it works for the platform, all.
///
/// After a commit the setting reads as `''` on a pooled connection, not as NULL, hence NULLIF.
pub async fn isolate_tenants(manager: &SchemaManager<'_>, tables: &[&str]) -> Result<(), DbErr> {
    if manager.get_database_backend() != DatabaseBackend::Postgres {
        return Ok(());
    }
    for table in tables {
        manager
            .get_connection()
            .execute_unprepared(&format!(
                "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
                 ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
                 CREATE POLICY tenant_isolation ON {table} USING (
                     tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid
                     OR current_setting('app.platform', true) = 'on'
                 );"
            ))
            .await?;
    }
    Ok(())
}

/// Runs statements that both databases understand, one after the other.
pub async fn run(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    for statement in statements {
        manager.get_connection().execute_unprepared(statement).await?;
    }
    Ok(())
}

/// Lets the database itself refuse to change or remove rows of `tables`, whoever asks.
pub async fn write_once(manager: &SchemaManager<'_>, tables: &[&str]) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    let postgres = manager.get_database_backend() == DatabaseBackend::Postgres;
    if postgres {
        connection
            .execute_unprepared(
                "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
                 BEGIN RAISE EXCEPTION 'rows of % are written once', TG_TABLE_NAME; END $$;",
            )
            .await?;
    }
    for table in tables {
        for change in ["UPDATE", "DELETE"] {
            let body = if postgres {
                "FOR EACH ROW EXECUTE FUNCTION refuse_change()".to_owned()
            } else {
                format!("BEGIN SELECT RAISE(ABORT, 'rows of {table} are written once'); END")
            };
            let trigger = format!("{table}_refuses_{}", change.to_lowercase());
            connection
                .execute_unprepared(&format!(
                    "CREATE TRIGGER {trigger} BEFORE {change} ON {table} {body}"
                ))
                .await?;
        }
        if postgres {
            // Rows that are removed all at once meet no trigger of a row.
            connection
                .execute_unprepared(&format!(
                    "CREATE TRIGGER {table}_refuses_truncate BEFORE TRUNCATE ON {table}
                     FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
                ))
                .await?;
        }
    }
    Ok(())
}
