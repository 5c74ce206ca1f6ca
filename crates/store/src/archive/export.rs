//! Walking through a whole archive in steps: patient by patient, study by study, in an order that stays.
//!
//! **Invariant:** what lies in the trash is walked through, too, so that who takes an archive out can say what is not
//! in it. [`InstanceRow::deletion`] tells it apart.

use chrono::{DateTime, Utc};
use domain::{FacilityScope, InstanceId, PatientId, QuarantineId, SeriesId, StudyId};
use sea_orm::{ColumnTrait, Condition, QueryFilter, QueryOrder, QuerySelect};

use super::{InstanceRow, QuarantinedRow, StudyRow, with_object_key};
use crate::{
    StoreError, TenantRead,
    entity::{instance, quarantined_instance, study},
};

impl TenantRead {
    /// The study of a Study Instance UID, also when it lies in the trash; then true.
    pub async fn study_of_uid_in_trash_too(
        &self,
        study_instance_uid: &str,
    ) -> Result<Option<(StudyRow, bool)>, StoreError> {
        let row = self
            .find_in_trash_too::<study::Entity>()
            .filter(study::Column::StudyInstanceUid.eq(study_instance_uid))
            .one(&self.conn)
            .await?;
        Ok(row.map(|row| {
            let is_trashed = row.deletion_id.is_some();
            (StudyRow::from(row), is_trashed)
        }))
    }

    /// The next studies of the facilities in `scope`, by patient, of which something came at `since` or later. They
    /// follow the study named by `after`.
    pub async fn studies_by_patient(
        &self,
        scope: &FacilityScope,
        since: Option<DateTime<Utc>>,
        after: Option<(PatientId, StudyId)>,
        first: u64,
    ) -> Result<Vec<StudyRow>, StoreError> {
        let mut query = self.find_in_trash_too::<study::Entity>();
        if let FacilityScope::Only(list) = scope {
            query =
                query.filter(study::Column::FacilityId.is_in(list.iter().map(|facility| facility.uuid())));
        }
        if let Some(since) = since {
            query = query.filter(study::Column::LastReceivedAt.gte(since));
        }
        if let Some((patient, last)) = after {
            let later = Condition::all()
                .add(study::Column::PatientId.eq(patient.uuid()))
                .add(study::Column::Id.gt(last.uuid()));
            query = query.filter(
                Condition::any()
                    .add(study::Column::PatientId.gt(patient.uuid()))
                    .add(later),
            );
        }
        let rows = query
            .order_by_asc(study::Column::PatientId)
            .order_by_asc(study::Column::Id)
            .limit(first)
            .all(&self.conn)
            .await?;
        Ok(rows.into_iter().map(StudyRow::from).collect())
    }

    /// The next instances of a study, series by series, after the one named by `after`.
    pub async fn instances_in_series_order(
        &self,
        study: StudyId,
        after: Option<(SeriesId, InstanceId)>,
        first: u64,
    ) -> Result<Vec<InstanceRow>, StoreError> {
        let mut query = self
            .find_in_trash_too::<instance::Entity>()
            .filter(instance::Column::StudyId.eq(study.uuid()));
        if let Some((series, last)) = after {
            let later = Condition::all()
                .add(instance::Column::SeriesId.eq(series.uuid()))
                .add(instance::Column::Id.gt(last.uuid()));
            query = query.filter(
                Condition::any()
                    .add(instance::Column::SeriesId.gt(series.uuid()))
                    .add(later),
            );
        }
        let query = query
            .order_by_asc(instance::Column::SeriesId)
            .order_by_asc(instance::Column::Id)
            .limit(first);
        let rows = with_object_key(query).all(&self.conn).await?;
        Ok(rows.into_iter().map(InstanceRow::from).collect())
    }

    /// The next instances that the study's own facility sent for it and that were set aside, after the one named by
    /// `after`.
    pub async fn quarantined_of_study(
        &self,
        study: &StudyRow,
        after: Option<QuarantineId>,
        first: u64,
    ) -> Result<Vec<QuarantinedRow>, StoreError> {
        let mut query = self
            .find::<quarantined_instance::Entity>()
            .filter(quarantined_instance::Column::StudyInstanceUid.eq(&study.study_instance_uid))
            .filter(quarantined_instance::Column::FacilityId.eq(study.facility.uuid()));
        if let Some(last) = after {
            query = query.filter(quarantined_instance::Column::Id.gt(last.uuid()));
        }
        let rows = query
            .order_by_asc(quarantined_instance::Column::Id)
            .limit(first)
            .all(&self.conn)
            .await?;
        Ok(rows.into_iter().map(QuarantinedRow::from).collect())
    }
}
