//! Work items and the claims on them.
//!
//! **Invariant:** a claim is taken, kept and given back only by updates that name the claim they
//! replace; of two at the same time one changes no row.

use chrono::{DateTime, Utc};
use domain::{
    CaseId, ClaimToken, UserId, WorkItemId,
    reading_case::{Claim, WorkItem, WorkItemKind},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, QueryFilter, Select};

use super::named;
use crate::{StoreError, TenantRead, TenantTx, entity::work_item, tenant::one_row};

pub(super) const OPEN: &str = "OPEN";
const DONE: &str = "DONE";

impl TenantRead {
    /// The open work items of these cases.
    pub async fn open_work_items(&self, cases: &[CaseId]) -> Result<Vec<WorkItem>, StoreError> {
        let rows = self
            .open_items()
            .filter(work_item::Column::CaseId.is_in(cases.iter().map(|case| case.uuid())))
            .all(&self.conn)
            .await?;
        rows.into_iter().map(WorkItem::try_from).collect()
    }

    /// The open task to read and report a case.
    pub async fn reading_item(&self, case: CaseId) -> Result<Option<WorkItem>, StoreError> {
        let items = self.open_work_items(&[case]).await?;
        Ok(items
            .into_iter()
            .find(|item| item.kind != WorkItemKind::VerifyReport))
    }

    /// One open work item.
    pub async fn open_work_item(&self, id: WorkItemId) -> Result<Option<WorkItem>, StoreError> {
        let row = self
            .open_items()
            .filter(work_item::Column::Id.eq(id.uuid()))
            .one(&self.conn)
            .await?;
        row.map(WorkItem::try_from).transpose()
    }

    fn open_items(&self) -> Select<work_item::Entity> {
        self.find::<work_item::Entity>()
            .filter(work_item::Column::State.eq(OPEN))
    }
}

impl TenantTx {
    /// Opens a task on a case.
    pub async fn insert_work_item(&self, item: &WorkItem, now: DateTime<Utc>) -> Result<(), StoreError> {
        let row = work_item::ActiveModel {
            id: Set(item.id.uuid()),
            case_id: Set(item.case.uuid()),
            kind: Set(item.kind.as_str().to_owned()),
            state: Set(OPEN.to_owned()),
            opened_at: Set(now),
            ..Default::default()
        };
        self.insert::<work_item::Entity>(row)
            .exec_without_returning(&self.conn)
            .await?;
        Ok(())
    }

    /// Makes `claim` the claim of an open work item that is free at `now`, or that `claim` holds already.
    /// False when somebody else holds it.
    pub async fn take_claim(
        &self,
        item: WorkItemId,
        claim: &Claim,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let free = Condition::any()
            .add(work_item::Column::ClaimToken.is_null())
            .add(work_item::Column::ClaimUntil.lte(now))
            .add(work_item::Column::ClaimToken.eq(claim.token.uuid()));
        let updated = self
            .update::<work_item::Entity>()
            .filter(work_item::Column::Id.eq(item.uuid()))
            .filter(work_item::Column::State.eq(OPEN))
            .filter(free)
            .set(claimed(Some(claim)))
            .exec(&self.conn)
            .await?;
        Ok(updated.rows_affected == 1)
    }

    /// Lets the claim of `token` hold until `until`. False when it is not the claim any more.
    pub async fn extend_claim(
        &self,
        item: WorkItemId,
        token: ClaimToken,
        until: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let change = work_item::ActiveModel {
            claim_until: Set(Some(until)),
            ..Default::default()
        };
        self.change_claimed(item, token, change).await
    }

    /// Ends the claim of `token`. False when it is not the claim any more.
    pub async fn end_claim(&self, item: WorkItemId, token: ClaimToken) -> Result<bool, StoreError> {
        self.change_claimed(item, token, claimed(None)).await
    }

    /// Closes the open work item.
    pub async fn close_work_item(
        &self,
        id: WorkItemId,
        by: UserId,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let updated = self
            .update::<work_item::Entity>()
            .filter(work_item::Column::Id.eq(id.uuid()))
            .filter(work_item::Column::State.eq(OPEN))
            .set(work_item::ActiveModel {
                state: Set(DONE.to_owned()),
                closed_at: Set(Some(now)),
                closed_by: Set(Some(by.uuid())),
                ..claimed(None)
            })
            .exec(&self.conn)
            .await?;
        one_row("work_item", updated.rows_affected)
    }

    async fn change_claimed(
        &self,
        item: WorkItemId,
        token: ClaimToken,
        change: work_item::ActiveModel,
    ) -> Result<bool, StoreError> {
        let updated = self
            .update::<work_item::Entity>()
            .filter(work_item::Column::Id.eq(item.uuid()))
            .filter(work_item::Column::State.eq(OPEN))
            .filter(work_item::Column::ClaimToken.eq(token.uuid()))
            .set(change)
            .exec(&self.conn)
            .await?;
        Ok(updated.rows_affected == 1)
    }
}

fn claimed(claim: Option<&Claim>) -> work_item::ActiveModel {
    work_item::ActiveModel {
        claim_token: Set(claim.map(|claim| claim.token.uuid())),
        claim_holder: Set(claim.map(|claim| claim.holder.uuid())),
        claim_since: Set(claim.map(|claim| claim.since)),
        claim_until: Set(claim.map(|claim| claim.lease_until)),
        ..Default::default()
    }
}

impl TryFrom<work_item::Model> for WorkItem {
    type Error = StoreError;

    fn try_from(row: work_item::Model) -> Result<Self, StoreError> {
        let claim = match (
            row.claim_token,
            row.claim_holder,
            row.claim_since,
            row.claim_until,
        ) {
            (Some(token), Some(holder), Some(since), Some(lease_until)) => Some(Claim {
                token: ClaimToken::from_uuid(token),
                holder: UserId::from_uuid(holder),
                since,
                lease_until,
            }),
            (None, None, None, None) => None,
            _ => {
                return Err(StoreError::Inconsistent {
                    table: "work_item",
                    id: row.id.to_string(),
                    what: "a claim is whole or absent",
                });
            }
        };
        Ok(Self {
            id: WorkItemId::from_uuid(row.id),
            case: CaseId::from_uuid(row.case_id),
            kind: named("work_item", row.id, &row.kind, WorkItemKind::from_name)?,
            claim,
        })
    }
}
