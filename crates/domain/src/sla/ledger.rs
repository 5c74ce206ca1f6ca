//! What is written into the ledger.

use chrono::{DateTime, Utc};

use crate::names::named;

named! {
    /// Whose minutes they are.
    ClockOwner {
        /// Images are on their way to us.
        Network = "NETWORK",
        /// We wait for the facility.
        Facility = "FACILITY",
        /// The case waits for a reader.
        Queue = "QUEUE",
        /// A reader has it.
        Reader = "READER",
        /// The signed report is on its way.
        Delivery = "DELIVERY",
    }
}

named! {
    /// Whether the target's time passes.
    ClockState {
        /// It passes, or will as soon as the case is ready.
        Running = "RUNNING",
        /// It stands still.
        Paused = "PAUSED",
        /// It is over.
        Stopped = "STOPPED",
    }
}

named! {
    /// What happened to the case.
    ClockEventKind {
        /// The first image arrived.
        Receiving = "RECEIVING",
        /// The study is complete; the target runs.
        ReadyToRead = "READY_TO_READ",
        /// A reader took the case.
        Claimed = "CLAIMED",
        /// The reader gave it back.
        Released = "RELEASED",
        /// The reader's lease ran out.
        Lapsed = "LAPSED",
        /// A preliminary report was signed; the case waits for its final reader.
        PrelimSigned = "PRELIM_SIGNED",
        /// The final report was signed.
        FinalSigned = "FINAL_SIGNED",
        /// The facility has the report; the target's time is over.
        Delivered = "DELIVERED",
        /// The facility said that it has read the report.
        Acknowledged = "ACKNOWLEDGED",
        /// Priority or pathway changed, and with it the target.
        Prioritised = "PRIORITISED",
        /// The target's time stands still; the facility owes an answer.
        Paused = "PAUSED",
        /// It passes again; the case waits for a reader.
        Resumed = "RESUMED",
        /// Images came after the final signature.
        LateImages = "LATE_IMAGES",
        /// The report holds in spite of late images.
        ReportConfirmed = "REPORT_CONFIRMED",
        /// An addendum was signed.
        Addended = "ADDENDED",
        /// Half of the target has passed.
        Warned50 = "WARNED_50",
        /// Four fifths of the target have passed.
        Warned80 = "WARNED_80",
        /// The target has passed.
        Breached = "BREACHED",
    }
}

/// What an event does to the attribution of the time after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Handover {
    /// The minutes from here are this owner's.
    To(ClockOwner),
    /// The owner stays.
    Keeps,
    /// Nobody's: the clock is over.
    Stops,
}

impl ClockEventKind {
    pub(crate) const fn handover(self) -> Handover {
        match self {
            Self::Receiving => Handover::To(ClockOwner::Network),
            Self::ReadyToRead | Self::Released | Self::Lapsed | Self::PrelimSigned | Self::Resumed => {
                Handover::To(ClockOwner::Queue)
            }
            Self::Claimed => Handover::To(ClockOwner::Reader),
            Self::FinalSigned => Handover::To(ClockOwner::Delivery),
            Self::Paused => Handover::To(ClockOwner::Facility),
            Self::Delivered => Handover::Stops,
            Self::Acknowledged
            | Self::Prioritised
            | Self::LateImages
            | Self::ReportConfirmed
            | Self::Addended
            | Self::Warned50
            | Self::Warned80
            | Self::Breached => Handover::Keeps,
        }
    }

    /// Who owns the minutes after this event, where it decides that.
    pub const fn owner(self) -> Option<ClockOwner> {
        match self.handover() {
            Handover::To(owner) => Some(owner),
            Handover::Keeps | Handover::Stops => None,
        }
    }
}

named! {
    /// A share of the target that is worth a word.
    Mark {
        /// Half of it.
        Half = "WARNED_50",
        /// Four fifths of it.
        FourFifths = "WARNED_80",
        /// All of it.
        Breach = "BREACHED",
    }
}

impl Mark {
    /// The event that records it.
    pub const fn event(self) -> ClockEventKind {
        match self {
            Self::Half => ClockEventKind::Warned50,
            Self::FourFifths => ClockEventKind::Warned80,
            Self::Breach => ClockEventKind::Breached,
        }
    }

    /// The share in percent.
    pub const fn percent(self) -> i32 {
        match self {
            Self::Half => 50,
            Self::FourFifths => 80,
            Self::Breach => 100,
        }
    }
}

/// One line of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockEvent {
    /// When it happened, which may be before it was written down: a lease lapses at its end, whoever
    /// notices later.
    pub at: DateTime<Utc>,
    /// What.
    pub kind: ClockEventKind,
    /// The name of who did it; none when time itself did.
    pub actor: Option<String>,
    /// The target in seconds that a mark was measured against.
    pub target_seconds: Option<u32>,
}

impl ClockEvent {
    /// An event of somebody named `actor`.
    pub fn new(at: DateTime<Utc>, kind: ClockEventKind, actor: Option<String>) -> Self {
        Self {
            at,
            kind,
            actor,
            target_seconds: None,
        }
    }
}
