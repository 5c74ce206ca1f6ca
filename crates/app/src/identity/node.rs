//! From a request for an association to an actor.

use std::net::IpAddr;

use domain::{
    Actor, DicomNodeId, ErrorCode, FacilityScope, NodeRight, Origin, Principal, TenantId, dicom_node::Caller,
};
use store::DicomNodeRow;
use uuid::Uuid;

use crate::{
    App, AppError,
    trail::{Asked, Refusal},
};

/// Somebody who asks for an association.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calling {
    /// What they call themselves.
    pub calling: String,
    /// What they call us.
    pub called: String,
    /// Where they come from.
    pub address: IpAddr,
    /// Whether the connection is encrypted.
    pub is_encrypted: bool,
    /// The SHA-256 of the certificate they proved to have.
    pub certificate_sha256: Option<[u8; 32]>,
    /// What their software calls itself.
    pub implementation: String,
}

/// Who was let in.
#[derive(Debug, Clone)]
pub struct Admitted {
    /// Who acts on the association.
    pub actor: Actor,
    /// The node they are.
    pub node: DicomNodeRow,
}

/// Why nobody was let in. It says nothing about titles that are another's: a called title that does not exist and
/// one the caller does not belong to are the same.
#[derive(Debug, thiserror::Error)]
pub enum Unknown {
    /// We know no such caller, or not from there.
    #[error("the caller is not known")]
    Caller,
    /// We know the caller, and not by the title it called.
    #[error("the called title is not the caller's")]
    Called,
    /// It could not be found out.
    #[error(transparent)]
    Failed(#[from] AppError),
}

impl App {
    /// Who asks for an association, when it is a node that may.
    pub async fn admit_node(&self, calling: &Calling) -> Result<Admitted, Unknown> {
        let caller = Caller {
            title: &calling.calling,
            address: calling.address,
            is_encrypted: calling.is_encrypted,
            certificate: calling.certificate_sha256,
        };
        let platform = self.store.read_sign_in().await.map_err(AppError::from)?;
        let tenant = platform
            .tenant_of_called_title(&calling.called)
            .await
            .map_err(AppError::from)?;
        let known_elsewhere = platform
            .dicom_nodes_of_peer(&calling.calling)
            .await
            .map_err(AppError::from)?;
        drop(platform);
        if let Some(tenant) = tenant {
            if let Some(node) = self.node_of(tenant, calling, &caller).await? {
                return Ok(admitted(tenant, node, calling));
            }
            self.record_turned_away(tenant, calling).await;
        }
        let is_known = known_elsewhere
            .iter()
            .any(|node| node.is_enabled && node.recognition().recognises(&caller));
        Err(if is_known {
            Unknown::Called
        } else {
            Unknown::Caller
        })
    }

    async fn node_of(
        &self,
        tenant: TenantId,
        calling: &Calling,
        caller: &Caller<'_>,
    ) -> Result<Option<DicomNodeRow>, AppError> {
        let tx = self.store.read(&Actor::system(tenant, None)).await?;
        let nodes = tx
            .dicom_nodes_of_titles(&calling.called, &calling.calling)
            .await?;
        Ok(nodes
            .into_iter()
            .find(|node| node.is_enabled && node.recognition().recognises(caller)))
    }

    /// Records that somebody called a tenant's title and was turned away. They get in with nothing: the actor serves
    /// the trail alone.
    async fn record_turned_away(&self, tenant: TenantId, calling: &Calling) {
        let principal = Principal::Node {
            id: DicomNodeId::from_uuid(Uuid::nil()),
            name: calling.calling.clone(),
            rights: Vec::new(),
        };
        let nothing = FacilityScope::Only(Vec::new());
        let actor = Actor::verified(tenant, principal, nothing, origin(calling));
        let refusal = Refusal {
            request: format!("association {} to {}", calling.calling, calling.called),
            asked: Asked::Nothing,
            code: ErrorCode::NotAuthenticated,
        };
        self.record_refusal(&actor, refusal).await;
    }
}

fn origin(calling: &Calling) -> Origin {
    Origin {
        address: Some(calling.address.to_string()),
        user_agent: Some(
            format!("{} {}", calling.calling, calling.implementation)
                .trim()
                .to_owned(),
        ),
    }
}

fn admitted(tenant: TenantId, node: DicomNodeRow, calling: &Calling) -> Admitted {
    let principal = Principal::Node {
        id: node.id,
        name: node.name.clone(),
        rights: node.rights.clone(),
    };
    let facility = FacilityScope::Only(vec![node.facility]);
    Admitted {
        actor: Actor::verified(tenant, principal, facility, origin(calling)),
        node,
    }
}

/// Who stores what `actor` fetches from a node: the node, as if it had come by itself, with that one right.
pub(crate) fn node_actor(actor: &Actor, node: &DicomNodeRow) -> Actor {
    let principal = Principal::Node {
        id: node.id,
        name: node.name.clone(),
        rights: vec![NodeRight::Store],
    };
    let facility = FacilityScope::Only(vec![node.facility]);
    Actor::verified(actor.tenant(), principal, facility, Origin::default())
}
