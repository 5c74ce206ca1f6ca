//! Whether everything that is stored is whole: what an administrator sees of it.

use chrono::{DateTime, Utc};
use domain::{Actor, Permission, audit::AuditAction};
use store::{AuditFilter, Page};

use crate::{App, AppError};

/// Whether everything a tenant has stored is whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StorageHealth {
    /// Instances that are known to be missing or damaged.
    pub damaged_instances: u64,
    /// Objects the replica has not yet, up to a thousand; none without a replica.
    pub not_replicated: Option<u64>,
    /// When the scrub last finished, and what it found.
    pub verified: Option<(DateTime<Utc>, String)>,
}

impl App {
    /// Whether everything the tenant has stored is whole, as far as is known.
    pub async fn storage_health(&self, actor: &Actor) -> Result<StorageHealth, AppError> {
        const MOST: u64 = 1000;
        self.authorise(actor, Permission::ManageArchive)?;
        let read = self.store.read(actor).await?;
        let not_replicated = match &self.replica {
            Some(_) => Some(read.batches_not_replicated(MOST).await?.len() as u64),
            None => None,
        };
        let filter = AuditFilter {
            actions: vec![AuditAction::ArchiveVerify],
            ..AuditFilter::default()
        };
        let page = Page {
            first: 1,
            after: None,
        };
        let verified = read.audit_trail(&filter, &page).await?.pop();
        Ok(StorageHealth {
            damaged_instances: read.damaged_instances().await?,
            not_replicated,
            verified: verified.map(|row| (row.at, row.detail.unwrap_or_default())),
        })
    }
}
