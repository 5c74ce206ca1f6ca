//! The DICOM role: its listeners, their limits and their certificates.

use std::{
    net::{SocketAddr, TcpListener},
    path::Path,
    sync::Arc,
    time::Duration,
};

use adapters::dicom_peers::Peers;
use anyhow::Context as _;
use api::dimse::{Dimse, DimseOptions};
use app::App;
use dimse::{Identity, Limits, ServerSettings, ServerTls};
use domain::dicom_node::AddressRange;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{
    config::Values,
    serve::{AddressFile, DRAIN},
};

/// The ports of the role, taken before anything is served.
#[derive(Debug)]
pub struct Doors {
    plain: TcpListener,
    encrypted: Option<TcpListener>,
}

impl Doors {
    /// Takes the configured ports.
    pub fn open(values: &Values) -> anyhow::Result<Self> {
        let listen = |address: SocketAddr| {
            TcpListener::bind(address).with_context(|| {
                format!("listening for DICOM on {address}; set TELERAD_DIMSE_LISTEN, or leave the role out")
            })
        };
        Ok(Self {
            plain: listen(values.dimse_listen)?,
            encrypted: values.dimse_tls_listen.map(listen).transpose()?,
        })
    }

    /// Where associations are taken unencrypted.
    pub fn address(&self) -> anyhow::Result<SocketAddr> {
        Ok(self.plain.local_addr()?)
    }
}

/// How nodes are called.
pub fn peers(values: &Values) -> anyhow::Result<Peers> {
    let authorities = values.dimse_tls_authorities.as_deref().map(read).transpose()?;
    Ok(Peers {
        limits: limits(values),
        identity: identity(values)?.map(Arc::new),
        authorities: authorities.map(Arc::from),
        networks: networks(values)?.into(),
    })
}

/// Serves associations until `stop`.
pub fn start(
    parts: &mut JoinSet<anyhow::Result<()>>,
    values: &Values,
    app: App,
    doors: Doors,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    let options = DimseOptions {
        max_tenant_associations: values.dimse_max_tenant_associations,
        peers: peers(values)?,
    };
    let dimse = Dimse::new(app, options);
    let settings = ServerSettings {
        limits: limits(values),
        max_associations: values.dimse_max_associations,
        drain: DRAIN,
        tls: None,
    };
    if let Some(listener) = doors.encrypted {
        let identity = identity(values)?.context("dimse_tls_listen needs a certificate")?;
        let settings = ServerSettings {
            tls: Some(ServerTls::new(&identity)?),
            ..settings.clone()
        };
        spawn(
            parts,
            values,
            "dimse-tls-address",
            &dimse,
            listener,
            settings,
            stop,
        )?;
    }
    spawn(
        parts,
        values,
        "dimse-address",
        &dimse,
        doors.plain,
        settings,
        stop,
    )
}

fn spawn(
    parts: &mut JoinSet<anyhow::Result<()>>,
    values: &Values,
    file: &str,
    dimse: &Dimse,
    listener: TcpListener,
    settings: ServerSettings,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    let address = listener.local_addr()?;
    let file = AddressFile::write(values.in_data_dir(file), format!("{address}\n"))?;
    tracing::info!(dimse.address = %address, dimse.encrypted = settings.tls.is_some(), "taking DICOM associations");
    let served = dimse.clone().serve(listener, settings, stop.clone());
    parts.spawn(async move {
        let served = served.await;
        file.remove();
        served.context("serving DICOM")
    });
    Ok(())
}

fn limits(values: &Values) -> Limits {
    Limits {
        artim: Duration::from_secs(values.dimse_artim_seconds),
        idle: Duration::from_secs(values.dimse_idle_seconds),
        pdu: Duration::from_secs(values.dimse_pdu_seconds),
        write: Duration::from_secs(values.dimse_pdu_seconds),
        ..Limits::default()
    }
}

fn networks(values: &Values) -> anyhow::Result<Vec<AddressRange>> {
    let text = values.dimse_peer_networks.as_deref().unwrap_or_default();
    let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    entries
        .map(|entry| {
            entry
                .parse()
                .with_context(|| format!("dimse_peer_networks: {entry}"))
        })
        .collect()
}

fn identity(values: &Values) -> anyhow::Result<Option<Identity>> {
    let (Some(chain), Some(key)) = (&values.dimse_tls_certificate, &values.dimse_tls_key) else {
        return Ok(None);
    };
    let identity = Identity::from_pem(&read(chain)?, &read(key)?);
    Ok(Some(
        identity.with_context(|| format!("reading {}", chain.display()))?,
    ))
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(file).with_context(|| format!("reading {}", file.display()))
}
