//! What one batch adds to the archive, inside the batch's one transaction.
//!
//! **Invariant:** whoever adds to a study holds the lock of its row first ([`TenantTx::lock_studies`], in the
//! order of their UIDs), so that concurrent batches of one study wait for each other, never deadlock and never
//! count twice.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::{BatchId, FacilityId, InstanceId, PatientId, QuarantineId, SeriesId, StudyId, UploadId};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, ExprTrait, JoinType, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use super::{PatientRow, RenditionState, SeriesRow, StudyRow, VALUES_PER_STATEMENT};
use crate::{
    StoreError, TenantRead, TenantTx,
    entity::{batch_object, instance, instance_metadata, patient, quarantined_instance, series, study},
    tenant::one_row,
};

/// Rows with blobs go in smaller groups, so that no statement grows to many megabytes.
const BLOBS_PER_STATEMENT: usize = 50;

/// What tells one patient from another.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PatientIdentity {
    /// Who gave the id.
    pub issuer: String,
    /// The id; empty when the images carry none.
    pub patient_id: String,
    /// The one study of a patient without an id; otherwise empty.
    pub lone_study_uid: String,
}

/// A patient to be found or made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPatient {
    /// The id of the row, if it is made.
    pub id: PatientId,
    /// Who it is.
    pub identity: PatientIdentity,
    /// Patient's Name as DICOM writes it.
    pub name: String,
    /// Patient's Birth Date.
    pub birth_date: Option<String>,
    /// Patient's Sex.
    pub sex: Option<String>,
}

/// A study to be found or made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewStudy {
    /// The id of the row, if it is made.
    pub id: StudyId,
    /// The facility that sends it.
    pub facility: FacilityId,
    /// Whose it is.
    pub patient: PatientId,
    /// What its instances say about it.
    pub attributes: StudyAttributes,
}

/// What instances say about their study. A value once known stays; one that was absent is filled in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StudyAttributes {
    /// Study Instance UID.
    pub study_instance_uid: String,
    /// Accession Number.
    pub accession_number: Option<String>,
    /// Study ID.
    pub study_id: Option<String>,
    /// Study Date.
    pub study_date: Option<String>,
    /// Study Time.
    pub study_time: Option<String>,
    /// Study Description.
    pub description: Option<String>,
    /// Referring Physician's Name.
    pub referring_physician: Option<String>,
    /// Patient's Age.
    pub patient_age: Option<String>,
    /// Body Part Examined.
    pub body_part: Option<String>,
}

/// A series to be found or made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSeries {
    /// The id of the row, if it is made.
    pub id: SeriesId,
    /// Its study.
    pub study: StudyId,
    /// Series Instance UID.
    pub series_instance_uid: String,
    /// Modality.
    pub modality: String,
    /// Series Number.
    pub number: Option<i32>,
    /// Series Description.
    pub description: Option<String>,
    /// Body Part Examined.
    pub body_part: Option<String>,
    /// Laterality.
    pub laterality: Option<String>,
    /// Series Date.
    pub series_date: Option<String>,
    /// Series Time.
    pub series_time: Option<String>,
    /// Protocol Name.
    pub protocol_name: Option<String>,
    /// Station Name.
    pub station_name: Option<String>,
    /// Manufacturer.
    pub manufacturer: Option<String>,
}

/// The object that holds a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBatch {
    /// The row, and the object's own id.
    pub id: BatchId,
    /// The object's key.
    pub object_key: String,
    /// The object's length.
    pub stored_bytes: u64,
    /// Who sent it.
    pub facility: FacilityId,
    /// The upload it belongs to.
    pub upload: Option<UploadId>,
}

/// An instance to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewInstance {
    /// The row.
    pub id: InstanceId,
    /// Its study.
    pub study: StudyId,
    /// Its series.
    pub series: SeriesId,
    /// SOP Instance UID.
    pub sop_instance_uid: String,
    /// SOP Class UID.
    pub sop_class_uid: String,
    /// The transfer syntax its bytes are in.
    pub transfer_syntax_uid: String,
    /// Instance Number.
    pub number: Option<i32>,
    /// Rows.
    pub rows: Option<u16>,
    /// Columns.
    pub columns: Option<u16>,
    /// Bits Allocated.
    pub bits_allocated: Option<u16>,
    /// Number of Frames.
    pub frames: Option<u32>,
    /// Whether it has pixel data.
    pub has_pixels: bool,
    /// Where its bytes begin in the batch object.
    pub offset: u64,
    /// How many they are.
    pub length: u64,
    /// What they hash to.
    pub sha256: [u8; 32],
    /// The frame index.
    pub frame_index: Vec<u8>,
    /// What was odd about the file.
    pub remarks: Option<String>,
    /// The DICOM JSON, gzip.
    pub metadata_gzip: Vec<u8>,
    /// Where the bulk values behind the JSON lie, as JSON.
    pub bulk_values: String,
}

/// An instance to be set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewQuarantined {
    /// The row.
    pub id: QuarantineId,
    /// SOP Instance UID.
    pub sop_instance_uid: String,
    /// Series Instance UID.
    pub series_instance_uid: String,
    /// Study Instance UID.
    pub study_instance_uid: String,
    /// The error code that says why.
    pub reason: &'static str,
    /// Where its bytes begin in the batch object.
    pub offset: u64,
    /// How many they are.
    pub length: u64,
    /// What they hash to.
    pub sha256: [u8; 32],
}

/// What is known about an instance that is stored already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredInstance {
    /// SOP Instance UID.
    pub sop_instance_uid: String,
    /// Its study's row.
    pub study: StudyId,
    /// Its study's UID.
    pub study_instance_uid: String,
    /// The facility that sent the study.
    pub facility: FacilityId,
    /// The SHA-256 of its bytes.
    pub sha256: Vec<u8>,
    /// How many bytes it has.
    pub length: u64,
}

/// How a series grew by one batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeriesGrowth {
    /// Which series.
    pub series: SeriesId,
    /// New instances.
    pub instances: u32,
    /// Those of them with pixels.
    pub images: u32,
    /// The sum of their lengths.
    pub bytes: u64,
}

impl TenantRead {
    /// Which of these SOP Instance UIDs are stored already.
    pub async fn stored_instances(
        &self,
        uids: &[&str],
    ) -> Result<HashMap<String, StoredInstance>, StoreError> {
        let mut found = HashMap::with_capacity(uids.len());
        for uids in uids.chunks(VALUES_PER_STATEMENT) {
            let rows: Vec<(String, Uuid, String, Uuid, Vec<u8>, i64)> = self
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
                .column(instance::Column::StudyId)
                .column(study::Column::StudyInstanceUid)
                .column(study::Column::FacilityId)
                .column(instance::Column::Sha256)
                .column(instance::Column::ByteLength)
                .into_tuple()
                .all(&self.conn)
                .await?;
            for (uid, study, study_instance_uid, facility, sha256, length) in rows {
                let stored = StoredInstance {
                    sop_instance_uid: uid.clone(),
                    study: StudyId::from_uuid(study),
                    study_instance_uid,
                    facility: FacilityId::from_uuid(facility),
                    sha256,
                    length: length.unsigned_abs(),
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
    /// Finds or makes a patient. What was unknown about a found one is filled in.
    pub async fn ensure_patient(
        &mut self,
        new: &NewPatient,
        now: DateTime<Utc>,
    ) -> Result<PatientId, StoreError> {
        let row = patient::ActiveModel {
            id: Set(new.id.uuid()),
            tenant_id: Set(self.tenant().uuid()),
            issuer: Set(new.identity.issuer.clone()),
            patient_id: Set(new.identity.patient_id.clone()),
            lone_study_uid: Set(new.identity.lone_study_uid.clone()),
            name: Set(new.name.clone()),
            name_folded: Set(new.name.to_lowercase()),
            birth_date: Set(new.birth_date.clone()),
            sex: Set(new.sex.clone()),
            created_at: Set(now),
            updated_at: Set(now),
        };
        let made = self
            .insert::<patient::Entity>(row)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(&self.conn)
            .await?;
        if made == 1 {
            return Ok(new.id);
        }
        let found = self
            .find::<patient::Entity>()
            .filter(patient::Column::Issuer.eq(&new.identity.issuer))
            .filter(patient::Column::PatientId.eq(&new.identity.patient_id))
            .filter(patient::Column::LoneStudyUid.eq(&new.identity.lone_study_uid))
            .one(&self.conn)
            .await?
            .ok_or_else(|| StoreError::Inconsistent {
                table: "patient",
                id: new.id.to_string(),
                what: "an identity that is taken is somebody's",
            })?;
        self.complete_patient(&found, new, now).await?;
        Ok(PatientId::from_uuid(found.id))
    }

    async fn complete_patient(
        &self,
        found: &patient::Model,
        new: &NewPatient,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut change = patient::ActiveModel {
            updated_at: Set(now),
            ..Default::default()
        };
        let mut changed = false;
        if found.name.is_empty() && !new.name.is_empty() {
            change.name = Set(new.name.clone());
            change.name_folded = Set(new.name.to_lowercase());
            changed = true;
        }
        if found.birth_date.is_none() && new.birth_date.is_some() {
            change.birth_date = Set(new.birth_date.clone());
            changed = true;
        }
        if found.sex.is_none() && new.sex.is_some() {
            change.sex = Set(new.sex.clone());
            changed = true;
        }
        if changed {
            let update = self
                .update::<patient::Entity>()
                .filter(patient::Column::Id.eq(found.id))
                .set(change);
            one_row("patient", update.exec(&self.conn).await?.rows_affected)?;
        }
        Ok(())
    }

    /// Makes a study unless its UID is taken.
    pub async fn ensure_study(&mut self, new: &NewStudy, now: DateTime<Utc>) -> Result<(), StoreError> {
        let attributes = &new.attributes;
        let row = study::ActiveModel {
            id: Set(new.id.uuid()),
            tenant_id: Set(self.tenant().uuid()),
            facility_id: Set(new.facility.uuid()),
            patient_id: Set(new.patient.uuid()),
            study_instance_uid: Set(attributes.study_instance_uid.clone()),
            accession_number: Set(attributes.accession_number.clone()),
            study_id: Set(attributes.study_id.clone()),
            study_date: Set(attributes.study_date.clone()),
            study_time: Set(attributes.study_time.clone()),
            description: Set(attributes.description.clone()),
            referring_physician: Set(attributes.referring_physician.clone()),
            referring_physician_folded: Set(attributes.referring_physician.as_deref().map(str::to_lowercase)),
            patient_age: Set(attributes.patient_age.clone()),
            body_part: Set(attributes.body_part.clone()),
            modalities: Set(String::new()),
            series_count: Set(0),
            instance_count: Set(0),
            stored_bytes: Set(0),
            representative_series_id: Set(None),
            created_at: Set(now),
            last_received_at: Set(now),
            completed_at: Set(None),
        };
        self.insert::<study::Entity>(row)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(&self.conn)
            .await?;
        Ok(())
    }

    /// Locks the rows of these studies, in the order of their UIDs, until the transaction ends.
    pub async fn lock_studies(&mut self, uids: &[&str]) -> Result<Vec<StudyRow>, StoreError> {
        let mut sorted = uids.to_vec();
        sorted.sort_unstable();
        let mut studies = Vec::with_capacity(sorted.len());
        for uids in sorted.chunks(VALUES_PER_STATEMENT) {
            let rows = self
                .find::<study::Entity>()
                .filter(study::Column::StudyInstanceUid.is_in(uids.iter().copied()))
                .order_by_asc(study::Column::StudyInstanceUid)
                .lock_exclusive()
                .all(&self.conn)
                .await?;
            studies.extend(rows.into_iter().map(StudyRow::from));
        }
        Ok(studies)
    }

    /// Makes a series unless its study, which must be locked, has it.
    pub async fn ensure_series(&mut self, new: &NewSeries, now: DateTime<Utc>) -> Result<(), StoreError> {
        let row = series::ActiveModel {
            id: Set(new.id.uuid()),
            tenant_id: Set(self.tenant().uuid()),
            study_id: Set(new.study.uuid()),
            series_instance_uid: Set(new.series_instance_uid.clone()),
            modality: Set(new.modality.clone()),
            series_number: Set(new.number),
            description: Set(new.description.clone()),
            body_part: Set(new.body_part.clone()),
            laterality: Set(new.laterality.clone()),
            series_date: Set(new.series_date.clone()),
            series_time: Set(new.series_time.clone()),
            protocol_name: Set(new.protocol_name.clone()),
            station_name: Set(new.station_name.clone()),
            manufacturer: Set(new.manufacturer.clone()),
            instance_count: Set(0),
            image_count: Set(0),
            stored_bytes: Set(0),
            revision: Set(0),
            rendition_state: Set(RenditionState::Pending.as_str().to_owned()),
            thumbnail_key: Set(None),
            thumbnail_version: Set(None),
            created_at: Set(now),
            last_received_at: Set(now),
        };
        self.insert::<series::Entity>(row)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(&self.conn)
            .await?;
        Ok(())
    }

    /// Records the object that holds a batch.
    pub async fn add_batch(&mut self, new: &NewBatch, now: DateTime<Utc>) -> Result<(), StoreError> {
        let row = batch_object::ActiveModel {
            id: Set(new.id.uuid()),
            tenant_id: Set(self.tenant().uuid()),
            object_key: Set(new.object_key.clone()),
            stored_bytes: Set(signed(new.stored_bytes)),
            facility_id: Set(new.facility.uuid()),
            upload_id: Set(new.upload.map(UploadId::uuid)),
            received_at: Set(now),
        };
        self.insert::<batch_object::Entity>(row)
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
        batch: BatchId,
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
                metadata.push(instance_metadata::ActiveModel {
                    instance_id: Set(row.id.uuid()),
                    tenant_id: Set(tenant_id),
                    series_id: Set(row.series.uuid()),
                    json_gzip: Set(row.metadata_gzip),
                    bulk_values: Set(row.bulk_values),
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
                    batch_object_id: Set(batch.uuid()),
                    byte_offset: Set(signed(row.offset)),
                    byte_length: Set(signed(row.length)),
                    sha256: Set(row.sha256.to_vec()),
                    frame_index: Set(row.frame_index),
                    remarks: Set(row.remarks),
                    received_at: Set(now),
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

    /// Counts what was added to a series of a locked study; its derived forms are to be made again.
    pub async fn grow_series(&mut self, growth: &SeriesGrowth, now: DateTime<Utc>) -> Result<(), StoreError> {
        let images = i32::try_from(growth.images).unwrap_or(i32::MAX);
        let instances = i32::try_from(growth.instances).unwrap_or(i32::MAX);
        let updated = self
            .update::<series::Entity>()
            .filter(series::Column::Id.eq(growth.series.uuid()))
            .col_expr(
                series::Column::InstanceCount,
                Expr::col(series::Column::InstanceCount).add(instances),
            )
            .col_expr(
                series::Column::ImageCount,
                Expr::col(series::Column::ImageCount).add(images),
            )
            .col_expr(
                series::Column::StoredBytes,
                Expr::col(series::Column::StoredBytes).add(signed(growth.bytes)),
            )
            .col_expr(
                series::Column::Revision,
                Expr::col(series::Column::Revision).add(1),
            )
            .col_expr(
                series::Column::RenditionState,
                Expr::value(RenditionState::Pending.as_str()),
            )
            .col_expr(series::Column::LastReceivedAt, Expr::value(now))
            .exec(&self.conn)
            .await?;
        one_row("series", updated.rows_affected)
    }

    /// Recomputes a locked study from its series and fills in what its row did not know.
    pub async fn refresh_study(
        &mut self,
        study: StudyId,
        attributes: &StudyAttributes,
        now: DateTime<Utc>,
    ) -> Result<StudyRow, StoreError> {
        let known = self.study(study).await?.ok_or_else(|| StoreError::Inconsistent {
            table: "study",
            id: study.to_string(),
            what: "a locked study stays",
        })?;
        let all = self.series_of_studies(&[study]).await?;
        let referring_physician = known
            .referring_physician
            .or_else(|| attributes.referring_physician.clone());
        let total = |count: fn(&SeriesRow) -> u32| all.iter().map(count).fold(0, u32::saturating_add);
        let bytes = all
            .iter()
            .map(|series| series.stored_bytes)
            .fold(0, u64::saturating_add);
        let updated = self
            .update::<study::Entity>()
            .filter(study::Column::Id.eq(study.uuid()))
            .set(study::ActiveModel {
                accession_number: Set(known
                    .accession_number
                    .or_else(|| attributes.accession_number.clone())),
                study_id: Set(known.study_id.or_else(|| attributes.study_id.clone())),
                study_date: Set(known.study_date.or_else(|| attributes.study_date.clone())),
                study_time: Set(known.study_time.or_else(|| attributes.study_time.clone())),
                description: Set(known.description.or_else(|| attributes.description.clone())),
                referring_physician_folded: Set(referring_physician.as_deref().map(str::to_lowercase)),
                referring_physician: Set(referring_physician),
                patient_age: Set(known.patient_age.or_else(|| attributes.patient_age.clone())),
                body_part: Set(known
                    .body_part
                    .or_else(|| attributes.body_part.clone())
                    .or_else(|| all.iter().find_map(|series| series.body_part.clone()))),
                modalities: Set(modalities(&all)),
                series_count: Set(i32::try_from(all.len()).unwrap_or(i32::MAX)),
                instance_count: Set(i32::try_from(total(|series| series.instance_count)).unwrap_or(i32::MAX)),
                stored_bytes: Set(signed(bytes)),
                representative_series_id: Set(representative(&all).map(SeriesId::uuid)),
                last_received_at: Set(now),
                completed_at: Set(None),
                ..Default::default()
            })
            .exec(&self.conn)
            .await?;
        one_row("study", updated.rows_affected)?;
        self.study(study).await?.ok_or(StoreError::RowsAffected {
            table: "study",
            changed: 0,
        })
    }

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

/// Each modality once, sorted, between backslashes.
fn modalities(series: &[SeriesRow]) -> String {
    let names: std::collections::BTreeSet<&str> = series
        .iter()
        .map(|series| series.modality.as_str())
        .filter(|name| !name.is_empty())
        .collect();
    if names.is_empty() {
        return String::new();
    }
    format!("\\{}\\", names.into_iter().collect::<Vec<_>>().join("\\"))
}

/// The series with the most images; of equals the one that comes first.
fn representative(series: &[SeriesRow]) -> Option<SeriesId> {
    let mut best: Option<&SeriesRow> = None;
    for candidate in series.iter().filter(|series| series.image_count > 0) {
        if best.is_none_or(|best| candidate.image_count > best.image_count) {
            best = Some(candidate);
        }
    }
    best.map(|series| series.id)
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
