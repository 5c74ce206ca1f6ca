//! How often this process has written, so that what it read a moment ago can be told to be stale.
//!
//! **Invariant:** a commit is counted after it is visible and before its caller hears of it. Whoever took the count
//! before reading and finds it unchanged knows of every commit of this process that was answered.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use domain::TenantId;

/// What was written of one tenant's up to a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Writes {
    pub(crate) tenant: TenantId,
    own: u64,
    across: u64,
}

/// The counts of a process.
#[derive(Debug, Default)]
pub(crate) struct Written(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    of_tenants: HashMap<TenantId, u64>,
    /// Commits that may have touched any tenant's rows.
    across: u64,
}

impl Written {
    pub fn of(&self, tenant: TenantId) -> Writes {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Writes {
            tenant,
            own: counts.of_tenants.get(&tenant).copied().unwrap_or_default(),
            across: counts.across,
        }
    }

    pub fn count(&self, tenant: TenantId) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.of_tenants.entry(tenant).or_default() += 1;
    }

    pub fn count_across(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).across += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_write_is_seen_by_those_whom_it_may_concern() {
        let written = Written::default();
        let [one, other] = [1, 2].map(|n| TenantId::from_uuid(Uuid::from_u128(n)));
        let before = [one, other].map(|tenant| written.of(tenant));
        assert_ne!(before[0], before[1], "counts of two tenants are never the same");

        written.count(one);
        assert_ne!(written.of(one), before[0]);
        assert_eq!(written.of(other), before[1]);

        written.count_across();
        assert_ne!(written.of(other), before[1]);
    }
}
