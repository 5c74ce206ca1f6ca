//! The parts of names and the requested steps that searches walk along.
//!
//! **Invariant:** a name that a row of ours carries is found by each of its groups and words.

use domain::{PatientId, SeriesId, StudyId, name_index};
use sea_orm::{ActiveValue::Set, ColumnTrait, QueryFilter, sea_query::OnConflict};
use uuid::Uuid;

use super::RequestedStep;
use crate::{
    StoreError, TenantTx,
    entity::{name_part, requested_step},
};

/// Which part of whose name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PartKind {
    /// A component group of a patient's name, whole, in small letters.
    PatientGroup,
    /// A word of a patient's name without accents.
    PatientWord,
    /// A word of a study's referring physician's name without accents.
    ReferrerWord,
}

impl PartKind {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::PatientGroup => "PATIENT_GROUP",
            Self::PatientWord => "PATIENT_WORD",
            Self::ReferrerWord => "REFERRER_WORD",
        }
    }
}

impl TenantTx {
    /// Makes a patient findable by a name.
    pub(super) async fn index_patient_name(
        &mut self,
        patient: PatientId,
        name: &str,
    ) -> Result<(), StoreError> {
        let groups = name_index::name_groups(name).into_iter();
        let words = name_index::name_words(name).into_iter();
        let groups = groups.map(|part| (PartKind::PatientGroup, part));
        let words = words.map(|part| (PartKind::PatientWord, part));
        self.index_name(patient.uuid(), groups.chain(words).collect())
            .await
    }

    /// Makes a study findable by its referring physician.
    pub(super) async fn index_referring_physician(
        &mut self,
        study: StudyId,
        name: &str,
    ) -> Result<(), StoreError> {
        let words = name_index::name_words(name).into_iter();
        self.index_name(
            study.uuid(),
            words.map(|part| (PartKind::ReferrerWord, part)).collect(),
        )
        .await
    }

    /// Nobody is to be found by these names any more.
    pub(super) async fn forget_names_of(&mut self, owner: Uuid) -> Result<(), StoreError> {
        self.delete::<name_part::Entity>()
            .filter(name_part::Column::OwnerId.eq(owner))
            .exec(&self.conn)
            .await?;
        Ok(())
    }

    /// Notes what was requested of a series. What is noted already stays once.
    pub async fn add_requested_steps(
        &mut self,
        study: StudyId,
        series: SeriesId,
        steps: Vec<(Uuid, RequestedStep)>,
    ) -> Result<(), StoreError> {
        if steps.is_empty() {
            return Ok(());
        }
        let rows = steps.into_iter().map(|(id, step)| requested_step::ActiveModel {
            id: Set(id),
            tenant_id: Set(self.tenant().uuid()),
            study_id: Set(study.uuid()),
            series_id: Set(series.uuid()),
            scheduled_procedure_step_id: Set(step.scheduled_procedure_step_id),
            requested_procedure_id: Set(step.requested_procedure_id),
            accession_number: Set(step.accession_number),
        });
        self.insert_many::<requested_step::Entity, _>(rows.collect::<Vec<_>>())
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(&self.conn)
            .await?;
        Ok(())
    }

    async fn index_name(&mut self, owner: Uuid, parts: Vec<(PartKind, String)>) -> Result<(), StoreError> {
        if parts.is_empty() {
            return Ok(());
        }
        let rows = parts.into_iter().map(|(kind, part)| name_part::ActiveModel {
            tenant_id: Set(self.tenant().uuid()),
            kind: Set(kind.as_str().to_owned()),
            part: Set(part),
            owner_id: Set(owner),
        });
        self.insert_many::<name_part::Entity, _>(rows.collect::<Vec<_>>())
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(&self.conn)
            .await?;
        Ok(())
    }
}
