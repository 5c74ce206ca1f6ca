//! Starting, stopping, starting again.

use dicom::phantom::PhantomKind;
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
        // Asked to stop while the upload may still be on its way: it is answered, or was never taken.
        tokio::task::yield_now().await;
        telerad.stop().await?;
        let outcome = upload.await?;

        telerad.restart().await?;
        let client = telerad.with_key(&tenant);
        for file in &study {
            let (study, series, uid) = (
                &file.study_instance_uid,
                &file.series_instance_uid,
                &file.sop_instance_uid,
            );
            let reply = client.retrieve(&tenant.slug, study, series, uid).await?;
            match &outcome {
                Ok(stored) if stored.stored.contains(uid) => {
                    assert_eq!(parts_of(&reply)[0].body, file.bytes, "{backend:?}");
                }
                _ => assert_eq!(
                    reply.status, 404,
                    "{backend:?}: what was not acknowledged is not visible"
                ),
            }
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
    let variables = [("TELERAD_DATABASE_URL", powerful.as_str())];
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
