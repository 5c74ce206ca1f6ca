//! Deleting, restoring, holding and removing for good, as an administrator and everybody else see it.

use app::{
    archive::{PurgeDeleted, RemoveObject, TidyBatch},
    jobs::{RunOutcome, job_actor},
    trail::TrailQuestion,
};
use chrono::TimeDelta;
use domain::{audit::AuditAction, job::Job};
use serde_json::json;
use store::Page;

use super::*;
use crate::support::code as code_of;

const DELETE: &str = "mutation ($input: DeleteStudyInput!) { deleteStudy(input: $input) }";
const TRASH: &str =
    "{ deletedStudies { nodes { id studyId part reason deletedBy instanceCount patientId } } }";

pub(super) async fn delete(house: &House, token: &str, path: &str) -> (u16, String) {
    let url = format!("{}{ROOT}{path}", house.base);
    let response = house.http.delete(url).bearer_auth(token).send().await.unwrap();
    match response.status() {
        StatusCode::NO_CONTENT => (204, String::new()),
        _ => refusal(response).await,
    }
}

pub(super) fn study_path(instance: &PhantomInstance) -> String {
    format!("/studies/{}", instance.study_instance_uid)
}

pub(super) async fn admin(house: &House) -> String {
    house
        .member("admin@north.example", Role::TenantAdmin)
        .await
        .access
}

async fn trash(house: &House, token: &str) -> Vec<Value> {
    let answer = house.graphql(token, TRASH, Value::Null).await;
    answer["data"]["deletedStudies"]["nodes"]
        .as_array()
        .unwrap()
        .clone()
}

async fn restore(house: &House, token: &str, deletion: &str) -> Value {
    let mutation =
        "mutation ($input: RestoreStudyInput!) { restoreStudy(input: $input) { id instanceCount } }";
    let input = json!({ "input": { "deletionId": deletion } });
    house.graphql(token, mutation, input).await
}

/// Runs what is due of the jobs that remove.
pub(super) async fn remove_what_is_due(house: &House) {
    let kinds = [PurgeDeleted::KIND, TidyBatch::KIND, RemoveObject::KIND];
    house.app.empty_trash().await.unwrap();
    while let Some(job) = house
        .app
        .lease_job(&kinds, std::time::Duration::from_secs(60))
        .await
        .unwrap()
    {
        let actor = job_actor(&job);
        let payload = job.payload.clone();
        let done = match job.kind.as_str() {
            PurgeDeleted::KIND => {
                let purge: PurgeDeleted = serde_json::from_value(payload).unwrap();
                house.app.purge_deleted(&actor, purge.deletion).await
            }
            TidyBatch::KIND => {
                let tidy: TidyBatch = serde_json::from_value(payload).unwrap();
                house.app.tidy_batch(&actor, tidy.batch).await
            }
            _ => {
                let remove: RemoveObject = serde_json::from_value(payload).unwrap();
                house.app.remove_object(&actor, &remove.object_key).await
            }
        };
        done.unwrap();
        house.app.settle_job(&job, RunOutcome::Done).await.unwrap();
    }
}

pub(super) async fn trail(house: &House, action: AuditAction) -> usize {
    let question = TrailQuestion {
        actions: vec![action],
        ..TrailQuestion::default()
    };
    let page = Page {
        first: 100,
        after: None,
    };
    let rows = house.app.audit_trail(&house.system(), &question, &page).await;
    rows.unwrap().len()
}

#[tokio::test]
async fn a_deleted_study_is_out_of_everybodys_sight_at_once_and_comes_back_as_it_was() {
    let house = House::open().await;
    let (staff, admin) = (staff(&house).await.access, admin(&house).await);
    let images = ct(1, 3);
    store(&house, &staff, &images).await;
    let (study, instance) = (study_path(&images[0]), address(&images[0]));
    let worklist = "{ worklist { totalCount nodes { id } } }";
    let listed = async || {
        let answer = house.graphql(&staff, worklist, Value::Null).await;
        answer["data"]["worklist"]["totalCount"].as_u64().unwrap()
    };
    assert_eq!(listed().await, 1);
    let etag = |response: &Response| response.headers()[header::ETAG].clone();
    let series = format!("{study}/series/{}", images[0].series_instance_uid);
    let before = etag(
        &get(
            &house,
            &staff,
            &format!("{series}/metadata"),
            "application/dicom+json",
        )
        .await,
    );

    assert_eq!(delete(&house, &admin, &study).await, (204, String::new()));
    for path in ["/studies", "/series", "/instances"] {
        assert!(search(&house, &staff, path).await.is_empty(), "{path}");
    }
    for path in [
        study.clone(),
        instance.clone(),
        format!("{study}/metadata"),
        format!("{series}/metadata"),
        format!("{instance}/frames/1"),
        format!("{instance}/bulkdata/7FE00010"),
        format!("{study}/series"),
        format!("{study}/thumbnail"),
        format!("{instance}/rendered"),
    ] {
        let answer = refusal(get(&house, &staff, &path, "*/*").await).await;
        assert_eq!(answer, (404, "NOT_FOUND".to_owned()), "{path}");
    }
    assert_eq!(listed().await, 0);
    assert_eq!(
        delete(&house, &admin, &study).await.0,
        404,
        "there is nothing left to delete"
    );

    let lying = trash(&house, &admin).await;
    assert_eq!(lying.len(), 1);
    assert_eq!(lying[0]["part"], "STUDY");
    assert_eq!(lying[0]["instanceCount"], 3);
    assert_eq!(lying[0]["deletedBy"], "Ada Reader");
    let restored = restore(&house, &admin, lying[0]["id"].as_str().unwrap()).await;
    assert_eq!(restored["data"]["restoreStudy"]["instanceCount"], 3);
    assert!(trash(&house, &admin).await.is_empty());
    assert_eq!(listed().await, 1);
    assert_eq!(search(&house, &staff, "/instances").await.len(), 3);
    let original = parts(
        get(
            &house,
            &staff,
            &instance,
            "multipart/related; type=\"application/dicom\"; transfer-syntax=*",
        )
        .await,
    )
    .await;
    assert!(original[0].1 == images[0].bytes);
    let after = etag(
        &get(
            &house,
            &staff,
            &format!("{series}/metadata"),
            "application/dicom+json",
        )
        .await,
    );
    assert_ne!(before, after, "who kept the old answer is told to look again");
    assert_eq!(trail(&house, AuditAction::StudyDelete).await, 1);
    assert_eq!(trail(&house, AuditAction::StudyRestore).await, 1);
}

#[tokio::test]
async fn counts_follow_an_instance_and_a_series_without_instances_goes_with_its_last() {
    let house = House::open().await;
    let (staff, admin) = (staff(&house).await.access, admin(&house).await);
    let images = ct(1, 3);
    store(&house, &staff, &images).await;
    let counts = async || {
        let study = &search(&house, &staff, "/studies").await[0];
        (
            study["00201206"]["Value"][0].clone(),
            study["00201208"]["Value"][0].clone(),
        )
    };
    assert_eq!(counts().await, (json!(1), json!(3)));
    assert_eq!(delete(&house, &admin, &address(&images[1])).await.0, 204);
    assert_eq!(counts().await, (json!(1), json!(2)));
    let study = study_path(&images[0]);
    let metadata = get(
        &house,
        &staff,
        &format!("{study}/metadata"),
        "application/dicom+json",
    )
    .await;
    assert_eq!(metadata.json::<Vec<Value>>().await.unwrap().len(), 2);

    assert_eq!(delete(&house, &admin, &address(&images[0])).await.0, 204);
    assert_eq!(delete(&house, &admin, &address(&images[2])).await.0, 204);
    assert!(
        search(&house, &staff, "/studies").await.is_empty(),
        "nothing is left of it"
    );
    let lying = trash(&house, &admin).await;
    let parts: Vec<_> = lying.iter().map(|one| one["part"].as_str().unwrap()).collect();
    assert_eq!(
        parts,
        ["STUDY", "INSTANCE", "INSTANCE"],
        "the last one took the study with it"
    );

    let id = |at: usize| lying[at]["id"].as_str().unwrap().to_owned();
    let refused = restore(&house, &admin, &id(1)).await;
    assert_eq!(
        code_of(&refused),
        "STUDY_DELETED",
        "what it was part of comes first"
    );
    for at in [0, 1, 2] {
        assert_eq!(code_of(&restore(&house, &admin, &id(at)).await), "(none)");
    }
    assert_eq!(counts().await, (json!(1), json!(3)));
    assert_eq!(
        code_of(&restore(&house, &admin, &id(0)).await),
        "NOT_FOUND",
        "once is enough"
    );
}

#[tokio::test]
async fn what_was_deleted_and_is_sent_again_is_refused_until_it_is_removed_for_good() {
    let house = House::open().await;
    let (staff, admin) = (staff(&house).await.access, admin(&house).await);
    let images = ct(1, 2);
    store(&house, &staff, &images).await;
    delete(&house, &admin, &study_path(&images[0])).await;
    let (status, answer) = store(&house, &staff, &images).await;
    assert_eq!(status, StatusCode::CONFLICT);
    for item in items(&answer, FAILED) {
        assert_eq!(code(item), "STUDY_DELETED");
    }
    house.clock.pass(TimeDelta::days(29));
    remove_what_is_due(&house).await;
    let admin = house.sign_in("admin@north.example").await.access;
    assert_eq!(trash(&house, &admin).await.len(), 1, "its time has not come");
    house.clock.pass(TimeDelta::days(2));
    let admin = house.sign_in("admin@north.example").await.access;
    remove_what_is_due(&house).await;
    assert!(trash(&house, &admin).await.is_empty());
    assert_eq!(
        house.objects("tar").len(),
        1,
        "an object lingers for whoever may still open it"
    );
    house.clock.pass(TimeDelta::hours(2));
    remove_what_is_due(&house).await;
    assert!(house.objects("tar").is_empty());
    assert_eq!(trail(&house, AuditAction::StudyPurge).await, 1);
    assert_eq!(trail(&house, AuditAction::ObjectRemove).await, 1);
    let staff = house.sign_in("staff@north.example").await.access;
    assert_eq!(
        store(&house, &staff, &images).await.0,
        StatusCode::OK,
        "it is a new study now"
    );
    assert_eq!(search(&house, &staff, "/instances").await.len(), 2);
}

#[tokio::test]
async fn removing_one_study_leaves_what_came_with_it() {
    let house = House::open().await;
    let (staff, admin) = (staff(&house).await.access, admin(&house).await);
    let (one, other) = (ct(1, 1), ct(2, 1));
    store(&house, &staff, &[one[0].clone(), other[0].clone()]).await;
    delete(&house, &admin, &study_path(&one[0])).await;
    house.clock.pass(TimeDelta::days(31));
    remove_what_is_due(&house).await;
    house.clock.pass(TimeDelta::hours(2));
    remove_what_is_due(&house).await;
    let staff = house.sign_in("staff@north.example").await.access;
    let accept = "multipart/related; type=\"application/dicom\"; transfer-syntax=*";
    let kept = parts(get(&house, &staff, &address(&other[0]), accept).await).await;
    assert!(kept[0].1 == other[0].bytes);
    let objects = house.objects("tar");
    assert_eq!(objects.len(), 1, "what is left lies in an object of its own");
    let left = std::fs::read(&objects[0]).unwrap();
    let holds = |bytes: &[u8]| left.windows(bytes.len()).any(|window| window == bytes);
    assert!(holds(&other[0].bytes) && !holds(&one[0].bytes));
}

#[tokio::test]
async fn a_legal_hold_wins_over_everybody_and_over_time() {
    let house = House::open().await;
    let (staff, admin) = (staff(&house).await.access, admin(&house).await);
    let (one, other) = (ct(1, 1), ct(2, 1));
    store(&house, &staff, &one).await;
    store(&house, &staff, &other).await;
    delete(&house, &admin, &study_path(&other[0])).await;
    let in_trash = trash(&house, &admin).await[0]["studyId"].clone();
    let listed = house
        .graphql(&admin, "{ worklist { nodes { study { id } } } }", Value::Null)
        .await;
    let alive = listed["data"]["worklist"]["nodes"][0]["study"]["id"].clone();
    let place = "mutation ($input: LegalHoldInput!) { placeLegalHold(input: $input) { reason placedBy } }";
    let lift = "mutation ($input: LegalHoldInput!) { liftLegalHold(input: $input) }";
    let input = |study: &Value, reason: &str| json!({ "input": { "studyId": study, "reason": reason } });
    for study in [&alive, &in_trash] {
        let placed = house
            .graphql(&admin, place, input(study, "a court asks for it"))
            .await;
        assert_eq!(placed["data"]["placeLegalHold"]["placedBy"], "Ada Reader");
    }
    assert_eq!(
        delete(&house, &admin, &study_path(&one[0])).await,
        (409, "LEGAL_HOLD".to_owned())
    );
    assert_eq!(
        delete(&house, &admin, &address(&one[0])).await,
        (409, "LEGAL_HOLD".to_owned())
    );
    let forced = json!({ "input": { "studyId": alive, "reason": "all the same", "withReport": true } });
    let forced = house.graphql(&admin, DELETE, forced).await;
    assert_eq!(code_of(&forced), "LEGAL_HOLD");
    house.clock.pass(TimeDelta::days(60));
    remove_what_is_due(&house).await;
    let admin = house.sign_in("admin@north.example").await.access;
    assert_eq!(trash(&house, &admin).await.len(), 1, "a hold outlasts the trash");

    let unworded = house.graphql(&admin, lift, input(&alive, " ")).await;
    assert_eq!(code_of(&unworded), "INVALID_INPUT");
    for study in [&alive, &in_trash] {
        let lifted = house.graphql(&admin, lift, input(study, "settled")).await;
        assert_eq!(lifted["data"]["liftLegalHold"], true);
        let again = house.graphql(&admin, lift, input(study, "settled")).await;
        assert_eq!(again["data"]["liftLegalHold"], false);
    }
    assert_eq!(delete(&house, &admin, &study_path(&one[0])).await.0, 204);
    remove_what_is_due(&house).await;
    assert_eq!(
        trash(&house, &admin).await.len(),
        1,
        "of the two the older one is gone"
    );
    assert_eq!(trail(&house, AuditAction::StudyHold).await, 2);
    assert_eq!(trail(&house, AuditAction::StudyHoldLift).await, 2);
}

#[tokio::test]
async fn only_an_administrator_deletes_and_a_stranger_finds_nothing_to_delete() {
    let house = House::open().await;
    let (staff, _) = (staff(&house).await.access, admin(&house).await);
    let reader = house
        .member("reader@north.example", Role::Radiologist)
        .await
        .access;
    let images = ct(1, 1);
    store(&house, &staff, &images).await;
    let paths = [
        study_path(&images[0]),
        format!(
            "{}/series/{}",
            study_path(&images[0]),
            images[0].series_instance_uid
        ),
        address(&images[0]),
    ];
    for path in &paths {
        for token in [&staff, &reader] {
            assert_eq!(
                delete(&house, token, path).await,
                (403, "FORBIDDEN".to_owned()),
                "{path}"
            );
        }
    }
    let stranger = house
        .other_tenant("admin@south.example", Role::TenantAdmin)
        .await
        .access;
    for path in &paths {
        let missing = (404, "NOT_FOUND".to_owned());
        assert_eq!(delete(&house, &stranger, path).await, missing, "{path}");
        let own = path.replace("/studies", "/../south/studies");
        let url = format!("{}/dicomweb{}", house.base, own.replace("/../", "/"));
        let response = house
            .http
            .delete(url)
            .bearer_auth(&stranger)
            .send()
            .await
            .unwrap();
        assert_eq!(
            refusal(response).await,
            missing,
            "the same UIDs at their own address"
        );
    }
    assert_eq!(search(&house, &staff, "/instances").await.len(), 1);
}

#[tokio::test]
async fn a_reader_keeps_the_images_and_a_signed_report_is_asked_about() {
    let house = House::open().await;
    let (staff, admin) = (staff(&house).await.access, admin(&house).await);
    let images = ct(1, 1);
    store(&house, &staff, &images).await;
    let listed = house
        .graphql(&admin, "{ worklist { nodes { id study { id } } } }", Value::Null)
        .await;
    let node = &listed["data"]["worklist"]["nodes"][0];
    let study = node["study"]["id"].clone();
    let refused = (409, "STUDY_IN_USE".to_owned());
    house
        .tamper("UPDATE reading_case SET state = 'IN_PROGRESS'")
        .await;
    assert_eq!(delete(&house, &admin, &study_path(&images[0])).await, refused);
    let forced = json!({ "input": { "studyId": study, "reason": "wrong patient", "withReport": true } });
    let while_read = house.graphql(&admin, DELETE, forced.clone()).await;
    assert_eq!(code_of(&while_read), "STUDY_IN_USE");
    house
        .tamper("UPDATE reading_case SET state = 'FINAL_SIGNED'")
        .await;
    assert_eq!(delete(&house, &admin, &study_path(&images[0])).await, refused);
    let deleted = house.graphql(&admin, DELETE, forced).await;
    assert!(deleted["data"]["deleteStudy"].is_string(), "{deleted}");
    assert!(search(&house, &staff, "/studies").await.is_empty());
}
