//! What is recorded about viewing renditions, on both databases.

use domain::{Actor, BatchId, SeriesId};
use store::{InstanceRow, ReadyRendition, RenditionRecord, RenditionState};

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

/// A batch of two images and their series.
async fn two_images(db: &Db, actor: &Actor) -> (BatchId, SeriesId, Vec<InstanceRow>) {
    let batch = Batch {
        facility: facility(),
        patient: "Doe",
        study: "1.1",
        accession: "A",
        instances: &["2.1", "2.2"],
    };
    let (study, batch) = add_batch(db, actor, &batch).await;
    let tx = db.store.read(actor).await.unwrap();
    let series = tx.series_of_uid(study.id, "1.2.3").await.unwrap().unwrap().id;
    let images = tx.instances_of_series(series).await.unwrap();
    (batch, series, images)
}

async fn record(db: &Db, actor: &Actor, image: &InstanceRow, record: &RenditionRecord) -> bool {
    let mut tx = db.store.begin(actor).await.unwrap();
    let recorded = tx
        .record_rendition(id(), image.id, VERSION, record, now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    recorded
}

/// The new state of the series, if it changed.
async fn refreshed(db: &Db, actor: &Actor, series: SeriesId) -> Option<RenditionState> {
    let mut tx = db.store.begin(actor).await.unwrap();
    let state = tx.refresh_rendition_state(series, VERSION).await.unwrap();
    tx.commit().await.unwrap();
    state
}

async fn without(db: &Db, actor: &Actor, batch: BatchId, version: i32) -> usize {
    let tx = db.store.read(actor).await.unwrap();
    tx.images_without_rendition(batch, version).await.unwrap().len()
}

#[tokio::test]
async fn an_image_is_worked_on_once_for_each_codec_version() {
    on_both(async |db| {
        let actor = db.tenant().await;
        let (batch, _, images) = two_images(db, &actor).await;
        assert_eq!(without(db, &actor, batch, VERSION).await, 2);
        assert!(record(db, &actor, &images[0], &ready()).await);
        assert!(
            !record(db, &actor, &images[0], &unavailable()).await,
            "the first record stays"
        );
        assert_eq!(without(db, &actor, batch, VERSION).await, 1);
        assert_eq!(without(db, &actor, batch, VERSION + 1).await, 2);
    })
    .await;
}

#[tokio::test]
async fn a_series_is_ready_when_each_of_its_images_is() {
    on_both(async |db| {
        let actor = db.tenant().await;
        let (_, series, images) = two_images(db, &actor).await;
        record(db, &actor, &images[0], &ready()).await;
        assert_eq!(refreshed(db, &actor, series).await, None, "one is missing");
        record(db, &actor, &images[1], &ready()).await;
        assert_eq!(refreshed(db, &actor, series).await, Some(RenditionState::Ready));
        assert_eq!(refreshed(db, &actor, series).await, None, "nothing new");
    })
    .await;
}

#[tokio::test]
async fn a_series_says_when_the_original_has_to_serve() {
    on_both(async |db| {
        let actor = db.tenant().await;
        let (_, series, images) = two_images(db, &actor).await;
        record(db, &actor, &images[0], &ready()).await;
        record(db, &actor, &images[1], &unavailable()).await;
        assert_eq!(
            refreshed(db, &actor, series).await,
            Some(RenditionState::Unavailable)
        );
    })
    .await;
}

#[tokio::test]
async fn a_damaged_rendition_is_forgotten_and_its_image_waits_again() {
    on_both(async |db| {
        let actor = db.tenant().await;
        let (batch, _, images) = two_images(db, &actor).await;
        for image in &images {
            record(db, &actor, image, &ready()).await;
        }
        let stranger = db.tenant().await;
        let mut tx = db.store.begin(&stranger).await.unwrap();
        let removed = tx.remove_rendition(images[0].id, VERSION).await.unwrap();
        assert_eq!(removed, None, "another tenant's is out of reach");
        tx.commit().await.unwrap();
        assert_eq!(without(db, &actor, batch, VERSION).await, 0);

        let mut tx = db.store.begin(&actor).await.unwrap();
        let key = tx.remove_rendition(images[0].id, VERSION).await.unwrap();
        assert!(key.is_some_and(|key| key.starts_with("t/x/")));
        tx.commit().await.unwrap();
        assert_eq!(without(db, &actor, batch, VERSION).await, 1);
        let read = db.store.read(&actor).await.unwrap();
        let kept = read.ready_renditions(&[images[1].id], VERSION).await.unwrap();
        assert_eq!(kept[&images[1].id].chunk_sums, [1], "sums come back as they went");
    })
    .await;
}
