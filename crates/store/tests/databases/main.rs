//! The store on real databases.

#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

mod archive;
mod audit_chain;
mod exporting;
mod renditions;
mod schema;
mod searching;
mod support;
mod tenancy;
mod trash;
mod workitems;
mod written_once;
