//! The reading room's words as GraphQL spells them.

use async_graphql::Enum;

/// How soon a case is to be read.
#[derive(Debug, Enum, Copy, Clone, Eq, PartialEq)]
#[graphql(remote = "domain::Priority")]
pub enum Priority {
    /// Within the day.
    Routine,
    /// Within hours.
    Urgent,
    /// As soon as possible.
    Asap,
    /// At once.
    Stat,
}

/// A clinical pathway with a target of its own.
#[derive(Debug, Enum, Copy, Clone, Eq, PartialEq)]
#[graphql(remote = "domain::ProtocolFlag")]
pub enum ProtocolFlag {
    /// Suspected stroke.
    Stroke,
    /// Major trauma.
    Trauma,
    /// A patient in danger.
    Critical,
}

/// Where a case stands.
#[derive(Debug, Enum, Copy, Clone, Eq, PartialEq)]
#[graphql(remote = "domain::CaseState")]
pub enum CaseState {
    /// Announced, nothing has arrived.
    Expected,
    /// Images are arriving.
    Receiving,
    /// Arrived, but it is not known for whom.
    Unmatched,
    /// Set aside by quality control.
    QcHold,
    /// Complete and waiting for a reader.
    ReadyToRead,
    /// Given to a reader who has not begun.
    Assigned,
    /// A reader holds it.
    InProgress,
    /// A preliminary report is signed.
    PrelimSigned,
    /// The final report is signed.
    FinalSigned,
    /// The facility has the final report.
    Delivered,
    /// Nothing is left to do.
    Closed,
    /// Paused.
    OnHold,
    /// Will not be read.
    Cancelled,
}

/// Where a report stands.
#[derive(Debug, Enum, Copy, Clone, Eq, PartialEq)]
#[graphql(remote = "domain::report::ReportState")]
pub enum ReportState {
    /// Being written.
    Draft,
    /// Written by one, to be signed by another.
    PendingSignature,
    /// Signed, but not for good.
    Preliminary,
    /// Signed for good.
    Final,
    /// Final, with an addendum.
    Addended,
    /// Replaced by a corrected version.
    Corrected,
    /// Not valid any more.
    Withdrawn,
}

/// How a draft is signed.
#[derive(Debug, Enum, Copy, Clone, Eq, PartialEq)]
#[graphql(remote = "domain::report::SignKind")]
pub enum SignKind {
    /// Another reader makes it final.
    Preliminary,
    /// For good.
    Final,
}

/// What a signed version is.
#[derive(Debug, Enum, Copy, Clone, Eq, PartialEq)]
#[graphql(remote = "domain::report::ReportVersionKind")]
pub enum ReportVersionKind {
    /// Not for good.
    Preliminary,
    /// The report.
    Final,
    /// Something to add to it.
    Addendum,
}

/// Where a copy of a report stands.
#[derive(Debug, Enum, Copy, Clone, Eq, PartialEq)]
#[graphql(remote = "domain::delivery::DeliveryState")]
pub enum DeliveryState {
    /// To be sent.
    Queued,
    /// The carrier has taken it.
    Sent,
    /// The recipient has it.
    Delivered,
    /// The recipient said so.
    Acknowledged,
    /// It could not be sent.
    Failed,
    /// A newer version goes instead.
    Superseded,
}

/// The way a copy goes.
#[derive(Debug, Enum, Copy, Clone, Eq, PartialEq)]
#[graphql(remote = "domain::delivery::DeliveryChannel")]
pub enum DeliveryChannel {
    /// To be opened here.
    Portal,
    /// A link by mail.
    Mail,
}

/// Whether the target's time passes.
#[derive(Debug, Enum, Copy, Clone, Eq, PartialEq)]
#[graphql(remote = "domain::sla::ClockState")]
pub enum ClockState {
    /// It passes, or will once the case is ready.
    Running,
    /// It stands still.
    Paused,
    /// It is over.
    Stopped,
}

/// Whose minutes they are.
#[derive(Debug, Enum, Copy, Clone, Eq, PartialEq)]
#[graphql(remote = "domain::sla::ClockOwner")]
pub enum ClockOwner {
    /// Images are on their way to us.
    Network,
    /// We wait for the facility.
    Facility,
    /// The case waits for a reader.
    Queue,
    /// A reader has it.
    Reader,
    /// The signed report is on its way.
    Delivery,
}

/// What kind of thing changed.
#[derive(Debug, Enum, Copy, Clone, Eq, PartialEq)]
#[graphql(remote = "domain::change::ChangeTopic")]
pub enum ChangeTopic {
    /// A case, its claim, clock, report or deliveries.
    Case,
    /// A study received images or renditions.
    Study,
    /// An upload made progress.
    Upload,
    /// A job died or was retried.
    Job,
    /// A member or invitation.
    Member,
    /// A facility.
    Facility,
    /// A work item that others created; no screen is told.
    Workitem,
}
