use super::*;

const WAY: &str = "query ($id: ID!) { case(id: $id) { state clock { state owner } \
                   deliveries { channel state lastError } } }";
const DEAD: &str = "{ jobs(state: DEAD) { nodes { id kind lastError } } }";

async fn retry(room: &Room) {
    let dead = room.ask(&room.admin, DEAD, Value::Null).await;
    let job = dead["data"]["jobs"]["nodes"][0]["id"].clone();
    let retry = "mutation ($id: ID!) { retryJob(input: { jobId: $id }) { state } }";
    let retried = room.ask(&room.admin, retry, json!({ "id": job })).await;
    assert_eq!(retried["data"]["retryJob"]["state"], "QUEUED", "{retried}");
}

async fn way(room: &Room) -> Value {
    let seen = room.ask(&room.admin, WAY, json!({ "id": room.case })).await;
    seen["data"]["case"].clone()
}

#[tokio::test]
async fn a_dead_print_job_fails_its_copies_and_a_retry_delivers_them() {
    let room = Room::open().await;
    room.sign_final().await;
    room.let_die(PrintReport::KIND, "no font on this machine has U+5C71")
        .await;
    let stuck = way(&room).await;
    assert_eq!(stuck["state"], "FINAL_SIGNED", "{stuck}");
    assert_eq!(stuck["clock"], json!({ "state": "RUNNING", "owner": "DELIVERY" }));
    for copy in stuck["deliveries"].as_array().unwrap() {
        assert_eq!(copy["state"], "FAILED", "{stuck}");
        assert_eq!(copy["lastError"], "no font on this machine has U+5C71");
    }
    let dead = room.ask(&room.admin, DEAD, Value::Null).await;
    let job = &dead["data"]["jobs"]["nodes"][0];
    assert_eq!(job["kind"], "print_report", "{dead}");
    assert_eq!(job["lastError"], "no font on this machine has U+5C71");
    let key = "mutation { createApiKey(input: { name: \"gateway\", scopes: [CASES_READ] }) { secret } }";
    let key = room.ask(&room.admin, key, Value::Null).await;
    let key = key["data"]["createApiKey"]["secret"].as_str().unwrap().to_owned();
    for who in [&room.staff.access, &room.reader.access, &key] {
        let seen = room.house.graphql(who, WAY, json!({ "id": room.case })).await;
        for copy in seen["data"]["case"]["deliveries"].as_array().unwrap() {
            assert_eq!(
                (&copy["state"], &copy["lastError"]),
                (
                    &json!("FAILED"),
                    &json!("this copy could not be delivered; the administrators see why")
                ),
                "{seen}"
            );
        }
    }

    room.house.press.switch_on();
    retry(&room).await;
    assert!(room.work(PrintReport::KIND).await);
    assert!(room.work(DeliverReport::KIND).await);
    let delivered = way(&room).await;
    assert_eq!(delivered["state"], "DELIVERED", "{delivered}");
    assert_eq!(
        delivered["deliveries"],
        json!([
            { "channel": "PORTAL", "state": "DELIVERED", "lastError": null },
            { "channel": "MAIL", "state": "SENT", "lastError": null },
        ])
    );
    assert_eq!(room.house.mails.all().len(), 1);
}

#[tokio::test]
async fn a_mail_job_that_dies_before_it_could_try_fails_its_copy_and_stops_the_clock() {
    let room = Room::open().await;
    room.house.press.switch_on();
    room.sign_final().await;
    assert!(room.work(PrintReport::KIND).await);
    let before = way(&room).await;
    assert_eq!(
        before["state"], "FINAL_SIGNED",
        "the mail is still to be sent: {before}"
    );
    room.let_die(
        DeliverReport::KIND,
        "the runner died or fell silent in each of 8 runs",
    )
    .await;
    let after = way(&room).await;
    assert_eq!(after["state"], "DELIVERED", "the portal has it: {after}");
    assert_eq!(after["clock"]["state"], "STOPPED", "{after}");
    assert_eq!(after["deliveries"][1]["state"], "FAILED", "{after}");
    assert!(
        after["deliveries"][1]["lastError"]
            .as_str()
            .unwrap()
            .contains("runner died")
    );

    retry(&room).await;
    assert!(room.work(DeliverReport::KIND).await);
    assert_eq!(way(&room).await["deliveries"][1]["state"], "SENT");
}

/// What the press was given is what stands on the page.
#[tokio::test]
async fn a_document_says_when_and_at_what_age_and_an_addendum_stands_with_its_report() {
    let room = Room::open().await;
    room.house.press.switch_on();
    room.sign_final().await;
    assert!(room.amend(&room.second, "Also a cyst.").await["errors"].is_null());
    while room.work(PrintReport::KIND).await {}
    let ask = "query ($id: ID!) { case(id: $id) { report { versions { pdfUrl pdfSha256 } } } }";
    let seen = room.ask(&room.staff, ask, json!({ "id": room.case })).await;
    let url = seen["data"]["case"]["report"]["versions"][1]["pdfUrl"]
        .as_str()
        .unwrap();
    let got = room
        .house
        .http
        .get(format!("{}{url}", room.house.base))
        .bearer_auth(&room.staff.access)
        .send()
        .await
        .unwrap();
    let page = got.text().await.unwrap();
    for label in [
        "Age at examination",
        "Examined",
        "Received",
        "UTC",
        "Addendum 1",
        "Also a cyst.",
        "No haemorrhage.",
    ] {
        assert!(page.contains(label), "{label} in {page}");
    }
}
