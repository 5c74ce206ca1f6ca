//! What the GraphQL door takes, and what it does not.

use crate::support::{House, code, refusal};
use domain::Role;
use reqwest::header;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn only_json_by_post_is_executed() {
    let house = House::open().await;
    let token = house.member("admin@example.org", Role::TenantAdmin).await.access;
    let url = format!("{}/graphql", house.base);
    let mutation = "mutation { addFacility(input: { name: \"West\", code: \"W\" }) { id } }";
    let by_get = house
        .http
        .get(reqwest::Url::parse_with_params(&url, [("query", mutation)]).unwrap())
        .bearer_auth(&token)
        .send()
        .await
        .unwrap();
    assert_eq!(by_get.status(), 405);
    assert_eq!(by_get.headers()[header::ALLOW], "POST");
    let body = json!({ "query": mutation }).to_string();
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
    ] {
        let sent = house
            .http
            .post(&url)
            .bearer_auth(&token)
            .header(header::CONTENT_TYPE, kind)
            .body(body.clone());
        assert_eq!(
            refusal(sent.send().await.unwrap()).await,
            (415, "UNSUPPORTED_MEDIA_TYPE".to_owned()),
            "{kind}"
        );
    }
    let nothing_happened = house.graphql(&token, "{ facilities { id } }", json!({})).await;
    assert_eq!(nothing_happened["data"]["facilities"], json!([]));
    let by_post = house.graphql(&token, mutation, json!({})).await;
    assert!(
        by_post["data"]["addFacility"]["id"]
            .as_str()
            .unwrap()
            .starts_with("facility_"),
        "{by_post}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_nobody_is_told_so_in_both_languages() {
    let house = House::open().await;
    let answer = house.post("/graphql", json!({ "query": "{ me { id } }" })).await;
    assert_eq!(answer.status(), 401);
    assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/problem+json");
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["code"], "NOT_AUTHENTICATED");
    assert_eq!(body["errors"][0]["extensions"]["code"], "NOT_AUTHENTICATED");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_beyond_the_limits_is_refused_with_its_code() {
    let house = House::open().await;
    let token = house.member("ada@example.org", Role::Radiologist).await.access;
    let aliases: String = (0..100).map(|n| format!("a{n}: me {{ id }} ")).collect();
    for query in [
        format!("{{ {aliases} }}"),
        format!("{{ me {} {} }}", "{ tenant ".repeat(13), "}".repeat(13)),
        format!("{{ {} }}", "me { id } ".repeat(600)),
        format!("{{ me {{ {} }} }}", "id @skip(if: false) ".repeat(50)),
        "{".repeat(50_000),
        format!("{{ me {{ id }} }} #{}", "x".repeat(40_000)),
    ] {
        let answer = house.graphql_response(&token, &query, json!({})).await;
        assert_eq!(
            refusal(answer).await,
            (400, "QUERY_TOO_COMPLEX".to_owned()),
            "{}",
            &query[..query.len().min(80)]
        );
    }
    // No size at all: GraphQL itself calls such a document invalid.
    let cycle = "{ me { ...f } } fragment f on Me { ...g } fragment g on Me { ...f }";
    let answer = house.graphql_response(&token, cycle, json!({})).await;
    assert_eq!(refusal(answer).await, (400, "BAD_REQUEST".to_owned()));
    let url = format!("{}/graphql", house.base);
    let batch = house
        .http
        .post(&url)
        .bearer_auth(&token)
        .json(&json!([{ "query": "{ me { id } }" }]))
        .send()
        .await
        .unwrap();
    assert_eq!(refusal(batch).await, (400, "QUERY_TOO_COMPLEX".to_owned()));
    let huge = json!({ "query": "{ me { id } }", "variables": { "x": "y".repeat(2 << 20) } });
    let huge = house
        .http
        .post(&url)
        .bearer_auth(&token)
        .json(&huge)
        .send()
        .await
        .unwrap();
    assert_eq!(refusal(huge).await, (413, "PAYLOAD_TOO_LARGE".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_learns_the_schema_by_asking_or_guessing() {
    let house = House::open().await;
    let token = house.member("ada@example.org", Role::Radiologist).await.access;
    let schema = house
        .graphql(&token, "{ __schema { types { name } } }", json!({}))
        .await;
    assert!(!schema.to_string().contains("Facility"), "{schema}");
    let guess = house.graphql(&token, "{ facilitie { id } }", json!({})).await;
    assert_eq!(code(&guess), "BAD_REQUEST");
    assert!(
        !guess.to_string().contains("Did you mean") && !guess.to_string().contains("\"facilities\""),
        "{guess}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_error_has_a_code() {
    let house = House::open().await;
    let admin = house.member("admin@example.org", Role::TenantAdmin).await.access;
    let reader = house.member("ada@example.org", Role::Radiologist).await.access;
    let unknown_job = format!("job_{}", "0".repeat(31) + "1");
    for (token, query, expected) in [
        (&admin, "{ nonsense }".to_owned(), "BAD_REQUEST"),
        (&admin, "{ me { id }".to_owned(), "BAD_REQUEST"),
        (&admin, "query($x: Int!) { me { id } }".to_owned(), "BAD_REQUEST"),
        (&reader, "{ members { name } }".to_owned(), "FORBIDDEN"),
        (
            &reader,
            "{ auditVerification { intact } }".to_owned(),
            "FORBIDDEN",
        ),
        (
            &admin,
            format!("mutation {{ retryJob(input: {{ jobId: \"{unknown_job}\" }}) {{ id }} }}"),
            "NOT_FOUND",
        ),
        (
            &admin,
            "mutation { retryJob(input: { jobId: \"case_1\" }) { id } }".to_owned(),
            "INVALID_INPUT",
        ),
        (
            &admin,
            "mutation { addFacility(input: { name: \"\", code: \"W\" }) { id } }".to_owned(),
            "INVALID_INPUT",
        ),
        (
            &admin,
            "mutation { addFacility(input: { name: \"West\", code: \"W W\" }) { id } }".to_owned(),
            "INVALID_INPUT",
        ),
    ] {
        let answer = house.graphql(token, &query, json!({})).await;
        assert_eq!(code(&answer), expected, "{query}: {answer}");
    }
    let field = house
        .graphql(
            &admin,
            "mutation { addFacility(input: { name: \"West\", code: \"\" }) { id } }",
            json!({}),
        )
        .await;
    assert!(
        field["errors"][0]["extensions"]["fields"]["code"].is_string(),
        "{field}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_taken_once_per_tenant() {
    let house = House::open().await;
    let admin = house.member("admin@example.org", Role::TenantAdmin).await.access;
    let add = "mutation($input: AddFacilityInput!) { addFacility(input: $input) { code reportEmail } }";
    let west = json!({ "input": { "name": "West", "code": "w", "reportEmail": "Desk@West.example" } });
    let first = house.graphql(&admin, add, west.clone()).await;
    assert_eq!(
        first["data"]["addFacility"],
        json!({ "code": "W", "reportEmail": "desk@west.example" })
    );
    assert_eq!(code(&house.graphql(&admin, add, west).await), "NAME_TAKEN");
    let verdict = house
        .graphql(
            &admin,
            "{ auditVerification { intact firstBrokenSequence } }",
            json!({}),
        )
        .await;
    assert_eq!(
        verdict["data"]["auditVerification"],
        json!({ "intact": true, "firstBrokenSequence": null })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_client_gets_wrong_is_never_our_fault() {
    let house = House::open().await;
    let token = house.member("admin@example.org", Role::TenantAdmin).await.access;
    let other = house
        .other_tenant("admin@south.example", Role::TenantAdmin)
        .await
        .access;
    let jobs = "query($first: Int!) { jobs(first: $first) { nodes { id } } }";
    for (query, variables, expected) in [
        (
            "{ worklist(first: -1) { nodes { id } } }",
            json!({}),
            "BAD_REQUEST",
        ),
        (
            "{ worklist(first: 99999999999999999999) { nodes { id } } }",
            json!({}),
            "BAD_REQUEST",
        ),
        (
            "{ jobs(first: -9223372036854775808) { nodes { id } } }",
            json!({}),
            "BAD_REQUEST",
        ),
        (jobs, json!({ "first": -1 }), "BAD_REQUEST"),
        (jobs, json!({ "first": 1e300 }), "BAD_REQUEST"),
        (jobs, json!({}), "BAD_REQUEST"),
        (
            "{ worklist(after: \"page two\") { nodes { id } } }",
            json!({}),
            "INVALID_INPUT",
        ),
        (
            "{ jobs(after: \"7\") { nodes { id } } }",
            json!({}),
            "INVALID_INPUT",
        ),
        (
            "{ auditTrail(after: \"first\") { nodes { sequence } } }",
            json!({}),
            "INVALID_INPUT",
        ),
    ] {
        for token in [&token, &other] {
            let answer = house.graphql(token, query, variables.clone()).await;
            assert_eq!(code(&answer), expected, "{query} {variables}: {answer}");
        }
    }
    let answer = house
        .graphql(&token, "{ worklist(after: \"x\") { nodes { id } } }", json!({}))
        .await;
    assert!(
        answer["errors"][0]["extensions"]["fields"]["after"].is_string(),
        "{answer}"
    );
}
