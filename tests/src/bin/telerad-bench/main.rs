//! `make bench`: what the program does on this machine, alone and beside what people run today.
//!
//! `telerad-bench [CHAPTER…] [--rounds N]` with the chapters `own`, `storing`, `associating`, `searching`, `retrieving`
//! and `endurance`; all of them without one. Where Orthanc with its DICOMweb plugin or nginx is not
//! installed, what compares with it is left out and says so. Both sides run at the same time on one machine and are
//! asked in turns, so that what else the machine does meets both.
//!
//! Every figure names what was measured; nothing here fails because it is slow.

#![expect(clippy::print_stdout, reason = "the figures are the answer")]

mod associating;
mod endurance;
mod nginx;
mod orthanc;
mod own;
mod process;
mod retrieving;
mod rounds;
mod samples;
mod searching;
mod side;
mod storing;

use anyhow::{Context as _, bail};
use side::Side;
use telerad_tests::{Telerad, Tenant};

/// The least that a median is worth something of.
const ROUNDS: usize = 5;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut chapters = Vec::new();
    let mut rounds = ROUNDS;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--rounds" => rounds = arguments.next().context("--rounds N")?.parse()?,
            "own" | "storing" | "associating" | "searching" | "retrieving" | "endurance" => {
                chapters.push(argument)
            }
            _ => bail!("no chapter {argument}: own, storing, associating, searching, retrieving, endurance"),
        }
    }
    let asked = |chapter: &str| chapters.is_empty() || chapters.iter().any(|asked| asked == chapter);
    if asked("own") {
        own::measure().await?;
    }
    if asked("storing") {
        storing::compare(rounds).await?;
    }
    if asked("associating") {
        associating::compare(rounds).await?;
    }
    if asked("searching") {
        searching::compare(rounds).await?;
    }
    if asked("retrieving") {
        retrieving::compare(rounds).await?;
    }
    if asked("endurance") {
        endurance::measure().await?;
    }
    Ok(())
}

/// The program as a side, as a gateway with a key.
fn side_of(telerad: &Telerad, tenant: &Tenant) -> anyhow::Result<Side> {
    let root = format!("{}/dicomweb/{}", telerad.base_url(), tenant.slug);
    Side::new("telerad", root, Some(tenant.api_key.clone()), telerad.pid())
}
