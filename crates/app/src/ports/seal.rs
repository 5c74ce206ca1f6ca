//! Signatures under checkpoints of the audit trail.

use std::fmt;

use domain::audit::Checkpoint;

use super::TokenError;

/// Signs checkpoints, and knows its own again.
pub trait TrailSeal: Send + Sync + fmt::Debug {
    /// The checkpoint with a signature, as text.
    fn seal(&self, checkpoint: &Checkpoint) -> Result<String, TokenError>;

    /// The checkpoint of a text that this key signed.
    fn open(&self, sealed: &str) -> Result<Checkpoint, TokenError>;
}
