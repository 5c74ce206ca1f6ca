//! What every answer looks like, and which addresses exist.

use crate::support::{House, refusal};
use reqwest::header;
use serde_json::Value;

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_is_hardened_and_can_be_found_in_the_log() {
    let house = House::open().await;
    for path in ["/healthz", "/graphql", "/no/such.thing", "/auth/jwks", "/"] {
        let answer = house.get(path).await;
        for name in ["content-security-policy", "x-request-id", "cache-control"] {
            assert!(answer.headers().contains_key(name), "{path} lacks {name}");
        }
        assert_eq!(
            answer.headers()[header::X_CONTENT_TYPE_OPTIONS],
            "nosniff",
            "{path}"
        );
        assert_eq!(answer.headers()[header::X_FRAME_OPTIONS], "DENY", "{path}");
        assert_eq!(answer.headers()[header::REFERRER_POLICY], "no-referrer", "{path}");
        assert!(!answer.headers().contains_key(header::SERVER), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_not_published_does_not_exist() {
    let house = House::open().await;
    let document: Value = house.get("/openapi.json").await.json().await.unwrap();
    for path in [
        "/auth/sign-in",
        "/auth/refresh",
        "/auth/sign-out",
        "/graphql",
        "/healthz",
        "/readyz",
        "/metrics",
        "/openapi.json",
    ] {
        assert!(document["paths"][path].is_object(), "{path} is published");
    }
    assert_eq!(
        document["paths"]["/graphql"]["post"]["security"][0]["bearer"],
        serde_json::json!([])
    );
    assert!(document["paths"]["/auth/sign-in"]["post"]["security"].is_null());
    for path in [
        "/auth",
        "/graphql/x",
        "/metrics/x",
        "/auth/..%2f..%2fetc%2fpasswd",
        "/assets/..%2f..%2fCargo.toml",
        "/.env",
    ] {
        assert_eq!(
            refusal(house.get(path).await).await,
            (404, "NOT_FOUND".to_owned()),
            "{path}"
        );
    }
    for path in ["/", "/worklist"] {
        let answer = house.post(path, serde_json::json!({})).await;
        assert_eq!(
            refusal(answer).await,
            (404, "NOT_FOUND".to_owned()),
            "POST {path}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_address_says_how_it_wants_to_be_asked() {
    let house = House::open().await;
    for (method, path, allowed) in [
        ("POST", "/healthz", "GET"),
        ("POST", "/auth/jwks", "GET"),
        ("GET", "/auth/sign-in", "POST"),
        ("GET", "/graphql", "POST"),
        ("DELETE", "/graphql", "POST, GET"),
        ("PUT", "/uploads", "POST"),
        ("DELETE", "/uploads/upload_x", "GET"),
        ("PATCH", "/dicomweb/north/studies", "POST, GET"),
        ("PUT", "/dicomweb/north/studies/1.2", "POST, GET, HEAD, DELETE"),
        ("PUT", "/dicomweb/north/studies/1.2/metadata", "GET, HEAD"),
    ] {
        let request = house
            .http
            .request(method.parse().unwrap(), format!("{}{path}", house.base));
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 405, "{method} {path}");
        assert_eq!(answer.headers()[header::ALLOW], allowed, "{method} {path}");
        assert_eq!(
            answer.headers()[header::CONTENT_TYPE],
            "application/problem+json",
            "{method} {path}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn alive_is_not_ready() {
    let house = House::open().await;
    assert_eq!(house.get("/healthz").await.status(), 200);
    assert_eq!(house.get("/readyz").await.status(), 200);
    house.disk.set_full(true);
    let full = house.get("/readyz").await;
    assert_eq!(full.status(), 200, "a full disk is still read from");
    let full: Value = full.json().await.unwrap();
    assert_eq!(full["checks"]["storing"], false, "but takes nothing new");
    house.lose_objects();
    let ready = house.get("/readyz").await;
    assert_eq!(ready.status(), 503);
    let body: Value = ready.json().await.unwrap();
    assert_eq!(body["checks"]["database"], true);
    assert_eq!(body["checks"]["objectStore"], false, "the disk is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_published_keys_are_public_halves() {
    let house = House::open().await;
    let keys: Value = house.get("/auth/jwks").await.json().await.unwrap();
    assert_eq!(keys["keys"][0]["alg"], "EdDSA");
    assert!(keys["keys"][0]["d"].is_null());
}
