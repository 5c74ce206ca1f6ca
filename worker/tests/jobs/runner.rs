//! The runner with real jobs on real databases: what runs, how often, and how it stops.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use crate::bench::Bench;
use domain::job::{Job, JobState};
use serde::{Deserialize, Serialize};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use worker::{JobContext, JobError, Registry, Runner, RunnerSettings};

#[derive(Debug, Serialize, Deserialize)]
struct Task {
    number: u32,
}

impl Job for Task {
    const KIND: &'static str = "test_task";
    const MAX_ATTEMPTS: u16 = 2;
}

/// A runner at work; it stops in good order when asked.
struct Working {
    stop: CancellationToken,
    ended: JoinHandle<()>,
}

impl Working {
    fn start(bench: &Bench, registry: Registry, settings: RunnerSettings) -> Self {
        let stop = CancellationToken::new();
        let ended = tokio::spawn(Runner::new(bench.app.clone(), registry, settings).run(stop.clone()));
        Self { stop, ended }
    }

    async fn stop(self) {
        self.stop.cancel();
        self.ended.await.unwrap();
    }
}

fn quick() -> RunnerSettings {
    RunnerSettings {
        slots: 4,
        lease: Duration::from_secs(2),
        poll: Duration::from_millis(200),
        grace: Duration::from_millis(200),
    }
}

fn counting(runs: &Arc<AtomicU32>) -> Registry {
    let runs = Arc::clone(runs);
    Registry::new().with(move |_: JobContext, _: Task| {
        runs.fetch_add(1, Ordering::SeqCst);
        async { Ok(()) }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_runners_job_is_run_again_exactly_once_more() {
    for bench in crate::bench::benches().await {
        let id = bench.enqueue(&Task { number: 1 }).await;
        // What SIGKILL leaves behind: a committed lease that nobody will settle.
        let lost = bench
            .app
            .lease_job(&[Task::KIND], Duration::from_millis(300))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(lost.id, id);

        let runs = Arc::new(AtomicU32::new(0));
        let working = Working::start(&bench, counting(&runs), quick());
        let done = bench.job_when(id, |job| job.state == JobState::Done).await;
        working.stop().await;
        assert_eq!(done.attempts, 2, "{}: the killed run and one more", bench.kind);
        assert_eq!(runs.load(Ordering::SeqCst), 1, "{}", bench.kind);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_runners_run_each_job_once_and_none_twice_at_a_time() {
    const JOBS: u32 = 60;
    for bench in crate::bench::benches().await {
        let running: Arc<Mutex<HashSet<u32>>> = Arc::default();
        let runs: Arc<Mutex<HashMap<u32, u32>>> = Arc::default();
        let twice = Arc::new(AtomicBool::new(false));
        let registry = || {
            let (running, runs, twice) = (Arc::clone(&running), Arc::clone(&runs), Arc::clone(&twice));
            Registry::new().with(move |_: JobContext, task: Task| {
                let (running, runs, twice) = (Arc::clone(&running), Arc::clone(&runs), Arc::clone(&twice));
                async move {
                    if !running.lock().unwrap().insert(task.number) {
                        twice.store(true, Ordering::SeqCst);
                    }
                    *runs.lock().unwrap().entry(task.number).or_default() += 1;
                    tokio::task::yield_now().await;
                    running.lock().unwrap().remove(&task.number);
                    Ok(())
                }
            })
        };
        let long = RunnerSettings {
            lease: Duration::from_secs(60),
            ..quick()
        };
        let workers = [0, 1].map(|_| Working::start(&bench, registry(), long.clone()));
        let mut ids = Vec::new();
        for number in 0..JOBS {
            ids.push(bench.enqueue(&Task { number }).await);
        }
        for id in ids {
            bench.job_when(id, |job| job.state == JobState::Done).await;
        }
        for working in workers {
            working.stop().await;
        }
        assert!(
            !twice.load(Ordering::SeqCst),
            "{}: a job ran twice at a time",
            bench.kind
        );
        let runs = runs.lock().unwrap();
        assert_eq!(runs.len() as u32, JOBS, "{}", bench.kind);
        assert!(runs.values().all(|times| *times == 1), "{}: {runs:?}", bench.kind);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_keeps_failing_ends_dead_and_can_be_retried() {
    for bench in crate::bench::benches().await {
        let broken = Arc::new(AtomicBool::new(true));
        let registry = {
            let broken = Arc::clone(&broken);
            Registry::new().with(move |_: JobContext, _: Task| {
                let fails = broken.load(Ordering::SeqCst);
                async move {
                    if fails {
                        Err(JobError::Retry {
                            reason: "the printer is on fire".to_owned(),
                        })
                    } else {
                        Ok(())
                    }
                }
            })
        };
        let id = bench.enqueue(&Task { number: 1 }).await;
        let working = Working::start(&bench, registry, quick());
        let dead = bench.job_when(id, |job| job.state == JobState::Dead).await;
        assert_eq!(dead.attempts, i32::from(Task::MAX_ATTEMPTS), "{}", bench.kind);
        assert_eq!(dead.last_error.as_deref(), Some("the printer is on fire"));

        broken.store(false, Ordering::SeqCst);
        bench.app.retry_job(&bench.actor, id).await.unwrap();
        let done = bench.job_when(id, |job| job.state == JobState::Done).await;
        assert_eq!(done.last_error, None, "{}", bench.kind);
        assert!(
            bench.app.retry_job(&bench.actor, id).await.is_err(),
            "only a dead job can be retried"
        );
        working.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_that_fails_for_good_is_not_run_again() {
    for bench in crate::bench::benches().await {
        let registry = Registry::new().with(async |_: JobContext, _: Task| {
            Err(JobError::Fail {
                reason: "never".to_owned(),
            })
        });
        let id = bench.enqueue(&Task { number: 1 }).await;
        let working = Working::start(&bench, registry, quick());
        let dead = bench.job_when(id, |job| job.state == JobState::Dead).await;
        assert_eq!(dead.attempts, 1, "{}", bench.kind);
        working.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_is_a_failed_run_and_the_runner_goes_on() {
    for bench in crate::bench::benches().await {
        let registry = Registry::new().with(async |_: JobContext, task: Task| {
            assert!(task.number != 13, "a handler's bug");
            Ok(())
        });
        let unlucky = bench.enqueue(&Task { number: 13 }).await;
        let working = Working::start(&bench, registry, quick());
        let failed = bench.job_when(unlucky, |job| job.last_error.is_some()).await;
        assert_eq!(
            failed.last_error.as_deref(),
            Some("the handler panicked"),
            "{}",
            bench.kind
        );
        let lucky = bench.enqueue(&Task { number: 7 }).await;
        bench.job_when(lucky, |job| job.state == JobState::Done).await;
        working.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_runner_gives_back_what_does_not_end() {
    for bench in crate::bench::benches().await {
        let began = Arc::new(tokio::sync::Notify::new());
        let registry = {
            let began = Arc::clone(&began);
            Registry::new().with(move |_: JobContext, _: Task| {
                began.notify_one();
                std::future::pending::<Result<(), JobError>>()
            })
        };
        let id = bench.enqueue(&Task { number: 1 }).await;
        let working = Working::start(&bench, registry, quick());
        began.notified().await;
        working.stop().await;
        let back = bench.job(id).await;
        assert_eq!(
            (back.state, back.attempts),
            (JobState::Queued, 0),
            "{}: as if it never began",
            bench.kind
        );

        let runs = Arc::new(AtomicU32::new(0));
        let next = Working::start(&bench, counting(&runs), quick());
        bench.job_when(id, |job| job.state == JobState::Done).await;
        next.stop().await;
        assert_eq!(runs.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_longer_than_its_lease_keeps_it_by_heartbeats() {
    for bench in crate::bench::benches().await {
        let runs = Arc::new(AtomicU32::new(0));
        let settings = RunnerSettings {
            lease: Duration::from_millis(600),
            ..quick()
        };
        let registry = {
            let runs = Arc::clone(&runs);
            Registry::new().with(move |_: JobContext, _: Task| {
                runs.fetch_add(1, Ordering::SeqCst);
                async {
                    tokio::time::sleep(Duration::from_millis(1800)).await;
                    Ok(())
                }
            })
        };
        let id = bench.enqueue(&Task { number: 1 }).await;
        let working = Working::start(&bench, registry, settings);
        let done = bench.job_when(id, |job| job.state == JobState::Done).await;
        working.stop().await;
        assert_eq!(
            (done.attempts, runs.load(Ordering::SeqCst)),
            (1, 1),
            "{}",
            bench.kind
        );
    }
}
