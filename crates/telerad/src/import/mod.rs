//! `telerad import`: the studies of a folder, a CD or a ZIP, through the same door as everything that is sent.
//!
//! **Invariant:** the report has a line for every file that was there, and for every one that the medium's DICOMDIR
//! speaks of and that was not.
//!
//! **Invariant:** a file that cannot be read to its end is not stored, not even what was read of it, and stops no other.
//!
//! **Invariant:** no link is followed, and no name of the medium is ever used as a path of ours.

mod medium;
mod report;

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use app::{
    App,
    archive::{Ingest, IngestTarget},
};
use clap::Args;
use domain::{Actor, ErrorCode};

use crate::admin::{actor_of, facility_of};
use medium::{Found, Medium};
use report::Report;

/// What is imported, and for whom.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The tenant's slug.
    #[arg(long)]
    tenant: String,
    /// The code of the facility whose studies they become.
    #[arg(long)]
    facility: String,
    /// Where to write what became of each file; beside standard output when absent.
    #[arg(long)]
    report: Option<PathBuf>,
    /// A folder, the mounted CD, or a `.zip`.
    medium: PathBuf,
}

/// So many files go into one request: what becomes of them is told when it ends.
const FILES_AT_A_TIME: usize = 2_000;

/// Imports, and says what came of it.
pub async fn run(app: &App, arguments: Arguments) -> anyhow::Result<String> {
    let actor = actor_of(app, &arguments.tenant).await?;
    let facility = facility_of(app, &actor, &arguments.facility).await?;
    let actor = actor.at(facility).context("the facility is not the tenant's")?;
    let mut report = Report::begin(arguments.report.as_deref())?;
    let mut medium =
        Medium::open(&arguments.medium).with_context(|| format!("opening {}", arguments.medium.display()))?;
    let mut sending = Sending::new(app, &actor);
    while let Some(found) = medium.next().await {
        match found {
            Found::File(name) => sending.begin(name).await?,
            Found::Data(bytes) => sending.write(bytes).await?,
            Found::End => sending.end(&mut report).await?,
            Found::Unreadable(why) => sending.give_up(&why, &mut report).await?,
            Found::Unread(name, why) => report.unread(&name, &why)?,
            Found::PassedOver(name, why) => report.passed_over(&name, why)?,
            Found::Missing(name) => report.missing(&name)?,
        }
    }
    sending.commit(&mut report).await?;
    report.finish()
}

/// Files on their way into the archive.
struct Sending<'a> {
    app: &'a App,
    actor: &'a Actor,
    ingest: Option<Ingest>,
    /// The names of the request's parts.
    names: Vec<String>,
}

impl<'a> Sending<'a> {
    fn new(app: &'a App, actor: &'a Actor) -> Self {
        Self {
            app,
            actor,
            ingest: None,
            names: Vec::new(),
        }
    }

    async fn begin(&mut self, name: String) -> anyhow::Result<()> {
        let ingest = match &mut self.ingest {
            Some(ingest) => ingest,
            None => {
                let target = IngestTarget::default();
                self.ingest
                    .insert(self.app.begin_ingest(self.actor, target).await?)
            }
        };
        ingest.begin_part(None).await?;
        self.names.push(name);
        Ok(())
    }

    async fn write(&mut self, bytes: bytes::Bytes) -> anyhow::Result<()> {
        match &mut self.ingest {
            Some(ingest) => Ok(ingest.write(bytes).await?),
            None => bail!("bytes came before their file"),
        }
    }

    async fn end(&mut self, report: &mut Report) -> anyhow::Result<()> {
        if let Some(ingest) = &mut self.ingest {
            ingest.end_part().await?;
        }
        self.commit_many(report).await
    }

    /// Ends a file whose rest the medium does not give. What was read of it may look whole and is not.
    async fn give_up(&mut self, why: &str, report: &mut Report) -> anyhow::Result<()> {
        if let Some(ingest) = &mut self.ingest {
            let text =
                format!("the medium cannot be read to the end of this file ({why}); use another copy of it");
            ingest.refuse_part(ErrorCode::InstanceTruncated, text).await?;
        }
        self.commit_many(report).await
    }

    async fn commit_many(&mut self, report: &mut Report) -> anyhow::Result<()> {
        let most = self.app.settings.max_request_parts.min(FILES_AT_A_TIME);
        if self.names.len() >= most {
            self.commit(report).await?;
        }
        Ok(())
    }

    async fn commit(&mut self, report: &mut Report) -> anyhow::Result<()> {
        let Some(ingest) = self.ingest.take() else {
            return Ok(());
        };
        let parts = ingest.commit().await?.parts;
        for (name, part) in self.names.drain(..).zip(parts) {
            report.part(&name, &part)?;
        }
        Ok(())
    }
}
