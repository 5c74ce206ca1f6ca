//! Roles in processes of their own, and what they leave on the disk.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use dicom::phantom::PhantomKind;
use serde_json::json;
use telerad_tests::{Backend, Telerad, eventually, files};

const PORTAL: &str = "https://reads.example";

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_serves_beside_an_api_and_its_mails_lead_to_the_portal() -> anyhow::Result<()> {
    for backend in Backend::at_hand() {
        let telerad = Telerad::start_with(backend, &[], &["--roles=api"]).await?;
        let tenant = telerad.found_tenant("north")?;
        let admin = telerad.signed_in(&tenant.admin).await?;
        let invite = "mutation($input: InviteMemberInput!) { inviteMember(input: $input) { id } }";
        let input = json!({ "email": "ada@example.org", "role": "RADIOLOGIST" });
        admin.graphql(invite, json!({ "input": input })).await?;

        // The port of the API is taken; a worker has no use for one.
        let taken = telerad.base_url().trim_start_matches("http://").to_owned();
        let variables = [("TELERAD_LISTEN", taken.as_str()), ("TELERAD_PUBLIC_URL", PORTAL)];
        let mut worker = telerad.start_beside(&variables, &["serve", "--roles=worker"])?;
        mail_to_the_portal(&telerad.data_dir().join("outbox")).await?;
        assert!(worker.runs()?, "{backend:?}: {}", telerad.log());
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_knows_no_portal_does_not_start() -> anyhow::Result<()> {
    let telerad = Telerad::start(Backend::Sqlite).await?;
    let refusal = telerad
        .run(&["serve", "--roles=worker"], "")
        .unwrap_err()
        .to_string();
    assert!(refusal.contains("public_url"), "{refusal}");
    let everywhere = [("TELERAD_LISTEN", "0.0.0.0:0")];
    let refusal = telerad.run_with(&everywhere, &["serve"], "").unwrap_err();
    assert!(refusal.to_string().contains("public_url"), "{refusal}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_on_the_machine_reads_the_data() -> anyhow::Result<()> {
    let telerad = Telerad::start(Backend::Sqlite).await?;
    let tenant = telerad.found_tenant("north")?;
    let study = files::study(PhantomKind::KneeMr, 1, 3);
    let client = telerad.with_key(&tenant);
    client.stow(&tenant.slug, &files::bytes_of(&study)).await?;
    let mut seen = 0;
    closed(&telerad.data_dir(), &mut seen)?;
    assert!(seen > 5, "only {seen} files and folders");
    Ok(())
}

/// Errors unless nobody but the owner may do anything with `path` and what lies below it.
fn closed(path: &Path, seen: &mut u32) -> anyhow::Result<()> {
    let about = fs::symlink_metadata(path)?;
    *seen += 1;
    anyhow::ensure!(
        about.permissions().mode() & 0o077 == 0,
        "{} is {:o}",
        path.display(),
        about.permissions().mode()
    );
    if about.is_dir() {
        for entry in fs::read_dir(path)? {
            closed(&entry?.path(), seen)?;
        }
    }
    Ok(())
}

/// Waits for a mail with a link to the portal; what is seen of it before may be half of it.
async fn mail_to_the_portal(folder: &Path) -> anyhow::Result<()> {
    eventually("a mail leads to the portal", async || {
        let found = fs::read_dir(folder).into_iter().flatten().flatten();
        let mut paths = found.map(|entry| entry.path());
        let Some(mail) = paths.find(|path| path.extension().is_some_and(|kind| kind == "eml")) else {
            return Ok(None);
        };
        // Lines of a mail may be folded where they are long.
        let text = fs::read_to_string(mail)?.replace("=\r\n", "");
        Ok(text.contains(PORTAL).then_some(()))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_exists_is_not_made_over() -> anyhow::Result<()> {
    let telerad = Telerad::start(Backend::Sqlite).await?;
    let north = telerad.found_tenant("north")?;
    telerad.found_tenant("south")?;
    let mut arguments = vec![
        "admin",
        "create-user",
        "--tenant",
        "south",
        "--role",
        "RADIOLOGIST",
    ];
    arguments.extend(["--email", &north.radiologist.email]);
    let named = [arguments.as_slice(), &["--name", "Somebody Else"]].concat();
    let refusal = telerad.run(&named, "another long password").unwrap_err();
    assert!(refusal.to_string().contains("add-member"), "{refusal}");
    let client = telerad.signed_in(&north.radiologist).await?;
    let me = client.graphql("{ me { name } }", json!(null)).await?;
    assert_ne!(me["me"]["name"], "Somebody Else");

    arguments[1] = "add-member";
    telerad.run(&arguments, "")?;
    let choice = telerad.signed_in(&north.radiologist).await.unwrap_err();
    assert!(choice.to_string().contains("TENANT_CHOICE_REQUIRED"), "{choice}");
    // An account is made with its membership or not at all.
    let nowhere = [
        "admin",
        "create-user",
        "--tenant",
        "south",
        "--role",
        "FACILITY_STAFF",
    ];
    let new = ["--email", "eve@example.org", "--name", "Eve"];
    let half = [nowhere.as_slice(), &new].concat();
    assert!(telerad.run(&half, "a long password").is_err());
    let whole = [half.as_slice(), &["--facility", "ONE"]].concat();
    telerad.run(&whole, "a long password")?;
    Ok(())
}
