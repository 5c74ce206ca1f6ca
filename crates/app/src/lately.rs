//! What was read from the database a moment ago, for what is asked for hundreds of times a second.
//!
//! A viewer that pages through a series asks for each frame with the same token, and for each frame of a loop in the
//! same instance. Who that is, whose tenant, and where the frames lie need not be looked up each time.
//!
//! **Invariant:** nothing is remembered for longer than [`FRESH`], nor beyond a commit of this process that could make
//! it untrue. What another process writes is seen a second later at the most.

use std::{fmt, hash::Hash, sync::Arc, time::Duration};

use domain::TenantId;
use moka::sync::Cache;
use store::{Store, Writes};

use crate::{
    archive::{ArchiveAddress, FramedImage},
    identity::KnownCaller,
};

/// So long what another process may have changed is believed.
const FRESH: Duration = Duration::from_secs(1);
/// So many callers, and so many tenants, are remembered.
const CALLERS: u64 = 10_000;
/// So many bytes of what tells where frames lie are remembered.
const FRAMES_BYTES: u64 = 32 << 20;

/// What this process read a moment ago.
#[derive(Debug)]
pub struct Lately {
    /// Who stands behind a token, by its SHA-256.
    pub(crate) callers: Recent<[u8; 32], KnownCaller>,
    /// What tenants are called in addresses.
    pub(crate) slugs: Recent<TenantId, String>,
    /// Images whose frames were asked for.
    pub(crate) frames: Recent<(TenantId, ArchiveAddress), Arc<FramedImage>>,
}

impl Default for Lately {
    fn default() -> Self {
        Self {
            callers: Recent::new(CALLERS, |_| 1),
            slugs: Recent::new(CALLERS, |_| 1),
            frames: Recent::new(FRAMES_BYTES, |image| image.weight()),
        }
    }
}

/// Values by what they are asked for with.
pub(crate) struct Recent<K, V>(Cache<K, (Writes, V)>);

impl<K, V> fmt::Debug for Recent<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recent").finish_non_exhaustive()
    }
}

impl<K, V> Recent<K, V>
where
    K: Hash + Eq + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// Remembers as much as weighs `most`.
    fn new(most: u64, weigh: fn(&V) -> u32) -> Self {
        let entries = Cache::builder()
            .max_capacity(most)
            .weigher(move |_, (_, value)| weigh(value))
            .time_to_live(FRESH);
        Self(entries.build())
    }

    /// What was read, unless something was written since.
    pub fn get(&self, key: &K, store: &Store) -> Option<V> {
        let (writes, value) = self.0.get(key)?;
        store.has_not_written_since(writes).then_some(value)
    }

    /// Remembers what was read after `writes` had been counted.
    pub fn keep(&self, key: K, writes: Writes, value: V) {
        self.0.insert(key, (writes, value));
    }
}
