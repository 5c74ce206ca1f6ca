//! The titles by which we are called, each unique in the installation.

use domain::{FacilityId, TenantId};
use sea_orm::{ActiveValue::Set, ColumnTrait, QueryFilter, sea_query::OnConflict};

use crate::{PlatformTx, StoreError, TenantTx, entity::called_title, tenant::TenantOwned};

impl TenantOwned for called_title::Entity {
    const TENANT_ID: called_title::Column = called_title::Column::OwnerId;
}

impl TenantTx {
    /// Makes `title` the facility's, unless it is somebody's already. Whether it is the facility's now.
    pub async fn claim_called_title(&self, title: &str, facility: FacilityId) -> Result<bool, StoreError> {
        let row = called_title::ActiveModel {
            title: Set(title.to_owned()),
            facility_id: Set(facility.uuid()),
            ..Default::default()
        };
        self.insert::<called_title::Entity>(row)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(&self.conn)
            .await?;
        let ours = self
            .find::<called_title::Entity>()
            .filter(called_title::Column::Title.eq(title))
            .filter(called_title::Column::FacilityId.eq(facility.uuid()))
            .one(&self.conn)
            .await?;
        Ok(ours.is_some())
    }

    /// Gives a title up, so that anybody may claim it.
    pub async fn release_called_title(&self, title: &str) -> Result<(), StoreError> {
        self.delete::<called_title::Entity>()
            .filter(called_title::Column::Title.eq(title))
            .exec(&self.conn)
            .await?;
        Ok(())
    }
}

pub(super) async fn owner(tx: &PlatformTx, title: &str) -> Result<Option<TenantId>, StoreError> {
    let row = tx
        .all_rows::<called_title::Entity>()
        .filter(called_title::Column::Title.eq(title))
        .one(tx.conn())
        .await?;
    Ok(row.map(|row| TenantId::from_uuid(row.owner_id)))
}
