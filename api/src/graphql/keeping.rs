//! How long studies are kept, where they lie, and whether they are whole.

use app::{
    archive::{
        ArchiveDecisions, NewRetentionRule, RetentionPreview as Preview,
        rows::{AgingStudy, ArchivePolicy as Policy},
    },
    integrity::StorageHealth as Health,
};
use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};

use super::{CallerContext, context::parse_id, graphql_error};

/// From when on the days of a rule are counted.
#[derive(Debug, Enum, Copy, Clone, Eq, PartialEq)]
#[graphql(remote = "domain::retention::CountedFrom")]
pub enum CountedFrom {
    /// The arrival of the newest image.
    Arrival,
    /// The last time anybody opened the study, or its arrival.
    LastLook,
}

/// How long studies are kept. Of several rules that speak of a study the longest holds.
#[derive(Debug, Clone, SimpleObject)]
pub struct RetentionRule {
    id: ID,
    /// Of studies with a series of this modality; of all when null.
    modality: Option<String>,
    keep_days: u32,
    counted_from: CountedFrom,
}

/// What a tenant decided about its archive.
#[derive(Debug, Clone, SimpleObject)]
pub struct ArchivePolicy {
    /// What is deleted can be restored for so many days.
    trash_days: u32,
    /// Studies nobody looked at for so many days go to the slow store; never when null.
    cold_after_days: Option<u32>,
    /// Studies are kept for ever without a rule.
    rules: Vec<RetentionRule>,
}

impl From<ArchiveDecisions> for ArchivePolicy {
    fn from(decisions: ArchiveDecisions) -> Self {
        let rule = |rule: domain::retention::RetentionRule| RetentionRule {
            id: rule.id.to_string().into(),
            modality: rule.modality,
            keep_days: rule.keep_days,
            counted_from: rule.counted_from.into(),
        };
        Self {
            trash_days: decisions.policy.trash_days,
            cold_after_days: decisions.policy.cold_after_days,
            rules: decisions.rules.into_iter().map(rule).collect(),
        }
    }
}

/// A study that has outlived the rules.
#[derive(Debug, Clone, SimpleObject)]
pub struct OutlivedStudy {
    study_id: ID,
    description: Option<String>,
    /// `YYYYMMDD`.
    study_date: Option<String>,
    modalities: Vec<String>,
    instance_count: u32,
    last_received_at: DateTime<Utc>,
}

impl From<AgingStudy> for OutlivedStudy {
    fn from(aging: AgingStudy) -> Self {
        Self {
            study_id: aging.study.id.to_string().into(),
            description: aging.study.description,
            study_date: aging.study.study_date,
            modalities: aging.study.modalities,
            instance_count: aging.study.instance_count,
            last_received_at: aging.study.last_received_at,
        }
    }
}

/// What the rules would put into the trash now.
#[derive(Debug, Clone, SimpleObject)]
pub struct RetentionPreview {
    studies: u64,
    bytes: f64,
    /// A hundred of them at the most.
    first: Vec<OutlivedStudy>,
}

impl From<Preview> for RetentionPreview {
    fn from(preview: Preview) -> Self {
        Self {
            studies: preview.studies,
            bytes: preview.bytes as f64,
            first: preview.first.into_iter().map(OutlivedStudy::from).collect(),
        }
    }
}

/// Whether everything that is stored is whole.
#[derive(Debug, Clone, SimpleObject)]
pub struct StorageHealth {
    /// Instances whose bytes are missing or damaged and were not repaired.
    damaged_instances: u64,
    /// Whether there is a second store that has every original, too.
    has_replica: bool,
    /// Objects the second store has not yet, counted up to a thousand.
    not_replicated: u64,
    /// When the scrub last finished, and what it found.
    verified_at: Option<DateTime<Utc>>,
    verified: Option<String>,
}

impl From<Health> for StorageHealth {
    fn from(health: Health) -> Self {
        Self {
            damaged_instances: health.damaged_instances,
            has_replica: health.not_replicated.is_some(),
            not_replicated: health.not_replicated.unwrap_or_default(),
            verified_at: health.verified.as_ref().map(|(at, _)| *at),
            verified: health.verified.map(|(_, found)| found),
        }
    }
}

#[derive(Debug, InputObject)]
pub struct RetentionRuleInput {
    /// Such as CT; all when absent.
    modality: Option<String>,
    /// At least 30.
    keep_days: u32,
    counted_from: CountedFrom,
}

#[derive(Debug, InputObject)]
pub struct ArchivePolicyInput {
    trash_days: u32,
    cold_after_days: Option<u32>,
    /// All rules; those that are not named are gone.
    rules: Vec<RetentionRuleInput>,
}

/// When images may be exported as lossy copies.
#[derive(Debug, Clone, SimpleObject)]
pub struct LossyPolicy {
    /// Only of studies of which nothing came for so many days.
    after_days: u32,
    modalities: Vec<String>,
    /// What every frame keeps to at least, in decibels.
    least_psnr_db: u32,
}

impl From<domain::lossy::LossyPolicy> for LossyPolicy {
    fn from(policy: domain::lossy::LossyPolicy) -> Self {
        Self {
            after_days: policy.after_days,
            modalities: policy.modalities,
            least_psnr_db: policy.least_psnr_db,
        }
    }
}

#[derive(Debug, InputObject)]
pub struct LossyPolicyInput {
    after_days: u32,
    /// One at the least, such as CT.
    modalities: Vec<String>,
    /// Between 40 and 80.
    least_psnr_db: u32,
}

#[derive(Debug, InputObject)]
pub struct SetLossyPolicyInput {
    /// Lossy copies are forbidden when it is null.
    policy: Option<LossyPolicyInput>,
}

#[derive(Debug, InputObject)]
pub struct RecallStudyInput {
    study_id: ID,
}

/// What can be asked about keeping.
#[derive(Debug, Clone, Copy, Default)]
pub struct KeepingQuery;

#[Object]
impl KeepingQuery {
    /// How long studies are kept, and where.
    async fn archive_policy(&self, ctx: &Context<'_>) -> Result<ArchivePolicy> {
        let decisions = ctx.app()?.archive_decisions(ctx.actor()?).await;
        Ok(decisions.map_err(graphql_error)?.into())
    }

    /// When images may be exported as lossy copies; never when null.
    async fn lossy_policy(&self, ctx: &Context<'_>) -> Result<Option<LossyPolicy>> {
        let policy = ctx.app()?.lossy_policy(ctx.actor()?).await;
        Ok(policy.map_err(graphql_error)?.map(Into::into))
    }

    /// What the retention rules would put into the trash now. Changes nothing.
    async fn retention_preview(&self, ctx: &Context<'_>) -> Result<RetentionPreview> {
        let preview = ctx.app()?.preview_retention(ctx.actor()?).await;
        Ok(preview.map_err(graphql_error)?.into())
    }

    /// Whether everything that is stored is whole.
    async fn storage_health(&self, ctx: &Context<'_>) -> Result<StorageHealth> {
        let health = ctx.app()?.storage_health(ctx.actor()?).await;
        Ok(health.map_err(graphql_error)?.into())
    }
}

/// What can be decided about keeping.
#[derive(Debug, Clone, Copy, Default)]
pub struct KeepingMutation;

#[Object]
impl KeepingMutation {
    /// Decides how long studies are kept, and where.
    async fn set_archive_policy(
        &self,
        ctx: &Context<'_>,
        input: ArchivePolicyInput,
    ) -> Result<ArchivePolicy> {
        let policy = Policy {
            trash_days: input.trash_days,
            cold_after_days: input.cold_after_days,
        };
        let rule = |rule: RetentionRuleInput| NewRetentionRule {
            modality: rule.modality,
            keep_days: rule.keep_days,
            counted_from: rule.counted_from.into(),
        };
        let rules = input.rules.into_iter().map(rule).collect();
        let decided = ctx.app()?.decide_archive(ctx.actor()?, policy, rules).await;
        Ok(decided.map_err(graphql_error)?.into())
    }

    /// Allows lossy copies in exports, or forbids them. Originals are never replaced by them.
    async fn set_lossy_policy(
        &self,
        ctx: &Context<'_>,
        input: SetLossyPolicyInput,
    ) -> Result<Option<LossyPolicy>> {
        let policy = input.policy.map(|policy| domain::lossy::LossyPolicy {
            after_days: policy.after_days,
            modalities: policy.modalities,
            least_psnr_db: policy.least_psnr_db,
        });
        let decided = ctx.app()?.decide_lossy(ctx.actor()?, policy).await;
        Ok(decided.map_err(graphql_error)?.map(Into::into))
    }

    /// Asks for a study to be brought back from the slow store. False when it is not there.
    async fn recall_study(&self, ctx: &Context<'_>, input: RecallStudyInput) -> Result<bool> {
        let study = parse_id("studyId", &input.study_id)?;
        let recalled = ctx.app()?.recall_study(ctx.actor()?, study).await;
        recalled.map_err(graphql_error)
    }
}
