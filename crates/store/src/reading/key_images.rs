//! Images that readers marked.

use chrono::{DateTime, Utc};
use domain::{CaseId, KeyImageId, UserId, report::SignedKeyImage};
use sea_orm::{ActiveValue::Set, ColumnTrait, QueryFilter, QueryOrder};

use super::column;
use crate::{StoreError, TenantRead, TenantTx, entity::key_image, tenant::one_row};

/// A marked image.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyImageRow {
    /// Its id.
    pub id: KeyImageId,
    /// The case.
    pub case: CaseId,
    /// Which image, in which window.
    pub image: SignedKeyImage,
}

impl TenantRead {
    /// The marked images of these cases, in the order they were marked.
    pub async fn key_images(&self, cases: &[CaseId]) -> Result<Vec<KeyImageRow>, StoreError> {
        let rows = self
            .find::<key_image::Entity>()
            .filter(key_image::Column::CaseId.is_in(cases.iter().map(|case| case.uuid())))
            .order_by_asc(key_image::Column::CaseId)
            .order_by_asc(key_image::Column::Id)
            .all(&self.conn)
            .await?;
        Ok(rows.into_iter().map(KeyImageRow::from).collect())
    }
}

impl TenantTx {
    /// Keeps a mark.
    pub async fn insert_key_image(
        &self,
        row: &KeyImageRow,
        by: UserId,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let image = &row.image;
        let change = key_image::ActiveModel {
            id: Set(row.id.uuid()),
            case_id: Set(row.case.uuid()),
            series_instance_uid: Set(image.series_instance_uid.clone()),
            sop_instance_uid: Set(image.sop_instance_uid.clone()),
            frame: Set(column(image.frame)),
            window_center: Set(image.window_center),
            window_width: Set(image.window_width),
            note: Set(image.note.clone()),
            marked_by: Set(by.uuid()),
            marked_at: Set(now),
            ..Default::default()
        };
        self.insert::<key_image::Entity>(change)
            .exec_without_returning(&self.conn)
            .await?;
        Ok(())
    }

    /// Keeps another note with a mark.
    pub async fn save_key_image_note(&self, row: &KeyImageRow) -> Result<(), StoreError> {
        let note = key_image::ActiveModel {
            note: Set(row.image.note.clone()),
            ..Default::default()
        };
        let updated = self
            .update::<key_image::Entity>()
            .filter(key_image::Column::CaseId.eq(row.case.uuid()))
            .filter(key_image::Column::Id.eq(row.id.uuid()))
            .set(note)
            .exec(&self.conn)
            .await?;
        one_row("key_image", updated.rows_affected)
    }

    /// Removes a mark of a case. False when there is none of that id.
    pub async fn delete_key_image(&self, case: CaseId, id: KeyImageId) -> Result<bool, StoreError> {
        let deleted = self
            .delete::<key_image::Entity>()
            .filter(key_image::Column::CaseId.eq(case.uuid()))
            .filter(key_image::Column::Id.eq(id.uuid()))
            .exec(&self.conn)
            .await?;
        Ok(deleted.rows_affected == 1)
    }
}

impl From<key_image::Model> for KeyImageRow {
    fn from(row: key_image::Model) -> Self {
        Self {
            id: KeyImageId::from_uuid(row.id),
            case: CaseId::from_uuid(row.case_id),
            image: SignedKeyImage {
                series_instance_uid: row.series_instance_uid,
                sop_instance_uid: row.sop_instance_uid,
                frame: row.frame.unsigned_abs(),
                window_center: row.window_center,
                window_width: row.window_width,
                note: row.note,
            },
        }
    }
}
