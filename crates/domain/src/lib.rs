//! The rules of the reading room: ids, roles, states, clocks, reports.
//!
//! **Invariant:** no I/O, no SQL, no HTTP and no clock of its own; a rule gets the time as an argument.
//!
//! **Invariant:** a rule that refuses says why in its error type; the outside contract of those
//! reasons is [`ErrorCode`].

//! # What does not compile
//!
//! An id of one kind where another is meant, and an actor without a tenant:
//!
//! ```
//! # use domain::*;
//! fn open(case: CaseId) -> String { case.to_string() }
//! open(CaseId::from_uuid(uuid::Uuid::nil()));
//! let somebody = Actor::system(TenantId::PLATFORM, None);
//! ```
//!
//! ```compile_fail,E0308
//! # use domain::*;
//! fn open(case: CaseId) -> String { case.to_string() }
//! open(StudyId::from_uuid(uuid::Uuid::nil()));
//! ```
//!
//! ```compile_fail,E0308
//! # use domain::*;
//! let nobody = Actor::system(None, None);
//! ```
//!
//! ```compile_fail,E0599
//! # use domain::*;
//! let nobody = Actor::default();
//! ```

#![deny(missing_docs)]

mod error_code;
mod id;
mod names;

pub mod actor;
pub mod audit;
pub mod change;
pub mod deletion;
pub mod delivery;
pub mod dicom_node;
pub mod job;
pub mod lossy;
pub mod name_index;
pub mod permission;
pub mod ports;
pub mod reading_case;
pub mod report;
pub mod retention;
pub mod session;
pub mod sla;
pub mod text;
pub mod ups;

pub use actor::{Actor, ApiScope, FacilityScope, Origin, Principal, Role};
pub use dicom_node::NodeRight;
pub use error_code::ErrorCode;
pub use id::{
    ApiKeyId, BatchId, CaseId, ClaimToken, CommitmentId, DeletionId, DeliveryId, DicomNodeId, FacilityId,
    IdError, InstanceId, InvitationId, JobId, KeyImageId, LegalHoldId, PatientId, QuarantineId, ReportId,
    ReportVersionId, RetentionRuleId, SeriesId, SessionId, StudyId, TemplateId, TenantId, UploadId, UserId,
    WorkItemId,
};
pub use permission::Permission;
pub use ports::{Clock, Ids, Randomness};
pub use reading_case::{CaseState, Priority, ProtocolFlag};
