//! Templates, and the draft that belongs to a case.

use chrono::{DateTime, Utc};
use domain::{
    Actor, CaseId, ClaimToken, Permission, ReportId, TemplateId,
    audit::AuditAction,
    report::{Report, ReportDraft, ReportTemplate, SignRefused, applicable, standard_templates},
};
use store::{CaseRow, TenantTx};

use super::claims::{HeldCase, hold};
use crate::{App, AppError, trail::Mark};

/// A save of the draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftEdit {
    /// The case.
    pub case: CaseId,
    /// The writer's claim.
    pub token: ClaimToken,
    /// The revision the writer began from.
    pub base_revision: u32,
    /// The template to change to.
    pub template: Option<TemplateId>,
    /// Key and text of the sections that changed.
    pub texts: Vec<(String, String)>,
}

impl App {
    /// Gives a new tenant its report templates.
    pub(crate) async fn furnish_reading_room(
        &self,
        tx: &TenantTx,
        now: DateTime<Utc>,
    ) -> Result<(), AppError> {
        let templates: Vec<ReportTemplate> = standard_templates()
            .into_iter()
            .map(|new| ReportTemplate {
                id: TemplateId::from_uuid(self.ids.next()),
                name: new.name,
                modality: new.modality,
                body_part: new.body_part,
                language: "en".to_owned(),
                sections: new.sections,
            })
            .collect();
        Ok(tx.insert_report_templates(&templates, now).await?)
    }

    /// The templates that fit an examination, best first; without a modality all of them.
    pub async fn report_templates(
        &self,
        actor: &Actor,
        modality: Option<&str>,
        body_part: Option<&str>,
    ) -> Result<Vec<ReportTemplate>, AppError> {
        self.authorise(actor, Permission::ViewCases)?;
        let all = self.store.read(actor).await?.report_templates().await?;
        if modality.is_none() && body_part.is_none() {
            return Ok(all);
        }
        Ok(applicable(&all, modality, body_part, None)
            .into_iter()
            .cloned()
            .collect())
    }

    /// Saves the draft under the actor's claim.
    ///
    /// Errors: `CLAIM_LOST`, `REPORT_SIGNED`, `DRAFT_CONFLICT` with the newest `revision`.
    pub async fn save_report_draft(&self, actor: &Actor, edit: DraftEdit) -> Result<ReportDraft, AppError> {
        self.authorise(actor, Permission::ReadCases)?;
        let now = self.clock.now();
        // Autosave comes every few seconds; one row says who wrote in these minutes.
        let mark = Mark::of(actor, AuditAction::ReportDraft, &edit.case.to_string());
        let turn = self.trail.first(&[mark], now).await;
        let mut tx = self.store.begin(actor).await?;
        let HeldCase { opened, .. } = hold(&tx, actor, edit.case, edit.token, now).await?;
        let mut report = report_of(&tx, edit.case).await?;
        let draft = report.draft_mut()?;
        draft.expect_revision(edit.base_revision)?;
        if let Some(next) = edit.template.filter(|next| *next != draft.template) {
            let previous = template(&tx, draft.template).await?;
            draft.change_template(&previous, &template(&tx, next).await?);
        }
        draft.write(edit.base_revision, edit.texts, now)?;
        let saved = draft.clone();
        if !tx.save_report(&report, edit.base_revision).await? {
            return Err(AppError::Internal {
                what: "a draft changed under our lock".to_owned(),
            });
        }
        if turn.is_some() {
            let revision = format!("revision {}", saved.revision);
            tx.audit(
                opened
                    .audited(actor, now, AuditAction::ReportDraft, report.id)
                    .detail(revision),
            );
        }
        tx.commit().await?;
        if let Some(turn) = turn {
            turn.written();
        }
        Ok(saved)
    }

    /// Begins the report of a case that has none with the template that fits it best.
    pub(super) async fn begin_draft(
        &self,
        tx: &mut TenantTx,
        row: &CaseRow,
        now: DateTime<Utc>,
    ) -> Result<(), AppError> {
        if tx.report_of_case(row.case.id).await?.is_some() {
            return Ok(());
        }
        let all = tx.report_templates().await?;
        let facts = &row.facts;
        let modality = facts.modality.as_deref();
        let best = applicable(
            &all,
            modality,
            facts.body_part.as_deref(),
            facts.description.as_deref(),
        );
        let best = best.first().ok_or_else(|| AppError::Internal {
            what: "the tenant has no report template".to_owned(),
        })?;
        let id = ReportId::from_uuid(self.ids.next());
        let report = Report::begin(id, row.case.id, ReportDraft::of(best, now));
        Ok(tx.insert_report(&report).await?)
    }
}

/// The report of a case that was claimed at least once.
pub(super) async fn report_of(tx: &TenantTx, case: CaseId) -> Result<Report, AppError> {
    tx.report_of_case(case)
        .await?
        .ok_or(AppError::from(SignRefused::NotFinal))
}

async fn template(tx: &TenantTx, id: TemplateId) -> Result<ReportTemplate, AppError> {
    tx.report_template(id)
        .await?
        .ok_or(AppError::NotFound { what: "template" })
}
