//! `telerad verify`: the scrub, for who runs the machine.

use std::time::Duration;

use anyhow::{bail, ensure};
use app::{
    App,
    integrity::{Finding, Mend, Trouble, VerifyOrder, VerifyTally},
};
use clap::{Args, ValueEnum};
use domain::Actor;

use crate::admin::actor_of;

/// What to verify, and what to do about what is found.
#[derive(Debug, Args)]
pub struct Verify {
    /// The tenant's slug; all tenants when absent.
    #[arg(long)]
    tenant: Option<String>,
    /// Mark what is damaged, repair it from the replica, have derived objects made again, remove orphans.
    #[arg(long)]
    fix: bool,
    /// Read every byte of so many objects in a hundred; of the others see only that they are there.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u8).range(0..=100))]
    sample: u8,
    /// Read at most so many megabytes a second.
    #[arg(long)]
    megabytes_per_second: Option<u64>,
    /// An object that nobody names is an orphan when it is older than this; younger ones may be on their way in.
    #[arg(long, default_value_t = 24)]
    grace_hours: u64,
    /// How findings are printed, each on a line of its own, and after them what came out.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// How findings are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Verifies, and fails when there was anything to find.
pub async fn run(app: &App, command: Verify) -> anyhow::Result<()> {
    let order = VerifyOrder {
        mend: if command.fix {
            Mend::Everything
        } else {
            Mend::Nothing
        },
        sample_percent: command.sample,
        bytes_per_second: command.megabytes_per_second.map(|megabytes| megabytes << 20),
        grace: Duration::from_secs(command.grace_hours.saturating_mul(3600)),
    };
    ensure!(
        order.bytes_per_second != Some(0),
        "at no megabytes a second nothing is ever read"
    );
    let tenants = match &command.tenant {
        Some(slug) => vec![(slug.clone(), actor_of(app, slug).await?)],
        None => {
            let tenants = app.all_tenants().await?;
            let actor =
                |tenant: app::identity::rows::TenantRow| (tenant.slug, Actor::system(tenant.id, None));
            tenants.into_iter().map(actor).collect()
        }
    };
    let mut clean = true;
    for (slug, actor) in tenants {
        let format = command.format;
        let mut report = |finding: Finding| print_finding(format, &slug, &finding);
        let tally = app.verify_archive(&actor, &order, &mut report).await?;
        print_tally(format, &slug, &tally);
        clean &= tally.is_clean();
    }
    if !clean {
        bail!("the archive is not as the database says");
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "this is the command's answer")]
fn print_finding(format: Format, slug: &str, finding: &Finding) {
    if format == Format::Json {
        println!("{}", serde_json::json!({ "tenant": slug, "finding": finding }));
        return;
    }
    let trouble = match finding.trouble {
        Trouble::Missing => "missing",
        Trouble::Damaged => "damaged",
        Trouble::Orphan => "orphan",
        Trouble::Unread => "unread",
    };
    let of = finding.of.as_deref().unwrap_or_default();
    let note = finding.note.as_deref().unwrap_or_default();
    println!("{slug}: {trouble}  {}  {of}  {note}", finding.object);
}

#[expect(clippy::print_stdout, reason = "this is the command's answer")]
fn print_tally(format: Format, slug: &str, tally: &VerifyTally) {
    match format {
        Format::Json => println!("{}", serde_json::json!({ "tenant": slug, "tally": tally })),
        Format::Text => println!("{slug}: {}", tally.summary()),
    }
}
