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
