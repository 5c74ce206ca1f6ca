//! What can be configured.

use std::{fmt, net::SocketAddr, path::PathBuf, time::Duration};

use anyhow::ensure;
use api::AllowedOrigins;
use app::ColdMedia;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

/// Names of all values, as the environment may set them.
pub const KEYS: &[&str] = &[
    "listen",
    "public_url",
    "data_dir",
    "database_url",
    "migration_database_url",
    "database_connections",
    "object_store_url",
    "object_store_reserve_bytes",
    "object_store_replica_url",
    "object_store_cold_url",
    "object_store_cold_media",
    "smtp_url",
    "mail_from",
    "log",
    "job_slots",
    "job_lease_seconds",
    "quiet_period_seconds",
    "claim_lease_seconds",
    "codec_children",
    "codec_memory_bytes",
    "max_instance_bytes",
    "body_idle_seconds",
    "dimse_listen",
    "dimse_tls_listen",
    "dimse_tls_certificate",
    "dimse_tls_key",
    "dimse_tls_authorities",
    "dimse_max_associations",
    "dimse_max_tenant_associations",
    "dimse_artim_seconds",
    "dimse_idle_seconds",
    "dimse_pdu_seconds",
    "allowed_origins",
    "dimse_peer_networks",
];

const MASK: &str = "***";

/// A URL that may carry a password, and is shown without it.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct Url(SecretString);

impl Url {
    /// The whole of it, for whoever connects.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// The user it names.
    pub fn user(&self) -> Option<String> {
        let url = url::Url::parse(self.expose()).ok()?;
        Some(url.username().to_owned()).filter(|user| !user.is_empty())
    }
}

impl From<&str> for Url {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(mut url) = url::Url::parse(self.expose()) else {
            // What cannot be read cannot be masked.
            return f.write_str(MASK);
        };
        if url.password().is_some() {
            // Only a URL without a host refuses, and that one has no password.
            let _ = url.set_password(Some(MASK));
        }
        // libpq takes passwords and key files as parameters, too; no parameter is worth the guess.
        let names: Vec<_> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
        if !names.is_empty() {
            url.query_pairs_mut()
                .clear()
                .extend_pairs(names.iter().map(|name| (name, MASK)));
        }
        write!(f, "{url}")
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Serialize for Url {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Everything that can be configured.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Values {
    /// Where HTTP is served; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where people reach the portal; `http://` and the listening address when absent.
    pub public_url: Option<String>,
    /// Where everything lies that has no other place.
    pub data_dir: PathBuf,
    /// `sqlite://path` or `postgres://…`; a SQLite file in the data folder when absent.
    pub database_url: Option<Url>,
    /// The owner's URL, for `telerad migrate`.
    pub migration_database_url: Option<Url>,
    /// The most connections one process opens.
    pub database_connections: u32,
    /// `file://path` or `s3://bucket`; a folder in the data folder when absent.
    pub object_store_url: Option<Url>,
    /// A store of local files refuses to grow when less than this is free, so that the database can go on.
    pub object_store_reserve_bytes: u64,
    /// A second store to which every original is copied, for repair and for reading when the first is away.
    pub object_store_replica_url: Option<Url>,
    /// A slower store for studies that are seldom looked at.
    pub object_store_cold_url: Option<Url>,
    /// `nearline` when what lies there can always be read, slowly; `offline` when hours or a person bring it back.
    pub object_store_cold_media: ColdMedia,
    /// `smtp://…` or `smtps://…`; mails become files in the data folder when absent.
    pub smtp_url: Option<Url>,
    /// The sender of mails.
    pub mail_from: String,
    /// What is logged, as `tracing` writes filters: `info,store=debug`.
    pub log: String,
    /// How many jobs one worker runs at once.
    pub job_slots: usize,
    /// After so long without a sign of life a job passes to another worker.
    pub job_lease_seconds: u64,
    /// A study without a manifest is complete after so long without a new instance.
    pub quiet_period_seconds: u64,
    /// How long a claim holds without being renewed.
    pub claim_lease_seconds: u64,
    /// How many codec children run at once; as many as processors when absent.
    pub codec_children: Option<usize>,
    /// The address space of one codec child.
    pub codec_memory_bytes: Option<u64>,
    /// The largest single instance taken.
    pub max_instance_bytes: u64,
    /// A request whose sender sends nothing for so long is ended.
    pub body_idle_seconds: u64,
    /// Where DICOM associations are taken; port 0 takes a free one.
    pub dimse_listen: SocketAddr,
    /// Where they are taken encrypted; nowhere when absent.
    pub dimse_tls_listen: Option<SocketAddr>,
    /// The certificate shown to nodes, with its chain, as a PEM file.
    pub dimse_tls_certificate: Option<PathBuf>,
    /// Its key, as a PEM file.
    pub dimse_tls_key: Option<PathBuf>,
    /// Who signs the certificates of nodes that we call and that have none pinned, as a PEM file.
    pub dimse_tls_authorities: Option<PathBuf>,
    /// So many associations at a time, on each listener.
    pub dimse_max_associations: usize,
    /// So many of one tenant.
    pub dimse_max_tenant_associations: usize,
    /// An association must be asked for so soon after the connection.
    pub dimse_artim_seconds: u64,
    /// A node that says nothing for so long between two messages is sent away.
    pub dimse_idle_seconds: u64,
    /// A message that has begun must go on so soon.
    pub dimse_pdu_seconds: u64,
    /// Whose web pages may use DICOMweb from a browser: origins such as `https://viewer.example.org`, with commas.
    pub allowed_origins: String,
    /// The networks that nodes may be called in, such as `10.0.0.0/8, 192.0.2.7`; any when absent.
    pub dimse_peer_networks: Option<String>,
}

impl Default for Values {
    fn default() -> Self {
        let settings = app::Settings::default();
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: None,
            data_dir: PathBuf::from("data"),
            database_url: None,
            migration_database_url: None,
            database_connections: 16,
            object_store_url: None,
            object_store_reserve_bytes: 512 << 20,
            object_store_replica_url: None,
            object_store_cold_url: None,
            object_store_cold_media: settings.cold_media,
            smtp_url: None,
            mail_from: settings.mail_from,
            log: "info".to_owned(),
            job_slots: 4,
            job_lease_seconds: 30,
            quiet_period_seconds: settings.quiet_period.as_secs(),
            claim_lease_seconds: settings.claim_lease.as_secs(),
            codec_children: None,
            codec_memory_bytes: None,
            max_instance_bytes: settings.max_instance_bytes,
            body_idle_seconds: 60,
            dimse_listen: SocketAddr::from(([127, 0, 0, 1], 11112)),
            dimse_tls_listen: None,
            dimse_tls_certificate: None,
            dimse_tls_key: None,
            dimse_tls_authorities: None,
            dimse_max_associations: 64,
            dimse_max_tenant_associations: 32,
            dimse_artim_seconds: 30,
            dimse_idle_seconds: 120,
            dimse_pdu_seconds: 60,
            allowed_origins: String::new(),
            dimse_peer_networks: None,
        }
    }
}

impl Values {
    /// What the types cannot say.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        if let Some(url) = &self.public_url {
            let parsed = url::Url::parse(url)
                .ok()
                .filter(|url| matches!(url.scheme(), "http" | "https"));
            ensure!(parsed.is_some(), "public_url must be an http or https URL");
        }
        ensure!(self.job_slots > 0, "job_slots must be at least 1");
        ensure!(
            self.job_lease_seconds >= 3,
            "job_lease_seconds must be at least 3"
        );
        self.allowed_origins()?;
        ensure!(self.body_idle_seconds > 0, "body_idle_seconds must be at least 1");
        ensure!(
            self.dimse_tls_certificate.is_some() == self.dimse_tls_key.is_some(),
            "dimse_tls_certificate and dimse_tls_key go together"
        );
        ensure!(
            self.dimse_tls_listen.is_none() || self.dimse_tls_certificate.is_some(),
            "dimse_tls_listen needs dimse_tls_certificate and dimse_tls_key"
        );
        ensure!(
            self.dimse_max_associations > 0 && self.dimse_max_tenant_associations > 0,
            "dimse_max_associations and dimse_max_tenant_associations must be at least 1"
        );
        ensure!(
            self.dimse_artim_seconds > 0 && self.dimse_idle_seconds > 0 && self.dimse_pdu_seconds > 0,
            "the dimse_…_seconds must be at least 1"
        );
        ensure!(
            self.database_connections >= 2,
            "database_connections must be at least 2"
        );
        Ok(())
    }

    /// The database, in the data folder unless configured.
    pub fn database_url(&self) -> Url {
        self.database_url.clone().unwrap_or_else(|| {
            format!("sqlite://{}", self.in_data_dir("telerad.db").display())
                .as_str()
                .into()
        })
    }

    /// The object store, in the data folder unless configured.
    pub fn object_store_url(&self) -> Url {
        self.object_store_url.clone().unwrap_or_else(|| {
            format!("file://{}", self.in_data_dir("objects").display())
                .as_str()
                .into()
        })
    }

    /// Where people reach a portal that listens on `address`.
    ///
    /// Errors when nothing says so: "every address" is none that a link in a mail could lead to.
    pub fn portal_url(&self, address: SocketAddr) -> anyhow::Result<String> {
        if let Some(url) = &self.public_url {
            return Ok(url.trim_end_matches('/').to_owned());
        }
        ensure!(
            !address.ip().is_unspecified(),
            "set public_url: {address} is every address of this machine, and links in mails need one"
        );
        Ok(format!("http://{address}"))
    }

    /// Whose web pages may use DICOMweb from a browser.
    pub fn allowed_origins(&self) -> anyhow::Result<AllowedOrigins> {
        let origins = self.allowed_origins.split(',').map(str::trim);
        AllowedOrigins::parse(origins.filter(|origin| !origin.is_empty())).map_err(|wrong| {
            anyhow::anyhow!("allowed_origins: {wrong} is no origin such as https://viewer.example.org")
        })
    }

    /// A path in the data folder, absolute: codec children have another working folder.
    pub fn in_data_dir(&self, name: &str) -> PathBuf {
        let data = std::path::absolute(&self.data_dir).unwrap_or_else(|_| self.data_dir.clone());
        data.join(name)
    }

    /// How long a job's lease holds.
    pub fn job_lease(&self) -> Duration {
        Duration::from_secs(self.job_lease_seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_in_a_url_is_never_shown() {
        let url = Url::from("postgres://telerad:hunter2@db.example:5432/telerad");
        assert_eq!(url.to_string(), "postgres://telerad:***@db.example:5432/telerad");
        assert_eq!(format!("{url:?}"), url.to_string());
        assert_eq!(url.user().as_deref(), Some("telerad"));
        assert!(url.expose().contains("hunter2"));
        let url = Url::from("postgres://db.example/telerad?user=telerad&password=hunter2");
        assert_eq!(
            url.to_string(),
            "postgres://db.example/telerad?user=***&password=***"
        );
        assert_eq!(Url::from("hunter2@nowhere").to_string(), "***");
    }

    #[test]
    fn links_lead_to_an_address_that_somebody_can_reach() {
        let mut values = Values::default();
        let everywhere = SocketAddr::from(([0, 0, 0, 0], 8080));
        assert_eq!(values.portal_url(values.listen).unwrap(), "http://127.0.0.1:8080");
        assert!(values.portal_url(everywhere).is_err());
        values.public_url = Some("https://reads.example/".to_owned());
        assert_eq!(values.portal_url(everywhere).unwrap(), "https://reads.example");
    }

    #[test]
    fn every_value_can_be_set_from_the_environment() {
        let values = serde_json::to_value(Values::default()).unwrap();
        let fields: Vec<_> = values.as_object().unwrap().keys().cloned().collect();
        assert_eq!(fields, KEYS);
    }
}
