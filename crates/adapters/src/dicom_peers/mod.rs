//! Nodes that we call: how they are reached.

mod calls;
mod fetching;

use std::sync::Arc;

use app::nodes::rows::DicomNodeRow;
pub use calls::report_of;
use dimse::{AeTitle, ClientTls, Destination, Identity, Limits, Reach, TlsError};
use domain::dicom_node::AddressRange;

/// What all connections to nodes have in common.
#[derive(Debug, Clone, Default)]
pub struct Peers {
    /// How long to wait for what.
    pub limits: Limits,
    /// Our certificate, shown to nodes that ask for one.
    pub identity: Option<Arc<Identity>>,
    /// Who signs the certificates of nodes that have none pinned, as PEM.
    pub authorities: Option<Arc<[u8]>>,
    /// The networks that nodes may be called in; any when there is none. Whoever describes a node chooses where we
    /// connect to, and on a platform of many tenants that must not be everywhere.
    pub networks: Arc<[AddressRange]>,
}

/// Why a node cannot be called.
#[derive(Debug, thiserror::Error)]
pub enum NoDestination {
    /// Nobody said where it listens.
    #[error("the node has no address")]
    Address,
    /// A title that is none.
    #[error("the node's titles are none")]
    Title,
    /// Encryption cannot be set up.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

impl Peers {
    fn reach(&self) -> Option<Reach> {
        if self.networks.is_empty() {
            return None;
        }
        let networks = Arc::clone(&self.networks);
        let contains = move |address| networks.iter().any(|network| network.contains(address));
        Some(Reach(Arc::new(contains)))
    }

    /// Where and how a node is called.
    pub fn destination(&self, node: &DicomNodeRow) -> Result<Destination, NoDestination> {
        let (host, port) = node.address.clone().ok_or(NoDestination::Address)?;
        let title = |text: &str| AeTitle::parse(text).map_err(|_| NoDestination::Title);
        let tls = if node.uses_tls {
            let pinned = node.certificates.clone();
            Some(Arc::new(ClientTls::new(
                self.identity.as_deref(),
                pinned,
                self.authorities.as_deref(),
            )?))
        } else {
            None
        };
        Ok(Destination {
            host,
            port,
            tls,
            called: title(&node.peer_title)?,
            calling: title(&node.called_title)?,
            limits: self.limits,
            reach: self.reach(),
        })
    }
}
