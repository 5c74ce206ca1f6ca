//! The words a case is described with.

use crate::names::named;

named! {
    /// How soon a case is to be read; greater is sooner.
    Priority {
        /// Within the day.
        Routine = "ROUTINE",
        /// Within hours.
        Urgent = "URGENT",
        /// As soon as possible.
        Asap = "ASAP",
        /// At once.
        Stat = "STAT",
    }
}

named! {
    /// A clinical pathway with a target of its own.
    ProtocolFlag {
        /// Suspected stroke.
        Stroke = "STROKE",
        /// Major trauma.
        Trauma = "TRAUMA",
        /// A patient in danger.
        Critical = "CRITICAL",
    }
}

named! {
    /// Where a case stands between arrival and delivery; nothing about claims, report or clock.
    CaseState {
        /// Announced, nothing has arrived.
        Expected = "EXPECTED",
        /// Images are arriving.
        Receiving = "RECEIVING",
        /// Arrived, but it is not known for whom.
        Unmatched = "UNMATCHED",
        /// Arrived, set aside by quality control.
        QcHold = "QC_HOLD",
        /// Complete and waiting for a reader.
        ReadyToRead = "READY_TO_READ",
        /// Given to a reader who has not begun.
        Assigned = "ASSIGNED",
        /// A reader holds it.
        InProgress = "IN_PROGRESS",
        /// A preliminary report is signed.
        PrelimSigned = "PRELIM_SIGNED",
        /// The final report is signed.
        FinalSigned = "FINAL_SIGNED",
        /// The facility has the final report.
        Delivered = "DELIVERED",
        /// Nothing is left to do.
        Closed = "CLOSED",
        /// Paused, with a reason and an owner.
        OnHold = "ON_HOLD",
        /// Will not be read.
        Cancelled = "CANCELLED",
    }
}

impl CaseState {
    /// Whether the final report is signed: from here on the report is only amended, never edited.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::FinalSigned | Self::Delivered | Self::Closed)
    }

    /// Whether images are still on their way.
    pub const fn is_arriving(self) -> bool {
        matches!(
            self,
            Self::Expected | Self::Receiving | Self::Unmatched | Self::QcHold
        )
    }
}

named! {
    /// What a task on a case asks for.
    WorkItemKind {
        /// Read and report it.
        FinalRead = "FINAL_READ",
        /// Make a preliminary report final.
        OverRead = "OVER_READ",
        /// Images came after signing: confirm or amend the report.
        VerifyReport = "VERIFY_REPORT",
    }
}
