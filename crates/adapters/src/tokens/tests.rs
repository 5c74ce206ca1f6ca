use std::os::unix::fs::PermissionsExt;

use chrono::TimeDelta;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;

const SEED: [u8; 32] = [7; 32];

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn claims() -> AccessClaims {
    AccessClaims {
        user: UserId::from_uuid(Uuid::from_u128(1)),
        session: SessionId::from_uuid(Uuid::from_u128(2)),
        tenant: Some(TenantId::from_uuid(Uuid::from_u128(3))),
        role: Role::Radiologist,
        issued_at: now(),
        expires_at: now() + TimeDelta::minutes(10),
    }
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn parts(token: &str) -> (Value, Value) {
    let decode = |part: &str| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
    let mut all = token.split('.');
    (decode(all.next().unwrap()), decode(all.next().unwrap()))
}

/// Our own token after `change`, signed again with our own key: only the rules can refuse it.
fn resigned(tokens: &EdDsaTokens, change: impl FnOnce(&mut Value, &mut Value)) -> String {
    let (mut header, mut body) = parts(&tokens.issue(&claims()).unwrap());
    change(&mut header, &mut body);
    let message = format!("{}.{}", part(&header), part(&body));
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &tokens.signer, Algorithm::EdDSA).unwrap();
    format!("{message}.{signature}")
}

#[test]
fn a_token_says_what_it_was_issued_for() {
    let tokens = EdDsaTokens::from_seed(&SEED).unwrap();
    assert_eq!(
        tokens.verify(&tokens.issue(&claims()).unwrap(), now()),
        Ok(claims())
    );
}

#[test]
fn a_token_is_refused_from_its_last_second_on_and_from_the_future() {
    let tokens = EdDsaTokens::from_seed(&SEED).unwrap();
    let token = tokens.issue(&claims()).unwrap();
    assert!(tokens.verify(&token, now() + TimeDelta::seconds(599)).is_ok());
    assert_eq!(
        tokens.verify(&token, now() + TimeDelta::seconds(600)),
        Err(TokenError)
    );
    assert_eq!(
        tokens.verify(&token, now() - TimeDelta::seconds(61)),
        Err(TokenError)
    );
}

#[test]
fn a_token_of_another_key_is_refused() {
    let (ours, theirs) = (
        EdDsaTokens::from_seed(&SEED).unwrap(),
        EdDsaTokens::from_seed(&[8; 32]).unwrap(),
    );
    assert_eq!(
        ours.verify(&theirs.issue(&claims()).unwrap(), now()),
        Err(TokenError)
    );
}

#[test]
fn a_token_for_others_by_others_or_of_another_type_is_refused() {
    let tokens = EdDsaTokens::from_seed(&SEED).unwrap();
    assert!(
        tokens.verify(&resigned(&tokens, |_, _| {}), now()).is_ok(),
        "the forger's tool works"
    );
    for (place, name, value) in [
        ("body", "aud", json!("elsewhere")),
        ("body", "aud", Value::Null),
        ("body", "iss", json!("elsewhere")),
        ("body", "sub", json!("case_00000000000000000000000000000001")),
        ("header", "typ", json!("JWT")),
        ("header", "typ", json!("refresh+jwt")),
        ("header", "kid", json!("../../etc/passwd")),
        ("header", "kid", json!("' OR 1=1 --")),
        ("header", "kid", Value::Null),
    ] {
        let forged = resigned(&tokens, |header, body| {
            let target = if place == "body" { body } else { header };
            match value {
                Value::Null => drop(target.as_object_mut().unwrap().remove(name)),
                ref value => target[name] = value.clone(),
            }
        });
        assert_eq!(
            tokens.verify(&forged, now()),
            Err(TokenError),
            "{place} {name} {value}"
        );
    }
}

#[test]
fn no_algorithm_but_ours_is_taken() {
    let tokens = EdDsaTokens::from_seed(&SEED).unwrap();
    let (_, body) = parts(&tokens.issue(&claims()).unwrap());
    let (header, _) = parts(&tokens.issue(&claims()).unwrap());
    for (name, key) in [("none", None), ("HS256", Some(tokens.public_key.clone()))] {
        let mut header = header.clone();
        header["alg"] = json!(name);
        let message = format!("{}.{}", part(&header), part(&body));
        let signature = key.map_or_else(String::new, |key| {
            let key = EncodingKey::from_secret(key.as_bytes());
            jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap()
        });
        assert_eq!(
            tokens.verify(&format!("{message}.{signature}"), now()),
            Err(TokenError),
            "{name}"
        );
    }
}

#[test]
fn the_key_survives_a_restart_and_only_its_owner_reads_it() {
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("keys");
    let first = EdDsaTokens::open(&keys, || SEED).unwrap();
    let again = EdDsaTokens::open(&keys, || [9; 32]).unwrap();
    assert_eq!(first.jwks(), again.jwks());
    let mode = std::fs::metadata(keys.join(KEY_FILE))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}
