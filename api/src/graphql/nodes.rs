//! Applications that speak DICOM with us.

use app::nodes::{DicomNodeInput as Input, rows::DicomNodeRow};
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};

use super::{CallerContext, NodeRight, context::parse_id, graphql_error};

/// An application that speaks DICOM with us.
#[derive(Debug, Clone, SimpleObject)]
pub struct DicomNode {
    id: ID,
    /// What it sends is this facility's, and it sees no other's.
    facility_id: ID,
    name: String,
    /// The AE title it calls us by, unique in the installation.
    called_title: String,
    /// Its own AE title; `*` for any.
    peer_title: String,
    /// Where it may come from; empty: from anywhere.
    addresses: Vec<String>,
    /// The SHA-256 of its certificates; empty: none is asked for.
    certificates: Vec<String>,
    /// Whether it must come encrypted.
    requires_tls: bool,
    rights: Vec<NodeRight>,
    /// Whether it may store instances of SOP classes that are not the Standard's.
    takes_private_classes: bool,
    /// Where it listens, when we may call it.
    host: Option<String>,
    port: Option<i32>,
    /// Whether we come to it encrypted.
    uses_tls: bool,
    is_enabled: bool,
    created_at: DateTime<Utc>,
}

impl From<DicomNodeRow> for DicomNode {
    fn from(row: DicomNodeRow) -> Self {
        let (host, port) = row.address.unzip();
        Self {
            id: row.id.to_string().into(),
            facility_id: row.facility.to_string().into(),
            name: row.name,
            called_title: row.called_title,
            peer_title: row.peer_title,
            addresses: row.addresses.iter().map(ToString::to_string).collect(),
            certificates: row.certificates.iter().map(hex::encode).collect(),
            requires_tls: row.requires_tls,
            rights: row.rights.into_iter().map(NodeRight::from).collect(),
            takes_private_classes: row.takes_private_classes,
            host,
            port: port.map(i32::from),
            uses_tls: row.uses_tls,
            is_enabled: row.is_enabled,
            created_at: row.created_at,
        }
    }
}

/// A node as an administrator describes it.
#[derive(Debug, InputObject)]
pub struct DicomNodeInput {
    facility_id: ID,
    name: String,
    /// The AE title it calls us by.
    called_title: String,
    /// Its own AE title; `*` for any, which needs addresses or certificates.
    peer_title: String,
    /// Addresses and ranges such as `10.1.0.0/16`.
    #[graphql(default)]
    addresses: Vec<String>,
    /// The SHA-256 of its certificates, in hexadecimal.
    #[graphql(default)]
    certificates: Vec<String>,
    #[graphql(default)]
    requires_tls: bool,
    #[graphql(default)]
    rights: Vec<NodeRight>,
    #[graphql(default = true)]
    takes_private_classes: bool,
    host: Option<String>,
    port: Option<u16>,
    #[graphql(default)]
    uses_tls: bool,
    #[graphql(default = true)]
    is_enabled: bool,
}

impl DicomNodeInput {
    fn parse(self) -> Result<Input> {
        Ok(Input {
            facility: parse_id("facilityId", &self.facility_id)?,
            name: self.name,
            called_title: self.called_title,
            peer_title: self.peer_title,
            addresses: self.addresses,
            certificates: self.certificates,
            requires_tls: self.requires_tls,
            rights: self.rights.into_iter().map(domain::NodeRight::from).collect(),
            takes_private_classes: self.takes_private_classes,
            host: self.host,
            port: self.port,
            uses_tls: self.uses_tls,
            is_enabled: self.is_enabled,
        })
    }
}

#[derive(Debug, InputObject)]
pub struct ChangeDicomNodeInput {
    node_id: ID,
    node: DicomNodeInput,
}

#[derive(Debug, InputObject)]
pub struct RemoveDicomNodeInput {
    node_id: ID,
}

/// A node that is gone.
#[derive(Debug, SimpleObject)]
pub struct RemovedDicomNode {
    node_id: ID,
}

#[derive(Debug, Default)]
pub struct NodesQuery;

#[Object]
impl NodesQuery {
    /// The applications that speak DICOM with the tenant, by name.
    async fn dicom_nodes(&self, ctx: &Context<'_>) -> Result<Vec<DicomNode>> {
        let nodes = ctx
            .app()?
            .dicom_nodes(ctx.actor()?)
            .await
            .map_err(graphql_error)?;
        Ok(nodes.into_iter().map(DicomNode::from).collect())
    }
}

#[derive(Debug, Default)]
pub struct NodesMutation;

#[Object]
impl NodesMutation {
    /// Adds an application; the title it calls us by becomes its facility's.
    async fn add_dicom_node(&self, ctx: &Context<'_>, input: DicomNodeInput) -> Result<DicomNode> {
        let node = ctx.app()?.add_dicom_node(ctx.actor()?, input.parse()?).await;
        Ok(node.map_err(graphql_error)?.into())
    }

    /// Describes an application anew.
    async fn change_dicom_node(&self, ctx: &Context<'_>, input: ChangeDicomNodeInput) -> Result<DicomNode> {
        let id = parse_id("nodeId", &input.node_id)?;
        let node = ctx
            .app()?
            .change_dicom_node(ctx.actor()?, id, input.node.parse()?)
            .await;
        Ok(node.map_err(graphql_error)?.into())
    }

    /// Removes an application; it is not let in any more.
    async fn remove_dicom_node(
        &self,
        ctx: &Context<'_>,
        input: RemoveDicomNodeInput,
    ) -> Result<RemovedDicomNode> {
        let id = parse_id("nodeId", &input.node_id)?;
        let removed = ctx.app()?.remove_dicom_node(ctx.actor()?, id).await;
        removed.map_err(graphql_error)?;
        Ok(RemovedDicomNode {
            node_id: input.node_id,
        })
    }
}
