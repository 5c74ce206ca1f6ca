//! Copies of reports on their way.

use chrono::{DateTime, Utc};
use domain::{
    CaseId, DeliveryId, FacilityId, ReportVersionId, UserId,
    delivery::{DeliveryChannel, DeliveryState},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, QueryFilter, QueryOrder};

use super::{column, named};
use crate::{StoreError, TenantRead, TenantTx, entity::delivery, tenant::one_row};

/// One recipient's copy of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryRow {
    /// Its id.
    pub id: DeliveryId,
    /// The case.
    pub case: CaseId,
    /// The version that goes.
    pub version: ReportVersionId,
    /// The facility it goes to.
    pub facility: FacilityId,
    /// The way it goes.
    pub channel: DeliveryChannel,
    /// The facility's name, or the address.
    pub recipient: String,
    /// Where it stands.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: u32,
    /// Since when it waits.
    pub queued_at: DateTime<Utc>,
    /// When the recipient had it.
    pub delivered_at: Option<DateTime<Utc>>,
    /// When the recipient said so.
    pub acknowledged_at: Option<DateTime<Utc>>,
    /// Who said so.
    pub acknowledged_by: Option<UserId>,
    /// Why it could not be sent.
    pub last_error: Option<String>,
}

impl TenantRead {
    /// The deliveries of these cases, oldest first in each case.
    pub async fn deliveries(&self, cases: &[CaseId]) -> Result<Vec<DeliveryRow>, StoreError> {
        let rows = self
            .find::<delivery::Entity>()
            .filter(delivery::Column::CaseId.is_in(cases.iter().map(|case| case.uuid())))
            .order_by_asc(delivery::Column::CaseId)
            .order_by_asc(delivery::Column::Id)
            .all(&self.conn)
            .await?;
        rows.into_iter().map(DeliveryRow::try_from).collect()
    }

    /// The copies of one version.
    pub async fn deliveries_of_version(
        &self,
        version: ReportVersionId,
    ) -> Result<Vec<DeliveryRow>, StoreError> {
        let rows = self
            .find::<delivery::Entity>()
            .filter(delivery::Column::VersionId.eq(version.uuid()))
            .order_by_asc(delivery::Column::Id)
            .all(&self.conn)
            .await?;
        rows.into_iter().map(DeliveryRow::try_from).collect()
    }

    /// One delivery.
    pub async fn delivery(&self, id: DeliveryId) -> Result<Option<DeliveryRow>, StoreError> {
        let row = self
            .find::<delivery::Entity>()
            .filter(delivery::Column::Id.eq(id.uuid()))
            .one(&self.conn)
            .await?;
        row.map(DeliveryRow::try_from).transpose()
    }
}

impl TenantTx {
    /// New deliveries; `rows` is not empty.
    pub async fn insert_deliveries(&self, rows: &[DeliveryRow]) -> Result<(), StoreError> {
        let rows = rows.iter().map(|row| delivery::ActiveModel {
            id: Set(row.id.uuid()),
            case_id: Set(row.case.uuid()),
            version_id: Set(row.version.uuid()),
            facility_id: Set(row.facility.uuid()),
            channel: Set(row.channel.as_str().to_owned()),
            recipient: Set(row.recipient.clone()),
            queued_at: Set(row.queued_at),
            ..changeable(row)
        });
        self.insert_many::<delivery::Entity, _>(rows)
            .exec_without_returning(&self.conn)
            .await?;
        Ok(())
    }

    /// Keeps where a delivery stands.
    pub async fn save_delivery(&self, row: &DeliveryRow) -> Result<(), StoreError> {
        let updated = self
            .update::<delivery::Entity>()
            .filter(delivery::Column::Id.eq(row.id.uuid()))
            .set(changeable(row))
            .exec(&self.conn)
            .await?;
        one_row("delivery", updated.rows_affected)
    }
}

fn changeable(row: &DeliveryRow) -> delivery::ActiveModel {
    delivery::ActiveModel {
        state: Set(row.state.as_str().to_owned()),
        attempts: Set(column(row.attempts)),
        delivered_at: Set(row.delivered_at),
        acknowledged_at: Set(row.acknowledged_at),
        acknowledged_by: Set(row.acknowledged_by.map(|user| user.uuid())),
        last_error: Set(row.last_error.clone()),
        ..Default::default()
    }
}

impl TryFrom<delivery::Model> for DeliveryRow {
    type Error = StoreError;

    fn try_from(row: delivery::Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: DeliveryId::from_uuid(row.id),
            case: CaseId::from_uuid(row.case_id),
            version: ReportVersionId::from_uuid(row.version_id),
            facility: FacilityId::from_uuid(row.facility_id),
            channel: named("delivery", row.id, &row.channel, DeliveryChannel::from_name)?,
            state: named("delivery", row.id, &row.state, DeliveryState::from_name)?,
            recipient: row.recipient,
            attempts: row.attempts.unsigned_abs(),
            queued_at: row.queued_at,
            delivered_at: row.delivered_at,
            acknowledged_at: row.acknowledged_at,
            acknowledged_by: row.acknowledged_by.map(UserId::from_uuid),
            last_error: row.last_error,
        })
    }
}
