//! What the program does alone, on SQLite and a local folder.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use dicom::phantom::{PhantomInstance, PhantomKind, PhantomOptions, PhantomStudy};
use futures_util::{StreamExt as _, stream};
use telerad_tests::{Backend, Client, Telerad, Tenant, eventually, files};

/// Files of one request, about 8 MB of CT.
const BATCH: usize = 16;
/// Requests at a time, as the portal sends them.
const SENDERS: usize = 3;
const SLICES: u32 = 300;
const CONNECTIONS: usize = 32;
/// Slices of the large upload: a gigabyte.
const LARGE: u32 = 1950;

/// Measures and prints.
pub async fn measure() -> anyhow::Result<()> {
    let telerad = Telerad::start_with(Backend::Sqlite, &[("TELERAD_LOG", "warn")], &[]).await?;
    let tenant = telerad.found_tenant("bench")?;
    let client = telerad.with_key(&tenant);

    let study = ct(1, SLICES);
    let first = study[0].clone();
    store(&client, &tenant, study).await?;
    let series = series_of(&tenant, &first);
    thumbnail(&client, &tenant).await?;

    // A few more studies, so that a query has something to choose from.
    for seed in 100..130 {
        let small = files::study(PhantomKind::ChestRadiograph, seed, 2);
        client.stow(&tenant.slug, &files::bytes_of(&small)).await?;
    }
    let query = format!("/dicomweb/{}/studies?PatientID=PHANTOM-1*&limit=50", tenant.slug);
    let times = repeat(500, || client.get(&query)).await?;
    println!(
        "QIDO studies, p50                 {:>8.2} ms",
        millis(percentile(&times, 50))
    );
    println!(
        "QIDO studies, p99                 {:>8.2} ms",
        millis(percentile(&times, 99))
    );
    let metadata = format!("{series}/metadata");
    let times = repeat(50, || client.get(&metadata)).await?;
    println!(
        "series metadata, 300 slices, p50  {:>8.2} ms",
        millis(percentile(&times, 50))
    );

    frames(&client, &tenant, &series).await?;
    large_upload(&telerad, &client, &tenant).await
}

fn series_of(tenant: &Tenant, instance: &PhantomInstance) -> String {
    format!(
        "/dicomweb/{}/studies/{}/series/{}",
        tenant.slug, instance.study_instance_uid, instance.series_instance_uid
    )
}

/// From the acknowledgement of a study's only batch, while the one before it is still worked on.
async fn thumbnail(client: &Client, tenant: &Tenant) -> anyhow::Result<()> {
    let batch = ct(3, BATCH as u32);
    let began = Instant::now();
    let outcome = client.stow(&tenant.slug, &files::bytes_of(&batch)).await?;
    ensure!(outcome.status == 200, "{}", outcome.body);
    let (stored, thumbnail) = (
        Instant::now(),
        format!("{}/thumbnail", series_of(tenant, &batch[0])),
    );
    eventually("there is a thumbnail", async || {
        Ok((client.get(&thumbnail).await?.status == 200).then_some(()))
    })
    .await?;
    println!(
        "last byte to thumbnail            {:>8.2} s (the request itself took {:.2} s)",
        stored.elapsed().as_secs_f64(),
        (stored - began).as_secs_f64()
    );
    Ok(())
}

/// A CT as machines make them: 512 × 512, 16 bits, with noise.
fn ct(seed: u64, slices: u32) -> Vec<PhantomInstance> {
    let options = PhantomOptions {
        seed,
        instances: Some(slices),
        ..PhantomOptions::default()
    };
    PhantomStudy::new(PhantomKind::HeadCt, options)
        .map(|slice| slice.expect("a CT can be made"))
        .collect()
}

async fn store(client: &Client, tenant: &Tenant, study: Vec<PhantomInstance>) -> anyhow::Result<()> {
    let bytes: usize = study.iter().map(|slice| slice.bytes.len()).sum();
    let (count, began) = (study.len(), Instant::now());
    let sent: Vec<_> = stream::iter(study.chunks(BATCH))
        .map(async |batch| client.stow(&tenant.slug, &files::bytes_of(batch)).await)
        .buffer_unordered(SENDERS)
        .collect()
        .await;
    for outcome in sent {
        let outcome = outcome?;
        ensure!(outcome.status == 200, "{}", outcome.body);
    }
    let seconds = began.elapsed().as_secs_f64();
    println!(
        "STOW, {SENDERS} senders                   {:>8.1} MB/s",
        bytes as f64 / 1e6 / seconds
    );
    println!(
        "STOW, {SENDERS} senders                   {:>8.1} instances/s",
        count as f64 / seconds
    );
    Ok(())
}

async fn repeat<F>(times: usize, ask: impl Fn() -> F) -> anyhow::Result<Vec<Duration>>
where
    F: Future<Output = anyhow::Result<telerad_tests::Reply>>,
{
    let mut took = Vec::with_capacity(times);
    for _ in 0..times {
        let began = Instant::now();
        let reply = ask().await?;
        ensure!(reply.status == 200, "{}", reply.status);
        took.push(began.elapsed());
    }
    took.sort_unstable();
    Ok(took)
}

fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    sorted[(sorted.len() * percent / 100).min(sorted.len() - 1)]
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

async fn frames(client: &Client, tenant: &Tenant, series: &str) -> anyhow::Result<()> {
    let listed = client
        .get(&format!("{series}/instances?limit=1000"))
        .await?
        .json();
    let uids: Vec<_> = listed
        .as_array()
        .context("a list of instances")?
        .iter()
        .filter_map(|instance| Some(instance["00080018"]["Value"][0].as_str()?.to_owned()))
        .collect();
    ensure!(
        uids.len() == SLICES as usize,
        "{} instances of {}",
        uids.len(),
        tenant.slug
    );
    let paths: Arc<Vec<_>> = Arc::new(
        uids.iter()
            .map(|uid| format!("{series}/instances/{uid}/frames/1"))
            .collect(),
    );
    let began = Instant::now();
    const ROUNDS: usize = 4;
    let accept = "multipart/related; type=\"application/octet-stream\"; transfer-syntax=*";
    let bytes: Vec<_> = stream::iter(0..ROUNDS * paths.len())
        .map(|number| {
            let (client, paths) = (client.clone(), Arc::clone(&paths));
            async move { client.get_as(&paths[number % paths.len()], accept).await }
        })
        .buffer_unordered(CONNECTIONS)
        .map(|reply| reply.map_or(0, |reply| if reply.status == 200 { reply.body.len() } else { 0 }))
        .collect()
        .await;
    let seconds = began.elapsed().as_secs_f64();
    ensure!(bytes.iter().all(|bytes| *bytes > 0), "a frame was not served");
    println!(
        "frames, {CONNECTIONS} connections            {:>8.0} /s",
        bytes.len() as f64 / seconds
    );
    println!(
        "frames, {CONNECTIONS} connections            {:>8.1} MB/s",
        bytes.iter().sum::<usize>() as f64 / 1e6 / seconds
    );
    Ok(())
}

async fn large_upload(telerad: &Telerad, client: &Client, tenant: &Tenant) -> anyhow::Result<()> {
    let options = PhantomOptions {
        seed: 2,
        instances: Some(LARGE),
        ..PhantomOptions::default()
    };
    let study = PhantomStudy::new(PhantomKind::HeadCt, options);
    let began = Instant::now();
    // Made batch by batch: the gigabyte is never in this process either.
    let starts = (0..LARGE).step_by(BATCH);
    let mut sent = stream::iter(starts)
        .map(async |start| {
            let end = (start + BATCH as u32).min(LARGE);
            let batch: Result<Vec<_>, _> = (start..end).map(|index| study.instance(index)).collect();
            let batch = batch.map_err(|error| anyhow::anyhow!("{error}"))?;
            let outcome = client.stow(&tenant.slug, &files::bytes_of(&batch)).await?;
            ensure!(outcome.status == 200, "{}", outcome.body);
            Ok(batch.iter().map(|slice| slice.bytes.len()).sum::<usize>())
        })
        .buffer_unordered(SENDERS);
    let mut bytes = 0;
    while let Some(batch) = sent.next().await {
        bytes += batch?;
    }
    println!(
        "upload of {:.2} GB, made on the fly  {:>7.1} s",
        bytes as f64 / 1e9,
        began.elapsed().as_secs_f64()
    );
    println!(
        "peak memory of the server         {:>8} MB",
        crate::process::peak_memory_mb(telerad.pid())?
    );
    Ok(())
}
