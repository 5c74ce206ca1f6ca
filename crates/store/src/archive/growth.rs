//! Patients, studies and series that come into being and grow while images arrive.
//!
//! **Invariant:** whoever adds to a study holds the lock of its row first ([`TenantTx::lock_studies`], in the
//! order of their UIDs), so that concurrent batches of one study wait for each other, never deadlock and never
//! count twice.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use domain::{PatientId, SeriesId, StudyId};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};

use super::{
    NewPatient, NewSeries, NewStudy, PatientRow, RenditionState, SeriesGrowth, SeriesRow, StudyAttributes,
    StudyRow, Tier, VALUES_PER_STATEMENT, signed,
};
use crate::{
    StoreError, TenantTx,
    entity::{patient, reading_case, series, study},
    tenant::one_row,
};

impl TenantTx {
    /// Finds or makes a patient. A found one is told more with [`TenantTx::complete_patient`].
    pub async fn ensure_patient(
        &mut self,
        new: &NewPatient,
        now: DateTime<Utc>,
    ) -> Result<PatientRow, StoreError> {
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
        self.insert::<patient::Entity>(row)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(&self.conn)
            .await?;
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
        if found.id == new.id.uuid() {
            self.index_patient_name(new.id, &new.name).await?;
        }
        Ok(PatientRow::from(found))
    }

    /// Fills in what was unknown about a patient.
    pub async fn complete_patient(
        &mut self,
        found: &PatientRow,
        new: &NewPatient,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut change = patient::ActiveModel {
            updated_at: Set(now),
            ..Default::default()
        };
        let mut changed = false;
        if found.name.is_empty() && !new.name.is_empty() {
            self.index_patient_name(found.id, &new.name).await?;
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
                .filter(patient::Column::Id.eq(found.id.uuid()))
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
            patient_birth_date: Set(new.patient_birth_date.clone()),
            study_instance_uid: Set(attributes.study_instance_uid.clone()),
            accession_number: Set(attributes.accession_number.clone()),
            study_id: Set(attributes.study_id.clone()),
            study_date: Set(attributes.study_date.clone()),
            study_time: Set(attributes.study_time.clone()),
            description_folded: Set(attributes.description.as_deref().map(str::to_lowercase)),
            description: Set(attributes.description.clone()),
            referring_physician: Set(attributes.referring_physician.clone()),
            referring_physician_folded: Set(attributes.referring_physician.as_deref().map(str::to_lowercase)),
            patient_age: Set(attributes.patient_age.clone()),
            body_part: Set(attributes.body_part.clone()),
            timezone_offset: Set(attributes.timezone_offset.clone()),
            modalities: Set(String::new()),
            series_count: Set(0),
            instance_count: Set(0),
            stored_bytes: Set(0),
            representative_series_id: Set(None),
            created_at: Set(now),
            last_received_at: Set(now),
            completed_at: Set(None),
            deletion_id: Set(None),
            legal_hold: Set(false),
            tier: Set(Tier::Hot.as_str().to_owned()),
            last_read_at: Set(None),
            recall_requested_at: Set(None),
        };
        let made = self
            .insert::<study::Entity>(row)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(&self.conn)
            .await?;
        if made > 0
            && let Some(name) = &attributes.referring_physician
        {
            self.index_referring_physician(new.id, name).await?;
        }
        Ok(())
    }

    /// A locked study turned out to be this patient's; so is its case.
    pub async fn study_is_of(
        &mut self,
        study: StudyId,
        patient: PatientId,
        birth_date: Option<&str>,
    ) -> Result<(), StoreError> {
        let updated = self
            .update::<study::Entity>()
            .filter(study::Column::Id.eq(study.uuid()))
            .set(study::ActiveModel {
                patient_id: Set(patient.uuid()),
                patient_birth_date: Set(birth_date.map(str::to_owned)),
                ..Default::default()
            })
            .exec(&self.conn)
            .await?;
        one_row("study", updated.rows_affected)?;
        self.update::<reading_case::Entity>()
            .filter(reading_case::Column::StudyId.eq(study.uuid()))
            .set(reading_case::ActiveModel {
                patient_id: Set(patient.uuid()),
                ..Default::default()
            })
            .exec(&self.conn)
            .await?;
        Ok(())
    }

    /// Removes a patient who stood alone with a study that turned out to be another's.
    pub async fn remove_lone_patient(&mut self, patient: PatientId) -> Result<(), StoreError> {
        self.forget_names_of(patient.uuid()).await?;
        self.delete::<patient::Entity>()
            .filter(patient::Column::Id.eq(patient.uuid()))
            .filter(patient::Column::LoneStudyUid.ne(""))
            .exec(&self.conn)
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
            performed_date: Set(new.performed_date.clone()),
            performed_time: Set(new.performed_time.clone()),
            timezone_offset: Set(new.timezone_offset.clone()),
            protocol_name: Set(new.protocol_name.clone()),
            station_name: Set(new.station_name.clone()),
            manufacturer: Set(new.manufacturer.clone()),
            instance_count: Set(0),
            image_count: Set(0),
            frame_count: Set(0),
            stored_bytes: Set(0),
            revision: Set(0),
            rendition_state: Set(RenditionState::Pending.as_str().to_owned()),
            thumbnail_key: Set(None),
            thumbnail_bytes: Set(None),
            thumbnail_sums: Set(None),
            thumbnail_version: Set(None),
            created_at: Set(now),
            last_received_at: Set(now),
            deletion_id: Set(None),
        };
        self.insert::<series::Entity>(row)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(&self.conn)
            .await?;
        Ok(())
    }

    /// Counts what was added to a series of a locked study; its derived forms are to be made again.
    pub async fn grow_series(&mut self, growth: &SeriesGrowth, now: DateTime<Utc>) -> Result<(), StoreError> {
        let images = i32::try_from(growth.images).unwrap_or(i32::MAX);
        let instances = i32::try_from(growth.instances).unwrap_or(i32::MAX);
        let frames = i32::try_from(growth.frames).unwrap_or(i32::MAX);
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
                series::Column::FrameCount,
                Expr::col(series::Column::FrameCount).add(frames),
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

    /// Recomputes a study, whose row is as it was locked, from its series and fills in what it did not know. Gives
    /// the new row.
    pub async fn refresh_study(
        &mut self,
        locked: &StudyRow,
        attributes: &StudyAttributes,
        now: DateTime<Utc>,
    ) -> Result<StudyRow, StoreError> {
        let all = self.series_of_studies(&[locked.id]).await?;
        if let (None, Some(name)) = (&locked.referring_physician, &attributes.referring_physician) {
            self.index_referring_physician(locked.id, name).await?;
        }
        let fresh = grown(locked.clone(), attributes, &all, now);
        let updated = self
            .update::<study::Entity>()
            .filter(study::Column::Id.eq(locked.id.uuid()))
            .set(study::ActiveModel {
                accession_number: Set(fresh.accession_number.clone()),
                study_id: Set(fresh.study_id.clone()),
                study_date: Set(fresh.study_date.clone()),
                study_time: Set(fresh.study_time.clone()),
                description_folded: Set(fresh.description.as_deref().map(str::to_lowercase)),
                description: Set(fresh.description.clone()),
                referring_physician_folded: Set(fresh.referring_physician.as_deref().map(str::to_lowercase)),
                referring_physician: Set(fresh.referring_physician.clone()),
                patient_age: Set(fresh.patient_age.clone()),
                body_part: Set(fresh.body_part.clone()),
                timezone_offset: Set(fresh.timezone_offset.clone()),
                modalities: Set(modalities(&all)),
                series_count: Set(i32::try_from(fresh.series_count).unwrap_or(i32::MAX)),
                instance_count: Set(i32::try_from(fresh.instance_count).unwrap_or(i32::MAX)),
                stored_bytes: Set(signed(fresh.stored_bytes)),
                representative_series_id: Set(fresh.representative_series.map(SeriesId::uuid)),
                last_received_at: Set(fresh.last_received_at),
                completed_at: Set(fresh.completed_at),
                ..Default::default()
            })
            .exec(&self.conn)
            .await?;
        one_row("study", updated.rows_affected)?;
        Ok(fresh)
    }

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

/// The study with what its series count and what its newest images say where it did not know it.
fn grown(
    mut study: StudyRow,
    attributes: &StudyAttributes,
    series: &[SeriesRow],
    now: DateTime<Utc>,
) -> StudyRow {
    let fill = |known: &mut Option<String>, said: &Option<String>| {
        if known.is_none() {
            known.clone_from(said);
        }
    };
    fill(&mut study.accession_number, &attributes.accession_number);
    fill(&mut study.study_id, &attributes.study_id);
    fill(&mut study.study_date, &attributes.study_date);
    fill(&mut study.study_time, &attributes.study_time);
    fill(&mut study.description, &attributes.description);
    fill(&mut study.referring_physician, &attributes.referring_physician);
    fill(&mut study.patient_age, &attributes.patient_age);
    fill(&mut study.timezone_offset, &attributes.timezone_offset);
    fill(&mut study.body_part, &attributes.body_part);
    for one in series {
        fill(&mut study.body_part, &one.body_part);
    }
    let total = |count: fn(&SeriesRow) -> u32| series.iter().map(count).fold(0, u32::saturating_add);
    study.series_count = u32::try_from(series.len()).unwrap_or(u32::MAX);
    study.instance_count = total(|series| series.instance_count);
    study.stored_bytes = series
        .iter()
        .map(|series| series.stored_bytes)
        .fold(0, u64::saturating_add);
    study.modalities = modality_names(series).into_iter().map(str::to_owned).collect();
    study.representative_series = representative(series);
    study.last_received_at = now;
    study.completed_at = None;
    study
}

/// Each modality once, sorted.
fn modality_names(series: &[SeriesRow]) -> BTreeSet<&str> {
    series
        .iter()
        .map(|series| series.modality.as_str())
        .filter(|name| !name.is_empty())
        .collect()
}

/// Each modality once, sorted, between backslashes.
pub(super) fn modalities(series: &[SeriesRow]) -> String {
    let names = modality_names(series);
    if names.is_empty() {
        return String::new();
    }
    format!("\\{}\\", names.into_iter().collect::<Vec<_>>().join("\\"))
}

/// The series with the most images; of equals the one that comes first.
pub(super) fn representative(series: &[SeriesRow]) -> Option<SeriesId> {
    let mut best: Option<&SeriesRow> = None;
    for candidate in series.iter().filter(|series| series.image_count > 0) {
        if best.is_none_or(|best| candidate.image_count > best.image_count) {
            best = Some(candidate);
        }
    }
    best.map(|series| series.id)
}
