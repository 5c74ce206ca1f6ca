//! Instances and where their bytes lie.

use domain::{InstanceId, SeriesId, StudyId};
use sea_orm::{
    ColumnTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect, Select, SelectModel, Selector,
};

use super::{InstanceRow, rows::FlatInstance};
use crate::{
    StoreError, TenantRead,
    entity::{batch_object, instance},
};

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
    let object = instance::Entity::belongs_to(batch_object::Entity)
        .from(instance::Column::BatchObjectId)
        .to(batch_object::Column::Id)
        .into();
    query
        .join(JoinType::InnerJoin, object)
        .column(batch_object::Column::ObjectKey)
        .column(batch_object::Column::Tier)
        .into_model::<FlatInstance>()
}
