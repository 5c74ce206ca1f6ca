//! Storing, finding and retrieving images over DICOMweb, as a sender and a viewer see it.

use crate::support::{House, Session, refusal};
use dicom::{
    multipart::{Event, MultipartReader},
    phantom::{PhantomInstance, PhantomKind, PhantomOptions, PhantomStudy},
};
use domain::Role;
use reqwest::{Response, StatusCode, header};
use serde_json::Value;

mod composing;
mod damage;
mod deleting;
mod exporting;
mod faults;
mod finding;
mod moving;
mod offline;
mod retrieving;
mod storing;
mod uploads;
mod viewers;

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
