//! Ten gigabytes in and out: what the server holds while they pass.

use telerad_tests::{Backend, Telerad};

use crate::{
    process,
    rounds::{self, Aim},
    samples::Sample,
};

/// Copies of a CT of 300 slices, 158 MB each.
const STUDIES: u32 = 64;
const SENDERS: usize = 3;
const ANY_INSTANCE: &str = "multipart/related; type=\"application/dicom\"; transfer-syntax=*";

/// Measures and prints.
pub async fn measure() -> anyhow::Result<()> {
    let telerad = Telerad::start_with(Backend::Sqlite, &[("TELERAD_LOG", "warn")], &[]).await?;
    let tenant = telerad.found_tenant("bench")?;
    let side = crate::side_of(&telerad, &tenant)?;
    let sample = Sample::ct(50)?;
    let (mut first, mut bytes) = (0, 0);
    rounds::head("Memory while it passes through");
    for study in 0..STUDIES * 6 / SENDERS as u32 {
        let bodies = (0..SENDERS as u32).map(|sender| sample.body(study * SENDERS as u32 + sender));
        bytes += side.store_all(bodies.collect(), SENDERS).await?.bytes;
        if bytes < 1_000_000_000 {
            first = process::peak_memory_mb(side.pid)?;
        }
    }
    let mut out = 0;
    for study in 0..STUDIES * 6 {
        out += side.get(&sample.study_path(study), ANY_INSTANCE).await?.len();
    }
    println!(
        "{:.1} GB in, {:.1} GB out; now {} MB",
        bytes as f64 / 1e9,
        out as f64 / 1e9,
        process::memory_mb(side.pid)?
    );
    let peak = process::peak_memory_mb(side.pid)? as f64;
    rounds::alone("peak memory of the server", "MB", peak, Aim::AtMost(300.0));
    rounds::alone(
        "… to that after the first GB",
        "times",
        peak / first as f64,
        Aim::AtMost(1.5),
    );
    Ok(())
}
