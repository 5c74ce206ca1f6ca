//! Legal holds: who forbade to delete a study, why, and who lifted that.
//!
//! **Invariant:** `study.legal_hold` is true exactly while some hold of the study is not lifted; both are written under
//! the lock of the study's row. A hold is never removed, only lifted.

use chrono::{DateTime, Utc};
use domain::{LegalHoldId, StudyId};
use sea_orm::{ActiveValue::Set, ColumnTrait, QueryFilter, QueryOrder};

use crate::{
    StoreError, TenantRead, TenantTx,
    entity::{deletion, legal_hold, study},
    tenant::one_row,
};

/// A hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldRow {
    /// Its id.
    pub id: LegalHoldId,
    /// The study.
    pub study: StudyId,
    /// Why it must not be deleted.
    pub reason: String,
    /// The wire id of who placed it.
    pub placed_by: String,
    /// Their name as it was then.
    pub placed_by_name: String,
    /// When.
    pub placed_at: DateTime<Utc>,
    /// When it was lifted.
    pub lifted_at: Option<DateTime<Utc>>,
}

impl TenantRead {
    /// The holds of these studies that are not lifted, oldest first.
    pub async fn holds(&self, studies: &[StudyId]) -> Result<Vec<HoldRow>, StoreError> {
        let rows = self
            .find::<legal_hold::Entity>()
            .filter(legal_hold::Column::StudyId.is_in(studies.iter().map(|study| study.uuid())))
            .filter(legal_hold::Column::LiftedAt.is_null())
            .order_by_asc(legal_hold::Column::Id)
            .all(&self.conn)
            .await?;
        Ok(rows.into_iter().map(HoldRow::from).collect())
    }
}

impl TenantTx {
    /// Whether a locked study, as a whole, is being removed for good.
    pub async fn is_being_purged(&self, study: StudyId) -> Result<bool, StoreError> {
        let under_way = self
            .find::<deletion::Entity>()
            .filter(deletion::Column::StudyId.eq(study.uuid()))
            .filter(deletion::Column::SeriesId.is_null())
            .filter(deletion::Column::InstanceId.is_null())
            .filter(deletion::Column::PurgingAt.is_not_null())
            .filter(deletion::Column::PurgedAt.is_null())
            .one(&self.conn)
            .await?;
        Ok(under_way.is_some())
    }

    /// Places a hold on a locked study.
    pub async fn place_hold(&mut self, hold: &HoldRow) -> Result<(), StoreError> {
        let row = legal_hold::ActiveModel {
            id: Set(hold.id.uuid()),
            tenant_id: Set(self.tenant().uuid()),
            study_id: Set(hold.study.uuid()),
            reason: Set(hold.reason.clone()),
            placed_by: Set(hold.placed_by.clone()),
            placed_by_name: Set(hold.placed_by_name.clone()),
            placed_at: Set(hold.placed_at),
            lift_reason: Set(None),
            lifted_by: Set(None),
            lifted_by_name: Set(None),
            lifted_at: Set(None),
        };
        self.insert::<legal_hold::Entity>(row)
            .exec_without_returning(&self.conn)
            .await?;
        self.set_held(hold.study, true).await
    }

    /// Lifts every hold of a locked study; gives their number. `by` is the wire id and name of who does.
    pub async fn lift_holds(
        &mut self,
        study: StudyId,
        reason: &str,
        by: (&str, &str),
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        let lifted = self
            .update::<legal_hold::Entity>()
            .filter(legal_hold::Column::StudyId.eq(study.uuid()))
            .filter(legal_hold::Column::LiftedAt.is_null())
            .set(legal_hold::ActiveModel {
                lift_reason: Set(Some(reason.to_owned())),
                lifted_by: Set(Some(by.0.to_owned())),
                lifted_by_name: Set(Some(by.1.to_owned())),
                lifted_at: Set(Some(now)),
                ..Default::default()
            })
            .exec(&self.conn)
            .await?;
        self.set_held(study, false).await?;
        Ok(lifted.rows_affected)
    }

    async fn set_held(&self, study: StudyId, held: bool) -> Result<(), StoreError> {
        let updated = self
            .update_in_trash_too::<study::Entity>()
            .filter(study::Column::Id.eq(study.uuid()))
            .set(study::ActiveModel {
                legal_hold: Set(held),
                ..Default::default()
            })
            .exec(&self.conn)
            .await?;
        one_row("study", updated.rows_affected)
    }
}

impl From<legal_hold::Model> for HoldRow {
    fn from(row: legal_hold::Model) -> Self {
        Self {
            id: LegalHoldId::from_uuid(row.id),
            study: StudyId::from_uuid(row.study_id),
            reason: row.reason,
            placed_by: row.placed_by,
            placed_by_name: row.placed_by_name,
            placed_at: row.placed_at,
            lifted_at: row.lifted_at,
        }
    }
}
