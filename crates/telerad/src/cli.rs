//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use crate::{
    admin::Admin,
    export, import,
    recalls::{Recalls, SendAway},
    verify::Verify,
};

/// Open teleradiology: studies come in, reports go back.
#[derive(Debug, Parser)]
#[command(name = "telerad", version, about)]
pub struct Cli {
    /// The configuration file; TELERAD_* variables override it, and it may be absent.
    #[arg(long, global = true, default_value = "telerad.toml")]
    pub config: PathBuf,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the program can be asked to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve: the API and portal, the background jobs, DICOM associations, or all of them.
    Serve {
        /// The roles of this process.
        #[arg(long, value_enum, value_delimiter = ',', default_values_t = Role::ALL.iter().copied())]
        roles: Vec<Role>,
    },
    /// Bring the database to this version's schema, and grant the program's role what it needs.
    Migrate,
    /// Migrate, seed a demo tenant with studies, write demo.json beside the data, and serve everything.
    Demo,
    /// Make tenants, accounts and keys that nobody invited.
    Admin {
        /// What to make.
        #[command(subcommand)]
        command: Admin,
    },
    /// Compare every stored object with the database and back. Fails when anything is missing, damaged or nobody's.
    Verify(Verify),
    /// Send one study to the slow store now, for instance while its disk is there.
    SendAway(SendAway),
    /// List the objects of the slow store that recalls wait for, for the person or the script that brings them back.
    Recalls(Recalls),
    /// Write studies as files, with a DICOMDIR, as they came or de-identified.
    Export(export::Arguments),
    /// Take in the studies of a folder, a CD or a ZIP.
    Import(import::Arguments),
    /// Print the GraphQL schema.
    Schema,
    /// Print the effective configuration and where each value comes from; secrets are masked.
    Config,
    /// Decode pixels for a parent process. Not for people.
    #[command(hide = true)]
    CodecWorker,
}

/// A part of the platform that can run in a process of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Role {
    /// HTTP: portal, GraphQL, DICOMweb, uploads.
    Api,
    /// Background jobs and what is due by the clock.
    Worker,
    /// DICOM associations: store, query, retrieve, storage commitment.
    Dimse,
}

impl Role {
    /// Every role.
    pub const ALL: &'static [Self] = &[Self::Api, Self::Worker, Self::Dimse];
}
