//! The subscription: what is committed is heard by who may hear it, and a client that was away resumes.

use dicom::phantom::PhantomKind;
use serde_json::Value;
use telerad_tests::{Backend, Message, Socket, Telerad, files};

const ALL: &str =
    "subscription { changes { sequence topic objectId case { id study { studyInstanceUid } } } }";

/// The next change that carries a case.
async fn next_case(socket: &mut Socket) -> anyhow::Result<Value> {
    loop {
        match socket.receive().await? {
            Message::Json(message) if message["type"] == "next" => {
                let change = &message["payload"]["data"]["changes"];
                if !change["case"].is_null() {
                    return Ok(change.clone());
                }
            }
            Message::Json(_) => {}
            Message::Closed(code) => anyhow::bail!("closed with {code}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_hears_of_a_new_case_at_once_and_resumes_where_they_were() -> anyhow::Result<()> {
    for backend in Backend::at_hand() {
        let telerad = Telerad::start_with(backend, &[("TELERAD_QUIET_PERIOD_SECONDS", "1")], &[]).await?;
        let tenant = telerad.found_tenant("live")?;
        let reader = telerad.signed_in(&tenant.radiologist).await?;
        let mut socket = reader.live().await?;
        socket.subscribe(ALL).await?;
        let study = files::study(PhantomKind::ChestRadiograph, 300, 2);
        let client = telerad.with_key(&tenant);
        client.stow(&tenant.slug, &files::bytes_of(&study)).await?;
        let heard = next_case(&mut socket).await?;
        assert_eq!(
            heard["case"]["study"]["studyInstanceUid"],
            study[0].study_instance_uid.as_str(),
            "{backend:?}"
        );
        drop(socket);

        // Away while another study comes; back with the last number heard.
        let other = files::study(PhantomKind::ChestRadiograph, 301, 2);
        client.stow(&tenant.slug, &files::bytes_of(&other)).await?;
        let mut socket = reader.live().await?;
        let after = heard["sequence"].as_i64().unwrap_or_default();
        socket
            .subscribe(&ALL.replace("changes {", &format!("changes(after: {after}) {{")))
            .await?;
        let mut last = after;
        loop {
            let change = next_case(&mut socket).await?;
            let sequence = change["sequence"].as_i64().unwrap_or_default();
            assert!(
                sequence > last,
                "{backend:?}: in order and each once: {sequence} after {last}"
            );
            last = sequence;
            if change["case"]["study"]["studyInstanceUid"] == other[0].study_instance_uid.as_str() {
                break;
            }
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_socket_opens_to_strangers_and_none_hears_another_tenant() -> anyhow::Result<()> {
    let telerad = Telerad::start(Backend::Sqlite).await?;
    let (one, two) = (telerad.found_tenant("one")?, telerad.found_tenant("two")?);
    let reader = telerad.signed_in(&one.radiologist).await?;
    assert!(
        reader.open_socket("https://evil.example").await.is_err(),
        "a foreign page's origin"
    );
    for forged in ["", "trk_forged", "eyJhbGciOiJub25lIn0.e30."] {
        assert!(reader.with_bearer(forged).live().await.is_err(), "{forged}");
    }
    let mut eager = reader.open_socket(telerad.base_url()).await?;
    eager.subscribe(ALL).await?;
    assert!(
        matches!(eager.receive().await?, Message::Closed(_)),
        "subscribing before the token"
    );

    let mut socket = reader.live().await?;
    socket.subscribe(ALL).await?;
    let theirs = files::study(PhantomKind::ChestRadiograph, 310, 2);
    telerad
        .with_key(&two)
        .stow(&two.slug, &files::bytes_of(&theirs))
        .await?;
    let ours = files::study(PhantomKind::ChestRadiograph, 311, 2);
    telerad
        .with_key(&one)
        .stow(&one.slug, &files::bytes_of(&ours))
        .await?;
    let heard = next_case(&mut socket).await?;
    assert_eq!(
        heard["case"]["study"]["studyInstanceUid"],
        ours[0].study_instance_uid.as_str()
    );
    Ok(())
}
