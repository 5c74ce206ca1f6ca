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

    let actor = Actor::system(tenant, None);
    let (facility, case) = (FacilityId::from_uuid(id(2)), CaseId::from_uuid(id(5)));
    let mut tx = store.begin(&actor).await.unwrap();
    let identity = PatientIdentity {
        issuer: "north".to_owned(),
        patient_id: "P1".to_owned(),
        lone_study_uid: String::new(),
    };
    let new = NewPatient {
        id: PatientId::from_uuid(id(3)),
        identity,
        name: "A^B".to_owned(),
        birth_date: None,
        sex: None,
    };
    let patient = tx.ensure_patient(&new, NOW).await.unwrap();
    let study = StudyId::from_uuid(id(4));
    let attributes = StudyAttributes {
        study_instance_uid: "1.2.3".to_owned(),
        ..StudyAttributes::default()
    };
    tx.ensure_study(
        &NewStudy {
            id: study,
            facility,
            patient,
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
    (actor, case)
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
        for change in [
            "UPDATE report_version SET content = 'x'",
            "DELETE FROM report_version",
            "UPDATE clock_event SET actor = 'x'",
            "DELETE FROM clock_event",
        ] {
            assert!(connection.execute_unprepared(change).await.is_err(), "{change}");
        }
        let read = db.store.read(&actor).await.unwrap();
        let version = read.report_versions(&[case]).await.unwrap().pop().unwrap();
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
        let version = tx.report_versions(&[case]).await.unwrap().pop().unwrap();
        let again = tx
            .insert_report_version(ReportVersionId::from_uuid(id(10)), &version.signed)
            .await;
        assert!(again.unwrap_err().is_unique_violation());
    })
    .await;
}
