//! What every table with a tenant must look like, whoever adds it.

use crate::support::{Db, on_both, on_postgres};

/// Keys and indexes that do not begin with the tenant, and why they may not.
const PLATFORM_INDEXES: &[(&str, &str)] = &[
    ("job_due", "the runner leases jobs of all tenants"),
    ("membership_by_user", "sign-in looks for a person's tenants"),
];

/// Index name and its first column, of every table with a tenant.
async fn first_columns(db: &Db) -> Vec<(String, String)> {
    let lines = if db.is_postgres() {
        db.texts(
            "SELECT i.relname || ' ' || (SELECT attname FROM pg_attribute WHERE attrelid = t.oid AND attnum = x.indkey[0])
                    || CASE WHEN x.indisprimary AND x.indnatts = 1 THEN ' primary' ELSE '' END
             FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
             JOIN pg_namespace n ON n.oid = t.relnamespace AND n.nspname = 'public'
             WHERE EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = t.oid AND attname = 'tenant_id')",
        )
        .await
    } else {
        db.texts(
            "SELECT i.name || ' ' || (SELECT c.name FROM pragma_index_info(i.name) c WHERE c.seqno = 0)
                    || CASE WHEN i.origin = 'pk' AND (SELECT count(*) FROM pragma_index_info(i.name)) = 1 THEN ' primary' ELSE '' END
             FROM sqlite_master t JOIN pragma_index_list(t.name) i
             WHERE t.type = 'table' AND EXISTS (SELECT 1 FROM pragma_table_info(t.name) c WHERE c.name = 'tenant_id')",
        )
        .await
    };
    lines
        .iter()
        // A key of one UUIDv7 column is nobody's to guess and unique anyway.
        .filter(|line| !line.ends_with("id primary"))
        .map(|line| {
            let mut words = line.split(' ');
            (
                words.next().unwrap_or_default().to_owned(),
                words.next().unwrap_or_default().to_owned(),
            )
        })
        .collect()
}

#[tokio::test]
async fn every_key_and_index_of_a_tenants_table_begins_with_the_tenant() {
    on_both(async |db| {
        let indexes = first_columns(db).await;
        assert!(indexes.len() > 15, "the query finds the indexes: {indexes:?}");
        for (index, first) in &indexes {
            let excused = PLATFORM_INDEXES.iter().any(|(name, _)| name == index);
            assert!(first == "tenant_id" || excused, "{index} begins with {first}");
        }
        for (name, why) in PLATFORM_INDEXES {
            assert!(
                indexes.iter().any(|(index, _)| index == name),
                "{name} ({why}) is excused but does not exist"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn every_tenants_table_is_under_forced_row_level_security() {
    on_postgres(async |db| {
        let bare = db
            .texts(
                "SELECT t.relname::text FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace AND n.nspname = 'public'
                 WHERE t.relkind = 'r' AND NOT (t.relrowsecurity AND t.relforcerowsecurity)
                 AND (t.relname IN ('tenant', 'user_account')
                      OR EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = t.oid AND attname = 'tenant_id'))",
            )
            .await;
        assert_eq!(bare, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn the_program_owns_nothing() {
    on_postgres(async |db| {
        let owned = db
            .texts("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' AND tableowner <> current_user")
            .await;
        assert_eq!(owned, Vec::<String>::new(), "all tables are the owner's");
    })
    .await;
}
