//! The reading room over GraphQL: worklist, claims, drafts, signatures, deliveries.

mod case;
mod clock;
mod enums;
mod inputs;
mod loaders;
mod report;

use app::reading::ClaimedCase;
use async_graphql::{Context, ID, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};

pub use case::Case;
pub use enums::ChangeTopic;
pub(super) use loaders::add_to;

use inputs::{
    AcknowledgeLateImagesInput, AddAddendumInput, CaseInput, ClaimCaseInput, ClaimTokenInput,
    MarkKeyImageInput, RemoveKeyImageInput, SaveReportDraftInput, SetCasePriorityInput, SignReportInput,
    WorklistFilter,
};
use report::{KeyImage, ReportDraft, ReportTemplate};

use super::{CallerContext, graphql_error, parse_id};

/// A page of the worklist.
#[derive(Debug, SimpleObject)]
pub struct CaseConnection {
    nodes: Vec<Case>,
    end_cursor: Option<String>,
    has_next_page: bool,
    /// Of the whole list.
    total_count: u64,
}

/// A reader's lease on a case.
#[derive(Debug, SimpleObject)]
pub struct Claim {
    case: Case,
    /// Every write under this claim shows it.
    claim_token: ID,
    lease_expires_at: DateTime<Utc>,
    /// How often the page that holds it renews it.
    renew_every_seconds: u32,
}

impl From<ClaimedCase> for Claim {
    fn from(claimed: ClaimedCase) -> Self {
        Self {
            case: claimed.row.into(),
            claim_token: claimed.claim.token.to_string().into(),
            lease_expires_at: claimed.claim.lease_until,
            renew_every_seconds: claimed.renew_every_seconds,
        }
    }
}

/// Looking at cases and templates.
#[derive(Debug, Default)]
pub struct ReadingQuery;

#[Object]
impl ReadingQuery {
    /// Cases the caller may read, what breaches first on top. Staff see their facilities' cases, readers the
    /// tenant's.
    async fn worklist(
        &self,
        ctx: &Context<'_>,
        filter: Option<WorklistFilter>,
        #[graphql(default_with = "Some(200)")] first: Option<u32>,
        after: Option<String>,
    ) -> Result<CaseConnection> {
        let (app, actor) = (ctx.app()?, ctx.actor()?);
        let filter = filter.unwrap_or_default().parse(actor.user())?;
        let page = app::reading::rows::Page {
            first: first.unwrap_or(200).into(),
            after,
        };
        let listed = app.worklist(actor, &filter, &page).await.map_err(graphql_error)?;
        Ok(CaseConnection {
            nodes: listed.rows.into_iter().map(Case::from).collect(),
            end_cursor: listed.end_cursor,
            has_next_page: listed.has_next,
            total_count: listed.total,
        })
    }

    async fn case(&self, ctx: &Context<'_>, id: ID) -> Result<Case> {
        let id = parse_id("id", &id)?;
        Ok(ctx
            .app()?
            .case(ctx.actor()?, id)
            .await
            .map_err(graphql_error)?
            .into())
    }

    /// The templates that fit an examination, best first; without arguments all of them.
    async fn report_templates(
        &self,
        ctx: &Context<'_>,
        modality: Option<String>,
        body_part: Option<String>,
    ) -> Result<Vec<ReportTemplate>> {
        let templates = ctx
            .app()?
            .report_templates(ctx.actor()?, modality.as_deref(), body_part.as_deref())
            .await;
        Ok(templates
            .map_err(graphql_error)?
            .into_iter()
            .map(ReportTemplate::from)
            .collect())
    }
}

/// Reading cases.
#[derive(Debug, Default)]
pub struct ReadingMutation;

#[Object]
impl ReadingMutation {
    /// Takes a case. `CASE_ALREADY_CLAIMED` carries `extensions.holder {userId, name, since}`;
    /// `SECOND_READER_REQUIRED` when the caller signed the preliminary report.
    async fn claim_case(&self, ctx: &Context<'_>, input: ClaimCaseInput) -> Result<Claim> {
        let case = parse_id("caseId", &input.case_id)?;
        Ok(ctx
            .app()?
            .claim_case(ctx.actor()?, case)
            .await
            .map_err(graphql_error)?
            .into())
    }

    /// Keeps a claim. `CLAIM_LOST` when it lapsed.
    async fn renew_claim(&self, ctx: &Context<'_>, input: ClaimTokenInput) -> Result<Claim> {
        let case = parse_id("caseId", &input.case_id)?;
        let token = parse_id("claimToken", &input.claim_token)?;
        Ok(ctx
            .app()?
            .renew_claim(ctx.actor()?, case, token)
            .await
            .map_err(graphql_error)?
            .into())
    }

    async fn release_claim(&self, ctx: &Context<'_>, input: ClaimTokenInput) -> Result<Case> {
        let case = parse_id("caseId", &input.case_id)?;
        let token = parse_id("claimToken", &input.claim_token)?;
        Ok(ctx
            .app()?
            .release_claim(ctx.actor()?, case, token)
            .await
            .map_err(graphql_error)?
            .into())
    }

    /// `DRAFT_CONFLICT` when `baseRevision` is old; `extensions.revision` is the newest.
    async fn save_report_draft(&self, ctx: &Context<'_>, input: SaveReportDraftInput) -> Result<ReportDraft> {
        let saved = ctx.app()?.save_report_draft(ctx.actor()?, input.parse()?).await;
        Ok(saved.map_err(graphql_error)?.into())
    }

    /// `WRONG_PASSWORD`; `STUDY_CHANGED` with `extensions.imageCount`; `REPORT_INCOMPLETE` with
    /// `extensions.fields` by section key; `REPORT_UNPRINTABLE` with `extensions.characters`, too; `SECOND_READER_REQUIRED`.
    async fn sign_report(&self, ctx: &Context<'_>, input: SignReportInput) -> Result<Case> {
        let signed = ctx.app()?.sign_report(ctx.actor()?, input.parse()?).await;
        Ok(signed.map_err(graphql_error)?.into())
    }

    /// `WRONG_PASSWORD`; `STUDY_CHANGED` with `extensions.imageCount`; `REPORT_UNPRINTABLE`.
    async fn add_addendum(&self, ctx: &Context<'_>, input: AddAddendumInput) -> Result<Case> {
        let case = parse_id("caseId", &input.case_id)?;
        let amended = ctx
            .app()?
            .add_addendum(ctx.actor()?, case, &input.text, input.image_count, input.password)
            .await;
        Ok(amended.map_err(graphql_error)?.into())
    }

    /// Closes the "verify report" work item without an addendum. `STUDY_CHANGED` with `extensions.imageCount`.
    async fn acknowledge_late_images(
        &self,
        ctx: &Context<'_>,
        input: AcknowledgeLateImagesInput,
    ) -> Result<Case> {
        let case = parse_id("caseId", &input.case_id)?;
        Ok(ctx
            .app()?
            .acknowledge_late_images(ctx.actor()?, case, input.image_count)
            .await
            .map_err(graphql_error)?
            .into())
    }

    async fn mark_key_image(&self, ctx: &Context<'_>, input: MarkKeyImageInput) -> Result<KeyImage> {
        let marked = ctx.app()?.mark_key_image(ctx.actor()?, input.parse()?).await;
        Ok(marked.map_err(graphql_error)?.into())
    }

    async fn remove_key_image(&self, ctx: &Context<'_>, input: RemoveKeyImageInput) -> Result<Case> {
        let case = parse_id("caseId", &input.case_id)?;
        let token = parse_id("claimToken", &input.claim_token)?;
        let image = parse_id("keyImageId", &input.key_image_id)?;
        Ok(ctx
            .app()?
            .remove_key_image(ctx.actor()?, case, token, image)
            .await
            .map_err(graphql_error)?
            .into())
    }

    /// The facility has read the report: its portal copies become ACKNOWLEDGED.
    async fn acknowledge_report(&self, ctx: &Context<'_>, input: CaseInput) -> Result<Case> {
        let case = parse_id("caseId", &input.case_id)?;
        Ok(ctx
            .app()?
            .acknowledge_report(ctx.actor()?, case)
            .await
            .map_err(graphql_error)?
            .into())
    }

    async fn set_case_priority(&self, ctx: &Context<'_>, input: SetCasePriorityInput) -> Result<Case> {
        let case = parse_id("caseId", &input.case_id)?;
        let flag = input.protocol_flag.map(domain::ProtocolFlag::from);
        let changed = ctx
            .app()?
            .set_case_priority(ctx.actor()?, case, input.priority.into(), flag)
            .await;
        Ok(changed.map_err(graphql_error)?.into())
    }
}
