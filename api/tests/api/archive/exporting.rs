//! A study as a ZIP: whole, or with a list of what is not in it. It is never smaller without saying so.

use std::fs;

use app::archive::StudyHome;
use domain::audit::AuditAction;

use super::{
    deleting::{admin, delete, study_path, trail},
    moving::study_id,
    *,
};

async fn export(house: &House, token: &str, study: &str) -> Response {
    let url = format!("{}/exports/{study}", house.base);
    house.http.get(url).bearer_auth(token).send().await.unwrap()
}

/// The ZIP of a study. Its files are stored as they are, so that they can be looked for in it.
async fn zip(house: &House, token: &str, study: &str) -> Vec<u8> {
    let response = export(house, token, study).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/zip");
    response.bytes().await.unwrap().to_vec()
}

fn holds(zip: &[u8], bytes: &[u8]) -> bool {
    zip.windows(bytes.len()).any(|window| window == bytes)
}

/// Whether the list in the ZIP says this of an instance.
fn lists(zip: &[u8], instance: &PhantomInstance, code: &str) -> bool {
    holds(zip, format!("{}\t{code}\t", instance.sop_instance_uid).as_bytes())
}

#[tokio::test]
async fn what_lies_in_the_trash_or_is_set_aside_is_named_in_the_zip() {
    let house = House::open().await;
    let (token, admin) = (staff(&house).await.access, admin(&house).await);
    let images = ct(1, 3);
    store(&house, &token, &images).await;
    let study = &images[0].study_instance_uid;
    let whole = zip(&house, &token, study).await;
    assert!(images.iter().all(|image| holds(&whole, &image.bytes)));
    assert!(holds(&whole, b"DICOMDIR") && !holds(&whole, b"LEFTOUT.TXT"));
    assert_eq!(trail(&house, AuditAction::StudyExport).await, 1);

    let mut other = images[0].clone();
    let last = other.bytes.len() - 1;
    other.bytes[last] ^= 1;
    store(&house, &token, &[other.clone()]).await;
    assert_eq!(delete(&house, &admin, &address(&images[1])).await.0, 204);
    let part = zip(&house, &token, study).await;
    assert!(holds(&part, &images[0].bytes) && holds(&part, &images[2].bytes));
    assert!(!holds(&part, &images[1].bytes) && !holds(&part, &other.bytes));
    assert!(lists(&part, &images[0], "INSTANCE_CONFLICT"));
    assert!(lists(&part, &images[1], "STUDY_DELETED"));
    assert!(!lists(&part, &images[2], "STUDY_DELETED"));
    assert_eq!(trail(&house, AuditAction::StudyExport).await, 2);

    assert_eq!(delete(&house, &admin, &study_path(&images[0])).await.0, 204);
    let (status, code) = refusal(export(&house, &token, study).await).await;
    assert_eq!((status, code.as_str()), (409, "STUDY_DELETED"));
    assert_eq!(
        trail(&house, AuditAction::StudyExport).await,
        2,
        "nothing was taken out"
    );
    house.spool_empties().await;
}

#[tokio::test]
async fn a_damaged_image_and_one_that_the_slow_store_does_not_give_are_named_and_stop_no_other() {
    let house = House::open_with_cold_store().await;
    let token = staff(&house).await.access;
    let images = ct(1, 3);
    for image in &images {
        store(&house, &token, std::slice::from_ref(image)).await;
    }
    let study = study_id(&house).await;
    let move_to = async |home| house.app.move_study(&house.system(), study, home).await.unwrap();
    let of = |image: &PhantomInstance, objects: Vec<std::path::PathBuf>| {
        let found = objects
            .into_iter()
            .find(|object| holds(&fs::read(object).unwrap(), &image.bytes));
        found.unwrap()
    };
    let uid = &images[0].study_instance_uid;
    let rotten = of(&images[1], house.objects("tar"));
    let mut stored = fs::read(&rotten).unwrap();
    stored[2_000] ^= 1;
    fs::write(&rotten, &stored).unwrap();
    let part = zip(&house, &token, uid).await;
    assert!(holds(&part, &images[0].bytes) && holds(&part, &images[2].bytes));
    assert!(lists(&part, &images[1], "OBJECT_DAMAGED"));
    stored[2_000] ^= 1;
    fs::write(&rotten, &stored).unwrap();

    // It reads from the slow store what that gives.
    move_to(StudyHome::Slow).await;
    let token = house.sign_in("staff@north.example").await.access;
    let slow = zip(&house, &token, uid).await;
    assert!(images.iter().all(|image| holds(&slow, &image.bytes)));
    assert!(!holds(&slow, b"LEFTOUT.TXT"));

    // What leads to itself cannot be opened.
    for object in house.cold_objects("tar") {
        fs::remove_file(&object).unwrap();
        std::os::unix::fs::symlink(&object, &object).unwrap();
    }
    let none = zip(&house, &token, uid).await;
    for image in &images {
        assert!(
            lists(&none, image, "STORAGE_UNAVAILABLE"),
            "{}",
            String::from_utf8_lossy(&none)
        );
        assert!(!holds(&none, &image.bytes));
    }
    house.spool_empties().await;
}

#[tokio::test]
async fn nobody_takes_out_what_is_not_theirs() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    let images = ct(1, 1);
    store(&house, &token, &images).await;
    let neighbour = house.other_facility("staff@east.example").await.access;
    let stranger = house
        .other_tenant("staff@south.example", Role::FacilityStaff)
        .await
        .access;
    let study = &images[0].study_instance_uid;
    for wrong in [&neighbour, &stranger] {
        let (status, code) = refusal(export(&house, wrong, study).await).await;
        assert_eq!((status, code.as_str()), (404, "NOT_FOUND"));
    }
    // Nor do they learn that there was anything to delete.
    let admin = admin(&house).await;
    assert_eq!(delete(&house, &admin, &study_path(&images[0])).await.0, 204);
    for wrong in [&neighbour, &stranger] {
        let (status, code) = refusal(export(&house, wrong, study).await).await;
        assert_eq!((status, code.as_str()), (404, "NOT_FOUND"));
    }
    assert_eq!(trail(&house, AuditAction::StudyExport).await, 0);
}
