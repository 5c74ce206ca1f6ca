//! WADO-RS: metadata, frames, pictures and what a viewer does.

use std::time::Instant;

use anyhow::ensure;
use telerad_tests::{Backend, Telerad, eventually};

use crate::{
    nginx::Nginx,
    orthanc::Orthanc,
    rounds::{self, Aim, Rounds},
    samples::Sample,
    side::Side,
};

const SLICES: u32 = 300;
/// A cine loop of so many frames.
const FRAMES: u32 = 300;
const JSON: &str = "application/dicom+json";
const ANY_FRAME: &str = "multipart/related; type=\"application/octet-stream\"; transfer-syntax=*";
const ANY_INSTANCE: &str = "multipart/related; type=\"application/dicom\"; transfer-syntax=*";

/// Measures and prints.
pub async fn compare(count: usize) -> anyhow::Result<()> {
    let Some(orthanc) = Orthanc::start().await? else {
        return Ok(());
    };
    let telerad = Telerad::start_with(Backend::Sqlite, &[("TELERAD_LOG", "warn")], &[]).await?;
    let tenant = telerad.found_tenant("bench")?;
    let sides = [crate::side_of(&telerad, &tenant)?, orthanc.side()?];
    let (ct, cine) = (Sample::ct(SLICES)?, Sample::cine(FRAMES)?);
    for side in &sides {
        for part in ct.files(0).collect::<Vec<_>>().chunks(50) {
            side.store(&crate::samples::Body::of(part)).await?;
        }
        side.store(&cine.body(0)).await?;
    }
    let bench = Bench {
        count,
        sides,
        ct,
        cine,
    };
    bench.wait_for_renditions().await?;
    for side in &bench.sides {
        side.rest().await?;
    }
    rounds::head(&format!(
        "WADO-RS, CT of {SLICES} slices, {count} rounds in turns"
    ));
    bench.metadata().await?;
    bench.frames().await?;
    bench.multi_frame().await?;
    bench.whole_series().await?;
    bench.pictures().await?;
    bench.viewer().await
}

struct Bench {
    count: usize,
    sides: [Side; 2],
    ct: Sample,
    cine: Sample,
}

impl Bench {
    /// Frames are asked for as viewers will find them: after the renditions are made.
    async fn wait_for_renditions(&self) -> anyhow::Result<()> {
        let last = self.ct.instance_paths(0).pop().unwrap_or_default();
        let raw = 512 * 512 * 2;
        eventually("the viewing renditions are made", async || {
            let frame = self.sides[0].get(&format!("{last}/frames/1"), ANY_FRAME).await?;
            Ok((frame.len() < raw).then_some(()))
        })
        .await
    }

    /// Both sides in turns; gives ours and theirs.
    async fn turns(
        &self,
        measure: impl AsyncFn(&Side, u32) -> anyhow::Result<f64>,
    ) -> anyhow::Result<(Rounds, Rounds)> {
        let mut figures = [Rounds::default(), Rounds::default()];
        for round in 0..self.count as u32 {
            for (side, figures) in self.sides.iter().zip(&mut figures) {
                figures.add(measure(side, round).await?);
            }
        }
        let [ours, theirs] = figures;
        Ok((ours, theirs))
    }

    async fn metadata(&self) -> anyhow::Result<()> {
        let series = self.ct.series_path(0);
        for (what, path, aim) in [
            ("metadata of the series", format!("{series}/metadata"), 0.05),
            (
                "all its instances by QIDO",
                format!("{series}/instances?limit=1000"),
                0.02,
            ),
        ] {
            let (ours, theirs) = self
                .turns(async |side, _| {
                    Ok(side
                        .get_all(&vec![path.clone(); 5], JSON, 1)
                        .await?
                        .percentile(50))
                })
                .await?;
            rounds::line(what, "ms", &ours, &theirs, Aim::AtMost(aim));
        }
        Ok(())
    }

    async fn frames(&self) -> anyhow::Result<()> {
        let paths: Vec<_> = self
            .ct
            .instance_paths(0)
            .into_iter()
            .map(|path| format!("{path}/frames/1"))
            .collect();
        let files = self.bodies_of(&paths).await?;
        let nginx = Nginx::serve(&files).await?;
        let numbers: Vec<_> = (0..files.len()).map(|number| format!("/{number}")).collect();
        for connections in [8, 32] {
            let mut late = [Rounds::default(), Rounds::default()];
            let mut rate = [Rounds::default(), Rounds::default()];
            let mut plain = Rounds::default();
            for _ in 0..self.count {
                for (number, side) in self.sides.iter().enumerate() {
                    let took = side.get_all(&paths, ANY_FRAME, connections).await?;
                    rate[number].add(took.per_second());
                    late[number].add(took.percentile(99));
                }
                if let Some(nginx) = &nginx {
                    plain.add(
                        nginx
                            .side()?
                            .get_all(&numbers, "*/*", connections)
                            .await?
                            .per_second(),
                    );
                }
            }
            let what = |name: &str| format!("frames, {connections} connections{name}");
            rounds::line(&what(""), "/s", &rate[0], &rate[1], Aim::AtLeast(8.0));
            rounds::line(&what(", p99"), "ms", &late[0], &late[1], Aim::AtMost(0.2));
            if nginx.is_some() {
                rounds::line(&what(", beside nginx"), "/s", &rate[0], &plain, Aim::AtLeast(0.6));
            }
        }
        Ok(())
    }

    async fn bodies_of(&self, paths: &[String]) -> anyhow::Result<Vec<bytes::Bytes>> {
        let mut bodies = Vec::new();
        for path in paths {
            bodies.push(self.sides[0].get(path, ANY_FRAME).await?);
        }
        Ok(bodies)
    }

    async fn multi_frame(&self) -> anyhow::Result<()> {
        let instance = self.cine.instance_paths(0).pop().unwrap_or_default();
        let paths: Vec<_> = (1..=FRAMES)
            .map(|frame| format!("{instance}/frames/{frame}"))
            .collect();
        let (ours, theirs) = self
            .turns(async |side, _| Ok(side.get_all(&paths, ANY_FRAME, 8).await?.per_second()))
            .await?;
        rounds::line(
            "frames of a cine loop, 8 connections",
            "/s",
            &ours,
            &theirs,
            Aim::AtLeast(6.0),
        );
        let asked = async |frame: u32| {
            let path = format!("{instance}/frames/{frame}");
            anyhow::Ok(
                self.sides[0]
                    .get_all(&vec![path; 50], ANY_FRAME, 1)
                    .await?
                    .percentile(50),
            )
        };
        let (mut first, mut last) = (Rounds::default(), Rounds::default());
        for _ in 0..self.count {
            first.add(asked(1).await?);
            last.add(asked(FRAMES).await?);
        }
        rounds::line(
            "its last frame beside its first",
            "ms",
            &last,
            &first,
            Aim::AtMost(1.2),
        );
        Ok(())
    }

    async fn whole_series(&self) -> anyhow::Result<()> {
        let series = self.ct.series_path(0);
        let (ours, theirs) = self
            .turns(async |side, _| {
                let took = side
                    .get_all(std::slice::from_ref(&series), ANY_INSTANCE, 1)
                    .await?;
                ensure!(
                    took.bytes >= self.ct.bytes(),
                    "{} sent {} bytes",
                    side.name,
                    took.bytes
                );
                Ok(took.bytes as f64 / 1e6 / took.seconds)
            })
            .await?;
        rounds::line("the whole series", "MB/s", &ours, &theirs, Aim::AtLeast(4.0));
        Ok(())
    }

    async fn pictures(&self) -> anyhow::Result<()> {
        let instances = self.ct.instance_paths(0);
        let some = |round: u32| instances.iter().skip(round as usize * 20 % 280).take(20);
        let (ours, theirs) = self
            .turns(async |side, round| {
                let paths: Vec<_> = some(round).map(|path| format!("{path}/rendered")).collect();
                Ok(side.get_all(&paths, "image/jpeg", 1).await?.percentile(50))
            })
            .await?;
        rounds::line("an instance rendered", "ms", &ours, &theirs, Aim::AtMost(0.3));
        let series = self.ct.series_path(0);
        let middle = &instances[instances.len() / 2];
        let (ours, theirs) = self
            .turns(async |side, _| {
                // Orthanc's plugin has no thumbnails: the smallest picture it makes stands for one.
                let path = match side.name {
                    "telerad" => format!("{series}/thumbnail"),
                    _ => format!("{middle}/rendered?viewport=256,256"),
                };
                Ok(side
                    .get_all(&vec![path; 20], "image/jpeg", 1)
                    .await?
                    .percentile(50))
            })
            .await?;
        rounds::line("a series' thumbnail", "ms", &ours, &theirs, Aim::AtMost(0.05));
        Ok(())
    }

    async fn viewer(&self) -> anyhow::Result<()> {
        let (series, instances) = (self.ct.series_path(0), self.ct.instance_paths(0));
        let study = self.ct.study_path(0);
        let (ours, theirs) = self
            .turns(async |side, round| {
                let began = Instant::now();
                side.found(&format!("{study}/series")).await?;
                side.get(&format!("{series}/metadata"), JSON).await?;
                let middle = &instances[(140 + round as usize) % instances.len()];
                side.get(&format!("{middle}/frames/1"), ANY_FRAME).await?;
                Ok(began.elapsed().as_secs_f64() * 1000.0)
            })
            .await?;
        rounds::line("a viewer's first image", "ms", &ours, &theirs, Aim::AtMost(0.1));
        let frames: Vec<_> = instances.iter().map(|path| format!("{path}/frames/1")).collect();
        let (ours, theirs) = self
            .turns(async |side, _| {
                let began = Instant::now();
                side.get(&format!("{series}/metadata"), JSON).await?;
                side.get_all(&frames, ANY_FRAME, 8).await?;
                Ok(began.elapsed().as_secs_f64() * 1000.0)
            })
            .await?;
        rounds::line("a viewer's whole CT", "ms", &ours, &theirs, Aim::AtMost(0.12));
        Ok(())
    }
}
