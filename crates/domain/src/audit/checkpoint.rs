//! A statement about the trail that is kept outside the database.
//!
//! **Invariant:** a checkpoint is signed and written once. A trail that no longer holds the row a checkpoint
//! names, under the hash it names, was changed.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::TenantId;

/// The trail of `tenant` had reached `sequence` with `hash` at a moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Whose trail.
    pub tenant: TenantId,
    /// The place of its newest row.
    pub sequence: i64,
    /// That row's hash, which covers all rows before it; in hexadecimal digits.
    pub hash: String,
    /// When this was stated.
    pub at: DateTime<Utc>,
}

/// How a checkpoint and the trail agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    /// The trail holds the row under that hash.
    Held,
    /// The trail has another row there, or none.
    Contradicted,
}

impl Checkpoint {
    /// A statement about the row at `sequence`.
    pub fn new(tenant: TenantId, sequence: i64, hash: &[u8], at: DateTime<Utc>) -> Self {
        Self {
            tenant,
            sequence,
            hash: hex(hash),
            at,
        }
    }

    /// Compares with the hash of the trail's row of that sequence, if there is one.
    pub fn compare(&self, row_hash: Option<&[u8]>) -> Agreement {
        match row_hash {
            Some(hash) if hex(hash) == self.hash => Agreement::Held,
            _ => Agreement::Contradicted,
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn only_the_same_row_under_the_same_hash_agrees() {
        let tenant = TenantId::from_uuid(Uuid::nil());
        let checkpoint = Checkpoint::new(tenant, 7, &[1; 32], DateTime::UNIX_EPOCH);
        assert_eq!(checkpoint.compare(Some(&[1; 32])), Agreement::Held);
        assert_eq!(checkpoint.compare(Some(&[2; 32])), Agreement::Contradicted);
        assert_eq!(checkpoint.compare(None), Agreement::Contradicted);
    }
}
