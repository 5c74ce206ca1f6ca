//! Instances that come as one file, or as metadata and bulk data apart, in JSON and in XML.

use serde_json::json;

use super::*;

/// A small image as the DICOM JSON Model says it.
fn image(sop: &str) -> Value {
    json!({
        "00080016": {"vr": "UI", "Value": ["1.2.840.10008.5.1.4.1.1.7"]},
        "00080018": {"vr": "UI", "Value": [sop]},
        "00080060": {"vr": "CS", "Value": ["OT"]},
        "00100010": {"vr": "PN", "Value": [{"Alphabetic": "Müller^Anna"}]},
        "00100020": {"vr": "LO", "Value": ["P1"]},
        "0020000D": {"vr": "UI", "Value": ["1.2.3"]},
        "0020000E": {"vr": "UI", "Value": ["1.2.3.1"]},
        "00280002": {"vr": "US", "Value": [1]},
        "00280004": {"vr": "CS", "Value": ["MONOCHROME2"]},
        "00280010": {"vr": "US", "Value": [2]},
        "00280011": {"vr": "US", "Value": [2]},
        "00280100": {"vr": "US", "Value": [8]},
        "00280101": {"vr": "US", "Value": [8]},
        "00280102": {"vr": "US", "Value": [7]},
        "00280103": {"vr": "US", "Value": [0]},
        "7FE00010": {"vr": "OB", "BulkDataURI": format!("pixels/{sop}")},
    })
}

fn related(parts: &[(&str, Option<&str>, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (kind, location, bytes) in parts {
        body.extend_from_slice(format!("--xyz\r\nContent-Type: {kind}\r\n").as_bytes());
        if let Some(location) = location {
            body.extend_from_slice(format!("Content-Location: {location}\r\n").as_bytes());
        }
        body.extend_from_slice(b"\r\n");
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--xyz--\r\n");
    body
}

async fn post(house: &House, token: &str, kind: &str, accept: &str, body: Vec<u8>) -> Response {
    house
        .http
        .post(format!("{}{ROOT}/studies", house.base))
        .bearer_auth(token)
        .header(header::CONTENT_TYPE, kind)
        .header(header::ACCEPT, accept)
        .body(body)
        .send()
        .await
        .unwrap()
}

const JSON_PARTS: &str = "multipart/related; type=\"application/dicom+json\"; boundary=xyz";
const XML_PARTS: &str = "multipart/related; type=\"application/dicom+xml\"; boundary=xyz";
const ANY: &str = "*/*";

#[tokio::test]
async fn one_file_is_stored_without_any_frame_around_it() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    let sent = ct(1, 1).remove(0);
    let (status, stored) =
        answer(post(&house, &token, "application/dicom", ANY, sent.bytes.clone()).await).await;
    assert_eq!((status, items(&stored, STORED).len()), (StatusCode::OK, 1));
    let got = get(&house, &token, &address(&sent), "application/dicom").await;
    assert!(got.bytes().await.unwrap() == sent.bytes);
    let empty = post(&house, &token, "application/dicom", ANY, Vec::new()).await;
    assert_eq!(empty.status(), StatusCode::CONFLICT);
    let other = post(&house, &token, "image/png", ANY, sent.bytes).await;
    assert_eq!(refusal(other).await, (415, "UNSUPPORTED_MEDIA_TYPE".to_owned()));
}

#[tokio::test]
async fn metadata_and_pixels_that_come_apart_become_one_image() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    let json = serde_json::to_vec(&json!([image("1.5.1"), image("1.5.2")])).unwrap();
    let body = related(&[
        ("application/dicom+json", None, &json),
        ("application/octet-stream", Some("pixels/1.5.2"), &[5, 6, 7, 8]),
        ("application/octet-stream", Some("pixels/1.5.1"), &[1, 2, 3, 4]),
    ]);
    let (status, stored) = answer(post(&house, &token, JSON_PARTS, ANY, body).await).await;
    assert_eq!(
        (status, items(&stored, STORED).len()),
        (StatusCode::OK, 2),
        "{stored}"
    );
    let found = search(&house, &token, "/studies?PatientName=muller&fuzzymatching=true").await;
    assert_eq!(found.len(), 1);
    let path = "/studies/1.2.3/series/1.2.3.1/instances/1.5.2/frames/1";
    let frame = parts(get(&house, &token, path, ANY).await).await;
    assert_eq!(frame[0].1, [5, 6, 7, 8]);

    let mut document = Vec::new();
    let set = serde_json::to_vec(&image("1.5.3")).unwrap();
    dicom::xml::write_native_model(&set, &mut document).unwrap();
    let body = related(&[
        ("application/dicom+xml", None, &document),
        ("application/octet-stream", Some("pixels/1.5.3"), &[9, 9, 9, 9]),
    ]);
    let xml = post(&house, &token, XML_PARTS, "application/dicom+xml", body).await;
    assert_eq!(xml.status(), StatusCode::OK);
    assert_eq!(xml.headers()[header::CONTENT_TYPE], "application/dicom+xml");
    let text = xml.text().await.unwrap();
    assert!(text.contains("<Value number=\"1\">1.5.3</Value>"), "{text}");
    assert_eq!(search(&house, &token, "/studies/1.2.3/instances").await.len(), 3);
}

#[tokio::test]
async fn a_codestream_names_its_transfer_syntax_by_its_media_type() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    let json = serde_json::to_vec(&json!([image("1.5.1")])).unwrap();
    let send = |kind: &'static str| {
        let (house, token, json) = (&house, &token, &json);
        async move {
            let body = related(&[
                ("application/dicom+json", None, json),
                (kind, Some("pixels/1.5.1"), &[1, 2, 3]),
            ]);
            post(house, token, JSON_PARTS, ANY, body).await
        }
    };
    let wrong = send("image/jls; transfer-syntax=1.2.840.10008.1.2.4.50").await;
    assert_eq!(refusal(wrong).await, (415, "UNSUPPORTED_MEDIA_TYPE".to_owned()));
    assert_eq!(send("image/jls").await.status(), StatusCode::OK);
    let found = search(&house, &token, "/instances").await;
    assert_eq!(found[0]["00083002"]["Value"][0], "1.2.840.10008.1.2.4.80");
}

#[tokio::test]
async fn what_is_missing_or_changed_is_said_of_each_instance() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    // Without its pixels it is not stored, the other one is; without PhotometricInterpretation it is, with a warning.
    let mut odd = image("1.5.2");
    odd.as_object_mut().unwrap().remove("00280004");
    odd["00080005"] = json!({"vr": "CS", "Value": ["ISO_IR 192"]});
    let mut latin = image("1.5.3");
    latin["00080005"] = json!({"vr": "CS", "Value": ["ISO_IR 100"]});
    let json = serde_json::to_vec(&json!([image("1.5.1"), odd, latin])).unwrap();
    let body = related(&[
        ("application/dicom+json", None, &json),
        ("application/octet-stream", Some("pixels/1.5.2"), &[1, 2, 3, 4]),
        ("application/octet-stream", Some("pixels/1.5.3"), &[1, 2, 3, 4]),
    ]);
    let (status, told) = answer(post(&house, &token, JSON_PARTS, ANY, body).await).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    let unread = items(&told, UNREAD);
    assert_eq!(unread.len(), 1);
    assert_eq!(code(unread[0]), "INSTANCE_TRUNCATED");
    assert_eq!(unread[0]["00081155"]["Value"][0], "1.5.1");
    let warnings: Vec<_> = items(&told, STORED)
        .iter()
        .map(|item| item["00081196"]["Value"][0].clone())
        .collect();
    assert_eq!(warnings, [json!(0xb007), json!(0xb000)]);
}

#[tokio::test]
async fn what_is_not_metadata_is_refused_as_a_whole() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    for (kind, part, bytes) in [
        (JSON_PARTS, "application/dicom+json", &b"{"[..]),
        (JSON_PARTS, "application/dicom+json", b"[1]"),
        (
            XML_PARTS,
            "application/dicom+xml",
            b"<!DOCTYPE x><NativeDicomModel/>",
        ),
        (JSON_PARTS, "application/octet-stream", b"x"),
    ] {
        let answer = post(&house, &token, kind, ANY, related(&[(part, None, bytes)])).await;
        assert_eq!(refusal(answer).await.0, 400, "{part}");
    }
    let large = vec![b' '; 9 << 20];
    let answer = post(&house, &token, "application/dicom+json", ANY, large).await;
    assert_eq!(refusal(answer).await, (413, "PAYLOAD_TOO_LARGE".to_owned()));
    assert!(search(&house, &token, "/studies").await.is_empty());
}
