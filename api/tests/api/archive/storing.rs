//! Storing: what is taken, what is not, and what the sender is told.

use std::process::Command;

use dicom::phantom::PhantomTransferSyntax;
use serde_json::json;

use super::*;

#[tokio::test]
async fn what_was_stored_comes_back_bit_for_bit() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    let mut sent = ct(1, 3);
    sent.extend(study(PhantomOptions {
        seed: 2,
        instances: Some(1),
        edge: Some(32),
        transfer_syntax: PhantomTransferSyntax::RleLossless,
        ..Default::default()
    }));
    let (status, stored) = store(&house, &token, &sent).await;
    assert_eq!((status, items(&stored, STORED).len()), (StatusCode::OK, 4));

    for instance in &sent {
        let got = parts(
            get(
                &house,
                &token,
                &address(instance),
                "multipart/related; type=\"application/dicom\"; transfer-syntax=*",
            )
            .await,
        )
        .await;
        assert_eq!(got.len(), 1);
        assert!(got[0].0.contains("transfer-syntax="), "{}", got[0].0);
        assert!(got[0].1 == instance.bytes, "other bytes");
        let any = "application/dicom; transfer-syntax=*";
        let single = get(&house, &token, &address(instance), any).await;
        assert!(single.bytes().await.unwrap() == instance.bytes);
    }
    let whole = parts(
        get(
            &house,
            &token,
            &format!("/studies/{}", sent[0].study_instance_uid),
            "*/*",
        )
        .await,
    )
    .await;
    assert_eq!(
        whole.into_iter().map(|(_, bytes)| bytes).collect::<Vec<_>>(),
        sent[..3].iter().map(|one| one.bytes.clone()).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn a_batch_object_is_a_tar_of_the_originals() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    let sent = ct(1, 3);
    let junk: &[u8] = b"GIF89a and nothing of interest";
    let all = [
        &sent[0].bytes[..],
        junk,
        &sent[1].bytes,
        &sent[0].bytes,
        &sent[2].bytes,
    ];
    let (status, _) = answer(send(&house, &token, "/studies", None, body(&all)).await).await;
    assert_eq!(status, StatusCode::ACCEPTED);

    let tars = house.objects("tar");
    assert_eq!(tars.len(), 1, "one object for each request");
    let unpacked = tempfile::tempdir().unwrap();
    let tar = Command::new("tar")
        .arg("xf")
        .arg(&tars[0])
        .arg("-C")
        .arg(unpacked.path())
        .status()
        .unwrap();
    assert!(tar.success());
    let mut files: Vec<_> = std::fs::read_dir(unpacked.path())
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    let contents: Vec<Vec<u8>> = files.iter().map(|file| std::fs::read(file).unwrap()).collect();
    assert_eq!(
        contents,
        sent.iter().map(|one| one.bytes.clone()).collect::<Vec<_>>(),
        "refused and doubled parts are not in it"
    );
    house.spool_empties().await;
}

#[tokio::test]
async fn the_same_again_changes_nothing_and_other_bytes_are_set_aside() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    let admin = house
        .member("admin@north.example", Role::TenantAdmin)
        .await
        .access;
    let sent = ct(1, 2);
    store(&house, &token, &sent).await;

    let (status, again) = store(&house, &token, &sent).await;
    assert_eq!(status, StatusCode::OK);
    assert!(items(&again, STORED).iter().all(|item| code(item) == "DUPLICATE"));
    assert_eq!(
        house.objects("tar").len(),
        1,
        "no second object for what is there"
    );

    let mut other = sent[0].clone();
    let last = other.bytes.len() - 1;
    other.bytes[last] ^= 1;
    for _ in 0..2 {
        let (status, refused) = store(&house, &token, &[other.clone()]).await;
        assert_eq!(status, StatusCode::CONFLICT);
        let item = items(&refused, FAILED)[0];
        assert_eq!(
            (code(item), &item[REASON]["Value"][0]),
            ("INSTANCE_CONFLICT", &json!(0x0111))
        );
    }
    let kept = get(&house, &token, &address(&sent[0]), "application/dicom").await;
    assert!(kept.bytes().await.unwrap() == sent[0].bytes, "the first stays");

    let asked = house
        .graphql(
            &admin,
            "{ quarantine { sopInstanceUid reason facility bytes } }",
            json!({}),
        )
        .await;
    let listed = asked["data"]["quarantine"].as_array().unwrap();
    assert_eq!(listed.len(), 1, "set aside once: {asked}");
    assert_eq!(listed[0]["sopInstanceUid"], sent[0].sop_instance_uid);
    assert_eq!(listed[0]["reason"], "INSTANCE_CONFLICT");
    let denied = house.graphql(&token, "{ quarantine { id } }", json!({})).await;
    assert_eq!(crate::support::code(&denied), "FORBIDDEN");
}

#[tokio::test]
async fn each_bad_part_is_named_and_the_good_ones_are_stored() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    let good = ct(1, 2);
    let cut = &good[1].bytes[..good[1].bytes.len() - 100];
    let (status, told) = answer(
        send(
            &house,
            &token,
            "/studies",
            None,
            body(&[b"", b"not dicom at all", cut, &good[0].bytes]),
        )
        .await,
    )
    .await;
    assert_eq!(status, StatusCode::ACCEPTED);
    assert_eq!(items(&told, STORED).len(), 1);
    let codes: Vec<&str> = items(&told, UNREAD).into_iter().map(code).collect();
    assert_eq!(codes, ["INSTANCE_EMPTY", "NOT_DICOM", "INSTANCE_TRUNCATED"]);
    assert_eq!(
        get(&house, &token, &address(&good[1]), "*/*").await.status(),
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn a_request_that_breaks_off_stores_nothing() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    let sent = ct(1, 2);
    let whole = body(&[&sent[0].bytes, &sent[1].bytes]);
    let cut = whole[..whole.len() - 50].to_vec();
    let broken = send(&house, &token, "/studies", None, cut).await;
    assert_eq!(refusal(broken).await, (400, "BAD_REQUEST".to_owned()));
    assert!(search(&house, &token, "/studies").await.is_empty());
    assert!(house.objects("tar").is_empty());
    house.spool_empties().await;
}

#[tokio::test]
async fn a_study_keeps_its_patient_and_its_address() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    let mut options = PhantomOptions {
        instances: Some(2),
        edge: Some(32),
        ..Default::default()
    };
    let first = study(options.clone());
    options.patient.id = "PHANTOM-2".to_owned();
    let mixed = study(options);
    assert_eq!(first[0].study_instance_uid, mixed[0].study_instance_uid);

    let (status, told) = store(&house, &token, &[first[0].clone(), mixed[1].clone()]).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    let item = items(&told, FAILED)[0];
    assert_eq!(
        (code(item), &item[REASON]["Value"][0]),
        ("PATIENT_MISMATCH", &json!(0xa900))
    );

    let elsewhere = send(&house, &token, "/studies/1.2.3", None, body(&[&first[1].bytes])).await;
    let (status, told) = answer(elsewhere).await;
    assert_eq!(
        (status, code(items(&told, FAILED)[0])),
        (StatusCode::CONFLICT, "STUDY_MISMATCH")
    );
}

/// The first `instances` of the same study as of a patient with this id, born in this year.
fn of_patient(id: &str, year: u32, instances: u32) -> Vec<PhantomInstance> {
    let mut options = PhantomOptions {
        instances: Some(instances),
        edge: Some(32),
        ..Default::default()
    };
    options.patient.id = id.to_owned();
    options.patient.birth_date = format!("{year}0101");
    study(options)
}

#[tokio::test]
async fn an_image_that_names_its_patient_later_names_the_patient_of_its_study() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    let (nameless, named) = (of_patient("", 1970, 4), of_patient("P-1", 1970, 4));
    let other = of_patient("P-2", 1970, 4);
    assert_eq!(store(&house, &token, &nameless[..1]).await.0, StatusCode::OK);
    assert_eq!(store(&house, &token, &named[1..2]).await.0, StatusCode::OK);
    assert_eq!(store(&house, &token, &nameless[2..3]).await.0, StatusCode::OK);
    let (status, told) = store(&house, &token, &other[3..]).await;
    assert_eq!(
        (status, code(items(&told, FAILED)[0])),
        (StatusCode::CONFLICT, "PATIENT_MISMATCH")
    );
    let found = search(&house, &token, "/studies?PatientID=P-1").await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["00201208"]["Value"][0], 3);
    assert_eq!(search(&house, &token, "/studies").await.len(), 1);
}

#[tokio::test]
async fn one_id_of_two_people_merges_nobody() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    let mut second = PhantomOptions {
        seed: 2,
        instances: Some(1),
        edge: Some(32),
        ..Default::default()
    };
    second.patient.id = "1".to_owned();
    second.patient.birth_date = "19800101".to_owned();
    let sent = [of_patient("1", 1970, 1), study(second)].concat();
    assert_eq!(store(&house, &token, &sent).await.0, StatusCode::OK);
    let read = house.app.store.read(&house.system()).await.unwrap();
    let mut patients = Vec::new();
    for one in &sent {
        let study = read.study_of_uid(&one.study_instance_uid).await.unwrap().unwrap();
        patients.push(study.patient);
    }
    assert_ne!(patients[0], patients[1]);
}

#[tokio::test]
async fn a_long_request_is_stored_batch_by_batch() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    let sent = ct(1, 503);
    let all: Vec<&[u8]> = sent.iter().map(|one| one.bytes.as_slice()).collect();
    let mut cut = body(&all);
    cut.truncate(cut.len() - 50);
    let broken = send(&house, &token, "/studies", None, cut).await;
    assert_eq!(refusal(broken).await, (400, "BAD_REQUEST".to_owned()));
    assert_eq!(house.objects("tar").len(), 1, "the batch that was full");
    house.spool_empties().await;

    let (status, told) = store(&house, &token, &sent).await;
    assert_eq!(status, StatusCode::OK);
    let told = items(&told, STORED);
    let new = told.iter().filter(|item| item.get(COMMENT).is_none()).count();
    assert_eq!((told.len(), new), (503, 3), "the others were there");
    let found = search(&house, &token, "/studies").await;
    assert_eq!(found[0]["00201208"]["Value"][0], 503);
}

#[tokio::test]
async fn batches_of_one_study_at_the_same_time_count_once() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    let sent = ct(1, 24);
    // Every instance twice, in different company.
    let batches: Vec<Vec<PhantomInstance>> = (0..8)
        .map(|batch| {
            sent.iter()
                .enumerate()
                .filter(|(at, _)| at % 4 == batch % 4)
                .map(|(_, one)| one.clone())
                .collect()
        })
        .collect();
    let answers =
        futures_util::future::join_all(batches.iter().map(|batch| store(&house, &token, batch))).await;
    assert!(
        answers.iter().all(|(status, _)| *status == StatusCode::OK),
        "{answers:?}"
    );
    let found = search(&house, &token, "/studies").await;
    assert_eq!(
        (
            found.len(),
            &found[0]["00201208"]["Value"][0],
            &found[0]["00201206"]["Value"][0]
        ),
        (1, &json!(24), &json!(1))
    );
    let new: usize = answers
        .iter()
        .map(|(_, told)| {
            items(told, STORED)
                .iter()
                .filter(|item| item.get(COMMENT).is_none())
                .count()
        })
        .sum();
    assert_eq!(new, 24, "each instance was new once");
}

#[tokio::test]
async fn a_comment_fits_its_value_representation_and_tells_nothing_of_another_facility() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    let other = house.other_facility("other@north.example").await.access;
    let sent = ct(1, 2);
    store(&house, &token, &sent[..1]).await;
    let mut options = PhantomOptions {
        seed: 1,
        instances: Some(2),
        edge: Some(32),
        ..Default::default()
    };
    options.patient.id = "SOMEBODY-ELSE".to_owned();
    let patient = study(options);
    // The same study for another patient at home, and of another facility elsewhere: word for word the same.
    let (_, at_home) = store(&house, &token, &patient[1..]).await;
    let (_, elsewhere) = store(&house, &other, &sent[1..]).await;
    let told = |answer: &Value| {
        let item = items(answer, FAILED)[0].clone();
        (item[REASON].clone(), item[COMMENT].clone())
    };
    assert_eq!(code(items(&at_home, FAILED)[0]), "PATIENT_MISMATCH", "{at_home}");
    assert_eq!(told(&at_home), told(&elsewhere));
    let broken: [&[u8]; 4] = [
        b"",
        b"not DICOM at all",
        &sent[0].bytes[..200],
        &sent[0].bytes[..3000],
    ];
    let (_, unread) = answer(send(&house, &token, "/studies", None, body(&broken)).await).await;
    let (_, mismatch) =
        answer(send(&house, &token, "/studies/1.2.3", None, body(&[&sent[1].bytes])).await).await;
    let all = [&at_home, &elsewhere, &unread, &mismatch];
    let comments: Vec<&str> = all
        .iter()
        .flat_map(|answer| [items(answer, FAILED), items(answer, UNREAD)].concat())
        .filter_map(|item| item[COMMENT]["Value"][0].as_str())
        .collect();
    assert_eq!(comments.len(), 7, "{comments:?}");
    for comment in comments {
        assert!(
            comment.chars().count() <= 64,
            "LO has 64 characters at the most: {comment}"
        );
    }
}
