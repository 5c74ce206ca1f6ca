//! The audit trail's own use cases: who looked, who was refused, and whether anybody changed what is written.
//!
//! What changes something writes its row in its own transaction. What only looks, and what was refused, has no
//! transaction to write it in; it comes here.
//!
//! **Invariant:** nothing of a patient is handed out before the row that says so is durable.
//!
//! **Invariant:** repetition costs memory, not rows: within one window the same look of the same actor is one row,
//! the same damaged object is one row, and the same refusal is one row and a count. What is remembered is only ever what was written, so a restart or a
//! full memory makes more rows, never fewer.

mod anchors;
mod looks;
mod memory;
mod reading;
mod refusals;

pub use anchors::{AnchorVerdict, TrailVerdict};
pub use memory::Trail;
pub use reading::{TrailQuestion, rows};
pub use refusals::{Asked, Refusal};

pub(crate) use looks::StudyForm;
pub(crate) use memory::Mark;
