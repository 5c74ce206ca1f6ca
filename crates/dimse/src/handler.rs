//! What the owner of a server says to what is asked of it.

use std::{fmt, future::Future, net::SocketAddr};

use bytes::Bytes;
use futures_util::stream::BoxStream;

use crate::{
    AeTitle, Association, Destination, Failure, Rejection, Service, Status,
    data_set::{DataSet, Writing},
    services::Root,
};

/// Where an association comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// Its address.
    pub address: SocketAddr,
    /// Whether the connection is encrypted.
    pub is_encrypted: bool,
    /// The SHA-256 of its certificate, when it showed one that we trust.
    pub certificate_sha256: Option<[u8; 32]>,
}

/// An association that is asked for.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// Who asks.
    pub calling: AeTitle,
    /// Whom it is asked of.
    pub called: AeTitle,
    /// From where.
    pub peer: Peer,
    /// What the peer's software calls itself.
    pub implementation: String,
}

/// Decides who may come in.
pub trait Handler: Clone + Send + Sync + 'static {
    /// What is done for one association.
    type Session: Session;

    /// Lets an association in, or says why not.
    fn admit(&self, proposal: Proposal) -> impl Future<Output = Result<Self::Session, Rejection>> + Send;
}

/// An instance to be sent.
pub trait Item: fmt::Debug + Send + Sync {
    /// Its SOP class.
    fn sop_class_uid(&self) -> &str;
    /// Its UID.
    fn sop_instance_uid(&self) -> &str;
    /// The transfer syntaxes it can be sent in, the best first.
    fn transfer_syntaxes(&self) -> Vec<&str>;
}

/// The bytes of a data set, as they are read.
pub type DataStream = BoxStream<'static, Result<Bytes, Status>>;

/// Instances and their bytes.
pub trait Source: Send + Sync {
    /// An instance.
    type Item: Item;

    /// The data set of `item` in one of its transfer syntaxes, without file meta.
    fn open(
        &self,
        item: &Self::Item,
        transfer_syntax: &str,
    ) -> impl Future<Output = Result<DataStream, Status>> + Send;
}

/// Does what one association asks for.
pub trait Session: Source + 'static {
    /// Whether the service is offered to this peer.
    fn offers(&self, service: Service) -> bool;

    /// Takes an instance. `Ok` is told to the sender; `Err` ends the association.
    fn store(
        &mut self,
        request: StoreRequest,
        data: &mut DataSetReader<'_>,
    ) -> impl Future<Output = Result<Status, Failure>> + Send;

    /// Searches.
    fn find(&mut self, query: Identifier) -> impl Future<Output = Result<Matches, Status>> + Send;

    /// The instances that are asked for, in the order to send them. From here on they may be handed out.
    fn retrieve(&mut self, query: Identifier)
    -> impl Future<Output = Result<Vec<Self::Item>, Status>> + Send;

    /// The peer of that title, to move instances to.
    fn destination(&mut self, title: AeTitle) -> impl Future<Output = Result<Destination, Status>> + Send;

    /// Takes a request to answer for instances. A report is sent on this association right after; without one it
    /// comes on another.
    fn commit(
        &mut self,
        request: Commitment,
    ) -> impl Future<Output = Result<Option<CommitmentReport>, Status>> + Send;

    /// The peer has taken the report of a transaction.
    fn reported(&mut self, transaction_uid: String) -> impl Future<Output = ()> + Send;
}

/// A C-STORE-RQ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreRequest {
    /// Affected SOP Class UID.
    pub sop_class_uid: String,
    /// Affected SOP Instance UID.
    pub sop_instance_uid: String,
    /// How the data set is written.
    pub transfer_syntax_uid: String,
}

/// The data set of a C-STORE-RQ, on its way in.
#[derive(Debug)]
pub struct DataSetReader<'a> {
    pub(crate) association: &'a mut Association,
}

impl DataSetReader<'_> {
    /// Who sends.
    pub fn calling(&self) -> &AeTitle {
        self.association.calling()
    }

    /// The next bytes; none at the end.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Failure> {
        self.association.fragment().await
    }
}

/// What a C-FIND, C-MOVE or C-GET asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identifier {
    /// By which tree.
    pub root: Root,
    /// The keys.
    pub keys: DataSet,
}

/// What a search found.
pub struct Matches {
    /// Whether some of the keys were not matched by.
    pub is_partial: bool,
    /// The matches, one identifier each.
    pub found: BoxStream<'static, Result<DataSet, Status>>,
}

impl fmt::Debug for Matches {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Matches").finish_non_exhaustive()
    }
}

/// An instance as lists name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Referenced SOP Class UID.
    pub sop_class_uid: String,
    /// Referenced SOP Instance UID.
    pub sop_instance_uid: String,
}

/// A request to answer for instances (PS3.4 §J.3.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commitment {
    /// Transaction UID.
    pub transaction_uid: String,
    /// Which instances.
    pub references: Vec<Reference>,
}

/// What we answer for, and what not (PS3.4 §J.3.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitmentReport {
    /// Transaction UID.
    pub transaction_uid: String,
    /// What is safely kept.
    pub committed: Vec<Reference>,
    /// What is not, with a failure reason.
    pub failed: Vec<(Reference, u16)>,
}

/// How data sets of a context's transfer syntax are written; those of messages are written one way or the other.
pub(crate) fn writing_of(transfer_syntax_uid: &str) -> Writing {
    Writing::of(transfer_syntax_uid).unwrap_or(Writing::Implicit)
}
