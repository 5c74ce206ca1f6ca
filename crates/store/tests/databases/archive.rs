//! The archive's rows, on both databases.

use crate::support::{Db, id, later, now, on_both};
use domain::{
    Actor, BatchId, FacilityId, FacilityScope, InstanceId, PatientId, Priority, QuarantineId, SeriesId,
    StudyId, UploadId,
};
use store::{
    InstanceBytes, ItemOutcome, Matching, NewBatch, NewInstance, NewPatient, NewQuarantined, NewSeries,
    NewStudy, PatientIdentity, Search, SearchField, SeriesGrowth, SeriesMetadata, SettledItem,
    StudyAttributes, StudyRow, UploadItem, UploadRow, UploadState,
};

/// What one batch brings.
pub struct Batch<'a> {
    pub facility: FacilityId,
    pub patient: &'a str,
    pub study: &'a str,
    pub accession: &'a str,
    pub instances: &'a [&'a str],
}

fn identity(batch: &Batch<'_>) -> PatientIdentity {
    PatientIdentity {
        issuer: batch.facility.to_string(),
        patient_id: batch.patient.to_owned(),
        lone_study_uid: String::new(),
    }
}

async fn add(db: &Db, actor: &Actor, batch: &Batch<'_>) -> StudyRow {
    add_batch(db, actor, batch).await.0
}

/// Stores a batch; gives its study and its id.
pub async fn add_batch(db: &Db, actor: &Actor, batch: &Batch<'_>) -> (StudyRow, BatchId) {
    let mut tx = db.store.begin(actor).await.unwrap();
    let patient = NewPatient {
        id: PatientId::from_uuid(id()),
        identity: identity(batch),
        name: format!("{}^Ann", batch.patient),
        birth_date: None,
        sex: None,
    };
    let patient = tx.ensure_patient(&patient, now()).await.unwrap().id;
    let attributes = StudyAttributes {
        study_instance_uid: batch.study.to_owned(),
        accession_number: Some(batch.accession.to_owned()),
        ..Default::default()
    };
    let study = NewStudy {
        id: StudyId::from_uuid(id()),
        facility: batch.facility,
        patient,
        patient_birth_date: None,
        attributes: attributes.clone(),
    };
    tx.ensure_study(&study, now()).await.unwrap();
    let study = tx.lock_studies(&[batch.study]).await.unwrap().remove(0);
    let series = series(study.id, "1.2.3");
    tx.ensure_series(&series, now()).await.unwrap();
    let series = tx.series_of_uid(study.id, "1.2.3").await.unwrap().unwrap();
    let object = BatchId::from_uuid(id());
    let new = NewBatch {
        id: object,
        object_key: format!("t/{}/{object}.tar", actor.tenant().uuid()),
        stored_bytes: 10,
        facility: batch.facility,
        upload: None,
    };
    tx.add_batches(vec![new], now()).await.unwrap();
    let instances = batch
        .instances
        .iter()
        .map(|uid| instance(object, study.id, series.id, uid))
        .collect();
    tx.add_instances(instances, now()).await.unwrap();
    let count = u32::try_from(batch.instances.len()).unwrap();
    let growth = SeriesGrowth {
        series: series.id,
        instances: count,
        images: count,
        frames: 1,
        bytes: 10 * u64::from(count),
    };
    tx.grow_series(&growth, now()).await.unwrap();
    let study = tx.refresh_study(&study, &attributes, now()).await.unwrap();
    tx.commit().await.unwrap();
    (study, object)
}

fn series(study: StudyId, uid: &str) -> NewSeries {
    NewSeries {
        id: SeriesId::from_uuid(id()),
        study,
        series_instance_uid: uid.to_owned(),
        modality: "CT".to_owned(),
        number: Some(1),
        description: None,
        body_part: Some("HEAD".to_owned()),
        laterality: None,
        series_date: None,
        series_time: None,
        performed_date: None,
        performed_time: None,
        timezone_offset: None,
        protocol_name: None,
        station_name: None,
        manufacturer: None,
    }
}

fn bytes(batch: BatchId) -> InstanceBytes {
    InstanceBytes {
        batch,
        offset: 512,
        length: 10,
        sha256: [7; 32],
        has_preamble: true,
        data_set_offset: 4,
        chunk_sums: vec![1],
        frame_index: vec![1, 0],
        bulk_values: "[]".to_owned(),
    }
}

fn instance(batch: BatchId, study: StudyId, series: SeriesId, uid: &str) -> NewInstance {
    NewInstance {
        id: InstanceId::from_uuid(id()),
        study,
        series,
        sop_instance_uid: uid.to_owned(),
        sop_class_uid: "1.2.840.10008.5.1.4.1.1.2".to_owned(),
        transfer_syntax_uid: "1.2.840.10008.1.2.1".to_owned(),
        number: None,
        rows: Some(2),
        columns: Some(2),
        bits_allocated: Some(16),
        frames: Some(1),
        has_pixels: true,
        data_set_hash: [8; 32],
        remarks: None,
        metadata_gzip: vec![1],
        bytes: bytes(batch),
    }
}

pub fn facility() -> FacilityId {
    FacilityId::from_uuid(id())
}

async fn found(
    db: &Db,
    actor: &Actor,
    scope: FacilityScope,
    matching: Vec<(SearchField, Matching)>,
) -> usize {
    let search = Search {
        scope,
        within: None,
        matching,
        offset: 0,
        limit: 100,
    };
    db.store
        .read(actor)
        .await
        .unwrap()
        .search_studies(&search)
        .await
        .unwrap()
        .len()
}

fn text(text: &str) -> Matching {
    Matching::Text(vec![text.to_owned()])
}

#[tokio::test]
async fn wildcards_mean_the_same_on_both_databases() {
    on_both(async |db| {
        let actor = db.tenant().await;
        let facility = facility();
        for (number, accession) in ["A[1]%", "a[1]%", "A_2", "AB2", "A\\3"].iter().enumerate() {
            let study = format!("1.{number}");
            let uid = format!("2.{number}");
            add(
                db,
                &actor,
                &Batch {
                    facility,
                    patient: "Doe",
                    study: &study,
                    accession,
                    instances: &[&uid],
                },
            )
            .await;
        }
        for (pattern, count) in [
            ("A[1]%", 1),
            ("A*", 4),
            ("a*", 1),
            ("A_2", 1),
            ("A?2", 2),
            ("*[*", 2),
            ("*%", 2),
            ("A\\*", 1),
            ("?", 0),
            ("*", 5),
        ] {
            let matching = vec![(SearchField::AccessionNumber, text(pattern))];
            assert_eq!(
                found(db, &actor, FacilityScope::All, matching).await,
                count,
                "{pattern}"
            );
        }
        let by_name = vec![(SearchField::PatientName, text("dOE*"))];
        assert_eq!(found(db, &actor, FacilityScope::All, by_name).await, 5);
        let by_modality = vec![(SearchField::ModalitiesInStudy, text("CT"))];
        assert_eq!(found(db, &actor, FacilityScope::All, by_modality).await, 5);
        assert_eq!(
            found(
                db,
                &actor,
                FacilityScope::Only(vec![self::facility()]),
                Vec::new()
            )
            .await,
            0
        );
        assert_eq!(
            found(db, &actor, FacilityScope::Only(Vec::new()), Vec::new()).await,
            0
        );
    })
    .await;
}

#[tokio::test]
async fn writers_of_one_study_wait_for_each_other_and_count_once() {
    on_both(async |db| {
        let actor = db.tenant().await;
        let facility = facility();
        let uids: Vec<Vec<String>> = (0..6)
            .map(|writer| (0..5).map(|at| format!("9.{writer}.{at}")).collect())
            .collect();
        let writers = uids.iter().map(|uids| {
            let actor = &actor;
            async move {
                let instances: Vec<&str> = uids.iter().map(String::as_str).collect();
                add(
                    db,
                    actor,
                    &Batch {
                        facility,
                        patient: "Doe",
                        study: "1.2",
                        accession: "A",
                        instances: &instances,
                    },
                )
                .await
            }
        });
        futures_util::future::join_all(writers).await;
        let read = db.store.read(&actor).await.unwrap();
        let study = read.study_of_uid("1.2").await.unwrap().unwrap();
        assert_eq!(
            (study.instance_count, study.series_count, study.stored_bytes),
            (30, 1, 300)
        );
        assert_eq!(study.modalities, ["CT"]);
        let series = read.series_of_studies(&[study.id]).await.unwrap();
        assert_eq!((series[0].instance_count, series[0].revision), (30, 6));
        assert_eq!(read.instances_of_study(study.id).await.unwrap().len(), 30);
    })
    .await;
}

#[tokio::test]
async fn the_same_uid_in_two_tenants_is_two_instances() {
    on_both(async |db| {
        let (one, other) = (db.tenant().await, db.tenant().await);
        let batch = Batch {
            facility: facility(),
            patient: "Doe",
            study: "1.2",
            accession: "A",
            instances: &["1.2.3"],
        };
        let first = add(db, &one, &batch).await;
        let second = add(db, &other, &batch).await;
        assert_ne!(first.id, second.id);
        let read = db.store.read(&one).await.unwrap();
        assert!(read.study(second.id).await.unwrap().is_none());
        assert_eq!(
            read.stored_instances(&["1.2.3"]).await.unwrap()["1.2.3"].study,
            first.id
        );
    })
    .await;
}

fn open_upload() -> UploadRow {
    UploadRow {
        id: UploadId::from_uuid(id()),
        facility: facility(),
        announced_by: "user_1".to_owned(),
        state: UploadState::Open,
        priority: Priority::Stat,
        protocol_flag: None,
        indication: None,
        created_at: now(),
        finished_at: None,
    }
}

/// An instance of the study 1.2.
fn announced(uid: &str) -> UploadItem {
    UploadItem {
        sop_instance_uid: uid.to_owned(),
        series_instance_uid: "1.2.3".to_owned(),
        study_instance_uid: "1.2".to_owned(),
        announced_bytes: 10,
        announced_sha256: None,
        outcome: ItemOutcome::Missing,
        reason_code: None,
        reason: None,
    }
}

#[tokio::test]
async fn a_receipt_never_takes_a_stored_instance_back() {
    on_both(async |db| {
        let actor = db.tenant().await;
        let upload = open_upload();
        let settled = |uid: &str, outcome| SettledItem {
            sop_instance_uid: uid.to_owned(),
            outcome,
            reason: None,
        };
        let mut tx = db.store.begin(&actor).await.unwrap();
        tx.add_upload(&upload).await.unwrap();
        tx.announce_items(upload.id, ["1.1", "1.2", "1.3"].map(announced).to_vec())
            .await
            .unwrap();
        tx.settle_items(
            upload.id,
            &[
                settled("1.1", ItemOutcome::Stored),
                settled("1.2", ItemOutcome::Refused),
            ],
        )
        .await
        .unwrap();
        tx.settle_items(
            upload.id,
            &[
                settled("1.1", ItemOutcome::Duplicate),
                settled("1.2", ItemOutcome::Stored),
            ],
        )
        .await
        .unwrap();
        let counts = tx.upload_counts(upload.id).await.unwrap();
        assert_eq!(
            (counts.stored, counts.duplicate, counts.missing, counts.refused),
            (2, 0, 1, 0)
        );
        assert_eq!(tx.study_item_counts("1.2").await.unwrap(), counts);
        tx.complete_upload(upload.id, later(1)).await.unwrap();
        tx.commit().await.unwrap();
        let row = db
            .store
            .read(&actor)
            .await
            .unwrap()
            .upload(upload.id)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            row,
            UploadRow {
                state: UploadState::Complete,
                finished_at: Some(later(1)),
                ..upload.clone()
            }
        );
    })
    .await;
}

#[tokio::test]
async fn what_came_another_way_is_outstanding_nowhere() {
    on_both(async |db| {
        let actor = db.tenant().await;
        let upload = open_upload();
        let mut tx = db.store.begin(&actor).await.unwrap();
        tx.add_upload(&upload).await.unwrap();
        let items = ["1.1", "1.2", "1.3"].map(announced).to_vec();
        tx.announce_items(upload.id, items).await.unwrap();
        let refused = SettledItem {
            sop_instance_uid: "1.2".to_owned(),
            outcome: ItemOutcome::Refused,
            reason: None,
        };
        tx.settle_items(upload.id, &[refused]).await.unwrap();
        tx.commit().await.unwrap();
        let outstanding = async || {
            let tx = db.store.read(&actor).await.unwrap();
            let counts = tx.study_item_counts("1.2").await.unwrap();
            (counts.missing, counts.refused)
        };
        assert_eq!(outstanding().await, (2, 1));
        let batch = Batch {
            facility: upload.facility,
            patient: "Doe",
            study: "1.2",
            accession: "A",
            instances: &["1.1", "1.2"],
        };
        add(db, &actor, &batch).await;
        assert_eq!(outstanding().await, (1, 0));
    })
    .await;
}

#[tokio::test]
async fn metadata_of_an_older_revision_never_replaces_a_newer() {
    on_both(async |db| {
        let actor = db.tenant().await;
        let batch = Batch {
            facility: facility(),
            patient: "Doe",
            study: "1.2",
            accession: "A",
            instances: &["1.2.3"],
        };
        let study = add(db, &actor, &batch).await;
        let mut tx = db.store.begin(&actor).await.unwrap();
        let series = tx.series_of_studies(&[study.id]).await.unwrap()[0].id;
        let document = |revision, base_url: &str| SeriesMetadata {
            revision,
            base_url: base_url.to_owned(),
            json_gzip: vec![1],
        };
        for (revision, base, kept) in [
            (2, "a", (2, "a")),
            (1, "b", (2, "a")),
            (2, "c", (2, "c")),
            (3, "d", (3, "d")),
        ] {
            tx.keep_series_metadata(series, &document(revision, base), now())
                .await
                .unwrap();
            let found = tx.series_metadata(series).await.unwrap().unwrap();
            assert_eq!((found.revision, found.base_url.as_str()), kept);
        }
        let listed = tx.instance_metadata(series, 0, 10).await.unwrap();
        assert_eq!((listed.len(), listed[0].sop_instance_uid.as_str()), (1, "1.2.3"));
    })
    .await;
}

#[tokio::test]
async fn the_same_bytes_are_set_aside_once() {
    on_both(async |db| {
        let actor = db.tenant().await;
        let mut tx = db.store.begin(&actor).await.unwrap();
        let mut kept = Vec::new();
        for sha256 in [[1; 32], [1; 32], [2; 32]] {
            let batch = BatchId::from_uuid(id());
            let object = NewBatch {
                id: batch,
                object_key: batch.to_string(),
                stored_bytes: 1,
                facility: facility(),
                upload: None,
            };
            tx.add_batches(vec![object], now()).await.unwrap();
            let new = NewQuarantined {
                id: QuarantineId::from_uuid(id()),
                sop_instance_uid: "1.2.3".to_owned(),
                series_instance_uid: "1.2".to_owned(),
                study_instance_uid: "1".to_owned(),
                reason: "INSTANCE_CONFLICT",
                offset: 512,
                length: 1,
                sha256,
            };
            kept.push(
                tx.quarantine_instance(batch, facility(), &new, now())
                    .await
                    .unwrap(),
            );
        }
        assert_eq!(kept, [true, false, true]);
        assert_eq!(tx.quarantine(&FacilityScope::All, 10).await.unwrap().len(), 2);
    })
    .await;
}
