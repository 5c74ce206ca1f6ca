//! Searching, on both databases: what is found, in which order, and by which index.

use crate::support::{Db, id, now, on_both};
use domain::{Actor, FacilityId, FacilityScope, PatientId, SeriesId, StudyId, name_index};
use store::{
    Matching, NewPatient, NewSeries, NewStudy, PatientIdentity, RequestedStep, Search, SearchField,
    StudyAttributes,
};

/// A study to be found.
struct Sample<'a> {
    uid: &'a str,
    name: &'a str,
    referrer: &'a str,
    date: &'a str,
    time: &'a str,
    steps: &'a [(&'a str, &'a str)],
}

const SAMPLE: Sample<'_> = Sample {
    uid: "1.1",
    name: "Doe^John",
    referrer: "",
    date: "20260101",
    time: "120000",
    steps: &[],
};

async fn add(db: &Db, actor: &Actor, sample: &Sample<'_>) {
    let mut tx = db.store.begin(actor).await.unwrap();
    let patient = NewPatient {
        id: PatientId::from_uuid(id()),
        identity: PatientIdentity {
            issuer: "I".to_owned(),
            patient_id: format!("P{}", sample.uid),
            lone_study_uid: String::new(),
        },
        name: sample.name.to_owned(),
        birth_date: None,
        sex: None,
    };
    let patient = tx.ensure_patient(&patient, now()).await.unwrap().id;
    let study = NewStudy {
        id: StudyId::from_uuid(id()),
        facility: FacilityId::from_uuid(id()),
        patient,
        patient_birth_date: None,
        attributes: StudyAttributes {
            study_instance_uid: sample.uid.to_owned(),
            study_date: Some(sample.date.to_owned()),
            study_time: Some(sample.time.to_owned()),
            referring_physician: Some(sample.referrer.to_owned()),
            ..Default::default()
        },
    };
    tx.ensure_study(&study, now()).await.unwrap();
    let series = NewSeries {
        id: SeriesId::from_uuid(id()),
        study: study.id,
        series_instance_uid: format!("{}.1", sample.uid),
        modality: "CT".to_owned(),
        number: Some(1),
        description: None,
        body_part: None,
        laterality: None,
        series_date: None,
        series_time: None,
        performed_date: None,
        performed_time: None,
        timezone_offset: None,
        protocol_name: None,
        station_name: None,
        manufacturer: None,
    };
    tx.ensure_series(&series, now()).await.unwrap();
    let steps = sample.steps.iter().map(|(step, procedure)| {
        let step = RequestedStep {
            scheduled_procedure_step_id: (*step).to_owned(),
            requested_procedure_id: (*procedure).to_owned(),
            accession_number: String::new(),
        };
        (id(), step)
    });
    tx.add_requested_steps(study.id, series.id, steps.collect())
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

fn search(matching: Vec<(SearchField, Matching)>) -> Search {
    Search {
        scope: FacilityScope::All,
        within: None,
        matching,
        offset: 0,
        limit: 100,
    }
}

/// The UIDs of the studies that are found.
async fn found(db: &Db, actor: &Actor, search: &Search) -> Vec<String> {
    let read = db.store.read(actor).await.unwrap();
    let found = read.search_studies(search).await.unwrap();
    found
        .into_iter()
        .map(|found| found.study.study_instance_uid)
        .collect()
}

fn text(field: SearchField, text: &str) -> (SearchField, Matching) {
    (field, Matching::Text(vec![text.to_owned()]))
}

fn words(field: SearchField, text: &str) -> (SearchField, Matching) {
    (field, Matching::Words(name_index::wanted_words(text)))
}

fn range(field: SearchField, from: &str, to: &str) -> (SearchField, Matching) {
    let end = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    (field, Matching::Range(end(from), end(to)))
}

#[tokio::test]
async fn a_name_is_found_by_its_groups_and_by_its_words() {
    on_both(async |db| {
        let actor = db.tenant().await;
        let names = [
            ("1.1", "Müller^Anna=ミュラー^アンナ"),
            ("1.2", "Mueller^Anne^^Dr"),
            ("1.3", "Doe^John=Doe^John"),
            ("1.4", "Annan^Kofi^Anna"),
        ];
        for (uid, name) in names {
            add(
                db,
                &actor,
                &Sample {
                    uid,
                    name,
                    referrer: "Gößling^Uwe",
                    ..SAMPLE
                },
            )
            .await;
        }
        for (wanted, uids) in [
            ("MÜLLER^ANNA", &["1.1"][..]),
            ("Müller*", &["1.1"]),
            ("muller*", &[]),
            ("m*ller*", &["1.2", "1.1"]),
            ("ミュラー^*", &["1.1"]),
            ("Doe^John", &["1.3"]),
            ("doe*", &["1.3"]),
            ("*anna", &["1.4", "1.1"]),
            ("Doe^John=Doe^John", &["1.3"]),
            ("Mueller^Anne^^?r", &["1.2"]),
        ] {
            let of_name = found(db, &actor, &search(vec![text(SearchField::PatientName, wanted)])).await;
            assert_eq!(of_name, uids, "{wanted}");
        }
        for (wanted, uids) in [
            ("muller anna", &["1.1"][..]),
            ("ANNE mueller", &["1.2"]),
            ("ann", &["1.4", "1.1", "1.2"]),
            ("kofi annan", &["1.4"]),
            ("m?ller", &["1.1"]),
            ("アンナ", &["1.1"]),
            ("nobody", &[]),
        ] {
            let mut of_words =
                found(db, &actor, &search(vec![words(SearchField::PatientName, wanted)])).await;
            let mut uids = uids.to_vec();
            of_words.sort_unstable();
            uids.sort_unstable();
            assert_eq!(of_words, uids, "{wanted}");
        }
        let by_referrer = search(vec![words(SearchField::ReferringPhysicianName, "uwe gossling")]);
        assert_eq!(found(db, &actor, &by_referrer).await.len(), 4);
        let other = db.tenant().await;
        let everybody = search(vec![text(SearchField::PatientName, "Doe*")]);
        assert!(
            found(db, &other, &everybody).await.is_empty(),
            "another tenant finds nobody"
        );
    })
    .await;
}

#[tokio::test]
async fn pages_neither_overlap_nor_leave_anything_out() {
    on_both(async |db| {
        let actor = db.tenant().await;
        let uids: Vec<String> = (0..11).map(|at| format!("1.{at}")).collect();
        for (at, uid) in uids.iter().enumerate() {
            let name = format!("Doe^{}", at % 3);
            let date = format!("2026010{}", 1 + at % 4);
            add(
                db,
                &actor,
                &Sample {
                    uid,
                    name: &name,
                    date: &date,
                    ..SAMPLE
                },
            )
            .await;
        }
        for matching in [
            vec![],
            vec![text(SearchField::PatientName, "doe*")],
            vec![words(SearchField::PatientName, "doe")],
            vec![range(SearchField::StudyDate, "20260101", "")],
            vec![range(SearchField::StudyDate, "20260101", "20260104")],
            vec![text(SearchField::PatientId, "P1*")],
            vec![text(SearchField::ModalitiesInStudy, "*")],
        ] {
            let all = found(db, &actor, &search(matching.clone())).await;
            let mut paged = Vec::new();
            for offset in (0..12).step_by(3) {
                let page = Search {
                    offset,
                    limit: 3,
                    ..search(matching.clone())
                };
                paged.extend(found(db, &actor, &page).await);
            }
            assert_eq!(paged, all, "{matching:?}");
            let mut once = all.clone();
            once.sort_unstable();
            once.dedup();
            assert_eq!(once.len(), all.len(), "{matching:?}");
            if !matches!(matching.first(), Some((SearchField::ModalitiesInStudy, _))) {
                assert_eq!(all.len(), 11, "{matching:?}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_date_and_its_time_are_one_moment() {
    on_both(async |db| {
        let actor = db.tenant().await;
        for (uid, date, time) in [
            ("1.1", "20260101", "080000"),
            ("1.2", "20260101", "200000"),
            ("1.3", "20260102", "080000"),
            ("1.4", "20260103", "080000.5"),
            ("1.5", "20260103", "200000"),
        ] {
            add(
                db,
                &actor,
                &Sample {
                    uid,
                    date,
                    time,
                    ..SAMPLE
                },
            )
            .await;
        }
        for (date, time, uids) in [
            (
                ("20260101", "20260103"),
                ("120000", "120000.999999"),
                &["1.4", "1.3", "1.2"][..],
            ),
            (("20260101", "20260101"), ("", "120000"), &["1.1"]),
            (("20260102", ""), ("090000", ""), &["1.5", "1.4"]),
            (("", "20260102"), ("", "070000"), &["1.2", "1.1"]),
        ] {
            let asked = search(vec![
                range(SearchField::StudyDate, date.0, date.1),
                range(SearchField::StudyTime, time.0, time.1),
            ]);
            assert_eq!(found(db, &actor, &asked).await, uids, "{date:?} {time:?}");
        }
        let mornings = search(vec![range(SearchField::StudyTime, "070000", "090000")]);
        assert_eq!(found(db, &actor, &mornings).await, ["1.4", "1.3", "1.1"]);
    })
    .await;
}

#[tokio::test]
async fn what_is_asked_of_a_request_holds_of_one_item() {
    on_both(async |db| {
        let actor = db.tenant().await;
        let steps = [("S1", "P1"), ("S2", "P2")];
        add(
            db,
            &actor,
            &Sample {
                uid: "1.1",
                steps: &steps,
                ..SAMPLE
            },
        )
        .await;
        add(
            db,
            &actor,
            &Sample {
                uid: "1.2",
                steps: &[("S1", "P2")],
                ..SAMPLE
            },
        )
        .await;
        let step = |id| text(SearchField::ScheduledProcedureStepId, id);
        let procedure = |id| text(SearchField::RequestedProcedureId, id);
        assert_eq!(found(db, &actor, &search(vec![step("S1")])).await, ["1.2", "1.1"]);
        assert_eq!(
            found(db, &actor, &search(vec![step("S1"), procedure("P2")])).await,
            ["1.2"]
        );
        assert_eq!(
            found(db, &actor, &search(vec![step("S2"), procedure("P*")])).await,
            ["1.1"]
        );
        let read = db.store.read(&actor).await.unwrap();
        let series = read.search_series(&search(vec![step("S2")])).await.unwrap();
        assert_eq!(series.len(), 1);
        assert_eq!(series[0].requested.len(), 2);
    })
    .await;
}
