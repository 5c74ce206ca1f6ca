//! What a tenant decided about its archive: how long studies are kept, and when they go to the slow store.

use chrono::{DateTime, Utc};
use domain::{
    CaseState, PatientId, RetentionRuleId, StudyId,
    retention::{CountedFrom, KeptStudy, RetentionRule},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait as _, OnConflict},
};
use uuid::Uuid;

use super::{StudyRow, Tier};
use crate::{
    StoreError, TenantRead, TenantTx,
    entity::{archive_policy, reading_case, retention_rule, study},
};

/// A tenant's decisions, but for the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArchivePolicy {
    /// What is deleted can be restored for so many days.
    pub trash_days: u32,
    /// Studies nobody looked at for so many days go to the slow store; never when none.
    pub cold_after_days: Option<u32>,
}

/// A study with what rules look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgingStudy {
    /// The study.
    pub study: StudyRow,
    /// What rules look at.
    pub kept: KeptStudy,
}

impl TenantRead {
    /// What the tenant decided; none while it has not.
    pub async fn archive_policy(&self) -> Result<Option<ArchivePolicy>, StoreError> {
        let row = self.find::<archive_policy::Entity>().one(&self.conn).await?;
        Ok(row.map(|row| ArchivePolicy {
            trash_days: row.trash_days.unsigned_abs(),
            cold_after_days: row.cold_after_days.map(i32::unsigned_abs),
        }))
    }

    /// The tenant's retention rules, oldest first.
    pub async fn retention_rules(&self) -> Result<Vec<RetentionRule>, StoreError> {
        let rows = self
            .find::<retention_rule::Entity>()
            .order_by_asc(retention_rule::Column::Id)
            .all(&self.conn)
            .await?;
        rows.into_iter().map(rule).collect()
    }

    /// The next studies after `after` whose newest image came before `before`, with what rules look at.
    pub async fn aging_studies(
        &self,
        before: DateTime<Utc>,
        after: Uuid,
        limit: u64,
    ) -> Result<Vec<AgingStudy>, StoreError> {
        let rows: Vec<(study::Model, Option<reading_case::Model>)> = self
            .find::<study::Entity>()
            .join(
                JoinType::LeftJoin,
                study::Entity::belongs_to(reading_case::Entity)
                    .from((study::Column::TenantId, study::Column::Id))
                    .to((reading_case::Column::TenantId, reading_case::Column::StudyId))
                    .into(),
            )
            .select_also(reading_case::Entity)
            .filter(study::Column::LastReceivedAt.lt(before))
            .filter(study::Column::Id.gt(after))
            .order_by_asc(study::Column::Id)
            .limit(limit)
            .all(&self.conn)
            .await?;
        Ok(rows
            .into_iter()
            .map(|(row, case)| {
                let study = StudyRow::from(row);
                let kept = KeptStudy {
                    modalities: study.modalities.clone(),
                    last_received_at: study.last_received_at,
                    last_read_at: study.last_read_at,
                    on_hold: study.legal_hold,
                    // A state of a newer program is one that is not done.
                    case: case.map(|case| CaseState::from_name(&case.state).unwrap_or(CaseState::Receiving)),
                };
                AgingStudy { study, kept }
            })
            .collect())
    }

    /// The next studies after `after` in the fast store that nobody sent to or looked at since `since`.
    pub async fn quiet_studies(
        &self,
        since: DateTime<Utc>,
        after: Uuid,
        limit: u64,
    ) -> Result<Vec<StudyId>, StoreError> {
        let unread = Condition::any()
            .add(study::Column::LastReadAt.is_null())
            .add(study::Column::LastReadAt.lt(since));
        let rows: Vec<Uuid> = self
            .find::<study::Entity>()
            .filter(study::Column::Tier.eq(Tier::Hot.as_str()))
            .filter(study::Column::LastReceivedAt.lt(since))
            .filter(unread)
            .filter(study::Column::Id.gt(after))
            .order_by_asc(study::Column::Id)
            .limit(limit)
            .select_only()
            .column(study::Column::Id)
            .into_tuple()
            .all(&self.conn)
            .await?;
        Ok(rows.into_iter().map(StudyId::from_uuid).collect())
    }

    /// A patient's newest studies that lie in the slow store.
    pub async fn cold_studies_of_patient(
        &self,
        patient: PatientId,
        limit: u64,
    ) -> Result<Vec<StudyId>, StoreError> {
        let rows: Vec<Uuid> = self
            .find::<study::Entity>()
            .filter(study::Column::PatientId.eq(patient.uuid()))
            .filter(study::Column::Tier.eq(Tier::Cold.as_str()))
            .order_by_desc(study::Column::LastReceivedAt)
            .limit(limit)
            .select_only()
            .column(study::Column::Id)
            .into_tuple()
            .all(&self.conn)
            .await?;
        Ok(rows.into_iter().map(StudyId::from_uuid).collect())
    }

    /// The next studies after `after` that are to come back from the slow store.
    pub async fn awaited_studies(&self, after: Uuid, limit: u64) -> Result<Vec<StudyRow>, StoreError> {
        let rows = self
            .find::<study::Entity>()
            .filter(study::Column::RecallRequestedAt.is_not_null())
            .filter(study::Column::Id.gt(after))
            .order_by_asc(study::Column::Id)
            .limit(limit)
            .all(&self.conn)
            .await?;
        Ok(rows.into_iter().map(StudyRow::from).collect())
    }
}

impl TenantTx {
    /// Keeps what the tenant decided.
    pub async fn set_archive_policy(&mut self, policy: ArchivePolicy) -> Result<(), StoreError> {
        let days = |days: u32| i32::try_from(days).unwrap_or(i32::MAX);
        let row = archive_policy::ActiveModel {
            tenant_id: Set(self.tenant().uuid()),
            trash_days: Set(days(policy.trash_days)),
            cold_after_days: Set(policy.cold_after_days.map(days)),
        };
        let replace = OnConflict::column(archive_policy::Column::TenantId)
            .update_columns([
                archive_policy::Column::TrashDays,
                archive_policy::Column::ColdAfterDays,
            ])
            .to_owned();
        self.insert::<archive_policy::Entity>(row)
            .on_conflict(replace)
            .exec_without_returning(&self.conn)
            .await?;
        Ok(())
    }

    /// Replaces the tenant's retention rules.
    pub async fn set_retention_rules(&mut self, rules: &[RetentionRule]) -> Result<(), StoreError> {
        self.delete::<retention_rule::Entity>().exec(&self.conn).await?;
        let tenant_id = self.tenant().uuid();
        let rows = rules.iter().map(|rule| retention_rule::ActiveModel {
            id: Set(rule.id.uuid()),
            tenant_id: Set(tenant_id),
            modality: Set(rule.modality.clone()),
            keep_days: Set(i32::try_from(rule.keep_days).unwrap_or(i32::MAX)),
            counted_from: Set(rule.counted_from.as_str().to_owned()),
        });
        if rules.is_empty() {
            return Ok(());
        }
        self.insert_many::<retention_rule::Entity, _>(rows)
            .exec_without_returning(&self.conn)
            .await?;
        Ok(())
    }

    /// All of a study lies in a store now, and nobody waits for it any more.
    pub async fn set_tier_of_study(&mut self, id: StudyId, tier: Tier) -> Result<(), StoreError> {
        self.update::<study::Entity>()
            .filter(study::Column::Id.eq(id.uuid()))
            .set(study::ActiveModel {
                tier: Set(tier.as_str().to_owned()),
                recall_requested_at: Set(None),
                ..Default::default()
            })
            .exec(&self.conn)
            .await?;
        Ok(())
    }

    /// Somebody looks at a study.
    pub async fn touch_study(&mut self, id: StudyId, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.update::<study::Entity>()
            .filter(study::Column::Id.eq(id.uuid()))
            .set(study::ActiveModel {
                last_read_at: Set(Some(now)),
                ..Default::default()
            })
            .exec(&self.conn)
            .await?;
        Ok(())
    }

    /// A study is to come back from the slow store. Since when is kept when it was asked for before; who asks for it
    /// means to look, so that it is not sent away again at once.
    pub async fn await_study(&mut self, id: StudyId, now: DateTime<Utc>) -> Result<(), StoreError> {
        let since = Expr::col(study::Column::RecallRequestedAt).if_null(now);
        self.update::<study::Entity>()
            .filter(study::Column::Id.eq(id.uuid()))
            .col_expr(study::Column::RecallRequestedAt, since)
            .col_expr(study::Column::LastReadAt, Expr::value(now))
            .exec(&self.conn)
            .await?;
        Ok(())
    }
}

fn rule(row: retention_rule::Model) -> Result<RetentionRule, StoreError> {
    let counted_from = CountedFrom::from_name(&row.counted_from).ok_or_else(|| StoreError::Inconsistent {
        table: "retention_rule",
        id: row.id.to_string(),
        what: "what the days are counted from is known",
    })?;
    Ok(RetentionRule {
        id: RetentionRuleId::from_uuid(row.id),
        modality: row.modality,
        keep_days: row.keep_days.unsigned_abs(),
        counted_from,
    })
}
