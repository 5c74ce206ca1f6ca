//! Who was refused is on record, and nobody can fill the disk with it.

use app::{
    identity::NewApiKey,
    trail::{TrailQuestion, rows::AuditRow, rows::Page},
};
use chrono::TimeDelta;
use domain::{ApiScope, Role};
use reqwest::StatusCode;
use serde_json::json;

use crate::support::{House, code};

impl House {
    /// Every refusal in the tenant's trail, oldest first.
    async fn refusals(&self) -> Vec<AuditRow> {
        let question = TrailQuestion {
            refused_only: true,
            ..TrailQuestion::default()
        };
        let page = Page {
            first: 1000,
            after: None,
        };
        let mut rows = self
            .app
            .audit_trail(&self.system(), &question, &page)
            .await
            .unwrap();
        rows.reverse();
        rows
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_token_an_ended_session_and_a_revoked_key_are_recorded_under_their_owner() {
    let house = House::open().await;
    let reader = house.member("ada@example.org", Role::Radiologist).await;
    let other = house.member("bob@example.org", Role::Radiologist).await;
    let new = NewApiKey {
        name: "Gateway".to_owned(),
        scopes: vec![ApiScope::StudiesRead],
        facility: None,
    };
    let key = house.app.create_api_key(&house.system(), new).await.unwrap();
    house
        .app
        .revoke_api_key(&house.system(), key.key.id)
        .await
        .unwrap();
    let sign_out = house
        .http
        .post(format!("{}/auth/sign-out", house.base))
        .header(reqwest::header::COOKIE, &other.cookie);
    assert!(
        sign_out
            .json(&json!({}))
            .send()
            .await
            .unwrap()
            .status()
            .is_success()
    );

    let ask = async |token: &str| house.graphql_response(token, "{ me { id } }", json!({})).await;
    assert_eq!(ask(&other.access).await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(ask(&key.secret).await.status(), StatusCode::UNAUTHORIZED);
    house.clock.pass(TimeDelta::minutes(11));
    assert_eq!(ask(&reader.access).await.status(), StatusCode::UNAUTHORIZED);
    // What is not ours names nobody.
    assert_eq!(ask("nonsense").await.status(), StatusCode::UNAUTHORIZED);

    let rows = house.refusals().await;
    let told: Vec<_> = rows
        .iter()
        .map(|row| (row.actor_name.as_str(), row.detail.as_deref().unwrap()))
        .collect();
    assert_eq!(
        told,
        [
            ("Ada Reader", "ended session: SESSION_REVOKED"),
            ("Gateway", "revoked key: NOT_AUTHENTICATED"),
            ("Ada Reader", "expired token: NOT_AUTHENTICATED"),
        ]
    );
    assert!(rows.iter().all(|row| row.address.as_deref() == Some("127.0.0.1")));
    assert_eq!(rows[2].actor_id, reader.body["user"]["id"].as_str().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_refusals_is_counted_and_not_written() {
    let house = House::open().await;
    let reader = house.member("ada@example.org", Role::Radiologist).await.access;
    let open = "query ($id: ID!) { case(id: $id) { id } }";
    for number in 0..80 {
        let id = format!("case_{number:032x}");
        for _ in 0..2 {
            let answer = house.graphql(&reader, open, json!({ "id": id })).await;
            assert_eq!(code(&answer), "NOT_FOUND");
        }
    }
    let rows = house.refusals().await;
    assert_eq!(rows.len(), 51, "fifty of their own and one for the rest");
    assert_eq!(rows[0].object, format!("case_{:032x}", 0));
    assert_eq!(rows[0].detail.as_deref(), Some("case: NOT_FOUND"));
    assert_eq!(rows[50].object, "many things");

    house.app.settle_refusals(true).await.unwrap();
    let rows = house.refusals().await;
    let again: Vec<_> = rows
        .iter()
        .filter(|row| row.action == "access.refused_again")
        .collect();
    assert_eq!(again.len(), 51);
    let many = again.iter().find(|row| row.object == "many things").unwrap();
    assert!(
        many.detail.as_deref().unwrap().contains("59 times more"),
        "{many:?}"
    );
    // Nothing is told twice.
    house.app.settle_refusals(true).await.unwrap();
    assert_eq!(house.refusals().await.len(), rows.len());
}
