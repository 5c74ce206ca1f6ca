//! Objects of originals: what lies in them, and where.
//!
//! **Invariant:** these queries see the trash, too: what can be restored has to be whole.

use chrono::{DateTime, Utc};
use domain::{BatchId, FacilityId, InstanceId, QuarantineId, StudyId};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{CaseStatement, Expr},
};
use uuid::Uuid;

use super::Tier;
use crate::{
    StoreError, TenantRead, TenantTx,
    entity::{batch_object, instance, quarantined_instance},
};

/// An object of originals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchRow {
    /// Its id.
    pub id: BatchId,
    /// Its key.
    pub object_key: String,
    /// How many bytes it had when it was made.
    pub stored_bytes: u64,
    /// Which object store holds it.
    pub tier: Tier,
    /// When the replica had it.
    pub replicated_at: Option<DateTime<Utc>>,
    /// When it came.
    pub received_at: DateTime<Utc>,
}

/// What a stretch of an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// The original of an instance.
    Instance(InstanceId),
    /// A file that was set aside.
    Quarantined(QuarantineId),
}

/// A stretch of an object that rows promise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PromisedBytes {
    /// What it is.
    pub content: Content,
    /// Where it begins.
    pub offset: u64,
    /// How many bytes it has.
    pub length: u64,
    /// What they hash to.
    pub sha256: Vec<u8>,
    /// The sums of their chunks; none of what was set aside.
    pub chunk_sums: Option<Vec<u8>>,
    /// Whether they are known to be damaged.
    pub is_marked: bool,
    /// Their SOP Instance UID.
    pub sop_instance_uid: String,
    /// The study of an instance.
    pub study: Option<StudyId>,
}

type PromisedRow = (
    Uuid,
    Uuid,
    String,
    i64,
    i64,
    Vec<u8>,
    Vec<u8>,
    Option<DateTime<Utc>>,
);

impl TenantRead {
    /// The objects below `bytes` in which instances of a study lie, oldest first.
    pub async fn small_batches_of_study(
        &self,
        study: StudyId,
        bytes: u64,
    ) -> Result<Vec<BatchRow>, StoreError> {
        let of_study = self
            .find_in_trash_too::<instance::Entity>()
            .filter(instance::Column::StudyId.eq(study.uuid()))
            .select_only()
            .column(instance::Column::BatchObjectId);
        let rows = self
            .find::<batch_object::Entity>()
            .filter(batch_object::Column::Id.in_subquery(QueryTrait::into_query(of_study)))
            .filter(batch_object::Column::StoredBytes.lt(super::signed(bytes)))
            .order_by_asc(batch_object::Column::Id)
            .all(&self.conn)
            .await?;
        Ok(rows.into_iter().map(BatchRow::from).collect())
    }

    /// The next objects of originals after `after`, oldest first.
    pub async fn batches_after(&self, after: Uuid, limit: u64) -> Result<Vec<BatchRow>, StoreError> {
        let rows = self
            .find::<batch_object::Entity>()
            .filter(batch_object::Column::Id.gt(after))
            .order_by_asc(batch_object::Column::Id)
            .limit(limit)
            .all(&self.conn)
            .await?;
        Ok(rows.into_iter().map(BatchRow::from).collect())
    }

    /// One object of originals.
    pub async fn batch(&self, id: BatchId) -> Result<Option<BatchRow>, StoreError> {
        let row = self
            .find::<batch_object::Entity>()
            .filter(batch_object::Column::Id.eq(id.uuid()))
            .one(&self.conn)
            .await?;
        Ok(row.map(BatchRow::from))
    }

    /// Whose a batch is.
    pub async fn facility_of_batch(&self, id: BatchId) -> Result<Option<FacilityId>, StoreError> {
        let row = self
            .find::<batch_object::Entity>()
            .filter(batch_object::Column::Id.eq(id.uuid()))
            .one(&self.conn)
            .await?;
        Ok(row.map(|row| FacilityId::from_uuid(row.facility_id)))
    }

    /// The stretches of a batch's object that rows promise, in the order they lie in it.
    pub async fn contents_of_batch(&self, id: BatchId) -> Result<Vec<PromisedBytes>, StoreError> {
        let rows: Vec<PromisedRow> = self
            .find_in_trash_too::<instance::Entity>()
            .filter(instance::Column::BatchObjectId.eq(id.uuid()))
            .select_only()
            .column(instance::Column::Id)
            .column(instance::Column::StudyId)
            .column(instance::Column::SopInstanceUid)
            .column(instance::Column::ByteOffset)
            .column(instance::Column::ByteLength)
            .column(instance::Column::Sha256)
            .column(instance::Column::ChunkSums)
            .column(instance::Column::DamagedAt)
            .into_tuple()
            .all(&self.conn)
            .await?;
        let aside = self
            .find::<quarantined_instance::Entity>()
            .filter(quarantined_instance::Column::BatchObjectId.eq(id.uuid()))
            .all(&self.conn)
            .await?;
        let mut contents: Vec<PromisedBytes> = rows
            .into_iter()
            .map(
                |(id, study, uid, offset, length, sha256, sums, damaged)| PromisedBytes {
                    sop_instance_uid: uid,
                    study: Some(StudyId::from_uuid(study)),
                    content: Content::Instance(InstanceId::from_uuid(id)),
                    offset: offset.unsigned_abs(),
                    length: length.unsigned_abs(),
                    sha256,
                    chunk_sums: Some(sums),
                    is_marked: damaged.is_some(),
                },
            )
            .collect();
        contents.extend(aside.into_iter().map(|row| PromisedBytes {
            sop_instance_uid: row.sop_instance_uid,
            study: None,
            content: Content::Quarantined(QuarantineId::from_uuid(row.id)),
            offset: row.byte_offset.unsigned_abs(),
            length: row.byte_length.unsigned_abs(),
            sha256: row.sha256,
            chunk_sums: None,
            is_marked: false,
        }));
        contents.sort_by_key(|content| content.offset);
        Ok(contents)
    }

    /// Objects the replica has not, the oldest first.
    pub async fn batches_not_replicated(&self, limit: u64) -> Result<Vec<BatchRow>, StoreError> {
        let rows = self
            .find::<batch_object::Entity>()
            .filter(batch_object::Column::ReplicatedAt.is_null())
            .order_by_asc(batch_object::Column::Id)
            .limit(limit)
            .all(&self.conn)
            .await?;
        Ok(rows.into_iter().map(BatchRow::from).collect())
    }
}

impl TenantTx {
    /// Lets stretches lie in another object, each where it says. What was removed or moved meanwhile is left alone;
    /// gives how many were moved. The bytes are the same: only the place changes.
    pub async fn relocate(
        &mut self,
        to: BatchId,
        moved: &[(BatchId, Content, u64)],
    ) -> Result<u64, StoreError> {
        const AT_ONCE: usize = 100;
        let mut count = 0;
        for moved in moved.chunks(AT_ONCE) {
            let from = || moved.iter().map(|(from, ..)| from.uuid());
            let instances: Vec<(Uuid, u64)> = moved
                .iter()
                .filter_map(|(_, content, offset)| match content {
                    Content::Instance(id) => Some((id.uuid(), *offset)),
                    Content::Quarantined(_) => None,
                })
                .collect();
            if !instances.is_empty() {
                let updated = self
                    .update_in_trash_too::<instance::Entity>()
                    .filter(instance::Column::Id.is_in(instances.iter().map(|(id, _)| *id)))
                    .filter(instance::Column::BatchObjectId.is_in(from()))
                    .col_expr(instance::Column::BatchObjectId, Expr::value(to.uuid()))
                    .col_expr(
                        instance::Column::ByteOffset,
                        offsets(instance::Column::Id, &instances),
                    )
                    .exec(&self.conn)
                    .await?;
                count += updated.rows_affected;
            }
            let aside: Vec<(Uuid, u64)> = moved
                .iter()
                .filter_map(|(_, content, offset)| match content {
                    Content::Quarantined(id) => Some((id.uuid(), *offset)),
                    Content::Instance(_) => None,
                })
                .collect();
            if !aside.is_empty() {
                let updated = self
                    .update::<quarantined_instance::Entity>()
                    .filter(quarantined_instance::Column::Id.is_in(aside.iter().map(|(id, _)| *id)))
                    .filter(quarantined_instance::Column::BatchObjectId.is_in(from()))
                    .col_expr(
                        quarantined_instance::Column::BatchObjectId,
                        Expr::value(to.uuid()),
                    )
                    .col_expr(
                        quarantined_instance::Column::ByteOffset,
                        offsets(quarantined_instance::Column::Id, &aside),
                    )
                    .exec(&self.conn)
                    .await?;
                count += updated.rows_affected;
            }
        }
        Ok(count)
    }

    /// Another store holds an object now.
    pub async fn set_tier_of_batch(&mut self, id: BatchId, tier: Tier) -> Result<(), StoreError> {
        let updated = self
            .update::<batch_object::Entity>()
            .filter(batch_object::Column::Id.eq(id.uuid()))
            .set(batch_object::ActiveModel {
                tier: Set(tier.as_str().to_owned()),
                ..Default::default()
            })
            .exec(&self.conn)
            .await?;
        crate::tenant::one_row("batch_object", updated.rows_affected)
    }

    /// The replica has an object.
    pub async fn mark_replicated(&mut self, id: BatchId, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.update::<batch_object::Entity>()
            .filter(batch_object::Column::Id.eq(id.uuid()))
            .set(batch_object::ActiveModel {
                replicated_at: Set(Some(now)),
                ..Default::default()
            })
            .exec(&self.conn)
            .await?;
        Ok(())
    }
}

/// Each row's own new offset, in one statement.
fn offsets(id: impl ColumnTrait, rows: &[(Uuid, u64)]) -> Expr {
    let case = rows.iter().fold(CaseStatement::new(), |case, (row, offset)| {
        case.case(id.eq(*row), Expr::value(super::signed(*offset)))
    });
    // No row of the statement is outside the list.
    case.into()
}

impl From<batch_object::Model> for BatchRow {
    fn from(row: batch_object::Model) -> Self {
        Self {
            id: BatchId::from_uuid(row.id),
            object_key: row.object_key,
            stored_bytes: row.stored_bytes.unsigned_abs(),
            tier: Tier::of_column(&row.tier),
            replicated_at: row.replicated_at,
            received_at: row.received_at,
        }
    }
}
