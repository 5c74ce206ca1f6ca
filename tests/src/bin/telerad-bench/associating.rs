//! C-STORE: one application that sends to both archives, on one association and on several.

use std::time::Instant;

use anyhow::ensure;
use dimse::{AeTitle, Destination, Limits, contexts_for};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::json;
use telerad_tests::{
    Backend, Telerad,
    node::{Image, Images},
};

use crate::{
    orthanc::Orthanc,
    rounds::{self, Aim, Rounds},
    samples::Sample,
};

/// Slices of one association.
const SLICES: u32 = 50;
const CALLING: &str = "BENCH";
const CALLED: &str = "NORTH";

/// Measures and prints.
pub async fn compare(count: usize) -> anyhow::Result<()> {
    let Some(orthanc) = Orthanc::start().await? else {
        return Ok(());
    };
    let telerad = Telerad::start_with(Backend::Sqlite, &[("TELERAD_LOG", "warn")], &[]).await?;
    let tenant = telerad.found_tenant("bench")?;
    let admin = telerad.signed_in(&tenant.admin).await?;
    admin
        .add_node(&tenant.facility, CALLED, CALLING, json!({}))
        .await?;
    let sides = [telerad.as_peer(CALLING, CALLED)?, peer_of(&orthanc)?];
    let sample = Sample::ct(SLICES)?;
    let mut next = 0;

    rounds::head(&format!("C-STORE, CT of 512 × 512, {count} rounds in turns"));
    for (associations, aim) in [(1, 2.5), (4, 1.5)] {
        let mut figures = [Rounds::default(), Rounds::default()];
        for _ in 0..count {
            for (side, figures) in sides.iter().zip(&mut figures) {
                let studies = next..next + associations;
                next += associations;
                figures.add(sent(side, &sample, studies).await?);
            }
        }
        let what = format!("{associations} at a time, {SLICES} slices each");
        let [ours, theirs] = figures;
        rounds::line(&what, "MB/s", &ours, &theirs, Aim::AtLeast(aim));
    }
    Ok(())
}

fn peer_of(orthanc: &Orthanc) -> anyhow::Result<Destination> {
    Ok(Destination {
        host: "127.0.0.1".to_owned(),
        port: orthanc.dimse_port,
        tls: None,
        called: AeTitle::parse("ORTHANC")?,
        calling: AeTitle::parse(CALLING)?,
        limits: Limits::default(),
        reach: None,
    })
}

/// Sends each study on an association of its own, all at once; gives MB a second.
async fn sent(side: &Destination, sample: &Sample, studies: std::ops::Range<u32>) -> anyhow::Result<f64> {
    let studies: Vec<Vec<Image>> = studies
        .map(|number| sample.images(number))
        .collect::<anyhow::Result<_>>()?;
    let bytes: usize = studies.iter().flatten().map(|image| image.data_set.len()).sum();
    let at_once = studies.len();
    let began = Instant::now();
    stream::iter(studies.iter().map(|study| send(side, study)))
        .buffer_unordered(at_once)
        .try_collect::<()>()
        .await?;
    Ok(bytes as f64 / 1e6 / began.elapsed().as_secs_f64())
}

async fn send(side: &Destination, study: &[Image]) -> anyhow::Result<()> {
    let mut association = side.associate(contexts_for(study), Vec::new()).await?;
    for image in study {
        let status = association.store(&Images, image).await?;
        ensure!(status.is_success(), "{status:?}");
    }
    Ok(association.end().await?)
}
