//! What was answered with success is there, whatever happens next; what broke off is nowhere.

use std::fs;

use dicom::phantom::PhantomKind;
use dimse::{Service, Wanted, contexts_for};
use serde_json::json;
use telerad_tests::{
    Backend, Telerad, eventually, files,
    node::{Image, Images},
};
use tokio::{io::AsyncWriteExt as _, net::TcpStream};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_outlives_a_kill_and_what_broke_off_is_nowhere() -> anyhow::Result<()> {
    for backend in Backend::at_hand() {
        let mut telerad = Telerad::start(backend).await?;
        let tenant = telerad.found_tenant("north")?;
        let admin = telerad.signed_in(&tenant.admin).await?;
        admin
            .add_node(&tenant.facility, "NORTH", "CT1", json!({}))
            .await?;
        let study = files::study(PhantomKind::HeadCt, 11, 4);
        let images: Vec<Image> = study.iter().map(Image::of).collect::<Result<_, _>>()?;

        let peer = telerad.as_peer("CT1", "NORTH")?;
        let mut association = peer.associate(contexts_for(&images), Vec::new()).await?;
        for image in &images[..3] {
            assert!(association.store(&Images, image).await?.is_success());
        }
        telerad.kill()?;
        telerad.restart().await?;
        assert!(association.store(&Images, &images[3]).await.is_err());

        let client = telerad.with_key(&tenant);
        let found = client
            .get(&format!(
                "/dicomweb/{}/studies/{}/instances",
                tenant.slug, study[0].study_instance_uid
            ))
            .await?;
        assert_eq!(found.json().as_array().unwrap().len(), 3, "{backend:?}");

        // A sender that goes away in the middle of an image.
        send_half(&telerad.dimse_address()?, &images[3]).await?;
        let spool = telerad.data_dir().join("spool");
        eventually("the spool is empty", async || {
            Ok(fs::read_dir(&spool)?.next().is_none().then_some(()))
        })
        .await?;
        let found = client
            .get(&format!(
                "/dicomweb/{}/studies/{}/instances",
                tenant.slug, study[0].study_instance_uid
            ))
            .await?;
        assert_eq!(found.json().as_array().unwrap().len(), 3, "{backend:?}");

        let peer = telerad.as_peer("CT1", "NORTH")?;
        let mut association = peer.associate(contexts_for(&images), Vec::new()).await?;
        // Under another name than its own it is nobody's.
        let misnamed = Image {
            sop_instance_uid: "2.25.4711".to_owned(),
            ..images[3].clone()
        };
        assert_eq!(association.store(&Images, &misnamed).await?.code, 0xa900);
        // It comes again, whole, and once more: the same image.
        for image in images.iter().chain(&images) {
            assert!(association.store(&Images, image).await?.is_success());
        }
        association.end().await?;
        let quarantine = telerad
            .signed_in(&tenant.admin)
            .await?
            .graphql("{ quarantine { id } }", json!({}))
            .await?;
        assert_eq!(quarantine["quarantine"], json!([]));
    }
    Ok(())
}

/// Associates, sends the command of a C-STORE and half of its data set, and closes the connection.
async fn send_half(address: &str, image: &Image) -> anyhow::Result<()> {
    use dimse::{
        AeTitle, AssociateRequest, Command, DataValue, Field, Pdu, ProposedContext, UserInformation,
    };

    let request = Pdu::AssociateRequest(AssociateRequest {
        protocol_version: 1,
        called: AeTitle::parse("NORTH")?.to_field(),
        calling: AeTitle::parse("CT1")?.to_field(),
        application_context: "1.2.840.10008.3.1.1.1".to_owned(),
        contexts: vec![ProposedContext {
            id: 1,
            abstract_syntax: image.sop_class_uid.clone(),
            transfer_syntaxes: vec![image.transfer_syntax_uid.clone()],
        }],
        user: UserInformation {
            max_pdu_bytes: Some(16384),
            implementation_class_uid: "1.2.3".to_owned(),
            ..UserInformation::default()
        },
    });
    let command = Command::new(Field::StoreRequest)
        .uid(0x0002, &image.sop_class_uid)
        .number(0x0110, 1)
        .uid(0x1000, &image.sop_instance_uid)
        .with_data_set();
    let value = |is_command, is_last, bytes: &[u8]| DataValue {
        context: 1,
        is_command,
        is_last,
        bytes: bytes.to_vec().into(),
    };
    let half = &image.data_set[..image.data_set.len() / 2];
    let data = Pdu::Data(vec![
        value(true, true, &command.to_bytes()),
        value(false, false, half),
    ]);
    let mut bytes = Vec::new();
    request.write(&mut bytes);
    data.write(&mut bytes);
    let mut connection = TcpStream::connect(address).await?;
    connection.write_all(&bytes).await?;
    connection.flush().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_does_what_it_has_the_right_to_and_no_more() -> anyhow::Result<()> {
    let telerad = Telerad::start(Backend::Sqlite).await?;
    let tenant = telerad.found_tenant("north")?;
    let admin = telerad.signed_in(&tenant.admin).await?;
    let rights = json!({ "rights": ["STORE"] });
    let node = admin.add_node(&tenant.facility, "NORTH", "CT1", rights).await?;
    let peer = telerad.as_peer("CT1", "NORTH")?;
    let services = [
        Service::Verification,
        Service::Find(dimse::Root::Study),
        Service::Commitment,
    ];
    let wanted = || {
        services
            .into_iter()
            .filter_map(Wanted::service)
            .collect::<Vec<_>>()
    };
    let mut association = peer.associate(wanted(), Vec::new()).await?;
    let agreed: Vec<&str> = association
        .contexts()
        .iter()
        .map(|context| context.abstract_syntax.as_str())
        .collect();
    assert_eq!(agreed, [dimse::VERIFICATION]);
    assert!(association.echo().await?.is_success());
    association.end().await?;
    let remove = "mutation($id: ID!) { removeDicomNode(input: { nodeId: $id }) { nodeId } }";
    admin.graphql(remove, json!({ "id": node })).await?;
    assert!(peer.associate(wanted(), Vec::new()).await.is_err());
    Ok(())
}
