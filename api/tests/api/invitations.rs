//! Inviting by mail, and answering.

use crate::support::{House, PASSWORD, code, refusal, session_of};
use app::{identity::SendInvitation, jobs::job_actor};
use chrono::TimeDelta;
use domain::{Actor, Role, job::Job};
use serde_json::{Value, json};

const INVITE: &str =
    "mutation($input: InviteMemberInput!) { inviteMember(input: $input) { id state email } }";

/// Invites, runs the queued job as a runner would and returns the secret from the mail.
async fn invited(house: &House, token: &str, input: Value) -> String {
    let answer = house.graphql(token, INVITE, json!({ "input": input })).await;
    assert_eq!(answer["data"]["inviteMember"]["state"], "PENDING", "{answer}");
    let job = house
        .app
        .lease_job(&[SendInvitation::KIND], std::time::Duration::from_secs(60))
        .await
        .unwrap()
        .unwrap();
    let payload: SendInvitation = serde_json::from_value(job.payload.clone()).unwrap();
    house
        .app
        .send_invitation(&job_actor(&job), &payload)
        .await
        .unwrap();
    let mail = house.mails.all().pop().unwrap();
    let (_, after) = mail
        .text
        .split_once("/accept-invitation#")
        .expect("the link holds the secret after the #");
    after.split_whitespace().next().unwrap().to_owned()
}

async fn accept(house: &House, token: &str, password: &str) -> reqwest::Response {
    let body = json!({ "token": token, "name": "Bea Staff", "password": password });
    house.post("/auth/invitations/accept", body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invited_person_accepts_once_and_is_a_member() {
    let house = House::open().await;
    let admin = house.member("admin@example.org", Role::TenantAdmin).await.access;
    let facility = house
        .graphql(
            &admin,
            "mutation { addFacility(input: { name: \"West\", code: \"W\" }) { id } }",
            json!({}),
        )
        .await;
    let facility = facility["data"]["addFacility"]["id"].clone();
    let input = json!({ "email": "Bea@Example.org", "role": "FACILITY_STAFF", "facilityIds": [facility] });
    let token = invited(&house, &admin, input).await;

    let mail = house.mails.all().pop().unwrap();
    assert_eq!(
        (mail.to.as_str(), mail.subject.as_str()),
        ("bea@example.org", "Invitation to North Radiology")
    );
    let inspected: Value = house
        .post("/auth/invitations/inspect", json!({ "token": token }))
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(inspected["email"], "bea@example.org");
    assert_eq!(inspected["tenant"]["name"], "North Radiology");

    let weak = accept(&house, &token, "short").await;
    assert_eq!(refusal(weak).await, (422, "INVALID_INPUT".to_owned()));
    let session = session_of(accept(&house, &token, PASSWORD).await).await;
    let me = house
        .graphql(&session.access, "{ me { role facilities { code } } }", json!({}))
        .await;
    assert_eq!(
        me["data"]["me"],
        json!({ "role": "FACILITY_STAFF", "facilities": [{ "code": "W" }] })
    );
    assert_eq!(
        refusal(accept(&house, &token, PASSWORD).await).await,
        (410, "INVITATION_EXPIRED".to_owned())
    );
    house.sign_in("bea@example.org").await;
    let states = house
        .graphql(
            &admin,
            "{ invitations { state } members { email lastSignInAt } }",
            json!({}),
        )
        .await;
    assert_eq!(states["data"]["invitations"], json!([{ "state": "ACCEPTED" }]));
    assert_eq!(states["data"]["members"].as_array().unwrap().len(), 2);
    let again = json!({ "email": "bea@example.org", "role": "RADIOLOGIST" });
    assert_eq!(
        code(&house.graphql(&admin, INVITE, json!({ "input": again })).await),
        "EMAIL_TAKEN"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_that_is_old_withdrawn_replaced_or_invented_is_void() {
    let house = House::open().await;
    let admin = house.member("admin@example.org", Role::TenantAdmin).await.access;
    let bea = json!({ "email": "bea@example.org", "role": "RADIOLOGIST" });
    let replaced = invited(&house, &admin, bea.clone()).await;
    let withdrawn = invited(&house, &admin, bea).await;
    let old = invited(
        &house,
        &admin,
        json!({ "email": "cy@example.org", "role": "RADIOLOGIST" }),
    )
    .await;
    assert_eq!(
        house
            .post("/auth/invitations/inspect", json!({ "token": withdrawn }))
            .await
            .status(),
        200
    );
    let id = house
        .graphql(&admin, "{ invitations { id email state } }", json!({}))
        .await["data"]["invitations"][1]["id"]
        .clone();
    let revoke = "mutation($input: RevokeInvitationInput!) { revokeInvitation(input: $input) { state } }";
    let revoked = house
        .graphql(&admin, revoke, json!({ "input": { "invitationId": id } }))
        .await;
    assert_eq!(
        revoked["data"]["revokeInvitation"]["state"], "REVOKED",
        "{revoked}"
    );
    house.clock.pass(TimeDelta::days(7));
    for token in [
        replaced,
        withdrawn,
        old,
        format!("tri_{}", "A".repeat(64)),
        "nonsense".to_owned(),
    ] {
        let inspected = house
            .post("/auth/invitations/inspect", json!({ "token": token }))
            .await;
        assert_eq!(refusal(inspected).await, (410, "INVITATION_EXPIRED".to_owned()));
        assert_eq!(accept(&house, &token, PASSWORD).await.status(), 410);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_an_account_joins_with_its_password() {
    let house = House::open().await;
    let admin = house.member("admin@example.org", Role::TenantAdmin).await.access;
    let other = house.app.create_tenant("south", "South Radiology").await.unwrap();
    let elsewhere = Actor::system(other.id, None);
    house
        .person(&elsewhere, "ada@example.org", Role::Radiologist, Vec::new())
        .await;
    let token = invited(
        &house,
        &admin,
        json!({ "email": "ada@example.org", "role": "RADIOLOGIST" }),
    )
    .await;
    let wrong = accept(&house, &token, "not the password").await;
    assert_eq!(refusal(wrong).await, (403, "WRONG_PASSWORD".to_owned()));
    let session = session_of(accept(&house, &token, PASSWORD).await).await;
    assert_eq!(
        session.body["user"]["name"], "Ada Reader",
        "the account keeps its name"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn role_and_facilities_must_fit_and_be_ours() {
    let house = House::open().await;
    let admin = house.member("admin@example.org", Role::TenantAdmin).await.access;
    let other = house.app.create_tenant("south", "South Radiology").await.unwrap();
    let input = app::identity::NewFacility {
        name: "East".to_owned(),
        code: "E".to_owned(),
        report_email: None,
    };
    let theirs = house
        .app
        .add_facility(&Actor::system(other.id, None), input)
        .await
        .unwrap()
        .id
        .to_string();
    let random = format!("facility_{}", "0".repeat(31) + "1");
    for (input, expected) in [
        (
            json!({ "email": "x@example.org", "role": "OPERATOR" }),
            "INVALID_INPUT",
        ),
        (
            json!({ "email": "x@example.org", "role": "FACILITY_STAFF" }),
            "INVALID_INPUT",
        ),
        (
            json!({ "email": "x@example.org", "role": "RADIOLOGIST", "facilityIds": [theirs] }),
            "INVALID_INPUT",
        ),
        (
            json!({ "email": "x@example.org", "role": "FACILITY_STAFF", "facilityIds": [theirs] }),
            "NOT_FOUND",
        ),
        (
            json!({ "email": "x@example.org", "role": "FACILITY_STAFF", "facilityIds": [random] }),
            "NOT_FOUND",
        ),
        (
            json!({ "email": "x@example.org\r\nBcc: y@example.org", "role": "RADIOLOGIST" }),
            "INVALID_INPUT",
        ),
    ] {
        let answer = house.graphql(&admin, INVITE, json!({ "input": input })).await;
        assert_eq!(code(&answer), expected, "{input}");
    }
    assert!(house.mails.all().is_empty());
}
