use domain::TenantId;

use super::*;

const MARKS: &str =
    "query ($id: ID!) { case(id: $id) { keyImages { sopInstanceUid note } draft { revision } } }";

#[tokio::test]
async fn before_the_signature_marks_and_notes_are_the_readers_alone() {
    let room = Room::open().await;
    let token = room.claim(&room.reader).await.unwrap();
    room.mark(&token, Some("metastasis?")).await;
    let id = json!({ "id": room.case });

    let key = "mutation { createApiKey(input: { name: \"gateway\", scopes: [CASES_READ, STUDIES_READ] }) { secret } }";
    let key = room.ask(&room.admin, key, Value::Null).await;
    let key = key["data"]["createApiKey"]["secret"].as_str().unwrap().to_owned();
    let others = [
        ("staff", room.staff.access.as_str()),
        ("admin", room.admin.access.as_str()),
        ("another reader", room.second.access.as_str()),
        ("a key", key.as_str()),
    ];
    let own = room.ask(&room.reader, MARKS, id.clone()).await;
    assert_eq!(
        own["data"]["case"]["keyImages"][0]["note"], "metastasis?",
        "{own}"
    );
    for (who, bearer) in others {
        let seen = room.house.graphql(bearer, MARKS, id.clone()).await;
        assert_eq!(
            seen["data"]["case"],
            json!({ "keyImages": [], "draft": null }),
            "{who}: {seen}"
        );
        assert!(!seen.to_string().contains("metastasis"), "{who}");
    }

    room.write(&room.reader, &token, 0, "A lesion.").await;
    let signed = room.sign(&room.reader, &token, 1, "FINAL").await;
    assert!(signed["errors"].is_null(), "{signed}");
    for (who, bearer) in others {
        let seen = room.house.graphql(bearer, MARKS, id.clone()).await;
        assert_eq!(
            seen["data"]["case"]["keyImages"][0]["note"], "metastasis?",
            "{who}: {seen}"
        );
    }
}

/// A preliminary report shows what was marked for it, and nothing that its second reader marks meanwhile.
#[tokio::test]
async fn what_the_second_reader_marks_is_not_seen_before_it_is_signed() {
    let room = Room::open().await;
    let token = room.claim(&room.reader).await.unwrap();
    room.mark(&token, Some("first")).await;
    room.write(&room.reader, &token, 0, "A lesion.").await;
    room.sign(&room.reader, &token, 1, "PRELIMINARY").await;
    let token = room.claim(&room.second).await.unwrap();
    let mark = "mutation ($input: MarkKeyImageInput!) { markKeyImage(input: $input) { id } }";
    let input = json!({ "input": {
        "caseId": room.case, "claimToken": token, "sopInstanceUid": room.image, "frame": 1,
        "windowCenter": 40.0, "windowWidth": 80.0, "note": "second",
    }});
    let marked = room.ask(&room.second, mark, input).await;
    assert!(marked["errors"].is_null(), "{marked}");
    let id = json!({ "id": room.case });
    let seen = room.ask(&room.staff, MARKS, id.clone()).await;
    assert!(
        seen.to_string().contains("first") && !seen.to_string().contains("second"),
        "{seen}"
    );
    let seen = room.ask(&room.second, MARKS, id).await;
    assert!(seen.to_string().contains("second"), "{seen}");
}

/// The facility goes on seeing what was signed while its second reader words notes anew and takes marks away.
#[tokio::test]
async fn signed_marks_stay_as_they_were_signed_while_another_reader_goes_over_them() {
    let room = Room::open().await;
    let token = room.claim(&room.reader).await.unwrap();
    let first = room.mark(&token, Some("first")).await;
    room.write(&room.reader, &token, 0, "A lesion.").await;
    room.sign(&room.reader, &token, 1, "PRELIMINARY").await;
    let marks = "query ($id: ID!) { case(id: $id) { keyImages { id note } } }";
    let signed = json!([{ "id": first["data"]["markKeyImage"]["id"], "note": "first" }]);
    let id = json!({ "id": room.case });

    let token = room.claim(&room.second).await.unwrap();
    let mark = "mutation ($input: MarkKeyImageInput!) { markKeyImage(input: $input) { id } }";
    let input = json!({ "input": {
        "caseId": room.case, "claimToken": token, "sopInstanceUid": room.image, "frame": 1, "note": "second",
    }});
    let marked = room.ask(&room.second, mark, input).await;
    assert!(marked["errors"].is_null(), "{marked}");
    let seen = room.ask(&room.staff, marks, id.clone()).await;
    assert_eq!(seen["data"]["case"]["keyImages"], signed, "{seen}");
    let own = room.ask(&room.second, marks, id.clone()).await;
    assert_eq!(own["data"]["case"]["keyImages"][0]["note"], "second", "{own}");

    let remove =
        "mutation ($input: RemoveKeyImageInput!) { removeKeyImage(input: $input) { keyImages { id } } }";
    let input = json!({ "input": {
        "caseId": room.case, "claimToken": token, "keyImageId": marked["data"]["markKeyImage"]["id"],
    }});
    let removed = room.ask(&room.second, remove, input).await;
    assert_eq!(
        removed["data"]["removeKeyImage"]["keyImages"],
        json!([]),
        "{removed}"
    );
    let seen = room.ask(&room.staff, marks, id.clone()).await;
    let images = seen["data"]["case"]["keyImages"].as_array().unwrap();
    assert_eq!(images.len(), 1, "{seen}");
    assert_eq!(images[0]["note"], "first", "{seen}");
    let again = room.ask(&room.admin, marks, id.clone()).await;
    assert_eq!(again["data"], seen["data"], "it keeps its id");

    let draft = "query ($id: ID!) { case(id: $id) { draft { revision } } }";
    let draft = room.ask(&room.second, draft, id.clone()).await;
    let revision = draft["data"]["case"]["draft"]["revision"].as_u64().unwrap();
    let base = u32::try_from(revision).unwrap();
    let signed = room.sign(&room.second, &token, base, "FINAL").await;
    assert!(signed["errors"].is_null(), "{signed}");
    let seen = room.ask(&room.staff, marks, id).await;
    assert_eq!(seen["data"]["case"]["keyImages"], json!([]), "{seen}");
}

#[tokio::test]
async fn another_tenant_hears_nothing_of_a_marked_case() {
    let room = Room::open().await;
    let token = room.claim(&room.reader).await.unwrap();
    room.mark(&token, Some("metastasis?")).await;
    let south: TenantId = room.house.app.create_tenant("south", "South").await.unwrap().id;
    let reader = "reader@south.example";
    let system = domain::Actor::system(south, None);
    room.house
        .person(&system, reader, Role::Radiologist, Vec::new())
        .await;
    let stranger = room.house.sign_in(reader).await;
    let seen = room.ask(&stranger, MARKS, json!({ "id": room.case })).await;
    assert_eq!(code(&seen), "NOT_FOUND", "{seen}");
}

/// Somebody edited the database: the case is named, the list stands.
#[tokio::test]
async fn one_report_that_is_not_what_was_signed_costs_only_its_own_field() {
    let mut room = Room::open().await;
    room.sign_final().await;
    let broken = std::mem::take(&mut room.case);
    (room.case, room.image) = room.new_case(2).await;
    room.sign_final().await;
    let (_, _) = room.new_case(3).await;
    let id = broken.trim_start_matches("case_").replace('-', "");
    room.house
        .tamper("DROP TRIGGER report_version_refuses_update")
        .await;
    room.house
        .tamper(&format!(
            "UPDATE report_version SET content = replace(content, 'haemorrhage', 'fracture') \
             WHERE lower(hex(case_id)) = '{id}'"
        ))
        .await;

    let list = "{ worklist { totalCount nodes { id report { state versions { number } } } } }";
    let listed = room.ask(&room.staff, list, Value::Null).await;
    let nodes = listed["data"]["worklist"]["nodes"].as_array().unwrap();
    assert_eq!(nodes.len(), 3, "{listed}");
    for node in nodes {
        let expected = if node["id"] == room.case.as_str() {
            json!({ "state": "FINAL", "versions": [{ "number": 1 }] })
        } else {
            Value::Null
        };
        assert_eq!(node["report"], expected, "{listed}");
    }
    let errors = listed["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 1, "{listed}");
    assert_eq!(errors[0]["extensions"]["code"], "INTERNAL");
    assert!(!listed.to_string().contains("fracture"), "{listed}");
}
