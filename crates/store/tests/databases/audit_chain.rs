//! The audit trail shows what was done to it.

use crate::support::{Db, later, on_both, on_postgres};
use domain::{Actor, audit::AuditEvent};
use store::ChainVerdict;

async fn record(db: &Db, actor: &Actor, events: i64) {
    for second in 0..events {
        let mut tx = db.store.begin(actor).await.unwrap();
        tx.audit(AuditEvent::of(
            actor,
            later(second),
            "case.claim",
            format!("case {second}"),
        ));
        tx.audit(AuditEvent::of(actor, later(second), "case.release", format!("case {second}")).denied());
        tx.commit().await.unwrap();
    }
}

async fn verdict(db: &Db, actor: &Actor) -> ChainVerdict {
    db.store
        .read(actor)
        .await
        .unwrap()
        .verify_audit_trail()
        .await
        .unwrap()
}

#[tokio::test]
async fn an_untouched_trail_is_intact() {
    on_both(async |db| {
        let (ours, theirs) = (db.tenant().await, db.tenant().await);
        record(db, &ours, 3).await;
        record(db, &theirs, 1).await;
        assert_eq!(
            verdict(db, &ours).await,
            ChainVerdict {
                events: 6,
                first_broken: None
            }
        );
        assert_eq!(
            verdict(db, &theirs).await,
            ChainVerdict {
                events: 2,
                first_broken: None
            }
        );
    })
    .await;
}

#[tokio::test]
async fn an_edited_removed_or_cut_off_row_is_found() {
    on_both(async |db| {
        let edits = [
            (
                "UPDATE audit_event SET actor_name = 'somebody else' WHERE sequence = 3",
                3,
            ),
            ("UPDATE audit_event SET outcome = 'SUCCESS' WHERE sequence = 4", 4),
            ("UPDATE audit_event SET detail = '' WHERE sequence = 5", 5),
            ("DELETE FROM audit_event WHERE sequence = 2", 2),
            ("DELETE FROM audit_event WHERE sequence = 1", 1),
            ("DELETE FROM audit_event WHERE sequence > 4", 5),
            ("DELETE FROM audit_event WHERE sequence > 0", 1),
        ];
        for (edit, first_broken) in edits {
            let actor = db.tenant().await;
            record(db, &actor, 3).await;
            db.as_owner(&format!("{edit} AND tenant_id = {}", db.literal(actor.tenant())))
                .await;
            assert_eq!(
                verdict(db, &actor).await.first_broken,
                Some(first_broken),
                "{edit}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn two_rows_that_change_places_are_found() {
    on_both(async |db| {
        let actor = db.tenant().await;
        record(db, &actor, 3).await;
        for (from, to) in [(2, 1000), (3, 2), (1000, 3)] {
            let tenant = db.literal(actor.tenant());
            let swap = format!(
                "UPDATE audit_event SET sequence = {to} WHERE sequence = {from} AND tenant_id = {tenant}"
            );
            db.as_owner(&swap).await;
        }
        assert_eq!(verdict(db, &actor).await.first_broken, Some(2));
    })
    .await;
}

#[tokio::test]
async fn concurrent_commits_leave_one_chain_without_gaps() {
    on_both(async |db| {
        let actor = db.tenant().await;
        let writers = (0..8).map(|_| record(db, &actor, 5));
        futures_util::future::join_all(writers).await;
        assert_eq!(
            verdict(db, &actor).await,
            ChainVerdict {
                events: 80,
                first_broken: None
            }
        );
    })
    .await;
}

#[tokio::test]
async fn the_program_itself_cannot_edit_the_trail() {
    on_postgres(async |db| {
        let actor = db.tenant().await;
        record(db, &actor, 1).await;
        let program = sea_orm::Database::connect(&db.url).await.unwrap();
        for edit in ["UPDATE audit_event SET detail = ''", "DELETE FROM audit_event"] {
            let refused = sea_orm::ConnectionTrait::execute_unprepared(&program, edit)
                .await
                .unwrap_err();
            assert!(
                refused.to_string().contains("permission denied"),
                "{edit}: {refused}"
            );
        }
    })
    .await;
}
