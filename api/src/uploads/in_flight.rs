//! How many manifests are worked on at once.
//!
//! **Invariant:** the manifests that are being read, judged and written down are never longer together than two
//! of the longest; who would make them so waits, and is sent away when that takes too long.

use std::{sync::Arc, time::Duration};

use domain::ErrorCode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::MAX_MANIFEST_BYTES;
use crate::Problem;

/// How long somebody waits for others' manifests.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// When they may try again.
const TRY_AGAIN_SECONDS: u64 = 5;

/// Room for manifests, in kilobytes.
#[derive(Debug, Clone)]
pub(crate) struct ManifestRoom(Arc<Semaphore>);

impl Default for ManifestRoom {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(
            2 * kilobytes(MAX_MANIFEST_BYTES as u64) as usize,
        )))
    }
}

impl ManifestRoom {
    /// Room for a manifest of so many bytes, or of any length where that is not known.
    ///
    /// Errors: `RATE_LIMITED`.
    pub(super) async fn take(&self, bytes: Option<u64>) -> Result<OwnedSemaphorePermit, Problem> {
        let longest = MAX_MANIFEST_BYTES as u64;
        let needed = kilobytes(bytes.unwrap_or(longest).min(longest));
        let room = Arc::clone(&self.0).acquire_many_owned(needed);
        match tokio::time::timeout(LONGEST_WAIT, room).await {
            Ok(Ok(room)) => Ok(room),
            Ok(Err(_)) | Err(_) => Err(Problem::try_again(
                ErrorCode::RateLimited,
                "too many manifests are being read; try again in a moment",
                TRY_AGAIN_SECONDS,
            )),
        }
    }
}

/// Never none, so that small ones are counted, too.
fn kilobytes(bytes: u64) -> u32 {
    u32::try_from(bytes / 1024 + 1).unwrap_or(u32::MAX)
}
