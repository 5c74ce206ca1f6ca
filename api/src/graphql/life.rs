//! What was deleted, and what must not be.

use app::archive::{
    StudyDeletion,
    rows::{DeletionTarget, HoldRow, TrashedStudy},
};
use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use domain::deletion::ReportedStudies;

use super::{
    CallerContext, Study,
    context::parse_id,
    graphql_error,
    operations::{page, trim},
};

/// What of a study was deleted.
#[derive(Debug, Enum, Copy, Clone, Eq, PartialEq)]
pub enum DeletedPart {
    /// All of it.
    Study,
    /// One series.
    Series,
    /// One instance.
    Instance,
}

/// Something in the trash.
#[derive(Debug, Clone, SimpleObject)]
pub struct DeletedStudy {
    /// Of the deletion; what `restoreStudy` takes.
    id: ID,
    study_id: ID,
    study_instance_uid: String,
    part: DeletedPart,
    /// For the screen: "Family, Given Middle".
    patient_name: String,
    patient_id: String,
    accession_number: Option<String>,
    description: Option<String>,
    /// `YYYYMMDD`.
    study_date: Option<String>,
    modalities: Vec<String>,
    instance_count: u32,
    bytes: f64,
    reason: String,
    deleted_by: String,
    deleted_at: DateTime<Utc>,
    /// From then on it may be removed for good.
    purge_at: DateTime<Utc>,
    /// While it is, nothing is removed.
    on_legal_hold: bool,
}

impl DeletedStudy {
    fn of(row: TrashedStudy) -> Self {
        let TrashedStudy {
            deletion,
            study,
            patient,
        } = row;
        Self {
            id: deletion.id.to_string().into(),
            study_id: study.id.to_string().into(),
            study_instance_uid: study.study_instance_uid,
            part: match deletion.target {
                DeletionTarget::Study => DeletedPart::Study,
                DeletionTarget::Series(_) => DeletedPart::Series,
                DeletionTarget::Instance(_) => DeletedPart::Instance,
            },
            patient_name: dicom::PersonName::parse(&patient.name).display(),
            patient_id: patient.patient_id,
            accession_number: study.accession_number,
            description: study.description,
            study_date: study.study_date,
            modalities: study.modalities,
            instance_count: deletion.instance_count,
            bytes: deletion.stored_bytes as f64,
            reason: deletion.reason,
            deleted_by: deletion.deleted_by_name,
            deleted_at: deletion.deleted_at,
            purge_at: deletion.purge_at,
            on_legal_hold: study.legal_hold,
        }
    }
}

/// A page of what lies in the trash, newest first.
#[derive(Debug, SimpleObject)]
pub struct DeletedStudyConnection {
    nodes: Vec<DeletedStudy>,
    end_cursor: Option<String>,
    has_next_page: bool,
}

/// Why a study must not be deleted.
#[derive(Debug, Clone, SimpleObject)]
pub struct LegalHold {
    id: ID,
    reason: String,
    placed_by: String,
    placed_at: DateTime<Utc>,
}

impl From<HoldRow> for LegalHold {
    fn from(row: HoldRow) -> Self {
        Self {
            id: row.id.to_string().into(),
            reason: row.reason,
            placed_by: row.placed_by_name,
            placed_at: row.placed_at,
        }
    }
}

#[derive(Debug, InputObject)]
pub struct DeleteStudyInput {
    study_id: ID,
    /// Why; it stands in the audit trail and in the trash.
    reason: String,
    /// Whether it is to go although a signed report speaks of it, which is then hidden, too.
    #[graphql(default)]
    with_report: bool,
}

#[derive(Debug, InputObject)]
pub struct RestoreStudyInput {
    /// The deletion to take back.
    deletion_id: ID,
}

#[derive(Debug, InputObject)]
pub struct LegalHoldInput {
    study_id: ID,
    /// Why; it stands in the audit trail.
    reason: String,
}

/// What can be asked of the trash.
#[derive(Debug, Clone, Copy, Default)]
pub struct LifeQuery;

#[Object]
impl LifeQuery {
    /// What was deleted and can be restored, newest first.
    async fn deleted_studies(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 100)] first: u64,
        after: Option<String>,
    ) -> Result<DeletedStudyConnection> {
        let page = page(first, after);
        let rows = ctx.app()?.deleted_studies(ctx.actor()?, &page).await;
        let mut rows = rows.map_err(graphql_error)?;
        let has_next_page = trim(&mut rows, &page);
        Ok(DeletedStudyConnection {
            end_cursor: rows.last().map(|row| row.deletion.id.to_string()),
            nodes: rows.into_iter().map(DeletedStudy::of).collect(),
            has_next_page,
        })
    }

    /// The legal holds on a study, oldest first.
    async fn legal_holds(&self, ctx: &Context<'_>, study_id: ID) -> Result<Vec<LegalHold>> {
        let study = parse_id("studyId", &study_id)?;
        let rows = ctx.app()?.legal_holds(ctx.actor()?, study).await;
        Ok(rows
            .map_err(graphql_error)?
            .into_iter()
            .map(LegalHold::from)
            .collect())
    }
}

/// What can be done to the life of a study.
#[derive(Debug, Clone, Copy, Default)]
pub struct LifeMutation;

#[Object]
impl LifeMutation {
    /// Puts a study into the trash: at once out of everybody's sight, removed for good after a while. Gives the id of
    /// the deletion, by which it can be restored until then.
    async fn delete_study(&self, ctx: &Context<'_>, input: DeleteStudyInput) -> Result<ID> {
        let order = StudyDeletion {
            study: parse_id("studyId", &input.study_id)?,
            reason: input.reason,
            reported: if input.with_report {
                ReportedStudies::Delete
            } else {
                ReportedStudies::Keep
            },
        };
        let deletion = ctx.app()?.delete_study(ctx.actor()?, order).await;
        Ok(deletion.map_err(graphql_error)?.id.to_string().into())
    }

    /// Takes a deletion back.
    async fn restore_study(&self, ctx: &Context<'_>, input: RestoreStudyInput) -> Result<Study> {
        let deletion = parse_id("deletionId", &input.deletion_id)?;
        let restored = ctx.app()?.restore_study(ctx.actor()?, deletion).await;
        Study::load(ctx, restored.map_err(graphql_error)?.id).await
    }

    /// Forbids to delete a study, or to remove it from the trash.
    async fn place_legal_hold(&self, ctx: &Context<'_>, input: LegalHoldInput) -> Result<LegalHold> {
        let study = parse_id("studyId", &input.study_id)?;
        let hold = ctx
            .app()?
            .place_legal_hold(ctx.actor()?, study, &input.reason)
            .await;
        Ok(hold.map_err(graphql_error)?.into())
    }

    /// Lifts all legal holds on a study. False when there was none.
    async fn lift_legal_hold(&self, ctx: &Context<'_>, input: LegalHoldInput) -> Result<bool> {
        let study = parse_id("studyId", &input.study_id)?;
        let lifted = ctx
            .app()?
            .lift_legal_hold(ctx.actor()?, study, &input.reason)
            .await;
        lifted.map_err(graphql_error)
    }
}
