//! DICOM JSON of instances and, put together, of series.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::{InstanceId, SeriesId, StudyId};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, OnConflict, SimpleExpr},
};
use uuid::Uuid;

use super::VALUES_PER_STATEMENT;
use crate::{
    StoreError, TenantRead, TenantTx,
    entity::{instance, instance_metadata, series, series_metadata, study},
};

/// The DICOM JSON of one instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceMetadata {
    /// The instance.
    pub id: InstanceId,
    /// Its SOP Instance UID.
    pub sop_instance_uid: String,
    /// The JSON object, gzip.
    pub json_gzip: Vec<u8>,
}

/// Whose metadata is wanted: of instances their own, of series and studies that of their first instance.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MetadataOf {
    /// These instances.
    pub instances: Vec<InstanceId>,
    /// These series.
    pub series: Vec<SeriesId>,
    /// These studies.
    pub studies: Vec<StudyId>,
}

/// The DICOM JSON of a series as it was at one revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeriesMetadata {
    /// Which revision of the series it shows.
    pub revision: i32,
    /// The address its BulkDataURIs begin with.
    pub base_url: String,
    /// The JSON array, gzip.
    pub json_gzip: Vec<u8>,
}

/// What an owner's first instance is called in a statement.
const FIRST: &str = "first_instance";

fn by_instance(rows: Vec<(Uuid, Option<Uuid>)>) -> HashMap<Uuid, Uuid> {
    rows.into_iter()
        .filter_map(|(owner, first)| Some((first?, owner)))
        .collect()
}

impl TenantRead {
    /// The metadata of a series' instances in the order of their numbers: `limit` of them, `offset` left out.
    pub async fn instance_metadata(
        &self,
        series: SeriesId,
        offset: u64,
        limit: u64,
    ) -> Result<Vec<InstanceMetadata>, StoreError> {
        let rows: Vec<(Uuid, String, Vec<u8>)> = self
            .find::<instance::Entity>()
            .filter(instance::Column::SeriesId.eq(series.uuid()))
            .join(
                JoinType::InnerJoin,
                instance::Entity::belongs_to(instance_metadata::Entity)
                    // The whole key: by the instance alone the database would look at every row there is.
                    .from((instance::Column::TenantId, instance::Column::Id))
                    .to((
                        instance_metadata::Column::TenantId,
                        instance_metadata::Column::InstanceId,
                    ))
                    .into(),
            )
            .select_only()
            .column(instance::Column::Id)
            .column(instance::Column::SopInstanceUid)
            .column(instance_metadata::Column::JsonGzip)
            .order_by_asc(instance::Column::InstanceNumber)
            .order_by_asc(instance::Column::Id)
            .offset(offset)
            .limit(limit)
            .into_tuple()
            .all(&self.conn)
            .await?;
        Ok(rows
            .into_iter()
            .map(|(id, sop_instance_uid, json_gzip)| InstanceMetadata {
                id: InstanceId::from_uuid(id),
                sop_instance_uid,
                json_gzip,
            })
            .collect())
    }

    /// The metadata of one instance, gzip, and where its bulk values lie, as JSON.
    pub async fn metadata_of_instance(
        &self,
        id: InstanceId,
    ) -> Result<Option<(Vec<u8>, String)>, StoreError> {
        let row = self
            .find::<instance_metadata::Entity>()
            .filter(instance_metadata::Column::InstanceId.eq(id.uuid()))
            .one(&self.conn)
            .await?;
        Ok(row.map(|row| (row.json_gzip, row.bulk_values)))
    }

    /// The metadata, gzip, of many at once, by the id of the instance, series or study.
    pub async fn metadata_of(&self, wanted: &MetadataOf) -> Result<HashMap<Uuid, Vec<u8>>, StoreError> {
        let mut found = HashMap::new();
        let own = wanted.instances.iter().map(|id| (id.uuid(), id.uuid())).collect();
        let of_series = self
            .find::<series::Entity>()
            .filter(series::Column::Id.is_in(wanted.series.iter().map(|id| id.uuid())))
            .select_only()
            .column(series::Column::Id)
            .expr_as(
                self.first_instance(instance::Column::SeriesId, series::Column::Id),
                FIRST,
            );
        let of_studies = self
            .find::<study::Entity>()
            .filter(study::Column::Id.is_in(wanted.studies.iter().map(|id| id.uuid())))
            .select_only()
            .column(study::Column::Id)
            .expr_as(
                self.first_instance(instance::Column::StudyId, study::Column::Id),
                FIRST,
            );
        let mut first: Vec<HashMap<Uuid, Uuid>> = vec![own];
        if !wanted.series.is_empty() {
            first.push(by_instance(of_series.into_tuple().all(&self.conn).await?));
        }
        if !wanted.studies.is_empty() {
            first.push(by_instance(of_studies.into_tuple().all(&self.conn).await?));
        }
        for owners in first {
            let ids: Vec<Uuid> = owners.keys().copied().collect();
            for ids in ids.chunks(VALUES_PER_STATEMENT) {
                let rows: Vec<(Uuid, Vec<u8>)> = self
                    .find::<instance_metadata::Entity>()
                    .filter(instance_metadata::Column::InstanceId.is_in(ids.iter().copied()))
                    .select_only()
                    .column(instance_metadata::Column::InstanceId)
                    .column(instance_metadata::Column::JsonGzip)
                    .into_tuple()
                    .all(&self.conn)
                    .await?;
                found.extend(
                    rows.into_iter()
                        .filter_map(|(id, json)| Some((*owners.get(&id)?, json))),
                );
            }
        }
        Ok(found)
    }

    /// The first instance of the series or study of a row.
    fn first_instance(&self, of: instance::Column, owner: impl ColumnTrait) -> SimpleExpr {
        let first = self
            .find::<instance::Entity>()
            .select_only()
            .column(instance::Column::Id)
            .filter(Expr::col((instance::Entity, of)).equals(owner.as_column_ref()))
            .order_by_asc(instance::Column::InstanceNumber)
            .order_by_asc(instance::Column::Id)
            .limit(1)
            .into_query();
        SimpleExpr::SubQuery(None, Box::new(first.into()))
    }

    /// What was last put together for a series.
    pub async fn series_metadata(&self, series: SeriesId) -> Result<Option<SeriesMetadata>, StoreError> {
        let row = self
            .find::<series_metadata::Entity>()
            .filter(series_metadata::Column::SeriesId.eq(series.uuid()))
            .one(&self.conn)
            .await?;
        Ok(row.map(|row| SeriesMetadata {
            revision: row.revision,
            base_url: row.base_url,
            json_gzip: row.json_gzip,
        }))
    }
}

impl TenantTx {
    /// Keeps what was put together for a series, unless a later revision is kept already.
    pub async fn keep_series_metadata(
        &mut self,
        series: SeriesId,
        metadata: &SeriesMetadata,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let kept = self.series_metadata(series).await?;
        if kept.is_some_and(|kept| kept.revision > metadata.revision) {
            return Ok(());
        }
        let row = series_metadata::ActiveModel {
            series_id: Set(series.uuid()),
            tenant_id: Set(self.tenant().uuid()),
            revision: Set(metadata.revision),
            base_url: Set(metadata.base_url.clone()),
            json_gzip: Set(metadata.json_gzip.clone()),
            built_at: Set(now),
        };
        let replace = OnConflict::columns([
            series_metadata::Column::TenantId,
            series_metadata::Column::SeriesId,
        ])
        .update_columns([
            series_metadata::Column::Revision,
            series_metadata::Column::BaseUrl,
            series_metadata::Column::JsonGzip,
            series_metadata::Column::BuiltAt,
        ])
        .to_owned();
        self.insert::<series_metadata::Entity>(row)
            .on_conflict(replace)
            .exec_without_returning(&self.conn)
            .await?;
        Ok(())
    }
}
