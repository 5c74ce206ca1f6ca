//! Bodies: who may send one, how long, and what happens to those that stop in the middle.

use std::time::Duration;

use domain::Role;
use serde_json::json;

use crate::support::House;

const JSON: &str = "application/json";
const MEGABYTE: usize = 1 << 20;

#[tokio::test(flavor = "multi_thread")]
async fn a_manifest_is_not_read_before_its_sender_may_send_one() {
    let house = House::open().await;
    let reader = house
        .member("reader@north.example", Role::Radiologist)
        .await
        .access;
    let staff = house
        .member("staff@north.example", Role::FacilityStaff)
        .await
        .access;
    // Not one byte of the body is ever sent: an answer can only come from what stands before it.
    for (token, promised, status, code) in [
        ("nonsense", 31 * MEGABYTE, 401, "NOT_AUTHENTICATED"),
        (reader.as_str(), 31 * MEGABYTE, 403, "FORBIDDEN"),
        (staff.as_str(), 31 * MEGABYTE, 413, "PAYLOAD_TOO_LARGE"),
    ] {
        let answer = house.half_request("/uploads", token, JSON, promised, b"").await;
        assert_eq!((answer.status, &answer.body["code"]), (status, &json!(code)));
        assert_eq!(answer.content_type, "application/problem+json");
    }
    for (path, promised, status) in [("/graphql", 31 * MEGABYTE, 413), ("/auth/sign-in", MEGABYTE, 413)] {
        let answer = house.half_request(path, &staff, JSON, promised, b"").await;
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(answer.content_type, "application/problem+json", "{path}");
    }
    let dicom = "multipart/related; type=\"application/dicom\"; boundary=x";
    let answer = house
        .half_request("/dicomweb/north/studies", &reader, dicom, 9, b"")
        .await;
    assert_eq!((answer.status, &answer.body["code"]), (403, &json!("FORBIDDEN")));
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_stops_in_the_middle_is_let_go_and_leaves_nothing() {
    let house = House::open_with(|options| options.body_idle = Duration::from_millis(200)).await;
    let staff = house
        .member("staff@north.example", Role::FacilityStaff)
        .await
        .access;
    for path in [
        "/uploads",
        "/graphql",
        "/auth/sign-in",
        "/auth/refresh",
        "/auth/invitations/inspect",
    ] {
        let answer = house.half_request(path, &staff, JSON, 100, b"{").await;
        assert_eq!(
            (answer.status, &answer.body["code"]),
            (408, &json!("REQUEST_TIMEOUT")),
            "{path}"
        );
        assert_eq!(answer.content_type, "application/problem+json", "{path}");
    }
    let dicom = "multipart/related; type=\"application/dicom\"; boundary=x";
    let begun = b"--x\r\nContent-Type: application/dicom\r\n\r\nDICM\r\n--x\r\n\r\nhalf";
    let answer = house
        .half_request("/dicomweb/north/studies", &staff, dicom, 5000, begun)
        .await;
    assert_eq!(
        (answer.status, &answer.body["code"]),
        (408, &json!("REQUEST_TIMEOUT"))
    );
    assert!(
        answer.body["detail"].as_str().unwrap().contains("send it again"),
        "{answer:?}"
    );
    house.spool_empties().await;
}
