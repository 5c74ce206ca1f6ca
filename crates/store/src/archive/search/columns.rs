//! Where each attribute is kept.

use sea_orm::sea_query::{Expr, IntoColumnRef, SimpleExpr};

use super::SearchField;
use crate::entity::{instance, patient, requested_step, series, study};

/// The column of an attribute.
pub(super) fn column(field: SearchField) -> SimpleExpr {
    let column = match field {
        SearchField::PatientName => (patient::Entity, patient::Column::NameFolded).into_column_ref(),
        SearchField::PatientId => (patient::Entity, patient::Column::PatientId).into_column_ref(),
        SearchField::IssuerOfPatientId => (patient::Entity, patient::Column::Issuer).into_column_ref(),
        SearchField::PatientBirthDate => (patient::Entity, patient::Column::BirthDate).into_column_ref(),
        SearchField::PatientSex => (patient::Entity, patient::Column::Sex).into_column_ref(),
        SearchField::StudyInstanceUid => of_study(study::Column::StudyInstanceUid),
        SearchField::StudyDate => of_study(study::Column::StudyDate),
        SearchField::StudyTime => of_study(study::Column::StudyTime),
        SearchField::AccessionNumber => of_study(study::Column::AccessionNumber),
        SearchField::StudyId => of_study(study::Column::StudyId),
        SearchField::StudyDescription => of_study(study::Column::Description),
        SearchField::ReferringPhysicianName => of_study(study::Column::ReferringPhysicianFolded),
        SearchField::ModalitiesInStudy => of_study(study::Column::Modalities),
        SearchField::SeriesInstanceUid => of_series(series::Column::SeriesInstanceUid),
        SearchField::Modality => of_series(series::Column::Modality),
        SearchField::SeriesNumber => of_series(series::Column::SeriesNumber),
        SearchField::SeriesDescription => of_series(series::Column::Description),
        SearchField::BodyPartExamined => of_series(series::Column::BodyPart),
        SearchField::Laterality => of_series(series::Column::Laterality),
        SearchField::SeriesDate => of_series(series::Column::SeriesDate),
        SearchField::SeriesTime => of_series(series::Column::SeriesTime),
        SearchField::PerformedDate => of_series(series::Column::PerformedDate),
        SearchField::PerformedTime => of_series(series::Column::PerformedTime),
        SearchField::ProtocolName => of_series(series::Column::ProtocolName),
        SearchField::StationName => of_series(series::Column::StationName),
        SearchField::Manufacturer => of_series(series::Column::Manufacturer),
        SearchField::ScheduledProcedureStepId => of_step(requested_step::Column::ScheduledProcedureStepId),
        SearchField::RequestedProcedureId => of_step(requested_step::Column::RequestedProcedureId),
        SearchField::RequestedAccessionNumber => of_step(requested_step::Column::AccessionNumber),
        SearchField::SopInstanceUid => of_instance(instance::Column::SopInstanceUid),
        SearchField::SopClassUid => of_instance(instance::Column::SopClassUid),
        SearchField::InstanceNumber => of_instance(instance::Column::InstanceNumber),
        SearchField::Rows => of_instance(instance::Column::PixelRows),
        SearchField::Columns => of_instance(instance::Column::PixelColumns),
        SearchField::BitsAllocated => of_instance(instance::Column::BitsAllocated),
        SearchField::NumberOfFrames => of_instance(instance::Column::NumberOfFrames),
    };
    Expr::col(column)
}

/// Whether it is an attribute of the items of Request Attributes Sequence.
pub(super) const fn is_of_request(field: SearchField) -> bool {
    matches!(
        field,
        SearchField::ScheduledProcedureStepId
            | SearchField::RequestedProcedureId
            | SearchField::RequestedAccessionNumber
    )
}

/// The time that belongs to a date.
pub(super) const fn time_of(date: SearchField) -> Option<SearchField> {
    match date {
        SearchField::StudyDate => Some(SearchField::StudyTime),
        SearchField::SeriesDate => Some(SearchField::SeriesTime),
        SearchField::PerformedDate => Some(SearchField::PerformedTime),
        _ => None,
    }
}

fn of_study(column: study::Column) -> sea_orm::sea_query::ColumnRef {
    (study::Entity, column).into_column_ref()
}

fn of_series(column: series::Column) -> sea_orm::sea_query::ColumnRef {
    (series::Entity, column).into_column_ref()
}

fn of_instance(column: instance::Column) -> sea_orm::sea_query::ColumnRef {
    (instance::Entity, column).into_column_ref()
}

fn of_step(column: requested_step::Column) -> sea_orm::sea_query::ColumnRef {
    (requested_step::Entity, column).into_column_ref()
}
