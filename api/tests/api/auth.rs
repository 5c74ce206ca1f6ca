//! Signing in, staying in, being put out.

use crate::support::{House, PASSWORD, code, refusal, session_of};
use chrono::TimeDelta;
use domain::{Actor, Role, session::LOST_ANSWER};
use reqwest::header;
use serde_json::{Value, json};

const ME: &str = "{ me { name email role tenant { slug } facilities { code } } }";

#[tokio::test(flavor = "multi_thread")]
async fn a_member_signs_in_and_is_told_who_they_are() {
    let house = House::open().await;
    let session = house.member("ada@example.org", Role::FacilityStaff).await;
    assert_eq!(session.body["expires_in"], 600);
    assert_eq!(
        session.body["tenant"],
        json!({ "slug": "north", "name": "North Radiology" })
    );
    let me = house.graphql(&session.access, ME, json!({})).await;
    assert_eq!(
        me["data"]["me"],
        json!({
            "name": "Ada Reader", "email": "ada@example.org", "role": "FACILITY_STAFF",
            "tenant": { "slug": "north" }, "facilities": [{ "code": "F1" }],
        })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_refresh_cookie_is_out_of_scripts_reach_and_goes_to_auth_only() {
    let house = House::open().await;
    house.member("ada@example.org", Role::TenantAdmin).await;
    let answer = house
        .post(
            "/auth/sign-in",
            json!({ "email": "ada@example.org", "password": PASSWORD }),
        )
        .await;
    let cookie = answer.headers()[header::SET_COOKIE].to_str().unwrap().to_owned();
    for part in ["HttpOnly", "SameSite=Strict", "Path=/auth", "Max-Age=1209600"] {
        assert!(cookie.contains(part), "{cookie} lacks {part}");
    }
    let body = answer.text().await.unwrap();
    assert!(
        !body.contains(cookie.split(['=', ';']).nth(1).unwrap()),
        "the body does not repeat the cookie"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_account_a_wrong_password_and_a_disabled_member_get_the_same_answer() {
    let house = House::open().await;
    let admin = house.member("admin@example.org", Role::TenantAdmin).await;
    let disabled = house.member("off@example.org", Role::Radiologist).await;
    let user = disabled.body["user"]["id"].clone();
    disable(&house, &admin.access, &user).await;
    let mut answers = Vec::new();
    for (email, password) in [
        ("nobody@example.org", PASSWORD),
        ("admin@example.org", "wrong"),
        ("off@example.org", PASSWORD),
    ] {
        let answer = house
            .post("/auth/sign-in", json!({ "email": email, "password": password }))
            .await;
        answers.push((answer.status().as_u16(), answer.json::<Value>().await.unwrap()));
    }
    assert_eq!((answers[0].0, code(&answers[0].1)), (401, "SIGN_IN_REFUSED"));
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");

    let trail = house
        .graphql(
            &admin.access,
            "{ auditTrail { nodes { action outcome object } } }",
            json!({}),
        )
        .await;
    let refused: Vec<_> = trail["data"]["auditTrail"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|event| event["action"] == "sign_in.refused")
        .collect();
    assert_eq!(
        refused.len(),
        1,
        "the tenant sees the wrong password of its own member"
    );
    assert_eq!(refused[0]["outcome"], "DENIED");
    assert_eq!(refused[0]["object"], admin.body["user"]["id"]);
}

async fn disable(house: &House, token: &str, user: &Value) {
    let query = "mutation($input: SetMemberDisabledInput!) { setMemberDisabled(input: $input) { disabled } }";
    let answer = house
        .graphql(
            token,
            query,
            json!({ "input": { "userId": user, "disabled": true } }),
        )
        .await;
    assert_eq!(answer["data"]["setMemberDisabled"]["disabled"], true, "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_is_stopped_and_only_for_the_account_that_is_guessed() {
    let house = House::open().await;
    house.member("ada@example.org", Role::TenantAdmin).await;
    let guess =
        |email: &'static str| house.post("/auth/sign-in", json!({ "email": email, "password": "wrong" }));
    // Whoever knows the password does not wait, and what they got wrong before is forgotten.
    for _ in 0..12 {
        house.sign_in("ada@example.org").await;
    }
    for _ in 0..10 {
        assert_eq!(guess("ada@example.org").await.status(), 401);
    }
    let stopped = guess("ada@example.org").await;
    assert_eq!(stopped.headers()[header::RETRY_AFTER], "13");
    assert_eq!(refusal(stopped).await, (429, "RATE_LIMITED".to_owned()));
    assert_eq!(guess("bob@example.org").await.status(), 401);
    house.clock.pass(TimeDelta::seconds(13));
    assert_eq!(
        guess("ada@example.org").await.status(),
        401,
        "and it goes on later"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_of_two_tenants_chooses_one() {
    let house = House::open().await;
    let user = house
        .person(&house.system(), "ada@example.org", Role::Radiologist, Vec::new())
        .await;
    let other = house.app.create_tenant("south", "South Radiology").await.unwrap();
    house
        .app
        .add_member(
            &Actor::system(other.id, None),
            user,
            Role::Radiologist,
            Vec::new(),
        )
        .await
        .unwrap();
    let asked = house
        .post(
            "/auth/sign-in",
            json!({ "email": "ada@example.org", "password": PASSWORD }),
        )
        .await;
    assert_eq!(asked.status(), 409);
    let body: Value = asked.json().await.unwrap();
    assert_eq!(code(&body), "TENANT_CHOICE_REQUIRED");
    assert_eq!(body["tenants"].as_array().unwrap().len(), 2);
    let choose = |tenant: &'static str| {
        house.post(
            "/auth/sign-in",
            json!({ "email": "ada@example.org", "password": PASSWORD, "tenant": tenant }),
        )
    };
    let session = session_of(choose("south").await).await;
    assert_eq!(session.body["tenant"]["slug"], "south");
    assert_eq!(
        refusal(choose("east").await).await,
        (401, "SIGN_IN_REFUSED".to_owned())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_belongs_to_no_tenant_and_says_why_they_look() {
    let house = House::open().await;
    let operator = house.member("ops@example.org", Role::Operator).await;
    assert_eq!(operator.body["tenant"], Value::Null);
    let tenants =
        "query($reason: String!) { platformTenants(reason: $reason) { slug members studies openCases } }";
    let answer = house
        .graphql(&operator.access, tenants, json!({ "reason": "monthly review" }))
        .await;
    assert_eq!(
        answer["data"]["platformTenants"],
        json!([{ "slug": "north", "members": 0, "studies": 0, "openCases": 0 }])
    );
    let silent = house
        .graphql(&operator.access, tenants, json!({ "reason": " " }))
        .await;
    assert_eq!(code(&silent), "INVALID_INPUT");
    for query in [
        "{ facilities { id } }",
        "{ members { name } }",
        "{ jobs { nodes { id } } }",
        "{ auditTrail { nodes { at } } }",
    ] {
        assert_eq!(
            code(&house.graphql(&operator.access, query, json!({})).await),
            "FORBIDDEN",
            "{query}"
        );
    }
    let platform = Actor::system(domain::TenantId::PLATFORM, None);
    let trail = house
        .app
        .audit_trail(
            &platform,
            &app::trail::TrailQuestion {
                actions: vec![domain::audit::AuditAction::PlatformTenants],
                ..app::trail::TrailQuestion::default()
            },
            &app::operations::rows::Page {
                first: 10,
                after: None,
            },
        )
        .await
        .unwrap();
    assert_eq!(trail[0].action, "platform.tenants");
    assert_eq!(trail[0].detail.as_deref(), Some("monthly review"));
    let admin = house.member("admin@example.org", Role::TenantAdmin).await;
    assert_eq!(
        code(
            &house
                .graphql(&admin.access, tenants, json!({ "reason": "curious" }))
                .await
        ),
        "FORBIDDEN"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_that_comes_twice_ends_the_session() {
    let house = House::open().await;
    let first = house.member("ada@example.org", Role::Radiologist).await;
    let second = session_of(house.refresh(&first.cookie).await).await;
    assert_ne!(first.cookie, second.cookie);
    let me = house.graphql(&second.access, ME, json!({})).await;
    assert_eq!(me["data"]["me"]["role"], "RADIOLOGIST");

    house.clock.pass(LOST_ANSWER + TimeDelta::seconds(1));
    let reused = house.refresh(&first.cookie).await;
    assert!(
        reused.headers()[header::SET_COOKIE]
            .to_str()
            .unwrap()
            .contains("Max-Age=0"),
        "the browser forgets it"
    );
    assert_eq!(refusal(reused).await, (401, "SESSION_REVOKED".to_owned()));
    assert_eq!(
        refusal(house.refresh(&second.cookie).await).await,
        (401, "SESSION_REVOKED".to_owned())
    );
    let late = house.graphql_response(&second.access, ME, json!({})).await;
    assert_eq!(refusal(late).await, (401, "SESSION_REVOKED".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_lost_the_answer_gets_another_and_one_of_them_goes_on() {
    let house = House::open().await;
    let session = house.member("ada@example.org", Role::Radiologist).await;
    let answers = futures_util::future::join_all((0..8).map(|_| house.refresh(&session.cookie))).await;
    let mut handed_out = Vec::new();
    for answer in answers {
        handed_out.push(session_of(answer).await);
    }
    let kept = session_of(house.refresh(&handed_out[5].cookie).await).await;
    house.clock.pass(LOST_ANSWER + TimeDelta::seconds(1));
    let kept = session_of(house.refresh(&kept.cookie).await).await;
    // The others are worthless, and whoever has one of them is a second party.
    assert_eq!(
        refusal(house.refresh(&handed_out[0].cookie).await).await,
        (401, "SESSION_REVOKED".to_owned())
    );
    assert_eq!(house.refresh(&kept.cookie).await.status(), 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_not_used_ends() {
    let house = House::open().await;
    let session = house.member("ada@example.org", Role::Radiologist).await;
    house.clock.pass(TimeDelta::days(13));
    let session = session_of(house.refresh(&session.cookie).await).await;
    house.clock.pass(TimeDelta::days(14));
    assert_eq!(
        refusal(house.refresh(&session.cookie).await).await,
        (401, "SESSION_REVOKED".to_owned())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_ends_the_session_and_the_cookie() {
    let house = House::open().await;
    let session = house.member("ada@example.org", Role::Radiologist).await;
    let out = house
        .http
        .post(format!("{}/auth/sign-out", house.base))
        .header(header::COOKIE, &session.cookie);
    let out = out.json(&json!({})).send().await.unwrap();
    assert_eq!(out.status(), 204);
    assert!(
        out.headers()[header::SET_COOKIE]
            .to_str()
            .unwrap()
            .contains("Max-Age=0")
    );
    assert_eq!(house.refresh(&session.cookie).await.status(), 401);
    assert_eq!(
        house
            .graphql_response(&session.access, ME, json!({}))
            .await
            .status(),
        401
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_member_is_out_at_once() {
    let house = House::open().await;
    let admin = house.member("admin@example.org", Role::TenantAdmin).await;
    let reader = house.member("ada@example.org", Role::Radiologist).await;
    disable(&house, &admin.access, &reader.body["user"]["id"]).await;
    let late = house.graphql_response(&reader.access, ME, json!({})).await;
    assert_eq!(refusal(late).await, (401, "SESSION_REVOKED".to_owned()));
    assert_eq!(house.refresh(&reader.cookie).await.status(), 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_page_and_a_plain_form_sign_nobody_in() {
    let house = House::open().await;
    house.member("ada@example.org", Role::Radiologist).await;
    let body = json!({ "email": "ada@example.org", "password": PASSWORD });
    let sign_in = || house.http.post(format!("{}/auth/sign-in", house.base));
    let foreign = sign_in()
        .header(header::ORIGIN, "https://evil.example")
        .json(&body)
        .send()
        .await
        .unwrap();
    assert_eq!(refusal(foreign).await, (403, "FORBIDDEN".to_owned()));
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
    ] {
        let form = sign_in()
            .header(header::CONTENT_TYPE, kind)
            .body(body.to_string())
            .send()
            .await
            .unwrap();
        assert_eq!(
            refusal(form).await,
            (415, "UNSUPPORTED_MEDIA_TYPE".to_owned()),
            "{kind}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_not_as_expected_is_not_quoted() {
    let house = House::open().await;
    let odd = house
        .post(
            "/auth/sign-in",
            json!({ "email": "ada@example.org", "password": ["hunter2"] }),
        )
        .await;
    assert_eq!(odd.status(), 400);
    assert!(!odd.text().await.unwrap().contains("hunter2"));
    let huge = house
        .post(
            "/auth/sign-in",
            json!({ "email": "a".repeat(2 << 20), "password": "x" }),
        )
        .await;
    assert_eq!(refusal(huge).await, (413, "PAYLOAD_TOO_LARGE".to_owned()));
}
