//! Patients, studies and series by id and by UID.

use domain::{PatientId, SeriesId, StudyId};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};

use super::{PatientRow, SeriesRow, StudyRow};
use crate::{
    StoreError, TenantRead,
    entity::{patient, series, study},
};

impl TenantRead {
    /// Patients of these ids, in no order.
    pub async fn patients(&self, ids: &[PatientId]) -> Result<Vec<PatientRow>, StoreError> {
        let ids = ids.iter().map(|id| id.uuid());
        let rows = self
            .find::<patient::Entity>()
            .filter(patient::Column::Id.is_in(ids))
            .all(&self.conn)
            .await?;
        Ok(rows.into_iter().map(PatientRow::from).collect())
    }

    /// One patient.
    pub async fn patient(&self, id: PatientId) -> Result<Option<PatientRow>, StoreError> {
        Ok(self.patients(&[id]).await?.pop())
    }

    /// Studies of these ids, in no order.
    pub async fn studies(&self, ids: &[StudyId]) -> Result<Vec<StudyRow>, StoreError> {
        let ids = ids.iter().map(|id| id.uuid());
        let rows = self
            .find::<study::Entity>()
            .filter(study::Column::Id.is_in(ids))
            .all(&self.conn)
            .await?;
        Ok(rows.into_iter().map(StudyRow::from).collect())
    }

    /// One study.
    pub async fn study(&self, id: StudyId) -> Result<Option<StudyRow>, StoreError> {
        Ok(self.studies(&[id]).await?.pop())
    }

    /// The study of a Study Instance UID.
    pub async fn study_of_uid(&self, study_instance_uid: &str) -> Result<Option<StudyRow>, StoreError> {
        let row = self
            .find::<study::Entity>()
            .filter(study::Column::StudyInstanceUid.eq(study_instance_uid))
            .one(&self.conn)
            .await?;
        Ok(row.map(StudyRow::from))
    }

    /// The ids of a patient's studies.
    pub async fn studies_of_patient(&self, patient: PatientId) -> Result<Vec<StudyId>, StoreError> {
        let rows = self
            .find::<study::Entity>()
            .filter(study::Column::PatientId.eq(patient.uuid()))
            .all(&self.conn)
            .await?;
        Ok(rows.into_iter().map(|row| StudyId::from_uuid(row.id)).collect())
    }

    /// The series of these studies, by series number within each.
    pub async fn series_of_studies(&self, studies: &[StudyId]) -> Result<Vec<SeriesRow>, StoreError> {
        let rows = self
            .find::<series::Entity>()
            .filter(series::Column::StudyId.is_in(studies.iter().map(|study| study.uuid())))
            .order_by_asc(series::Column::StudyId)
            .order_by_asc(series::Column::SeriesNumber)
            .order_by_asc(series::Column::Id)
            .all(&self.conn)
            .await?;
        rows.into_iter().map(SeriesRow::try_from).collect()
    }

    /// Series of these ids, in no order.
    pub async fn series(&self, ids: &[SeriesId]) -> Result<Vec<SeriesRow>, StoreError> {
        let ids = ids.iter().map(|id| id.uuid());
        let rows = self
            .find::<series::Entity>()
            .filter(series::Column::Id.is_in(ids))
            .all(&self.conn)
            .await?;
        rows.into_iter().map(SeriesRow::try_from).collect()
    }

    /// The series of a Series Instance UID within a study.
    pub async fn series_of_uid(
        &self,
        study: StudyId,
        series_uid: &str,
    ) -> Result<Option<SeriesRow>, StoreError> {
        let row = self
            .find::<series::Entity>()
            .filter(series::Column::StudyId.eq(study.uuid()))
            .filter(series::Column::SeriesInstanceUid.eq(series_uid))
            .one(&self.conn)
            .await?;
        row.map(SeriesRow::try_from).transpose()
    }
}
