//! Images that arrive while a case is read, and after it was signed.

use super::*;

/// More images of the study of [`Room::open`].
fn more(number: u32) -> PhantomInstance {
    let options = PhantomOptions {
        seed: 1,
        instances: Some(4),
        edge: Some(32),
        ..Default::default()
    };
    PhantomStudy::new(PhantomKind::HeadCt, options)
        .instance(number)
        .unwrap()
}

async fn case(room: &Room) -> Value {
    let asked = "query ($id: ID!) { case(id: $id) { state receivedCount lateImages } }";
    room.ask(&room.reader, asked, json!({ "id": room.case })).await["data"]["case"].clone()
}

#[tokio::test]
async fn images_that_came_meanwhile_are_seen_before_they_are_signed_for() {
    let room = Room::open().await;
    let token = room.claim(&room.reader).await.unwrap();
    room.write(&room.reader, &token, 0, "No haemorrhage.").await;
    room.send(&more(1)).await;
    for kind in ["PRELIMINARY", "FINAL"] {
        let refused = room.sign_seeing(&room.reader, &token, 1, kind, 1).await;
        assert_eq!(code(&refused), "STUDY_CHANGED", "{refused}");
        assert_eq!(refused["errors"][0]["extensions"]["imageCount"], 2);
    }
    let signed = room.sign_seeing(&room.reader, &token, 1, "PRELIMINARY", 2).await;
    assert_eq!(signed["data"]["signReport"]["state"], "READY_TO_READ", "{signed}");
    assert_eq!(case(&room).await["lateImages"], false);

    room.send(&more(2)).await;
    assert_eq!(
        case(&room).await,
        json!({ "state": "READY_TO_READ", "receivedCount": 3, "lateImages": true }),
        "whoever makes it final is told"
    );
    let token = room.claim(&room.second).await.unwrap();
    let refused = room.sign_seeing(&room.second, &token, 1, "FINAL", 2).await;
    assert_eq!(code(&refused), "STUDY_CHANGED", "{refused}");
    let signed = room.sign_seeing(&room.second, &token, 1, "FINAL", 3).await;
    assert_eq!(signed["data"]["signReport"]["state"], "FINAL_SIGNED", "{signed}");
    assert_eq!(case(&room).await["lateImages"], false);
}

#[tokio::test]
async fn a_report_in_question_stands_above_what_is_not_yet_due() {
    let room = Room::open().await;
    room.sign_final().await;
    room.send(&more(1)).await;
    let (waiting, _) = room.new_case(2).await;
    let list = "{ worklist { nodes { id lateImages } } }";
    let listed = room.ask(&room.reader, list, Value::Null).await;
    let ids: Vec<&Value> = listed["data"]["worklist"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| &node["id"])
        .collect();
    assert_eq!(ids, [&json!(room.case), &json!(waiting)]);
}

#[tokio::test]
async fn late_images_are_seen_before_a_report_is_confirmed() {
    let room = Room::open().await;
    room.sign_final().await;
    room.send(&more(1)).await;
    let seen = case(&room).await["receivedCount"].clone();
    room.send(&more(2)).await;
    let confirm = "mutation ($input: AcknowledgeLateImagesInput!) { acknowledgeLateImages(input: $input) { lateImages } }";
    let input = |seen: &Value| json!({ "input": { "caseId": room.case, "imageCount": seen } });
    let refused = room.ask(&room.reader, confirm, input(&seen)).await;
    assert_eq!(code(&refused), "STUDY_CHANGED", "{refused}");
    assert_eq!(case(&room).await["lateImages"], true);
    let seen = case(&room).await["receivedCount"].clone();
    let confirmed = room.ask(&room.reader, confirm, input(&seen)).await;
    assert_eq!(
        confirmed["data"]["acknowledgeLateImages"]["lateImages"], false,
        "{confirmed}"
    );
}
