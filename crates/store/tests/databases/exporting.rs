//! Walking through an archive to take it out, and the key of its pseudonyms, on both databases.

use domain::{FacilityScope, QuarantineId};
use store::{DeletionTarget, NewQuarantined};

use crate::{
    archive::{Batch, add_batch, facility},
    support::{id, later, now, on_both},
    trash::{bury, deletion},
};

#[tokio::test]
async fn a_walk_meets_every_instance_once_also_those_in_the_trash() {
    on_both(async |db| {
        let actor = db.tenant().await;
        let stranger = db.tenant().await;
        let own = facility();
        let uids: [&[&str]; 3] = [&["1.1.1", "1.1.2", "1.1.3"], &["1.2.1"], &["1.3.1"]];
        let mut studies = Vec::new();
        for (study, instances) in ["1.1", "1.2", "1.3"].into_iter().zip(uids) {
            let batch = Batch {
                facility: own,
                patient: if study == "1.3" { "Roe" } else { "Doe" },
                study,
                accession: "A",
                instances,
            };
            studies.push(add_batch(db, &actor, &batch).await.0);
        }
        let read = db.store.read(&actor).await.unwrap();
        let part = read.instances_of_study(studies[0].id).await.unwrap()[1].id;
        drop(read);
        bury(db, &actor, &deletion(&studies[0], DeletionTarget::Instance(part))).await;
        bury(db, &actor, &deletion(&studies[1], DeletionTarget::Study)).await;

        let read = db.store.read(&actor).await.unwrap();
        let (mut met, mut after) = (Vec::new(), None);
        loop {
            let rows = read
                .studies_by_patient(&FacilityScope::Only(vec![own]), None, after, 1)
                .await
                .unwrap();
            let Some(study) = rows.into_iter().next() else {
                break;
            };
            after = Some((study.patient, study.id));
            let mut from = None;
            while let Some(row) = read
                .instances_in_series_order(study.id, from, 1)
                .await
                .unwrap()
                .pop()
            {
                from = Some((row.series, row.id));
                met.push((row.sop_instance_uid, row.deletion.is_some()));
            }
        }
        met.sort();
        let expected = [
            ("1.1.1", false),
            ("1.1.2", true),
            ("1.1.3", false),
            ("1.2.1", true),
            ("1.3.1", false),
        ];
        assert_eq!(met, expected.map(|(uid, trashed)| (uid.to_owned(), trashed)));

        let found = async |uid: &str| {
            let found = read.study_of_uid_in_trash_too(uid).await.unwrap();
            found.map(|(study, trashed)| (study.id, trashed))
        };
        assert_eq!(found("1.1").await, Some((studies[0].id, false)));
        assert_eq!(found("1.2").await, Some((studies[1].id, true)));
        assert_eq!(found("1.9").await, None);

        // What came before, another facility's and another tenant's are not walked through.
        let others = FacilityScope::Only(vec![facility()]);
        assert!(
            read.studies_by_patient(&others, None, None, 9)
                .await
                .unwrap()
                .is_empty()
        );
        let since = Some(later(1_000));
        assert!(
            read.studies_by_patient(&FacilityScope::All, since, None, 9)
                .await
                .unwrap()
                .is_empty()
        );
        let theirs = db.store.read(&stranger).await.unwrap();
        assert!(theirs.study_of_uid_in_trash_too("1.1").await.unwrap().is_none());
        assert!(
            theirs
                .instances_in_series_order(studies[0].id, None, 9)
                .await
                .unwrap()
                .is_empty()
        );
        assert!(
            theirs
                .studies_by_patient(&FacilityScope::All, None, None, 9)
                .await
                .unwrap()
                .is_empty()
        );
    })
    .await;
}

#[tokio::test]
async fn what_was_set_aside_of_a_study_is_found_by_it() {
    on_both(async |db| {
        let actor = db.tenant().await;
        let batch = Batch {
            facility: facility(),
            patient: "Doe",
            study: "1.2",
            accession: "A",
            instances: &["1.2.1"],
        };
        let (study, object) = add_batch(db, &actor, &batch).await;
        let mut tx = db.store.begin(&actor).await.unwrap();
        for (number, facility) in [(1, batch.facility), (2, batch.facility), (3, facility())] {
            let new = NewQuarantined {
                id: QuarantineId::from_uuid(id()),
                sop_instance_uid: "1.2.1".to_owned(),
                series_instance_uid: "1.2.3".to_owned(),
                study_instance_uid: "1.2".to_owned(),
                reason: "INSTANCE_CONFLICT",
                offset: 512,
                length: 1,
                sha256: [number; 32],
            };
            assert!(
                tx.quarantine_instance(object, facility, &new, now())
                    .await
                    .unwrap()
            );
        }
        tx.commit().await.unwrap();
        let read = db.store.read(&actor).await.unwrap();
        let first = read.quarantined_of_study(&study, None, 1).await.unwrap();
        let rest = read
            .quarantined_of_study(&study, Some(first[0].id), 9)
            .await
            .unwrap();
        let mut sums: Vec<u8> = first.iter().chain(&rest).map(|row| row.sha256[0]).collect();
        sums.sort_unstable();
        assert_eq!(sums, [1, 2], "another facility's is not this study's");
        let theirs = db.store.read(&db.tenant().await).await.unwrap();
        assert!(
            theirs
                .quarantined_of_study(&study, None, 9)
                .await
                .unwrap()
                .is_empty()
        );
    })
    .await;
}

#[tokio::test]
async fn a_tenant_has_one_key_of_pseudonyms_for_ever() {
    on_both(async |db| {
        let (ours, theirs) = (db.tenant().await, db.tenant().await);
        let key = async |actor, fresh: u8| {
            let tx = db.store.begin(actor).await.unwrap();
            let key = tx.pseudonym_key([fresh; 32], now()).await.unwrap();
            tx.commit().await.unwrap();
            key
        };
        assert_eq!(key(&ours, 1).await, [1; 32]);
        assert_eq!(key(&ours, 2).await, [1; 32]);
        assert_eq!(key(&theirs, 3).await, [3; 32]);
        let changed = db
            .try_as_owner("UPDATE pseudonym_key SET created_at = created_at")
            .await;
        assert!(
            changed.is_err(),
            "another key would give the same patients other names"
        );
    })
    .await;
}
