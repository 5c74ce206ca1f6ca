//! Announced uploads: resuming, receipts, and when a study is complete.

use chrono::TimeDelta;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::*;

#[tokio::test]
async fn an_upload_is_resumed_by_its_receipt_and_ends_complete() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    let sent = ct(1, 3);
    let me = house
        .graphql(&token, "{ me { facilities { id } } }", json!({}))
        .await;
    let facility = me["data"]["me"]["facilities"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let instances: Vec<Value> = sent[..2]
        .iter()
        .map(|one| json!({ "sop_instance_uid": one.sop_instance_uid, "bytes": one.bytes.len() }))
        .collect();
    let manifest = json!({
        "facility_id": facility, "priority": "STAT", "indication": "fall",
        "studies": [{ "study_instance_uid": sent[0].study_instance_uid, "series": [
            { "series_instance_uid": sent[0].series_instance_uid, "instances": instances } ] }],
        "refused": [{ "name": "holiday.jpg", "reason": "not DICOM" }],
    });
    let post = |body: Value| {
        house
            .http
            .post(format!("{}/uploads", house.base))
            .bearer_auth(&token)
            .json(&body)
            .send()
    };
    let announced: Value = post(manifest.clone()).await.unwrap().json().await.unwrap();
    assert_eq!(announced["missing"].as_array().unwrap().len(), 2);
    let upload = announced["upload_id"].as_str().unwrap().to_owned();

    let first = send(
        &house,
        &token,
        "/studies",
        Some(&upload),
        body(&[&sent[0].bytes, &sent[2].bytes]),
    )
    .await;
    let (status, told) = answer(first).await;
    assert_eq!(
        (status, code(items(&told, FAILED)[0])),
        (StatusCode::ACCEPTED, "NOT_IN_MANIFEST")
    );
    let receipt = receipt(&house, &token, &upload).await;
    assert_eq!(receipt["state"], "OPEN");
    assert_eq!(
        receipt["counts"],
        json!({ "expected": 2, "stored": 1, "duplicate": 0, "refused": 0, "missing": 1 })
    );
    assert_eq!(receipt["refused_files"].as_array().unwrap().len(), 2, "{receipt}");

    send(&house, &token, "/studies", Some(&upload), body(&[&sent[1].bytes])).await;
    let receipt = self::receipt(&house, &token, &upload).await;
    assert_eq!(
        (&receipt["state"], &receipt["counts"]["stored"]),
        (&json!("COMPLETE"), &json!(2))
    );

    let again: Value = post(manifest.clone()).await.unwrap().json().await.unwrap();
    assert_eq!(
        again["missing"].as_array().unwrap().len(),
        2,
        "a UID alone does not prove what the bytes are"
    );
    let mut hashed = manifest;
    for (number, instance) in sent[..2].iter().enumerate() {
        let hash = hex::encode(Sha256::digest(&instance.bytes));
        hashed["studies"][0]["series"][0]["instances"][number]["sha256"] = hash.into();
    }
    let again: Value = post(hashed).await.unwrap().json().await.unwrap();
    assert_eq!(
        (&again["missing"], &again["stored"]),
        (&json!([]), &json!(2)),
        "nothing need be sent again"
    );
    let foreign = house
        .http
        .get(format!("{}/uploads/upload_{}", house.base, "0".repeat(32)))
        .bearer_auth(&token)
        .send();
    assert_eq!(
        refusal(foreign.await.unwrap()).await,
        (404, "NOT_FOUND".to_owned())
    );
}

#[tokio::test]
async fn a_long_receipt_names_everything_once_and_no_other_tenant_sees_it() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    let foreign = house
        .other_tenant("staff@south.example", Role::FacilityStaff)
        .await
        .access;
    let facility = facility_of(&house, &token).await;
    // More than two pages, one of them exactly full.
    let uids: Vec<String> = (0..2000)
        .map(|number| format!("1.2.{}", 10_000 + number))
        .collect();
    let instances: Vec<Value> = uids
        .iter()
        .map(|uid| json!({ "sop_instance_uid": uid, "bytes": 1 }))
        .collect();
    let refused: Vec<Value> = (0..3)
        .map(|number| json!({ "name": format!("{number}.jpg"), "reason": "not DICOM" }))
        .collect();
    let manifest = json!({
        "facility_id": facility, "priority": "ROUTINE", "refused": refused,
        "studies": [{ "study_instance_uid": "1.2", "series": [
            { "series_instance_uid": "1.2.3", "instances": instances } ] }],
    });
    let post = |token: &str| {
        let request = house.http.post(format!("{}/uploads", house.base));
        request.bearer_auth(token).json(&manifest).send()
    };
    let elsewhere = post(&foreign).await.unwrap();
    assert_eq!(refusal(elsewhere).await, (404, "NOT_FOUND".to_owned()));
    let announced: Value = post(&token).await.unwrap().json().await.unwrap();
    let upload = announced["upload_id"].as_str().unwrap();
    assert_eq!(announced["missing"], json!(uids));
    let told = receipt(&house, &token, upload).await;
    let named: Vec<&Value> = told["instances"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| &line["sop_instance_uid"])
        .collect();
    assert_eq!(json!(named), json!(uids));
    assert_eq!(told["counts"]["missing"], 2000);
    assert_eq!(told["refused_files"][2]["name"], "2.jpg");
    assert_eq!(receipt(&house, &foreign, upload).await["code"], "NOT_FOUND");
}

async fn facility_of(house: &House, token: &str) -> String {
    let me = house
        .graphql(token, "{ me { facilities { id } } }", json!({}))
        .await;
    me["data"]["me"]["facilities"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

async fn receipt(house: &House, token: &str, upload: &str) -> Value {
    let request = house
        .http
        .get(format!("{}/uploads/{upload}", house.base))
        .bearer_auth(token);
    request.send().await.unwrap().json().await.unwrap()
}

async fn completed(house: &House, instance: &PhantomInstance) -> bool {
    let read = house.app.store.read(&house.system()).await.unwrap();
    let study = read
        .study_of_uid(&instance.study_instance_uid)
        .await
        .unwrap()
        .unwrap();
    drop(read);
    house
        .app
        .judge_completeness(&house.system(), study.id)
        .await
        .unwrap();
    let read = house.app.store.read(&house.system()).await.unwrap();
    read.study(study.id)
        .await
        .unwrap()
        .unwrap()
        .completed_at
        .is_some()
}

#[tokio::test]
async fn a_study_is_complete_after_a_quiet_time_and_again_when_more_came() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    let sent = ct(1, 3);
    let quiet = TimeDelta::from_std(house.app.settings.quiet_period).unwrap();
    for more in [&sent[..2], &sent[2..]] {
        store(&house, &token, more).await;
        assert!(!completed(&house, &sent[0]).await, "images may still come");
        house.clock.pass(quiet);
        assert!(completed(&house, &sent[0]).await);
    }
}

/// Announces `sent` with hashes; gives the upload's id.
async fn announce(house: &House, token: &str, sent: &[PhantomInstance]) -> String {
    let me = house
        .graphql(token, "{ me { facilities { id } } }", json!({}))
        .await;
    let instances: Vec<Value> = sent
        .iter()
        .map(|one| {
            json!({ "sop_instance_uid": one.sop_instance_uid, "bytes": one.bytes.len(),
                "sha256": hex::encode(Sha256::digest(&one.bytes)) })
        })
        .collect();
    let manifest = json!({
        "facility_id": me["data"]["me"]["facilities"][0]["id"], "priority": "ROUTINE",
        "studies": [{ "study_instance_uid": sent[0].study_instance_uid, "series": [
            { "series_instance_uid": sent[0].series_instance_uid, "instances": instances } ] }],
    });
    let request = house
        .http
        .post(format!("{}/uploads", house.base))
        .bearer_auth(token)
        .json(&manifest);
    let announced: Value = request.send().await.unwrap().json().await.unwrap();
    announced["upload_id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_was_damaged_on_its_way_is_asked_for_again() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    let sent = ct(1, 1);
    let upload = announce(&house, &token, &sent).await;
    let mut flipped = sent[0].bytes.clone();
    *flipped.last_mut().unwrap() ^= 1;
    let mut longer = sent[0].bytes.clone();
    longer.extend_from_slice(&[0; 2]);
    let cut = &sent[0].bytes[..sent[0].bytes.len() - 100];
    for damaged in [&flipped[..], &longer, cut] {
        let named = format!(
            "--xyz\r\nContent-Type: application/dicom\r\nContent-Location: {}\r\n\r\n",
            sent[0].sop_instance_uid
        );
        let body = [named.as_bytes(), damaged, b"\r\n--xyz--\r\n"].concat();
        let (status, told) = answer(send(&house, &token, "/studies", Some(&upload), body).await).await;
        assert_eq!(status, StatusCode::CONFLICT);
        let mut failed = items(&told, FAILED);
        failed.extend(items(&told, UNREAD));
        assert_eq!(code(failed[0]), "DIFFERS_FROM_MANIFEST");
        let receipt = receipt(&house, &token, &upload).await;
        assert_eq!(
            (&receipt["state"], &receipt["counts"]["missing"]),
            (&json!("OPEN"), &json!(1))
        );
        let line = &receipt["instances"][0];
        assert_eq!(
            (&line["outcome"], &line["reason_code"]),
            (&json!("MISSING"), &json!("DIFFERS_FROM_MANIFEST"))
        );
    }
    let (status, _) =
        answer(send(&house, &token, "/studies", Some(&upload), body(&[&sent[0].bytes])).await).await;
    assert_eq!(status, StatusCode::OK);
    let receipt = receipt(&house, &token, &upload).await;
    assert_eq!(
        (&receipt["state"], &receipt["instances"][0]["outcome"]),
        (&json!("COMPLETE"), &json!("STORED"))
    );
    assert_eq!(receipt["instances"][0]["reason_code"], Value::Null);
    let kept = get(&house, &token, &address(&sent[0]), "application/dicom").await;
    assert!(kept.bytes().await.unwrap() == sent[0].bytes);
}

#[tokio::test]
async fn an_announced_study_is_waited_for_and_complete_at_once_when_all_is_there() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    let sent = ct(1, 2);
    let upload = &announce(&house, &token, &sent).await;

    send(&house, &token, "/studies", Some(upload), body(&[&sent[0].bytes])).await;
    house
        .clock
        .pass(TimeDelta::from_std(house.app.settings.quiet_period).unwrap());
    assert!(!completed(&house, &sent[0]).await, "the rest was announced");
    send(&house, &token, "/studies", Some(upload), body(&[&sent[1].bytes])).await;
    assert!(completed(&house, &sent[0]).await, "nothing is missing");
}

#[tokio::test]
async fn who_says_that_nothing_more_will_come_is_not_waited_for() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    let sent = ct(1, 2);
    let upload = announce(&house, &token, &sent).await;
    send(&house, &token, "/studies", Some(&upload), body(&[&sent[0].bytes])).await;
    house
        .clock
        .pass(TimeDelta::from_std(house.app.settings.quiet_period).unwrap());
    assert!(!completed(&house, &sent[0]).await, "the rest was announced");
    let finish = house
        .http
        .post(format!("{}/uploads/{upload}/finish", house.base))
        .bearer_auth(&token);
    assert_eq!(finish.send().await.unwrap().status(), StatusCode::OK);

    let read = house.app.store.read(&house.system()).await.unwrap();
    let jobs = read
        .jobs(
            None,
            &store::Page {
                first: 100,
                after: None,
            },
        )
        .await
        .unwrap();
    let judgement = jobs
        .iter()
        .find(|job| job.kind == "judge_completeness" && job.state == domain::job::JobState::Queued)
        .unwrap();
    assert!(judgement.run_at <= house.app.clock.now(), "it is judged at once");
    drop(read);
    assert!(completed(&house, &sent[0]).await, "what is missing stays missing");
}
