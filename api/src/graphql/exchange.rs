//! Sending studies to other archives, searching them, fetching from them.

use app::{
    nodes::rows::DicomNodeRow,
    ports::{PeerQuestion, PeerStudy as Found},
};
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};

use super::{CallerContext, context::parse_id, graphql_error};

/// Whether a node answered.
#[derive(Debug, SimpleObject)]
pub struct NodeVerification {
    answered: bool,
    milliseconds: u64,
    /// Why it did not.
    problem: Option<String>,
}

/// Where a study may be sent to.
#[derive(Debug, SimpleObject)]
pub struct StudyDestination {
    id: ID,
    name: String,
    facility_id: ID,
}

/// A job that was queued; `jobs` tells how it goes.
#[derive(Debug, SimpleObject)]
pub struct QueuedJob {
    job_id: ID,
}

/// A study that another archive has.
#[derive(Debug, SimpleObject)]
pub struct PeerStudy {
    study_instance_uid: String,
    patient_id: String,
    patient_name: String,
    /// YYYYMMDD
    patient_birth_date: String,
    /// YYYYMMDD
    study_date: String,
    accession_number: String,
    description: String,
    modalities: Vec<String>,
    /// None when the archive does not say.
    instances: Option<u32>,
}

impl From<Found> for PeerStudy {
    fn from(found: Found) -> Self {
        Self {
            study_instance_uid: found.study_instance_uid,
            patient_id: found.patient_id,
            patient_name: found.patient_name,
            patient_birth_date: found.patient_birth_date,
            study_date: found.study_date,
            accession_number: found.accession_number,
            description: found.description,
            modalities: found.modalities,
            instances: found.instances,
        }
    }
}

#[derive(Debug, InputObject)]
pub struct PeerStudiesInput {
    node_id: ID,
    patient_id: Option<String>,
    /// With `*` and `?`.
    patient_name: Option<String>,
    accession_number: Option<String>,
    /// YYYYMMDD, or a range with a hyphen.
    study_date: Option<String>,
    study_instance_uid: Option<String>,
}

#[derive(Debug, InputObject)]
pub struct VerifyDicomNodeInput {
    node_id: ID,
}

#[derive(Debug, InputObject)]
pub struct SendStudyInput {
    study_id: ID,
    node_id: ID,
}

#[derive(Debug, InputObject)]
pub struct FetchStudyInput {
    node_id: ID,
    study_instance_uid: String,
}

#[derive(Debug, Default)]
pub struct ExchangeQuery;

#[Object]
impl ExchangeQuery {
    /// The archives and workstations that studies may be sent to and fetched from, by name.
    async fn study_destinations(&self, ctx: &Context<'_>) -> Result<Vec<StudyDestination>> {
        let nodes = ctx.app()?.study_destinations(ctx.actor()?).await;
        let destination = |node: DicomNodeRow| StudyDestination {
            id: node.id.to_string().into(),
            name: node.name,
            facility_id: node.facility.to_string().into(),
        };
        Ok(nodes
            .map_err(graphql_error)?
            .into_iter()
            .map(destination)
            .collect())
    }

    /// Searches another archive (C-FIND); at most 200 studies.
    async fn peer_studies(&self, ctx: &Context<'_>, input: PeerStudiesInput) -> Result<Vec<PeerStudy>> {
        let node = parse_id("nodeId", &input.node_id)?;
        let question = PeerQuestion {
            patient_id: input.patient_id,
            patient_name: input.patient_name,
            accession_number: input.accession_number,
            study_date: input.study_date,
            study_instance_uid: input.study_instance_uid,
        };
        let found = ctx.app()?.find_at_peer(ctx.actor()?, node, question).await;
        Ok(found
            .map_err(graphql_error)?
            .into_iter()
            .map(PeerStudy::from)
            .collect())
    }
}

#[derive(Debug, Default)]
pub struct ExchangeMutation;

#[Object]
impl ExchangeMutation {
    /// Verifies that a node answers (C-ECHO).
    async fn verify_dicom_node(
        &self,
        ctx: &Context<'_>,
        input: VerifyDicomNodeInput,
    ) -> Result<NodeVerification> {
        let node = parse_id("nodeId", &input.node_id)?;
        let verified = ctx.app()?.verify_dicom_node(ctx.actor()?, node).await;
        let verified = verified.map_err(graphql_error)?;
        Ok(NodeVerification {
            answered: verified.problem.is_none(),
            milliseconds: verified.milliseconds,
            problem: verified.problem,
        })
    }

    /// Has a study sent to another archive (C-STORE), by a job.
    async fn send_study(&self, ctx: &Context<'_>, input: SendStudyInput) -> Result<QueuedJob> {
        let (study, node) = (
            parse_id("studyId", &input.study_id)?,
            parse_id("nodeId", &input.node_id)?,
        );
        let job = ctx.app()?.send_study(ctx.actor()?, study, node).await;
        Ok(queued(job.map_err(graphql_error)?))
    }

    /// Has a study fetched from another archive (C-GET, else C-MOVE to us), by a job.
    async fn fetch_study(&self, ctx: &Context<'_>, input: FetchStudyInput) -> Result<QueuedJob> {
        let node = parse_id("nodeId", &input.node_id)?;
        let job = ctx
            .app()?
            .fetch_study(ctx.actor()?, node, &input.study_instance_uid)
            .await;
        Ok(queued(job.map_err(graphql_error)?))
    }
}

fn queued(job: domain::JobId) -> QueuedJob {
    QueuedJob {
        job_id: job.to_string().into(),
    }
}
