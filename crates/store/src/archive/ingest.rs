//! What one batch adds to the archive, inside the batch's one transaction.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::{BatchId, FacilityId, PatientId, StudyId, UploadId};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, JoinType, QueryFilter, QuerySelect, sea_query::OnConflict,
};
use uuid::Uuid;

use super::{
    NewBatch, NewInstance, PatientRow, StoredInstance, StudyRow, Tier, VALUES_PER_STATEMENT, signed,
};
use crate::{
    StoreError, TenantRead, TenantTx,
    entity::{batch_object, instance, instance_metadata, study},
};

/// Rows with blobs go in smaller groups, so that no statement grows to many megabytes.
const BLOBS_PER_STATEMENT: usize = 50;

type StoredRow = (
    String,
    String,
    Uuid,
    String,
    Uuid,
    Vec<u8>,
    Vec<u8>,
    i64,
    Option<DateTime<Utc>>,
);

impl TenantRead {
    /// Which of these SOP Instance UIDs are stored already.
    pub async fn stored_instances(
        &self,
        uids: &[&str],
    ) -> Result<HashMap<String, StoredInstance>, StoreError> {
        let mut found = HashMap::with_capacity(uids.len());
        for uids in uids.chunks(VALUES_PER_STATEMENT) {
            let rows: Vec<StoredRow> = self
                .find::<instance::Entity>()
                .filter(instance::Column::SopInstanceUid.is_in(uids.iter().copied()))
                .join(
                    JoinType::InnerJoin,
                    instance::Entity::belongs_to(study::Entity)
                        .from(instance::Column::StudyId)
                        .to(study::Column::Id)
                        .into(),
                )
                .select_only()
                .column(instance::Column::SopInstanceUid)
                .column(instance::Column::SopClassUid)
                .column(instance::Column::StudyId)
                .column(study::Column::StudyInstanceUid)
                .column(study::Column::FacilityId)
                .column(instance::Column::Sha256)
                .column(instance::Column::DataSetHash)
                .column(instance::Column::ByteLength)
                .column(instance::Column::DamagedAt)
                .into_tuple()
                .all(&self.conn)
                .await?;
            for (
                uid,
                sop_class_uid,
                study,
                study_instance_uid,
                facility,
                sha256,
                data_set_hash,
                length,
                damaged_at,
            ) in rows
            {
                let stored = StoredInstance {
                    sop_instance_uid: uid.clone(),
                    sop_class_uid,
                    study: StudyId::from_uuid(study),
                    study_instance_uid,
                    facility: FacilityId::from_uuid(facility),
                    sha256,
                    data_set_hash,
                    length: length.unsigned_abs(),
                    is_damaged: damaged_at.is_some(),
                };
                found.insert(uid, stored);
            }
        }
        Ok(found)
    }

    /// The studies of these Study Instance UIDs, each with its patient.
    pub async fn studies_of_uids(&self, uids: &[&str]) -> Result<Vec<(StudyRow, PatientRow)>, StoreError> {
        let mut studies = Vec::with_capacity(uids.len());
        for uids in uids.chunks(VALUES_PER_STATEMENT) {
            let rows = self
                .find::<study::Entity>()
                .filter(study::Column::StudyInstanceUid.is_in(uids.iter().copied()))
                .all(&self.conn)
                .await?;
            studies.extend(rows.into_iter().map(StudyRow::from));
        }
        let ids: Vec<PatientId> = studies.iter().map(|study| study.patient).collect();
        let patients: HashMap<PatientId, PatientRow> = self
            .patients(&ids)
            .await?
            .into_iter()
            .map(|patient| (patient.id, patient))
            .collect();
        studies
            .into_iter()
            .map(|study| {
                let patient =
                    patients
                        .get(&study.patient)
                        .cloned()
                        .ok_or_else(|| StoreError::Inconsistent {
                            table: "study",
                            id: study.id.to_string(),
                            what: "every study has a patient",
                        })?;
                Ok((study, patient))
            })
            .collect()
    }

    /// Whether an object is the batch of some committed transaction.
    pub async fn has_batch(&self, id: BatchId) -> Result<bool, StoreError> {
        let row = self
            .find::<batch_object::Entity>()
            .filter(batch_object::Column::Id.eq(id.uuid()))
            .one(&self.conn);
        Ok(row.await?.is_some())
    }
}

impl TenantTx {
    /// Whether an object is nobody's, for certain: a transaction that may still be committing it is waited for, where
    /// a look would not see it. Takes the transaction, which must leave nothing behind.
    pub async fn is_nobodys_batch(self, id: BatchId, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let probe = NewBatch {
            id,
            object_key: id.to_string(),
            stored_bytes: 0,
            facility: FacilityId::from_uuid(Uuid::nil()),
            upload: None,
        };
        let made = self
            .insert::<batch_object::Entity>(batch_row(self.tenant().uuid(), probe, now))
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(&self.conn)
            .await?;
        Ok(made == 1)
    }

    /// Records the objects that hold batches.
    pub async fn add_batches(&mut self, new: Vec<NewBatch>, now: DateTime<Utc>) -> Result<(), StoreError> {
        if new.is_empty() {
            return Ok(());
        }
        let tenant = self.tenant().uuid();
        let rows = new.into_iter().map(|new| batch_row(tenant, new, now));
        self.insert_many::<batch_object::Entity, _>(rows)
            .exec_without_returning(&self.conn)
            .await?;
        Ok(())
    }

    /// Adds instances of locked studies.
    ///
    /// Errors: a unique violation when a concurrent batch of another study took a UID; try the whole
    /// transaction again.
    pub async fn add_instances(
        &mut self,
        new: Vec<NewInstance>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let tenant_id = self.tenant().uuid();
        let mut rows = new.into_iter();
        loop {
            let group: Vec<NewInstance> = rows.by_ref().take(BLOBS_PER_STATEMENT).collect();
            if group.is_empty() {
                return Ok(());
            }
            let mut instances = Vec::with_capacity(group.len());
            let mut metadata = Vec::with_capacity(group.len());
            for row in group {
                let bytes = row.bytes;
                metadata.push(instance_metadata::ActiveModel {
                    instance_id: Set(row.id.uuid()),
                    tenant_id: Set(tenant_id),
                    series_id: Set(row.series.uuid()),
                    json_gzip: Set(row.metadata_gzip),
                    bulk_values: Set(bytes.bulk_values),
                });
                instances.push(instance::ActiveModel {
                    id: Set(row.id.uuid()),
                    tenant_id: Set(tenant_id),
                    study_id: Set(row.study.uuid()),
                    series_id: Set(row.series.uuid()),
                    sop_instance_uid: Set(row.sop_instance_uid),
                    sop_class_uid: Set(row.sop_class_uid),
                    transfer_syntax_uid: Set(row.transfer_syntax_uid),
                    instance_number: Set(row.number),
                    pixel_rows: Set(row.rows.map(i32::from)),
                    pixel_columns: Set(row.columns.map(i32::from)),
                    bits_allocated: Set(row.bits_allocated.map(i32::from)),
                    number_of_frames: Set(row.frames.map(|frames| i32::try_from(frames).unwrap_or(i32::MAX))),
                    has_pixels: Set(row.has_pixels),
                    batch_object_id: Set(bytes.batch.uuid()),
                    byte_offset: Set(signed(bytes.offset)),
                    byte_length: Set(signed(bytes.length)),
                    sha256: Set(bytes.sha256.to_vec()),
                    has_preamble: Set(bytes.has_preamble),
                    data_set_offset: Set(signed(bytes.data_set_offset)),
                    data_set_hash: Set(row.data_set_hash.to_vec()),
                    chunk_sums: Set(bytes.chunk_sums),
                    frame_index: Set(bytes.frame_index),
                    remarks: Set(row.remarks),
                    received_at: Set(now),
                    damaged_at: Set(None),
                    deletion_id: Set(None),
                });
            }
            self.insert_many::<instance::Entity, _>(instances)
                .exec_without_returning(&self.conn)
                .await?;
            self.insert_many::<instance_metadata::Entity, _>(metadata)
                .exec_without_returning(&self.conn)
                .await?;
        }
    }
}

fn batch_row(tenant: Uuid, new: NewBatch, now: DateTime<Utc>) -> batch_object::ActiveModel {
    batch_object::ActiveModel {
        id: Set(new.id.uuid()),
        tenant_id: Set(tenant),
        object_key: Set(new.object_key),
        stored_bytes: Set(signed(new.stored_bytes)),
        facility_id: Set(new.facility.uuid()),
        upload_id: Set(new.upload.map(UploadId::uuid)),
        received_at: Set(now),
        tier: Set(Tier::Hot.as_str().to_owned()),
        replicated_at: Set(None),
    }
}
