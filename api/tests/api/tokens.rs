//! Forged and stale bearers.

use crate::support::{House, refusal};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use domain::Role;
use serde_json::{Value, json};

const ME: &str = "{ me { id } }";

fn parts(token: &str) -> (Value, Value, String) {
    let all: Vec<_> = token.split('.').collect();
    let decode = |part: &str| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
    (decode(all[0]), decode(all[1]), all[2].to_owned())
}

fn join(header: &Value, body: &Value, signature: &str) -> String {
    let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
    format!("{}.{}.{signature}", encode(header), encode(body))
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_tokens_are_refused() {
    let house = House::open().await;
    let token = house.member("ada@example.org", Role::Radiologist).await.access;
    assert_eq!(house.graphql_response(&token, ME, json!({})).await.status(), 200);
    let (header, body, signature) = parts(&token);
    let with = |target: &Value, name: &str, value: Value| {
        let mut changed = target.clone();
        changed[name] = value;
        changed
    };
    let mut forged = vec![
        join(&with(&header, "alg", json!("none")), &body, ""),
        join(&with(&header, "alg", json!("none")), &body, &signature),
        join(&with(&header, "alg", json!("HS256")), &body, &signature),
        join(
            &with(&header, "kid", json!("../../../dev/null")),
            &body,
            &signature,
        ),
        join(
            &with(&header, "jku", json!("https://evil.example/jwks")),
            &body,
            &signature,
        ),
        join(&header, &with(&body, "role", json!("TENANT_ADMIN")), &signature),
        join(&header, &with(&body, "aud", json!("elsewhere")), &signature),
        join(&header, &with(&body, "exp", json!(4_000_000_000u32)), &signature),
        join(&header, &body, &signature[..signature.len() - 4]),
        format!("{token}."),
        token.replacen('.', "", 1),
        "x".to_owned(),
        "..".to_owned(),
        "trk_".to_owned(),
        format!("trk_{}", "A".repeat(64)),
    ];
    // Another server's key, whatever it says.
    let theirs = adapters::tokens::EdDsaTokens::from_seed(&[8; 32]).unwrap();
    let claims = house.app.tokens.verify(&token, house.app.clock.now()).unwrap();
    forged.push(app::ports::AccessTokens::issue(&theirs, &claims).unwrap());
    for token in forged {
        let answer = house.graphql_response(&token, ME, json!({})).await;
        assert_eq!(
            refusal(answer).await,
            (401, "NOT_AUTHENTICATED".to_owned()),
            "{token}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_ends_when_it_says() {
    let house = House::open().await;
    let token = house.member("ada@example.org", Role::Radiologist).await.access;
    house.clock.pass(TimeDelta::seconds(599));
    assert_eq!(house.graphql_response(&token, ME, json!({})).await.status(), 200);
    house.clock.pass(TimeDelta::seconds(1));
    assert_eq!(house.graphql_response(&token, ME, json!({})).await.status(), 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_key_does_what_its_scopes_say_until_it_is_revoked() {
    let house = House::open().await;
    let admin = house.member("admin@example.org", Role::TenantAdmin).await.access;
    let create = "mutation($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret apiKey { id prefix scopes lastUsedAt } } }";
    let input = json!({ "input": { "name": "Gateway", "scopes": ["CASES_READ", "CASES_READ"] } });
    let created = house.graphql(&admin, create, input).await["data"]["createApiKey"].clone();
    let secret = created["secret"].as_str().unwrap();
    assert!(secret.starts_with(created["apiKey"]["prefix"].as_str().unwrap()) && secret.starts_with("trk_"));
    assert_eq!(created["apiKey"]["scopes"], json!(["CASES_READ"]));

    let facilities = house.graphql(secret, "{ facilities { id } }", json!({})).await;
    assert_eq!(facilities["data"]["facilities"], json!([]));
    for query in ["{ members { name } }", "{ apiKeys { id } }", "{ me { id } }"] {
        assert_eq!(
            crate::support::code(&house.graphql(secret, query, json!({})).await),
            "FORBIDDEN",
            "{query}"
        );
    }
    let keys = house
        .graphql(&admin, "{ apiKeys { id lastUsedAt } }", json!({}))
        .await;
    assert_ne!(
        keys["data"]["apiKeys"][0]["lastUsedAt"],
        Value::Null,
        "its use is noted"
    );

    let revoke = "mutation($input: RevokeApiKeyInput!) { revokeApiKey(input: $input) { revokedAt } }";
    house
        .graphql(
            &admin,
            revoke,
            json!({ "input": { "apiKeyId": created["apiKey"]["id"] } }),
        )
        .await;
    let late = house
        .graphql_response(secret, "{ facilities { id } }", json!({}))
        .await;
    assert_eq!(refusal(late).await, (401, "NOT_AUTHENTICATED".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_does_not_open_another_tenant() {
    let house = House::open().await;
    let other = house.app.create_tenant("south", "South Radiology").await.unwrap();
    let input = app::identity::NewApiKey {
        name: "Gateway".to_owned(),
        scopes: vec![domain::ApiScope::CasesRead],
        facility: None,
    };
    let key = house.app.create_api_key(&house.system(), input).await.unwrap();
    let mut bytes = URL_SAFE_NO_PAD
        .decode(key.secret.strip_prefix("trk_").unwrap())
        .unwrap();
    bytes[32..].copy_from_slice(other.id.uuid().as_bytes());
    let turned = format!("trk_{}", URL_SAFE_NO_PAD.encode(bytes));
    assert_eq!(
        house
            .graphql_response(&turned, "{ facilities { id } }", json!({}))
            .await
            .status(),
        401
    );
}
