//! Unified Procedure Steps: those that others created, the tasks of our readers as such, and subscriptions.

use chrono::{DateTime, Utc};
use domain::{
    CaseId, FacilityId, FacilityScope, WorkItemId,
    reading_case::WorkItem,
    ups::{Step, StepState},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect,
    RelationDef, sea_query::OnConflict,
};
use uuid::Uuid;

use crate::{
    StoreError, TenantRead, TenantTx,
    entity::{reading_case, ups_subscription, ups_workitem, work_item},
    tenant::{one_row, tenant_owned},
};

tenant_owned!(ups_workitem, ups_subscription);

/// A work item that others created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkitemRow {
    /// The row.
    pub id: Uuid,
    /// Whose people may see it; none when it is nobody's in particular.
    pub facility: Option<FacilityId>,
    /// SOP Instance UID (0008,0018).
    pub sop_instance_uid: String,
    /// State and Transaction UID.
    pub step: Step,
    /// Everything else, as the DICOM JSON Model.
    pub data_set: String,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// A reader's task, open or done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskRow {
    /// The task.
    pub item: WorkItem,
    /// When it was opened.
    pub opened_at: DateTime<Utc>,
    /// When it was done.
    pub closed_at: Option<DateTime<Utc>>,
}

/// Who wants to hear of what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionRow {
    /// The AE title.
    pub subscriber: String,
    /// The work item's UID, or a well-known one.
    pub target: String,
    /// A query, of a filtered subscription.
    pub filter: Option<String>,
    /// Whose it is.
    pub owner: String,
}

impl TenantRead {
    /// The work item of a UID, within `scope`.
    pub async fn workitem(
        &self,
        uid: &str,
        scope: &FacilityScope,
    ) -> Result<Option<WorkitemRow>, StoreError> {
        let row = self
            .find::<ups_workitem::Entity>()
            .filter(ups_workitem::Column::SopInstanceUid.eq(uid))
            .filter(in_scope(scope))
            .one(&self.conn)
            .await?;
        row.map(WorkitemRow::try_from).transpose()
    }

    /// The work items of these rows, within `scope`.
    pub async fn workitems_of_rows(
        &self,
        ids: &[Uuid],
        scope: &FacilityScope,
    ) -> Result<Vec<WorkitemRow>, StoreError> {
        let rows = self
            .find::<ups_workitem::Entity>()
            .filter(ups_workitem::Column::Id.is_in(ids.iter().copied()))
            .filter(in_scope(scope))
            .all(&self.conn)
            .await?;
        rows.into_iter().map(WorkitemRow::try_from).collect()
    }

    /// Work items within `scope`, the newest first: `limit` of them that are older than `before`, in this state.
    pub async fn workitems(
        &self,
        scope: &FacilityScope,
        state: Option<StepState>,
        before: Option<Uuid>,
        limit: u64,
    ) -> Result<Vec<WorkitemRow>, StoreError> {
        let mut query = self.find::<ups_workitem::Entity>().filter(in_scope(scope));
        if let Some(state) = state {
            query = query.filter(ups_workitem::Column::State.eq(state.as_str()));
        }
        if let Some(before) = before {
            query = query.filter(ups_workitem::Column::Id.lt(before));
        }
        let rows = query
            .order_by_desc(ups_workitem::Column::Id)
            .limit(limit)
            .all(&self.conn)
            .await?;
        rows.into_iter().map(WorkitemRow::try_from).collect()
    }

    /// Readers' tasks within `scope`, the newest first: `limit` of them that are older than `before`.
    pub async fn tasks(
        &self,
        scope: &FacilityScope,
        only: Option<WorkItemId>,
        before: Option<Uuid>,
        limit: u64,
    ) -> Result<Vec<TaskRow>, StoreError> {
        let mut query = self
            .find::<work_item::Entity>()
            .join(JoinType::InnerJoin, case_of_task());
        if let FacilityScope::Only(facilities) = scope {
            let facilities = facilities.iter().map(|facility| facility.uuid());
            query = query.filter(reading_case::Column::FacilityId.is_in(facilities));
        }
        if let Some(only) = only {
            query = query.filter(work_item::Column::Id.eq(only.uuid()));
        }
        if let Some(before) = before {
            query = query.filter(work_item::Column::Id.lt(before));
        }
        let rows = query
            .order_by_desc(work_item::Column::Id)
            .limit(limit)
            .all(&self.conn)
            .await?;
        rows.into_iter().map(TaskRow::try_from).collect()
    }

    /// The tasks of these cases, open or done.
    pub async fn tasks_of_cases(&self, cases: &[CaseId]) -> Result<Vec<TaskRow>, StoreError> {
        let rows = self
            .find::<work_item::Entity>()
            .filter(work_item::Column::CaseId.is_in(cases.iter().map(|case| case.uuid())))
            .all(&self.conn)
            .await?;
        rows.into_iter().map(TaskRow::try_from).collect()
    }

    /// What a subscriber wants to hear of.
    pub async fn subscriptions(&self, subscriber: &str) -> Result<Vec<SubscriptionRow>, StoreError> {
        let rows = self
            .find::<ups_subscription::Entity>()
            .filter(ups_subscription::Column::Subscriber.eq(subscriber))
            .order_by_asc(ups_subscription::Column::Target)
            .all(&self.conn)
            .await?;
        Ok(rows.into_iter().map(SubscriptionRow::from).collect())
    }
}

impl TenantTx {
    /// The work item of a UID, within `scope`, locked until the transaction ends.
    pub async fn lock_workitem(
        &self,
        uid: &str,
        scope: &FacilityScope,
    ) -> Result<Option<WorkitemRow>, StoreError> {
        let row = self
            .find::<ups_workitem::Entity>()
            .filter(ups_workitem::Column::SopInstanceUid.eq(uid))
            .filter(in_scope(scope))
            .lock_exclusive()
            .one(&self.conn)
            .await?;
        row.map(WorkitemRow::try_from).transpose()
    }

    /// Adds a work item. False when its UID is taken, by whomever.
    pub async fn insert_workitem(&mut self, new: &WorkitemRow) -> Result<bool, StoreError> {
        let row = ups_workitem::ActiveModel {
            id: Set(new.id),
            tenant_id: Set(self.tenant().uuid()),
            facility_id: Set(new.facility.map(FacilityId::uuid)),
            sop_instance_uid: Set(new.sop_instance_uid.clone()),
            state: Set(new.step.state.as_str().to_owned()),
            transaction_uid: Set(new.step.transaction_uid.clone()),
            data_set: Set(new.data_set.clone()),
            created_at: Set(new.updated_at),
            updated_at: Set(new.updated_at),
        };
        let made = self
            .insert::<ups_workitem::Entity>(row)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(&self.conn)
            .await?;
        Ok(made > 0)
    }

    /// Keeps what a locked work item has become.
    pub async fn save_workitem(&mut self, row: &WorkitemRow) -> Result<(), StoreError> {
        let updated = self
            .update::<ups_workitem::Entity>()
            .filter(ups_workitem::Column::Id.eq(row.id))
            .set(ups_workitem::ActiveModel {
                state: Set(row.step.state.as_str().to_owned()),
                transaction_uid: Set(row.step.transaction_uid.clone()),
                data_set: Set(row.data_set.clone()),
                updated_at: Set(row.updated_at),
                ..Default::default()
            })
            .exec(&self.conn)
            .await?;
        one_row("ups_workitem", updated.rows_affected)
    }

    /// Subscribes; a subscription to the same becomes this one.
    pub async fn put_subscription(
        &mut self,
        new: &SubscriptionRow,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let row = ups_subscription::ActiveModel {
            tenant_id: Set(self.tenant().uuid()),
            subscriber: Set(new.subscriber.clone()),
            target: Set(new.target.clone()),
            filter: Set(new.filter.clone()),
            owner: Set(new.owner.clone()),
            created_at: Set(now),
        };
        let again = OnConflict::columns([
            ups_subscription::Column::TenantId,
            ups_subscription::Column::Subscriber,
            ups_subscription::Column::Target,
        ])
        .update_columns([ups_subscription::Column::Filter])
        .to_owned();
        self.insert::<ups_subscription::Entity>(row)
            .on_conflict(again)
            .exec_without_returning(&self.conn)
            .await?;
        Ok(())
    }

    /// Ends a subscription. False when there is none.
    pub async fn remove_subscription(&mut self, subscriber: &str, target: &str) -> Result<bool, StoreError> {
        let removed = self
            .delete::<ups_subscription::Entity>()
            .filter(ups_subscription::Column::Subscriber.eq(subscriber))
            .filter(ups_subscription::Column::Target.eq(target))
            .exec(&self.conn)
            .await?;
        Ok(removed.rows_affected > 0)
    }
}

fn case_of_task() -> RelationDef {
    work_item::Entity::belongs_to(reading_case::Entity)
        .from(work_item::Column::CaseId)
        .to(reading_case::Column::Id)
        .into()
}

fn in_scope(scope: &FacilityScope) -> Condition {
    match scope {
        FacilityScope::All => Condition::all(),
        FacilityScope::Only(facilities) => {
            let facilities = facilities.iter().map(|facility| facility.uuid());
            Condition::all().add(ups_workitem::Column::FacilityId.is_in(facilities))
        }
    }
}

impl TryFrom<ups_workitem::Model> for WorkitemRow {
    type Error = StoreError;

    fn try_from(row: ups_workitem::Model) -> Result<Self, StoreError> {
        let state = StepState::from_name(&row.state).ok_or_else(|| StoreError::Inconsistent {
            table: "ups_workitem",
            id: row.id.to_string(),
            what: "its state is known",
        })?;
        Ok(Self {
            id: row.id,
            facility: row.facility_id.map(FacilityId::from_uuid),
            sop_instance_uid: row.sop_instance_uid,
            step: Step {
                state,
                transaction_uid: row.transaction_uid,
            },
            data_set: row.data_set,
            updated_at: row.updated_at,
        })
    }
}

impl TryFrom<work_item::Model> for TaskRow {
    type Error = StoreError;

    fn try_from(row: work_item::Model) -> Result<Self, StoreError> {
        let (opened_at, closed_at) = (row.opened_at, row.closed_at);
        Ok(Self {
            item: WorkItem::try_from(row)?,
            opened_at,
            closed_at,
        })
    }
}

impl From<ups_subscription::Model> for SubscriptionRow {
    fn from(row: ups_subscription::Model) -> Self {
        Self {
            subscriber: row.subscriber,
            target: row.target,
            filter: row.filter,
            owner: row.owner,
        }
    }
}
