//! STOW-RS: throughput, CPU and bytes written, beside Orthanc and beside a plain write of the same bytes.

use std::{fs::File, io::Write as _, path::Path, time::Instant};

use telerad_tests::{Backend, Telerad};

use crate::{
    orthanc::Orthanc,
    process,
    rounds::{self, Aim, Rounds},
    samples::{Body, Sample},
    side::Side,
};

/// Instances of a large request: 26 MB of CT.
const BATCH: u32 = 50;

/// Measures and prints.
pub async fn compare(count: usize) -> anyhow::Result<()> {
    let Some(orthanc) = Orthanc::start().await? else {
        return Ok(());
    };
    let telerad = Telerad::start_with(Backend::Sqlite, &[("TELERAD_LOG", "warn")], &[]).await?;
    let tenant = telerad.found_tenant("bench")?;
    let ours = crate::side_of(&telerad, &tenant)?;
    let theirs = orthanc.side()?;
    let sample = Sample::ct(BATCH)?;
    let mut next = Numbers(0);

    rounds::head(&format!("STOW-RS, CT of 512 × 512, {count} rounds in turns"));
    for (connections, requests, aim) in [(1, 4, 3.0), (4, 8, 1.5)] {
        let bodies = |next: &mut Numbers| next.take(requests).map(|number| sample.body(number)).collect();
        let figures = Figures::measured(count, &ours, &theirs, connections, || bodies(&mut next)).await?;
        let what = format!("{BATCH} instances a request, {connections} at a time");
        rounds::line(
            &what,
            "MB/s",
            &figures.ours.rate,
            &figures.theirs.rate,
            Aim::AtLeast(aim),
        );
        if connections == 1 {
            let plain = plain_writes(count, &telerad.data_dir(), &sample.body(0), requests)?;
            rounds::line(
                "… beside write and sync of the bytes",
                "MB/s",
                &figures.ours.rate,
                &plain,
                Aim::AtLeast(0.8),
            );
            rounds::line(
                "… CPU of the server",
                "s/GB",
                &figures.ours.cpu,
                &figures.theirs.cpu,
                Aim::AtMost(0.4),
            );
            rounds::alone(
                "… bytes written per byte received",
                "",
                figures.ours.written.median(),
                Aim::AtMost(1.05),
            );
        }
    }
    for (connections, requests, aim) in [(1, 60, 1.0), (4, 120, 1.5), (8, 240, 1.5)] {
        let bodies = |next: &mut Numbers| one_by_one(&sample, next, requests);
        let figures = Figures::measured(count, &ours, &theirs, connections, || bodies(&mut next)).await?;
        let what = format!("1 instance a request, {connections} at a time");
        rounds::line(
            &what,
            "MB/s",
            &figures.ours.rate,
            &figures.theirs.rate,
            Aim::AtLeast(aim),
        );
    }
    let (ours, theirs) = (
        process::peak_memory_mb(ours.pid)?,
        process::peak_memory_mb(theirs.pid)?,
    );
    println!("peak memory of the server: telerad {ours} MB, Orthanc {theirs} MB");
    Ok(())
}

/// Numbers of copies, each used once.
struct Numbers(u32);

impl Numbers {
    fn take(&mut self, count: u32) -> std::ops::Range<u32> {
        let first = self.0;
        self.0 += count;
        first..self.0
    }
}

/// So many requests of one instance each.
fn one_by_one(sample: &Sample, next: &mut Numbers, requests: u32) -> Vec<Body> {
    next.take(requests.div_ceil(BATCH))
        .flat_map(|number| {
            sample
                .files(number)
                .map(|file| Body::of(&[file]))
                .collect::<Vec<_>>()
        })
        .take(requests as usize)
        .collect()
}

#[derive(Default)]
struct Figures {
    ours: SideFigures,
    theirs: SideFigures,
}

#[derive(Default)]
struct SideFigures {
    /// MB a second.
    rate: Rounds,
    /// Seconds of the server's CPU for a GB.
    cpu: Rounds,
    /// Bytes it wrote for a byte it took.
    written: Rounds,
}

impl Figures {
    async fn measured(
        count: usize,
        ours: &Side,
        theirs: &Side,
        connections: usize,
        mut bodies: impl FnMut() -> Vec<Body>,
    ) -> anyhow::Result<Self> {
        let mut figures = Self::default();
        for _ in 0..count {
            figures.ours.round(ours, bodies(), connections).await?;
            figures.theirs.round(theirs, bodies(), connections).await?;
        }
        Ok(figures)
    }
}

impl SideFigures {
    async fn round(&mut self, side: &Side, bodies: Vec<Body>, connections: usize) -> anyhow::Result<()> {
        let (cpu, written) = (process::cpu_seconds(side.pid)?, process::written_bytes(side.pid)?);
        let took = side.store_all(bodies, connections).await?;
        self.rate.add(took.bytes as f64 / 1e6 / took.seconds);
        let cpu = process::cpu_seconds(side.pid)? - cpu;
        self.cpu.add(cpu / (took.bytes as f64 / 1e9));
        let written = process::written_bytes(side.pid)? - written;
        self.written.add(written as f64 / took.bytes as f64);
        Ok(())
    }
}

/// What the disk takes: a file a request, synced, one after the other.
fn plain_writes(count: usize, folder: &Path, body: &Body, files: u32) -> anyhow::Result<Rounds> {
    let mut rounds = Rounds::default();
    for _ in 0..count {
        let began = Instant::now();
        for number in 0..files {
            let mut file = File::create(folder.join(format!("plain-{number}")))?;
            file.write_all(&body.bytes)?;
            file.sync_all()?;
            File::open(folder)?.sync_all()?;
        }
        let bytes = body.bytes.len() as f64 * f64::from(files);
        rounds.add(bytes / 1e6 / began.elapsed().as_secs_f64());
        for number in 0..files {
            std::fs::remove_file(folder.join(format!("plain-{number}")))?;
        }
    }
    Ok(rounds)
}
