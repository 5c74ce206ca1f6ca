//! Searching studies, series and instances by attributes (PS3.18 §10.6, PS3.4 §C.2.2.2).
//!
//! **Invariant:** the order of results is total and does not depend on the page, so that pages neither overlap
//! nor leave anything out while nothing is stored.

use std::collections::HashMap;

use domain::{FacilityScope, PatientId, SeriesId, StudyId};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseBackend, EntityTrait, JoinType, QueryFilter, QueryOrder,
    QuerySelect, RelationDef, Select,
    sea_query::{BinOper, Expr, ExprTrait, IntoColumnRef, LikeExpr, SimpleExpr},
};

use super::{InstanceRow, PatientRow, SeriesRow, StudyRow, instances::with_object_key};
use crate::{
    StoreError, TenantRead,
    entity::{instance, patient, series, study},
};

/// An attribute that can be searched by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SearchField {
    /// Patient's Name; without regard to case, in each of its groups.
    PatientName,
    /// Patient ID.
    PatientId,
    /// Issuer of Patient ID.
    IssuerOfPatientId,
    /// Patient's Birth Date.
    PatientBirthDate,
    /// Patient's Sex.
    PatientSex,
    /// Study Instance UID.
    StudyInstanceUid,
    /// Study Date.
    StudyDate,
    /// Study Time.
    StudyTime,
    /// Accession Number.
    AccessionNumber,
    /// Study ID.
    StudyId,
    /// Study Description.
    StudyDescription,
    /// Referring Physician's Name; without regard to case, in each of its groups.
    ReferringPhysicianName,
    /// Modalities in Study: one of them.
    ModalitiesInStudy,
    /// Series Instance UID.
    SeriesInstanceUid,
    /// Modality.
    Modality,
    /// Series Number.
    SeriesNumber,
    /// Series Description.
    SeriesDescription,
    /// Body Part Examined.
    BodyPartExamined,
    /// Series Date.
    SeriesDate,
    /// Series Time.
    SeriesTime,
    /// SOP Instance UID.
    SopInstanceUid,
    /// SOP Class UID.
    SopClassUid,
    /// Instance Number.
    InstanceNumber,
}

/// How an attribute must be. An attribute that may be anything is simply not named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Matching {
    /// One of these texts, each with `*` for any characters and `?` for one.
    Text(Vec<String>),
    /// This number.
    Number(i64),
    /// At least the first and at most the second, as text.
    Range(Option<String>, Option<String>),
}

/// What is searched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// Whose studies.
    pub scope: FacilityScope,
    /// All of these must hold.
    pub matching: Vec<(SearchField, Matching)>,
    /// How many results are left out.
    pub offset: u64,
    /// How many results are wanted.
    pub limit: u64,
}

/// A study that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundStudy {
    /// The study.
    pub study: StudyRow,
    /// Its patient.
    pub patient: PatientRow,
}

/// A series that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundSeries {
    /// The series.
    pub series: SeriesRow,
    /// Its study.
    pub study: FoundStudy,
}

/// An instance that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundInstance {
    /// The instance.
    pub instance: InstanceRow,
    /// Its series.
    pub series: FoundSeries,
}

impl TenantRead {
    /// Studies, the newest arrival first.
    pub async fn search_studies(&self, search: &Search) -> Result<Vec<FoundStudy>, StoreError> {
        let rows = self
            .find::<study::Entity>()
            .join(JoinType::InnerJoin, patient_of_study())
            .filter(self.condition(search))
            .order_by_desc(study::Column::Id)
            .offset(search.offset)
            .limit(search.limit)
            .all(&self.conn)
            .await?;
        self.with_patients(rows.into_iter().map(StudyRow::from).collect())
            .await
    }

    /// Series, those of the newest study first, by number within it.
    pub async fn search_series(&self, search: &Search) -> Result<Vec<FoundSeries>, StoreError> {
        let rows = self
            .find::<series::Entity>()
            .join(JoinType::InnerJoin, study_of_series())
            .join(JoinType::InnerJoin, patient_of_study())
            .filter(self.condition(search))
            .order_by_desc(series::Column::StudyId)
            .order_by_asc(series::Column::SeriesNumber)
            .order_by_asc(series::Column::Id)
            .offset(search.offset)
            .limit(search.limit)
            .all(&self.conn)
            .await?;
        let rows = rows
            .into_iter()
            .map(SeriesRow::try_from)
            .collect::<Result<Vec<_>, _>>()?;
        self.with_studies(rows).await
    }

    /// Instances, those of the newest study first, by series and number within it.
    pub async fn search_instances(&self, search: &Search) -> Result<Vec<FoundInstance>, StoreError> {
        let query: Select<instance::Entity> = self
            .find::<instance::Entity>()
            .join(JoinType::InnerJoin, series_of_instance())
            .join(JoinType::InnerJoin, study_of_series())
            .join(JoinType::InnerJoin, patient_of_study())
            .filter(self.condition(search))
            .order_by_desc(instance::Column::StudyId)
            .order_by_asc(instance::Column::SeriesId)
            .order_by_asc(instance::Column::InstanceNumber)
            .order_by_asc(instance::Column::Id)
            .offset(search.offset)
            .limit(search.limit);
        let rows: Vec<InstanceRow> = with_object_key(query)
            .all(&self.conn)
            .await?
            .into_iter()
            .map(InstanceRow::from)
            .collect();
        let mut ids: Vec<SeriesId> = rows.iter().map(|row| row.series).collect();
        ids.dedup();
        let series = self.with_studies(self.series(&ids).await?).await?;
        let series: HashMap<SeriesId, FoundSeries> =
            series.into_iter().map(|found| (found.series.id, found)).collect();
        rows.into_iter()
            .map(|instance| {
                let series = series
                    .get(&instance.series)
                    .cloned()
                    .ok_or_else(|| orphan("instance", instance.id))?;
                Ok(FoundInstance { instance, series })
            })
            .collect()
    }

    async fn with_patients(&self, studies: Vec<StudyRow>) -> Result<Vec<FoundStudy>, StoreError> {
        let ids: Vec<PatientId> = studies.iter().map(|study| study.patient).collect();
        let patients: HashMap<PatientId, PatientRow> = self
            .patients(&ids)
            .await?
            .into_iter()
            .map(|patient| (patient.id, patient))
            .collect();
        studies
            .into_iter()
            .map(|study| {
                let patient = patients
                    .get(&study.patient)
                    .cloned()
                    .ok_or_else(|| orphan("study", study.id))?;
                Ok(FoundStudy { study, patient })
            })
            .collect()
    }

    async fn with_studies(&self, series: Vec<SeriesRow>) -> Result<Vec<FoundSeries>, StoreError> {
        let mut ids: Vec<StudyId> = series.iter().map(|series| series.study).collect();
        ids.sort_unstable();
        ids.dedup();
        let studies: HashMap<StudyId, FoundStudy> = self
            .with_patients(self.studies(&ids).await?)
            .await?
            .into_iter()
            .map(|found| (found.study.id, found))
            .collect();
        series
            .into_iter()
            .map(|series| {
                let study = studies
                    .get(&series.study)
                    .cloned()
                    .ok_or_else(|| orphan("series", series.id))?;
                Ok(FoundSeries { series, study })
            })
            .collect()
    }

    fn condition(&self, search: &Search) -> Condition {
        let mut all = Condition::all();
        if let FacilityScope::Only(facilities) = &search.scope {
            all = all.add(study::Column::FacilityId.is_in(facilities.iter().map(|facility| facility.uuid())));
        }
        let dialect = self.conn.get_database_backend();
        search.matching.iter().fold(all, |all, (field, matching)| {
            all.add(matches(dialect, *field, matching))
        })
    }
}

fn patient_of_study() -> RelationDef {
    study::Entity::belongs_to(patient::Entity)
        .from(study::Column::PatientId)
        .to(patient::Column::Id)
        .into()
}

fn study_of_series() -> RelationDef {
    series::Entity::belongs_to(study::Entity)
        .from(series::Column::StudyId)
        .to(study::Column::Id)
        .into()
}

fn series_of_instance() -> RelationDef {
    instance::Entity::belongs_to(series::Entity)
        .from(instance::Column::SeriesId)
        .to(series::Column::Id)
        .into()
}

fn orphan(table: &'static str, id: impl ToString) -> StoreError {
    StoreError::Inconsistent {
        table,
        id: id.to_string(),
        what: "every row belongs to the one above it",
    }
}

fn matches(dialect: DatabaseBackend, field: SearchField, matching: &Matching) -> Condition {
    match matching {
        Matching::Number(number) => Condition::all().add(column(field).eq(*number)),
        Matching::Range(from, to) => Condition::all()
            .add_option(from.as_ref().map(|from| column(field).gte(from.as_str())))
            .add_option(to.as_ref().map(|to| column(field).lte(to.as_str()))),
        Matching::Text(texts) => texts
            .iter()
            .flat_map(|text| patterns(field, text))
            .fold(Condition::any(), |any, pattern| {
                any.add(matches_text(dialect, field, &pattern))
            }),
    }
}

/// What the column must look like for the attribute to match `text`.
fn patterns(field: SearchField, text: &str) -> Vec<String> {
    match field {
        // A name has up to three groups between `=`; any of them may match.
        SearchField::PatientName | SearchField::ReferringPhysicianName => {
            let text = text.to_lowercase();
            vec![
                text.clone(),
                format!("{text}=*"),
                format!("*={text}"),
                format!("*={text}=*"),
            ]
        }
        SearchField::ModalitiesInStudy => vec![format!("*\\{text}\\*")],
        _ => vec![text.to_owned()],
    }
}

fn matches_text(dialect: DatabaseBackend, field: SearchField, pattern: &str) -> SimpleExpr {
    if !pattern.contains(['*', '?']) {
        return column(field).eq(pattern);
    }
    match dialect {
        // SQLite's LIKE does not regard case; GLOB does, and has the same wildcards as DICOM.
        DatabaseBackend::Sqlite => {
            column(field).binary(BinOper::Custom("GLOB"), Expr::val(pattern.replace('[', "[[]")))
        }
        _ => column(field).like(LikeExpr::new(like_pattern(pattern)).escape('\\')),
    }
}

fn like_pattern(pattern: &str) -> String {
    let mut like = String::with_capacity(pattern.len() + 4);
    for character in pattern.chars() {
        match character {
            '*' => like.push('%'),
            '?' => like.push('_'),
            '%' | '_' | '\\' => {
                like.push('\\');
                like.push(character);
            }
            other => like.push(other),
        }
    }
    like
}

fn column(field: SearchField) -> SimpleExpr {
    let column = match field {
        SearchField::PatientName => (patient::Entity, patient::Column::NameFolded).into_column_ref(),
        SearchField::PatientId => (patient::Entity, patient::Column::PatientId).into_column_ref(),
        SearchField::IssuerOfPatientId => (patient::Entity, patient::Column::Issuer).into_column_ref(),
        SearchField::PatientBirthDate => (patient::Entity, patient::Column::BirthDate).into_column_ref(),
        SearchField::PatientSex => (patient::Entity, patient::Column::Sex).into_column_ref(),
        SearchField::StudyInstanceUid => (study::Entity, study::Column::StudyInstanceUid).into_column_ref(),
        SearchField::StudyDate => (study::Entity, study::Column::StudyDate).into_column_ref(),
        SearchField::StudyTime => (study::Entity, study::Column::StudyTime).into_column_ref(),
        SearchField::AccessionNumber => (study::Entity, study::Column::AccessionNumber).into_column_ref(),
        SearchField::StudyId => (study::Entity, study::Column::StudyId).into_column_ref(),
        SearchField::StudyDescription => (study::Entity, study::Column::Description).into_column_ref(),
        SearchField::ReferringPhysicianName => {
            (study::Entity, study::Column::ReferringPhysicianFolded).into_column_ref()
        }
        SearchField::ModalitiesInStudy => (study::Entity, study::Column::Modalities).into_column_ref(),
        SearchField::SeriesInstanceUid => {
            (series::Entity, series::Column::SeriesInstanceUid).into_column_ref()
        }
        SearchField::Modality => (series::Entity, series::Column::Modality).into_column_ref(),
        SearchField::SeriesNumber => (series::Entity, series::Column::SeriesNumber).into_column_ref(),
        SearchField::SeriesDescription => (series::Entity, series::Column::Description).into_column_ref(),
        SearchField::BodyPartExamined => (series::Entity, series::Column::BodyPart).into_column_ref(),
        SearchField::SeriesDate => (series::Entity, series::Column::SeriesDate).into_column_ref(),
        SearchField::SeriesTime => (series::Entity, series::Column::SeriesTime).into_column_ref(),
        SearchField::SopInstanceUid => (instance::Entity, instance::Column::SopInstanceUid).into_column_ref(),
        SearchField::SopClassUid => (instance::Entity, instance::Column::SopClassUid).into_column_ref(),
        SearchField::InstanceNumber => (instance::Entity, instance::Column::InstanceNumber).into_column_ref(),
    };
    Expr::col(column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_database_reads_as_a_wildcard_is_escaped() {
        assert_eq!(like_pattern("100%_\\*a?"), "100\\%\\_\\\\%a_");
    }

    #[test]
    fn a_name_matches_in_each_of_its_groups() {
        let patterns = patterns(SearchField::PatientName, "Doe*");
        assert_eq!(patterns, ["doe*", "doe*=*", "*=doe*", "*=doe*=*"]);
    }
}
