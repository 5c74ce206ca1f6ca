//! One tenant's transaction sees, and changes, nothing of another's.

use std::time::Duration;

use crate::support::{Db, id, later, now, on_both, on_postgres, texts};
use domain::{
    Actor, FacilityId, FacilityScope, Role, SessionId, UserId,
    change::{Change, ChangeTopic},
};
use sea_orm::{ConnectionTrait, Database, DatabaseBackend, Statement, TransactionTrait};
use store::{
    AccountRow, FacilityRow, FeedSignal, NewMember, RefreshTokenRow, Store, StoreError, StoreOptions,
};

/// Far longer than any signal takes.
const PATIENCE: Duration = Duration::from_secs(30);

fn facility(code: &str) -> FacilityRow {
    FacilityRow {
        id: FacilityId::from_uuid(id()),
        name: format!("Facility {code}"),
        code: code.to_owned(),
        report_email: None,
        created_at: now(),
    }
}

async fn with_facility(db: &Db, code: &str) -> (Actor, FacilityRow) {
    let actor = db.tenant().await;
    let row = facility(code);
    let tx = db.store.begin(&actor).await.unwrap();
    tx.insert_facility(&row).await.unwrap();
    tx.commit().await.unwrap();
    (actor, row)
}

async fn with_member(db: &Db) -> (Actor, UserId) {
    let actor = db.tenant().await;
    let account = AccountRow {
        id: UserId::from_uuid(id()),
        email: format!("{}@example.org", id().simple()),
        name: "Ada Reader".to_owned(),
        password_hash: "$argon2id$".to_owned(),
        created_at: now(),
    };
    let tx = db.store.begin(&actor).await.unwrap();
    tx.insert_account(&account).await.unwrap();
    let member = NewMember {
        user: account.id,
        role: Role::Radiologist,
        facilities: Vec::new(),
    };
    tx.insert_member(&member, now()).await.unwrap();
    tx.commit().await.unwrap();
    (actor, account.id)
}

#[tokio::test]
async fn the_same_code_in_two_tenants_is_two_facilities() {
    on_both(async |db| {
        let (ours, our_facility) = with_facility(db, "WEST").await;
        let (theirs, their_facility) = with_facility(db, "WEST").await;
        let tx = db.store.read(&ours).await.unwrap();
        assert_eq!(tx.facilities(&FacilityScope::All).await.unwrap(), [our_facility]);
        assert_eq!(tx.facility(their_facility.id).await.unwrap(), None);
        drop(tx);
        let tx = db.store.begin(&theirs).await.unwrap();
        let again = tx.insert_facility(&facility("WEST")).await.unwrap_err();
        assert!(again.is_unique_violation(), "{again}");
    })
    .await;
}

#[tokio::test]
async fn a_scope_of_no_facilities_shows_none() {
    on_both(async |db| {
        let (actor, row) = with_facility(db, "WEST").await;
        let tx = db.store.read(&actor).await.unwrap();
        assert_eq!(tx.facilities(&FacilityScope::Only(Vec::new())).await.unwrap(), []);
        assert_eq!(
            tx.facilities(&FacilityScope::Only(vec![row.id])).await.unwrap(),
            [row]
        );
    })
    .await;
}

#[tokio::test]
async fn a_person_is_unknown_and_untouchable_where_they_are_no_member() {
    on_both(async |db| {
        let ((ours, user), theirs) = (with_member(db).await, db.tenant().await);
        let names = db
            .store
            .read(&ours)
            .await
            .unwrap()
            .user_names(&[user])
            .await
            .unwrap();
        assert_eq!(names.get(&user).map(String::as_str), Some("Ada Reader"));
        let tx = db.store.begin(&theirs).await.unwrap();
        assert!(tx.user_names(&[user]).await.unwrap().is_empty());
        assert_eq!(tx.account(user).await.unwrap(), None);
        assert_eq!(tx.member(user).await.unwrap(), None);
        let refused = tx.set_member_disabled(user, Some(now())).await.unwrap_err();
        assert!(matches!(
            refused,
            StoreError::RowsAffected {
                table: "membership",
                changed: 0
            }
        ));
    })
    .await;
}

#[tokio::test]
async fn of_many_who_use_one_refresh_token_one_succeeds() {
    on_both(async |db| {
        let (actor, user) = with_member(db).await;
        let session = SessionId::from_uuid(id());
        let token = RefreshTokenRow {
            id: id(),
            session,
            token_hash: [7; 32],
            issued_at: now(),
            expires_at: later(3600),
            used_at: None,
        };
        let tx = db.store.begin(&actor).await.unwrap();
        tx.insert_session(session, user, None, now()).await.unwrap();
        tx.insert_refresh_token(&token).await.unwrap();
        tx.commit().await.unwrap();
        let tries = (0..12).map(async |second| {
            let tx = db.store.begin(&actor).await.unwrap();
            let used = tx.use_refresh_token(token.id, later(second)).await.unwrap();
            tx.commit().await.unwrap();
            usize::from(used)
        });
        assert_eq!(
            futures_util::future::join_all(tries)
                .await
                .into_iter()
                .sum::<usize>(),
            1
        );
    })
    .await;
}

#[tokio::test]
async fn without_a_tenant_row_level_security_shows_nothing() {
    on_postgres(async |db| {
        let (actor, _) = with_facility(db, "WEST").await;
        with_member(db).await;
        let program = Database::connect(&db.url).await.unwrap();
        let tables = texts(
            &db.owner,
            "SELECT table_name::text FROM information_schema.columns WHERE column_name = 'tenant_id' AND table_schema = 'public'
             UNION SELECT 'tenant' UNION SELECT 'user_account'",
        )
        .await;
        for table in &tables {
            let count = format!("SELECT count(*)::text FROM {table}");
            assert_eq!(texts(&program, &count).await, ["0"], "{table} without a tenant");
        }
        let tx = program.begin().await.unwrap();
        let set = format!("SELECT set_config('app.tenant_id', '{}', true)", actor.tenant().uuid());
        tx.execute_raw(Statement::from_string(DatabaseBackend::Postgres, set)).await.unwrap();
        for (table, rows) in [("facility", "1"), ("membership", "0"), ("user_account", "0"), ("tenant", "1")] {
            assert_eq!(texts(&tx, &format!("SELECT count(*)::text FROM {table}")).await, [rows], "{table}");
        }
        tx.rollback().await.unwrap();
        // The pooled connection keeps an empty setting, which must not count as a tenant.
        assert_eq!(texts(&program, "SELECT count(*)::text FROM facility").await, ["0"]);
    })
    .await;
}

#[tokio::test]
async fn row_level_security_refuses_a_row_for_another_tenant() {
    on_postgres(async |db| {
        let (ours, theirs) = (db.tenant().await, db.tenant().await);
        let program = Database::connect(&db.url).await.unwrap();
        let tx = program.begin().await.unwrap();
        let set = format!("SELECT set_config('app.tenant_id', '{}', true)", ours.tenant().uuid());
        tx.execute_raw(Statement::from_string(DatabaseBackend::Postgres, set)).await.unwrap();
        let insert = format!(
            "INSERT INTO facility (tenant_id, id, name, code, created_at) VALUES ('{}', '{}', 'x', 'X', now())",
            theirs.tenant().uuid(),
            id(),
        );
        let refused = tx.execute_unprepared(&insert).await.unwrap_err();
        assert!(refused.to_string().contains("row-level security"), "{refused}");
    })
    .await;
}

#[tokio::test]
async fn a_role_that_could_step_around_row_level_security_is_refused() {
    on_postgres(async |db| {
        let powerful = texts(
            &db.owner,
            "SELECT (rolsuper OR rolbypassrls)::text FROM pg_roles WHERE rolname = current_user",
        )
        .await;
        if powerful != ["true"] {
            return;
        }
        let owner = std::env::var("TELERAD_TEST_PG_OWNER_URL").unwrap();
        let refused = Store::connect(&StoreOptions::new(owner)).await.unwrap_err();
        assert!(
            matches!(refused, StoreError::RoleBypassesRowSecurity { .. }),
            "{refused}"
        );
    })
    .await;
}

#[tokio::test]
async fn another_process_hears_that_a_tenants_feed_grew() {
    on_both(async |db| {
        let actor = db.tenant().await;
        let neighbour = Store::connect(&StoreOptions::new(db.url.clone())).await.unwrap();
        let mut heard = neighbour.signals();
        let announced = async {
            loop {
                // Whoever listens hears what comes after it began to.
                let mut tx = db.store.begin(&actor).await.unwrap();
                tx.announce(Change {
                    topic: ChangeTopic::Case,
                    object: id(),
                    facility: None,
                });
                tx.commit().await.unwrap();
                let next = tokio::time::timeout(Duration::from_secs(2), heard.recv());
                if let Ok(Ok(FeedSignal::Changed(tenant))) = next.await {
                    return tenant;
                }
            }
        };
        let tenant = tokio::time::timeout(PATIENCE, announced)
            .await
            .expect("the other process hears of it");
        assert_eq!(tenant, actor.tenant());
    })
    .await;
}
