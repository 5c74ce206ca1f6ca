//! The demo: a tenant with people, a key and studies of phantoms, on the embedded parts.
//!
//! **Invariant:** every step looks for what it makes first, so a demo that was broken off, or is started
//! again, goes on where it stopped and keeps what people did in it.

mod file;
mod people;
mod studies;

use std::time::Duration;

use anyhow::Context as _;
use app::App;
use domain::Actor;

use crate::{compose, config::Values, database, dimse, serve, telemetry};

pub use file::DemoFile;

/// The demo tenant's name in addresses.
const SLUG: &str = "demo";

/// The title the demo is called by.
const AE_TITLE: &str = "TELERAD";

/// How long the demo waits for its own worker before it says where everything is.
const PATIENCE: Duration = Duration::from_secs(20);

/// Migrates, seeds, writes `demo.json`, says where everything is, and serves all roles.
pub async fn demo(values: Values) -> anyhow::Result<()> {
    telemetry::start(&values)?;
    database::apply(&values).await?;
    let listener = serve::listen(&values)?;
    let doors = dimse::Doors::open(&values)?;
    let app = compose::app(&values, values.portal_url(listener.local_addr()?)?).await?;
    let path = values.in_data_dir("demo.json");
    let mut file = DemoFile::load_or_begin(&path, app.randomness.as_ref())?;
    file.point_to(&app.settings.public_url, doors.address()?, &values);
    let actor = people::seed(&app, &mut file).await?;
    file.save(&path)?;
    let sender = app.authenticate(&file.api_key, domain::Origin::default()).await;
    let sender = sender.context("the demo's API key; remove the data folder to begin anew")?;
    tell(&file, &path.display().to_string());
    tokio::spawn(send_studies(app.clone(), actor, sender));
    let parts = serve::Parts {
        http: Some(listener),
        with_worker: true,
        dimse: Some(doors),
    };
    serve::serve_app(&values, app, parts).await
}

/// Sends the studies while the program serves already; the first start is as quick as any other.
async fn send_studies(app: App, actor: Actor, sender: Actor) {
    match tokio::time::timeout(PATIENCE * 30, studies::seed(&app, &actor, &sender)).await {
        Ok(Ok(0)) => {}
        Ok(Ok(sent)) => tracing::info!(demo.studies = sent, "the demo's studies are in"),
        Ok(Err(error)) => tracing::error!(
            error = format!("{error:#}"),
            "the demo's studies could not be sent"
        ),
        Err(_) => tracing::error!("sending the demo's studies took too long"),
    }
}

#[expect(clippy::print_stdout, reason = "people read where everything is")]
fn tell(file: &DemoFile, path: &str) {
    println!();
    println!("  telerad     {}", file.base_url);
    println!("  DICOMweb    {}", file.dicomweb_url);
    println!(
        "  DICOM       {}@{}:{}",
        file.dimse.aet, file.dimse.host, file.dimse.port
    );
    println!("  mail        {}", file.mail_dir);
    println!("  all of this {path}");
    println!();
    for account in &file.accounts {
        println!(
            "  {:<15} {:<28} {}",
            account.role, account.email, account.password
        );
    }
    println!();
    println!("  Ctrl-C stops it; the data stays.");
    println!();
}
