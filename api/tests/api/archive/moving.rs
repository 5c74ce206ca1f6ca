//! Originals that change their place and nothing else: compacted, sent to the slow store, recalled; and rules that retire.

use std::fs;

use app::archive::{MoveStudy, StudyHome};
use chrono::TimeDelta;
use domain::{StudyId, job::Job};
use serde_json::json;

use super::{
    deleting::{admin, remove_what_is_due},
    *,
};
use crate::support::code as code_of;

const DICOM: &str = "multipart/related; type=\"application/dicom\"; transfer-syntax=*";

pub(super) async fn study_id(house: &House) -> StudyId {
    let token = house.sign_in("staff@north.example").await.access;
    let answer = house
        .graphql(&token, "{ worklist { nodes { study { id } } } }", Value::Null)
        .await;
    let id = answer["data"]["worklist"]["nodes"][0]["study"]["id"].as_str();
    id.unwrap().parse().unwrap()
}

pub(super) async fn all_come_back(house: &House, images: &[PhantomInstance]) {
    let token = house.sign_in("staff@north.example").await.access;
    for image in images {
        let original = parts(get(house, &token, &address(image), DICOM).await).await;
        assert!(original[0].1 == image.bytes);
    }
}

pub(super) async fn availability(house: &House) -> String {
    let token = house.sign_in("staff@north.example").await.access;
    let study = &search(house, &token, "/studies").await[0];
    let instance = &search(house, &token, "/instances").await[0];
    let of = |object: &Value| object["00080056"]["Value"][0].as_str().unwrap().to_owned();
    assert_eq!(of(study), of(instance));
    of(study)
}

pub(super) async fn run_moves(house: &House) {
    let lease = std::time::Duration::from_secs(60);
    while let Some(job) = house.app.lease_job(&[MoveStudy::KIND], lease).await.unwrap() {
        let actor = app::jobs::job_actor(&job);
        let order: MoveStudy = serde_json::from_value(job.payload.clone()).unwrap();
        house.app.move_study(&actor, order.study, order.to).await.unwrap();
        house
            .app
            .settle_job(&job, app::jobs::RunOutcome::Done)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn small_objects_of_a_quiet_study_become_one_that_any_tar_reads() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    let images = ct(1, 5);
    for image in &images {
        store(&house, &token, std::slice::from_ref(image)).await;
    }
    assert_eq!(house.objects("tar").len(), 5);
    let study = study_id(&house).await;
    house.app.compact_study(&house.system(), study).await.unwrap();
    assert_eq!(house.objects("tar").len(), 5, "it is not quiet yet");
    house.clock.pass(TimeDelta::days(2));
    house.app.compact_study(&house.system(), study).await.unwrap();
    assert_eq!(house.objects("tar").len(), 6, "the old ones linger");
    house.spool_empties().await;
    all_come_back(&house, &images).await;
    remove_what_is_due(&house).await;
    house.clock.pass(TimeDelta::hours(2));
    remove_what_is_due(&house).await;
    let objects = house.objects("tar");
    assert_eq!(objects.len(), 1);
    all_come_back(&house, &images).await;
    let listed = std::process::Command::new("tar")
        .arg("tf")
        .arg(&objects[0])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(listed.stdout).unwrap().lines().count(), 5);
    house.app.compact_study(&house.system(), study).await.unwrap();
    assert_eq!(house.objects("tar"), objects, "there is nothing left to do");
}

#[tokio::test]
async fn a_damaged_original_stays_where_it_is_when_the_others_move() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    let images = ct(1, 3);
    for image in &images {
        store(&house, &token, std::slice::from_ref(image)).await;
    }
    let study = study_id(&house).await;
    let rotten = house
        .objects("tar")
        .into_iter()
        .find(|object| {
            let stored = fs::read(object).unwrap();
            stored
                .windows(images[1].bytes.len())
                .any(|window| window == images[1].bytes)
        })
        .unwrap();
    let mut stored = fs::read(&rotten).unwrap();
    stored[2000] ^= 1;
    fs::write(&rotten, stored).unwrap();
    house.clock.pass(TimeDelta::days(2));
    house.app.compact_study(&house.system(), study).await.unwrap();
    remove_what_is_due(&house).await;
    house.clock.pass(TimeDelta::hours(2));
    remove_what_is_due(&house).await;
    assert_eq!(house.objects("tar").len(), 2);
    assert!(rotten.exists(), "what is left of it may still be rescued");
    all_come_back(&house, &[images[0].clone(), images[2].clone()]).await;
}

#[tokio::test]
async fn a_study_nobody_looks_at_goes_to_the_slow_store_and_comes_back() {
    let house = House::open_with_cold_store().await;
    let token = staff(&house).await.access;
    let admin_token = admin(&house).await;
    let images = ct(1, 3);
    store(&house, &token, &images).await;
    let study = study_id(&house).await;
    let decide =
        "mutation ($input: ArchivePolicyInput!) { setArchivePolicy(input: $input) { coldAfterDays } }";
    let input = json!({ "input": { "trashDays": 30, "coldAfterDays": 90, "rules": [] } });
    let decided = house.graphql(&admin_token, decide, input).await;
    assert_eq!(
        decided["data"]["setArchivePolicy"]["coldAfterDays"], 90,
        "{decided}"
    );
    assert_eq!(house.app.send_quiet_studies_away().await.unwrap(), 0);
    house.clock.pass(TimeDelta::days(91));
    assert_eq!(house.app.send_quiet_studies_away().await.unwrap(), 1);
    run_moves(&house).await;
    remove_what_is_due(&house).await;
    house.clock.pass(TimeDelta::hours(2));
    remove_what_is_due(&house).await;
    assert_eq!(
        (house.objects("tar").len(), house.cold_objects("tar").len()),
        (0, 1)
    );
    assert_eq!(availability(&house).await, "NEARLINE");
    all_come_back(&house, &images).await;

    let stranger = house
        .other_tenant("staff@south.example", Role::FacilityStaff)
        .await
        .access;
    let recall = "mutation ($input: RecallStudyInput!) { recallStudy(input: $input) }";
    let input = json!({ "input": { "studyId": study.to_string() } });
    let refused = house.graphql(&stranger, recall, input.clone()).await;
    assert_eq!(code_of(&refused), "NOT_FOUND");
    let token = house.sign_in("staff@north.example").await.access;
    let recalled = house.graphql(&token, recall, input.clone()).await;
    assert_eq!(recalled["data"]["recallStudy"], true, "{recalled}");
    run_moves(&house).await;
    assert_eq!(availability(&house).await, "ONLINE");
    let again = house.graphql(&token, recall, input).await;
    assert_eq!(again["data"]["recallStudy"], false);
    remove_what_is_due(&house).await;
    house.clock.pass(TimeDelta::hours(2));
    remove_what_is_due(&house).await;
    assert_eq!(
        (house.objects("tar").len(), house.cold_objects("tar").len()),
        (1, 0)
    );
    all_come_back(&house, &images).await;
    assert_eq!(
        house.app.send_quiet_studies_away().await.unwrap(),
        0,
        "it was just looked at"
    );
}

#[tokio::test]
async fn priors_come_back_when_the_next_study_of_their_patient_arrives() {
    let house = House::open_with_cold_store().await;
    let token = staff(&house).await.access;
    store(&house, &token, &ct(1, 1)).await;
    let prior = study_id(&house).await;
    house
        .app
        .move_study(&house.system(), prior, StudyHome::Slow)
        .await
        .unwrap();
    assert_eq!(availability(&house).await, "NEARLINE");
    // Phantoms are of one patient unless they are told otherwise.
    store(&house, &token, &ct(2, 1)).await;
    run_moves(&house).await;
    let token = house.sign_in("staff@north.example").await.access;
    let said = search(&house, &token, "/studies").await;
    assert_eq!(said.len(), 2);
    for study in said {
        assert_eq!(study["00100020"]["Value"][0], "PHANTOM-1");
        assert_eq!(study["00080056"]["Value"][0], "ONLINE");
    }
}

#[tokio::test]
async fn what_has_outlived_its_rules_is_retired_and_what_is_unread_or_held_is_not() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    let admin_token = admin(&house).await;
    for seed in 1..=3 {
        store(&house, &token, &ct(seed, 1)).await;
    }
    let rules = |days: u32| {
        json!({ "input": { "trashDays": 30, "rules":
            [{ "modality": "CT", "keepDays": days, "countedFrom": "ARRIVAL" }] } })
    };
    let decide =
        "mutation ($input: ArchivePolicyInput!) { setArchivePolicy(input: $input) { rules { keepDays } } }";
    let short = house.graphql(&admin_token, decide, rules(7)).await;
    assert_eq!(
        code_of(&short),
        "INVALID_INPUT",
        "a slip of the pen empties no archive"
    );
    house.graphql(&admin_token, decide, rules(365)).await;
    house.clock.pass(TimeDelta::days(400));
    assert_eq!(
        house.app.apply_retention().await.unwrap(),
        0,
        "nobody has read them"
    );
    house.tamper("UPDATE reading_case SET state = 'DELIVERED'").await;
    house
        .tamper("UPDATE study SET legal_hold = 1 WHERE id = (SELECT min(id) FROM study)")
        .await;
    let admin_token = house.sign_in("admin@north.example").await.access;
    let preview = house
        .graphql(
            &admin_token,
            "{ retentionPreview { studies first { modalities } } }",
            Value::Null,
        )
        .await;
    assert_eq!(preview["data"]["retentionPreview"]["studies"], 2, "{preview}");
    let token = house.sign_in("staff@north.example").await.access;
    assert_eq!(
        search(&house, &token, "/studies").await.len(),
        3,
        "a preview changes nothing"
    );
    assert_eq!(house.app.apply_retention().await.unwrap(), 2);
    assert_eq!(house.app.apply_retention().await.unwrap(), 0);
    assert_eq!(search(&house, &token, "/studies").await.len(), 1);
}
