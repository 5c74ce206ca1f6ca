//! The HTTP server: built, run and stopped without dropping what it has begun.

use std::{
    future::Future,
    io,
    net::{SocketAddr, TcpListener},
};

use actix_web::{
    App, Error, HttpServer,
    body::MessageBody,
    dev::{ServiceFactory, ServiceRequest, ServiceResponse},
    middleware::from_fn,
    web,
};

use crate::{ApiState, all_routes::register_all, cors, observe::observe, refusals};

/// Everything we answer, as an actix application; for the server and for tests.
pub fn application(
    state: &ApiState,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody + use<>>,
        Error = Error,
        InitError = (),
    > + use<>,
> {
    App::new()
        .app_data(web::Data::new(state.clone()))
        .app_data(web::Data::new(state.app.clone()))
        .configure(register_all)
        .wrap(from_fn(refusals::record))
        .wrap(from_fn(cors::allow))
        .wrap(from_fn(observe))
}

/// A server that holds its port and is not yet running.
pub struct Server {
    server: actix_web::dev::Server,
    state: ApiState,
    addresses: Vec<SocketAddr>,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server")
            .field("addresses", &self.addresses)
            .finish_non_exhaustive()
    }
}

impl Server {
    /// Takes the port the options name.
    pub fn bind(state: ApiState) -> io::Result<Self> {
        let listener = TcpListener::bind(state.options.listen)?;
        Self::listen(state, listener)
    }

    /// Serves on a port that was taken before.
    pub fn listen(state: ApiState, listener: TcpListener) -> io::Result<Self> {
        let options = state.options.clone();
        let of_application = state.clone();
        let server = HttpServer::new(move || application(&of_application))
            .workers(options.threads)
            .shutdown_timeout(options.drain.as_secs())
            // An answer goes out in pieces; the last must not wait for the receiver to acknowledge the one before it.
            .tcp_nodelay(true)
            .disable_signals()
            .listen(listener)?;
        let addresses = server.addrs();
        Ok(Self {
            server: server.run(),
            state,
            addresses,
        })
    }

    /// Where it listens; tells the port when 0 was asked for.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Serves until `stop`, then stops: readiness is refused and connections are asked to close, after
    /// the notice the listener closes, and requests that are being answered may finish.
    pub async fn run(self, stop: impl Future<Output = ()>) -> io::Result<()> {
        let Self { server, state, .. } = self;
        let handle = server.handle();
        let mut running = tokio::spawn(server);
        tokio::select! {
            ended = &mut running => return ended.map_err(io::Error::other)?,
            () = stop => {}
        }
        tracing::info!("the server stops");
        state.begin_stopping();
        tokio::time::sleep(state.options.notice).await;
        handle.stop(true).await;
        running.await.map_err(io::Error::other)?
    }
}
