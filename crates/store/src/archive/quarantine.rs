//! Instances that were set aside.

use chrono::{DateTime, Utc};
use domain::{BatchId, FacilityId, FacilityScope, QuarantineId};
use sea_orm::{ActiveValue::Set, ColumnTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::OnConflict};

use super::{NewQuarantined, signed};
use crate::{StoreError, TenantRead, TenantTx, entity::quarantined_instance};

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
        Ok(rows.into_iter().map(QuarantinedRow::from).collect())
    }
}

impl From<quarantined_instance::Model> for QuarantinedRow {
    fn from(row: quarantined_instance::Model) -> Self {
        Self {
            id: QuarantineId::from_uuid(row.id),
            facility: FacilityId::from_uuid(row.facility_id),
            sop_instance_uid: row.sop_instance_uid,
            study_instance_uid: row.study_instance_uid,
            reason: row.reason,
            length: row.byte_length.unsigned_abs(),
            sha256: row.sha256,
            received_at: row.received_at,
        }
    }
}

impl TenantTx {
    /// Sets an instance aside. One that is set aside already, byte for byte, stays as it is; then false.
    pub async fn quarantine_instance(
        &mut self,
        batch: BatchId,
        facility: FacilityId,
        new: &NewQuarantined,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let row = quarantined_instance::ActiveModel {
            id: Set(new.id.uuid()),
            tenant_id: Set(self.tenant().uuid()),
            facility_id: Set(facility.uuid()),
            sop_instance_uid: Set(new.sop_instance_uid.clone()),
            series_instance_uid: Set(new.series_instance_uid.clone()),
            study_instance_uid: Set(new.study_instance_uid.clone()),
            reason: Set(new.reason.to_owned()),
            batch_object_id: Set(batch.uuid()),
            byte_offset: Set(signed(new.offset)),
            byte_length: Set(signed(new.length)),
            sha256: Set(new.sha256.to_vec()),
            received_at: Set(now),
        };
        let made = self
            .insert::<quarantined_instance::Entity>(row)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(&self.conn)
            .await?;
        Ok(made == 1)
    }
}
