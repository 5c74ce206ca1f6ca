//! From the first image to the report in the facility's hands.
//!
//! **Invariant:** a case changes only through [`open_case::OpenCase`], which holds its row's lock and
//! writes state, ledger and place in the worklist together.

mod claims;
mod deliveries;
mod drafts;
mod intake;
mod key_images;
mod looking;
mod open_case;
mod printed_facts;
mod printing;
mod priorities;
mod refusals;
mod service_level;
mod signing;

use domain::{CaseId, DeliveryId, ReportVersionId, WorkItemId, job::Job};
use serde::{Deserialize, Serialize};

pub use claims::ClaimedCase;
pub use drafts::DraftEdit;
pub use intake::ArrivedStudy;
pub use key_images::KeyImageOrder;
pub use looking::{Holder, OpenDocument};
pub use signing::SignOrder;

/// The rows that looking at cases returns.
pub mod rows {
    pub use store::{
        CaseRow, DeliveryRow, DocumentRow, EachCase, KeyImageRow, Page, PatientRow, RenditionState,
        SeriesRow, StudyRow, VersionRow, WorklistFilter, WorklistPage,
    };
}

/// Makes the document of a signed version and hands it to the deliveries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrintReport {
    /// Which version.
    pub version: ReportVersionId,
}

impl Job for PrintReport {
    const KIND: &'static str = "print_report";
    const PRIORITY: i16 = 20;

    fn dedupe_key(&self) -> Option<String> {
        Some(self.version.to_string())
    }
}

/// Sends one copy of a report on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliverReport {
    /// Which copy.
    pub delivery: DeliveryId,
}

impl Job for DeliverReport {
    const KIND: &'static str = "deliver_report";
    const PRIORITY: i16 = 20;

    fn dedupe_key(&self) -> Option<String> {
        Some(self.delivery.to_string())
    }
}

/// Gives a case back to the queue when its reader's lease ran out. Queued with every claim, for the
/// moment the lease ends; a claim that was renewed queues the next one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseLapsedClaim {
    /// The claimed task.
    pub work_item: WorkItemId,
}

impl Job for ReleaseLapsedClaim {
    const KIND: &'static str = "release_lapsed_claim";
    const PRIORITY: i16 = 30;

    fn dedupe_key(&self) -> Option<String> {
        Some(self.work_item.to_string())
    }
}

/// Records that a share of a case's target has passed, and queues itself for the next share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkServiceLevel {
    /// Which case.
    pub case: CaseId,
    /// The moment it is queued for, in microseconds since 1970: a changed target has moments of its own.
    pub due_micros: i64,
}

impl Job for MarkServiceLevel {
    const KIND: &'static str = "mark_service_level";
    const PRIORITY: i16 = 30;

    fn dedupe_key(&self) -> Option<String> {
        Some(format!("{} {}", self.case, self.due_micros))
    }
}
