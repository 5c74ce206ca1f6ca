//! One thing to read: its states, the claim on it, and the moves between them.
//!
//! **Invariant:** case, claim, report, clock and delivery are separate axes; no state of one is
//! spelled in another.

mod case;
mod claim;
mod rank;
mod vocabulary;

pub use case::{Arrival, CaseRefused, ReadingCase, SignatureRefused, StudyChanged};
pub use claim::{AlreadyClaimed, Claim, ClaimLost, Taken, WorkItem};
pub use rank::worklist_rank;
pub use vocabulary::{CaseState, Priority, ProtocolFlag, WorkItemKind};
