//! Applications that speak DICOM with us: who they are, and what they are given.
//!
//! **Invariant:** a called title belongs to one facility of one tenant in the whole installation, and an association
//! acts for that facility alone.

mod commit;
mod destinations;
mod exchange;
mod manage;

pub use crate::identity::{Admitted, Calling, Unknown};
pub use commit::{CommitmentAnswer, CommittedInstance};
pub use exchange::{FetchStudy, ReportCommitment, SendStudy, Verification};
pub use manage::DicomNodeInput;

/// Rows as the use cases hand them out.
pub mod rows {
    pub use store::DicomNodeRow;
}
