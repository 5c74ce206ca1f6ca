//! The trash: studies, series and instances that were deleted and can still be restored.
//!
//! **Invariant:** a row is in the trash when its `deletion_id` names a deletion; [`TenantRead::find`] leaves such rows
//! out, so that no query of the rest of this crate has to think of it. A deleted study takes its series, instances
//! and case with it, a deleted series its instances.
//!
//! **Invariant:** whoever deletes or restores holds the lock of the study's row first, as whoever adds to it does.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use domain::{DeletionId, FacilityId, FacilityScope, InstanceId, PatientId, SeriesId, StudyId};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, ExprTrait, JoinType, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};
use uuid::Uuid;

use super::{PatientRow, StudyRow, VALUES_PER_STATEMENT, signed};
use crate::{
    Page, StoreError, TenantRead, TenantTx,
    entity::{deletion, instance, reading_case, series, study},
    tenant::one_row,
};

/// What one deletion put into the trash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeletionTarget {
    /// A whole study.
    Study,
    /// One series of it.
    Series(SeriesId),
    /// One instance of it.
    Instance(InstanceId),
}

/// A deletion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletionRow {
    /// Its id.
    pub id: DeletionId,
    /// The study, or the one it was part of.
    pub study: StudyId,
    /// Its Study Instance UID.
    pub study_instance_uid: String,
    /// What of it was deleted.
    pub target: DeletionTarget,
    /// Why, in the words of who did it.
    pub reason: String,
    /// The wire id of who did it.
    pub deleted_by: String,
    /// Their name as it was then.
    pub deleted_by_name: String,
    /// When.
    pub deleted_at: DateTime<Utc>,
    /// How many instances went with it.
    pub instance_count: u32,
    /// The sum of their lengths.
    pub stored_bytes: u64,
    /// From when on it may be removed for good.
    pub purge_at: DateTime<Utc>,
    /// When its removal began: it cannot be restored any more.
    pub purging_at: Option<DateTime<Utc>>,
    /// When nothing of it was left.
    pub purged_at: Option<DateTime<Utc>>,
    /// When it was taken back.
    pub restored_at: Option<DateTime<Utc>>,
}

/// A deletion that can be taken back, with what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrashedStudy {
    /// The deletion.
    pub deletion: DeletionRow,
    /// The study.
    pub study: StudyRow,
    /// Its patient.
    pub patient: PatientRow,
}

/// Which UIDs are taken by what lies in the trash.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrashedUids {
    /// Study Instance UIDs, with the facility whose the study is.
    pub studies: HashMap<String, FacilityId>,
    /// Series Instance UIDs, each behind its study's.
    pub series: HashSet<(String, String)>,
    /// SOP Instance UIDs, with the facility whose the study is.
    pub instances: HashMap<String, FacilityId>,
}

impl TenantRead {
    /// Which of these UIDs belong to rows in the trash, whatever was deleted.
    pub async fn trashed_uids(
        &self,
        studies: &[&str],
        instances: &[&str],
    ) -> Result<TrashedUids, StoreError> {
        let mut trashed = TrashedUids::default();
        for uids in studies.chunks(VALUES_PER_STATEMENT) {
            let rows: Vec<(String, Uuid)> = self
                .find_in_trash_too::<study::Entity>()
                .filter(study::Column::StudyInstanceUid.is_in(uids.iter().copied()))
                .filter(study::Column::DeletionId.is_not_null())
                .select_only()
                .column(study::Column::StudyInstanceUid)
                .column(study::Column::FacilityId)
                .into_tuple()
                .all(&self.conn)
                .await?;
            trashed.studies.extend(rows.into_iter().map(of_facility));
            let rows: Vec<(String, String)> = self
                .find_in_trash_too::<series::Entity>()
                .join(
                    JoinType::InnerJoin,
                    series::Entity::belongs_to(study::Entity)
                        .from(series::Column::StudyId)
                        .to(study::Column::Id)
                        .into(),
                )
                .filter(study::Column::StudyInstanceUid.is_in(uids.iter().copied()))
                .filter(series::Column::DeletionId.is_not_null())
                .select_only()
                .column(study::Column::StudyInstanceUid)
                .column(series::Column::SeriesInstanceUid)
                .into_tuple()
                .all(&self.conn)
                .await?;
            trashed.series.extend(rows);
        }
        for uids in instances.chunks(VALUES_PER_STATEMENT) {
            let rows: Vec<(String, Uuid)> = self
                .find_in_trash_too::<instance::Entity>()
                .join(
                    JoinType::InnerJoin,
                    instance::Entity::belongs_to(study::Entity)
                        .from(instance::Column::StudyId)
                        .to(study::Column::Id)
                        .into(),
                )
                .filter(instance::Column::SopInstanceUid.is_in(uids.iter().copied()))
                .filter(instance::Column::DeletionId.is_not_null())
                .select_only()
                .column(instance::Column::SopInstanceUid)
                .column(study::Column::FacilityId)
                .into_tuple()
                .all(&self.conn)
                .await?;
            trashed.instances.extend(rows.into_iter().map(of_facility));
        }
        Ok(trashed)
    }

    /// One deletion.
    pub async fn deletion(&self, id: DeletionId) -> Result<Option<DeletionRow>, StoreError> {
        let row = self
            .find::<deletion::Entity>()
            .filter(deletion::Column::Id.eq(id.uuid()))
            .one(&self.conn)
            .await?;
        Ok(row.map(DeletionRow::from))
    }

    /// A study, also when it lies in the trash.
    pub async fn study_in_trash_too(&self, id: StudyId) -> Result<Option<StudyRow>, StoreError> {
        let row = self
            .find_in_trash_too::<study::Entity>()
            .filter(study::Column::Id.eq(id.uuid()))
            .one(&self.conn)
            .await?;
        Ok(row.map(StudyRow::from))
    }

    /// What lies in the trash, newest first. The cursor is a deletion's id.
    pub async fn trash(&self, scope: &FacilityScope, page: &Page) -> Result<Vec<TrashedStudy>, StoreError> {
        let mut query = self
            .find::<deletion::Entity>()
            .filter(deletion::Column::RestoredAt.is_null())
            .filter(deletion::Column::PurgingAt.is_null())
            .filter(deletion::Column::PurgedAt.is_null());
        if let FacilityScope::Only(facilities) = scope {
            let studies = self
                .find_in_trash_too::<study::Entity>()
                .filter(study::Column::FacilityId.is_in(facilities.iter().map(|facility| facility.uuid())))
                .select_only()
                .column(study::Column::Id);
            query =
                query.filter(deletion::Column::StudyId.in_subquery(sea_orm::QueryTrait::into_query(studies)));
        }
        if let Some(after) = page.cursor(|cursor| cursor.parse::<DeletionId>().ok())? {
            query = query.filter(deletion::Column::Id.lt(after.uuid()));
        }
        let rows = query
            .order_by_desc(deletion::Column::Id)
            .limit(page.limit())
            .all(&self.conn)
            .await?;
        self.with_studies_in_trash(rows.into_iter().map(DeletionRow::from).collect())
            .await
    }

    async fn with_studies_in_trash(
        &self,
        deletions: Vec<DeletionRow>,
    ) -> Result<Vec<TrashedStudy>, StoreError> {
        let ids = deletions.iter().map(|deletion| deletion.study.uuid());
        let studies: Vec<StudyRow> = self
            .find_in_trash_too::<study::Entity>()
            .filter(study::Column::Id.is_in(ids))
            .all(&self.conn)
            .await?
            .into_iter()
            .map(StudyRow::from)
            .collect();
        let ids: Vec<PatientId> = studies.iter().map(|study| study.patient).collect();
        let patients = self.patients(&ids).await?;
        let study_of = |id| studies.iter().find(|study| study.id == id).cloned();
        let patient_of = |id| patients.iter().find(|patient| patient.id == id).cloned();
        deletions
            .into_iter()
            .map(|deletion| {
                let found = study_of(deletion.study)
                    .and_then(|study| patient_of(study.patient).map(|patient| (study, patient)));
                let (study, patient) = found.ok_or_else(|| StoreError::Inconsistent {
                    table: "deletion",
                    id: deletion.id.to_string(),
                    what: "what is in the trash is there with its patient",
                })?;
                Ok(TrashedStudy {
                    deletion,
                    study,
                    patient,
                })
            })
            .collect()
    }

    /// Deletions whose time has come, the oldest first.
    pub async fn due_deletions(
        &self,
        now: DateTime<Utc>,
        limit: u64,
    ) -> Result<Vec<DeletionRow>, StoreError> {
        let held = self
            .find_in_trash_too::<study::Entity>()
            .filter(study::Column::LegalHold.eq(true))
            .select_only()
            .column(study::Column::Id);
        let rows = self
            .find::<deletion::Entity>()
            .filter(deletion::Column::RestoredAt.is_null())
            .filter(deletion::Column::PurgedAt.is_null())
            .filter(deletion::Column::PurgeAt.lte(now))
            .filter(deletion::Column::StudyId.not_in_subquery(sea_orm::QueryTrait::into_query(held)))
            .order_by_asc(deletion::Column::PurgeAt)
            .limit(limit)
            .all(&self.conn)
            .await?;
        Ok(rows.into_iter().map(DeletionRow::from).collect())
    }
}

impl TenantTx {
    /// Locks a study's row until the transaction ends, also when it lies in the trash.
    pub async fn lock_study_in_trash_too(&self, id: StudyId) -> Result<Option<StudyRow>, StoreError> {
        let row = self
            .find_in_trash_too::<study::Entity>()
            .filter(study::Column::Id.eq(id.uuid()))
            .lock_exclusive()
            .one(&self.conn)
            .await?;
        Ok(row.map(StudyRow::from))
    }

    /// Locks a study's row until the transaction ends.
    pub async fn lock_study(&self, id: StudyId) -> Result<Option<StudyRow>, StoreError> {
        let row = self
            .find::<study::Entity>()
            .filter(study::Column::Id.eq(id.uuid()))
            .lock_exclusive()
            .one(&self.conn)
            .await?;
        Ok(row.map(StudyRow::from))
    }

    /// Whether what a deletion of a part was taken from is there: nothing is restored into what is deleted itself.
    pub async fn may_restore(&self, deletion: &DeletionRow) -> Result<bool, StoreError> {
        if self.study(deletion.study).await?.is_none() {
            return Ok(false);
        }
        match deletion.target {
            DeletionTarget::Study | DeletionTarget::Series(_) => Ok(true),
            DeletionTarget::Instance(id) => {
                let series = self.series_of_instance(id).await?;
                Ok(!self.series(&[series]).await?.is_empty())
            }
        }
    }

    /// Puts what `deletion` names, of a locked study, into the trash, and counts the study anew.
    pub async fn move_to_trash(&mut self, deletion: &DeletionRow) -> Result<(), StoreError> {
        let (series_id, instance_id) = match deletion.target {
            DeletionTarget::Study => (None, None),
            DeletionTarget::Series(series) => (Some(series.uuid()), None),
            DeletionTarget::Instance(instance) => (None, Some(instance.uuid())),
        };
        let row = deletion::ActiveModel {
            id: Set(deletion.id.uuid()),
            tenant_id: Set(self.tenant().uuid()),
            study_id: Set(deletion.study.uuid()),
            study_instance_uid: Set(deletion.study_instance_uid.clone()),
            series_id: Set(series_id),
            instance_id: Set(instance_id),
            reason: Set(deletion.reason.clone()),
            deleted_by: Set(deletion.deleted_by.clone()),
            deleted_by_name: Set(deletion.deleted_by_name.clone()),
            deleted_at: Set(deletion.deleted_at),
            instance_count: Set(i32::try_from(deletion.instance_count).unwrap_or(i32::MAX)),
            stored_bytes: Set(signed(deletion.stored_bytes)),
            purge_at: Set(deletion.purge_at),
            purging_at: Set(None),
            purged_at: Set(None),
            restored_at: Set(None),
        };
        self.insert::<deletion::Entity>(row)
            .exec_without_returning(&self.conn)
            .await?;
        let mark = Some(deletion.id.uuid());
        match deletion.target {
            DeletionTarget::Study => {
                self.mark_study(deletion.study, None, mark).await?;
                Ok(())
            }
            DeletionTarget::Series(id) => {
                self.mark_series(id, None, mark).await?;
                self.recount_study(deletion.study).await
            }
            DeletionTarget::Instance(id) => {
                let series = self.series_of_instance(id).await?;
                self.mark_instance(id, None, mark).await?;
                self.recount_series(series).await?;
                self.recount_study(deletion.study).await
            }
        }
    }

    /// Takes what `deletion` put into the trash out of it, and counts the study, which must be locked, anew.
    pub async fn restore_from_trash(
        &mut self,
        deletion: &DeletionRow,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mark = Some(deletion.id.uuid());
        match deletion.target {
            DeletionTarget::Study => self.mark_study(deletion.study, mark, None).await?,
            DeletionTarget::Series(id) => self.mark_series(id, mark, None).await?,
            DeletionTarget::Instance(id) => {
                self.mark_instance(id, mark, None).await?;
                let series = self.series_of_instance(id).await?;
                self.recount_series(series).await?;
            }
        }
        // What came and went meanwhile counts, too.
        self.recount_study(deletion.study).await?;
        self.change_deletion(
            deletion.id,
            deletion::ActiveModel {
                restored_at: Set(Some(now)),
                ..Default::default()
            },
        )
        .await
    }

    pub(super) async fn change_deletion(
        &self,
        id: DeletionId,
        change: deletion::ActiveModel,
    ) -> Result<(), StoreError> {
        let updated = self
            .update::<deletion::Entity>()
            .filter(deletion::Column::Id.eq(id.uuid()))
            .set(change)
            .exec(&self.conn)
            .await?;
        one_row("deletion", updated.rows_affected)
    }

    async fn mark_study(&self, id: StudyId, from: Option<Uuid>, to: Option<Uuid>) -> Result<(), StoreError> {
        self.update_in_trash_too::<instance::Entity>()
            .filter(instance::Column::StudyId.eq(id.uuid()))
            .filter(lies(instance::Column::DeletionId, from))
            .set(instance::ActiveModel {
                deletion_id: Set(to),
                ..Default::default()
            })
            .exec(&self.conn)
            .await?;
        self.update_in_trash_too::<series::Entity>()
            .filter(series::Column::StudyId.eq(id.uuid()))
            .filter(lies(series::Column::DeletionId, from))
            .col_expr(series::Column::DeletionId, Expr::value(to))
            // Whoever holds an answer about it is to ask again.
            .col_expr(
                series::Column::Revision,
                Expr::col(series::Column::Revision).add(1),
            )
            .exec(&self.conn)
            .await?;
        let updated = self
            .update_in_trash_too::<study::Entity>()
            .filter(study::Column::Id.eq(id.uuid()))
            .filter(lies(study::Column::DeletionId, from))
            .set(study::ActiveModel {
                deletion_id: Set(to),
                ..Default::default()
            })
            .exec(&self.conn)
            .await?;
        one_row("study", updated.rows_affected)?;
        self.update_in_trash_too::<reading_case::Entity>()
            .filter(reading_case::Column::StudyId.eq(id.uuid()))
            .filter(lies(reading_case::Column::DeletionId, from))
            .set(reading_case::ActiveModel {
                deletion_id: Set(to),
                ..Default::default()
            })
            .exec(&self.conn)
            .await?;
        Ok(())
    }

    async fn mark_series(
        &self,
        id: SeriesId,
        from: Option<Uuid>,
        to: Option<Uuid>,
    ) -> Result<(), StoreError> {
        self.update_in_trash_too::<instance::Entity>()
            .filter(instance::Column::SeriesId.eq(id.uuid()))
            .filter(lies(instance::Column::DeletionId, from))
            .set(instance::ActiveModel {
                deletion_id: Set(to),
                ..Default::default()
            })
            .exec(&self.conn)
            .await?;
        let updated = self
            .update_in_trash_too::<series::Entity>()
            .filter(series::Column::Id.eq(id.uuid()))
            .filter(lies(series::Column::DeletionId, from))
            .col_expr(series::Column::DeletionId, Expr::value(to))
            .col_expr(
                series::Column::Revision,
                Expr::col(series::Column::Revision).add(1),
            )
            .exec(&self.conn)
            .await?;
        one_row("series", updated.rows_affected)
    }

    async fn mark_instance(
        &self,
        id: InstanceId,
        from: Option<Uuid>,
        to: Option<Uuid>,
    ) -> Result<(), StoreError> {
        let updated = self
            .update_in_trash_too::<instance::Entity>()
            .filter(instance::Column::Id.eq(id.uuid()))
            .filter(lies(instance::Column::DeletionId, from))
            .set(instance::ActiveModel {
                deletion_id: Set(to),
                ..Default::default()
            })
            .exec(&self.conn)
            .await?;
        one_row("instance", updated.rows_affected)
    }

    async fn series_of_instance(&self, id: InstanceId) -> Result<SeriesId, StoreError> {
        let series: Option<Uuid> = self
            .find_in_trash_too::<instance::Entity>()
            .filter(instance::Column::Id.eq(id.uuid()))
            .select_only()
            .column(instance::Column::SeriesId)
            .into_tuple()
            .one(&self.conn)
            .await?;
        series.map(SeriesId::from_uuid).ok_or(StoreError::RowsAffected {
            table: "instance",
            changed: 0,
        })
    }
}

fn of_facility((uid, facility): (String, Uuid)) -> (String, FacilityId) {
    (uid, FacilityId::from_uuid(facility))
}

/// Whether a row is where it is expected: alive, or in the trash by that deletion.
fn lies(column: impl ColumnTrait, deletion: Option<Uuid>) -> Expr {
    match deletion {
        Some(deletion) => column.eq(deletion),
        None => column.is_null(),
    }
}

impl From<deletion::Model> for DeletionRow {
    fn from(row: deletion::Model) -> Self {
        let target = match (row.series_id, row.instance_id) {
            (_, Some(instance)) => DeletionTarget::Instance(InstanceId::from_uuid(instance)),
            (Some(series), None) => DeletionTarget::Series(SeriesId::from_uuid(series)),
            (None, None) => DeletionTarget::Study,
        };
        Self {
            id: DeletionId::from_uuid(row.id),
            study: StudyId::from_uuid(row.study_id),
            study_instance_uid: row.study_instance_uid,
            target,
            reason: row.reason,
            deleted_by: row.deleted_by,
            deleted_by_name: row.deleted_by_name,
            deleted_at: row.deleted_at,
            instance_count: row.instance_count.unsigned_abs(),
            stored_bytes: row.stored_bytes.unsigned_abs(),
            purge_at: row.purge_at,
            purging_at: row.purging_at,
            purged_at: row.purged_at,
            restored_at: row.restored_at,
        }
    }
}
