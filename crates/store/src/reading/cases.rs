//! Cases.

use domain::{CaseId, FacilityId, PatientId, ProtocolFlag, StudyId, reading_case::ReadingCase};
use sea_orm::{ActiveValue::Set, ColumnTrait, QueryFilter, QuerySelect};

use super::{case_priority, case_state, column, named};
use crate::{StoreError, TenantRead, TenantTx, entity::reading_case, tenant::one_row};

/// What a case's study is about, as far as lists and templates need it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CaseFacts {
    /// Modality (0008,0060); several are joined by a slash.
    pub modality: Option<String>,
    /// Body Part Examined (0018,0015).
    pub body_part: Option<String>,
    /// Study Description (0008,1030).
    pub description: Option<String>,
}

/// A case with what its study is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseRow {
    /// The case.
    pub case: ReadingCase,
    /// What its study is about.
    pub facts: CaseFacts,
}

impl TenantRead {
    /// Cases of these ids, in no order.
    pub async fn reading_cases(&self, ids: &[CaseId]) -> Result<Vec<CaseRow>, StoreError> {
        let rows = self
            .find::<reading_case::Entity>()
            .filter(reading_case::Column::Id.is_in(ids.iter().map(|id| id.uuid())))
            .all(&self.conn)
            .await?;
        rows.into_iter().map(CaseRow::try_from).collect()
    }

    /// One case.
    pub async fn reading_case(&self, id: CaseId) -> Result<Option<CaseRow>, StoreError> {
        Ok(self.reading_cases(&[id]).await?.pop())
    }

    /// The case of a study.
    pub async fn case_of_study(&self, study: StudyId) -> Result<Option<CaseRow>, StoreError> {
        let row = self
            .find::<reading_case::Entity>()
            .filter(reading_case::Column::StudyId.eq(study.uuid()))
            .one(&self.conn)
            .await?;
        row.map(CaseRow::try_from).transpose()
    }
}

impl TenantTx {
    /// One case, locked until the end of the transaction.
    pub async fn lock_case(&self, id: CaseId) -> Result<Option<CaseRow>, StoreError> {
        let row = self
            .find::<reading_case::Entity>()
            .filter(reading_case::Column::Id.eq(id.uuid()))
            .lock_exclusive()
            .one(&self.conn)
            .await?;
        row.map(CaseRow::try_from).transpose()
    }

    /// The case of a study, locked until the end of the transaction.
    pub async fn lock_case_of_study(&self, study: StudyId) -> Result<Option<CaseRow>, StoreError> {
        let row = self
            .find::<reading_case::Entity>()
            .filter(reading_case::Column::StudyId.eq(study.uuid()))
            .lock_exclusive()
            .one(&self.conn)
            .await?;
        row.map(CaseRow::try_from).transpose()
    }

    /// A new case at place `worklist_rank` of the list.
    pub async fn insert_case(&self, row: &CaseRow, worklist_rank: i64) -> Result<(), StoreError> {
        let case = &row.case;
        let change = reading_case::ActiveModel {
            id: Set(case.id.uuid()),
            study_id: Set(case.study.uuid()),
            patient_id: Set(case.patient.uuid()),
            facility_id: Set(case.facility.uuid()),
            created_at: Set(case.created_at),
            ..changeable(row, worklist_rank)
        };
        self.insert::<reading_case::Entity>(change)
            .exec_without_returning(&self.conn)
            .await?;
        Ok(())
    }

    /// Keeps what may change of a case, and its place in the list.
    pub async fn save_case(&self, row: &CaseRow, worklist_rank: i64) -> Result<(), StoreError> {
        let updated = self
            .update::<reading_case::Entity>()
            .filter(reading_case::Column::Id.eq(row.case.id.uuid()))
            .set(changeable(row, worklist_rank))
            .exec(&self.conn)
            .await?;
        one_row("reading_case", updated.rows_affected)
    }
}

fn changeable(row: &CaseRow, worklist_rank: i64) -> reading_case::ActiveModel {
    let CaseRow { case, facts } = row;
    reading_case::ActiveModel {
        state: Set(case.state.as_str().to_owned()),
        priority: Set(case.priority.as_str().to_owned()),
        urgency: Set(case.priority.urgency()),
        protocol_flag: Set(case.protocol_flag.map(|flag| flag.as_str().to_owned())),
        indication: Set(case.indication.clone()),
        modality: Set(facts.modality.clone()),
        body_part: Set(facts.body_part.clone()),
        description: Set(facts.description.clone()),
        ready_at: Set(case.ready_at),
        received_count: Set(column(case.received_count)),
        expected_count: Set(case.expected_count.map(column)),
        has_preliminary: Set(case.has_preliminary),
        late_images: Set(case.late_images),
        worklist_rank: Set(worklist_rank),
        ..Default::default()
    }
}

impl TryFrom<reading_case::Model> for CaseRow {
    type Error = StoreError;

    fn try_from(row: reading_case::Model) -> Result<Self, StoreError> {
        let protocol_flag = row
            .protocol_flag
            .as_deref()
            .map(|flag| named("reading_case", row.id, flag, ProtocolFlag::from_name))
            .transpose()?;
        Ok(Self {
            case: ReadingCase {
                id: CaseId::from_uuid(row.id),
                study: StudyId::from_uuid(row.study_id),
                patient: PatientId::from_uuid(row.patient_id),
                facility: FacilityId::from_uuid(row.facility_id),
                state: case_state(&row)?,
                priority: case_priority(&row)?,
                protocol_flag,
                indication: row.indication,
                created_at: row.created_at,
                ready_at: row.ready_at,
                received_count: row.received_count.unsigned_abs(),
                expected_count: row.expected_count.map(i32::unsigned_abs),
                has_preliminary: row.has_preliminary,
                late_images: row.late_images,
            },
            facts: CaseFacts {
                modality: row.modality,
                body_part: row.body_part,
                description: row.description,
            },
        })
    }
}
