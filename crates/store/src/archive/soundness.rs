//! Which instances are damaged, and how they come right.
//!
//! **Invariant:** the trash counts, too: what can be restored has to be whole.

use chrono::{DateTime, Utc};
use domain::{BatchId, InstanceId, StudyId};
use sea_orm::{ActiveValue::Set, ColumnTrait, PaginatorTrait, QueryFilter, QuerySelect};

use super::{InstanceBytes, VALUES_PER_STATEMENT, signed};
use crate::{
    StoreError, TenantRead, TenantTx,
    entity::{instance, instance_metadata},
    tenant::one_row,
};

/// An instance that was damaged and lies whole in another object now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Healed {
    /// Which one.
    pub instance: InstanceId,
    /// Its study.
    pub study: StudyId,
    /// The object it lay in.
    pub from: BatchId,
}

impl TenantRead {
    /// How many instances are known to be damaged, those in the trash included.
    pub async fn damaged_instances(&self) -> Result<u64, StoreError> {
        Ok(self
            .find_in_trash_too::<instance::Entity>()
            .filter(instance::Column::DamagedAt.is_not_null())
            .count(&self.conn)
            .await?)
    }
}

impl TenantTx {
    /// Marks instances as damaged, or as sound again, by what was found in `batch`. One that lies in another object
    /// by now is left as it is: that object nobody looked at.
    pub async fn mark_soundness(
        &mut self,
        batch: BatchId,
        ids: &[InstanceId],
        damaged_at: Option<DateTime<Utc>>,
    ) -> Result<(), StoreError> {
        for ids in ids.chunks(VALUES_PER_STATEMENT) {
            self.update_in_trash_too::<instance::Entity>()
                .filter(instance::Column::BatchObjectId.eq(batch.uuid()))
                .filter(instance::Column::Id.is_in(ids.iter().map(|id| id.uuid())))
                .set(instance::ActiveModel {
                    damaged_at: Set(damaged_at),
                    ..Default::default()
                })
                .exec(&self.conn)
                .await?;
        }
        Ok(())
    }

    /// Lets a damaged instance be the file that has come again with the same data set; none when it is not damaged any
    /// more.
    pub async fn heal_instance(
        &mut self,
        sop_instance_uid: &str,
        data_set_hash: &[u8; 32],
        bytes: InstanceBytes,
    ) -> Result<Option<Healed>, StoreError> {
        let row = self
            .find::<instance::Entity>()
            .filter(instance::Column::SopInstanceUid.eq(sop_instance_uid))
            .filter(instance::Column::DamagedAt.is_not_null())
            .filter(instance::Column::DataSetHash.eq(data_set_hash.to_vec()))
            .lock_exclusive()
            .one(&self.conn)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let updated = self
            .update::<instance::Entity>()
            .filter(instance::Column::Id.eq(row.id))
            .set(instance::ActiveModel {
                batch_object_id: Set(bytes.batch.uuid()),
                byte_offset: Set(signed(bytes.offset)),
                byte_length: Set(signed(bytes.length)),
                sha256: Set(bytes.sha256.to_vec()),
                has_preamble: Set(bytes.has_preamble),
                data_set_offset: Set(signed(bytes.data_set_offset)),
                chunk_sums: Set(bytes.chunk_sums),
                frame_index: Set(bytes.frame_index),
                damaged_at: Set(None),
                ..Default::default()
            })
            .exec(&self.conn)
            .await?;
        one_row("instance", updated.rows_affected)?;
        let updated = self
            .update::<instance_metadata::Entity>()
            .filter(instance_metadata::Column::InstanceId.eq(row.id))
            .set(instance_metadata::ActiveModel {
                bulk_values: Set(bytes.bulk_values),
                ..Default::default()
            })
            .exec(&self.conn)
            .await?;
        one_row("instance_metadata", updated.rows_affected)?;
        Ok(Some(Healed {
            instance: InstanceId::from_uuid(row.id),
            study: StudyId::from_uuid(row.study_id),
            from: BatchId::from_uuid(row.batch_object_id),
        }))
    }
}
