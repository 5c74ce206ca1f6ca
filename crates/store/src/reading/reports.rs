//! Reports and their drafts.

use domain::{
    CaseId, ReportId, TemplateId,
    report::{Report, ReportDraft, ReportState, ReportVersionKind},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, QueryFilter};

use super::{EachCase, VersionRow, column, named};
use crate::{StoreError, TenantRead, TenantTx, entity::report};

impl TenantRead {
    /// The report of one case.
    pub async fn report_of_case(&self, case: CaseId) -> Result<Option<Report>, StoreError> {
        self.reports(&[case]).await?.remove(&case).transpose()
    }

    /// The reports of these cases, drafts included. A row that cannot be read costs only its own case.
    pub async fn reports(&self, cases: &[CaseId]) -> Result<EachCase<Report>, StoreError> {
        let rows = self
            .find::<report::Entity>()
            .filter(report::Column::CaseId.is_in(cases.iter().map(|case| case.uuid())))
            .all(&self.conn)
            .await?;
        let mut versions = self.versions_of_cases(cases).await?;
        Ok(rows
            .into_iter()
            .map(|row| {
                let case = CaseId::from_uuid(row.case_id);
                let versions = versions.remove(&case).unwrap_or(Ok(Vec::new()));
                (case, versions.and_then(|versions| read(row, &versions)))
            })
            .collect())
    }
}

impl TenantTx {
    /// A new report.
    pub async fn insert_report(&self, report: &Report) -> Result<(), StoreError> {
        let row = report::ActiveModel {
            id: Set(report.id.uuid()),
            case_id: Set(report.case.uuid()),
            draft_revision: Set(0),
            ..changeable(report)?
        };
        self.insert::<report::Entity>(row)
            .exec_without_returning(&self.conn)
            .await?;
        Ok(())
    }

    /// Keeps state and draft, if the draft is still at revision `base`. False when it is not.
    pub async fn save_report(&self, report: &Report, base: u32) -> Result<bool, StoreError> {
        let updated = self
            .update::<report::Entity>()
            .filter(report::Column::Id.eq(report.id.uuid()))
            .filter(report::Column::DraftRevision.eq(column(base)))
            .set(changeable(report)?)
            .exec(&self.conn)
            .await?;
        Ok(updated.rows_affected == 1)
    }

    /// Keeps the state of a report without a draft.
    pub async fn save_final_report(&self, report: &Report) -> Result<(), StoreError> {
        let updated = self
            .update::<report::Entity>()
            .filter(report::Column::Id.eq(report.id.uuid()))
            .set(changeable(report)?)
            .exec(&self.conn)
            .await?;
        crate::tenant::one_row("report", updated.rows_affected)
    }
}

fn changeable(report: &Report) -> Result<report::ActiveModel, StoreError> {
    let sections = report
        .draft
        .as_ref()
        .map(|draft| serde_json::to_value(&draft.sections))
        .transpose()
        .map_err(|source| StoreError::Encode {
            what: "report draft",
            source,
        })?;
    Ok(report::ActiveModel {
        state: Set(report.state.as_str().to_owned()),
        draft_template_id: Set(report.draft.as_ref().map(|draft| draft.template.uuid())),
        draft_sections: Set(sections),
        // A draft that is signed for good leaves its last revision behind, so that a late save conflicts.
        draft_revision: match &report.draft {
            Some(draft) => Set(column(draft.revision)),
            None => sea_orm::ActiveValue::NotSet,
        },
        draft_updated_at: Set(report.draft.as_ref().map(|draft| draft.updated_at)),
        ..Default::default()
    })
}

fn read(row: report::Model, versions: &[VersionRow]) -> Result<Report, StoreError> {
    let broken = |what| StoreError::Inconsistent {
        table: "report",
        id: row.id.to_string(),
        what,
    };
    let draft = match (
        row.draft_template_id,
        row.draft_sections.clone(),
        row.draft_updated_at,
    ) {
        (Some(template), Some(sections), Some(updated_at)) => Some(ReportDraft {
            template: TemplateId::from_uuid(template),
            revision: row.draft_revision.unsigned_abs(),
            sections: serde_json::from_value(sections)
                .map_err(|_unreadable| broken("a draft has sections"))?,
            updated_at,
        }),
        (None, None, None) => None,
        _ => return Err(broken("a draft is whole or absent")),
    };
    Ok(Report {
        id: ReportId::from_uuid(row.id),
        case: CaseId::from_uuid(row.case_id),
        state: named("report", row.id, &row.state, ReportState::from_name)?,
        draft,
        newest: versions
            .last()
            .map(|row| (row.signed.content().number, row.signed.sha256().to_owned())),
        preliminary_by: versions
            .iter()
            .map(|row| row.signed.content())
            .rfind(|content| content.kind == ReportVersionKind::Preliminary)
            .map(|content| content.signer),
    })
}
