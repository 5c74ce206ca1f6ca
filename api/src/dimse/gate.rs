//! Who comes in.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use app::{
    App,
    nodes::{Calling, Unknown},
};
use dimse::{Handler, Proposal, Rejection};
use domain::TenantId;

use super::{DimseOptions, session::NodeSession};

/// Lets nodes in, each tenant's up to its limit.
#[derive(Debug, Clone)]
pub(super) struct Gate {
    app: App,
    options: DimseOptions,
    inside: Arc<Mutex<HashMap<TenantId, usize>>>,
}

/// A place inside, given back when it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    inside: Arc<Mutex<HashMap<TenantId, usize>>>,
    tenant: TenantId,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = inside.get_mut(&self.tenant) {
            *count -= 1;
            if *count == 0 {
                inside.remove(&self.tenant);
            }
        }
    }
}

impl Gate {
    pub fn new(app: App, options: DimseOptions) -> Self {
        Self {
            app,
            options,
            inside: Arc::default(),
        }
    }

    fn place(&self, tenant: TenantId) -> Option<Place> {
        let mut inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        let count = inside.entry(tenant).or_default();
        if *count >= self.options.max_tenant_associations {
            return None;
        }
        *count += 1;
        Some(Place {
            inside: Arc::clone(&self.inside),
            tenant,
        })
    }
}

impl Handler for Gate {
    type Session = NodeSession;

    async fn admit(&self, proposal: Proposal) -> Result<NodeSession, Rejection> {
        let calling = Calling {
            calling: proposal.calling.to_string(),
            called: proposal.called.to_string(),
            address: proposal.peer.address.ip(),
            is_encrypted: proposal.peer.is_encrypted,
            certificate_sha256: proposal.peer.certificate_sha256,
            implementation: proposal.implementation,
        };
        let admitted = match self.app.admit_node(&calling).await {
            Ok(admitted) => admitted,
            Err(Unknown::Caller) => return Err(Rejection::CallingNotRecognised),
            Err(Unknown::Called) => return Err(Rejection::CalledNotRecognised),
            Err(Unknown::Failed(error)) => {
                tracing::error!(error = %error, "an association could not be judged");
                return Err(Rejection::TemporaryCongestion);
            }
        };
        let place = self
            .place(admitted.actor.tenant())
            .ok_or(Rejection::LocalLimitExceeded)?;
        Ok(NodeSession::new(
            self.app.clone(),
            admitted,
            proposal.called,
            self.options.clone(),
            place,
        ))
    }
}
