//! A full disk and a killed process.

use super::*;

#[tokio::test]
async fn a_full_disk_refuses_new_images_and_still_hands_out_old_ones() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    let sent = ct(1, 2);
    store(&house, &token, &sent[..1]).await;
    house.disk.set_full(true);
    let full = send(&house, &token, "/studies", None, body(&[&sent[1].bytes])).await;
    assert_eq!(refusal(full).await, (507, "STORAGE_FULL".to_owned()));
    assert_eq!(search(&house, &token, "/instances").await.len(), 1);
    assert!(
        get(&house, &token, &address(&sent[0]), "application/dicom")
            .await
            .bytes()
            .await
            .unwrap()
            == sent[0].bytes
    );
    house.spool_empties().await;
    house.disk.set_full(false);
    assert_eq!(
        store(&house, &token, &sent[1..]).await.0,
        StatusCode::OK,
        "it heals by itself"
    );
}

#[tokio::test]
async fn what_a_killed_process_left_is_swept_and_what_it_committed_is_kept() {
    let house = House::open().await;
    let token = staff(&house).await.access;
    let sent = ct(1, 1);
    store(&house, &token, &sent).await;
    let committed = house.objects("tar").pop().unwrap().canonicalize().unwrap();

    // As a process leaves it that is killed after the object is durable and before the transaction.
    let orphan = committed.with_file_name("01990000-0000-7000-8000-000000000000.tar");
    std::fs::copy(&committed, &orphan).unwrap();
    house.abandon_batch(&orphan);
    house.abandon_batch(&committed);
    let swept = house.app.sweep_spool().await.unwrap();
    assert_eq!((swept.batches, swept.objects), (2, 1));
    assert!(!orphan.exists());
    assert!(
        get(&house, &token, &address(&sent[0]), "application/dicom")
            .await
            .bytes()
            .await
            .unwrap()
            == sent[0].bytes
    );
    house.spool_empties().await;
}
