//! Stored objects that rot under the running program: what is derived heals, what is not is never served changed.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use dicom::phantom::PhantomKind;
use serde_json::json;
use telerad_tests::{Backend, Telerad, eventually, files, parts_of};

const ANY: &str = "multipart/related; type=\"application/octet-stream\"; transfer-syntax=*";
const HTJ2K: &str = "1.2.840.10008.1.2.4.202";

fn objects(telerad: &Telerad, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    collect(&telerad.data_dir().join("objects"), extension, &mut found);
    found
}

fn collect(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, extension, found);
        } else if path.extension().is_some_and(|of_this| of_this == extension) {
            found.push(path);
        }
    }
}

/// Flips a bit in the last bytes of the object.
fn rot(object: &Path) -> anyhow::Result<()> {
    let mut bytes = fs::read(object)?;
    // A tar ends with two empty blocks and padding; before them stand pixels.
    let last = bytes.iter().rposition(|byte| *byte != 0).context("bytes")?;
    bytes[last] ^= 0x04;
    Ok(fs::write(object, bytes)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn derived_images_heal_and_a_damaged_original_is_never_shown() -> anyhow::Result<()> {
    for backend in Backend::at_hand() {
        derived_images_heal(backend).await?;
    }
    Ok(())
}

async fn derived_images_heal(backend: Backend) -> anyhow::Result<()> {
    let telerad = Telerad::start(backend).await?;
    let tenant = telerad.found_tenant("rotten")?;
    let client = telerad.with_key(&tenant);
    let file = &files::study(PhantomKind::KneeMr, 5, 1)[0];
    client.stow(&tenant.slug, &[&file.bytes]).await?;
    let series = format!(
        "/dicomweb/{}/studies/{}/series/{}",
        tenant.slug, file.study_instance_uid, file.series_instance_uid
    );
    let image = format!("{series}/instances/{}", file.sop_instance_uid);
    let kind = async || {
        let reply = client.get_as(&format!("{image}/frames/1"), ANY).await?;
        anyhow::ensure!(reply.status == 200, "{} {}", reply.status, reply.code());
        Ok(parts_of(&reply)[0].headers.clone())
    };
    let renditioned = async || Ok(kind().await?.contains(HTJ2K).then_some(()));
    eventually("there is a rendition", renditioned).await?;
    eventually(
        "there is a thumbnail",
        async || Ok(objects(&telerad, "jpg").pop()),
    )
    .await?;

    // What is made anew may rot again at once.
    for _ in 0..2 {
        rot(&objects(&telerad, "frames")[0])?;
        assert!(!kind().await?.contains(HTJ2K), "the original serves meanwhile");
        eventually("the rendition is made anew", renditioned).await?;
    }

    let thumbnail = objects(&telerad, "jpg").remove(0);
    rot(&thumbnail)?;
    let drawn = client.get(&format!("{series}/thumbnail")).await?;
    assert_eq!((drawn.status, drawn.content_type.as_str()), (200, "image/jpeg"));
    eventually("the thumbnail is drawn anew", async || {
        Ok((!thumbnail.exists() && !objects(&telerad, "jpg").is_empty()).then_some(()))
    })
    .await?;

    rot(&objects(&telerad, "tar")[0])?;
    for path in ["", "/rendered", "/thumbnail"] {
        let reply = client.get(&format!("{image}{path}")).await?;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (500, "OBJECT_DAMAGED"),
            "{path}"
        );
        assert!(reply.content_type.starts_with("application/problem+json"));
    }
    let metrics = String::from_utf8(telerad.anonymous().get("/metrics").await?.body)?;
    for kind in ["original", "rendition", "thumbnail"] {
        assert!(
            metrics.contains(&format!(
                "telerad_damaged_objects_total{{kind=\"{kind}\",store=\"primary\"}}"
            )),
            "{kind}:\n{metrics}"
        );
    }
    let log = telerad.log();
    assert!(log.contains("a stored object is missing or damaged"), "{log}");
    assert!(!log.contains(&file.sop_instance_uid), "no UID in the log");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_report_is_not_handed_out() -> anyhow::Result<()> {
    let telerad = Telerad::start_with(Backend::Sqlite, &[("TELERAD_QUIET_PERIOD_SECONDS", "1")], &[]).await?;
    let tenant = telerad.found_tenant("paper")?;
    let file = &files::study(PhantomKind::ChestRadiograph, 6, 1)[0];
    telerad
        .with_key(&tenant)
        .stow(&tenant.slug, &[&file.bytes])
        .await?;
    let reader = telerad.signed_in(&tenant.radiologist).await?;
    let case = reader
        .case_in(&file.study_instance_uid, "READY_TO_READ")
        .await?
        .id;
    reader.write_and_sign(&case, &tenant.radiologist.password).await?;
    let url = eventually("the report is printed", async || {
        let query = "query ($id: ID!) { case(id: $id) { report { versions { pdfUrl } } } }";
        let data = reader.graphql(query, json!({ "id": case })).await?;
        let url = &data["case"]["report"]["versions"][0]["pdfUrl"];
        Ok(url.as_str().map(str::to_owned))
    })
    .await?;
    let path = url.strip_prefix(reader.base_url()).unwrap_or(&url).to_owned();
    let sound = reader.get(&path).await?;
    assert_eq!(
        (sound.status, sound.content_type.as_str()),
        (200, "application/pdf")
    );

    let object = objects(&telerad, "pdf").remove(0);
    rot(&object)?;
    let damaged = reader.get(&path).await?;
    assert_eq!((damaged.status, damaged.code().as_str()), (500, "OBJECT_DAMAGED"));
    fs::remove_file(&object)?;
    let missing = reader.get(&path).await?;
    assert_eq!((missing.status, missing.code().as_str()), (500, "OBJECT_DAMAGED"));
    fs::write(&object, &sound.body)?;
    assert_eq!(
        reader.get(&path).await?.body,
        sound.body,
        "restored, it is served"
    );
    Ok(())
}
