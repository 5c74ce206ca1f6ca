//! One part of a request as it was received: what is judged, stored and told of.

use dicom::{Uid, stow::WarningReason};
use domain::ErrorCode;

use super::{batch_file::SpooledInstance, verdict::Verdict};

/// One part as it was received.
#[derive(Debug)]
pub(super) struct Part {
    /// What the sender calls it, or its place in the request.
    pub name: String,
    /// The SOP Instance UID the sender says it has.
    pub claimed_uid: Option<Uid>,
    /// How many bytes it has.
    pub length: u64,
    /// What they hash to.
    pub sha256: [u8; 32],
    /// The verdict by which its bytes were left out of the object; none while they are in it.
    pub left_out: Option<Verdict>,
    /// What was changed on its way from what the sender said.
    pub warning: Option<WarningReason>,
    /// The instance in it, or why there is none.
    pub content: Result<Box<SpooledInstance>, (ErrorCode, String)>,
}
