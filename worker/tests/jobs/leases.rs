//! Leases and their tokens: who holds one, who lost it, and what is left of a runner that died.

use std::time::Duration;

use app::jobs::{RunOutcome, Settled};
use domain::{
    FacilityScope,
    change::ChangeTopic,
    job::{Job, JobState},
};
use serde::{Deserialize, Serialize};
use store::Page;

const LEASE: Duration = Duration::from_secs(30);
const KINDS: &[&str] = &[Task::KIND];

#[derive(Debug, Serialize, Deserialize)]
struct Task {
    number: u32,
}

impl Job for Task {
    const KIND: &'static str = "test_task";
    const MAX_ATTEMPTS: u16 = 3;

    fn dedupe_key(&self) -> Option<String> {
        Some(self.number.to_string())
    }
}

#[tokio::test]
async fn a_leased_job_is_nobody_elses_until_its_lease_runs_out() {
    for bench in crate::bench::benches().await {
        let id = bench.enqueue(&Task { number: 1 }).await;
        let first = bench.app.lease_job(KINDS, LEASE).await.unwrap().unwrap();
        assert_eq!((first.id, first.attempt), (id, 1));
        assert!(
            bench.app.lease_job(KINDS, LEASE).await.unwrap().is_none(),
            "{}",
            bench.kind
        );

        bench.clock.advance(31);
        let second = bench.app.lease_job(KINDS, LEASE).await.unwrap().unwrap();
        assert_eq!((second.id, second.attempt), (id, 2), "{}", bench.kind);
        assert_ne!(second.token, first.token);
    }
}

#[tokio::test]
async fn a_heartbeat_keeps_the_lease_beyond_its_first_end() {
    for bench in crate::bench::benches().await {
        bench.enqueue(&Task { number: 1 }).await;
        let job = bench.app.lease_job(KINDS, LEASE).await.unwrap().unwrap();
        bench.clock.advance(20);
        assert!(bench.app.extend_job_lease(&job, LEASE).await.unwrap());
        bench.clock.advance(20);
        assert!(
            bench.app.lease_job(KINDS, LEASE).await.unwrap().is_none(),
            "{}",
            bench.kind
        );
    }
}

#[tokio::test]
async fn a_slow_runner_that_lost_its_lease_changes_nothing() {
    for bench in crate::bench::benches().await {
        let id = bench.enqueue(&Task { number: 1 }).await;
        let slow = bench.app.lease_job(KINDS, LEASE).await.unwrap().unwrap();
        bench.clock.advance(31);
        let quick = bench.app.lease_job(KINDS, LEASE).await.unwrap().unwrap();

        assert!(!bench.app.extend_job_lease(&slow, LEASE).await.unwrap());
        let fail = || RunOutcome::Fail {
            reason: "too late".to_owned(),
        };
        assert_eq!(
            bench.app.settle_job(&slow, fail()).await.unwrap(),
            Settled::LeaseLost
        );
        assert_eq!(
            bench.app.settle_job(&slow, RunOutcome::Done).await.unwrap(),
            Settled::LeaseLost
        );
        let running = bench.job(id).await;
        assert_eq!(
            (running.state, running.last_error),
            (JobState::Running, None),
            "{}",
            bench.kind
        );

        assert_eq!(
            bench.app.settle_job(&quick, RunOutcome::Done).await.unwrap(),
            Settled::Done
        );
        assert_eq!(
            bench.app.settle_job(&slow, fail()).await.unwrap(),
            Settled::LeaseLost
        );
        assert_eq!(bench.job(id).await.state, JobState::Done, "{}", bench.kind);
    }
}

#[tokio::test]
async fn a_job_whose_process_dies_in_every_run_is_buried_and_announced() {
    for bench in crate::bench::benches().await {
        let id = bench.enqueue(&Task { number: 1 }).await;
        for attempt in 1..=Task::MAX_ATTEMPTS {
            let job = bench.app.lease_job(KINDS, LEASE).await.unwrap().unwrap();
            assert_eq!(job.attempt, attempt);
            bench.clock.advance(31);
        }
        assert!(bench.app.lease_job(KINDS, LEASE).await.unwrap().is_none());
        let dead = bench.job(id).await;
        assert_eq!(dead.state, JobState::Dead, "{}", bench.kind);
        assert!(dead.last_error.is_some_and(|reason| reason.contains("3 runs")));

        let read = bench.app.store.read(&bench.actor).await.unwrap();
        let changes = read.changes_after(0, &FacilityScope::All, 100).await.unwrap();
        assert!(
            changes
                .iter()
                .any(|change| change.topic == ChangeTopic::Job && change.object == id.uuid())
        );
    }
}

#[tokio::test]
async fn one_of_a_key_waits_at_a_time_but_a_running_one_hinders_no_newcomer() {
    for bench in crate::bench::benches().await {
        bench.enqueue(&Task { number: 7 }).await;
        bench.enqueue(&Task { number: 7 }).await;
        let running = bench.app.lease_job(KINDS, LEASE).await.unwrap().unwrap();
        assert!(
            bench.app.lease_job(KINDS, LEASE).await.unwrap().is_none(),
            "the second was the first"
        );
        // What is queued now may concern what the running one has looked at already.
        let newcomer = bench.enqueue(&Task { number: 7 }).await;
        let retry = RunOutcome::Retry {
            reason: "again".to_owned(),
        };
        assert!(matches!(
            bench.app.settle_job(&running, retry).await.unwrap(),
            Settled::Again(_)
        ));
        assert_eq!(
            bench.job(newcomer).await.state,
            JobState::Queued,
            "{}",
            bench.kind
        );
        assert_eq!(
            bench.job(running.id).await.state,
            JobState::Queued,
            "{}",
            bench.kind
        );
    }
}

#[tokio::test]
async fn a_tenants_flood_does_not_starve_another_tenant() {
    for bench in crate::bench::benches().await {
        for number in 0..20 {
            bench.enqueue(&Task { number }).await;
        }
        let quiet = bench.app.create_tenant("quiet", "Quiet").await.unwrap();
        let quiet = domain::Actor::system(quiet.id, None);
        let now = bench.app.clock.now();
        let mut tx = bench.app.store.begin(&quiet).await.unwrap();
        tx.enqueue(bench.app.ids.next(), now, now, &Task { number: 1 })
            .await
            .unwrap();
        tx.commit().await.unwrap();

        let first = bench.app.lease_job(KINDS, LEASE).await.unwrap().unwrap();
        let second = bench.app.lease_job(KINDS, LEASE).await.unwrap().unwrap();
        assert_eq!(first.tenant, bench.actor.tenant(), "the oldest goes first");
        assert_eq!(
            second.tenant,
            quiet.tenant(),
            "{}: then who has nothing running",
            bench.kind
        );
    }
}

#[tokio::test]
async fn done_jobs_are_forgotten_after_a_week_and_dead_ones_never() {
    for bench in crate::bench::benches().await {
        let done = bench.enqueue(&Task { number: 1 }).await;
        let dead = bench.enqueue(&Task { number: 2 }).await;
        for outcome in [
            RunOutcome::Done,
            RunOutcome::Fail {
                reason: "no".to_owned(),
            },
        ] {
            let job = bench.app.lease_job(KINDS, LEASE).await.unwrap().unwrap();
            bench.app.settle_job(&job, outcome).await.unwrap();
        }
        assert_eq!(bench.app.prune_done_jobs().await.unwrap(), 0);
        bench.clock.advance(8 * 24 * 3600);
        assert_eq!(bench.app.prune_done_jobs().await.unwrap(), 1, "{}", bench.kind);
        let page = Page {
            first: 10,
            after: None,
        };
        let left = bench
            .app
            .store
            .read(&bench.actor)
            .await
            .unwrap()
            .jobs(None, &page)
            .await
            .unwrap();
        assert!(
            left.iter().all(|job| job.id == dead && job.id != done),
            "{}",
            bench.kind
        );
    }
}

#[tokio::test]
async fn a_slot_of_a_schedule_is_taken_once() {
    for bench in crate::bench::benches().await {
        let minute = Duration::from_secs(60);
        let takers = (0..10).map(|_| bench.app.take_schedule_slot("sweep", minute));
        let taken = futures_util::future::try_join_all(takers).await.unwrap();
        // The minute may turn while they ask.
        let times = taken.iter().filter(|taken| **taken).count();
        assert!((1..=2).contains(&times), "{}: {times}", bench.kind);
        bench.clock.advance(60);
        assert!(
            bench.app.take_schedule_slot("sweep", minute).await.unwrap(),
            "{}",
            bench.kind
        );
    }
}
