//! Instances and where their bytes lie.

use domain::{FacilityId, InstanceId, PatientId, SeriesId, StudyId};
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryOrder, QuerySelect, Select,
    SelectModel, Selector,
};

use super::{InstanceRow, rows::FlatInstance};
use crate::{
    StoreError, TenantRead,
    entity::{batch_object, instance, series, study},
    tenant::visible,
};
use uuid::Uuid;

/// An instance and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedInstance {
    /// The facility its study belongs to.
    pub facility: FacilityId,
    /// The patient its study is of.
    pub patient: PatientId,
    /// The instance.
    pub instance: InstanceRow,
}

#[derive(Debug, FromQueryResult)]
struct FlatPlaced {
    facility_id: Uuid,
    patient_id: Uuid,
    #[sea_orm(nested)]
    instance: FlatInstance,
}

impl TenantRead {
    /// One instance.
    pub async fn instance(&self, id: InstanceId) -> Result<Option<InstanceRow>, StoreError> {
        let query = self
            .find::<instance::Entity>()
            .filter(instance::Column::Id.eq(id.uuid()));
        Ok(with_object_key(query)
            .one(&self.conn)
            .await?
            .map(InstanceRow::from))
    }

    /// The instance of a SOP Instance UID.
    pub async fn instance_of_uid(&self, sop_instance_uid: &str) -> Result<Option<InstanceRow>, StoreError> {
        let query = self
            .find::<instance::Entity>()
            .filter(instance::Column::SopInstanceUid.eq(sop_instance_uid));
        Ok(with_object_key(query)
            .one(&self.conn)
            .await?
            .map(InstanceRow::from))
    }

    /// The instance of these UIDs, each inside the one before, with whose it is.
    pub async fn instance_of_uids(
        &self,
        study_instance_uid: &str,
        series_instance_uid: &str,
        sop_instance_uid: &str,
    ) -> Result<Option<PlacedInstance>, StoreError> {
        let tenant = self.tenant().uuid();
        let query = self
            .find::<instance::Entity>()
            .filter(instance::Column::SopInstanceUid.eq(sop_instance_uid))
            .join(
                JoinType::InnerJoin,
                instance::Entity::belongs_to(series::Entity)
                    .from(instance::Column::SeriesId)
                    .to(series::Column::Id)
                    .into(),
            )
            .join(
                JoinType::InnerJoin,
                instance::Entity::belongs_to(study::Entity)
                    .from(instance::Column::StudyId)
                    .to(study::Column::Id)
                    .into(),
            )
            .filter(visible::<series::Entity>(tenant))
            .filter(visible::<study::Entity>(tenant))
            .filter(series::Column::SeriesInstanceUid.eq(series_instance_uid))
            .filter(study::Column::StudyInstanceUid.eq(study_instance_uid));
        let row = join_object(query)
            .column(study::Column::FacilityId)
            .column(study::Column::PatientId)
            .into_model::<FlatPlaced>()
            .one(&self.conn)
            .await?;
        Ok(row.map(|row| PlacedInstance {
            facility: FacilityId::from_uuid(row.facility_id),
            patient: PatientId::from_uuid(row.patient_id),
            instance: row.instance.into(),
        }))
    }

    /// The instances of a series, by instance number.
    pub async fn instances_of_series(&self, series: SeriesId) -> Result<Vec<InstanceRow>, StoreError> {
        let query = self
            .find::<instance::Entity>()
            .filter(instance::Column::SeriesId.eq(series.uuid()));
        let rows = with_object_key(in_reading_order(query)).all(&self.conn).await?;
        Ok(rows.into_iter().map(InstanceRow::from).collect())
    }

    /// The instances of a study, by series and instance number.
    pub async fn instances_of_study(&self, study: StudyId) -> Result<Vec<InstanceRow>, StoreError> {
        let query = self
            .find::<instance::Entity>()
            .filter(instance::Column::StudyId.eq(study.uuid()))
            .order_by_asc(instance::Column::SeriesId);
        let rows = with_object_key(in_reading_order(query)).all(&self.conn).await?;
        Ok(rows.into_iter().map(InstanceRow::from).collect())
    }
}

fn in_reading_order(query: Select<instance::Entity>) -> Select<instance::Entity> {
    query
        .order_by_asc(instance::Column::InstanceNumber)
        .order_by_asc(instance::Column::Id)
}

pub(crate) fn with_object_key(query: Select<instance::Entity>) -> Selector<SelectModel<FlatInstance>> {
    join_object(query).into_model::<FlatInstance>()
}

fn join_object(query: Select<instance::Entity>) -> Select<instance::Entity> {
    let object = instance::Entity::belongs_to(batch_object::Entity)
        .from(instance::Column::BatchObjectId)
        .to(batch_object::Column::Id)
        .into();
    query
        .join(JoinType::InnerJoin, object)
        .column(batch_object::Column::ObjectKey)
        .column(batch_object::Column::Tier)
}
