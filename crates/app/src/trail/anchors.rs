//! Checkpoints of the trail in the object store, where who can write the database cannot reach.
//!
//! **Invariant:** a checkpoint is written only over rows that were recomputed from the newest checkpoint on. A trail
//! that was cut, or cut and grown again, therefore gets no new one, and its newest keeps contradicting it.

use chrono::{DateTime, Utc};
use domain::{
    Actor, Permission, TenantId,
    audit::{Agreement, AuditAction, AuditEvent, Checkpoint, GENESIS},
};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use store::{ChainVerdict, TenantRead};

use crate::{App, AppError, jobs::program_actor, ports::ObjectKey};

/// A verification compares so many of the newest checkpoints.
const COMPARED: usize = 100;
/// Checkpoints fetched at a time.
const AT_ONCE: usize = 8;

/// What comparing the trail with its checkpoints found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AnchorVerdict {
    /// How many checkpoints were compared.
    pub compared: u32,
    /// Checkpoints whose signature or content is not ours.
    pub unreadable: u32,
    /// The place and time of the newest one that is ours.
    pub newest: Option<(i64, DateTime<Utc>)>,
    /// The place of the earliest row that a checkpoint names and that is no longer there as it was.
    pub first_contradicted: Option<i64>,
}

/// What verifying the trail found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrailVerdict {
    /// Within the database: whether every row follows from the one before it.
    pub chain: ChainVerdict,
    /// Against the checkpoints outside it.
    pub anchors: AnchorVerdict,
}

impl TrailVerdict {
    /// Whether nothing speaks against the trail.
    pub fn is_intact(&self) -> bool {
        self.chain.first_broken.is_none()
            && self.anchors.first_contradicted.is_none()
            && self.anchors.unreadable == 0
    }

    /// The verdict in a line, for the trail and the command line.
    pub fn summary(&self) -> String {
        let chain = match self.chain.first_broken {
            None => format!("chain of {} rows whole", self.chain.events),
            Some(sequence) => format!("chain broken at row {sequence}"),
        };
        let anchors = &self.anchors;
        let anchors = match (anchors.first_contradicted, anchors.unreadable) {
            (Some(sequence), _) => format!("row {sequence} is not what a checkpoint says"),
            (None, 0) => format!("{} checkpoints agree", anchors.compared),
            (None, unreadable) => format!("{unreadable} of {} checkpoints are not ours", anchors.compared),
        };
        format!("{chain}; {anchors}")
    }
}

/// A checkpoint as it was found; none when it is not ours.
type Found = Option<Checkpoint>;

impl App {
    /// Recomputes the hash chain of the tenant's whole trail and compares it with the checkpoints. That it was done,
    /// and what came out, is a row.
    pub async fn verify_audit_trail(&self, actor: &Actor) -> Result<TrailVerdict, AppError> {
        self.authorise(actor, Permission::ViewAudit)?;
        // The checkpoints first: what is written after them is none of theirs.
        let found = self.newest_checkpoints(actor.tenant(), COMPARED).await?;
        let read = self.store.read(actor).await?;
        let verdict = TrailVerdict {
            chain: read.verify_audit_trail().await?,
            anchors: compare(&read, &found).await?,
        };
        drop(read);
        let event = AuditEvent::of(actor, self.clock.now(), AuditAction::AuditVerify, "audit trail")
            .detail(verdict.summary());
        let intact = verdict.is_intact();
        if !intact {
            tracing::error!(tenant.id = %actor.tenant(), "the audit trail was changed");
        }
        self.audit_alone(actor, if intact { event } else { event.denied() })
            .await?;
        Ok(verdict)
    }

    /// Writes a checkpoint of every trail that has grown; gives their number. A trail that does not follow from its
    /// newest checkpoint gets none, and is reported.
    pub async fn checkpoint_trails(&self) -> Result<u64, AppError> {
        let tenants = self.store.read_sign_in().await?.audited_tenants().await?;
        let (mut made, mut broken) = (0, 0);
        for tenant in tenants {
            match self.checkpoint_trail(tenant).await? {
                Checkpointed::Made => made += 1,
                Checkpointed::Unchanged => {}
                Checkpointed::Broken => broken += 1,
            }
        }
        metrics::gauge!("telerad_audit_trails_broken").set(f64::from(broken));
        Ok(made)
    }

    async fn checkpoint_trail(&self, tenant: TenantId) -> Result<Checkpointed, AppError> {
        let read = self.store.read(&program_actor(tenant)).await?;
        let Some((sequence, hash)) = read.audit_head().await? else {
            return Ok(Checkpointed::Unchanged);
        };
        if self.trail.checkpoint_of(tenant) == Some(sequence) {
            return Ok(Checkpointed::Unchanged);
        }
        let newest = self.newest_checkpoints(tenant, 1).await?;
        if !follows(&read, newest.first()).await? {
            tracing::error!(tenant.id = %tenant, "the audit trail does not follow from its checkpoint");
            return Ok(Checkpointed::Broken);
        }
        drop(read);
        let newest = newest.into_iter().flatten().next();
        if newest.is_some_and(|newest| newest.sequence == sequence) {
            self.trail.checkpointed(tenant, sequence);
            return Ok(Checkpointed::Unchanged);
        }
        let checkpoint = Checkpoint::new(tenant, sequence, &hash, self.clock.now());
        let key = ObjectKey::checkpoint(tenant, sequence, self.ids.next());
        self.blobs.put(&key, self.seal.seal(&checkpoint)?.into()).await?;
        self.trail.checkpointed(tenant, sequence);
        Ok(Checkpointed::Made)
    }

    /// The newest `most` checkpoints of a tenant, newest first.
    async fn newest_checkpoints(&self, tenant: TenantId, most: usize) -> Result<Vec<Found>, AppError> {
        let folder = ObjectKey::checkpoints(tenant);
        let mut names = self.blobs.list(&folder).await?;
        // Names begin with the sequence in a fixed number of digits.
        names.sort_unstable_by(|one, other| other.cmp(one));
        names.truncate(most);
        stream::iter(names)
            .map(|name| self.checkpoint(tenant, &folder, name))
            .buffered(AT_ONCE)
            .try_collect()
            .await
    }

    async fn checkpoint(
        &self,
        tenant: TenantId,
        folder: &ObjectKey,
        name: String,
    ) -> Result<Found, AppError> {
        let Some(key) = ObjectKey::stored(tenant, format!("{folder}/{name}")) else {
            return Ok(None);
        };
        let sealed = self.blobs.get(&key).await?;
        let opened = std::str::from_utf8(&sealed)
            .ok()
            .and_then(|sealed| self.seal.open(sealed).ok());
        // Signed by us, but moved here from another tenant or another place in the order?
        Ok(opened.filter(|checkpoint| {
            checkpoint.tenant == tenant
                && name.starts_with(&ObjectKey::checkpoint_number(checkpoint.sequence))
        }))
    }
}

/// What became of one trail.
enum Checkpointed {
    Made,
    Unchanged,
    Broken,
}

/// Whether the trail follows from its newest checkpoint.
async fn follows(read: &TenantRead, newest: Option<&Found>) -> Result<bool, AppError> {
    let (sequence, hash) = match newest {
        None => (0, GENESIS),
        Some(None) => return Ok(false),
        Some(Some(checkpoint)) => {
            let held = read.audit_hash_at(checkpoint.sequence).await?;
            if checkpoint.compare(held.as_deref()) == Agreement::Contradicted {
                return Ok(false);
            }
            match held.and_then(|hash| hash.try_into().ok()) {
                Some(hash) => (checkpoint.sequence, hash),
                None => return Ok(false),
            }
        }
    };
    let behind = read.verify_audit_after(sequence, hash).await?;
    Ok(behind.first_broken.is_none())
}

async fn compare(read: &TenantRead, found: &[Found]) -> Result<AnchorVerdict, AppError> {
    let mut verdict = AnchorVerdict {
        compared: u32::try_from(found.len()).unwrap_or(u32::MAX),
        ..AnchorVerdict::default()
    };
    for checkpoint in found {
        let Some(checkpoint) = checkpoint else {
            verdict.unreadable += 1;
            continue;
        };
        let newest = verdict.newest.get_or_insert((checkpoint.sequence, checkpoint.at));
        *newest = (*newest).max((checkpoint.sequence, checkpoint.at));
        let row_hash = read.audit_hash_at(checkpoint.sequence).await?;
        if checkpoint.compare(row_hash.as_deref()) == Agreement::Contradicted {
            let first = verdict.first_contradicted.get_or_insert(checkpoint.sequence);
            *first = (*first).min(checkpoint.sequence);
        }
    }
    Ok(verdict)
}
