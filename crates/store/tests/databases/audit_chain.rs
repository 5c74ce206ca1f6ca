//! The audit trail shows what was done to it.

use crate::support::{Db, id, later, on_both, on_postgres};
use domain::{
    Actor, CaseId,
    audit::{AuditAction, AuditEvent},
};
use store::{AuditFilter, ChainVerdict, Page};

async fn record(db: &Db, actor: &Actor, events: i64) {
    for second in 0..events {
        let mut tx = db.store.begin(actor).await.unwrap();
        tx.audit(AuditEvent::of(
            actor,
            later(second),
            AuditAction::CaseClaim,
            format!("case {second}"),
        ));
        tx.audit(
            AuditEvent::of(
                actor,
                later(second),
                AuditAction::CaseRelease,
                format!("case {second}"),
            )
            .denied(),
        );
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
        db.lift_write_once("audit_event").await;
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
        db.lift_write_once("audit_event").await;
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

#[tokio::test]
async fn the_database_refuses_its_owner_to_change_or_remove_a_row() {
    on_both(async |db| {
        let actor = db.tenant().await;
        record(db, &actor, 1).await;
        let mut changes = vec!["UPDATE audit_event SET detail = ''", "DELETE FROM audit_event"];
        if db.is_postgres() {
            changes.push("TRUNCATE audit_event");
        } else {
            changes.push("INSERT OR REPLACE INTO audit_event SELECT * FROM audit_event");
            changes.push("REPLACE INTO audit_event SELECT * FROM audit_event LIMIT 1");
        }
        for change in changes {
            let refused = db.try_as_owner(change).await.unwrap_err();
            assert!(refused.contains("written once"), "{change}: {refused}");
        }
        assert_eq!(verdict(db, &actor).await.first_broken, None);
    })
    .await;
}

#[tokio::test]
async fn a_row_behind_the_head_is_found() {
    on_both(async |db| {
        let actor = db.tenant().await;
        record(db, &actor, 3).await;
        let tenant = db.literal(actor.tenant());
        db.as_owner(&format!(
            "UPDATE tenant_head SET audit_sequence = 4, audit_hash = (SELECT hash FROM audit_event WHERE sequence = 4 \
             AND tenant_id = {tenant}) WHERE tenant_id = {tenant}"
        ))
        .await;
        assert_eq!(verdict(db, &actor).await.first_broken, Some(5));
    })
    .await;
}

#[tokio::test]
async fn a_cut_tail_under_a_head_that_was_set_back_is_whole_to_the_chain_alone() {
    on_both(async |db| {
        db.lift_write_once("audit_event").await;
        let actor = db.tenant().await;
        record(db, &actor, 3).await;
        let tenant = db.literal(actor.tenant());
        db.as_owner(&format!("DELETE FROM audit_event WHERE sequence > 4 AND tenant_id = {tenant}"))
            .await;
        db.as_owner(&format!(
            "UPDATE tenant_head SET audit_sequence = 4, audit_hash = (SELECT hash FROM audit_event WHERE sequence = 4 \
             AND tenant_id = {tenant}) WHERE tenant_id = {tenant}"
        ))
        .await;
        // Which is why checkpoints stand outside the database.
        assert_eq!(verdict(db, &actor).await.first_broken, None);
    })
    .await;
}

#[tokio::test]
async fn the_trail_is_found_by_who_what_about_when_and_whether_refused() {
    on_both(async |db| {
        let (actor, stranger) = (db.tenant().await, db.tenant().await);
        let case = CaseId::from_uuid(id());
        let event = |second, action| AuditEvent::of(&actor, later(second), action, case);
        let mut tx = db.store.begin(&actor).await.unwrap();
        tx.audit(AuditEvent {
            actor_name: "Änne 100% Reader".to_owned(),
            ..event(0, AuditAction::CaseClaim).case(case)
        });
        tx.audit(event(10, AuditAction::CaseView).denied());
        tx.audit(
            AuditEvent::of(&actor, later(20), AuditAction::CaseList, "list").detail(format!("new: {case}")),
        );
        tx.audit(AuditEvent::of(&actor, later(30), AuditAction::SignIn, "session"));
        tx.commit().await.unwrap();
        record(db, &stranger, 1).await;

        let found = async |filter: AuditFilter| {
            let page = Page {
                first: 10,
                after: None,
            };
            let read = db.store.read(&actor).await.unwrap();
            let rows = read.audit_trail(&filter, &page).await.unwrap();
            rows.iter().map(|row| row.sequence).collect::<Vec<_>>()
        };
        let all = AuditFilter::default;
        assert_eq!(found(all()).await, [4, 3, 2, 1]);
        let by_name = |name: &str| AuditFilter {
            actor: Some(name.to_owned()),
            ..all()
        };
        assert_eq!(found(by_name("100% reader")).await, [1]);
        assert_eq!(
            found(by_name("1__")).await,
            [0; 0],
            "letters of a pattern are letters"
        );
        assert_eq!(found(by_name("system")).await, [4, 3, 2, 1], "a whole id");
        let about = AuditFilter {
            about: vec![case.to_string()],
            cases: vec![case],
            ..all()
        };
        assert_eq!(found(about).await, [3, 2, 1]);
        let refused = AuditFilter {
            refused_only: true,
            ..all()
        };
        assert_eq!(found(refused).await, [2]);
        let actions = AuditFilter {
            actions: vec![AuditAction::SignIn, AuditAction::CaseClaim],
            ..all()
        };
        assert_eq!(found(actions).await, [4, 1]);
        let between = AuditFilter {
            from: Some(later(10)),
            before: Some(later(30)),
            ..all()
        };
        assert_eq!(found(between).await, [3, 2]);
    })
    .await;
}
