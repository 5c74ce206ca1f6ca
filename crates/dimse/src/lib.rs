//! DICOM over its own upper layer (PS3.7, PS3.8): associations, and the services spoken on them.
//!
//! A server is given a [`Handler`], which decides who comes in and does what is asked; [`serve`] does the rest.
//! [`Destination::associate`] is the other direction.
//!
//! **Invariant:** whatever a peer sends, memory and time are bounded: one PDU of an agreed length is held in each
//! direction, and each wait has its end.
//!
//! **Invariant:** instances stream through; only identifiers and lists are ever held whole.

#![deny(missing_docs)]

mod ae_title;
mod association;
mod client;
mod command;
pub mod data_set;
mod default_syntax;
mod failure;
mod file_meta;
mod handler;
mod limits;
mod negotiation;
pub mod pdu;
mod scp;
mod sending;
mod server;
mod services;
mod status;
#[cfg(test)]
mod tests;
mod tls;
mod wire;

pub use ae_title::{AeTitle, NoAeTitle};
pub use association::{Association, Context, Message};
pub use client::{Destination, Reach, Receiver, Retrieved, Wanted, contexts_for, groups_for};
pub use command::{Command, CommandError, Field, MAX_COMMAND_BYTES};
pub use default_syntax::{sendable_in, sent_in};
pub use dicom::{IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME};
pub use failure::Failure;
pub use file_meta::file_meta;
pub use handler::{
    Commitment, CommitmentReport, DataSetReader, DataStream, Handler, Identifier, Item, Matches, Peer,
    Proposal, Reference, Session, Source, StoreRequest,
};
pub use limits::Limits;
pub use pdu::{
    Abort, AbortReason, AssociateAccept, AssociateRequest, ContextReason, ContextResult, DataValue,
    MAX_CONTEXTS, Pdu, PduError, ProposedContext, Rejection, RoleSelection, UserInformation,
};
pub use sending::Originator;
pub use server::{ServerSettings, serve};
pub use services::{Root, STORAGE_COMMITMENT, STORAGE_COMMITMENT_INSTANCE, Service, VERIFICATION};
pub use status::Status;
pub use tls::{ClientTls, Identity, ServerTls, TlsError, fingerprint};
pub use wire::Connection;
