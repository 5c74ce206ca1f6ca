//! Logs and metrics of the process.

use std::io::IsTerminal as _;

use anyhow::{Context as _, anyhow};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::{EnvFilter, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::config::{Configuration, Values};

/// Upper bounds of the histograms' buckets, in seconds.
const SECONDS: &[f64] = &[
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0,
];

/// Starts logging to standard error: for people on a terminal, as JSON otherwise.
pub fn start(values: &Values) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&values.log).context("the log filter")?;
    let registry = tracing_subscriber::registry().with(filter);
    let terminal = std::io::stderr().is_terminal();
    if terminal {
        let layer = tracing_subscriber::fmt::layer()
            .with_writer(std::io::stderr)
            .with_target(false)
            .compact();
        registry.with(layer).try_init()
    } else {
        let layer = tracing_subscriber::fmt::layer()
            .with_writer(std::io::stderr)
            .json()
            .flatten_event(true);
        registry.with(layer).try_init()
    }
    .map_err(|error| anyhow!("starting the log: {error}"))?;
    std::panic::set_hook(Box::new(log_panic));
    for variable in Configuration::strangers() {
        tracing::warn!(variable, "this environment variable sets nothing");
    }
    Ok(())
}

/// Starts counting; the handle renders what `/metrics` answers.
pub fn start_metrics() -> anyhow::Result<PrometheusHandle> {
    PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), SECONDS)
        .and_then(PrometheusBuilder::install_recorder)
        .context("starting the metrics")
}

/// Only a literal message is logged: a formatted one may quote what it met.
fn log_panic(info: &std::panic::PanicHookInfo<'_>) {
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    let literal = info
        .payload()
        .downcast_ref::<&'static str>()
        .copied()
        .unwrap_or("see the place");
    tracing::error!(panic.place = place, panic.message = literal, "panicked");
}
