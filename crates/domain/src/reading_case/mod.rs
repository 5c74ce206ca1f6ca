//! One thing to read: its states, and the moves between them.
//!
//! **Invariant:** case, claim, report, clock and delivery are separate axes; no state of one is
//! spelled in another.

mod vocabulary;

pub use vocabulary::{CaseState, Priority, ProtocolFlag, WorkItemKind};
