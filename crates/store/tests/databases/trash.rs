//! The trash on both databases: what is in it is nowhere else.

use domain::{DeletionId, FacilityScope};
use store::{DeletionRow, DeletionTarget, Page, Search, StudyRow};

use crate::{
    archive::{Batch, add_batch, facility},
    support::{Db, id, later, now, on_both},
};

/// A deletion of `target`.
pub fn deletion(study: &StudyRow, target: DeletionTarget) -> DeletionRow {
    DeletionRow {
        id: DeletionId::from_uuid(id()),
        study: study.id,
        study_instance_uid: study.study_instance_uid.clone(),
        target,
        reason: "a test".to_owned(),
        deleted_by: "user_1".to_owned(),
        deleted_by_name: "Ada".to_owned(),
        deleted_at: now(),
        instance_count: 1,
        stored_bytes: 10,
        purge_at: later(100),
        purging_at: None,
        purged_at: None,
        restored_at: None,
    }
}

/// Puts into the trash what the deletion names.
pub async fn bury(db: &Db, actor: &domain::Actor, deletion: &DeletionRow) {
    let mut tx = db.store.begin(actor).await.unwrap();
    tx.lock_study(deletion.study).await.unwrap().unwrap();
    tx.move_to_trash(deletion).await.unwrap();
    tx.commit().await.unwrap();
}

fn everything() -> Search {
    Search {
        scope: FacilityScope::All,
        within: None,
        matching: Vec::new(),
        offset: 0,
        limit: 100,
    }
}

#[tokio::test]
async fn no_query_finds_what_is_in_the_trash_and_its_uids_stay_taken() {
    on_both(async |db| {
        let actor = db.tenant().await;
        let batch = Batch {
            facility: facility(),
            patient: "Doe",
            study: "1.2",
            accession: "A",
            instances: &["1.2.1", "1.2.2"],
        };
        let (study, _) = add_batch(db, &actor, &batch).await;
        let whole = deletion(&study, DeletionTarget::Study);
        bury(db, &actor, &whole).await;
        let read = db.store.read(&actor).await.unwrap();
        assert!(read.study(study.id).await.unwrap().is_none());
        assert!(read.study_of_uid("1.2").await.unwrap().is_none());
        assert!(read.series_of_studies(&[study.id]).await.unwrap().is_empty());
        assert!(read.instances_of_study(study.id).await.unwrap().is_empty());
        assert!(read.instance_of_uid("1.2.1").await.unwrap().is_none());
        assert!(read.stored_instances(&["1.2.1"]).await.unwrap().is_empty());
        assert!(read.search_studies(&everything()).await.unwrap().is_empty());
        assert!(read.search_series(&everything()).await.unwrap().is_empty());
        assert!(read.search_instances(&everything()).await.unwrap().is_empty());
        let trashed = read
            .trashed_uids(&["1.2", "1.3"], &["1.2.2", "1.9"])
            .await
            .unwrap();
        assert_eq!(trashed.studies.get("1.2"), Some(&batch.facility));
        assert_eq!(trashed.instances.keys().collect::<Vec<_>>(), ["1.2.2"]);
        assert_eq!(trashed.studies.len(), 1);
        let page = Page {
            first: 10,
            after: None,
        };
        let other = FacilityScope::Only(vec![facility()]);
        assert!(read.trash(&other, &page).await.unwrap().is_empty());
        let own = FacilityScope::Only(vec![batch.facility]);
        assert_eq!(read.trash(&own, &page).await.unwrap()[0].deletion, whole);
        drop(read);

        let mut tx = db.store.begin(&actor).await.unwrap();
        tx.restore_from_trash(&whole, later(1)).await.unwrap();
        tx.commit().await.unwrap();
        let read = db.store.read(&actor).await.unwrap();
        assert_eq!(read.search_instances(&everything()).await.unwrap().len(), 2);
        assert!(read.due_deletions(later(1000), 10).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn what_is_left_is_counted_and_what_is_alive_is_never_removed() {
    on_both(async |db| {
        let actor = db.tenant().await;
        let batch = Batch {
            facility: facility(),
            patient: "Doe",
            study: "1.2",
            accession: "A",
            instances: &["1.2.1", "1.2.2", "1.2.3"],
        };
        let (study, object) = add_batch(db, &actor, &batch).await;
        let read = db.store.read(&actor).await.unwrap();
        let instances = read.instances_of_study(study.id).await.unwrap();
        drop(read);
        let part = deletion(&study, DeletionTarget::Instance(instances[0].id));
        bury(db, &actor, &part).await;
        let read = db.store.read(&actor).await.unwrap();
        let left = read.study(study.id).await.unwrap().unwrap();
        assert_eq!((left.instance_count, left.stored_bytes), (2, 20));
        let series = read.series_of_studies(&[study.id]).await.unwrap().remove(0);
        assert_eq!(
            (
                series.instance_count,
                series.image_count,
                series.frame_count,
                series.revision
            ),
            (2, 2, 2, 2)
        );
        assert!(read.due_deletions(later(99), 10).await.unwrap().is_empty());
        assert_eq!(
            read.due_deletions(later(100), 10).await.unwrap(),
            std::slice::from_ref(&part)
        );
        drop(read);

        let mut tx = db.store.begin(&actor).await.unwrap();
        let purged = tx.purge_instances(&part, 10).await.unwrap();
        assert_eq!(
            (purged.instances, purged.batches.as_slice()),
            (1, [object].as_slice())
        );
        assert!(tx.finish_purge(&part, later(200)).await.unwrap().is_empty());
        assert_eq!(tx.remove_batch_if_unused(object).await.unwrap(), None);
        // A deletion that was never carried out removes nothing that is alive.
        let never = deletion(&study, DeletionTarget::Study);
        assert_eq!(tx.purge_instances(&never, 10).await.unwrap().instances, 0);
        assert_eq!(tx.batch_use(object).await.unwrap(), (2, 20));
        tx.commit().await.unwrap();

        let whole = deletion(&study, DeletionTarget::Study);
        bury(db, &actor, &whole).await;
        let mut tx = db.store.begin(&actor).await.unwrap();
        assert_eq!(tx.purge_instances(&whole, 1).await.unwrap().instances, 1);
        assert_eq!(tx.purge_instances(&whole, 10).await.unwrap().instances, 1);
        tx.finish_purge(&whole, later(300)).await.unwrap();
        let key = tx.remove_batch_if_unused(object).await.unwrap().unwrap();
        assert!(tx.named_objects(&[key]).await.unwrap().is_empty());
        tx.commit().await.unwrap();
        let read = db.store.read(&actor).await.unwrap();
        assert!(read.study_in_trash_too(study.id).await.unwrap().is_none());
        assert!(read.patient(study.patient).await.unwrap().is_none());
        drop(read);
        add_batch(db, &actor, &batch).await;
    })
    .await;
}
