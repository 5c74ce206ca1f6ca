//! Work items and subscriptions, on both databases.

use crate::support::{id, later, now, on_both};
use domain::{
    FacilityId, FacilityScope,
    ups::{Step, StepState},
};
use store::{SubscriptionRow, WorkitemRow};

fn workitem(uid: &str, facility: Option<FacilityId>) -> WorkitemRow {
    WorkitemRow {
        id: id(),
        facility,
        sop_instance_uid: uid.to_owned(),
        step: Step::scheduled(),
        data_set: "{}".to_owned(),
        updated_at: now(),
    }
}

#[tokio::test]
async fn a_work_item_is_its_tenants_and_its_facilitys() {
    on_both(async |db| {
        let (actor, other) = (db.tenant().await, db.tenant().await);
        let facility = FacilityId::from_uuid(id());
        let mut tx = db.store.begin(&actor).await.unwrap();
        assert!(
            tx.insert_workitem(&workitem("1.1", Some(facility)))
                .await
                .unwrap()
        );
        assert!(tx.insert_workitem(&workitem("1.2", None)).await.unwrap());
        assert!(
            !tx.insert_workitem(&workitem("1.1", None)).await.unwrap(),
            "its UID is taken"
        );
        tx.commit().await.unwrap();
        let mut tx = db.store.begin(&other).await.unwrap();
        assert!(
            tx.insert_workitem(&workitem("1.1", None)).await.unwrap(),
            "UIDs are a tenant's own"
        );
        tx.commit().await.unwrap();

        let read = db.store.read(&actor).await.unwrap();
        let seen = async |scope: &FacilityScope| {
            let rows = read.workitems(scope, None, None, 10).await.unwrap();
            rows.into_iter()
                .map(|row| row.sop_instance_uid)
                .collect::<Vec<_>>()
        };
        assert_eq!(seen(&FacilityScope::All).await, ["1.2", "1.1"]);
        assert_eq!(seen(&FacilityScope::Only(vec![facility])).await, ["1.1"]);
        assert!(seen(&FacilityScope::Only(vec![])).await.is_empty());
        let elsewhere = FacilityScope::Only(vec![FacilityId::from_uuid(id())]);
        assert!(read.workitem("1.1", &elsewhere).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn a_changed_work_item_is_found_by_its_new_state() {
    on_both(async |db| {
        let actor = db.tenant().await;
        let mut tx = db.store.begin(&actor).await.unwrap();
        tx.insert_workitem(&workitem("1.1", None)).await.unwrap();
        let mut row = tx
            .lock_workitem("1.1", &FacilityScope::All)
            .await
            .unwrap()
            .unwrap();
        row.step.change_state(StepState::InProgress, "1.9", None).unwrap();
        row.data_set = "{\"a\":1}".to_owned();
        row.updated_at = later(5);
        tx.save_workitem(&row).await.unwrap();
        tx.commit().await.unwrap();
        let read = db.store.read(&actor).await.unwrap();
        let of = async |state| {
            let rows = read.workitems(&FacilityScope::All, Some(state), None, 10).await;
            rows.unwrap()
        };
        assert!(of(StepState::Scheduled).await.is_empty());
        assert_eq!(of(StepState::InProgress).await, [row]);
    })
    .await;
}

#[tokio::test]
async fn a_subscription_is_one_for_each_title_and_target() {
    on_both(async |db| {
        let (actor, other) = (db.tenant().await, db.tenant().await);
        let mut row = SubscriptionRow {
            subscriber: "RIS".to_owned(),
            target: "1.2".to_owned(),
            filter: None,
            owner: "key".to_owned(),
        };
        let mut tx = db.store.begin(&actor).await.unwrap();
        tx.put_subscription(&row, now()).await.unwrap();
        row.filter = Some("a=b".to_owned());
        tx.put_subscription(&row, now()).await.unwrap();
        tx.commit().await.unwrap();
        let read = db.store.read(&actor).await.unwrap();
        assert_eq!(read.subscriptions("RIS").await.unwrap(), [row]);
        drop(read);
        let read = db.store.read(&other).await.unwrap();
        assert!(read.subscriptions("RIS").await.unwrap().is_empty());
        drop(read);
        let mut tx = db.store.begin(&actor).await.unwrap();
        assert!(tx.remove_subscription("RIS", "1.2").await.unwrap());
        assert!(!tx.remove_subscription("RIS", "1.2").await.unwrap());
        tx.commit().await.unwrap();
    })
    .await;
}
