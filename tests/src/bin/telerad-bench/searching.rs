//! QIDO-RS among ten thousand studies.

use telerad_tests::{Backend, Telerad};

use crate::{
    orthanc::Orthanc,
    rounds::{self, Aim, Rounds},
    samples::{Body, Sample, date_of},
};

const STUDIES: u32 = 10_000;
/// Files of one request while they are filled.
const BATCH: u32 = 200;
/// Searches of one round.
const SEARCHES: u32 = 20;

/// The search of round after round.
type PathOf = fn(u32) -> String;

/// Measures and prints.
pub async fn compare(count: usize) -> anyhow::Result<()> {
    let Some(orthanc) = Orthanc::start().await? else {
        return Ok(());
    };
    let telerad = Telerad::start_with(Backend::Sqlite, &[("TELERAD_LOG", "warn")], &[]).await?;
    let tenant = telerad.found_tenant("bench")?;
    let sides = [crate::side_of(&telerad, &tenant)?, orthanc.side()?];
    let sample = Sample::tiny()?;
    for side in &sides {
        let bodies = (0..STUDIES / BATCH).map(|batch| {
            let files: Vec<_> = (batch * BATCH..(batch + 1) * BATCH)
                .flat_map(|number| sample.files(number))
                .collect();
            Body::of(&files)
        });
        side.store_all(bodies.collect(), 4).await?;
    }
    for side in &sides {
        side.rest().await?;
    }

    rounds::head(&format!(
        "QIDO-RS among {STUDIES} studies, {count} rounds in turns"
    ));
    let searches: [(&str, PathOf); 5] = [
        ("by name", |n| format!("/studies?PatientName=Phantom^N{n:08}")),
        ("by the beginning of a name", |n| {
            format!("/studies?PatientName=Phantom^N{:06}*&limit=50", n / 100)
        }),
        ("by date", |n| {
            format!("/studies?StudyDate={}&limit=50", date_of(n))
        }),
        ("by accession number", |n| {
            format!("/studies?AccessionNumber=A{n:08}")
        }),
        ("the first page of all", |_| "/studies?limit=50".to_owned()),
    ];
    for (what, path) in searches {
        let mut figures = [Rounds::default(), Rounds::default()];
        for round in 0..count as u32 {
            for (side, figures) in sides.iter().zip(&mut figures) {
                let numbers = (0..SEARCHES).map(|search| (round * SEARCHES + search) * 97 % STUDIES);
                let paths: Vec<_> = numbers.map(path).collect();
                let took = side.get_all(&paths, "application/dicom+json", 1).await?;
                figures.add(took.percentile(50));
            }
        }
        let [ours, theirs] = figures;
        rounds::line(what, "ms", &ours, &theirs, Aim::AtMost(0.05));
    }
    Ok(())
}
