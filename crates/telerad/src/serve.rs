//! Serving: the roles of a process, from the first connection to a clean stop.
//!
//! **Invariant:** on SIGINT or SIGTERM readiness drops first; uploads that have begun and jobs that run
//! may finish, and the process is gone within fifteen seconds. A second signal ends it at once.

use std::{net::TcpListener, path::PathBuf, sync::Arc, time::Duration};

use anyhow::{Context as _, ensure};
use api::{ApiOptions, ApiState, Server};
use app::App;
use domain::job::JobState;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::{
    signal::unix::{SignalKind, signal},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;
use worker::{Runner, RunnerSettings, Schedule};

use crate::{cli::Role, compose, config::Values, database, dimse, telemetry};

/// Requests that are being answered, and jobs, may take so long after the signal.
pub const DRAIN: Duration = Duration::from_secs(8);

/// Readiness is refused for so long before the listener closes: a balancer looks every second or so.
const NOTICE: Duration = Duration::from_secs(2);

/// Whatever happens, the process is gone after so long.
const LAST_MOMENT: Duration = Duration::from_secs(14);

/// The audit trail's last checkpoint may take so long.
const LAST_CHECKPOINT: Duration = Duration::from_secs(3);

// A drain that takes all its time must not cost the trail its last checkpoint.
const _: () = assert!(NOTICE.as_secs() + DRAIN.as_secs() + LAST_CHECKPOINT.as_secs() < LAST_MOMENT.as_secs());

/// How often gauges are brought up to date.
const GAUGE_PERIOD: Duration = Duration::from_secs(15);

/// Serves `roles` until a signal.
pub async fn serve(values: Values, roles: &[Role]) -> anyhow::Result<()> {
    database::require_current(&values).await?;
    if !roles.contains(&Role::Api) {
        ensure!(
            values.public_url.is_some(),
            "set public_url: this process serves no portal, and its mails carry links to one"
        );
        let app = compose::app(&values, values.portal_url(values.listen)?).await?;
        let parts = Parts {
            http: None,
            with_worker: roles.contains(&Role::Worker),
            dimse: doors(&values, roles)?,
        };
        return serve_app(&values, app, parts).await;
    }
    let listener = listen(&values)?;
    let app = compose::app(&values, values.portal_url(listener.local_addr()?)?).await?;
    let parts = Parts {
        http: Some(listener),
        with_worker: roles.contains(&Role::Worker),
        dimse: doors(&values, roles)?,
    };
    serve_app(&values, app, parts).await
}

/// What a process serves.
#[derive(Debug)]
pub struct Parts {
    /// The HTTP listener, where HTTP is served.
    pub http: Option<TcpListener>,
    /// Whether jobs are run.
    pub with_worker: bool,
    /// The DICOM listeners, where associations are taken.
    pub dimse: Option<dimse::Doors>,
}

fn doors(values: &Values, roles: &[Role]) -> anyhow::Result<Option<dimse::Doors>> {
    roles
        .contains(&Role::Dimse)
        .then(|| dimse::Doors::open(values))
        .transpose()
}

/// Takes the configured port.
pub fn listen(values: &Values) -> anyhow::Result<TcpListener> {
    TcpListener::bind(values.listen).with_context(|| format!("listening on {}", values.listen))
}

/// Serves an opened app until a signal.
pub async fn serve_app(values: &Values, app: App, wanted: Parts) -> anyhow::Result<()> {
    let metrics = telemetry::start_metrics()?;
    let stop = stop_on_signal()?;
    let mut parts = JoinSet::new();
    if wanted.with_worker {
        start_worker(&mut parts, values, &app, &stop)?;
    }
    parts.spawn(keep_gauges(app.clone(), metrics.clone(), stop.clone()));
    let trail = app.clone();
    if let Some(doors) = wanted.dimse {
        dimse::start(&mut parts, values, app.clone(), doors, &stop)?;
    }
    if let Some(listener) = wanted.http {
        start_api(&mut parts, values, app, listener, metrics, &stop)?;
    }
    // A part that ends before it was told to takes the others with it, in good order.
    let mut outcome = Ok(());
    while let Some(ended) = parts.join_next().await {
        stop.cancel();
        let result = ended
            .context("a part of the program panicked")
            .and_then(|result| result);
        outcome = outcome.and(result);
    }
    close_trail(&trail).await;
    tracing::info!("stopped");
    outcome
}

/// Writes what is counted and not yet said, and a last checkpoint: what this process wrote is anchored when it is gone.
async fn close_trail(app: &App) {
    let closed = async {
        app.settle_refusals(true).await?;
        app.checkpoint_trails().await
    };
    match tokio::time::timeout(LAST_CHECKPOINT, closed).await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => {
            tracing::warn!(error = %error, "the audit trail is left without its last checkpoint")
        }
        Err(_) => tracing::warn!("there was no time for the audit trail's last checkpoint"),
    }
}

fn start_worker(
    parts: &mut JoinSet<anyhow::Result<()>>,
    values: &Values,
    app: &App,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    let settings = RunnerSettings {
        slots: values.job_slots,
        lease: values.job_lease(),
        grace: DRAIN,
        ..RunnerSettings::default()
    };
    let runner = Runner::new(app.clone(), worker::registry()?, settings);
    let (app, stop) = (app.clone(), stop.clone());
    parts.spawn(async move {
        tokio::join!(runner.run(stop.clone()), Schedule::standard().run(app, stop));
        Ok(())
    });
    Ok(())
}

fn start_api(
    parts: &mut JoinSet<anyhow::Result<()>>,
    values: &Values,
    app: App,
    listener: TcpListener,
    metrics: PrometheusHandle,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    let address = listener.local_addr()?;
    let options = ApiOptions {
        listen: address,
        threads: compose::processors(),
        notice: NOTICE,
        drain: DRAIN,
        body_idle: Duration::from_secs(values.body_idle_seconds),
        allowed_origins: values.allowed_origins()?,
        metrics: Arc::new(move || metrics.render()),
        ..ApiOptions::default()
    };
    let url = app.settings.public_url.clone();
    let server = Server::listen(ApiState::new(app, options), listener).context("starting the HTTP server")?;
    let address_file = AddressFile::write(values.in_data_dir("address"), format!("http://{address}\n"))?;
    tracing::info!(http.address = %address, http.url = url, "serving");
    let stop = stop.clone();
    parts.spawn(async move {
        let served = server.run(stop.cancelled_owned()).await;
        address_file.remove();
        served.context("serving HTTP")
    });
    Ok(())
}

/// Tells programs beside us where we listen, which they cannot know when port 0 was asked for.
pub(crate) struct AddressFile {
    file: PathBuf,
    text: String,
}

impl AddressFile {
    pub(crate) fn write(file: PathBuf, text: String) -> anyhow::Result<Self> {
        let half = file.with_extension("new");
        std::fs::write(&half, &text)
            .and_then(|()| std::fs::rename(&half, &file))
            .with_context(|| format!("writing {}", file.display()))?;
        Ok(Self { file, text })
    }

    /// Nobody listens there any more. Another process may have written its own by now.
    pub(crate) fn remove(&self) {
        let is_ours = std::fs::read_to_string(&self.file).is_ok_and(|text| text == self.text);
        if is_ours && let Err(error) = std::fs::remove_file(&self.file) {
            tracing::warn!(error = %error, "the file with our address stays behind");
        }
    }
}

/// A token that is cancelled by the first SIGINT or SIGTERM.
fn stop_on_signal() -> anyhow::Result<CancellationToken> {
    let mut interrupt = signal(SignalKind::interrupt()).context("watching for SIGINT")?;
    let mut terminate = signal(SignalKind::terminate()).context("watching for SIGTERM")?;
    let stop = CancellationToken::new();
    let told = stop.clone();
    tokio::spawn(async move {
        tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
        tracing::info!("stopping: finishing what has begun; once more to stop at once");
        told.cancel();
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            () = tokio::time::sleep(LAST_MOMENT) => tracing::error!("something did not stop in time"),
        }
        std::process::exit(1);
    });
    Ok(stop)
}

async fn keep_gauges(app: App, metrics: PrometheusHandle, stop: CancellationToken) -> anyhow::Result<()> {
    loop {
        match app.job_totals().await {
            Ok(totals) => {
                for state in [JobState::Queued, JobState::Running, JobState::Dead] {
                    let jobs = totals
                        .iter()
                        .find(|(of, _)| *of == state)
                        .map_or(0, |(_, jobs)| *jobs);
                    metrics::gauge!("telerad_jobs", "state" => state.as_str()).set(jobs as f64);
                }
            }
            Err(error) => tracing::warn!(error = %error, "cannot count jobs"),
        }
        if let Err(error) = app.settle_refusals(false).await {
            tracing::warn!(error = %error, "cannot write how often something was refused");
        }
        metrics.run_upkeep();
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = tokio::time::sleep(GAUGE_PERIOD) => {}
        }
    }
}
