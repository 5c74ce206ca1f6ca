//! Work items over UPS-RS: created by others, and readers' tasks as such.

use std::time::Duration;

use chrono::TimeDelta;
use dicom::phantom::{PhantomKind, PhantomOptions, PhantomStudy};
use domain::Role;
use futures_util::StreamExt;
use reqwest::{Method, Response, StatusCode, header};
use serde_json::{Value, json};
use tokio_tungstenite::{
    connect_async,
    tungstenite::{ClientRequestBuilder, Message, http::Uri},
};

use crate::support::{House, code, refusal};

const ROOT: &str = "/dicomweb/north";
/// Far longer than anything here takes; a test that runs into it fails by what it then finds missing.
const PATIENCE: Duration = Duration::from_secs(30);

async fn ask(house: &House, token: &str, method: Method, path: &str, body: Option<&Value>) -> Response {
    let mut request = house
        .http
        .request(method, format!("{}{ROOT}{path}", house.base))
        .bearer_auth(token);
    if let Some(body) = body {
        request = request
            .header(header::CONTENT_TYPE, "application/dicom+json")
            .body(body.to_string());
    }
    request.send().await.unwrap()
}

fn step(label: &str) -> Value {
    json!([{
        "00100010": {"vr": "PN", "Value": [{"Alphabetic": "Müller^Anna"}]},
        "00100020": {"vr": "LO", "Value": ["P1"]},
        "00404005": {"vr": "DT", "Value": ["20260101120000"]},
        "00404018": {"vr": "SQ", "Value": [{"00080100": {"vr": "SH", "Value": ["110004"]}}]},
        "00404041": {"vr": "CS", "Value": ["READY"]},
        "00741000": {"vr": "CS", "Value": ["SCHEDULED"]},
        "00741200": {"vr": "CS", "Value": ["MEDIUM"]},
        "00741204": {"vr": "LO", "Value": [label]},
    }])
}

fn state(state: &str, transaction: &str) -> Value {
    json!({
        "00741000": {"vr": "CS", "Value": [state]},
        "00081195": {"vr": "UI", "Value": [transaction]},
    })
}

async fn found(house: &House, token: &str, query: &str) -> Vec<Value> {
    let response = ask(house, token, Method::GET, &format!("/workitems{query}"), None).await;
    match response.status() {
        StatusCode::NO_CONTENT => Vec::new(),
        StatusCode::OK => response.json().await.unwrap(),
        other => panic!("{query}: {other}"),
    }
}

#[tokio::test]
async fn a_work_item_goes_from_scheduled_to_completed_under_one_transaction() {
    let house = House::open().await;
    let admin = house
        .member("admin@north.example", Role::TenantAdmin)
        .await
        .access;
    let create = ask(
        &house,
        &admin,
        Method::POST,
        "/workitems?workitem=1.2.3",
        Some(&step("CAD")),
    )
    .await;
    assert_eq!(create.status(), StatusCode::CREATED);
    let url = create.headers()[header::CONTENT_LOCATION]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(url.ends_with("/workitems/1.2.3"), "{url}");
    let again = ask(
        &house,
        &admin,
        Method::POST,
        "/workitems?workitem=1.2.3",
        Some(&step("CAD")),
    )
    .await;
    assert_eq!(refusal(again).await, (409, "WORKITEM_EXISTS".to_owned()));
    let mut bare = step("CAD");
    bare[0].as_object_mut().unwrap().remove("00741204");
    let bare = ask(&house, &admin, Method::POST, "/workitems", Some(&bare)).await;
    assert_eq!(refusal(bare).await.0, 400);

    let change = |wanted: Value| {
        let (house, admin) = (&house, &admin);
        async move { ask(house, admin, Method::PUT, "/workitems/1.2.3/state", Some(&wanted)).await }
    };
    let status = |response: Response| async move {
        let body: Value = response.json().await.unwrap();
        (body["code"].as_str().unwrap().to_owned(), body["status"].clone())
    };
    assert_eq!(
        status(change(state("COMPLETED", "1.9")).await).await,
        ("WORKITEM_STATE".to_owned(), json!("C310"))
    );
    assert_eq!(change(state("IN PROGRESS", "1.9")).await.status(), StatusCode::OK);
    assert_eq!(
        status(change(state("IN PROGRESS", "1.8")).await).await.1,
        json!("C302")
    );
    let note = json!({"00741204": {"vr": "LO", "Value": ["CAD, second try"]}});
    let blind = ask(&house, &admin, Method::POST, "/workitems/1.2.3", Some(&note)).await;
    assert_eq!(refusal(blind).await, (409, "WORKITEM_TRANSACTION".to_owned()));
    let done = json!({"00741204": {"vr": "LO", "Value": ["CAD, second try"]}, "00741216": {"vr": "SQ", "Value": [{
        "00404050": {"vr": "DT", "Value": ["20260101120000"]}, "00404051": {"vr": "DT", "Value": ["20260101120100"]},
    }]}});
    assert_eq!(
        status(change(state("COMPLETED", "1.9")).await).await.1,
        json!("C304")
    );
    let held = ask(
        &house,
        &admin,
        Method::POST,
        "/workitems/1.2.3?transaction=1.9",
        Some(&done),
    )
    .await;
    assert_eq!(held.status(), StatusCode::OK);
    assert_eq!(
        status(change(state("COMPLETED", "1.8")).await).await.1,
        json!("C301")
    );
    assert_eq!(change(state("COMPLETED", "1.9")).await.status(), StatusCode::OK);
    let twice = change(state("COMPLETED", "1.9")).await;
    assert!(
        twice.headers()[header::WARNING]
            .to_str()
            .unwrap()
            .contains("COMPLETED")
    );
    let cancel = ask(
        &house,
        &admin,
        Method::POST,
        "/workitems/1.2.3/cancelrequest",
        None,
    )
    .await;
    assert_eq!(refusal(cancel).await, (409, "WORKITEM_STATE".to_owned()));

    let one = ask(&house, &admin, Method::GET, "/workitems/1.2.3", None).await;
    let one: Value = one.json().await.unwrap();
    assert_eq!(one[0]["00741000"]["Value"][0], "COMPLETED");
    assert!(
        one[0].get("00081195").is_none(),
        "the transaction is told to nobody"
    );
    for (query, count) in [
        ("", 1),
        ("?ProcedureStepState=COMPLETED", 1),
        ("?ProcedureStepState=SCHEDULED", 0),
        ("?PatientName=muller&fuzzymatching=true", 1),
        ("?ScheduledWorkitemCodeSequence.CodeValue=110004", 1),
        ("?ScheduledProcedureStepStartDateTime=20260102-", 0),
        ("?offset=1", 0),
    ] {
        assert_eq!(found(&house, &admin, query).await.len(), count, "{query}");
    }
    let stranger = house
        .other_tenant("staff@south.example", Role::TenantAdmin)
        .await
        .access;
    let url = format!("{}/dicomweb/south/workitems/1.2.3", house.base);
    let theirs = house.http.get(url).bearer_auth(&stranger).send().await.unwrap();
    assert_eq!(theirs.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_readers_task_is_claimed_once_whoever_asks() {
    let house = House::open().await;
    let staff = house
        .member("staff@north.example", Role::FacilityStaff)
        .await
        .access;
    let reader = house
        .member("reader@north.example", Role::Radiologist)
        .await
        .access;
    let second = house
        .member("second@north.example", Role::Radiologist)
        .await
        .access;
    let options = PhantomOptions {
        instances: Some(1),
        edge: Some(32),
        ..Default::default()
    };
    let image = PhantomStudy::new(PhantomKind::HeadCt, options)
        .next()
        .unwrap()
        .unwrap();
    let stored = house
        .http
        .post(format!("{}{ROOT}/studies", house.base))
        .bearer_auth(&staff)
        .header(header::CONTENT_TYPE, "application/dicom")
        .body(image.bytes)
        .send()
        .await
        .unwrap();
    assert_eq!(stored.status(), StatusCode::OK);
    let system = house.system();
    let quiet = house.app.settings.quiet_period;
    house
        .clock
        .pass(TimeDelta::from_std(quiet).unwrap() + TimeDelta::seconds(1));
    let read = house.app.store.read(&system).await.unwrap();
    let study = read
        .study_of_uid(&image.study_instance_uid)
        .await
        .unwrap()
        .unwrap()
        .id;
    drop(read);
    house.app.judge_completeness(&system, study).await.unwrap();

    let tasks = found(&house, &reader, "?ProcedureStepState=SCHEDULED").await;
    assert_eq!(tasks.len(), 1);
    let uid = tasks[0]["00080018"]["Value"][0].as_str().unwrap().to_owned();
    assert_eq!(
        tasks[0]["00404021"]["Value"][0]["0020000D"]["Value"][0],
        image.study_instance_uid
    );
    let path = format!("/workitems/{uid}/state");
    let change = |token: String, wanted: Value| {
        let (house, path) = (&house, &path);
        async move { ask(house, &token, Method::PUT, path, Some(&wanted)).await }
    };
    let by_staff = change(staff.clone(), state("IN PROGRESS", "1.7")).await;
    assert_eq!(refusal(by_staff).await, (403, "FORBIDDEN".to_owned()));
    assert_eq!(
        change(reader.clone(), state("IN PROGRESS", "1.9")).await.status(),
        StatusCode::OK
    );
    let late = change(second.clone(), state("IN PROGRESS", "1.8")).await;
    assert_eq!(refusal(late).await, (409, "WORKITEM_STATE".to_owned()));
    let list = house
        .graphql(&second, "{ worklist { nodes { id } } }", json!({}))
        .await;
    let case = &list["data"]["worklist"]["nodes"][0]["id"];
    let claim = "mutation ($id: ID!) { claimCase(input: { caseId: $id }) { claimToken } }";
    let portal = house.graphql(&second, claim, json!({ "id": case })).await;
    assert_eq!(code(&portal), "CASE_ALREADY_CLAIMED");
    let unsigned = change(reader.clone(), state("COMPLETED", "1.9")).await;
    assert_eq!(refusal(unsigned).await, (409, "WORKITEM_STATE".to_owned()));
    let stolen = change(second, state("COMPLETED", "1.8")).await;
    assert_eq!(refusal(stolen).await, (409, "WORKITEM_TRANSACTION".to_owned()));
    assert_eq!(
        found(&house, &reader, "?ProcedureStepState=IN%20PROGRESS")
            .await
            .len(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn subscribers_hear_of_changes_and_others_of_nothing() {
    let house = House::open().await;
    let admin = house
        .member("admin@north.example", Role::TenantAdmin)
        .await
        .access;
    let other = house
        .member("other@north.example", Role::TenantAdmin)
        .await
        .access;
    let all = "/workitems/1.2.840.10008.5.1.4.34.5/subscribers/RIS1";
    let subscribed = ask(&house, &admin, Method::POST, all, None).await;
    assert_eq!(subscribed.status(), StatusCode::CREATED);
    let url = subscribed.headers()[header::CONTENT_LOCATION]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        url.starts_with("ws") && url.ends_with("/subscribers/RIS1"),
        "{url}"
    );
    let taken = ask(&house, &other, Method::POST, all, None).await;
    assert_eq!(refusal(taken).await, (404, "NOT_FOUND".to_owned()));

    let uri: Uri = format!("{}{ROOT}/subscribers/RIS1", house.base.replacen("http", "ws", 1))
        .parse()
        .unwrap();
    let request =
        ClientRequestBuilder::new(uri.clone()).with_header("Authorization", format!("Bearer {other}"));
    assert!(connect_async(request).await.is_err(), "the title is another's");
    let request = ClientRequestBuilder::new(uri).with_header("Authorization", format!("Bearer {admin}"));
    let (mut socket, _) = connect_async(request).await.unwrap();
    let created = ask(
        &house,
        &admin,
        Method::POST,
        "/workitems?workitem=1.2.3",
        Some(&step("CAD")),
    )
    .await;
    assert_eq!(created.status(), StatusCode::CREATED);
    let event = loop {
        match tokio::time::timeout(PATIENCE, socket.next())
            .await
            .unwrap()
            .unwrap()
            .unwrap()
        {
            Message::Text(text) => break serde_json::from_str::<Value>(&text).unwrap(),
            _ => {}
        }
    };
    assert_eq!(event["00001000"]["Value"][0], "1.2.3");
    assert_eq!(event["00001002"]["Value"][0], 1);
    assert_eq!(event["00741000"]["Value"][0], "SCHEDULED");
    let ended = ask(&house, &admin, Method::DELETE, all, None).await;
    assert_eq!(ended.status(), StatusCode::OK);
    let again = ask(&house, &admin, Method::DELETE, all, None).await;
    assert_eq!(refusal(again).await, (404, "NOT_FOUND".to_owned()));
}
