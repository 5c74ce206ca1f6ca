//! Checkpoints outside the database find what the chain inside it cannot.

use adapters::tokens::EdDsaTokens;
use app::ports::{ObjectKey, TrailSeal as _};
use domain::audit::{AuditAction, AuditEvent, Checkpoint};

use crate::bench::{Bench, benches};

impl Bench {
    async fn record(&self, events: usize) {
        for _ in 0..events {
            let mut tx = self.app.store.begin(&self.actor).await.unwrap();
            let now = self.app.clock.now();
            tx.audit(AuditEvent::of(&self.actor, now, AuditAction::CaseView, "case"));
            tx.commit().await.unwrap();
        }
    }

    async fn head(&self) -> i64 {
        let read = self.app.store.read(&self.actor).await.unwrap();
        read.audit_head().await.unwrap().unwrap().0
    }

    /// Cuts `rows` off the end and sets the head back, so that the chain looks whole.
    async fn cut(&self, rows: i64) {
        let last = self.head().await - rows;
        self.database.lift_write_once("audit_event").await.unwrap();
        for change in [
            format!("DELETE FROM audit_event WHERE sequence > {last}"),
            format!(
                "UPDATE tenant_head SET audit_sequence = {last}, audit_hash = (SELECT hash FROM audit_event WHERE \
                 sequence = {last} AND audit_event.tenant_id = tenant_head.tenant_id) WHERE audit_sequence > {last}"
            ),
        ] {
            self.database.as_owner(&change).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_trail_and_its_checkpoints_agree_and_one_is_made_only_when_it_has_grown() {
    for bench in benches().await {
        bench.record(3).await;
        assert_eq!(bench.app.checkpoint_trails().await.unwrap(), 1, "{}", bench.kind);
        let reached = bench.head().await;
        assert_eq!(bench.app.checkpoint_trails().await.unwrap(), 0, "{}", bench.kind);
        let verdict = bench.app.verify_audit_trail(&bench.actor).await.unwrap();
        assert!(verdict.is_intact(), "{}: {verdict:?}", bench.kind);
        assert_eq!(verdict.anchors.compared, 1);
        assert_eq!(verdict.anchors.newest.unwrap().0, reached);
        // That somebody verified is a row, which the next checkpoint covers.
        assert_eq!(bench.app.checkpoint_trails().await.unwrap(), 1, "{}", bench.kind);
    }
}

#[tokio::test]
async fn a_cut_tail_under_a_head_that_was_set_back_contradicts_a_checkpoint_for_ever() {
    for bench in benches().await {
        bench.record(5).await;
        bench.app.checkpoint_trails().await.unwrap();
        let reached = bench.head().await;
        bench.cut(2).await;

        let verdict = bench.app.verify_audit_trail(&bench.actor).await.unwrap();
        assert_eq!(
            verdict.chain.first_broken, None,
            "{}: the chain alone is whole",
            bench.kind
        );
        assert_eq!(
            verdict.anchors.first_contradicted,
            Some(reached),
            "{}",
            bench.kind
        );
        assert!(!verdict.is_intact());

        // Grown again beyond the old end, it is still another trail, and gets no checkpoint.
        bench.record(5).await;
        assert_eq!(bench.app.checkpoint_trails().await.unwrap(), 0, "{}", bench.kind);
        let verdict = bench.app.verify_audit_trail(&bench.actor).await.unwrap();
        assert_eq!(
            verdict.anchors.first_contradicted,
            Some(reached),
            "{}",
            bench.kind
        );
    }
}

#[tokio::test]
async fn a_checkpoint_of_another_key_another_place_or_another_tenant_is_not_ours() {
    for bench in benches().await {
        bench.record(1).await;
        bench.app.checkpoint_trails().await.unwrap();
        let (tenant, now) = (bench.actor.tenant(), bench.app.clock.now());
        let foreign = EdDsaTokens::from_seed(&[9; 32]).unwrap();
        let other = bench.app.create_tenant("other", "Other").await.unwrap().id;
        let stated = |tenant, sequence| Checkpoint::new(tenant, sequence, &[1; 32], now);
        for sealed in [
            foreign.seal(&stated(tenant, 900)).unwrap(),
            bench.app.seal.seal(&stated(tenant, 1)).unwrap(),
            bench.app.seal.seal(&stated(other, 900)).unwrap(),
            "nonsense".to_owned(),
        ] {
            let key = ObjectKey::checkpoint(tenant, 900, bench.app.ids.next());
            bench.app.blobs.put(&key, sealed.into()).await.unwrap();
        }
        let verdict = bench.app.verify_audit_trail(&bench.actor).await.unwrap();
        assert_eq!(
            (verdict.anchors.compared, verdict.anchors.unreadable),
            (5, 4),
            "{}",
            bench.kind
        );
        assert!(!verdict.is_intact());
    }
}
