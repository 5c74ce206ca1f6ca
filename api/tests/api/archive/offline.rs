//! Studies on media that are not at hand: refused and not lost, recalled, and back as they were.

use app::archive::{StudyHome, rows::Tier};
use chrono::TimeDelta;
use domain::{ErrorCode, StudyId, audit::AuditAction};
use serde_json::json;

use super::{
    deleting::{admin, remove_what_is_due, trail},
    moving::{all_come_back, availability, run_moves, study_id},
    *,
};
use crate::support::code as code_of;

const RECALL: &str = "mutation ($input: RecallStudyInput!) { recallStudy(input: $input) }";
const STATE: &str = "{ worklist { nodes { study { availability recallRequestedAt } } } }";

/// A house with two images of one study on its shelf.
async fn shelved() -> (House, Vec<PhantomInstance>, StudyId) {
    let house = House::open_with_shelf().await;
    let token = staff(&house).await.access;
    let images = ct(1, 2);
    for image in &images {
        store(&house, &token, std::slice::from_ref(image)).await;
    }
    let study = study_id(&house).await;
    send_away(&house, study).await;
    remove_what_is_due(&house).await;
    house.clock.pass(TimeDelta::hours(2));
    remove_what_is_due(&house).await;
    assert_eq!(
        (house.objects("tar").len(), house.cold_objects("tar").len()),
        (0, 1)
    );
    (house, images, study)
}

async fn send_away(house: &House, study: StudyId) {
    let sent = house
        .app
        .move_study(&house.system(), study, StudyHome::Slow)
        .await;
    sent.unwrap();
}

/// What the portal shows of the study: how soon it can be had, and since when somebody waits for it.
async fn shown(house: &House) -> (String, Value) {
    let token = house.sign_in("staff@north.example").await.access;
    let answer = house.graphql(&token, STATE, Value::Null).await;
    let study = &answer["data"]["worklist"]["nodes"][0]["study"];
    let availability = study["availability"].as_str().unwrap().to_owned();
    (availability, study["recallRequestedAt"].clone())
}

#[tokio::test]
async fn an_offline_study_is_refused_at_every_door_and_nothing_is_taken_for_lost() {
    let (house, images, study) = shelved().await;
    assert_eq!(availability(&house).await, "OFFLINE");
    house.take_shelf_away();
    let token = house.sign_in("staff@north.example").await.access;
    let instance = address(&images[0]);
    let of_study = format!("/studies/{}", images[0].study_instance_uid);
    let frame = format!("{instance}/frames/1");
    let dicom = "multipart/related; type=\"application/dicom\"; transfer-syntax=*";
    let pixels = "multipart/related; type=\"application/octet-stream\"; transfer-syntax=*";
    let doors = [
        (&instance, dicom),
        (&instance, "application/dicom; transfer-syntax=*"),
        (&of_study, dicom),
        (&of_study, "application/zip; transfer-syntax=*"),
        (&frame, pixels),
    ];
    for (path, accept) in doors {
        let refused = get(&house, &token, path, accept).await;
        assert_eq!(refused.headers()["retry-after"], "600", "{path} {accept}");
        let (status, text) = refusal(refused).await;
        assert_eq!(status, 503, "{path} {accept}");
        assert_eq!(text, "STUDY_OFFLINE", "{path} {accept}");
    }
    let metadata = get(
        &house,
        &token,
        &format!("{of_study}/metadata"),
        "application/dicom+json",
    )
    .await;
    assert_eq!(
        metadata.status(),
        StatusCode::OK,
        "what the database knows is still told"
    );
    assert_eq!(availability(&house).await, "OFFLINE");
    assert_eq!(trail(&house, AuditAction::ObjectDamaged).await, 0);
    let order = app::integrity::VerifyOrder {
        mend: app::integrity::Mend::Everything,
        sample_percent: 100,
        bytes_per_second: None,
        grace: std::time::Duration::ZERO,
    };
    let mut findings = Vec::new();
    let scrub = house
        .app
        .verify_archive(&house.system(), &order, &mut |finding| findings.push(finding))
        .await
        .unwrap();
    assert_eq!((scrub.away, scrub.is_clean()), (1, true), "{findings:?}");
    house.bring_shelf_back();
    all_come_back(&house, &images).await;
    send_away(&house, study).await;
    assert_eq!(availability(&house).await, "OFFLINE", "nobody recalled it");
}

#[tokio::test]
async fn a_recall_waits_for_its_media_and_is_found_again_when_its_job_was_lost() {
    let (house, images, study) = shelved().await;
    house.take_shelf_away();
    assert_eq!(shown(&house).await, ("OFFLINE".to_owned(), Value::Null));
    let input = json!({ "input": { "studyId": study.to_string() } });
    let stranger = house
        .other_tenant("staff@south.example", Role::FacilityStaff)
        .await
        .access;
    let refused = house.graphql(&stranger, RECALL, input.clone()).await;
    assert_eq!(code_of(&refused), "NOT_FOUND");
    assert_eq!(shown(&house).await.1, Value::Null, "a stranger asks for nothing");
    let token = house.sign_in("staff@north.example").await.access;
    let recalled = house.graphql(&token, RECALL, input.clone()).await;
    assert_eq!(recalled["data"]["recallStudy"], true, "{recalled}");
    let (said, since) = shown(&house).await;
    assert!(said == "OFFLINE" && since.is_string(), "{since}");
    run_moves(&house).await;
    assert_eq!(shown(&house).await, (said, since.clone()), "it waits");

    // Asked for again later, it waits since the first time.
    house.clock.pass(TimeDelta::hours(1));
    let token = house.sign_in("staff@north.example").await.access;
    house.graphql(&token, RECALL, input).await;
    assert_eq!(shown(&house).await.1, since);
    let mut awaited = Vec::new();
    let told = house
        .app
        .tell_awaited(&house.system(), &mut |object| awaited.push(object.object_key))
        .await;
    assert_eq!(told.unwrap(), 1);
    house.tamper("DELETE FROM job").await;
    house.bring_shelf_back();
    let shelf = house.cold_objects("tar").remove(0);
    assert!(shelf.ends_with(&awaited[0]), "{awaited:?}");
    assert_eq!(house.app.chase_recalls().await.unwrap(), 1);
    run_moves(&house).await;
    assert_eq!(shown(&house).await, ("ONLINE".to_owned(), Value::Null));
    assert_eq!(house.app.chase_recalls().await.unwrap(), 0);
    assert_eq!(trail(&house, AuditAction::StudyRecalled).await, 1);
    house.take_shelf_away();
    all_come_back(&house, &images).await;
    // What was left on the disk is removed when it is there, and not before.
    remove_what_is_due(&house).await;
    house.clock.pass(TimeDelta::hours(2));
    let key = awaited[0].as_str();
    let removed = trail(&house, AuditAction::ObjectRemove).await;
    let waits = house.app.remove_object(&house.system(), key).await.unwrap_err();
    assert_eq!(waits.code(), ErrorCode::StudyOffline);
    assert_eq!(
        trail(&house, AuditAction::ObjectRemove).await,
        removed,
        "it is not said to be gone"
    );
    house.bring_shelf_back();
    remove_what_is_due(&house).await;
    assert_eq!(house.cold_objects("tar").len(), 0);
    all_come_back(&house, &images).await;
}

#[tokio::test]
async fn priors_are_asked_for_when_the_next_study_of_their_patient_arrives() {
    let (house, images, _) = shelved().await;
    house.take_shelf_away();
    let token = house.sign_in("staff@north.example").await.access;
    // Phantoms are of one patient unless they are told otherwise.
    store(&house, &token, &ct(2, 1)).await;
    assert_eq!(trail(&house, AuditAction::StudyRecall).await, 1);
    run_moves(&house).await;
    let read = house.app.store.read(&house.system()).await.unwrap();
    let waiting = read.awaited_studies(uuid::Uuid::nil(), 10).await.unwrap();
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0].tier, Tier::Cold);
    drop(read);
    house.bring_shelf_back();
    house.app.chase_recalls().await.unwrap();
    run_moves(&house).await;
    let token = house.sign_in("staff@north.example").await.access;
    for study in search(&house, &token, "/studies").await {
        assert_eq!(study["00080056"]["Value"][0], "ONLINE");
    }
    all_come_back(&house, &images).await;
}

#[tokio::test]
async fn a_study_is_not_sent_to_a_shelf_that_is_not_there() {
    let house = House::open_with_shelf().await;
    let token = staff(&house).await.access;
    let images = ct(1, 1);
    store(&house, &token, &images).await;
    house.take_shelf_away();
    let study = study_id(&house).await;
    send_away(&house, study).await;
    assert_eq!(availability(&house).await, "ONLINE");
    let uid = &images[0].study_instance_uid;
    let told = house.app.send_study_away(&house.system(), uid).await.unwrap_err();
    assert_eq!(told.code(), ErrorCode::StudyOffline);
    house.app.sweep_spool().await.unwrap();
    house.bring_shelf_back();
    house.app.sweep_spool().await.unwrap();
    assert_eq!(
        (house.objects("tar").len(), house.cold_objects("tar").len()),
        (1, 0)
    );
    assert_eq!(house.spooled(), 0);
    all_come_back(&house, &images).await;
    // An administrator's deletion of a study that is there asks no disk.
    house.take_shelf_away();
    let admin_token = admin(&house).await;
    let delete = "mutation ($input: DeleteStudyInput!) { deleteStudy(input: $input) }";
    let input = json!({ "input": { "studyId": study.to_string(), "reason": "test" } });
    let deleted = house.graphql(&admin_token, delete, input).await;
    assert!(deleted["errors"].is_null(), "{deleted}");
    house.clock.pass(TimeDelta::days(31));
    remove_what_is_due(&house).await;
    house.clock.pass(TimeDelta::hours(2));
    remove_what_is_due(&house).await;
    assert_eq!(house.objects("tar").len(), 0);
}
