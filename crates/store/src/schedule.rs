//! Which replica runs what is due by the clock.
//!
//! **Invariant:** a slot of a schedule is taken at most once, whoever asks and however many ask.

use sea_orm::{ActiveValue::Set, ColumnTrait, QueryFilter, sea_query::OnConflict};

use crate::{PlatformTx, StoreError, entity::schedule_slot};

impl PlatformTx {
    /// Takes `slot` of the schedule `name` for the caller. False when it, or a later one, is taken.
    pub async fn take_schedule_slot(&self, name: &str, slot: i64) -> Result<bool, StoreError> {
        let first = self
            .insert_row::<schedule_slot::Entity>(schedule_slot::ActiveModel {
                name: Set(name.to_owned()),
                slot: Set(slot),
            })
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(self.conn())
            .await?;
        if first == 1 {
            return Ok(true);
        }
        let updated = self
            .update_rows::<schedule_slot::Entity>()
            .filter(schedule_slot::Column::Name.eq(name))
            .filter(schedule_slot::Column::Slot.lt(slot))
            .set(schedule_slot::ActiveModel {
                slot: Set(slot),
                ..Default::default()
            })
            .exec(self.conn())
            .await?;
        Ok(updated.rows_affected == 1)
    }
}
