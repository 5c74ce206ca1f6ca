//! Taking connections: who asks for an association is admitted or told why not, and then served.
//!
//! **Invariant:** there are never more connections than the settings say, each with its limits: what all of them
//! hold is bounded.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use crate::{
    AssociateRequest, Association, Failure, Handler, Limits, Pdu, Peer, Proposal, Rejection,
    limits::MAX_ASSOCIATE_BYTES, negotiation::agree, pdu::APPLICATION_CONTEXT, scp::Serving, tls::ServerTls,
    wire::Wire,
};

/// Connections beyond the associations that may stay, for as long as it takes to say that they may not.
const WAITING_CONNECTIONS: usize = 32;
/// After an error of the listener, such as having no descriptor left, it rests for so long.
const REST: Duration = Duration::from_millis(200);

/// How a server takes connections.
#[derive(Debug, Clone)]
pub struct ServerSettings {
    /// The limits of each association.
    pub limits: Limits,
    /// So many associations at a time.
    pub max_associations: usize,
    /// How connections are encrypted, if they are.
    pub tls: Option<ServerTls>,
    /// What is under way when the server stops may take so long.
    pub drain: Duration,
}

impl Default for ServerSettings {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            max_associations: 64,
            tls: None,
            drain: Duration::from_secs(8),
        }
    }
}

/// Serves connections until `stop`; then messages under way may come to their end.
pub async fn serve<H: Handler>(
    listener: TcpListener,
    handler: H,
    settings: ServerSettings,
    stop: CancellationToken,
) {
    let server = Arc::new(Server {
        associations: Arc::new(Semaphore::new(settings.max_associations)),
        connections: Arc::new(Semaphore::new(settings.max_associations + WAITING_CONNECTIONS)),
        handler,
        settings,
    });
    let mut tasks = JoinSet::new();
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            Some(_) = tasks.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((connection, address)) => {
                    let Ok(place) = Arc::clone(&server.connections).try_acquire_owned() else {
                        metrics::counter!("telerad_dimse_connections_dropped_total").increment(1);
                        continue;
                    };
                    tasks.spawn(Arc::clone(&server).connection(connection, address, place, stop.clone()));
                }
                Err(error) => {
                    tracing::warn!(error = %error, "cannot take a DICOM connection");
                    tokio::time::sleep(REST).await;
                }
            },
        }
    }
    drop(listener);
    let ended = timeout(server.settings.drain, async {
        while tasks.join_next().await.is_some() {}
    });
    if ended.await.is_err() {
        tracing::warn!("associations were cut off");
    }
}

struct Server<H> {
    handler: H,
    settings: ServerSettings,
    associations: Arc<Semaphore>,
    connections: Arc<Semaphore>,
}

impl<H: Handler> Server<H> {
    async fn connection(
        self: Arc<Self>,
        connection: TcpStream,
        address: SocketAddr,
        _place: OwnedSemaphorePermit,
        stop: CancellationToken,
    ) {
        let ended = self.serve_connection(connection, address, stop).await;
        let outcome = match &ended {
            Ok(()) => "released",
            Err(failure) => failure.name(),
        };
        metrics::counter!("telerad_dimse_associations_total", "outcome" => outcome).increment(1);
        if let Err(failure) = ended {
            tracing::debug!(error = %failure, peer.address = %address, "an association ended");
        }
    }

    async fn serve_connection(
        &self,
        connection: TcpStream,
        address: SocketAddr,
        stop: CancellationToken,
    ) -> Result<(), Failure> {
        connection.set_nodelay(true)?;
        let limits = self.settings.limits;
        let mut peer = Peer {
            address,
            is_encrypted: false,
            certificate_sha256: None,
        };
        let wire = match &self.settings.tls {
            None => Wire::new(connection, MAX_ASSOCIATE_BYTES, limits),
            Some(tls) => {
                let (stream, certificate) = timeout(limits.artim, tls.accept(connection))
                    .await
                    .map_err(|_| Failure::TimedOut("agree on encryption"))??;
                peer.is_encrypted = true;
                peer.certificate_sha256 = certificate;
                Wire::new(stream, MAX_ASSOCIATE_BYTES, limits)
            }
        };
        self.associate(wire, peer, stop).await
    }

    async fn associate(&self, mut wire: Wire, peer: Peer, stop: CancellationToken) -> Result<(), Failure> {
        let request = match requested(&mut wire).await {
            Ok(request) => request,
            Err(failure) => {
                if let Some(abort) = failure.abort() {
                    wire.write(&Pdu::Abort(abort)).await?;
                }
                wire.close().await;
                return Err(failure);
            }
        };
        let (proposal, place) = match self.proposal(&request, peer) {
            Ok(proposal) => proposal,
            Err(rejection) => return reject(wire, rejection).await,
        };
        let titles = (proposal.calling.clone(), proposal.called.clone());
        let session = match self.handler.admit(proposal).await {
            Ok(session) => session,
            Err(rejection) => return reject(wire, rejection).await,
        };
        let limits = self.settings.limits;
        let agreement = agree(&request, &session, limits.max_pdu_bytes)?;
        wire.take_up_to(limits.max_pdu_bytes);
        wire.write(&Pdu::AssociateAccept(agreement.accept)).await?;
        let association = Association::new(wire, titles, agreement.contexts, agreement.fragment_bytes);
        let gauge = metrics::gauge!("telerad_dimse_associations");
        gauge.increment(1);
        let ended = Serving::new(association, session).run(stop).await;
        gauge.decrement(1);
        drop(place);
        ended
    }

    /// What the handler is asked, when there is room for another association at all.
    fn proposal(
        &self,
        request: &AssociateRequest,
        peer: Peer,
    ) -> Result<(Proposal, OwnedSemaphorePermit), Rejection> {
        if request.protocol_version & 1 == 0 {
            return Err(Rejection::ProtocolVersionNotSupported);
        }
        if request.application_context != APPLICATION_CONTEXT {
            return Err(Rejection::ApplicationContextNotSupported);
        }
        let proposal = Proposal {
            called: request.called().ok_or(Rejection::CalledNotRecognised)?,
            calling: request.calling().ok_or(Rejection::CallingNotRecognised)?,
            peer,
            implementation: request.user.implementation_version_name.clone(),
        };
        let place = Arc::clone(&self.associations).try_acquire_owned();
        Ok((proposal, place.map_err(|_| Rejection::LocalLimitExceeded)?))
    }
}

/// The request, whole before ARTIM ends.
async fn requested(wire: &mut Wire) -> Result<AssociateRequest, Failure> {
    let artim = wire.limits().artim;
    let first = timeout(artim, wire.read(artim)).await;
    match first.map_err(|_| Failure::TimedOut("ask for an association"))?? {
        Pdu::AssociateRequest(request) => Ok(request),
        Pdu::Abort(abort) => Err(Failure::Aborted(abort)),
        _ => Err(Failure::Protocol(
            "something else than a request for an association",
        )),
    }
}

async fn reject(mut wire: Wire, rejection: Rejection) -> Result<(), Failure> {
    wire.write(&Pdu::AssociateReject(rejection)).await?;
    wire.close().await;
    Err(Failure::Rejected(rejection))
}
