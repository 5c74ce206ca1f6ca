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

//! # What does not compile
//!
//! Looking at a tenant's rows takes an actor, whose tenant it is:
//!
//! ```no_run
//! # async fn check(store: store::Store, actor: domain::Actor) -> Result<(), store::StoreError> {
//! let tx = store.read(&actor).await?;
//! tx.facilities(actor.facilities()).await?;
//! # Ok(()) }
//! ```
//!
//! A tenant's id is not enough, and neither is nothing:
//!
//! ```compile_fail,E0308
//! # async fn check(store: store::Store, actor: domain::Actor) -> Result<(), store::StoreError> {
//! let tx = store.read(&actor.tenant()).await?;
//! # Ok(()) }
//! ```
//!
//! ```compile_fail,E0061
//! # async fn check(store: store::Store, actor: domain::Actor) -> Result<(), store::StoreError> {
//! let tx = store.read().await?;
//! # Ok(()) }
//! ```
//!
//! A transaction cannot be turned to another tenant, nor made for one by hand:
//!
//! ```compile_fail,E0616
//! # fn check(mut tx: store::TenantTx, other: domain::TenantId) {
//! tx.tenant = other;
//! # }
//! ```
//!
//! ```compile_fail,E0451
//! # fn check(tx: store::TenantRead, other: domain::TenantId) {
//! let turned = store::TenantRead { tenant: other, ..tx };
//! # }
//! ```
//!
//! What only looks cannot change anything:
//!
//! ```no_run
//! # async fn check(tx: store::TenantTx, facility: store::FacilityRow) -> Result<(), store::StoreError> {
//! tx.insert_facility(&facility).await?;
//! # Ok(()) }
//! ```
//!
//! ```compile_fail,E0599
//! # async fn check(tx: store::TenantRead, facility: store::FacilityRow) -> Result<(), store::StoreError> {
//! tx.insert_facility(&facility).await?;
//! # Ok(()) }
//! ```
//!
//! Entities and bare queries stay inside:
//!
//! ```compile_fail,E0603
//! use store::entity::facility;
//! ```
//!
//! ```compile_fail,E0624
//! # fn check<E>(tx: store::TenantRead) {
//! let rows = tx.find::<E>();
//! # }
//! ```
//!
//! ```compile_fail,E0616
//! # fn check(tx: store::TenantRead) {
//! let conn = &tx.conn;
//! # }
//! ```

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
mod neighbours;
mod nodes;
mod platform;
mod reading;
mod renditions;
mod schedule;
mod signal;
mod tenant;
mod workitems;
mod written;

pub use archive::{
    AgingStudy, ArchivePolicy, BatchRow, Content, DeletionRow, DeletionTarget, FoundInstance, FoundSeries,
    FoundStudy, Healed, HoldRow, InstanceBytes, InstanceHit, InstanceMetadata, InstanceRow, ItemCounts,
    ItemOutcome, Matching, MetadataOf, NewBatch, NewInstance, NewPatient, NewQuarantined, NewSeries,
    NewStudy, PatientIdentity, PatientRow, PlacedInstance, PromisedBytes, PromisedObject, Purged,
    QuarantinedRow, RefusedFile, RenditionState, RequestedStep, Search, SearchField, SeriesGrowth,
    SeriesMetadata, SeriesRow, SettledItem, StoredInstance, StoredThumbnail, StudyAttributes, StudyRow, Tier,
    TrashedStudy, TrashedUids, UploadItem, UploadRow, UploadState, Within,
};
pub use audit::{AuditFilter, AuditRow, ChainVerdict};
pub use connect::{Store, StoreOptions};
pub use error::StoreError;
pub use feed::ChangeRow;
pub use identity::{
    AccountRow, ApiKeyRow, FacilityRow, InvitationRow, MemberRow, MembershipRow, NewMember, RefreshTokenRow,
    SignedIn, TenantFigures, TenantRow,
};
pub use job_lease::LeasedJob;
pub use jobs::{JobCounts, JobRow};
pub use nodes::{CommitmentRow, DicomNodeRow};
pub use platform::PlatformTx;
pub use reading::{
    CaseFacts, CaseRow, DeliveryRow, DocumentRow, EachCase, KeyImageRow, VersionRow, WorklistFilter,
    WorklistPage,
};
pub use renditions::{NewRendition, ReadyRendition, RenditionRecord};
pub use signal::FeedSignal;
pub use tenant::{Page, TenantRead, TenantTx};
pub use workitems::{SubscriptionRow, TaskRow, WorkitemRow};
pub use written::Writes;
