//! A server on a port of its own, with an embedded database, real passwords and real tokens.
//!
//! Only what lies outside is replaced: the clock stands still until a test moves it, mails are kept,
//! the printer prints what it is told in words, and there is no codec, which no test here needs. The object store is a folder.

mod disk;
mod raw;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use adapters::{
    blob_store::{LocalBlobStore, SHELF_MARK, ShelfBlobStore},
    dicom_peers::Peers,
    passwords::Argon2Passwords,
    system::{SystemIds, SystemRandomness},
    tokens::EdDsaTokens,
};
use api::{ApiOptions, ApiState, Server};
use app::{
    App, ColdMedia, Settings,
    identity::SignInThrottle,
    ports::{
        BlobStore, CodecError, Mail, MailError, Mailer, PixelCodec, PrintError, PrintableReport,
        ReportPrinter,
    },
};
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use domain::{Actor, Clock, FacilityId, Role, TenantId, UserId};
use migrations::{Migrator, MigratorTrait};
use reqwest::{Client, Response, StatusCode, header};
use sea_orm_migration::sea_orm::{ConnectionTrait as _, Database};
use serde_json::{Value, json};
use store::{Store, StoreOptions, TenantRow};
use tempfile::TempDir;
use tokio::sync::oneshot;

use disk::Disk;

pub const PASSWORD: &str = "a sentence is a password";

/// A clock that moves when it is told to.
#[derive(Debug)]
pub struct TestClock(Mutex<DateTime<Utc>>);

impl TestClock {
    pub fn pass(&self, time: TimeDelta) {
        *self.0.lock().unwrap() += time;
    }
}

impl Clock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }
}

/// Mails that were handed over.
#[derive(Debug, Default)]
pub struct KeptMails(Mutex<Vec<Mail>>);

impl KeptMails {
    pub fn all(&self) -> Vec<Mail> {
        self.0.lock().unwrap().clone()
    }
}

#[async_trait::async_trait]
impl Mailer for KeptMails {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        self.0.lock().unwrap().push(mail.clone());
        Ok(())
    }
}

/// What is not there.
#[derive(Debug)]
struct Absent;

#[async_trait::async_trait]
impl PixelCodec for Absent {
    async fn run(&self, _: dicom::codec::CodecRequest) -> Result<dicom::codec::CodecReply, CodecError> {
        Err(CodecError::Failed {
            reason: "this test has no codec".to_owned(),
        })
    }
}

/// A printer whose fonts lack one character, and that makes no document until it is switched on.
#[derive(Debug, Default)]
pub struct Press {
    on: AtomicBool,
}

/// What the [`Press`] has no glyph for.
pub const NO_GLYPH: char = '\u{1FBFF}';

impl Press {
    pub fn switch_on(&self) {
        self.on.store(true, Ordering::Relaxed);
    }
}

#[async_trait::async_trait]
impl ReportPrinter for Press {
    async fn print(&self, report: PrintableReport) -> Result<Bytes, PrintError> {
        if !self.on.load(Ordering::Relaxed) {
            return Err(PrintError::Failed {
                reason: "the press is off".to_owned(),
            });
        }
        Ok(format!("%PDF-1.7 {report:?}").into())
    }

    async fn unprintable(&self, texts: Vec<String>) -> Result<BTreeSet<char>, PrintError> {
        let all = texts.iter().flat_map(|text| text.chars());
        Ok(all.filter(|c| *c == NO_GLYPH).collect())
    }
}

/// The running server and what tests need beside it.
pub struct House {
    pub app: App,
    pub base: String,
    pub clock: Arc<TestClock>,
    pub mails: Arc<KeptMails>,
    pub tenant: TenantRow,
    pub http: Client,
    pub disk: Arc<Disk>,
    pub press: Arc<Press>,
    stop: Option<oneshot::Sender<()>>,
    folder: TempDir,
}

/// Who signed in, with what the server handed out.
#[derive(Debug, Clone)]
pub struct Session {
    pub access: String,
    pub cookie: String,
    pub body: Value,
}

impl House {
    pub async fn open() -> Self {
        Self::open_with(|_| {}).await
    }

    /// A house whose server is set up in some other way.
    pub async fn open_with(adjust: impl FnOnce(&mut ApiOptions)) -> Self {
        Self::furnish(adjust, None).await
    }

    /// A house with a slow object store beside the other.
    pub async fn open_with_cold_store() -> Self {
        Self::furnish(|_| {}, Some(ColdMedia::Nearline)).await
    }

    /// A house whose slow store is a disk that can be taken away.
    pub async fn open_with_shelf() -> Self {
        Self::furnish(|_| {}, Some(ColdMedia::Offline)).await
    }

    /// Takes the disk of the slow store away; an empty mount point is left.
    pub fn take_shelf_away(&self) {
        let shelf = self.folder.path().join("cold");
        std::fs::rename(&shelf, self.folder.path().join("cupboard")).unwrap();
        std::fs::create_dir(&shelf).unwrap();
    }

    /// Brings it back. Fails when anything was left at the mount point.
    pub fn bring_shelf_back(&self) {
        let shelf = self.folder.path().join("cold");
        std::fs::remove_dir(&shelf).unwrap();
        std::fs::rename(self.folder.path().join("cupboard"), &shelf).unwrap();
    }

    async fn furnish(adjust: impl FnOnce(&mut ApiOptions), cold_media: Option<ColdMedia>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("test.db").display());
        Migrator::up(&Database::connect(&url).await.unwrap(), None)
            .await
            .unwrap();
        let clock = Arc::new(TestClock(Mutex::new(
            DateTime::from_timestamp(1_800_000_000, 0).unwrap(),
        )));
        let mails = Arc::new(KeptMails::default());
        let press = Arc::new(Press::default());
        let disk = Arc::new(Disk::open(&folder.path().join("objects")));
        let tokens = Arc::new(EdDsaTokens::from_seed(&[7; 32]).unwrap());
        let app = App {
            store: Store::connect(&StoreOptions::new(&url)).await.unwrap(),
            clock: clock.clone(),
            ids: Arc::new(SystemIds),
            randomness: Arc::new(SystemRandomness),
            blobs: disk.clone(),
            replica: None,
            cold: cold_media.map(|media| cold_store(&folder.path().join("cold"), media)),
            held: Arc::default(),
            indexing: App::indexing_slots(),
            commits: Arc::default(),
            codec: Arc::new(Absent),
            background_codec: Arc::new(Absent),
            peers: Arc::new(Peers::default()),
            mailer: mails.clone(),
            passwords: Arc::new(Argon2Passwords::new(2).unwrap()),
            seal: tokens.clone(),
            tokens,
            trail: Arc::default(),
            lately: Arc::default(),
            throttle: Arc::new(SignInThrottle::new(clock.clone())),
            printer: press.clone(),
            settings: Arc::new(Settings {
                spool_dir: folder.path().join("spool"),
                cold_media: cold_media.unwrap_or_default(),
                ..Settings::default()
            }),
        };
        let mut options = ApiOptions {
            listen: ([127, 0, 0, 1], 0).into(),
            threads: 2,
            ..ApiOptions::default()
        };
        adjust(&mut options);
        let server = Server::bind(ApiState::new(app.clone(), options)).unwrap();
        let base = format!("http://{}", server.addresses()[0]);
        let (stop, stopped) = oneshot::channel::<()>();
        tokio::spawn(server.run(async {
            let _ = stopped.await;
        }));
        let tenant = app.create_tenant("north", "North Radiology").await.unwrap();
        let http = Client::new();
        Self {
            app,
            base,
            clock,
            mails,
            tenant,
            http,
            disk,
            press,
            stop: Some(stop),
            folder,
        }
    }

    /// Takes a table of the database away.
    pub async fn lose_table(&self, table: &str) {
        let url = format!("sqlite://{}", self.folder.path().join("test.db").display());
        let database = Database::connect(&url).await.unwrap();
        let away = format!("ALTER TABLE {table} RENAME TO {table}_away");
        database.execute_unprepared(&away).await.unwrap();
    }

    /// Asks the server to stop.
    pub fn stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
    }

    /// The program itself, acting for the tenant.
    pub fn system(&self) -> Actor {
        Actor::system(self.tenant.id, None)
    }

    /// Somebody who works at another facility of the tenant than [`House::member`]'s staff.
    pub async fn other_facility(&self, email: &str) -> Session {
        let input = app::identity::NewFacility {
            name: email.to_owned(),
            code: "F2".to_owned(),
            report_email: None,
        };
        let facility = self.app.add_facility(&self.system(), input).await.unwrap().id;
        self.person(&self.system(), email, Role::FacilityStaff, vec![facility])
            .await;
        self.sign_in(email).await
    }

    /// Runs a statement on the database behind the program's back.
    pub async fn tamper(&self, sql: &str) {
        let url = format!("sqlite://{}", self.folder.path().join("test.db").display());
        let database = Database::connect(&url).await.unwrap();
        database.execute_unprepared(sql).await.unwrap();
    }

    /// The objects of this kind.
    pub fn objects(&self, extension: &str) -> Vec<PathBuf> {
        disk::files(&self.folder.path().join("objects"), extension)
    }

    /// The objects of this kind in the slow store.
    pub fn cold_objects(&self, extension: &str) -> Vec<PathBuf> {
        disk::files(&self.folder.path().join("cold"), extension)
    }

    /// Takes the disk with the objects away.
    pub fn lose_objects(&self) {
        std::fs::remove_dir_all(self.folder.path().join("objects")).unwrap();
    }

    /// How many files lie in the spool.
    pub fn spooled(&self) -> usize {
        std::fs::read_dir(self.folder.path().join("spool")).map_or(0, |files| files.count())
    }

    /// Waits until nothing is left in the spool: what is broken off ends in the background.
    pub async fn spool_empties(&self) {
        let emptied = async {
            while self.spooled() > 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), emptied)
            .await
            .expect("nothing stays in the spool");
    }

    /// Leaves the spool as a process leaves it that is killed between the object and the transaction.
    pub fn abandon_batch(&self, object: &Path) {
        let key = object
            .strip_prefix(self.folder.path().join("objects").canonicalize().unwrap())
            .unwrap();
        let name = object.file_stem().unwrap().to_str().unwrap().replace('-', "");
        let marker = self.folder.path().join("spool").join(format!("{name}.batch"));
        std::fs::write(marker, key.to_str().unwrap()).unwrap();
    }

    /// Somebody with an account and a membership.
    pub async fn person(
        &self,
        actor: &Actor,
        email: &str,
        role: Role,
        facilities: Vec<FacilityId>,
    ) -> UserId {
        let person = app::identity::NewPerson {
            email: email.to_owned(),
            name: "Ada Reader".to_owned(),
            password: PASSWORD.to_owned(),
        };
        self.app
            .create_member(actor, person, role, facilities)
            .await
            .unwrap()
    }

    /// A member of the tenant, signed in.
    pub async fn member(&self, email: &str, role: Role) -> Session {
        let (tenant, facilities) = match role {
            Role::Operator => (TenantId::PLATFORM, Vec::new()),
            Role::FacilityStaff => {
                let input = app::identity::NewFacility {
                    name: email.to_owned(),
                    code: "F1".to_owned(),
                    report_email: None,
                };
                (
                    self.tenant.id,
                    vec![self.app.add_facility(&self.system(), input).await.unwrap().id],
                )
            }
            Role::TenantAdmin | Role::Radiologist => (self.tenant.id, Vec::new()),
        };
        self.person(&Actor::system(tenant, None), email, role, facilities)
            .await;
        self.sign_in(email).await
    }

    /// A member of a second tenant, `south`, signed in; staff work at a facility of theirs.
    pub async fn other_tenant(&self, email: &str, role: Role) -> Session {
        let tenant = self.app.create_tenant("south", "South Radiology").await.unwrap();
        let system = Actor::system(tenant.id, None);
        let input = app::identity::NewFacility {
            name: email.to_owned(),
            code: "S1".to_owned(),
            report_email: None,
        };
        let facilities = match role {
            Role::FacilityStaff => vec![self.app.add_facility(&system, input).await.unwrap().id],
            _ => Vec::new(),
        };
        self.person(&system, email, role, facilities).await;
        self.sign_in(email).await
    }

    pub async fn sign_in(&self, email: &str) -> Session {
        session_of(
            self.post("/auth/sign-in", json!({ "email": email, "password": PASSWORD }))
                .await,
        )
        .await
    }

    pub async fn post(&self, path: &str, body: Value) -> Response {
        self.http
            .post(format!("{}{path}", self.base))
            .json(&body)
            .send()
            .await
            .unwrap()
    }

    pub async fn get(&self, path: &str) -> Response {
        self.http
            .get(format!("{}{path}", self.base))
            .send()
            .await
            .unwrap()
    }

    pub async fn refresh(&self, cookie: &str) -> Response {
        let request = self
            .http
            .post(format!("{}/auth/refresh", self.base))
            .header(header::COOKIE, cookie);
        request.json(&json!({})).send().await.unwrap()
    }

    /// The answer to a GraphQL document, whatever it is.
    pub async fn graphql_response(&self, token: &str, query: &str, variables: Value) -> Response {
        let request = self
            .http
            .post(format!("{}/graphql", self.base))
            .bearer_auth(token);
        request
            .json(&json!({ "query": query, "variables": variables }))
            .send()
            .await
            .unwrap()
    }

    pub async fn graphql(&self, token: &str, query: &str, variables: Value) -> Value {
        self.graphql_response(token, query, variables)
            .await
            .json()
            .await
            .unwrap()
    }
}

/// The session an answer holds.
pub async fn session_of(response: Response) -> Session {
    assert_eq!(response.status(), StatusCode::OK);
    let set = response.headers()[header::SET_COOKIE]
        .to_str()
        .unwrap()
        .to_owned();
    let body: Value = response.json().await.unwrap();
    Session {
        access: body["access_token"].as_str().unwrap().to_owned(),
        cookie: set.split(';').next().unwrap().to_owned(),
        body,
    }
}

/// The code of a problem document or of the first GraphQL error.
pub fn code(body: &Value) -> &str {
    body["code"]
        .as_str()
        .or_else(|| body["errors"][0]["extensions"]["code"].as_str())
        .unwrap_or("(none)")
}

/// Status and code of a refusal.
pub async fn refusal(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    (status, code(&body).to_owned())
}

fn cold_store(folder: &Path, media: ColdMedia) -> Arc<dyn BlobStore> {
    if media == ColdMedia::Nearline {
        return Arc::new(LocalBlobStore::open(folder, 0).unwrap());
    }
    std::fs::create_dir(folder).unwrap();
    std::fs::write(folder.join(SHELF_MARK), b"").unwrap();
    Arc::new(ShelfBlobStore::open(folder).unwrap())
}
