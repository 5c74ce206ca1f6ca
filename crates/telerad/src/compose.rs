//! The use cases with everything they need, as the configuration says.

use std::{sync::Arc, time::Duration};

use adapters::{
    blob_store,
    codec_pool::{CodecPool, CodecPoolSettings},
    mailer::LettreMailer,
    passwords::Argon2Passwords,
    printer::TypstPrinter,
    system::{SystemClock, SystemIds, SystemRandomness},
    tokens::EdDsaTokens,
};
use anyhow::Context as _;
use app::{
    App, ColdMedia, Settings,
    identity::SignInThrottle,
    ports::{BlobStore, Mailer},
};
use domain::{Clock, Randomness as _};
use store::{Store, StoreOptions};

use crate::{
    config::{Url, Values},
    dimse,
};

/// Opens everything. `portal_url` is where people reach the portal, for links.
pub async fn app(values: &Values, portal_url: String) -> anyhow::Result<App> {
    let spool_dir = values.in_data_dir("spool");
    std::fs::create_dir_all(&spool_dir)
        .with_context(|| format!("making the folder {}", spool_dir.display()))?;
    let store = Store::connect(&StoreOptions {
        url: values.database_url().expose().to_owned(),
        max_connections: values.database_connections,
    })
    .await
    .context("opening the database")?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let tokens = Arc::new(EdDsaTokens::open(&values.in_data_dir("keys"), || {
        SystemRandomness.secret()
    })?);
    let blobs = blob_store::open(
        values.object_store_url().expose(),
        values.object_store_reserve_bytes,
    )
    .context("opening the object store")?;
    Ok(App {
        store,
        throttle: Arc::new(SignInThrottle::new(Arc::clone(&clock))),
        clock,
        ids: Arc::new(SystemIds),
        randomness: Arc::new(SystemRandomness),
        blobs,
        replica: second_store(values.object_store_replica_url.as_ref()).context("opening the replica")?,
        cold: cold_store(values).context("opening the cold object store")?,
        held: Arc::default(),
        indexing: App::indexing_slots(),
        commits: Arc::default(),
        codec: Arc::new(CodecPool::new(codec_settings(values)?)),
        background_codec: Arc::new(CodecPool::new(codec_settings(values)?.in_background())),
        peers: Arc::new(dimse::peers(values)?),
        mailer: mailer_of(values)?,
        passwords: Arc::new(Argon2Passwords::new(processors())?),
        seal: tokens.clone(),
        tokens,
        trail: Arc::default(),
        lately: Arc::default(),
        printer: Arc::new(TypstPrinter::default()),
        settings: Arc::new(settings(values, portal_url)),
    })
}

/// A store beside the main one; its disk holds no database, so that it may be filled.
fn second_store(url: Option<&Url>) -> Result<Option<Arc<dyn BlobStore>>, blob_store::OpenError> {
    url.map(|url| blob_store::open(url.expose(), 0)).transpose()
}

fn cold_store(values: &Values) -> Result<Option<Arc<dyn BlobStore>>, blob_store::OpenError> {
    let url = values.object_store_cold_url.as_ref();
    match values.object_store_cold_media {
        ColdMedia::Nearline => second_store(url),
        ColdMedia::Offline => url.map(|url| blob_store::open_offline(url.expose())).transpose(),
    }
}

fn settings(values: &Values, public_url: String) -> Settings {
    Settings {
        public_url,
        spool_dir: values.in_data_dir("spool"),
        mail_from: values.mail_from.clone(),
        claim_lease: Duration::from_secs(values.claim_lease_seconds),
        quiet_period: Duration::from_secs(values.quiet_period_seconds),
        cold_media: values.object_store_cold_media,
        max_instance_bytes: values.max_instance_bytes,
        ..Settings::default()
    }
}

fn codec_settings(values: &Values) -> anyhow::Result<CodecPoolSettings> {
    let program = std::env::current_exe().context("finding this program, which is also the codec's")?;
    let mut settings = CodecPoolSettings::new(program);
    if let Some(children) = values.codec_children {
        settings.children = children.max(1);
    }
    if let Some(bytes) = values.codec_memory_bytes {
        settings.memory_bytes = bytes;
    }
    Ok(settings)
}

fn mailer_of(values: &Values) -> anyhow::Result<Arc<dyn Mailer>> {
    Ok(match &values.smtp_url {
        Some(url) => Arc::new(LettreMailer::smtp(url.expose(), &values.mail_from)?),
        None => Arc::new(LettreMailer::folder(
            &values.in_data_dir("outbox"),
            &values.mail_from,
        )?),
    })
}

/// How many processors this process may use.
pub fn processors() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from)
}
