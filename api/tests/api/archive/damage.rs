//! Objects that rot, shrink or vanish: never an image changed, and never an answer that looks whole.

use std::{fs, path::Path};

use app::trail::TrailQuestion;
use dicom::phantom::PhantomTransferSyntax;
use domain::audit::AuditAction;
use futures_util::StreamExt as _;
use store::Page;

use super::*;

const ANY: &str = "multipart/related; type=\"application/octet-stream\"; transfer-syntax=*";
const DICOM: &str = "multipart/related; type=\"application/dicom\"; transfer-syntax=*";

/// Where the original lies in its object.
fn place(object: &Path, original: &[u8]) -> usize {
    let stored = fs::read(object).unwrap();
    let found = stored
        .windows(original.len())
        .position(|window| window == original);
    found.expect("the original is in the object")
}

fn flip(object: &Path, at: usize) {
    let mut stored = fs::read(object).unwrap();
    stored[at] ^= 0x10;
    fs::write(object, stored).unwrap();
}

async fn damage(house: &House, token: &str, path: &str, accept: &str) -> (u16, String) {
    let response = get(house, token, path, accept).await;
    assert_eq!(
        response.headers()[header::CONTENT_TYPE],
        "application/problem+json",
        "{path}"
    );
    refusal(response).await
}

async fn alarms(house: &House) -> Vec<(String, Option<String>)> {
    let page = Page {
        first: 100,
        after: None,
    };
    let question = TrailQuestion {
        actions: vec![AuditAction::ObjectDamaged],
        ..TrailQuestion::default()
    };
    let trail = house
        .app
        .audit_trail(&house.system(), &question, &page)
        .await
        .unwrap();
    trail
        .into_iter()
        .map(|event| (event.object, event.detail))
        .collect()
}

#[tokio::test]
async fn a_flipped_bit_is_an_error_and_an_alarm_and_its_neighbours_are_served() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    let images = ct(1, 2);
    store(&house, &token, &images).await;
    let object = &house.objects("tar")[0];
    let start = place(object, &images[0].bytes);
    flip(object, start + images[0].bytes.len() - 1);

    let address_of = address(&images[0]);
    let expected = (500, "OBJECT_DAMAGED".to_owned());
    for (path, accept) in [
        (String::new(), "application/dicom; transfer-syntax=*"),
        (String::new(), DICOM),
        ("/frames/1".to_owned(), ANY),
        ("/frames/1,1".to_owned(), ANY),
        ("/frames/1".to_owned(), "application/octet-stream"),
        ("/bulkdata/7FE00010".to_owned(), "application/octet-stream"),
    ] {
        let path = format!("{address_of}{path}");
        assert_eq!(
            damage(&house, &token, &path, accept).await,
            expected,
            "{path} {accept}"
        );
    }
    let raised = alarms(&house).await;
    assert_eq!(raised.len(), 1, "one alarm for one object: {raised:?}");
    assert!(raised[0].0.starts_with("instance_"), "{raised:?}");
    assert_eq!(raised[0].1.as_deref(), Some("original"));

    let sound = parts(get(&house, &token, &address(&images[1]), DICOM).await).await;
    assert!(sound[0].1 == images[1].bytes);
}

#[tokio::test]
async fn a_flipped_bit_in_a_header_is_found_by_whoever_reads_there() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    let images = ct(1, 1);
    store(&house, &token, &images).await;
    let object = &house.objects("tar")[0];
    flip(object, place(object, &images[0].bytes) + 140);
    let expected = (500, "OBJECT_DAMAGED".to_owned());
    assert_eq!(
        damage(&house, &token, &address(&images[0]), DICOM).await,
        expected
    );
}

#[tokio::test]
async fn a_truncated_object_and_a_missing_one_are_answers_not_broken_connections() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    let images = ct(1, 1);
    store(&house, &token, &images).await;
    let object = house.objects("tar")[0].clone();
    let stored = fs::read(&object).unwrap();
    let expected = (500, "OBJECT_DAMAGED".to_owned());
    let paths = [
        (address(&images[0]), DICOM),
        (format!("/studies/{}", images[0].study_instance_uid), DICOM),
        (format!("{}/frames/1", address(&images[0])), ANY),
        (format!("{}/bulkdata/7FE00010", address(&images[0])), ANY),
    ];

    fs::write(&object, &stored[..stored.len() / 2]).unwrap();
    for (path, accept) in &paths {
        assert_eq!(damage(&house, &token, path, accept).await, expected, "{path}");
    }
    fs::remove_file(&object).unwrap();
    for (path, accept) in &paths {
        assert_eq!(damage(&house, &token, path, accept).await, expected, "{path}");
    }
    fs::write(&object, &stored).unwrap();
    let whole = parts(get(&house, &token, &paths[0].0, DICOM).await).await;
    assert!(
        whole[0].1 == images[0].bytes,
        "what came back from a backup is served again"
    );
}

#[tokio::test]
async fn an_answer_of_many_parts_breaks_visibly_at_the_first_damaged_one() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    let images = ct(1, 3);
    store(&house, &token, &images).await;
    let object = &house.objects("tar")[0];
    // In reading order, which is that of the instance numbers.
    let end = place(object, &images[1].bytes) + images[1].bytes.len();
    flip(object, end - 1);
    let rotten = fs::read(object).unwrap();

    let study = format!("/studies/{}", images[0].study_instance_uid);
    let response = get(&house, &token, &study, DICOM).await;
    assert_eq!(response.status(), StatusCode::OK);
    let (received, broken) = until_broken(response).await;
    assert!(broken, "the answer must not end as if it were whole");
    assert!(contains(&received, &images[0].bytes), "what was sound is there");
    assert!(
        !contains(&received, &rotten[end - 64..end]),
        "what is rotten is not"
    );
    assert!(!received.ends_with(b"--\r\n"), "no closing boundary");
}

#[tokio::test]
async fn frames_of_an_answer_break_visibly_too() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    let images = cine(4);
    store(&house, &token, &images).await;
    let object = &house.objects("tar")[0];
    flip(
        object,
        place(object, &images[0].bytes) + images[0].bytes.len() - 2,
    );
    let path = format!("{}/frames/1,2,3,4", address(&images[0]));
    let response = get(&house, &token, &path, ANY).await;
    assert_eq!(response.status(), StatusCode::OK, "the first frame is sound");
    let (received, broken) = until_broken(response).await;
    assert!(broken);
    assert!(!received.ends_with(b"--\r\n"), "no closing boundary");
}

#[tokio::test]
async fn of_an_image_too_large_to_be_held_no_wrong_byte_is_sent() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    let images = cine(20);
    let original = &images[0].bytes;
    assert!(original.len() > 16 << 20);
    store(&house, &token, &images).await;
    let object = &house.objects("tar")[0];
    flip(object, place(object, original) + original.len() - 1000);
    let response = get(
        &house,
        &token,
        &address(&images[0]),
        "application/dicom; transfer-syntax=*",
    )
    .await;
    let (received, broken) = until_broken(response).await;
    assert!(broken);
    assert!(received.len() < original.len());
    assert!(
        original.starts_with(&received),
        "every byte that came is the original's"
    );
}

/// One native image of so many frames.
fn cine(frames: u32) -> Vec<PhantomInstance> {
    let options = PhantomOptions {
        instances: Some(frames),
        transfer_syntax: PhantomTransferSyntax::ExplicitVrLittleEndian,
        ..Default::default()
    };
    PhantomStudy::new(PhantomKind::CardiacUltrasound, options)
        .map(Result::unwrap)
        .collect()
}

/// What came, and whether the connection broke before the answer ended.
async fn until_broken(response: Response) -> (Vec<u8>, bool) {
    let mut received = Vec::new();
    let mut chunks = response.bytes_stream();
    while let Some(chunk) = chunks.next().await {
        match chunk {
            Ok(chunk) => received.extend_from_slice(&chunk),
            Err(_) => return (received, true),
        }
    }
    (received, false)
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}
