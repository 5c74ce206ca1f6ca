//! Removing for good what lies in the trash, and the objects that nobody refers to any more.
//!
//! **Invariant:** rows go first, a few hundred at a time; a batch's row goes when no instance and nothing that was set
//! aside refers to it. Whoever removes an object asks [`TenantRead::named_objects`] first.

use chrono::{DateTime, Utc};
use domain::{BatchId, DeletionId, StudyId};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{DeletionRow, DeletionTarget};
use crate::{
    StoreError, TenantRead, TenantTx,
    entity::{
        batch_object, deletion, instance, instance_metadata, quarantined_instance, reading_case, rendition,
        requested_step, series, series_metadata, study,
    },
};

/// What the removal of some instances left behind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Purged {
    /// How many instances were removed.
    pub instances: u64,
    /// Keys of derived objects that nothing refers to any more.
    pub derived: Vec<String>,
    /// The batches the instances lay in.
    pub batches: Vec<BatchId>,
}

impl TenantRead {
    /// How many instances and files that were set aside lie in a batch, and their bytes.
    pub async fn batch_use(&self, id: BatchId) -> Result<(u64, u64), StoreError> {
        let mut lengths: Vec<i64> = self
            .find_in_trash_too::<instance::Entity>()
            .filter(instance::Column::BatchObjectId.eq(id.uuid()))
            .select_only()
            .column(instance::Column::ByteLength)
            .into_tuple()
            .all(&self.conn)
            .await?;
        let aside: Vec<i64> = self
            .find::<quarantined_instance::Entity>()
            .filter(quarantined_instance::Column::BatchObjectId.eq(id.uuid()))
            .select_only()
            .column(quarantined_instance::Column::ByteLength)
            .into_tuple()
            .all(&self.conn)
            .await?;
        lengths.extend(aside);
        let bytes = lengths.iter().map(|length| length.unsigned_abs()).sum();
        Ok((lengths.len() as u64, bytes))
    }
}

impl TenantTx {
    /// From now on a deletion cannot be taken back.
    pub async fn begin_purge(&mut self, id: DeletionId, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.change_deletion(
            id,
            deletion::ActiveModel {
                purging_at: Set(Some(now)),
                ..Default::default()
            },
        )
        .await
    }

    /// Removes at most `limit` of the instances a deletion covers, those of earlier deletions within it included.
    pub async fn purge_instances(
        &mut self,
        deletion: &DeletionRow,
        limit: u64,
    ) -> Result<Purged, StoreError> {
        let covered = match deletion.target {
            DeletionTarget::Study => instance::Column::StudyId.eq(deletion.study.uuid()),
            DeletionTarget::Series(series) => instance::Column::SeriesId.eq(series.uuid()),
            DeletionTarget::Instance(instance) => instance::Column::Id.eq(instance.uuid()),
        };
        let rows: Vec<(Uuid, Uuid)> = self
            .find_in_trash_too::<instance::Entity>()
            .filter(covered)
            // What is alive is never removed, whatever a deletion says.
            .filter(instance::Column::DeletionId.is_not_null())
            .order_by_asc(instance::Column::Id)
            .limit(limit)
            .select_only()
            .column(instance::Column::Id)
            .column(instance::Column::BatchObjectId)
            .into_tuple()
            .all(&self.conn)
            .await?;
        let ids: Vec<Uuid> = rows.iter().map(|(id, _)| *id).collect();
        if ids.is_empty() {
            return Ok(Purged::default());
        }
        let derived: Vec<Option<String>> = self
            .find::<rendition::Entity>()
            .filter(rendition::Column::InstanceId.is_in(ids.iter().copied()))
            .select_only()
            .column(rendition::Column::ObjectKey)
            .into_tuple()
            .all(&self.conn)
            .await?;
        self.delete::<rendition::Entity>()
            .filter(rendition::Column::InstanceId.is_in(ids.iter().copied()))
            .exec(&self.conn)
            .await?;
        self.delete::<instance_metadata::Entity>()
            .filter(instance_metadata::Column::InstanceId.is_in(ids.iter().copied()))
            .exec(&self.conn)
            .await?;
        self.delete::<instance::Entity>()
            .filter(instance::Column::Id.is_in(ids.iter().copied()))
            .exec(&self.conn)
            .await?;
        let mut batches: Vec<BatchId> = rows.iter().map(|(_, batch)| BatchId::from_uuid(*batch)).collect();
        batches.sort_unstable();
        batches.dedup();
        Ok(Purged {
            instances: ids.len() as u64,
            derived: derived.into_iter().flatten().collect(),
            batches,
        })
    }

    /// Removes the rows above the instances a deletion covered, which must be gone; gives the keys of derived objects
    /// that nothing refers to any more.
    pub async fn finish_purge(
        &mut self,
        deletion: &DeletionRow,
        now: DateTime<Utc>,
    ) -> Result<Vec<String>, StoreError> {
        let covered = match deletion.target {
            DeletionTarget::Study => Some(series::Column::StudyId.eq(deletion.study.uuid())),
            DeletionTarget::Series(series) => Some(series::Column::Id.eq(series.uuid())),
            DeletionTarget::Instance(_) => None,
        };
        let mut derived = Vec::new();
        if let Some(covered) = covered {
            derived = self.purge_series(Condition::all().add(covered)).await?;
        }
        if deletion.target == DeletionTarget::Study {
            self.purge_study(deletion.study).await?;
        }
        let within = match deletion.target {
            // Earlier deletions within this one are over, too.
            DeletionTarget::Study => deletion::Column::StudyId.eq(deletion.study.uuid()),
            DeletionTarget::Series(_) | DeletionTarget::Instance(_) => {
                deletion::Column::Id.eq(deletion.id.uuid())
            }
        };
        self.update::<deletion::Entity>()
            .filter(within)
            .filter(deletion::Column::RestoredAt.is_null())
            .filter(deletion::Column::PurgedAt.is_null())
            .set(deletion::ActiveModel {
                purged_at: Set(Some(now)),
                ..Default::default()
            })
            .exec(&self.conn)
            .await?;
        Ok(derived)
    }

    async fn purge_series(&self, covered: Condition) -> Result<Vec<String>, StoreError> {
        let rows: Vec<(Uuid, Option<String>)> = self
            .find_in_trash_too::<series::Entity>()
            .filter(covered)
            .filter(series::Column::DeletionId.is_not_null())
            .select_only()
            .column(series::Column::Id)
            .column(series::Column::ThumbnailKey)
            .into_tuple()
            .all(&self.conn)
            .await?;
        for rows in rows.chunks(super::VALUES_PER_STATEMENT) {
            let ids = || rows.iter().map(|(id, _)| *id);
            self.delete::<series_metadata::Entity>()
                .filter(series_metadata::Column::SeriesId.is_in(ids()))
                .exec(&self.conn)
                .await?;
            self.delete::<requested_step::Entity>()
                .filter(requested_step::Column::SeriesId.is_in(ids()))
                .exec(&self.conn)
                .await?;
            self.delete::<series::Entity>()
                .filter(series::Column::Id.is_in(ids()))
                .exec(&self.conn)
                .await?;
        }
        Ok(rows.into_iter().filter_map(|(_, key)| key).collect())
    }

    /// The case stays, hidden, without what the study said: its ledger and signed reports are written once.
    async fn purge_study(&mut self, id: StudyId) -> Result<(), StoreError> {
        let row = self
            .find_in_trash_too::<study::Entity>()
            .filter(study::Column::Id.eq(id.uuid()))
            .filter(study::Column::DeletionId.is_not_null())
            .one(&self.conn)
            .await?;
        let Some(row) = row else { return Ok(()) };
        self.update_in_trash_too::<reading_case::Entity>()
            .filter(reading_case::Column::StudyId.eq(id.uuid()))
            .set(reading_case::ActiveModel {
                indication: Set(None),
                description: Set(None),
                ..Default::default()
            })
            .exec(&self.conn)
            .await?;
        self.forget_names_of(id.uuid()).await?;
        self.delete::<study::Entity>()
            .filter(study::Column::Id.eq(id.uuid()))
            .exec(&self.conn)
            .await?;
        self.remove_patient_without_studies(domain::PatientId::from_uuid(row.patient_id))
            .await
    }

    /// Removes the row of a batch in which nothing lies any more; gives its object's key. None while something does.
    pub async fn remove_batch_if_unused(&mut self, id: BatchId) -> Result<Option<String>, StoreError> {
        // Under the lock nobody moves anything out of it or in.
        let row = self
            .find::<batch_object::Entity>()
            .filter(batch_object::Column::Id.eq(id.uuid()))
            .lock_exclusive()
            .one(&self.conn)
            .await?;
        let Some(row) = row else { return Ok(None) };
        if self.batch_use(id).await?.0 > 0 {
            return Ok(None);
        }
        self.delete::<batch_object::Entity>()
            .filter(batch_object::Column::Id.eq(id.uuid()))
            .exec(&self.conn)
            .await?;
        Ok(Some(row.object_key))
    }
}
