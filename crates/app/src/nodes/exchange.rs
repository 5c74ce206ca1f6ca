//! Sending studies to other archives, and fetching from them.

use std::time::Instant;

use async_trait::async_trait;
use bytes::Bytes;
use domain::{
    Actor, CommitmentId, DicomNodeId, ErrorCode, JobId, Permission, StudyId,
    audit::{AuditAction, AuditEvent},
    job::Job,
};
use serde::{Deserialize, Serialize};
use store::{DicomNodeRow, InstanceRow};

use super::CommitmentAnswer;
use crate::{
    App, AppError,
    archive::{Ingest, IngestTarget, PartOutcome, SentInstance},
    identity::node_actor,
    ports::{BlobStream, Exchanged, InstanceBytes, InstanceSink, PeerError, PeerQuestion, PeerStudy},
};

/// Sends a study to a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendStudy {
    /// Which study.
    pub study: StudyId,
    /// To which node.
    pub node: DicomNodeId,
}

impl Job for SendStudy {
    const KIND: &'static str = "send_study";
}

/// Fetches a study from a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FetchStudy {
    /// From which node.
    pub node: DicomNodeId,
    /// Which study.
    pub study_instance_uid: String,
}

impl Job for FetchStudy {
    const KIND: &'static str = "fetch_study";
}

/// Tells a node on an association of our own what is and is not safely kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportCommitment {
    /// Which commitment.
    pub commitment: CommitmentId,
}

impl Job for ReportCommitment {
    const KIND: &'static str = "report_commitment";
    const PRIORITY: i16 = 10;
}

/// What came of verifying a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// How long it took.
    pub milliseconds: u64,
    /// Why it did not succeed, if it did not.
    pub problem: Option<String>,
}

/// Most studies of one search at another archive.
const MOST_FOUND: usize = 200;

impl From<PeerError> for AppError {
    fn from(error: PeerError) -> Self {
        let code = match error {
            PeerError::Unreachable { .. } => ErrorCode::PeerUnreachable,
            PeerError::Refused { .. } => ErrorCode::PeerRefused,
        };
        Self::refused(code, error.to_string())
    }
}

impl App {
    /// Verifies that a node answers (C-ECHO).
    pub async fn verify_dicom_node(&self, actor: &Actor, id: DicomNodeId) -> Result<Verification, AppError> {
        self.authorise(actor, Permission::ManageNodes)?;
        let node = self.callable_node(actor, id).await?;
        let began = Instant::now();
        let problem = self
            .peers
            .verify(&node)
            .await
            .err()
            .map(|error| error.to_string());
        let milliseconds = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let outcome = if problem.is_none() {
            "it answers"
        } else {
            "it does not answer"
        };
        let event = AuditEvent::of(actor, self.clock.now(), AuditAction::NodeVerify, id);
        self.audit_alone(actor, event.detail(outcome)).await?;
        Ok(Verification {
            milliseconds,
            problem,
        })
    }

    /// The nodes that the actor may send studies to and fetch them from, by name.
    pub async fn study_destinations(&self, actor: &Actor) -> Result<Vec<DicomNodeRow>, AppError> {
        self.authorise(actor, Permission::ExchangeStudies)?;
        let nodes = self
            .store
            .read(actor)
            .await?
            .dicom_nodes(actor.facilities())
            .await?;
        let is_callable = |node: &DicomNodeRow| node.is_enabled && node.address.is_some();
        Ok(nodes.into_iter().filter(is_callable).collect())
    }

    /// Has a study sent to a node, by a job.
    ///
    /// Errors: `NOT_FOUND`; `INVALID_INPUT` when the node does not say where it listens.
    pub async fn send_study(
        &self,
        actor: &Actor,
        study: StudyId,
        node: DicomNodeId,
    ) -> Result<JobId, AppError> {
        self.authorise(actor, Permission::ExchangeStudies)?;
        self.callable_node(actor, node).await?;
        let now = self.clock.now();
        let mut tx = self.store.begin(actor).await?;
        let found = tx.studies(&[study]).await?.pop();
        found
            .filter(|study| actor.facilities().contains(study.facility))
            .ok_or(AppError::NotFound { what: "study" })?;
        let job = self.ids.next();
        tx.enqueue(job, now, now, &SendStudy { study, node }).await?;
        let case = tx.case_of_study(study).await?.map(|row| row.case.id);
        let event = AuditEvent::of(actor, now, AuditAction::StudySend, study);
        tx.audit(event.detail(format!("to {node}, asked for")).case(case));
        tx.commit().await?;
        Ok(JobId::from_uuid(job))
    }

    /// Sends a study to a node now. What the node has already it takes as the same again.
    ///
    /// Errors: `PEER_UNREACHABLE`, `PEER_REFUSED` when an instance did not arrive.
    pub async fn send_study_now(&self, actor: &Actor, job: &SendStudy) -> Result<(), AppError> {
        self.authorise(actor, Permission::ExchangeStudies)?;
        let node = self.callable_node(actor, job.node).await?;
        let instances = self
            .store
            .read(actor)
            .await?
            .instances_of_study(job.study)
            .await?;
        if instances.is_empty() {
            return Err(AppError::NotFound { what: "study" });
        }
        self.record_handover(actor, &[job.study], job.node, "C-STORE")
            .await?;
        let bytes = BytesOf { app: self, actor };
        let sent = self.peers.send(&node, &instances, &bytes).await?;
        count("sent", &sent);
        all_or_refused(&sent)
    }

    /// Searches another archive.
    pub async fn find_at_peer(
        &self,
        actor: &Actor,
        node: DicomNodeId,
        question: PeerQuestion,
    ) -> Result<Vec<PeerStudy>, AppError> {
        self.authorise(actor, Permission::ExchangeStudies)?;
        let peer = self.callable_node(actor, node).await?;
        let keys = keys_of(&question);
        if keys.is_empty() {
            return Err(AppError::invalid(
                "question",
                "say which patient, number or days you look for",
            ));
        }
        let found = self.peers.find(&peer, &question, MOST_FOUND).await?;
        let event = AuditEvent::of(actor, self.clock.now(), AuditAction::StudySearch, node);
        let detail = format!("at another archive by {}; {} shown", keys.join(" "), found.len());
        self.audit_alone(actor, event.detail(detail)).await?;
        Ok(found)
    }

    /// Has a study fetched from a node, by a job.
    pub async fn fetch_study(
        &self,
        actor: &Actor,
        node: DicomNodeId,
        study_instance_uid: &str,
    ) -> Result<JobId, AppError> {
        self.authorise(actor, Permission::ExchangeStudies)?;
        let uid = dicom::Uid::parse(study_instance_uid)
            .map_err(|_| AppError::invalid("studyInstanceUid", "this is no UID"))?;
        self.callable_node(actor, node).await?;
        let now = self.clock.now();
        let job = FetchStudy {
            node,
            study_instance_uid: uid.to_string(),
        };
        let id = self.ids.next();
        let mut tx = self.store.begin(actor).await?;
        tx.enqueue(id, now, now, &job).await?;
        tx.audit(
            AuditEvent::of(actor, now, AuditAction::StudyFetch, node)
                .detail(format!("study {uid}, asked for")),
        );
        tx.commit().await?;
        Ok(JobId::from_uuid(id))
    }

    /// Fetches a study from a node now. What comes is the node's facility's, as if it had sent it.
    ///
    /// Errors: `PEER_UNREACHABLE`, `PEER_REFUSED` when an instance did not arrive.
    pub async fn fetch_study_now(&self, actor: &Actor, job: &FetchStudy) -> Result<(), AppError> {
        self.authorise(actor, Permission::ExchangeStudies)?;
        let node = self.callable_node(actor, job.node).await?;
        let mut sink = Sink {
            app: self.clone(),
            actor: node_actor(actor, &node),
            ingest: None,
        };
        let fetched = self
            .peers
            .fetch(&node, &job.study_instance_uid, &mut sink)
            .await?;
        count("fetched", &fetched);
        let event = AuditEvent::of(actor, self.clock.now(), AuditAction::StudyFetch, job.node);
        let detail = format!(
            "study {}: {} arrived, {} did not",
            job.study_instance_uid, fetched.done, fetched.failed
        );
        self.audit_alone(actor, event.detail(detail)).await?;
        all_or_refused(&fetched)
    }

    /// Tells the node that asked what is and is not safely kept, unless it was told.
    pub async fn report_commitment(&self, actor: &Actor, id: CommitmentId) -> Result<(), AppError> {
        self.authorise(actor, Permission::ConfirmStorage)?;
        let row = self.store.read(actor).await?.commitment(id).await?;
        let row = row.ok_or(AppError::NotFound { what: "commitment" })?;
        if row.reported_at.is_some() {
            return Ok(());
        }
        let node = self.callable_node(actor, row.node).await?;
        let answer: CommitmentAnswer =
            serde_json::from_value(row.report).map_err(|error| AppError::Internal {
                what: format!("a commitment's report: {error}"),
            })?;
        self.peers
            .report_commitment(&node, &row.transaction_uid, answer)
            .await?;
        self.commitment_reported(actor, id).await
    }

    /// A node within the actor's reach that is let in and says where it listens.
    async fn callable_node(&self, actor: &Actor, id: DicomNodeId) -> Result<DicomNodeRow, AppError> {
        let node = self.store.read(actor).await?.dicom_node(id).await?;
        let node = node
            .filter(|node| actor.facilities().contains(node.facility))
            .ok_or(AppError::NotFound { what: "node" })?;
        if !node.is_enabled || node.address.is_none() {
            return Err(AppError::invalid(
                "nodeId",
                "this node is disabled, or it has no host and port to call it at",
            ));
        }
        Ok(node)
    }
}

fn keys_of(question: &PeerQuestion) -> Vec<&'static str> {
    [
        ("PatientID", &question.patient_id),
        ("PatientName", &question.patient_name),
        ("AccessionNumber", &question.accession_number),
        ("StudyDate", &question.study_date),
        ("StudyInstanceUID", &question.study_instance_uid),
    ]
    .into_iter()
    .filter_map(|(key, value)| {
        value
            .as_deref()
            .filter(|value| !value.trim().is_empty())
            .map(|_| key)
    })
    .collect()
}

fn count(way: &'static str, exchanged: &Exchanged) {
    for (outcome, count) in [("done", exchanged.done), ("failed", exchanged.failed)] {
        metrics::counter!("telerad_dicom_exchanged_total", "way" => way, "outcome" => outcome)
            .increment(u64::from(count));
    }
}

fn all_or_refused(exchanged: &Exchanged) -> Result<(), AppError> {
    if exchanged.failed == 0 && exchanged.problem.is_none() {
        return Ok(());
    }
    let problem = exchanged.problem.as_deref().unwrap_or("it gave no reason");
    Err(AppError::refused(
        ErrorCode::PeerRefused,
        format!(
            "{} arrived, {} did not: {problem}",
            exchanged.done, exchanged.failed
        ),
    ))
}

struct BytesOf<'a> {
    app: &'a App,
    actor: &'a Actor,
}

#[async_trait]
impl InstanceBytes for BytesOf<'_> {
    async fn data_set(&self, instance: &InstanceRow) -> Result<BlobStream, AppError> {
        self.app.stream_data_set(self.actor, instance).await
    }
}

struct Sink {
    app: App,
    actor: Actor,
    ingest: Option<Ingest>,
}

#[async_trait]
impl InstanceSink for Sink {
    async fn begin(&mut self, instance: SentInstance) -> Result<(), AppError> {
        let name = instance.sop_instance_uid.clone();
        let target = IngestTarget {
            instance: Some(instance),
            ..IngestTarget::default()
        };
        let mut ingest = self.app.begin_ingest(&self.actor, target).await?;
        ingest.begin_part(Some(&name)).await?;
        self.ingest = Some(ingest);
        Ok(())
    }

    async fn write(&mut self, bytes: Bytes) -> Result<(), AppError> {
        match &mut self.ingest {
            Some(ingest) => ingest.write(bytes).await,
            None => Err(nothing_begun()),
        }
    }

    async fn end(&mut self) -> Result<(), AppError> {
        let mut ingest = self.ingest.take().ok_or_else(nothing_begun)?;
        ingest.end_part().await?;
        let report = ingest.commit().await?;
        match report.parts.into_iter().next().map(|part| part.outcome) {
            Some(PartOutcome::Stored | PartOutcome::Duplicate) => Ok(()),
            Some(PartOutcome::Refused { code, text }) => Err(AppError::refused(code, text)),
            None => Err(nothing_begun()),
        }
    }
}

fn nothing_begun() -> AppError {
    AppError::Internal {
        what: "bytes of an instance that had not begun".to_owned(),
    }
}
