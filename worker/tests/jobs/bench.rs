//! A real `App` on each database that is at hand, and a clock that can be set.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use adapters::{
    blob_store,
    codec_pool::{CodecPool, CodecPoolSettings},
    dicom_peers::Peers,
    mailer::LettreMailer,
    passwords::Argon2Passwords,
    printer::TypstPrinter,
    system::{SystemClock, SystemIds, SystemRandomness},
    tokens::EdDsaTokens,
};
use app::{App, Settings, identity::SignInThrottle};
use chrono::{DateTime, Utc};
use domain::{Actor, Clock, JobId, Randomness as _, job::Job};
use migrations::{ScratchDatabase, scratch_databases};
use store::{JobRow, Store, StoreOptions};
use tempfile::TempDir;

/// The machine's clock, moved forward on demand.
#[derive(Debug, Default)]
pub struct MovableClock {
    ahead_seconds: AtomicI64,
}

impl MovableClock {
    /// Lets `seconds` pass at once.
    pub fn advance(&self, seconds: i64) {
        self.ahead_seconds.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for MovableClock {
    fn now(&self) -> DateTime<Utc> {
        SystemClock.now() + chrono::Duration::seconds(self.ahead_seconds.load(Ordering::SeqCst))
    }
}

/// One database with a tenant, and the use cases on it.
pub struct Bench {
    pub kind: &'static str,
    pub app: App,
    pub actor: Actor,
    pub clock: Arc<MovableClock>,
    pub database: ScratchDatabase,
    _folder: TempDir,
}

/// A bench on every database that is at hand.
pub async fn benches() -> Vec<Bench> {
    let mut benches = Vec::new();
    for database in scratch_databases().await.unwrap() {
        benches.push(bench(database).await);
    }
    benches
}

async fn bench(database: ScratchDatabase) -> Bench {
    let folder = TempDir::new().unwrap();
    let clock = Arc::new(MovableClock::default());
    let objects = format!("file://{}", folder.path().join("objects").display());
    let tokens = Arc::new(EdDsaTokens::open(folder.path(), || SystemRandomness.secret()).unwrap());
    let no_codec = CodecPool::new(CodecPoolSettings::new(folder.path().join("no-codec-here")));
    let app = App {
        store: Store::connect(&StoreOptions::new(&database.url)).await.unwrap(),
        throttle: Arc::new(SignInThrottle::new(Arc::clone(&clock) as Arc<dyn Clock>)),
        clock: Arc::clone(&clock) as Arc<dyn Clock>,
        ids: Arc::new(SystemIds),
        randomness: Arc::new(SystemRandomness),
        blobs: blob_store::open(&objects, 0).unwrap(),
        replica: None,
        cold: None,
        held: Arc::default(),
        indexing: App::indexing_slots(),
        commits: Arc::default(),
        codec: Arc::new(no_codec.clone()),
        background_codec: Arc::new(no_codec),
        peers: Arc::new(Peers::default()),
        mailer: Arc::new(LettreMailer::folder(&folder.path().join("outbox"), "a@b.example").unwrap()),
        passwords: Arc::new(Argon2Passwords::new(1).unwrap()),
        seal: tokens.clone(),
        tokens,
        trail: Arc::default(),
        lately: Arc::default(),
        printer: Arc::new(TypstPrinter::default()),
        settings: Arc::new(Settings::default()),
    };
    let tenant = app.create_tenant("bench", "Bench").await.unwrap();
    let actor = Actor::system(tenant.id, None);
    Bench {
        kind: database.kind,
        app,
        actor,
        clock,
        database,
        _folder: folder,
    }
}

impl Bench {
    /// Queues a job, due now.
    pub async fn enqueue<J: Job>(&self, job: &J) -> JobId {
        let id = self.app.ids.next();
        let now = self.app.clock.now();
        let mut tx = self.app.store.begin(&self.actor).await.unwrap();
        tx.enqueue(id, now, now, job).await.unwrap();
        tx.commit().await.unwrap();
        JobId::from_uuid(id)
    }

    /// How a job stands.
    pub async fn job(&self, id: JobId) -> JobRow {
        self.app
            .store
            .read(&self.actor)
            .await
            .unwrap()
            .job(id)
            .await
            .unwrap()
            .unwrap()
    }

    /// Waits until a job satisfies `condition`.
    pub async fn job_when(&self, id: JobId, condition: impl Fn(&JobRow) -> bool) -> JobRow {
        loop {
            let job = self.job(id).await;
            if condition(&job) {
                return job;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}
