use sha2::{Digest as _, Sha256};

use super::*;
use crate::support::NO_GLYPH;

#[tokio::test]
async fn a_preliminary_report_is_made_final_by_another_reader() {
    let room = Room::open().await;
    let token = room.claim(&room.reader).await.unwrap();
    room.write(&room.reader, &token, 0, "A lesion.").await;
    let signed = room.sign(&room.reader, &token, 1, "PRELIMINARY").await;
    assert_eq!(signed["data"]["signReport"]["state"], "READY_TO_READ", "{signed}");
    assert_eq!(
        room.claim(&room.reader).await,
        Err("SECOND_READER_REQUIRED".to_owned())
    );
    let token = room.claim(&room.second).await.unwrap();
    let signed = room.sign(&room.second, &token, 1, "FINAL").await;
    assert_eq!(signed["data"]["signReport"]["state"], "FINAL_SIGNED", "{signed}");
}

#[tokio::test]
async fn a_draft_takes_no_character_that_hides_or_reorders_a_text() {
    let room = Room::open().await;
    let token = room.claim(&room.reader).await.unwrap();
    for odd in ['\0', '\u{1b}', '\u{202e}', '\u{2066}', '\u{feff}'] {
        let refused = room.write(&room.reader, &token, 0, &format!("12{odd}34")).await;
        assert_eq!(code(&refused), "INVALID_INPUT", "{refused}");
        let point = format!("U+{:04X}", odd as u32);
        assert!(refused.to_string().contains(&point), "{refused}");
    }
    let noted = room.mark(&token, Some("12\u{202e}34")).await;
    assert_eq!(code(&noted), "INVALID_INPUT", "{noted}");
    let saved = room.write(&room.reader, &token, 0, "لا يوجد نزف\r\n山田").await;
    let sections = saved["data"]["saveReportDraft"]["sections"].to_string();
    assert!(sections.contains(r"لا يوجد نزف\n山田"), "{saved}");
}

#[tokio::test]
async fn what_cannot_be_printed_is_refused_before_the_signature_with_its_section() {
    let room = Room::open().await;
    let token = room.claim(&room.reader).await.unwrap();
    room.write(&room.reader, &token, 0, &format!("A {NO_GLYPH} here."))
        .await;
    let refused = room.sign(&room.reader, &token, 1, "FINAL").await;
    let extensions = &refused["errors"][0]["extensions"];
    assert_eq!(extensions["code"], "REPORT_UNPRINTABLE", "{refused}");
    assert_eq!(extensions["characters"], json!(["U+1FBFF"]));
    assert_eq!(
        extensions["fields"],
        json!({ "findings": "cannot be printed: U+1FBFF" })
    );
    room.write(&room.reader, &token, 1, "A nodule here.").await;
    let signed = room.sign(&room.reader, &token, 2, "FINAL").await;
    assert_eq!(signed["data"]["signReport"]["state"], "FINAL_SIGNED", "{signed}");
    let refused = room.amend(&room.second, &format!("And a {NO_GLYPH}.")).await;
    assert_eq!(code(&refused), "REPORT_UNPRINTABLE", "{refused}");
}

#[tokio::test]
async fn a_refusal_names_every_placeholder_and_prose_in_brackets_is_none() {
    let room = Room::open().await;
    let token = room.claim(&room.reader).await.unwrap();
    room.write(&room.reader, &token, 0, "Cyst [1.2 cm], [[side]] of [[region]].")
        .await;
    let refused = room.sign(&room.reader, &token, 1, "FINAL").await;
    assert_eq!(code(&refused), "REPORT_INCOMPLETE", "{refused}");
    let fields = &refused["errors"][0]["extensions"]["fields"];
    let words = "Findings still has the placeholders [[side]], [[region]]";
    assert_eq!(*fields, json!({ "findings": words }));
}

#[tokio::test]
async fn the_same_image_is_marked_once() {
    let room = Room::open().await;
    let token = room.claim(&room.reader).await.unwrap();
    let first = room.mark(&token, None).await;
    let again = room.mark(&token, None).await;
    assert_eq!(first, again);
    let noted = room.mark(&token, Some("here")).await;
    assert_eq!(
        noted["data"]["markKeyImage"],
        json!({ "id": first["data"]["markKeyImage"]["id"], "note": "here" })
    );
    let marks = "query ($id: ID!) { case(id: $id) { keyImages { note } } }";
    let seen = room.ask(&room.reader, marks, json!({ "id": room.case })).await;
    assert_eq!(seen["data"]["case"]["keyImages"], json!([{ "note": "here" }]));
}

#[tokio::test]
async fn the_chain_of_versions_can_be_checked_without_the_program() {
    let room = Room::open().await;
    room.sign_final().await;
    let amended = room.amend(&room.second, "Also a cyst.").await;
    assert!(amended["errors"].is_null(), "{amended}");
    let ask = "query ($id: ID!) { case(id: $id) { report { versions \
               { kind signerId signedBy signedContent sha256 follows pdfSha256 } } } }";
    let seen = room.ask(&room.staff, ask, json!({ "id": room.case })).await;
    let versions = &seen["data"]["case"]["report"]["versions"];
    for version in versions.as_array().unwrap() {
        let content = version["signedContent"].as_str().unwrap();
        let digest = hex::encode(Sha256::digest(content.as_bytes()));
        assert_eq!(version["sha256"], digest.as_str());
        let content: Value = serde_json::from_str(content).unwrap();
        assert_eq!(content["follows"], version["follows"]);
        assert_eq!(content["signer_name"], version["signedBy"]);
        assert!(version["pdfSha256"].is_null(), "nothing is printed yet");
    }
    assert_eq!(versions[1]["follows"], versions[0]["sha256"]);
    let me = |who| room.ask(who, "{ me { id } }", Value::Null);
    assert_eq!(
        versions[0]["signerId"],
        me(&room.reader).await["data"]["me"]["id"]
    );
    assert_eq!(
        versions[1]["signerId"],
        me(&room.second).await["data"]["me"]["id"]
    );
}
