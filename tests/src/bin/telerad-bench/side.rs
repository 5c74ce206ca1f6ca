//! One archive under measurement, spoken to over DICOMweb.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use reqwest::header;

use crate::{process, samples::Body};

/// An archive.
#[derive(Debug, Clone)]
pub struct Side {
    /// What people call it.
    pub name: &'static str,
    /// The process.
    pub pid: u32,
    http: reqwest::Client,
    root: String,
    bearer: Option<String>,
}

/// What many requests took.
#[derive(Debug)]
pub struct Took {
    /// From the first to the last.
    pub seconds: f64,
    /// Bytes of all answers.
    pub bytes: usize,
    /// Each one's time, the shortest first.
    pub each: Vec<Duration>,
}

impl Took {
    /// Requests a second.
    pub fn per_second(&self) -> f64 {
        self.each.len() as f64 / self.seconds
    }

    /// Milliseconds that `percent` of the requests did not exceed.
    pub fn percentile(&self, percent: usize) -> f64 {
        let at = (self.each.len() * percent / 100).min(self.each.len() - 1);
        self.each[at].as_secs_f64() * 1000.0
    }
}

impl Side {
    /// An archive at `root`, without a slash at its end.
    pub fn new(name: &'static str, root: String, bearer: Option<String>, pid: u32) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder().tcp_nodelay(true).build()?;
        Ok(Self {
            name,
            pid,
            http,
            root,
            bearer,
        })
    }

    /// Waits until the archive has done what it does on its own after something was stored.
    pub async fn rest(&self) -> anyhow::Result<()> {
        /// So little of a core over so long a time is nothing.
        const NOTHING: f64 = 0.05;
        const LONG: Duration = Duration::from_secs(4);
        loop {
            let before = process::cpu_seconds_of_family(self.pid)?;
            tokio::time::sleep(LONG).await;
            let used = process::cpu_seconds_of_family(self.pid)? - before;
            if used < NOTHING * LONG.as_secs_f64() {
                return Ok(());
            }
        }
    }

    /// Stores one request's instances.
    pub async fn store(&self, body: &Body) -> anyhow::Result<()> {
        let request = self.http.post(format!("{}/studies", self.root));
        let request = request
            .header(header::CONTENT_TYPE, &body.content_type)
            .header(header::ACCEPT, "application/dicom+json")
            .body(body.bytes.clone());
        let answer = self.authorised(request).send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        ensure!(status == 200, "{} answers {status} to STOW: {text}", self.name);
        Ok(())
    }

    /// Gets one answer whole.
    pub async fn get(&self, path: &str, accept: &str) -> anyhow::Result<Bytes> {
        let request = self.http.get(format!("{}{path}", self.root));
        let request = request.header(header::ACCEPT, accept);
        let answer = self.authorised(request).send().await?;
        let status = answer.status();
        ensure!(status.is_success(), "{} answers {status} to {path}", self.name);
        Ok(answer.bytes().await?)
    }

    /// Stores all bodies over so many connections.
    pub async fn store_all(&self, bodies: Vec<Body>, connections: usize) -> anyhow::Result<Took> {
        let all = bodies.into_iter().map(|body| async move {
            let began = Instant::now();
            self.store(&body).await?;
            Ok((began.elapsed(), body.bytes.len()))
        });
        together(all, connections).await
    }

    /// Gets all paths over so many connections.
    pub async fn get_all(&self, paths: &[String], accept: &str, connections: usize) -> anyhow::Result<Took> {
        let accept = Arc::<str>::from(accept);
        let all = paths.iter().map(|path| {
            let accept = Arc::clone(&accept);
            async move {
                let began = Instant::now();
                let bytes = self.get(path, &accept).await?;
                ensure!(!bytes.is_empty(), "{} has nothing at {path}", self.name);
                Ok((began.elapsed(), bytes.len()))
            }
        });
        together(all, connections).await
    }

    /// What a search finds.
    pub async fn found(&self, path: &str) -> anyhow::Result<Vec<serde_json::Value>> {
        let answer = self.get(path, "application/dicom+json").await?;
        if answer.is_empty() {
            return Ok(Vec::new());
        }
        serde_json::from_slice(&answer).with_context(|| format!("{path} of {}", self.name))
    }

    fn authorised(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        match &self.bearer {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }
}

async fn together<F>(all: impl Iterator<Item = F>, connections: usize) -> anyhow::Result<Took>
where
    F: Future<Output = anyhow::Result<(Duration, usize)>>,
{
    let began = Instant::now();
    let done: Vec<_> = stream::iter(all).buffer_unordered(connections).collect().await;
    let seconds = began.elapsed().as_secs_f64();
    let mut took = Took {
        seconds,
        bytes: 0,
        each: Vec::with_capacity(done.len()),
    };
    for one in done {
        let (duration, bytes) = one?;
        took.bytes += bytes;
        took.each.push(duration);
    }
    took.each.sort_unstable();
    ensure!(!took.each.is_empty(), "nothing was asked");
    Ok(took)
}
