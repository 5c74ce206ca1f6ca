//! The wake-up of whoever waits for changes or jobs.

use domain::TenantId;

/// What a listener is woken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeedSignal {
    /// A tenant's change feed grew.
    Changed(TenantId),
    /// Jobs were queued.
    JobsQueued,
}
