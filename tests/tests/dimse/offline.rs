//! A study whose disk is in the cupboard: told so by every door, recalled, and back after a crash.

use std::fs;

use dicom::{phantom::PhantomKind, tags};
use dimse::{
    Association, Failure, Message, Receiver, RoleSelection, Root, Service, Status, Wanted, contexts_for,
    data_set::DataSet,
};
use serde_json::json;
use telerad_tests::{Backend, Telerad, eventually, files, node::Image, parts_of};

/// Counts what it is sent.
#[derive(Default)]
struct Counting(usize);

impl Receiver for Counting {
    async fn receive(&mut self, _: &Message, _: &mut Association) -> Result<Status, Failure> {
        self.0 += 1;
        Ok(Status::success())
    }
}

const AVAILABILITY: dicom::Tag = tags::INSTANCE_AVAILABILITY;

fn keys(study: &str) -> DataSet {
    DataSet::default()
        .with_text(dicom::Tag::new(0x0008, 0x0052), *b"CS", "STUDY")
        .with_text(AVAILABILITY, *b"CS", "")
        .with_text(tags::STUDY_INSTANCE_UID, *b"UI", study)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_study_on_a_disk_in_the_cupboard_is_refused_recalled_and_whole() -> anyhow::Result<()> {
    for backend in Backend::at_hand() {
        let outside = tempfile::tempdir()?;
        let (disk, cupboard) = (outside.path().join("disk"), outside.path().join("cupboard"));
        fs::create_dir(&disk)?;
        fs::write(disk.join("telerad-shelf"), b"")?;
        let url = format!("file://{}", disk.display());
        let variables = [
            ("TELERAD_OBJECT_STORE_COLD_URL", url.as_str()),
            ("TELERAD_OBJECT_STORE_COLD_MEDIA", "offline"),
        ];
        let mut telerad = Telerad::start_with(backend, &variables, &[]).await?;
        let tenant = telerad.found_tenant("north")?;
        let other = telerad.found_tenant("south")?;
        let admin = telerad.signed_in(&tenant.admin).await?;
        admin
            .add_node(&tenant.facility, "NORTH", "WS1", json!({}))
            .await?;
        let client = telerad.with_key(&tenant);
        let study = files::study(PhantomKind::KneeMr, 5, 2);
        let uid = study[0].study_instance_uid.clone();
        client.stow(&tenant.slug, &files::bytes_of(&study)).await?;
        let away = ["send-away", "--tenant", "north", "--study", uid.as_str()];
        telerad.run_with(&variables, &away, "")?;
        fs::rename(&disk, &cupboard)?;
        let foreign = ["send-away", "--tenant", "south", "--study", uid.as_str()];
        assert!(
            telerad.run_with(&variables, &foreign, "").is_err(),
            "it is nobody's there"
        );

        // C-FIND and QIDO-RS tell, C-GET and WADO-RS refuse, each with what to do.
        let images: Vec<Image> = study.iter().map(Image::of).collect::<Result<_, _>>()?;
        let wanted: Vec<Wanted> = contexts_for(&images)
            .into_iter()
            .chain(
                [Service::Find(Root::Study), Service::Get(Root::Study)]
                    .into_iter()
                    .filter_map(Wanted::service),
            )
            .collect();
        let roles = vec![RoleSelection {
            sop_class_uid: study[0].sop_class_uid.to_owned(),
            scu: false,
            scp: true,
        }];
        let peer = telerad.as_peer("WS1", "NORTH")?;
        let mut association = peer.associate(wanted.clone(), roles.clone()).await?;
        let (found, _) = association.find(Root::Study, &keys(&uid), 10).await?;
        assert_eq!(
            found[0].text(AVAILABILITY).as_deref(),
            Some("OFFLINE"),
            "{backend:?}"
        );
        let mut receiver = Counting::default();
        let refused = association.get(Root::Study, &keys(&uid), &mut receiver).await?;
        assert_eq!(
            (refused.status.code, refused.failed, receiver.0),
            (0xa702, 2, 0),
            "{refused:?}"
        );
        let comment = refused.status.comment.unwrap_or_default();
        assert!(
            comment.starts_with("STUDY_OFFLINE") && comment.contains("recall"),
            "{comment}"
        );
        association.end().await?;
        let address = (&study[0].series_instance_uid, &study[0].sop_instance_uid);
        let reply = client.retrieve(&tenant.slug, &uid, address.0, address.1).await?;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (503, "STUDY_OFFLINE"),
            "{reply:?}"
        );

        // A stranger recalls nothing; staff do, and who runs the machine sees what to fetch.
        let list = "{ worklist { nodes { study { id availability recallRequestedAt } } } }";
        let staff = telerad.signed_in(&tenant.staff).await?;
        let said = staff.graphql(list, json!({})).await?;
        let id = said["worklist"]["nodes"][0]["study"]["id"].clone();
        let recall = "mutation($id: ID!) { recallStudy(input: { studyId: $id }) }";
        let stranger = telerad.signed_in(&other.staff).await?;
        assert_eq!(
            stranger.graphql_code(recall, json!({ "id": id })).await?,
            "NOT_FOUND"
        );
        assert_eq!(telerad.run_with(&variables, &["recalls"], "")?, "");
        staff.graphql(recall, json!({ "id": id })).await?;
        let said = staff.graphql(list, json!({})).await?;
        let pending = &said["worklist"]["nodes"][0]["study"];
        assert!(
            pending["recallRequestedAt"].is_string() && pending["availability"] == "OFFLINE",
            "{said}"
        );
        let listed = telerad.run_with(&variables, &["recalls"], "")?;
        let key = listed.split('\t').next().unwrap_or_default();
        assert!(cupboard.join(key).is_file(), "{listed}");
        assert_eq!(
            telerad.run_with(&variables, &["recalls", "--tenant", "south"], "")?,
            ""
        );

        // A crash forgets no recall; asked for again with the disk in its place, the study comes back.
        telerad.kill()?;
        telerad.restart_with(&variables).await?;
        fs::rename(&cupboard, &disk)?;
        let staff = telerad.signed_in(&tenant.staff).await?;
        staff.graphql(recall, json!({ "id": id })).await?;
        eventually("the study is back", async || {
            let said = staff.graphql(list, json!({})).await?;
            let study = &said["worklist"]["nodes"][0]["study"];
            Ok((study["availability"] == "ONLINE" && study["recallRequestedAt"].is_null()).then_some(()))
        })
        .await?;
        fs::rename(&disk, &cupboard)?;
        let client = telerad.with_key(&tenant);
        for file in &study {
            let reply = client
                .retrieve(
                    &tenant.slug,
                    &uid,
                    &file.series_instance_uid,
                    &file.sop_instance_uid,
                )
                .await?;
            assert!(parts_of(&reply)[0].body == file.bytes, "{backend:?}");
        }
        let mut association = telerad.as_peer("WS1", "NORTH")?.associate(wanted, roles).await?;
        let got = association.get(Root::Study, &keys(&uid), &mut receiver).await?;
        assert_eq!((got.status.code, got.completed, receiver.0), (0, 2, 2), "{got:?}");
        association.end().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_replica_a_disk_in_the_cupboard_keeps_nothing_from_anybody() -> anyhow::Result<()> {
    for backend in Backend::at_hand() {
        let outside = tempfile::tempdir()?;
        let (disk, replica) = (outside.path().join("disk"), outside.path().join("replica"));
        fs::create_dir(&disk)?;
        fs::write(disk.join("telerad-shelf"), b"")?;
        let (disk_url, replica_url) = (
            format!("file://{}", disk.display()),
            format!("file://{}", replica.display()),
        );
        let variables = [
            ("TELERAD_OBJECT_STORE_COLD_URL", disk_url.as_str()),
            ("TELERAD_OBJECT_STORE_COLD_MEDIA", "offline"),
            ("TELERAD_OBJECT_STORE_REPLICA_URL", replica_url.as_str()),
        ];
        let telerad = Telerad::start_with(backend, &variables, &[]).await?;
        let tenant = telerad.found_tenant("north")?;
        let client = telerad.with_key(&tenant);
        let file = files::study(PhantomKind::KneeMr, 7, 1).remove(0);
        client.stow(&tenant.slug, &[&file.bytes]).await?;
        let uid = file.study_instance_uid.as_str();
        let away = ["send-away", "--tenant", "north", "--study", uid];
        telerad.run_with(&variables, &away, "")?;
        let admin = telerad.signed_in(&tenant.admin).await?;
        let health = "{ storageHealth { notReplicated } }";
        eventually("the replica has everything", async || {
            let said = admin.graphql(health, json!({})).await?;
            Ok((said["storageHealth"]["notReplicated"] == 0).then_some(()))
        })
        .await?;
        fs::rename(&disk, outside.path().join("cupboard"))?;
        let search = format!("/dicomweb/north/studies?StudyInstanceUID={uid}");
        let availability =
            async || anyhow::Ok(client.get(&search).await?.json()[0]["00080056"]["Value"][0].clone());
        assert_eq!(availability().await?, "NEARLINE", "{backend:?}");
        let (series, instance) = (&file.series_instance_uid, &file.sop_instance_uid);
        let reply = client.retrieve("north", uid, series, instance).await?;
        assert!(parts_of(&reply)[0].body == file.bytes, "{backend:?}");

        // It comes back from the replica, and nobody has to fetch the disk.
        let staff = telerad.signed_in(&tenant.staff).await?;
        let said = staff
            .graphql("{ worklist { nodes { study { id } } } }", json!({}))
            .await?;
        let id = said["worklist"]["nodes"][0]["study"]["id"].clone();
        let recall = "mutation($id: ID!) { recallStudy(input: { studyId: $id }) }";
        staff.graphql(recall, json!({ "id": id })).await?;
        eventually("the study is back", async || {
            Ok((availability().await? == "ONLINE").then_some(()))
        })
        .await?;
        let reply = client.retrieve("north", uid, series, instance).await?;
        assert!(parts_of(&reply)[0].body == file.bytes, "{backend:?}");
    }
    Ok(())
}
