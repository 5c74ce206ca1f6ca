//! From found rows to what is told of them: a fixed number of statements, however many are found.

use std::collections::HashMap;

use domain::{InstanceId, PatientId, SeriesId, StudyId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, FromQueryResult, IntoSimpleExpr, QueryFilter, QueryOrder,
    sea_query::SelectStatement,
};
use uuid::Uuid;

use super::{
    FoundInstance, FoundSeries, FoundStudy, InstanceHit, Search,
    statement::{Level, all_columns},
};
use crate::{
    StoreError, TenantRead,
    archive::{PatientRow, RequestedStep, SeriesRow, StudyRow, VALUES_PER_STATEMENT},
    entity::{instance, requested_step, series, study},
};

/// An instance as the statement returns it: without its blobs, which would be most of the answer.
#[derive(Debug, FromQueryResult)]
struct Hit {
    id: Uuid,
    study_id: Uuid,
    series_id: Uuid,
    sop_instance_uid: String,
    sop_class_uid: String,
    transfer_syntax_uid: String,
    instance_number: Option<i32>,
    pixel_rows: Option<i32>,
    pixel_columns: Option<i32>,
    bits_allocated: Option<i32>,
    number_of_frames: Option<i32>,
}

const HIT_COLUMNS: [instance::Column; 11] = [
    instance::Column::Id,
    instance::Column::StudyId,
    instance::Column::SeriesId,
    instance::Column::SopInstanceUid,
    instance::Column::SopClassUid,
    instance::Column::TransferSyntaxUid,
    instance::Column::InstanceNumber,
    instance::Column::PixelRows,
    instance::Column::PixelColumns,
    instance::Column::BitsAllocated,
    instance::Column::NumberOfFrames,
];

impl From<Hit> for InstanceHit {
    fn from(row: Hit) -> Self {
        Self {
            id: InstanceId::from_uuid(row.id),
            study: StudyId::from_uuid(row.study_id),
            series: SeriesId::from_uuid(row.series_id),
            sop_instance_uid: row.sop_instance_uid,
            sop_class_uid: row.sop_class_uid,
            transfer_syntax_uid: row.transfer_syntax_uid,
            number: row.instance_number,
            rows: row.pixel_rows.map(i32::unsigned_abs),
            columns: row.pixel_columns.map(i32::unsigned_abs),
            bits_allocated: row.bits_allocated.map(i32::unsigned_abs),
            frames: row.number_of_frames.map(i32::unsigned_abs),
        }
    }
}

impl TenantRead {
    /// Studies.
    pub async fn search_studies(&self, search: &Search) -> Result<Vec<FoundStudy>, StoreError> {
        let mut select = self.statement(search, Level::Study);
        all_columns::<study::Entity>(&mut select);
        let rows: Vec<study::Model> = self.rows(&select).await?;
        self.with_patients(rows.into_iter().map(StudyRow::from).collect())
            .await
    }

    /// Series, by number within each study.
    pub async fn search_series(&self, search: &Search) -> Result<Vec<FoundSeries>, StoreError> {
        let mut select = self.statement(search, Level::Series);
        all_columns::<series::Entity>(&mut select);
        let rows: Vec<series::Model> = self.rows(&select).await?;
        let rows = rows
            .into_iter()
            .map(SeriesRow::try_from)
            .collect::<Result<Vec<_>, _>>()?;
        self.with_studies(rows).await
    }

    /// Instances, by series and number within each study.
    pub async fn search_instances(&self, search: &Search) -> Result<Vec<FoundInstance>, StoreError> {
        let mut select = self.statement(search, Level::Instance);
        for column in HIT_COLUMNS {
            select.expr(column.into_simple_expr());
        }
        let rows: Vec<Hit> = self.rows(&select).await?;
        let rows: Vec<InstanceHit> = rows.into_iter().map(InstanceHit::from).collect();
        let mut ids: Vec<SeriesId> = rows.iter().map(|row| row.series).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut series = Vec::with_capacity(ids.len());
        for ids in ids.chunks(VALUES_PER_STATEMENT) {
            series.extend(self.series(ids).await?);
        }
        let series: HashMap<SeriesId, FoundSeries> = self
            .with_studies(series)
            .await?
            .into_iter()
            .map(|found| (found.series.id, found))
            .collect();
        rows.into_iter()
            .map(|instance| {
                let series = series
                    .get(&instance.series)
                    .cloned()
                    .ok_or_else(|| orphan("instance", instance.id))?;
                Ok(FoundInstance { instance, series })
            })
            .collect()
    }

    async fn rows<M: FromQueryResult>(&self, select: &SelectStatement) -> Result<Vec<M>, StoreError> {
        let statement = self.conn.get_database_backend().build(select);
        Ok(M::find_by_statement(statement).all(&self.conn).await?)
    }

    async fn with_patients(&self, studies: Vec<StudyRow>) -> Result<Vec<FoundStudy>, StoreError> {
        let mut ids: Vec<PatientId> = studies.iter().map(|study| study.patient).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut patients: HashMap<PatientId, PatientRow> = HashMap::with_capacity(ids.len());
        for ids in ids.chunks(VALUES_PER_STATEMENT) {
            patients.extend(
                self.patients(ids)
                    .await?
                    .into_iter()
                    .map(|patient| (patient.id, patient)),
            );
        }
        studies
            .into_iter()
            .map(|study| {
                let patient = patients
                    .get(&study.patient)
                    .cloned()
                    .ok_or_else(|| orphan("study", study.id))?;
                Ok(FoundStudy { study, patient })
            })
            .collect()
    }

    async fn with_studies(&self, series: Vec<SeriesRow>) -> Result<Vec<FoundSeries>, StoreError> {
        let mut ids: Vec<StudyId> = series.iter().map(|series| series.study).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut studies = Vec::with_capacity(ids.len());
        for ids in ids.chunks(VALUES_PER_STATEMENT) {
            studies.extend(self.studies(ids).await?);
        }
        let studies: HashMap<StudyId, FoundStudy> = self
            .with_patients(studies)
            .await?
            .into_iter()
            .map(|found| (found.study.id, found))
            .collect();
        let mut requested = self.requested_steps(&series).await?;
        series
            .into_iter()
            .map(|series| {
                let study = studies
                    .get(&series.study)
                    .cloned()
                    .ok_or_else(|| orphan("series", series.id))?;
                let requested = requested.remove(&series.id).unwrap_or_default();
                Ok(FoundSeries {
                    series,
                    requested,
                    study,
                })
            })
            .collect()
    }

    async fn requested_steps(
        &self,
        series: &[SeriesRow],
    ) -> Result<HashMap<SeriesId, Vec<RequestedStep>>, StoreError> {
        let mut found: HashMap<SeriesId, Vec<RequestedStep>> = HashMap::new();
        for series in series.chunks(VALUES_PER_STATEMENT) {
            let rows = self
                .find::<requested_step::Entity>()
                .filter(requested_step::Column::SeriesId.is_in(series.iter().map(|series| series.id.uuid())))
                .order_by_asc(requested_step::Column::Id)
                .all(&self.conn)
                .await?;
            for row in rows {
                found
                    .entry(SeriesId::from_uuid(row.series_id))
                    .or_default()
                    .push(RequestedStep {
                        scheduled_procedure_step_id: row.scheduled_procedure_step_id,
                        requested_procedure_id: row.requested_procedure_id,
                        accession_number: row.accession_number,
                    });
            }
        }
        Ok(found)
    }
}

fn orphan(table: &'static str, id: impl ToString) -> StoreError {
    StoreError::Inconsistent {
        table,
        id: id.to_string(),
        what: "every row belongs to the one above it",
    }
}
