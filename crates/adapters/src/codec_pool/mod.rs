//! A bounded pool of codec children: the server's only way to pixels.
//!
//! Each child is this program started as `<exe> codec-worker`; it lowers its own limits, then answers one request at
//! a time on its standard input and output. A request takes an idle child or starts one, has a deadline, and waits
//! in a bounded queue while all are busy.
//!
//! **Invariant:** a crash or a timeout fails the request that caused it and no other; its child is killed, never
//! used again.
//! **Invariant:** a request costs three children at the most: one that was ended by a signal is tried again, because
//! nobody knows whether the bytes or the machine ended it.
//! **Invariant:** dropping a request's future kills its child: no half-read reply is ever taken for another's.

mod child;
mod error;
mod port;

pub use error::CodecPoolError;

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use dicom::codec::{CodecReply, CodecRequest};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use child::{CodecChild, OutgoingRequest};

/// How long the next child waits after one was ended by a signal: memory may have become free meanwhile.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(500)];

/// How a [`CodecPool`] behaves.
#[derive(Debug, Clone)]
pub struct CodecPoolSettings {
    /// The program that serves `codec-worker`; usually the one that is running.
    pub executable: PathBuf,
    /// How many children run at once.
    pub children: usize,
    /// How many requests may wait for a child; more are refused at once.
    pub queue_length: usize,
    /// How long a request may wait for a child.
    pub queue_patience: Duration,
    /// How long a child may take for one request.
    pub deadline: Duration,
    /// Address space of a child in bytes.
    pub memory_bytes: u64,
    /// How much a child yields the processor to everything else, from 0 to 19 (nice(2)).
    pub niceness: u8,
    /// A child is replaced after so many requests, so that a leak in a decoder stays small.
    pub requests_per_child: u32,
}

impl CodecPoolSettings {
    /// Sensible settings for `executable`: as many children as processors, a minute a request.
    pub fn new(executable: PathBuf) -> Self {
        Self {
            executable,
            children: std::thread::available_parallelism().map_or(2, usize::from),
            queue_length: 256,
            queue_patience: Duration::from_secs(120),
            deadline: Duration::from_secs(60),
            memory_bytes: dicom::codec::DEFAULT_MEMORY_BYTES,
            niceness: 0,
            requests_per_child: 256,
        }
    }

    /// The same for work that nobody waits for: it gets the processor when those people wait for leave it, and
    /// takes accordingly long.
    #[must_use]
    pub fn in_background(self) -> Self {
        Self {
            deadline: self.deadline * 10,
            queue_patience: self.queue_patience * 10,
            niceness: 10,
            ..self
        }
    }

    /// A child is replaced once it has worked so long, well before its processor time is spent.
    fn working_life(&self) -> Duration {
        self.deadline * 4
    }

    /// Processor time of a child's whole life. Only a child whose parent died comes to its end: some decoders use
    /// several threads, so it is generous.
    fn cpu_seconds(&self) -> u64 {
        (self.deadline.as_secs() + 1) * 20
    }
}

/// A pool of codec children; cheap to clone.
#[derive(Debug, Clone)]
pub struct CodecPool {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    settings: CodecPoolSettings,
    turns: Semaphore,
    waiting: AtomicUsize,
    idle: Mutex<Vec<CodecChild>>,
}

impl CodecPool {
    /// A pool without children yet; they start when they are needed.
    pub fn new(settings: CodecPoolSettings) -> Self {
        let children = settings.children.max(1);
        Self {
            shared: Arc::new(Shared {
                settings,
                turns: Semaphore::new(children),
                waiting: AtomicUsize::new(0),
                idle: Mutex::new(Vec::new()),
            }),
        }
    }

    /// Runs one request in a child.
    ///
    /// Errors: [`CodecPoolError::Refused`] with the codec's own reason; `Busy` when the queue is full or patience
    /// ended; `TimedOut`, `Crashed`, `Killed`, `NotStarted` and `OutOfStep` for the child.
    pub async fn run(&self, request: CodecRequest) -> Result<CodecReply, CodecPoolError> {
        self.run_within(request, self.shared.settings.deadline).await
    }

    /// The same with a deadline of its own, for work that is known to be long or must be short. It may not exceed
    /// the pool's deadline.
    pub async fn run_within(
        &self,
        request: CodecRequest,
        deadline: Duration,
    ) -> Result<CodecReply, CodecPoolError> {
        let deadline = deadline.min(self.shared.settings.deadline);
        let request = OutgoingRequest::new(request)?;
        let _turn = self.wait_for_turn().await?;
        for pause in PAUSES {
            match self.try_run(&request, deadline).await {
                Err(CodecPoolError::Killed { signal }) => {
                    tracing::warn!(
                        codec.signal = signal,
                        "a codec process was ended; another one tries"
                    );
                    metrics::counter!("telerad_codec_killed_total").increment(1);
                    request.remove_output().await;
                    sleep(pause).await;
                }
                done => return done,
            }
        }
        self.try_run(&request, deadline).await
    }

    async fn try_run(
        &self,
        request: &OutgoingRequest,
        deadline: Duration,
    ) -> Result<CodecReply, CodecPoolError> {
        let shared = &self.shared;
        // The child is owned by this future until it has answered: dropped, it is killed.
        let mut child = match self.take_idle() {
            Some(child) => child,
            None => CodecChild::start(
                &shared.settings.executable,
                shared.settings.memory_bytes,
                shared.settings.cpu_seconds(),
                shared.settings.niceness,
            )?,
        };
        let answer = timeout(deadline, child.exchange(request)).await;
        match answer {
            Ok(Ok(outcome)) => {
                let settings = &shared.settings;
                if child.served() < settings.requests_per_child && child.worked() < settings.working_life() {
                    shared
                        .idle
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push(child);
                } else {
                    child.dismiss().await;
                }
                outcome.map_err(CodecPoolError::Refused)
            }
            Ok(Err(error)) => Err(child.explain(error).await),
            Err(_) => {
                child.kill().await;
                Err(CodecPoolError::TimedOut {
                    seconds: deadline.as_secs_f64(),
                })
            }
        }
    }

    /// An idle child that still lives; one that died meanwhile must not cost an innocent request.
    fn take_idle(&self) -> Option<CodecChild> {
        let mut idle = self.shared.idle.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(mut child) = idle.pop() {
            if child.is_alive() {
                return Some(child);
            }
        }
        None
    }

    /// How many children sit idle now.
    pub fn idle_children(&self) -> usize {
        self.shared
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .len()
    }

    async fn wait_for_turn(&self) -> Result<tokio::sync::SemaphorePermit<'_>, CodecPoolError> {
        let shared = &self.shared;
        if let Ok(turn) = shared.turns.try_acquire() {
            return Ok(turn);
        }
        let _place =
            Place::take(&shared.waiting, shared.settings.queue_length).ok_or(CodecPoolError::Busy)?;
        timeout(shared.settings.queue_patience, shared.turns.acquire())
            .await
            .map_err(|_| CodecPoolError::Busy)?
            .map_err(|_| CodecPoolError::Busy)
    }
}

/// A place in the queue, given back when dropped.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize, limit: usize) -> Option<Self> {
        if waiting.fetch_add(1, Ordering::Relaxed) < limit {
            Some(Self(waiting))
        } else {
            waiting.fetch_sub(1, Ordering::Relaxed);
            None
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
