//! What an association may take and how long it may wait.

use std::time::Duration;

/// Limits of one association.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The longest P-DATA-TF body we take, as we tell the peer.
    pub max_pdu_bytes: u32,
    /// An A-ASSOCIATE-RQ must be whole so soon after the connection, and a connection gone so soon after its
    /// end (PS3.8 §9.1.5: ARTIM).
    pub artim: Duration,
    /// Between two messages a peer may say nothing for so long.
    pub idle: Duration,
    /// Within a message, and for a PDU that has begun, it must go on so soon.
    pub pdu: Duration,
    /// A peer must take what we send so soon.
    pub write: Duration,
    /// So soon a peer that we ask must answer; a PACS that searches takes its time.
    pub answer: Duration,
    /// So soon a connection to a peer must be there.
    pub connect: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_pdu_bytes: 256 << 10,
            artim: Duration::from_secs(30),
            idle: Duration::from_secs(120),
            pdu: Duration::from_secs(60),
            write: Duration::from_secs(60),
            answer: Duration::from_secs(300),
            connect: Duration::from_secs(10),
        }
    }
}

/// The longest A-ASSOCIATE body: 128 contexts with 40 transfer syntaxes each have 200 KiB.
pub(crate) const MAX_ASSOCIATE_BYTES: u32 = 256 << 10;
/// Whatever a peer takes, we send it no longer bodies: they are held in memory.
pub(crate) const MAX_SENT_PDU_BYTES: usize = 256 << 10;
/// A peer that takes less than this cannot be spoken with.
pub(crate) const MIN_SENT_PDU_BYTES: usize = 128;
