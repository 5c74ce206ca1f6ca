//! Limits, lifetimes and addresses the use cases work with.

use std::{path::PathBuf, time::Duration};

/// How what lies in the slow store comes back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ColdMedia {
    /// By itself: it can be read, slowly.
    #[default]
    Nearline,
    /// By a person, or hours after it was asked for: it may not be readable when somebody wants it.
    Offline,
}

/// What the configuration says about the use cases.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where people reach the portal; links in mails begin with it. Without a trailing slash.
    pub public_url: String,
    /// Where requests spool before they become objects; on the same file system as a local object store.
    pub spool_dir: PathBuf,
    /// The sender of mails.
    pub mail_from: String,
    /// How long an access token lives.
    pub access_token_life: Duration,
    /// How long a session lives without being used.
    pub session_life: Duration,
    /// How long an invitation is valid.
    pub invitation_life: Duration,
    /// How long a claim holds without being renewed.
    pub claim_lease: Duration,
    /// A study without a manifest is complete after so long without a new instance.
    pub quiet_period: Duration,
    /// What is deleted lies in the trash for so many days.
    pub trash_days: u32,
    /// The small objects of a study are put together after so long without a new instance.
    pub compact_after: Duration,
    /// How what lies in the slow store comes back.
    pub cold_media: ColdMedia,
    /// The largest single instance taken, in bytes.
    pub max_instance_bytes: u64,
    /// The most parts of one request.
    pub max_request_parts: usize,
    /// The most instances of one upload's manifest.
    pub max_manifest_instances: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            public_url: "http://127.0.0.1:8080".to_owned(),
            spool_dir: PathBuf::from("data/spool"),
            mail_from: "telerad <no-reply@localhost>".to_owned(),
            access_token_life: Duration::from_secs(10 * 60),
            session_life: Duration::from_secs(14 * 24 * 3600),
            invitation_life: Duration::from_secs(7 * 24 * 3600),
            claim_lease: Duration::from_secs(2 * 60),
            quiet_period: Duration::from_secs(30),
            trash_days: 30,
            compact_after: Duration::from_secs(24 * 3600),
            cold_media: ColdMedia::Nearline,
            max_instance_bytes: 4 << 30,
            max_request_parts: 20_000,
            max_manifest_instances: 50_000,
        }
    }
}
