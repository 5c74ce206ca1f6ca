//! Another tenant's titles, studies and nodes are nobody's.

use dicom::{phantom::PhantomKind, tags};
use dimse::{AeTitle, Failure, Rejection, Root, Service, Wanted, contexts_for, data_set::DataSet};
use serde_json::json;
use telerad_tests::{
    Backend, Telerad, files,
    node::{Image, Images},
};

fn echo() -> Vec<Wanted> {
    Wanted::service(Service::Verification).into_iter().collect()
}

fn study_keys(study: &str) -> DataSet {
    DataSet::default()
        .with_text(dicom::Tag::new(0x0008, 0x0052), *b"CS", "STUDY")
        .with_text(tags::PATIENT_ID, *b"LO", "")
        .with_text(tags::STUDY_INSTANCE_UID, *b"UI", study)
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tenants_titles_studies_and_nodes_are_nobodys() -> anyhow::Result<()> {
    for backend in Backend::at_hand() {
        let telerad = Telerad::start(backend).await?;
        let (north, south) = (telerad.found_tenant("north")?, telerad.found_tenant("south")?);
        let northern = telerad.signed_in(&north.admin).await?;
        let southern = telerad.signed_in(&south.admin).await?;
        northern
            .add_node(&north.facility, "NORTH", "CT1", json!({}))
            .await?;
        southern
            .add_node(&south.facility, "SOUTH", "CT2", json!({}))
            .await?;
        let listens = json!({ "host": "127.0.0.1", "port": 1, "rights": [] });
        southern
            .add_node(&south.facility, "SOUTH", "STATION", listens)
            .await?;

        // A title is one tenant's, and that it is taken is all that another one learns.
        let add = "mutation($input: DicomNodeInput!) { addDicomNode(input: $input) { id } }";
        let input = json!({ "input": {
            "facilityId": north.facility, "name": "spy", "calledTitle": "SOUTH", "peerTitle": "CT1",
        }});
        assert_eq!(northern.graphql_code(add, input).await?, "AE_TITLE_TAKEN");

        // A title of another tenant and one that nobody has are the same to a caller.
        let rejected = async |calling: &str, called: &str| match telerad
            .as_peer(calling, called)?
            .associate(echo(), Vec::new())
            .await
        {
            Err(Failure::Rejected(rejection)) => anyhow::Ok(rejection),
            other => anyhow::bail!("{other:?}"),
        };
        assert_eq!(rejected("CT1", "SOUTH").await?, Rejection::CalledNotRecognised);
        assert_eq!(rejected("CT1", "NOBODY").await?, Rejection::CalledNotRecognised);
        assert_eq!(
            rejected("STRANGER", "SOUTH").await?,
            Rejection::CallingNotRecognised
        );
        assert_eq!(
            rejected("STRANGER", "NOBODY").await?,
            Rejection::CallingNotRecognised
        );
        let trail = "{ auditTrail(filter: { actions: [ACCESS_REFUSED] }) { nodes { detail } } }";
        let rows = southern.graphql(trail, json!({})).await?["auditTrail"]["nodes"].to_string();
        assert!(rows.contains("association CT1 to SOUTH"), "{rows}");

        let study = files::study(PhantomKind::KneeMr, 12, 2);
        let images: Vec<Image> = study.iter().map(Image::of).collect::<Result<_, _>>()?;
        let mut wanted = contexts_for(&images);
        wanted.extend(
            [Service::Find(Root::Study), Service::Move(Root::Study)]
                .into_iter()
                .filter_map(Wanted::service),
        );
        let uid = &study[0].study_instance_uid;
        let mut of_south = telerad
            .as_peer("CT2", "SOUTH")?
            .associate(wanted.clone(), Vec::new())
            .await?;
        assert!(of_south.store(&Images, &images[0]).await?.is_success());
        let (found, status) = of_south.find(Root::Study, &study_keys(uid), 10).await?;
        assert!(status.is_success());
        assert_eq!(found.len(), 1, "{backend:?}");

        let mut of_north = telerad
            .as_peer("CT1", "NORTH")?
            .associate(wanted, Vec::new())
            .await?;
        let (found, status) = of_north.find(Root::Study, &study_keys(uid), 10).await?;
        assert!(status.is_success() && found.is_empty(), "{backend:?}");
        let moved = |title| AeTitle::parse(title).unwrap();
        let to_station = of_north
            .move_to(Root::Study, &study_keys(uid), &moved("STATION"))
            .await?;
        let to_nobody = of_north
            .move_to(Root::Study, &study_keys(uid), &moved("NOBODY"))
            .await?;
        assert_eq!(to_station, to_nobody);
        assert_eq!(to_nobody.status.code, 0xa801);
        // The same UIDs in another tenant are another study.
        assert!(of_north.store(&Images, &images[0]).await?.is_success());
        let (found, _) = of_north.find(Root::Study, &study_keys(uid), 10).await?;
        assert_eq!(found.len(), 1);

        // Nobody listens at the node of the south: the move says so, and goes no further.
        let failed = of_south
            .move_to(Root::Study, &study_keys(uid), &moved("STATION"))
            .await?;
        assert_eq!((failed.status.code, failed.failed), (0xa702, 1));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_is_held_to_its_address_and_to_encryption() -> anyhow::Result<()> {
    let telerad = Telerad::start(Backend::Sqlite).await?;
    let tenant = telerad.found_tenant("north")?;
    let admin = telerad.signed_in(&tenant.admin).await?;
    let elsewhere = json!({ "addresses": ["10.0.0.0/8"] });
    admin
        .add_node(&tenant.facility, "NORTH", "FAR", elsewhere)
        .await?;
    let encrypted = json!({ "requiresTls": true });
    admin
        .add_node(&tenant.facility, "NORTH", "SECRET", encrypted)
        .await?;
    let disabled = json!({ "isEnabled": false });
    admin.add_node(&tenant.facility, "NORTH", "OFF", disabled).await?;
    let here = json!({ "addresses": ["127.0.0.1"] });
    admin.add_node(&tenant.facility, "NORTH", "NEAR", here).await?;
    for title in ["FAR", "SECRET", "OFF"] {
        let refused = telerad
            .as_peer(title, "NORTH")?
            .associate(echo(), Vec::new())
            .await;
        assert!(matches!(refused, Err(Failure::Rejected(_))), "{title}");
    }
    let mut association = telerad
        .as_peer("NEAR", "NORTH")?
        .associate(echo(), Vec::new())
        .await?;
    assert!(association.echo().await?.is_success());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_has_its_number_of_associations_and_its_neighbour_has_its_own() -> anyhow::Result<()> {
    let few = [("TELERAD_DIMSE_MAX_TENANT_ASSOCIATIONS", "2")];
    let telerad = Telerad::start_with(Backend::Sqlite, &few, &[]).await?;
    let (north, south) = (telerad.found_tenant("north")?, telerad.found_tenant("south")?);
    for (tenant, called) in [(&north, "NORTH"), (&south, "SOUTH")] {
        let admin = telerad.signed_in(&tenant.admin).await?;
        admin.add_node(&tenant.facility, called, "CT1", json!({})).await?;
    }
    let peer = telerad.as_peer("CT1", "NORTH")?;
    let first = peer.associate(echo(), Vec::new()).await?;
    let second = peer.associate(echo(), Vec::new()).await?;
    let third = peer.associate(echo(), Vec::new()).await;
    assert!(matches!(
        third,
        Err(Failure::Rejected(Rejection::LocalLimitExceeded))
    ));
    let mut neighbour = telerad
        .as_peer("CT1", "SOUTH")?
        .associate(echo(), Vec::new())
        .await?;
    assert!(neighbour.echo().await?.is_success());
    first.end().await?;
    second.end().await?;
    telerad_tests::eventually("a place is free", async || {
        Ok(peer.associate(echo(), Vec::new()).await.ok().map(drop))
    })
    .await?;
    Ok(())
}
