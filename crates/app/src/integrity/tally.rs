//! What a scrub finds, and what it comes to.

use serde::Serialize;

/// What is wrong with something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// A row names it and it is not there.
    Missing,
    /// It holds other bytes than its rows promise.
    Damaged,
    /// No row names it.
    Orphan,
    /// The store could not be asked.
    Unread,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What.
    pub trouble: Trouble,
    /// The object.
    pub object: String,
    /// What in it, or what it is of, by id.
    pub of: Option<String>,
    /// What was done about it, or how it stands.
    pub note: Option<String>,
}

/// What a scrub looked at and found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct VerifyTally {
    /// Objects that rows name.
    pub objects: u64,
    /// Instances whose bytes were compared.
    pub instances: u64,
    /// Bytes that were read.
    pub bytes: u64,
    /// Objects that are not there.
    pub missing: u64,
    /// Instances, derived objects and documents that are damaged.
    pub damaged: u64,
    /// Objects that nobody names.
    pub orphans: u64,
    /// Objects of which the store could not be asked.
    pub unread: u64,
    /// Objects on media that are not at hand: nobody can say how they are.
    pub away: u64,
    /// Findings that were put right.
    pub fixed: u64,
}

impl VerifyTally {
    /// Whether there was nothing to find.
    pub fn is_clean(&self) -> bool {
        self.missing + self.damaged + self.orphans + self.unread == 0
    }

    /// What came out, in a line.
    pub fn summary(&self) -> String {
        format!(
            "{} objects, {} instances, {} bytes: {} missing, {} damaged, {} orphans, {} unread, {} not at hand, {} put right",
            self.objects,
            self.instances,
            self.bytes,
            self.missing,
            self.damaged,
            self.orphans,
            self.unread,
            self.away,
            self.fixed
        )
    }
}
