//! What every handler may reach for.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use app::App;
use tokio::sync::watch;

use crate::{
    graphql::{self, ApiSchema, SocketLimits, Sockets},
    origins::{AllowedOrigins, OurOrigins},
    uploads::ManifestRoom,
};

/// How the server is set up.
#[derive(Clone)]
pub struct ApiOptions {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// How many threads answer requests.
    pub threads: usize,
    /// Whether GraphQL may be asked for its schema and gives hints: for development only.
    pub introspection: bool,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Whose pages may use DICOMweb from a browser.
    pub allowed_origins: AllowedOrigins,
    /// How long readiness is refused before the listener closes, so that a balancer notices.
    pub notice: Duration,
    /// How long requests that are being answered may take to finish when the server stops.
    pub drain: Duration,
    /// How long a sender may stop in the middle of a body.
    pub body_idle: Duration,
    /// How many WebSockets may be open.
    pub sockets: SocketLimits,
    /// Renders the metrics.
    pub metrics: Arc<dyn Fn() -> String + Send + Sync>,
}

impl Default for ApiOptions {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            threads: std::thread::available_parallelism().map_or(2, Into::into),
            introspection: false,
            trusted_proxies: Vec::new(),
            allowed_origins: AllowedOrigins::default(),
            notice: Duration::ZERO,
            drain: Duration::from_secs(25),
            body_idle: Duration::from_secs(60),
            sockets: SocketLimits::default(),
            metrics: Arc::new(String::new),
        }
    }
}

impl fmt::Debug for ApiOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiOptions")
            .field("listen", &self.listen)
            .field("threads", &self.threads)
            .field("introspection", &self.introspection)
            .field("trusted_proxies", &self.trusted_proxies)
            .finish_non_exhaustive()
    }
}

/// How many connections of the database all WebSockets' operations together hold at the most.
const LIVE_CONNECTIONS: u32 = 4;
/// And the questions whether their callers are still welcome.
const CHECK_CONNECTIONS: u32 = 2;

/// Shared by all handlers, as `web::Data<ApiState>`.
#[derive(Clone)]
pub struct ApiState {
    /// The use cases.
    pub app: App,
    /// How the server is set up.
    pub options: Arc<ApiOptions>,
    pub(crate) schema: ApiSchema,
    pub(crate) origins: Arc<OurOrigins>,
    /// The use cases as WebSockets reach them: with a share of the database's connections.
    pub(crate) live: App,
    /// The same for asking whether connected callers are still welcome.
    pub(crate) checks: App,
    pub(crate) sockets: Arc<Sockets>,
    pub(crate) manifests: ManifestRoom,
    stopping: watch::Sender<bool>,
}

impl fmt::Debug for ApiState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiState")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

impl ApiState {
    /// The state of a server that is not stopping.
    pub fn new(app: App, options: ApiOptions) -> Self {
        Self {
            schema: graphql::schema(options.introspection),
            origins: Arc::new(OurOrigins::of(&app.settings.public_url)),
            live: sharing(&app, LIVE_CONNECTIONS),
            checks: sharing(&app, CHECK_CONNECTIONS),
            sockets: Sockets::new(options.sockets),
            manifests: ManifestRoom::default(),
            options: Arc::new(options),
            stopping: watch::Sender::new(false),
            app,
        }
    }

    /// Whether people reach us over TLS.
    pub(crate) fn is_https(&self) -> bool {
        self.app.settings.public_url.starts_with("https://")
    }

    /// Whether the server is stopping: it answers, and asks to be asked no more.
    pub fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }

    /// Changes to true when the server begins to stop; for connections that stay open.
    pub fn stopping(&self) -> watch::Receiver<bool> {
        self.stopping.subscribe()
    }

    pub(crate) fn begin_stopping(&self) {
        self.stopping.send_replace(true);
    }
}

fn sharing(app: &App, connections: u32) -> App {
    App {
        store: app.store.with_share(connections),
        ..app.clone()
    }
}
