//! Starting, stopping, starting again.

use std::{fs, path::Path, time::Duration};

use dicom::phantom::PhantomKind;
use reqwest::Method;
use rustix::process::Signal;
use telerad_tests::{Backend, Telerad, files, parts_of};

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_program_finished_its_uploads_and_its_data_is_there_again() -> anyhow::Result<()> {
    for backend in Backend::at_hand() {
        let mut telerad = Telerad::start(backend).await?;
        let tenant = telerad.found_tenant("steady")?;
        let study = files::study(PhantomKind::KneeMr, 3, 40);
        let client = telerad.with_key(&tenant);
        let (sender, slug, sent) = (client.clone(), tenant.slug.clone(), study.clone());
        let upload = tokio::spawn(async move { sender.stow(&slug, &files::bytes_of(&sent)).await });
        while !is_batch_under_way(&telerad.data_dir().join("spool"))? {
            anyhow::ensure!(
                !upload.is_finished(),
                "{backend:?}: the upload ended before it was seen"
            );
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        telerad.stop().await?;
        let outcome = upload.await??;
        assert_eq!(
            outcome.stored.len(),
            study.len(),
            "{backend:?}: what had begun is finished"
        );

        telerad.restart().await?;
        let client = telerad.with_key(&tenant);
        for file in &study {
            let (study, series, uid) = (
                &file.study_instance_uid,
                &file.series_instance_uid,
                &file.sop_instance_uid,
            );
            let reply = client.retrieve(&tenant.slug, study, series, uid).await?;
            assert_eq!(parts_of(&reply)[0].body, file.bytes, "{backend:?}");
        }
        assert!(
            client
                .graphql("{ me { id } }", serde_json::Value::Null)
                .await
                .is_err(),
            "a machine is nobody"
        );
        assert_eq!(
            telerad
                .signed_in(&tenant.radiologist)
                .await?
                .get("/readyz")
                .await?
                .status,
            200
        );
    }
    Ok(())
}

/// Whether a request's parts are being written, which the marker of their batch tells.
fn is_batch_under_way(spool: &Path) -> std::io::Result<bool> {
    for entry in fs::read_dir(spool)? {
        if entry?.path().extension().is_some_and(|kind| kind == "batch") {
            return Ok(true);
        }
    }
    Ok(false)
}

#[tokio::test(flavor = "multi_thread")]
async fn readiness_drops_before_the_door_closes_and_the_address_goes_with_it() -> anyhow::Result<()> {
    let mut telerad = Telerad::start(Backend::Sqlite).await?;
    let client = telerad.anonymous();
    let address = telerad.data_dir().join("address");
    assert!(address.exists());
    telerad.signal(Signal::TERM)?;
    // Each look is a new connection: the listener has to be there to say no.
    loop {
        let ready = reqwest::get(format!("{}/readyz", client.base_url())).await?;
        if ready.status() == 503 {
            let told: serde_json::Value = ready.json().await?;
            assert_eq!(told["checks"]["accepting"], false);
            break;
        }
        assert_eq!(ready.status(), 200);
    }
    telerad.wait().await?;
    assert!(!address.exists(), "nobody listens there any more");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_store_request_is_counted_once_by_how_it_ended() -> anyhow::Result<()> {
    let telerad = Telerad::start(Backend::Sqlite).await?;
    let tenant = telerad.found_tenant("counted")?;
    let client = telerad.with_key(&tenant);
    let good = files::study(PhantomKind::ChestRadiograph, 4, 2);
    let bytes = files::bytes_of(&good);
    client.stow(&tenant.slug, &bytes).await?;
    client.stow(&tenant.slug, &[bytes[0], b"not DICOM"]).await?;
    client.stow(&tenant.slug, &[b"not DICOM"]).await?;
    let broken = client
        .request(Method::POST, &format!("/dicomweb/{}/studies", tenant.slug))
        .header(
            "content-type",
            "multipart/related; type=\"application/dicom\"; boundary=x",
        );
    let broken = client.send(broken.body("--x\r\n\r\nhalf")).await?;
    assert_eq!(broken.status, 400);
    let metrics = String::from_utf8(client.get("/metrics").await?.body)?;
    for outcome in ["stored", "partly_stored", "refused", "broken_off"] {
        let line = format!("telerad_ingest_requests_total{{outcome=\"{outcome}\"}} 1\n");
        assert!(metrics.contains(&line), "{line}\n{metrics}");
    }
    Ok(())
}

#[tokio::test]
async fn a_database_of_another_version_is_refused_until_it_is_migrated() -> anyhow::Result<()> {
    if !Backend::at_hand().contains(&Backend::Postgres) {
        return Ok(());
    }
    let database = migrations::ScratchDatabase::postgres().await?;
    let telerad = Telerad::start(Backend::Sqlite).await?;
    let variables = [("TELERAD_DATABASE_URL", database.url.as_str())];
    let refusal = telerad
        .run_with(&variables, &["serve", "--roles=worker"], "")
        .unwrap_err()
        .to_string();
    assert!(refusal.contains("telerad migrate"), "{refusal}");
    Ok(())
}

#[tokio::test]
async fn the_program_refuses_a_database_role_that_could_step_around_row_security() -> anyhow::Result<()> {
    if !Backend::at_hand().contains(&Backend::Postgres) {
        return Ok(());
    }
    let database = migrations::ScratchDatabase::postgres().await?;
    database.migrate().await?;
    let mut powerful = database.url.clone();
    powerful = powerful.replacen("telerad@", "postgres@", 1);
    let telerad = Telerad::start(Backend::Sqlite).await?;
    let variables = [
        ("TELERAD_DATABASE_URL", powerful.as_str()),
        ("TELERAD_PUBLIC_URL", "https://reads.example"),
    ];
    let refusal = telerad
        .run_with(&variables, &["serve", "--roles=worker"], "")
        .unwrap_err()
        .to_string();
    assert!(refusal.contains("row-level security"), "{refusal}");
    Ok(())
}

#[tokio::test]
async fn the_configuration_is_shown_without_its_secrets() -> anyhow::Result<()> {
    let variables = [("TELERAD_SMTP_URL", "smtp://mail:hunter2@mail.example")];
    let telerad = Telerad::start_with(Backend::Sqlite, &variables, &[]).await?;
    let shown = telerad.run(&["config"], "")?;
    assert!(shown.contains("smtp://mail:***@mail.example"), "{shown}");
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(!telerad.log().contains("hunter2"));
    Ok(())
}
