//! What is signed, and what the clock has seen, stays: the database itself refuses anything else.

use crate::support::{Db, on_both};
use chrono::DateTime;
use domain::{
    Actor, CaseId, CaseState, FacilityId, PatientId, Priority, ReportId, ReportVersionId, StudyId,
    TemplateId, TenantId, UserId,
    reading_case::ReadingCase,
    report::{Report, ReportDraft, ReportSection, SignKind, Signature},
    sla::{ClockEvent, ClockEventKind},
};
use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection};
use store::{CaseFacts, CaseRow, NewPatient, NewStudy, PatientIdentity, Store, StudyAttributes, TenantRow};
use uuid::Uuid;

const NOW: DateTime<chrono::Utc> = DateTime::UNIX_EPOCH;

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

async fn signed_case(store: &Store) -> (Actor, CaseId) {
    let actor = tenant(store).await;
    let case = sign_case(store, &actor, 0).await;
    (actor, case)
}

async fn tenant(store: &Store) -> Actor {
    let tenant = TenantId::from_uuid(id(1));
    let setup = store.begin_setup().await.unwrap();
    let row = TenantRow {
        id: tenant,
        slug: "north".to_owned(),
        name: "North".to_owned(),
        created_at: NOW,
    };
    setup.insert_tenant(&row).await.unwrap();
    setup.commit().await.unwrap();

    Actor::system(tenant, None)
}

/// Signs case number `which`.
async fn sign_case(store: &Store, actor: &Actor, which: u128) -> CaseId {
    let id = |number: u128| id(which * 100 + number);
    let (facility, case) = (FacilityId::from_uuid(id(2)), CaseId::from_uuid(id(5)));
    let mut tx = store.begin(actor).await.unwrap();
    let identity = PatientIdentity {
        issuer: "north".to_owned(),
        patient_id: format!("P{which}"),
        lone_study_uid: String::new(),
    };
    let new = NewPatient {
        id: PatientId::from_uuid(id(3)),
        identity,
        name: "A^B".to_owned(),
        birth_date: None,
        sex: None,
    };
    let patient = tx.ensure_patient(&new, NOW).await.unwrap().id;
    let study = StudyId::from_uuid(id(4));
    let attributes = StudyAttributes {
        study_instance_uid: format!("1.2.{which}"),
        ..StudyAttributes::default()
    };
    tx.ensure_study(
        &NewStudy {
            id: study,
            facility,
            patient,
            patient_birth_date: None,
            attributes,
        },
        NOW,
    )
    .await
    .unwrap();
    let row = CaseRow {
        case: ReadingCase {
            id: case,
            study,
            patient,
            facility,
            state: CaseState::FinalSigned,
            priority: Priority::Routine,
            protocol_flag: None,
            indication: None,
            created_at: NOW,
            ready_at: Some(NOW),
            received_count: 1,
            expected_count: None,
            has_preliminary: false,
            late_images: false,
        },
        facts: CaseFacts::default(),
    };
    tx.insert_case(&row, 0).await.unwrap();
    tx.append_clock_events(case, 0, &[ClockEvent::new(NOW, ClockEventKind::Receiving, None)])
        .await
        .unwrap();
    let draft = ReportDraft {
        template: TemplateId::from_uuid(id(6)),
        revision: 0,
        sections: vec![ReportSection {
            key: "findings".to_owned(),
            title: "Findings".to_owned(),
            text: "Normal.".to_owned(),
            required: true,
        }],
        updated_at: NOW,
    };
    let mut report = Report::begin(ReportId::from_uuid(id(7)), case, draft);
    tx.insert_report(&report).await.unwrap();
    let signature = Signature {
        signer: UserId::from_uuid(id(8)),
        signer_name: "R".to_owned(),
        at: NOW,
        key_images: Vec::new(),
    };
    let signed = report.sign(SignKind::Final, 0, signature).unwrap();
    tx.insert_report_version(ReportVersionId::from_uuid(id(9)), &signed)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    case
}

/// One connection, so that what is set on it holds for the next statement.
async fn program_connection(db: &Db) -> DatabaseConnection {
    let mut options = ConnectOptions::new(&db.url);
    options.max_connections(1);
    let connection = Database::connect(options).await.unwrap();
    if db.is_postgres() {
        // Row-level security hides the rows from who does not say that it is the platform.
        let see_all = "SELECT set_config('app.platform', 'on', false)";
        connection.execute_unprepared(see_all).await.unwrap();
    }
    connection
}

#[tokio::test]
async fn a_signed_version_and_a_clock_event_cannot_be_changed_in_the_database() {
    on_both(async |db| {
        let (actor, case) = signed_case(&db.store).await;
        let connection = program_connection(db).await;
        let mut changes = vec![
            "UPDATE report_version SET content = 'x'",
            "DELETE FROM report_version",
            "UPDATE clock_event SET actor = 'x'",
            "DELETE FROM clock_event",
        ];
        if !db.is_postgres() {
            changes.push("INSERT OR REPLACE INTO report_version SELECT * FROM report_version");
            changes.push("INSERT OR REPLACE INTO clock_event SELECT * FROM clock_event");
        }
        for change in changes {
            assert!(connection.execute_unprepared(change).await.is_err(), "{change}");
        }
        let read = db.store.read(&actor).await.unwrap();
        let version = read.report_versions(case).await.unwrap().pop().unwrap();
        assert_eq!(version.signed.content().sections[0].text, "Normal.");
        assert_eq!(read.clock_events(&[case]).await.unwrap()[&case].len(), 1);
    })
    .await;
}

#[tokio::test]
async fn even_the_owner_of_the_tables_meets_the_refusal() {
    on_both(async |db| {
        signed_case(&db.store).await;
        let see_all = "SELECT set_config('app.platform', 'on', true)";
        let tx = sea_orm::TransactionTrait::begin(&db.owner).await.unwrap();
        if db.is_postgres() {
            tx.execute_unprepared(see_all).await.unwrap();
        }
        let refused = tx
            .execute_unprepared("UPDATE report_version SET content = 'x'")
            .await
            .unwrap_err();
        assert!(refused.to_string().contains("written once"), "{refused}");
    })
    .await;
}

#[tokio::test]
async fn a_version_number_is_given_once() {
    on_both(async |db| {
        let (actor, case) = signed_case(&db.store).await;
        let tx = db.store.begin(&actor).await.unwrap();
        let version = tx.report_versions(case).await.unwrap().pop().unwrap();
        let again = tx
            .insert_report_version(ReportVersionId::from_uuid(id(10)), &version.signed)
            .await;
        assert!(again.is_err());
    })
    .await;
}

#[tokio::test]
async fn a_version_that_is_not_what_was_signed_costs_only_its_own_case() {
    on_both(async |db| {
        let (actor, broken) = signed_case(&db.store).await;
        let whole = sign_case(&db.store, &actor, 1).await;
        let on = if db.is_postgres() {
            " ON report_version"
        } else {
            ""
        };
        db.owner
            .execute_unprepared(&format!("DROP TRIGGER report_version_refuses_update{on}"))
            .await
            .unwrap();
        let literal = match db.is_postgres() {
            true => format!("'{}'", id(9)),
            false => format!("x'{}'", id(9).simple()),
        };
        db.as_owner(&format!(
            "UPDATE report_version SET content = 'x' WHERE id = {literal}"
        ))
        .await;

        let read = db.store.read(&actor).await.unwrap();
        let versions = read.versions_of_cases(&[broken, whole]).await.unwrap();
        assert!(versions[&broken].is_err());
        assert_eq!(versions[&whole].as_ref().unwrap().len(), 1);
        let reports = read.reports(&[broken, whole]).await.unwrap();
        assert!(reports[&broken].is_err());
        let report = reports[&whole].as_ref().unwrap();
        assert_eq!(report.newest.as_ref().unwrap().0, 1);
        assert_eq!(report.preliminary_by, None);
        assert!(read.report_versions(broken).await.is_err());
    })
    .await;
}
