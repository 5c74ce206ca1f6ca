//! Images become a case.
//!
//! Ingest calls these inside its own transaction, so that a stored study without a case cannot exist.

use chrono::{DateTime, Utc};
use domain::{
    Actor, CaseId, CaseState, FacilityId, PatientId, Priority, ProtocolFlag, StudyId, WorkItemId,
    audit::AuditAction,
    reading_case::{Arrival, ReadingCase, WorkItem, WorkItemKind},
    sla::{ClockEvent, ClockEventKind},
};
use store::{CaseFacts, CaseRow, TenantTx};

use super::open_case::OpenCase;
use crate::{App, AppError};

/// What ingest knows of a study of which it has just stored images.
#[derive(Debug, Clone)]
pub struct ArrivedStudy {
    /// The study.
    pub study: StudyId,
    /// Who sent it.
    pub facility: FacilityId,
    /// Whose it is.
    pub patient: PatientId,
    /// Modality (0008,0060).
    pub modality: Option<String>,
    /// Body Part Examined (0018,0015).
    pub body_part: Option<String>,
    /// Study Description (0008,1030).
    pub description: Option<String>,
    /// What the sender asked for, if anything.
    pub priority: Option<Priority>,
    /// The pathway the sender named.
    pub protocol_flag: Option<ProtocolFlag>,
    /// Why the examination was made.
    pub indication: Option<String>,
    /// Instances stored so far.
    pub received_count: u32,
    /// Instances announced, if any were.
    pub expected_count: Option<u32>,
    /// Instances of this request that were not there before.
    pub new_instances: u32,
}

impl App {
    /// Opens the study's case, or counts what came for it. New images on a signed case ask for its
    /// report to be verified.
    pub async fn study_arrived(
        &self,
        tx: &mut TenantTx,
        actor: &Actor,
        arrived: &ArrivedStudy,
        now: DateTime<Utc>,
    ) -> Result<CaseId, AppError> {
        let Some(mut opened) = OpenCase::of_study(tx, arrived.study).await? else {
            return self.begin_case(tx, actor, arrived, now).await;
        };
        let id = opened.case().id;
        adopt(opened.row_mut(), arrived);
        let arrival = opened.case_mut().receive(
            arrived.received_count,
            arrived.expected_count,
            arrived.new_instances,
        );
        if arrival != Arrival::Counted {
            if arrival == Arrival::Late {
                tx.insert_work_item(&self.task(id, WorkItemKind::VerifyReport), now)
                    .await?;
            }
            opened.note(actor, now, ClockEventKind::LateImages);
            tx.audit(opened.audited(actor, now, AuditAction::CaseLateImages, id));
        }
        // A raised priority has a nearer target.
        self.watch_target(tx, &opened, now).await?;
        opened.save(tx).await?;
        Ok(id)
    }

    /// Makes a complete study's case ready to read and starts its target. May be said again.
    pub async fn study_complete(
        &self,
        tx: &mut TenantTx,
        actor: &Actor,
        study: StudyId,
        received_count: u32,
        expected_count: Option<u32>,
        now: DateTime<Utc>,
    ) -> Result<(), AppError> {
        let mut opened = OpenCase::of_study(tx, study)
            .await?
            .ok_or(AppError::NotFound { what: "case" })?;
        let id = opened.case().id;
        opened.case_mut().receive(received_count, expected_count, 0);
        if opened.case_mut().complete(now) {
            opened.note(actor, now, ClockEventKind::ReadyToRead);
            tx.insert_work_item(&self.task(id, WorkItemKind::FinalRead), now)
                .await?;
            tx.audit(opened.audited(actor, now, AuditAction::CaseReady, id));
            self.watch_target(tx, &opened, now).await?;
        }
        opened.save(tx).await?;
        Ok(())
    }

    async fn begin_case(
        &self,
        tx: &mut TenantTx,
        actor: &Actor,
        arrived: &ArrivedStudy,
        now: DateTime<Utc>,
    ) -> Result<CaseId, AppError> {
        let id = CaseId::from_uuid(self.ids.next());
        let case = ReadingCase {
            id,
            study: arrived.study,
            patient: arrived.patient,
            facility: arrived.facility,
            state: CaseState::Receiving,
            priority: arrived.priority.unwrap_or(Priority::Routine),
            protocol_flag: arrived.protocol_flag,
            indication: arrived.indication.clone(),
            created_at: now,
            ready_at: None,
            received_count: arrived.received_count,
            expected_count: arrived.expected_count,
            has_preliminary: false,
            late_images: false,
        };
        let mut row = CaseRow {
            case,
            facts: CaseFacts::default(),
        };
        adopt(&mut row, arrived);
        let event = ClockEvent::new(now, ClockEventKind::Receiving, None);
        let opened = OpenCase::begin(tx, row, event).await?;
        tx.audit(opened.audited(actor, now, AuditAction::CaseOpen, id));
        self.recall_priors(tx, actor, arrived.patient, now).await?;
        opened.save(tx).await?;
        Ok(id)
    }

    pub(super) fn task(&self, case: CaseId, kind: WorkItemKind) -> WorkItem {
        WorkItem {
            id: WorkItemId::from_uuid(self.ids.next()),
            case,
            kind,
            claim: None,
        }
    }
}

/// Takes over what a request knows better than the requests before it. A sender may raise the urgency
/// of a case that is not signed yet, never lower it: two modalities of one study may disagree.
fn adopt(row: &mut CaseRow, arrived: &ArrivedStudy) {
    let CaseRow { case, facts } = row;
    fill(&mut facts.modality, &arrived.modality);
    fill(&mut facts.body_part, &arrived.body_part);
    fill(&mut facts.description, &arrived.description);
    fill(&mut case.indication, &arrived.indication);
    if !case.state.is_final() {
        case.priority = arrived
            .priority
            .map_or(case.priority, |wanted| wanted.max(case.priority));
        case.protocol_flag = case.protocol_flag.or(arrived.protocol_flag);
    }
}

fn fill(known: &mut Option<String>, arrived: &Option<String>) {
    if known.is_none() {
        known.clone_from(arrived);
    }
}
