//! Frames and bulk data, and who may have them.

use dicom::phantom::PhantomTransferSyntax;
use serde_json::json;

use super::*;

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
    let lossy = "multipart/related; type=\"application/dicom\"; transfer-syntax=1.2.840.10008.1.2.4.50";
    assert_eq!(
        get(&house, &token, &address(&packed[0]), lossy).await.status(),
        StatusCode::NOT_ACCEPTABLE
    );
    let explicit = "multipart/related; type=\"application/dicom\"; transfer-syntax=1.2.840.10008.1.2.1";
    assert_eq!(
        get(&house, &token, &address(&native[0]), explicit).await.status(),
        StatusCode::OK
    );
}

#[tokio::test]
async fn frames_that_one_may_see_are_not_remembered_for_another() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    let sent = ct(1, 1);
    store(&house, &token, &sent).await;
    let other = house.other_facility("other@north.example").await.access;
    let frame = format!("{}/frames/1", address(&sent[0]));
    for _ in 0..3 {
        assert_eq!(get(&house, &token, &frame, "*/*").await.status(), StatusCode::OK);
        let foreign = get(&house, &other, &frame, "*/*").await;
        assert_eq!(refusal(foreign).await, (404, "NOT_FOUND".to_owned()));
    }
    let admin = house
        .member("admin@north.example", Role::TenantAdmin)
        .await
        .access;
    let deleted = house
        .http
        .delete(format!("{}{ROOT}{}", house.base, address(&sent[0])))
        .bearer_auth(&admin)
        .send()
        .await
        .unwrap();
    assert_eq!(deleted.status(), StatusCode::NO_CONTENT);
    let gone = get(&house, &token, &frame, "*/*").await;
    assert_eq!(refusal(gone).await, (404, "NOT_FOUND".to_owned()), "at once");
}

#[tokio::test]
async fn a_file_that_came_without_a_preamble_is_handed_out_with_one() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    let sent = ct(1, 1);
    let bare = &sent[0].bytes[132..];
    let (status, _) = answer(send(&house, &token, "/studies", None, body(&[bare])).await).await;
    assert_eq!(status, StatusCode::OK);

    let path = address(&sent[0]);
    let any = "application/dicom; transfer-syntax=*";
    let whole = get(&house, &token, &path, any).await.bytes().await.unwrap();
    assert_eq!(whole[..128], [0; 128]);
    assert_eq!(whole[128..132], *b"DICM");
    let data_set = |file: &[u8]| {
        let length = u32::from_le_bytes(file[140..144].try_into().unwrap()) as usize;
        file[144 + length..].to_vec()
    };
    assert_eq!(data_set(&whole), data_set(&sent[0].bytes), "bit for bit");
    for range in ["100-199", "0-131", "300-319"] {
        let part = house
            .http
            .get(format!("{}{ROOT}{path}", house.base))
            .bearer_auth(&token)
            .header(header::ACCEPT, any)
            .header(header::RANGE, format!("bytes={range}"))
            .send()
            .await
            .unwrap();
        assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT);
        let (from, to) = range.split_once('-').unwrap();
        let (from, to): (usize, usize) = (from.parse().unwrap(), to.parse().unwrap());
        assert_eq!(part.bytes().await.unwrap(), whole[from..=to], "{range}");
    }
}

#[tokio::test]
async fn an_instance_without_its_uid_is_warned_of_and_has_one_in_its_metadata() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    let sent = ct(1, 1);
    // It becomes the Pyramid UID, which is as long: only the meta names the instance now.
    let mut bytes = sent[0].bytes.clone();
    let at = bytes
        .windows(6)
        .rposition(|six| six == b"\x08\0\x18\0UI")
        .unwrap();
    bytes[at..at + 6].copy_from_slice(b"\x08\0\x19\0UI");
    let (status, told) = answer(send(&house, &token, "/studies", None, body(&[&bytes])).await).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{told}");
    let metadata: Value = get(
        &house,
        &token,
        &format!("{}/metadata", address(&sent[0])),
        "application/dicom+json",
    )
    .await
    .json()
    .await
    .unwrap();
    assert_eq!(
        metadata[0]["00080018"]["Value"][0],
        json!(sent[0].sop_instance_uid)
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
        (StatusCode::CONFLICT, "PATIENT_MISMATCH")
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
async fn every_address_that_metadata_names_is_served() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    const ANY: &str = "multipart/related; type=\"application/octet-stream\"; transfer-syntax=*";
    for (seed, transfer_syntax, served_as) in [
        (
            5,
            PhantomTransferSyntax::ExplicitVrLittleEndian,
            "application/octet-stream",
        ),
        (
            6,
            PhantomTransferSyntax::RleLossless,
            "application/octet-stream; transfer-syntax=1.2.840.10008.1.2.5",
        ),
    ] {
        let images = study(PhantomOptions {
            seed,
            instances: Some(1),
            edge: Some(32),
            transfer_syntax,
            ..Default::default()
        });
        store(&house, &token, &images).await;
        let path = format!("{}/metadata", address(&images[0]));
        let metadata: Value = get(&house, &token, &path, "application/dicom+json")
            .await
            .json()
            .await
            .unwrap();
        let uri = metadata[0]["7FE00010"]["BulkDataURI"].as_str().unwrap();
        let path = uri.split(ROOT).nth(1).unwrap();
        let bulk = parts(get(&house, &token, path, ANY).await).await;
        assert_eq!(bulk[0].0, served_as);
        assert!(
            images[0]
                .bytes
                .windows(bulk[0].1.len())
                .any(|window| window == bulk[0].1)
        );
    }
}
