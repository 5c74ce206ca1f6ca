//! What several migrations need: tenant tables and their row-level security.

use std::collections::BTreeMap;

use sea_orm_migration::{
    prelude::*,
    sea_orm::{DatabaseBackend, Statement},
};

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
        if !postgres {
            refuse_replacing(manager, table).await?;
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

/// `INSERT OR REPLACE` removes the row that is in its way without asking the triggers of a removal, so SQLite is
/// to ask before an insert.
async fn refuse_replacing(manager: &SchemaManager<'_>, table: &str) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    let keys = format!(
        "SELECT list.name AS key, info.name AS part FROM pragma_index_list('{table}') AS list,
         pragma_index_info(list.name) AS info WHERE list.\"unique\" AND NOT list.partial ORDER BY list.name, info.seqno"
    );
    let mut same: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in connection
        .query_all_raw(Statement::from_string(DatabaseBackend::Sqlite, keys))
        .await?
    {
        let (key, part): (String, String) = (row.try_get("", "key")?, row.try_get("", "part")?);
        same.entry(key).or_default().push(format!("{part} = NEW.{part}"));
    }
    let is_there: Vec<String> = same.values().map(|parts| parts.join(" AND ")).collect();
    let statement = format!(
        "CREATE TRIGGER {table}_refuses_replace BEFORE INSERT ON {table}
         WHEN EXISTS (SELECT 1 FROM {table} WHERE {})
         BEGIN SELECT RAISE(ABORT, 'rows of {table} are written once'); END",
        is_there.join(" OR ")
    );
    connection.execute_unprepared(&statement).await?;
    Ok(())
}
