//! Other DICOM applications, as ours to call.

use async_trait::async_trait;
use bytes::Bytes;
use store::{DicomNodeRow, InstanceRow};

use super::BlobStream;
use crate::{AppError, archive::SentInstance, nodes::CommitmentAnswer};

/// Why a node did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PeerError {
    /// It does not answer, or does not let us in; later it may.
    #[error("the node cannot be reached: {cause}")]
    Unreachable {
        /// Why, free of patient data.
        cause: String,
    },
    /// It let us in and refused, or broke off.
    #[error("the node did not do it: {cause}")]
    Refused {
        /// Why, free of patient data.
        cause: String,
    },
}

/// What a node is asked for: a study of this patient, of this number or of these days.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PeerQuestion {
    /// Patient ID (0010,0020).
    pub patient_id: Option<String>,
    /// Patient's Name (0010,0010), with wildcards.
    pub patient_name: Option<String>,
    /// Accession Number (0008,0050).
    pub accession_number: Option<String>,
    /// Study Date (0008,0020), or a range.
    pub study_date: Option<String>,
    /// Study Instance UID (0020,000D).
    pub study_instance_uid: Option<String>,
}

/// A study that a node has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PeerStudy {
    /// Study Instance UID.
    pub study_instance_uid: String,
    /// Patient ID.
    pub patient_id: String,
    /// Patient's Name.
    pub patient_name: String,
    /// Patient's Birth Date.
    pub patient_birth_date: String,
    /// Study Date.
    pub study_date: String,
    /// Accession Number.
    pub accession_number: String,
    /// Study Description.
    pub description: String,
    /// Modalities in Study.
    pub modalities: Vec<String>,
    /// Number of Study Related Instances, when the node says so.
    pub instances: Option<u32>,
}

/// How instances were exchanged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exchanged {
    /// Instances that arrived.
    pub done: u32,
    /// Instances that did not.
    pub failed: u32,
    /// The first failure, for people.
    pub problem: Option<String>,
}

/// Where the bytes of instances come from.
#[async_trait]
pub trait InstanceBytes: Send + Sync {
    /// The data set of an instance, without file meta.
    async fn data_set(&self, instance: &InstanceRow) -> Result<BlobStream, AppError>;
}

/// Where fetched instances go to.
#[async_trait]
pub trait InstanceSink: Send {
    /// An instance begins.
    async fn begin(&mut self, instance: SentInstance) -> Result<(), AppError>;
    /// Bytes of its Part 10 file.
    async fn write(&mut self, bytes: Bytes) -> Result<(), AppError>;
    /// It is whole; when this returns it is durable. Errors when it is not stored.
    async fn end(&mut self) -> Result<(), AppError>;
}

/// Calls nodes.
#[async_trait]
pub trait DicomPeers: std::fmt::Debug + Send + Sync {
    /// Whether the node is there and lets us in (C-ECHO).
    async fn verify(&self, node: &DicomNodeRow) -> Result<(), PeerError>;

    /// Sends instances in their order (C-STORE).
    async fn send(
        &self,
        node: &DicomNodeRow,
        instances: &[InstanceRow],
        bytes: &dyn InstanceBytes,
    ) -> Result<Exchanged, PeerError>;

    /// The studies of a node that match, at most `most` (C-FIND).
    async fn find(
        &self,
        node: &DicomNodeRow,
        question: &PeerQuestion,
        most: usize,
    ) -> Result<Vec<PeerStudy>, PeerError>;

    /// Fetches a study: on one association where the node can (C-GET), else it is asked to send it to our listener
    /// (C-MOVE).
    async fn fetch(
        &self,
        node: &DicomNodeRow,
        study_instance_uid: &str,
        sink: &mut dyn InstanceSink,
    ) -> Result<Exchanged, PeerError>;

    /// Tells a node what is and is not safely kept (N-EVENT-REPORT).
    async fn report_commitment(
        &self,
        node: &DicomNodeRow,
        transaction_uid: &str,
        answer: CommitmentAnswer,
    ) -> Result<(), PeerError>;
}
