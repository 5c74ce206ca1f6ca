//! The reading room's rows: cases, claims, clocks, reports, deliveries.
//!
//! **Invariant:** clock events, signed versions and documents are only ever inserted; the database
//! refuses anything else.

mod cases;
mod claims;
mod clock;
mod deliveries;
mod key_images;
mod reports;
mod templates;
mod versions;
mod worklist;

use std::collections::HashMap;

use domain::{
    CaseId,
    reading_case::{CaseState, Priority},
};

use crate::{
    StoreError,
    entity::{
        clock_event, delivery, key_image, reading_case, report, report_document, report_template,
        report_version, work_item,
    },
    tenant::tenant_owned,
};

pub use cases::{CaseFacts, CaseRow};
pub use deliveries::DeliveryRow;
pub use key_images::KeyImageRow;
pub use versions::{DocumentRow, VersionRow};
pub use worklist::{WorklistFilter, WorklistPage};

/// What belongs to each of several cases, or why that cannot be read: one broken row never hides the rest
/// of a list.
pub type EachCase<T> = HashMap<CaseId, Result<T, StoreError>>;

tenant_owned!(
    clock_event,
    delivery,
    key_image,
    report,
    report_document,
    report_template,
    report_version,
    work_item;
    trash: reading_case
);

/// Reads a value that is kept by its name.
fn named<T>(
    table: &'static str,
    id: impl ToString,
    name: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<T, StoreError> {
    parse(name).ok_or_else(|| StoreError::Inconsistent {
        table,
        id: id.to_string(),
        what: "every name is one we know",
    })
}

/// A count as the columns hold it; a study never has so many images.
fn column(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

fn case_state(row: &reading_case::Model) -> Result<CaseState, StoreError> {
    named("reading_case", row.id, &row.state, CaseState::from_name)
}

fn case_priority(row: &reading_case::Model) -> Result<Priority, StoreError> {
    named("reading_case", row.id, &row.priority, Priority::from_name)
}
