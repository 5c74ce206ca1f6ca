//! Stored objects that rot or vanish under the running program: found, repaired, healed; and objects that are nobody's.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use anyhow::Context as _;
use dicom::phantom::{PhantomInstance, PhantomKind};
use serde_json::Value;
use telerad_tests::{Backend, Client, Telerad, eventually, files, parts_of};

fn tars(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "tar") {
                found.push(path);
            }
        }
    }
    found
}

/// Flips a bit of the last pixels in a tar.
fn rot(object: &Path) -> anyhow::Result<()> {
    let mut bytes = fs::read(object)?;
    let last = bytes.iter().rposition(|byte| *byte != 0).context("bytes")?;
    bytes[last] ^= 0x04;
    Ok(fs::write(object, bytes)?)
}

/// Whether the archive is clean, and what was found otherwise: (trouble, object).
fn verify(telerad: &Telerad, more: &[&str]) -> anyhow::Result<(bool, Vec<(String, String)>)> {
    let mut arguments = vec!["verify", "--format", "json"];
    arguments.extend(more);
    let (clean, printed) = telerad.judgement_of(&arguments)?;
    let findings = printed
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|line| line["finding"].is_object())
        .map(|line| {
            let text = |field: &str| line["finding"][field].as_str().unwrap_or_default().to_owned();
            (text("trouble"), text("object"))
        })
        .collect();
    Ok((clean, findings))
}

/// The original as it is handed out; none when it is not.
async fn stored_bytes(slug: &str, key: &Client, file: &PhantomInstance) -> anyhow::Result<Option<Vec<u8>>> {
    let reply = key
        .retrieve(
            slug,
            &file.study_instance_uid,
            &file.series_instance_uid,
            &file.sop_instance_uid,
        )
        .await?;
    Ok((reply.status == 200).then(|| parts_of(&reply)[0].body.clone()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scrub_finds_what_is_wrong_and_the_right_bytes_heal_it() -> anyhow::Result<()> {
    for backend in Backend::at_hand() {
        let telerad = Telerad::start(backend).await?;
        let tenant = telerad.found_tenant("scrubbed")?;
        let client = telerad.with_key(&tenant);
        let study = files::study(PhantomKind::KneeMr, 5, 2);
        client.stow(&tenant.slug, &files::bytes_of(&study)).await?;
        assert_eq!(verify(&telerad, &[])?, (true, Vec::new()), "{backend:?}");

        let object = tars(&telerad.data_dir().join("objects")).remove(0);
        rot(&object)?;
        let (clean, found) = verify(&telerad, &[])?;
        assert!(!clean);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].0, "damaged");
        assert!(object.ends_with(&found[0].1), "{found:?}");

        // Marked, it is healed by whoever sends it again.
        assert!(!verify(&telerad, &["--fix"])?.0);
        let search = format!(
            "/dicomweb/{}/instances?SOPInstanceUID={}",
            tenant.slug, study[1].sop_instance_uid
        );
        let said = client.get(&search).await?.json();
        assert_eq!(said[0]["00080056"]["Value"][0], "UNAVAILABLE", "{said}");
        assert_eq!(stored_bytes(&tenant.slug, &client, &study[1]).await?, None);
        let again = client.stow(&tenant.slug, &files::bytes_of(&study)).await?;
        assert_eq!(again.status, 200, "{again:?}");
        for file in &study {
            let stored = stored_bytes(&tenant.slug, &client, file).await?;
            assert!(stored.as_deref() == Some(&file.bytes[..]), "{backend:?}");
        }
        let said = client.get(&search).await?.json();
        assert_eq!(said[0]["00080056"]["Value"][0], "ONLINE");

        // An object that nobody names, of long ago.
        let stray = object.with_file_name("00000000-0000-7000-8000-000000000000.tar");
        fs::write(&stray, b"nobody's")?;
        let (clean, found) = verify(&telerad, &[])?;
        assert!(
            found.iter().all(|(trouble, _)| trouble != "orphan"),
            "too young to be judged: {found:?} {clean}"
        );
        let long_ago = SystemTime::now() - Duration::from_secs(3 * 24 * 3600);
        fs::File::options()
            .write(true)
            .open(&stray)?
            .set_modified(long_ago)?;
        let orphans =
            |found: &[(String, String)]| found.iter().filter(|(trouble, _)| trouble == "orphan").count();
        assert_eq!(orphans(&verify(&telerad, &[])?.1), 1);
        assert_eq!(orphans(&verify(&telerad, &["--fix"])?.1), 1);
        eventually("the stray object is removed", async || {
            Ok((!stray.exists()).then_some(()))
        })
        .await?;
        for file in &study {
            assert!(stored_bytes(&tenant.slug, &client, file).await?.is_some());
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_serves_what_rots_and_repairs_it() -> anyhow::Result<()> {
    let second = tempfile::tempdir()?;
    let url = format!("file://{}", second.path().display());
    for backend in Backend::at_hand() {
        let variables = [("TELERAD_OBJECT_STORE_REPLICA_URL", url.as_str())];
        let telerad = Telerad::start_with(backend, &variables, &[]).await?;
        let tenant = telerad.found_tenant("doubled")?;
        let client = telerad.with_key(&tenant);
        let file = files::study(PhantomKind::KneeMr, 6, 1).remove(0);
        client.stow(&tenant.slug, &[&file.bytes]).await?;
        let object = tars(&telerad.data_dir().join("objects")).remove(0);
        let name = object.file_name().context("a name")?.to_owned();
        let copy = eventually("the replica has it", async || {
            let copies = tars(second.path());
            Ok(copies.into_iter().find(|copy| copy.file_name() == Some(&name)))
        })
        .await?;
        let whole = fs::read(&object)?;
        eventually("the copy is whole", async || {
            Ok((fs::read(&copy)? == whole).then_some(()))
        })
        .await?;

        rot(&object)?;
        let served = stored_bytes(&tenant.slug, &client, &file).await?;
        assert!(
            served.as_deref() == Some(&file.bytes[..]),
            "the replica serves meanwhile"
        );
        eventually("it is repaired", async || {
            Ok(fs::read(&object).is_ok_and(|now| now == whole).then_some(()))
        })
        .await?;

        fs::remove_file(&object)?;
        let served = stored_bytes(&tenant.slug, &client, &file).await?;
        assert!(served.as_deref() == Some(&file.bytes[..]));
        let (clean, found) = verify(&telerad, &["--fix"])?;
        // The look before may have had it repaired already.
        assert!(
            clean || found.iter().any(|(trouble, _)| trouble == "missing"),
            "{found:?}"
        );
        eventually("it is there again", async || {
            Ok(fs::read(&object).is_ok_and(|now| now == whole).then_some(()))
        })
        .await?;
        assert_eq!(verify(&telerad, &[])?, (true, Vec::new()));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tenants_with_the_same_images_are_deleted_and_verified_apart() -> anyhow::Result<()> {
    let telerad = Telerad::start(Backend::Sqlite).await?;
    let tenants = [telerad.found_tenant("one")?, telerad.found_tenant("other")?];
    let file = files::study(PhantomKind::KneeMr, 7, 1).remove(0);
    for tenant in &tenants {
        telerad
            .with_key(tenant)
            .stow(&tenant.slug, &[&file.bytes])
            .await?;
    }
    let admin = telerad.signed_in(&tenants[0].admin).await?;
    let path = |slug: &str| format!("/dicomweb/{slug}/studies/{}", file.study_instance_uid);
    let delete = |slug: &str| admin.request(reqwest::Method::DELETE, &path(slug));
    assert_eq!(admin.send(delete(&tenants[1].slug)).await?.status, 404);
    assert_eq!(admin.send(delete(&tenants[0].slug)).await?.status, 204);
    let gone = stored_bytes(&tenants[0].slug, &telerad.with_key(&tenants[0]), &file).await?;
    assert_eq!(gone, None);
    let kept = stored_bytes(&tenants[1].slug, &telerad.with_key(&tenants[1]), &file).await?;
    assert!(kept.as_deref() == Some(&file.bytes[..]));
    Ok(())
}
