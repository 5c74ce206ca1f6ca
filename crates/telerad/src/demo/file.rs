//! `demo.json`: where the demo is and how to sign in, for people and scripts.

use std::{
    fs,
    io::{ErrorKind, Write as _},
    net::SocketAddr,
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use anyhow::Context as _;
use domain::{Randomness, Role};
use serde::{Deserialize, Serialize};

use super::{AE_TITLE, SLUG};
use crate::config::Values;

/// Letters and digits that nobody mistakes for one another.
const LEGIBLE: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// People of the demo: role, name, the part of their address before the at sign.
const PEOPLE: &[(Role, &str, &str)] = &[
    (Role::FacilityStaff, "Fiona Facility", "facility"),
    (Role::Radiologist, "Rahel Reader", "radiologist"),
    (Role::Radiologist, "Samuel Second", "radiologist2"),
    (Role::TenantAdmin, "Ada Administrator", "administrator"),
    (Role::Operator, "Olga Operator", "operator"),
];

/// The file's content; its format is part of the outside contract.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DemoFile {
    /// Where the portal is.
    pub base_url: String,
    /// The tenant.
    pub tenant: DemoTenant,
    /// Where DICOMweb is.
    pub dicomweb_url: String,
    /// A key of all scopes, for the first facility; empty until it was made.
    pub api_key: String,
    /// Who can sign in.
    pub accounts: Vec<DemoAccount>,
    /// Where DICOM associations are taken.
    #[serde(default, deserialize_with = "known_or_default")]
    pub dimse: DemoDimse,
    /// Where mails lie as files.
    pub mail_dir: String,
}

/// Where and under which title DICOM associations are taken.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct DemoDimse {
    /// The address.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The called AE title.
    pub aet: String,
}

/// A file of a version that did not take associations says null.
fn known_or_default<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<DemoDimse, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// The demo's tenant.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DemoTenant {
    /// Its name in addresses.
    pub slug: String,
    /// Its name for people.
    pub name: String,
}

/// Somebody who can sign in to the demo.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DemoAccount {
    /// `FACILITY_STAFF`, `RADIOLOGIST`, `TENANT_ADMIN` or `OPERATOR`.
    pub role: String,
    /// The address to sign in with.
    pub email: String,
    /// The password, made on this machine.
    pub password: String,
    /// The name on the screen.
    pub name: String,
}

impl DemoFile {
    /// What the file says, or the beginning of a new one with fresh passwords, which is saved before any
    /// account is made.
    pub fn load_or_begin(path: &Path, randomness: &dyn Randomness) -> anyhow::Result<Self> {
        match fs::read(path) {
            Ok(text) => serde_json::from_slice(&text).with_context(|| format!("reading {}", path.display())),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let file = Self::begin(randomness);
                file.save(path)?;
                Ok(file)
            }
            Err(error) => Err(error).with_context(|| format!("reading {}", path.display())),
        }
    }

    fn begin(randomness: &dyn Randomness) -> Self {
        let accounts = PEOPLE.iter().map(|&(role, name, mailbox)| DemoAccount {
            role: role.as_str().to_owned(),
            email: format!("{mailbox}@demo.example"),
            password: legible_password(randomness),
            name: name.to_owned(),
        });
        Self {
            base_url: String::new(),
            tenant: DemoTenant {
                slug: SLUG.to_owned(),
                name: "Demo Reading Group".to_owned(),
            },
            dicomweb_url: String::new(),
            api_key: String::new(),
            accounts: accounts.collect(),
            dimse: DemoDimse::default(),
            mail_dir: String::new(),
        }
    }

    /// Says where this start of the demo serves.
    pub fn point_to(&mut self, base_url: &str, dimse: SocketAddr, values: &Values) {
        base_url.clone_into(&mut self.base_url);
        self.dicomweb_url = format!("{base_url}/dicomweb/{SLUG}");
        self.dimse = DemoDimse {
            host: dimse.ip().to_string(),
            port: dimse.port(),
            aet: AE_TITLE.to_owned(),
        };
        self.mail_dir = values.in_data_dir("outbox").display().to_string();
    }

    /// Writes it whole or not at all, readable by this user only.
    pub fn save(&self, path: &Path) -> anyhow::Result<()> {
        let half = path.with_extension("json.new");
        let written = || -> std::io::Result<()> {
            let mut file = fs::File::options()
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .open(&half)?;
            file.write_all(serde_json::to_string_pretty(self)?.as_bytes())?;
            file.write_all(b"\n")?;
            file.sync_all()?;
            fs::rename(&half, path)
        };
        written().with_context(|| format!("writing {}", path.display()))
    }
}

/// Four groups of four: 80 bits that can be typed.
fn legible_password(randomness: &dyn Randomness) -> String {
    let secret = randomness.secret();
    let letters = secret
        .iter()
        .take(16)
        .map(|byte| char::from(LEGIBLE[usize::from(byte % 32)]));
    let letters: Vec<char> = letters.collect();
    letters
        .chunks(4)
        .map(|group| group.iter().collect::<String>())
        .collect::<Vec<_>>()
        .join("-")
}
