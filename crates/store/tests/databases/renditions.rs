//! What is recorded about viewing renditions, on both databases.

use domain::{Actor, SeriesId, StudyId};
use store::{InstanceRow, NewRendition, ReadyRendition, RenditionRecord, RenditionState};

use crate::{
    archive::{Batch, add_batch, facility},
    support::{Db, id, now, on_both},
};

const VERSION: i32 = 7;

fn ready() -> RenditionRecord {
    RenditionRecord::Ready(ReadyRendition {
        transfer_syntax_uid: "1.2.840.10008.1.2.4.202".to_owned(),
        object_key: format!("t/x/{}", id()),
        chunk_sums: vec![1],
        frame_lengths: vec![3],
    })
}

fn unavailable() -> RenditionRecord {
    RenditionRecord::Unavailable {
        reason: "unreadable".to_owned(),
    }
}

/// A study of two images and their series.
async fn two_images(db: &Db, actor: &Actor) -> (StudyId, SeriesId, Vec<InstanceRow>) {
    let batch = Batch {
        facility: facility(),
        patient: "Doe",
        study: "1.1",
        accession: "A",
        instances: &["2.1", "2.2"],
    };
    let (study, _) = add_batch(db, actor, &batch).await;
    let tx = db.store.read(actor).await.unwrap();
    let series = tx.series_of_uid(study.id, "1.2.3").await.unwrap().unwrap().id;
    let images = tx.instances_of_series(series).await.unwrap();
    (study.id, series, images)
}

async fn record(db: &Db, actor: &Actor, records: &[(&InstanceRow, RenditionRecord)]) {
    let records: Vec<NewRendition> = records
        .iter()
        .map(|(image, record)| NewRendition {
            id: id(),
            instance: image.id,
            record: record.clone(),
        })
        .collect();
    let mut tx = db.store.begin(actor).await.unwrap();
    tx.record_renditions(VERSION, &records, now()).await.unwrap();
    tx.commit().await.unwrap();
}

/// The state of the series, and whether it is new.
async fn refreshed(db: &Db, actor: &Actor, study: StudyId, series: SeriesId) -> (RenditionState, bool) {
    let mut tx = db.store.begin(actor).await.unwrap();
    let changed = tx.refresh_rendition_states(study, VERSION).await.unwrap();
    tx.commit().await.unwrap();
    let read = db.store.read(actor).await.unwrap();
    (read.series(&[series]).await.unwrap()[0].rendition_state, changed)
}

async fn without(db: &Db, actor: &Actor, study: StudyId, version: i32) -> usize {
    let tx = db.store.read(actor).await.unwrap();
    let images = tx.images_without_rendition(study, version, None, 10).await;
    images.unwrap().len()
}

#[tokio::test]
async fn an_image_is_worked_on_once_for_each_codec_version() {
    on_both(async |db| {
        let actor = db.tenant().await;
        let (study, _, images) = two_images(db, &actor).await;
        assert_eq!(without(db, &actor, study, VERSION).await, 2);
        let first = ready();
        record(db, &actor, &[(&images[0], first.clone())]).await;
        assert_eq!(without(db, &actor, study, VERSION).await, 1);
        record(db, &actor, &[(&images[0], unavailable()), (&images[1], ready())]).await;
        assert_eq!(without(db, &actor, study, VERSION).await, 0);
        assert_eq!(without(db, &actor, study, VERSION + 1).await, 2);
        let read = db.store.read(&actor).await.unwrap();
        let kept = read.ready_renditions(&[images[0].id], VERSION).await.unwrap();
        let kept = RenditionRecord::Ready(kept[&images[0].id].clone());
        assert_eq!(kept, first, "the first record stays");
    })
    .await;
}

#[tokio::test]
async fn images_without_rendition_come_page_by_page_and_to_nobody_else() {
    on_both(async |db| {
        let actor = db.tenant().await;
        let (study, _, _) = two_images(db, &actor).await;
        let read = db.store.read(&actor).await.unwrap();
        let mut after = None;
        let mut seen = Vec::new();
        for expected in [1, 1, 0] {
            let page = read
                .images_without_rendition(study, VERSION, after, 1)
                .await
                .unwrap();
            assert_eq!(page.len(), expected);
            after = page.last().map(|image| image.id).or(after);
            seen.extend(page.into_iter().map(|image| image.id));
        }
        assert!(seen.is_sorted() && seen[0] != seen[1], "{seen:?}");
        drop(read);
        let stranger = db.tenant().await;
        assert_eq!(without(db, &stranger, study, VERSION).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_series_is_ready_when_each_of_its_images_is() {
    on_both(async |db| {
        let actor = db.tenant().await;
        let (study, series, images) = two_images(db, &actor).await;
        record(db, &actor, &[(&images[0], ready())]).await;
        let state = refreshed(db, &actor, study, series).await;
        assert_eq!(state, (RenditionState::Pending, false), "one is missing");
        record(db, &actor, &[(&images[1], ready())]).await;
        let state = refreshed(db, &actor, study, series).await;
        assert_eq!(state, (RenditionState::Ready, true));
        let state = refreshed(db, &actor, study, series).await;
        assert_eq!(state, (RenditionState::Ready, false), "nothing new");
    })
    .await;
}

#[tokio::test]
async fn a_series_says_when_the_original_has_to_serve() {
    on_both(async |db| {
        let actor = db.tenant().await;
        let (study, series, images) = two_images(db, &actor).await;
        record(db, &actor, &[(&images[0], ready()), (&images[1], unavailable())]).await;
        let state = refreshed(db, &actor, study, series).await;
        assert_eq!(state, (RenditionState::Unavailable, true));
    })
    .await;
}

#[tokio::test]
async fn a_damaged_rendition_is_forgotten_and_its_image_waits_again() {
    on_both(async |db| {
        let actor = db.tenant().await;
        let (study, _, images) = two_images(db, &actor).await;
        record(db, &actor, &[(&images[0], ready()), (&images[1], ready())]).await;
        let stranger = db.tenant().await;
        let mut tx = db.store.begin(&stranger).await.unwrap();
        let removed = tx.remove_rendition(images[0].id, VERSION).await.unwrap();
        assert_eq!(removed, None, "another tenant's is out of reach");
        tx.commit().await.unwrap();
        assert_eq!(without(db, &actor, study, VERSION).await, 0);

        let mut tx = db.store.begin(&actor).await.unwrap();
        let key = tx.remove_rendition(images[0].id, VERSION).await.unwrap();
        assert!(key.is_some_and(|key| key.starts_with("t/x/")));
        tx.commit().await.unwrap();
        assert_eq!(without(db, &actor, study, VERSION).await, 1);
        let read = db.store.read(&actor).await.unwrap();
        let kept = read.ready_renditions(&[images[1].id], VERSION).await.unwrap();
        assert_eq!(kept[&images[1].id].chunk_sums, [1], "sums come back as they went");
    })
    .await;
}
