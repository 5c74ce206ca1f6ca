//! `telerad export`: studies as files of a folder or a ZIP, with a DICOMDIR.
//!
//! **Invariant:** an export that was interrupted says so: a folder holds the marker until all is written, a ZIP has its
//! name only then. Running the same command again begins anew.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use app::{
    App,
    export::{Export, ExportRequest, ExportSummary, ExportedFile, Quality, ZipExport},
};
use chrono::{DateTime, NaiveDate, Utc};
use clap::Args;
use dicom::deidentify::{BurnedIn, Profile, ProfileOption, Region};
use tokio::io::AsyncWriteExt as _;

use crate::admin::actor_of;

/// Stands in the folder of an export until that is complete.
const MARKER: &str = "INCOMPLETE";

/// What is exported, and where to.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The tenant's slug.
    #[arg(long)]
    tenant: String,
    /// One study only: its Study Instance UID.
    #[arg(long)]
    study: Option<String>,
    /// Only studies of which something came at this time or later: `2026-11-26` or `2026-11-26T08:00:00Z`.
    #[arg(long, value_parser = parse_since)]
    since: Option<DateTime<Utc>>,
    /// A folder that is empty or does not exist, or the name of a new `.zip`.
    #[arg(long)]
    out: PathBuf,
    /// De-identify by the Basic Application Level Confidentiality Profile (PS3.15).
    #[arg(long)]
    deidentify: bool,
    /// Take out images as lossy copies, other objects, as far as the tenant's policy allows.
    #[arg(long, conflicts_with = "deidentify")]
    lossy: bool,
    /// An option of the profile, several times or with commas: retain-uids, retain-modified-dates, clean-descriptors,
    /// clean-graphics, retain-safe-private, retain-device-identity, retain-institution-identity,
    /// retain-patient-characteristics.
    #[arg(long, requires = "deidentify", value_delimiter = ',', value_parser = parse_option)]
    option: Vec<ProfileOption>,
    /// A region to black out in every image: left,top,width,height in pixels. May stand several times.
    #[arg(long, requires = "deidentify", value_parser = parse_region)]
    black_out: Vec<Region>,
    /// Keep images whose pixels may show text: somebody has looked at them.
    #[arg(long, requires = "deidentify")]
    keep_burned_in: bool,
}

/// Exports, and says what came of it.
///
/// Errors: also when instances could not be taken out, after everything else was.
pub async fn run(app: &App, arguments: Arguments) -> anyhow::Result<String> {
    let actor = actor_of(app, &arguments.tenant).await?;
    let is_zip = arguments
        .out
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("zip"));
    let out = arguments.out.clone();
    if is_zip && out.exists() {
        bail!("{} exists", out.display());
    }
    if !is_zip {
        prepare(&out).with_context(|| format!("preparing {}", out.display()))?;
    }
    let export = app.begin_export(&actor, request(arguments)).await?;
    let summary = if is_zip {
        write_zip(export, &out).await
    } else {
        write_folder(export, &out).await
    };
    let summary = summary.with_context(|| format!("exporting to {}", out.display()))?;
    let said = in_words(&summary);
    // Everything else is there; a script must not take it for all.
    if summary.left_out > 0 {
        bail!("{said}");
    }
    Ok(said)
}

fn request(arguments: Arguments) -> ExportRequest {
    let profile = Profile {
        options: arguments.option.into_iter().collect(),
        black_out: arguments.black_out,
        burned_in: if arguments.keep_burned_in {
            BurnedIn::Keep
        } else {
            BurnedIn::Refuse
        },
    };
    ExportRequest {
        study_instance_uid: arguments.study,
        since: arguments.since,
        deidentify: arguments.deidentify.then_some(profile),
        quality: if arguments.lossy {
            Quality::Lossy
        } else {
            Quality::Original
        },
    }
}

fn in_words(summary: &ExportSummary) -> String {
    let ExportSummary {
        studies,
        instances,
        left_out,
        trashed,
        set_aside,
        bytes,
    } = summary;
    let mut said = format!("{instances} instances of {studies} studies, {bytes} bytes");
    let absent = [
        (left_out, "could not be taken out"),
        (trashed, "lie in the trash"),
        (set_aside, "are set aside under the UIDs of others"),
    ];
    let absent = absent.iter().filter(|(count, _)| **count > 0);
    for (count, why) in absent.clone() {
        said.push_str(&format!("; {count} {why}"));
    }
    if absent.count() > 0 {
        said.push_str("; LEFTOUT.TXT says which and why");
    }
    said
}

/// Makes the folder, or takes one over in which an export was interrupted. What is in it is written over.
fn prepare(folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder)?;
    let marker = folder.join(MARKER);
    if !marker.exists() && fs::read_dir(folder)?.next().is_some() {
        bail!("it is not empty; an export begins in an empty folder");
    }
    match fs::remove_dir_all(folder.join("DICOM")) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    fs::write(marker, "This export was interrupted. Run the command again.\r\n")?;
    Ok(())
}

async fn write_folder(mut export: Export, folder: &Path) -> anyhow::Result<ExportSummary> {
    while let Some(file) = export.next().await? {
        place(file, folder).await?;
    }
    let (last, summary) = export.finish().await?;
    for file in last {
        place(file, folder).await?;
    }
    tokio::fs::remove_file(folder.join(MARKER)).await?;
    Ok(summary)
}

async fn place(exported: ExportedFile, folder: &Path) -> anyhow::Result<()> {
    // Our own names: letters, digits and slashes.
    let path = folder.join(&exported.path);
    if let Some(parent) = path.parent() {
        tokio::fs::create_dir_all(parent).await?;
    }
    let from = exported.file.path();
    // Cheap on one file system, and not possible across two.
    if tokio::fs::rename(from, &path).await.is_err() {
        tokio::fs::copy(from, &path).await?;
    }
    Ok(())
}

async fn write_zip(export: Export, path: &Path) -> anyhow::Result<ExportSummary> {
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".part");
    let mut file = tokio::fs::File::create(&unfinished).await?;
    let mut zip = ZipExport::new(export);
    while let Some(piece) = zip.next_piece().await? {
        file.write_all(&piece).await?;
    }
    file.sync_all().await?;
    tokio::fs::rename(&unfinished, path).await?;
    Ok(zip.summary())
}

fn parse_since(text: &str) -> Result<DateTime<Utc>, String> {
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Ok(moment.to_utc());
    }
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d");
    let midnight = day.ok().and_then(|day| day.and_hms_opt(0, 0, 0));
    midnight
        .map(|midnight| midnight.and_utc())
        .ok_or_else(|| "a date such as 2026-11-26, or a time such as 2026-11-26T08:00:00Z".to_owned())
}

fn parse_option(name: &str) -> Result<ProfileOption, String> {
    ProfileOption::from_name(name).ok_or_else(|| {
        let names: Vec<&str> = ProfileOption::ALL.iter().map(|option| option.as_str()).collect();
        format!("one of {}", names.join(", "))
    })
}

fn parse_region(text: &str) -> Result<Region, String> {
    Region::parse(text).ok_or_else(|| "four numbers: left,top,width,height".to_owned())
}
