//! Everything that touches the database. Entities are private to this crate.
//!
//! The only door to tenant data is a transaction bound to one tenant: [`Store::begin`] to change,
//! [`Store::read`] to look. Every query starts from its `find`, which adds the tenant filter; on
//! PostgreSQL row-level security stands behind it.
//!
//! **Invariant:** no entity, column or SQL leaves this crate, and no method takes a tenant id: the
//! tenant is the transaction's.
//!
//! **Invariant:** jobs, audit events and changes are written by the same commit as what they speak of.

#![deny(missing_docs)]

mod archive;
mod audit;
mod connect;
mod entity;
mod error;
mod feed;
mod identity;
mod job_lease;
mod jobs;
mod platform;
mod reading;
mod renditions;
mod schedule;
mod tenant;

pub use archive::{InstanceRow, PatientRow, RenditionState, SeriesRow, StudyRow};
pub use audit::{AuditRow, ChainVerdict};
pub use connect::{Store, StoreOptions};
pub use error::StoreError;
pub use feed::{ChangeRow, FeedSignal};
pub use identity::{
    AccountRow, ApiKeyRow, FacilityRow, InvitationRow, MemberRow, MembershipRow, NewMember, RefreshTokenRow,
    SignedIn, TenantFigures, TenantRow,
};
pub use job_lease::LeasedJob;
pub use jobs::{JobCounts, JobRow};
pub use platform::PlatformTx;
pub use reading::{
    CaseFacts, CaseRow, DeliveryRow, DocumentRow, KeyImageRow, VersionRow, WorklistFilter, WorklistPage,
};
pub use renditions::{ReadyRendition, RenditionRecord};
pub use tenant::{Page, TenantRead, TenantTx};
