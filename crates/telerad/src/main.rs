//! The program: every role of the platform behind one name. Composition only.

mod admin;
mod cli;
mod compose;
mod config;
mod database;
mod demo;
mod dimse;
mod export;
mod import;
mod recalls;
mod serve;
mod telemetry;
mod verify;

use std::process::ExitCode;

use clap::Parser as _;
use rustix::fs::Mode;

use crate::{
    cli::{Cli, Command},
    config::{Configuration, Values},
};

fn main() -> ExitCode {
    // Whatever we write may be a patient's, and is for this user alone.
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
    let cli = Cli::parse();
    // Before anything else of ours: the child decodes strangers' bytes and gets no runtime and no configuration.
    if matches!(cli.command, Command::CodecWorker) {
        return dicom::codec::run_codec_worker();
    }
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("telerad: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<()> {
    let configuration = Configuration::load(&cli.config)?;
    let values = configuration.values.clone();
    match cli.command {
        Command::Config => configuration.print(),
        Command::Schema => print_schema(),
        Command::Migrate => block_on(database::migrate(&values))?,
        Command::Serve { roles } => block_on(async {
            telemetry::start(&values)?;
            serve::serve(values, &roles).await
        })?,
        Command::Demo => block_on(demo::demo(values))?,
        Command::Admin { command } => block_on(administer(&values, command))?,
        Command::Verify(order) => block_on(verify(&values, order))?,
        Command::SendAway(arguments) => block_on(command(&values, async |app| {
            recalls::send_away(app, arguments).await
        }))?,
        Command::Recalls(arguments) => block_on(list_recalls(&values, arguments))?,
        Command::Export(arguments) => {
            block_on(command(&values, async |app| export::run(app, arguments).await))?
        }
        Command::Import(arguments) => {
            block_on(command(&values, async |app| import::run(app, arguments).await))?
        }
        Command::CodecWorker => unreachable!("answered before the configuration was read"),
    }
    Ok(())
}

fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(work)
}

async fn administer(values: &Values, command: admin::Admin) -> anyhow::Result<()> {
    database::require_current(values).await?;
    // No command mails a link, so an address that only a server knows is not asked for.
    let app = compose::app(values, values.public_url.clone().unwrap_or_default()).await?;
    admin::run(&app, command).await
}

async fn verify(values: &Values, order: verify::Verify) -> anyhow::Result<()> {
    database::require_current(values).await?;
    let app = compose::app(values, values.public_url.clone().unwrap_or_default()).await?;
    verify::run(&app, order).await
}

async fn list_recalls(values: &Values, arguments: recalls::Recalls) -> anyhow::Result<()> {
    database::require_current(values).await?;
    let app = compose::app(values, values.public_url.clone().unwrap_or_default()).await?;
    recalls::run(&app, arguments).await
}

/// Runs a command that answers in a line.
#[expect(clippy::print_stdout, reason = "this is the command's answer")]
async fn command(
    values: &Values,
    work: impl AsyncFnOnce(&app::App) -> anyhow::Result<String>,
) -> anyhow::Result<()> {
    database::require_current(values).await?;
    let app = compose::app(values, values.public_url.clone().unwrap_or_default()).await?;
    println!("{}", work(&app).await?);
    Ok(())
}

#[expect(clippy::print_stdout, reason = "this is the command's answer")]
fn print_schema() {
    print!("{}", api::sdl());
}
