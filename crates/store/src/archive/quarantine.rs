//! Instances that were set aside.

use chrono::{DateTime, Utc};
use domain::{FacilityId, FacilityScope, QuarantineId, StudyId};
use sea_orm::{ActiveValue::Set, ColumnTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::{
    StoreError, TenantRead, TenantTx,
    entity::{quarantined_instance, study},
    tenant::one_row,
};

/// An instance that was set aside because its UID is taken by other bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuarantinedRow {
    /// Its id.
    pub id: QuarantineId,
    /// Who sent it.
    pub facility: FacilityId,
    /// SOP Instance UID.
    pub sop_instance_uid: String,
    /// Study Instance UID.
    pub study_instance_uid: String,
    /// The error code that says why.
    pub reason: String,
    /// How many bytes it has.
    pub length: u64,
    /// What they hash to.
    pub sha256: Vec<u8>,
    /// When it came.
    pub received_at: DateTime<Utc>,
}

impl TenantRead {
    /// What was set aside, newest first.
    pub async fn quarantine(
        &self,
        scope: &FacilityScope,
        first: u64,
    ) -> Result<Vec<QuarantinedRow>, StoreError> {
        let mut query = self.find::<quarantined_instance::Entity>();
        if let FacilityScope::Only(facilities) = scope {
            let facilities = facilities.iter().map(|facility| facility.uuid());
            query = query.filter(quarantined_instance::Column::FacilityId.is_in(facilities));
        }
        let rows = query
            .order_by_desc(quarantined_instance::Column::Id)
            .limit(first.clamp(1, 1000))
            .all(&self.conn)
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| QuarantinedRow {
                id: QuarantineId::from_uuid(row.id),
                facility: FacilityId::from_uuid(row.facility_id),
                sop_instance_uid: row.sop_instance_uid,
                study_instance_uid: row.study_instance_uid,
                reason: row.reason,
                length: row.byte_length.unsigned_abs(),
                sha256: row.sha256,
                received_at: row.received_at,
            })
            .collect())
    }
}

impl TenantTx {
    /// A study was judged complete.
    pub async fn mark_study_complete(&mut self, id: StudyId, now: DateTime<Utc>) -> Result<(), StoreError> {
        let updated = self
            .update::<study::Entity>()
            .filter(study::Column::Id.eq(id.uuid()))
            .set(study::ActiveModel {
                completed_at: Set(Some(now)),
                ..Default::default()
            })
            .exec(&self.conn)
            .await?;
        one_row("study", updated.rows_affected)
    }
}
