//! Storing, finding and retrieving images over DICOMweb, as a sender and a viewer see it.

mod support;

use std::process::Command;

use chrono::TimeDelta;
use dicom::{
    multipart::{Event, MultipartReader},
    phantom::{PhantomInstance, PhantomKind, PhantomOptions, PhantomStudy, PhantomTransferSyntax},
};
use domain::Role;
use reqwest::{Response, StatusCode, header};
use serde_json::{Value, json};
use support::{House, Session, refusal};

const ROOT: &str = "/dicomweb/north";
const STORED: &str = "00081199";
const FAILED: &str = "00081198";
const UNREAD: &str = "0008119A";
const REASON: &str = "00081197";
const COMMENT: &str = "00000902";

fn ct(seed: u64, instances: u32) -> Vec<PhantomInstance> {
    study(PhantomOptions {
        seed,
        instances: Some(instances),
        edge: Some(32),
        ..Default::default()
    })
}

fn study(options: PhantomOptions) -> Vec<PhantomInstance> {
    PhantomStudy::new(PhantomKind::HeadCt, options)
        .map(Result::unwrap)
        .collect()
}

fn body(parts: &[&[u8]]) -> Vec<u8> {
    let mut body = Vec::new();
    for part in parts {
        body.extend_from_slice(b"--xyz\r\nContent-Type: application/dicom\r\n\r\n");
        body.extend_from_slice(part);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--xyz--\r\n");
    body
}

async fn send(house: &House, token: &str, path: &str, upload: Option<&str>, body: Vec<u8>) -> Response {
    let mut request = house
        .http
        .post(format!("{}{ROOT}{path}", house.base))
        .bearer_auth(token)
        .header(
            header::CONTENT_TYPE,
            "multipart/related; type=\"application/dicom\"; boundary=xyz",
        );
    if let Some(upload) = upload {
        request = request.header("Telerad-Upload", upload);
    }
    request.body(body).send().await.unwrap()
}

async fn store(house: &House, token: &str, instances: &[PhantomInstance]) -> (StatusCode, Value) {
    let parts: Vec<&[u8]> = instances
        .iter()
        .map(|instance| instance.bytes.as_slice())
        .collect();
    answer(send(house, token, "/studies", None, body(&parts)).await).await
}

async fn answer(response: Response) -> (StatusCode, Value) {
    (response.status(), response.json().await.unwrap())
}

async fn get(house: &House, token: &str, path: &str, accept: &str) -> Response {
    let url = format!("{}{ROOT}{path}", house.base);
    house
        .http
        .get(url)
        .bearer_auth(token)
        .header(header::ACCEPT, accept)
        .send()
        .await
        .unwrap()
}

async fn search(house: &House, token: &str, path: &str) -> Vec<Value> {
    let response = get(house, token, path, "application/dicom+json").await;
    match response.status() {
        StatusCode::NO_CONTENT => Vec::new(),
        StatusCode::OK => response.json().await.unwrap(),
        other => panic!("{path}: {other}"),
    }
}

/// The parts of a multipart answer: content type and bytes.
async fn parts(response: Response) -> Vec<(String, Vec<u8>)> {
    assert_eq!(response.status(), StatusCode::OK);
    let kind = response.headers()[header::CONTENT_TYPE]
        .to_str()
        .unwrap()
        .to_owned();
    let mut reader = MultipartReader::new(&kind, u64::MAX).unwrap();
    reader.push(response.bytes().await.unwrap());
    let mut parts: Vec<(String, Vec<u8>)> = Vec::new();
    while let Some(event) = reader.next_event().unwrap() {
        match event {
            Event::PartStart(headers) => {
                parts.push((
                    headers.get("content-type").unwrap_or_default().to_owned(),
                    Vec::new(),
                ));
            }
            Event::Data(bytes) => parts.last_mut().unwrap().1.extend_from_slice(&bytes),
            Event::PartEnd | Event::End => {}
        }
    }
    reader.finish().unwrap();
    parts
}

fn items<'a>(answer: &'a Value, tag: &str) -> Vec<&'a Value> {
    answer[tag]["Value"]
        .as_array()
        .map(|items| items.iter().collect())
        .unwrap_or_default()
}

fn code(item: &Value) -> &str {
    item[COMMENT]["Value"][0]
        .as_str()
        .unwrap()
        .split(':')
        .next()
        .unwrap()
}

fn address(instance: &PhantomInstance) -> String {
    format!(
        "/studies/{}/series/{}/instances/{}",
        instance.study_instance_uid, instance.series_instance_uid, instance.sop_instance_uid
    )
}

async fn staff(house: &House) -> Session {
    house.member("staff@north.example", Role::FacilityStaff).await
}

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
        let single = get(&house, &token, &address(instance), "application/dicom").await;
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
    assert_eq!(house.spooled(), 0, "nothing stays in the spool");
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
    assert_eq!(support::code(&denied), "FORBIDDEN");
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
    assert_eq!(house.spooled(), 0);
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

    let again: Value = post(manifest).await.unwrap().json().await.unwrap();
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

async fn receipt(house: &House, token: &str, upload: &str) -> Value {
    let request = house
        .http
        .get(format!("{}/uploads/{upload}", house.base))
        .bearer_auth(token);
    request.send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn searches_find_by_the_usual_keys_and_page_in_order() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    let mut options = PhantomOptions {
        instances: Some(2),
        edge: Some(32),
        ..Default::default()
    };
    store(&house, &token, &study(options.clone())).await;
    options.seed = 2;
    options.patient.id = "PHANTOM-2".to_owned();
    options.patient.name = Some("Müller^Änne=山田^太郎".to_owned());
    options.study_date = "20260215".to_owned();
    options.accession_number = "A[1]%".to_owned();
    let second = study(options);
    store(&house, &token, &second).await;

    for (query, found) in [
        ("", 2),
        ("?PatientID=PHANTOM-2", 1),
        ("?PatientName=m%C3%BCller*", 1),
        ("?PatientName=M%C3%BCLLER%5E%3Fnne", 1),
        ("?PatientName=%E5%B1%B1%E7%94%B0*", 1),
        ("?PatientName=Muller", 0),
        ("?StudyDate=20260201-", 1),
        ("?StudyDate=-20260201", 1),
        ("?StudyDate=20260101-20260301", 2),
        ("?AccessionNumber=A%5B1%5D*", 1),
        ("?AccessionNumber=a*", 0),
        ("?AccessionNumber=%3F%5B1%5D%25", 1),
        ("?ModalitiesInStudy=CT", 2),
        ("?ModalitiesInStudy=MR%5CUS", 0),
        ("?limit=1", 1),
        ("?limit=1&offset=1", 1),
        ("?offset=2", 0),
    ] {
        assert_eq!(
            search(&house, &token, &format!("/studies{query}")).await.len(),
            found,
            "{query}"
        );
    }
    let newest = &search(&house, &token, "/studies?limit=1").await[0];
    assert_eq!(newest["0020000D"]["Value"][0], second[0].study_instance_uid);
    assert_eq!(newest["00201208"]["Value"][0], 2);
    assert_eq!(newest["00080061"]["Value"], json!(["CT"]));
    assert_eq!(newest["00100010"]["Value"][0]["Ideographic"], "山田^太郎");

    let study_uid = &second[0].study_instance_uid;
    assert_eq!(
        search(&house, &token, &format!("/studies/{study_uid}/series"))
            .await
            .len(),
        1
    );
    let instances = search(
        &house,
        &token,
        &format!("/studies/{study_uid}/instances?InstanceNumber=2"),
    )
    .await;
    assert_eq!(instances.len(), 1);
    assert_eq!(instances[0]["00280010"]["Value"][0], 32);
    assert_eq!(search(&house, &token, "/instances").await.len(), 4);

    let odd = get(&house, &token, "/studies?PatientWeight=70&limit=1", "*/*").await;
    let warnings: Vec<_> = odd
        .headers()
        .get_all(header::WARNING)
        .iter()
        .map(|value| value.to_str().unwrap().to_owned())
        .collect();
    assert!(
        warnings.iter().any(|warning| warning.contains("PatientWeight")),
        "{warnings:?}"
    );
    assert!(
        warnings.iter().any(|warning| warning.contains("more results")),
        "{warnings:?}"
    );
    assert_eq!(
        get(&house, &token, "/studies?NoSuchAttribute=1", "*/*")
            .await
            .status(),
        StatusCode::BAD_REQUEST
    );
    assert_eq!(
        get(&house, &token, "/studies/1.2.3/series", "*/*").await.status(),
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn metadata_is_kept_packed_and_known_by_its_tag() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    let sent = ct(1, 3);
    store(&house, &token, &sent[..2]).await;
    let series = format!(
        "/studies/{}/series/{}/metadata",
        sent[0].study_instance_uid, sent[0].series_instance_uid
    );
    let first = get(&house, &token, &series, "application/dicom+json").await;
    let tag = first.headers()[header::ETAG].clone();
    let plain: Vec<Value> = first.json().await.unwrap();
    assert_eq!(plain.len(), 2);
    assert_eq!(plain[0]["00080018"]["Value"][0], sent[0].sop_instance_uid);
    let uri = plain[0]["7FE00010"]["BulkDataURI"].as_str().unwrap();
    assert!(
        uri.ends_with(&format!("{}/bulkdata/7FE00010", address(&sent[0]))),
        "{uri}"
    );

    let url = format!("{}{ROOT}{series}", house.base);
    let known = house
        .http
        .get(&url)
        .bearer_auth(&token)
        .header(header::IF_NONE_MATCH, &tag)
        .send()
        .await
        .unwrap();
    assert_eq!(known.status(), StatusCode::NOT_MODIFIED);
    let packed = house
        .http
        .get(&url)
        .bearer_auth(&token)
        .header(header::ACCEPT_ENCODING, "gzip")
        .send()
        .await
        .unwrap();
    assert_eq!(packed.headers()[header::CONTENT_ENCODING], "gzip");
    let mut unpacked = Vec::new();
    std::io::Read::read_to_end(
        &mut flate2::read::GzDecoder::new(&packed.bytes().await.unwrap()[..]),
        &mut unpacked,
    )
    .unwrap();
    assert_eq!(serde_json::from_slice::<Vec<Value>>(&unpacked).unwrap(), plain);

    store(&house, &token, &sent[2..]).await;
    let grown = house
        .http
        .get(&url)
        .bearer_auth(&token)
        .header(header::IF_NONE_MATCH, &tag)
        .send()
        .await
        .unwrap();
    assert_eq!(grown.status(), StatusCode::OK);
    assert_eq!(grown.json::<Vec<Value>>().await.unwrap().len(), 3);
    let whole = get(
        &house,
        &token,
        &format!("/studies/{}/metadata", sent[0].study_instance_uid),
        "*/*",
    )
    .await;
    assert_eq!(whole.json::<Vec<Value>>().await.unwrap().len(), 3);
    let one = get(&house, &token, &format!("{}/metadata", address(&sent[2])), "*/*").await;
    assert_eq!(one.json::<Vec<Value>>().await.unwrap().len(), 1);
}

#[tokio::test]
async fn frames_and_bulk_data_are_the_stored_samples() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    let native = ct(1, 1);
    let packed = study(PhantomOptions {
        seed: 2,
        instances: Some(1),
        edge: Some(32),
        transfer_syntax: PhantomTransferSyntax::RleLossless,
        ..Default::default()
    });
    store(&house, &token, &[native[0].clone(), packed[0].clone()]).await;
    const FRAMES: &str = "multipart/related; type=\"application/octet-stream\"; transfer-syntax=*";

    let samples = &native[0].bytes[native[0].bytes.len() - 32 * 32 * 2..];
    let got = parts(
        get(
            &house,
            &token,
            &format!("{}/frames/1", address(&native[0])),
            FRAMES,
        )
        .await,
    )
    .await;
    assert_eq!(
        got[0].0,
        "application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1"
    );
    assert!(got[0].1 == samples);
    let bulk = get(
        &house,
        &token,
        &format!("{}/bulkdata/7FE00010", address(&native[0])),
        "application/octet-stream",
    )
    .await;
    assert!(bulk.bytes().await.unwrap() == samples);

    let rle = format!("{}/frames/1", address(&packed[0]));
    let got = parts(get(&house, &token, &rle, FRAMES).await).await;
    assert_eq!(
        got[0].0,
        "application/octet-stream; transfer-syntax=1.2.840.10008.1.2.5"
    );
    assert!(
        packed[0]
            .bytes
            .windows(got[0].1.len())
            .any(|window| window == got[0].1)
    );
    let kind = parts(
        get(
            &house,
            &token,
            &rle,
            "multipart/related; type=\"image/dicom-rle\"",
        )
        .await,
    )
    .await;
    assert!(kind[0].0.starts_with("image/dicom-rle"));

    let beyond = get(
        &house,
        &token,
        &format!("{}/frames/2", address(&native[0])),
        FRAMES,
    )
    .await;
    assert_eq!(refusal(beyond).await, (404, "FRAME_OUT_OF_RANGE".to_owned()));
    let unwanted = get(&house, &token, &rle, "multipart/related; type=\"image/jpeg\"").await;
    assert_eq!(refusal(unwanted).await, (406, "NOT_ACCEPTABLE".to_owned()));
    let transcoded = "multipart/related; type=\"application/dicom\"; transfer-syntax=1.2.840.10008.1.2.1";
    assert_eq!(
        get(&house, &token, &address(&packed[0]), transcoded)
            .await
            .status(),
        StatusCode::NOT_ACCEPTABLE
    );
    assert_eq!(
        get(&house, &token, &address(&native[0]), transcoded)
            .await
            .status(),
        StatusCode::OK
    );
}

#[tokio::test]
async fn another_facility_and_a_stranger_see_nothing() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    let sent = ct(1, 1);
    store(&house, &token, &sent).await;
    let other = house.other_facility("other@north.example").await.access;

    let foreign = get(&house, &other, &address(&sent[0]), "*/*").await;
    let absent = get(
        &house,
        &other,
        "/studies/1.2.3/series/1.2.3/instances/1.2.3",
        "*/*",
    )
    .await;
    let (foreign, absent): (Value, Value) = (foreign.json().await.unwrap(), absent.json().await.unwrap());
    assert_eq!(
        (&foreign["status"], &foreign["code"]),
        (&json!(404), &json!("NOT_FOUND"))
    );
    assert_eq!(
        (foreign["status"].clone(), foreign["code"].clone()),
        (absent["status"].clone(), absent["code"].clone())
    );
    assert!(search(&house, &other, "/studies").await.is_empty());
    let (status, told) = store(&house, &other, &sent).await;
    assert_eq!(
        (status, code(items(&told, FAILED)[0])),
        (StatusCode::CONFLICT, "FORBIDDEN")
    );

    let elsewhere = house
        .http
        .get(format!("{}/dicomweb/south/studies", house.base))
        .bearer_auth(&token)
        .send()
        .await
        .unwrap();
    assert_eq!(elsewhere.status(), StatusCode::NOT_FOUND);
    let nobody = house
        .http
        .get(format!("{}{ROOT}/studies", house.base))
        .send()
        .await
        .unwrap();
    assert_eq!(nobody.status(), StatusCode::UNAUTHORIZED);
    let reader = house
        .member("reader@north.example", Role::Radiologist)
        .await
        .access;
    assert_eq!(search(&house, &reader, "/studies").await.len(), 1);
    let (status, _) = store(&house, &reader, &sent).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
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
async fn a_full_disk_refuses_new_images_and_still_hands_out_old_ones() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    let sent = ct(1, 2);
    store(&house, &token, &sent[..1]).await;
    house.disk.set_full(true);
    let full = send(&house, &token, "/studies", None, body(&[&sent[1].bytes])).await;
    assert_eq!(refusal(full).await, (507, "STORAGE_FULL".to_owned()));
    assert_eq!(search(&house, &token, "/instances").await.len(), 1);
    assert!(
        get(&house, &token, &address(&sent[0]), "application/dicom")
            .await
            .bytes()
            .await
            .unwrap()
            == sent[0].bytes
    );
    assert_eq!(house.spooled(), 0);
    house.disk.set_full(false);
    assert_eq!(
        store(&house, &token, &sent[1..]).await.0,
        StatusCode::OK,
        "it heals by itself"
    );
}

#[tokio::test]
async fn what_a_killed_process_left_is_swept_and_what_it_committed_is_kept() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    let sent = ct(1, 1);
    store(&house, &token, &sent).await;
    let committed = house.objects("tar").pop().unwrap().canonicalize().unwrap();

    // As a process leaves it that is killed after the object is durable and before the transaction.
    let orphan = committed.with_file_name("01990000-0000-7000-8000-000000000000.tar");
    std::fs::copy(&committed, &orphan).unwrap();
    house.abandon_batch(&orphan);
    house.abandon_batch(&committed);
    let swept = house.app.sweep_spool().await.unwrap();
    assert_eq!((swept.batches, swept.objects), (2, 1));
    assert!(!orphan.exists());
    assert!(
        get(&house, &token, &address(&sent[0]), "application/dicom")
            .await
            .bytes()
            .await
            .unwrap()
            == sent[0].bytes
    );
    assert_eq!(house.spooled(), 0);
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

#[tokio::test]
async fn an_announced_study_is_waited_for_and_complete_at_once_when_all_is_there() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    let sent = ct(1, 2);
    let me = house
        .graphql(&token, "{ me { facilities { id } } }", json!({}))
        .await;
    let instances: Vec<Value> = sent
        .iter()
        .map(|one| json!({ "sop_instance_uid": one.sop_instance_uid, "bytes": one.bytes.len() }))
        .collect();
    let manifest = json!({
        "facility_id": me["data"]["me"]["facilities"][0]["id"], "priority": "ROUTINE",
        "studies": [{ "study_instance_uid": sent[0].study_instance_uid, "series": [
            { "series_instance_uid": sent[0].series_instance_uid, "instances": instances } ] }],
    });
    let request = house
        .http
        .post(format!("{}/uploads", house.base))
        .bearer_auth(&token)
        .json(&manifest);
    let announced: Value = request.send().await.unwrap().json().await.unwrap();
    let upload = announced["upload_id"].as_str().unwrap();

    send(&house, &token, "/studies", Some(upload), body(&[&sent[0].bytes])).await;
    house
        .clock
        .pass(TimeDelta::from_std(house.app.settings.quiet_period).unwrap());
    assert!(!completed(&house, &sent[0]).await, "the rest was announced");
    send(&house, &token, "/studies", Some(upload), body(&[&sent[1].bytes])).await;
    assert!(completed(&house, &sent[0]).await, "nothing is missing");
}
