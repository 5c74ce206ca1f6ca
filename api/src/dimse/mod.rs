//! DICOM associations: from messages to use cases.
//!
//! **Invariant:** an association acts as the node it was admitted as, for that node's facility alone.

mod answer;
mod gate;
mod question;
mod session;
mod status;
mod store;

use adapters::dicom_peers::Peers;
use app::App;
use dimse::ServerSettings;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use gate::Gate;

/// Serves associations, on any number of listeners.
#[derive(Debug, Clone)]
pub struct Dimse(Gate);

impl Dimse {
    /// Serves what `app` offers.
    pub fn new(app: App, options: DimseOptions) -> Self {
        Self(Gate::new(app, options))
    }

    /// Serves a listener until `stop`.
    pub async fn serve(
        self,
        listener: std::net::TcpListener,
        settings: ServerSettings,
        stop: CancellationToken,
    ) -> std::io::Result<()> {
        listener.set_nonblocking(true)?;
        let listener = TcpListener::from_std(listener)?;
        dimse::serve(listener, self.0, settings, stop).await;
        Ok(())
    }
}

/// How associations are served.
#[derive(Debug, Clone)]
pub struct DimseOptions {
    /// So many associations of one tenant at a time, over all listeners of the process.
    pub max_tenant_associations: usize,
    /// How other nodes are called, for C-MOVE.
    pub peers: Peers,
}

impl Default for DimseOptions {
    fn default() -> Self {
        Self {
            max_tenant_associations: 32,
            peers: Peers::default(),
        }
    }
}
