//! Use cases: authorise, load, apply the rule, save, announce, audit. One transaction each.
//!
//! Transports and jobs call these and nothing below them; what the use cases need from outside stands
//! in [`ports`].
//!
//! **Invariant:** every use case that touches tenant data takes an [`domain::Actor`] and asks
//! [`App::authorise`] for exactly one permission before it loads anything.

#![deny(missing_docs)]

mod error;
mod lately;
mod settings;

pub mod archive;
pub mod changes;
pub mod export;
pub mod identity;
pub mod integrity;
pub mod jobs;
pub mod nodes;
pub mod operations;
pub mod ports;
pub mod reading;
pub mod renditions;
pub mod trail;
pub mod ups;

use std::sync::Arc;

use domain::{Actor, Clock, Ids, Permission, Randomness};
use store::Store;

pub use error::{AppError, FieldError, RETRY_AFTER_SECONDS};
pub use integrity::HeldRanges;
pub use lately::Lately;
pub use settings::{ColdMedia, Settings};

/// What every use case may reach for.
#[derive(Debug, Clone)]
pub struct App {
    /// The database.
    pub store: Store,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Fresh row ids.
    pub ids: Arc<dyn Ids>,
    /// Secrets.
    pub randomness: Arc<dyn Randomness>,
    /// Immutable objects: originals, renditions, thumbnails, documents.
    pub blobs: Arc<dyn ports::BlobStore>,
    /// A second store that has every original, too.
    pub replica: Option<Arc<dyn ports::BlobStore>>,
    /// A slower store for originals that are seldom asked for.
    pub cold: Option<Arc<dyn ports::BlobStore>>,
    /// The memory that ranges of objects may take while they are checked.
    pub held: Arc<HeldRanges>,
    /// How many instances are indexed at once: each may hold its whole metadata while it is read.
    pub indexing: Arc<tokio::sync::Semaphore>,
    /// What has come and is about to become visible.
    pub commits: Arc<archive::Commits>,
    /// Pixels, decoded and encoded out of this process.
    pub codec: Arc<dyn ports::PixelCodec>,
    /// The same for what nobody waits for.
    pub background_codec: Arc<dyn ports::PixelCodec>,
    /// Other DICOM applications.
    pub peers: Arc<dyn ports::DicomPeers>,
    /// Mail.
    pub mailer: Arc<dyn ports::Mailer>,
    /// Password hashing.
    pub passwords: Arc<dyn ports::PasswordHasher>,
    /// Access tokens.
    pub tokens: Arc<dyn ports::AccessTokens>,
    /// Signatures under checkpoints of the audit trail.
    pub seal: Arc<dyn ports::TrailSeal>,
    /// What this process wrote into the audit trail a short while ago.
    pub trail: Arc<trail::Trail>,
    /// What this process read a moment ago.
    pub lately: Arc<Lately>,
    /// How often a password may be tried.
    pub throttle: Arc<identity::SignInThrottle>,
    /// Report documents.
    pub printer: Arc<dyn ports::ReportPrinter>,
    /// Limits and addresses.
    pub settings: Arc<Settings>,
}

impl App {
    /// As many places for instances that are indexed as one process can bear.
    pub fn indexing_slots() -> Arc<tokio::sync::Semaphore> {
        Arc::new(tokio::sync::Semaphore::new(4))
    }

    /// Errors with `FORBIDDEN` unless `actor` has `permission`.
    pub fn authorise(&self, actor: &Actor, permission: Permission) -> Result<(), AppError> {
        if actor.may(permission) {
            Ok(())
        } else {
            Err(AppError::Forbidden { permission })
        }
    }
}
