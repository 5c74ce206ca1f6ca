//! Counting anew what is left when something went into the trash, came out of it, or was removed for good.

use domain::{PatientId, SeriesId, StudyId};
use sea_orm::{ActiveValue::Set, ColumnTrait, ExprTrait, QueryFilter, QuerySelect, sea_query::Expr};

use super::{
    SeriesRow,
    growth::{modalities, representative},
    signed,
};
use crate::{
    StoreError, TenantTx,
    entity::{instance, patient, reading_case, series, study},
    tenant::one_row,
};

impl TenantTx {
    /// Counts what is left of a series of a locked study; what is derived from all of it is to be made again.
    pub(super) async fn recount_series(&self, id: SeriesId) -> Result<(), StoreError> {
        let rows: Vec<(bool, Option<i32>, i64)> = self
            .find::<instance::Entity>()
            .filter(instance::Column::SeriesId.eq(id.uuid()))
            .select_only()
            .column(instance::Column::HasPixels)
            .column(instance::Column::NumberOfFrames)
            .column(instance::Column::ByteLength)
            .into_tuple()
            .all(&self.conn)
            .await?;
        let images = rows.iter().filter(|(has_pixels, ..)| *has_pixels);
        let frames = images
            .clone()
            .map(|(_, frames, _)| frames.unwrap_or(1))
            .fold(0, i32::saturating_add);
        let count = |rows: usize| i32::try_from(rows).unwrap_or(i32::MAX);
        let updated = self
            .update::<series::Entity>()
            .filter(series::Column::Id.eq(id.uuid()))
            .col_expr(series::Column::InstanceCount, Expr::value(count(rows.len())))
            .col_expr(series::Column::ImageCount, Expr::value(count(images.count())))
            .col_expr(series::Column::FrameCount, Expr::value(frames))
            .col_expr(
                series::Column::StoredBytes,
                Expr::value(rows.iter().map(|(.., bytes)| *bytes).fold(0, i64::saturating_add)),
            )
            .col_expr(
                series::Column::Revision,
                Expr::col(series::Column::Revision).add(1),
            )
            .exec(&self.conn)
            .await?;
        one_row("series", updated.rows_affected)
    }

    /// Counts what is left of a locked study, and in its case.
    pub(super) async fn recount_study(&self, id: StudyId) -> Result<(), StoreError> {
        let all = self.series_of_studies(&[id]).await?;
        let instances = all
            .iter()
            .map(|series| series.instance_count)
            .fold(0, u32::saturating_add);
        let instances = i32::try_from(instances).unwrap_or(i32::MAX);
        let bytes = all
            .iter()
            .map(|series: &SeriesRow| series.stored_bytes)
            .fold(0, u64::saturating_add);
        let updated = self
            .update::<study::Entity>()
            .filter(study::Column::Id.eq(id.uuid()))
            .set(study::ActiveModel {
                modalities: Set(modalities(&all)),
                series_count: Set(i32::try_from(all.len()).unwrap_or(i32::MAX)),
                instance_count: Set(instances),
                stored_bytes: Set(signed(bytes)),
                representative_series_id: Set(representative(&all).map(SeriesId::uuid)),
                ..Default::default()
            })
            .exec(&self.conn)
            .await?;
        one_row("study", updated.rows_affected)?;
        // A reader signs for as many images as there are.
        self.update::<reading_case::Entity>()
            .filter(reading_case::Column::StudyId.eq(id.uuid()))
            .set(reading_case::ActiveModel {
                received_count: Set(instances),
                ..Default::default()
            })
            .exec(&self.conn)
            .await?;
        Ok(())
    }

    /// Removes a patient of whom no study is left, neither alive nor in the trash.
    pub(super) async fn remove_patient_without_studies(&mut self, id: PatientId) -> Result<(), StoreError> {
        let left = self
            .find_in_trash_too::<study::Entity>()
            .filter(study::Column::PatientId.eq(id.uuid()))
            .one(&self.conn)
            .await?;
        if left.is_none() {
            self.forget_names_of(id.uuid()).await?;
            self.delete::<patient::Entity>()
                .filter(patient::Column::Id.eq(id.uuid()))
                .exec(&self.conn)
                .await?;
        }
        Ok(())
    }
}
