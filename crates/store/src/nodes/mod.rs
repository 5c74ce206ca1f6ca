//! Applications that speak DICOM with us.

mod commitments;
mod titles;

use chrono::{DateTime, Utc};
use domain::{
    DicomNodeId, FacilityId, FacilityScope, NodeRight, TenantId,
    dicom_node::{ANY_TITLE, AddressRange, NodeRecognition},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, QueryFilter, QueryOrder};

use crate::{
    PlatformTx, StoreError, TenantRead, TenantTx,
    entity::dicom_node,
    tenant::{one_row, tenant_owned},
};

pub use commitments::CommitmentRow;

tenant_owned!(dicom_node);

/// An application that speaks DICOM with us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DicomNodeRow {
    /// Its id.
    pub id: DicomNodeId,
    /// The facility it belongs to: what it sends is that facility's, and it sees no other's.
    pub facility: FacilityId,
    /// The name the administrator gave it.
    pub name: String,
    /// What it calls us, and what we call ourselves to it.
    pub called_title: String,
    /// What it calls itself, or [`ANY_TITLE`].
    pub peer_title: String,
    /// Where it may come from; nothing: from anywhere.
    pub addresses: Vec<AddressRange>,
    /// The SHA-256 of its certificates; nothing: none is asked for.
    pub certificates: Vec<[u8; 32]>,
    /// Whether it must come encrypted.
    pub requires_tls: bool,
    /// What it may ask of us.
    pub rights: Vec<NodeRight>,
    /// Whether it may store instances of SOP classes that are not the Standard's.
    pub takes_private_classes: bool,
    /// Where it listens, when it does.
    pub address: Option<(String, u16)>,
    /// Whether we come to it encrypted.
    pub uses_tls: bool,
    /// Whether it is let in at all.
    pub is_enabled: bool,
    /// Since when.
    pub created_at: DateTime<Utc>,
}

impl DicomNodeRow {
    /// How it is recognised.
    pub fn recognition(&self) -> NodeRecognition<'_> {
        NodeRecognition {
            title: &self.peer_title,
            addresses: &self.addresses,
            certificates: &self.certificates,
            requires_tls: self.requires_tls,
        }
    }

    fn to_active(&self) -> dicom_node::ActiveModel {
        let certificates: Vec<String> = self.certificates.iter().map(hex::encode).collect();
        let (host, port) = self.address.clone().unzip();
        dicom_node::ActiveModel {
            id: Set(self.id.uuid()),
            facility_id: Set(self.facility.uuid()),
            name: Set(self.name.clone()),
            called_title: Set(self.called_title.clone()),
            peer_title: Set(self.peer_title.clone()),
            addresses: Set(self.addresses.iter().map(ToString::to_string).collect()),
            certificates: Set(certificates.into()),
            requires_tls: Set(self.requires_tls),
            rights: Set(self.rights.iter().map(|right| right.as_str()).collect()),
            takes_private_classes: Set(self.takes_private_classes),
            host: Set(host),
            port: Set(port.map(i32::from)),
            uses_tls: Set(self.uses_tls),
            is_enabled: Set(self.is_enabled),
            created_at: Set(self.created_at),
            ..Default::default()
        }
    }
}

impl TryFrom<dicom_node::Model> for DicomNodeRow {
    type Error = StoreError;

    fn try_from(row: dicom_node::Model) -> Result<Self, StoreError> {
        let inconsistent = |what| StoreError::Inconsistent {
            table: "dicom_node",
            id: row.id.to_string(),
            what,
        };
        let certificates: Vec<String> =
            serde_json::from_value(row.certificates).map_err(|_| inconsistent("certificates is a list"))?;
        let certificates = certificates.iter().map(|text| {
            let mut sha256 = [0; 32];
            hex::decode_to_slice(text, &mut sha256).map(|()| sha256)
        });
        Ok(Self {
            id: DicomNodeId::from_uuid(row.id),
            facility: FacilityId::from_uuid(row.facility_id),
            certificates: certificates
                .collect::<Result<_, _>>()
                .map_err(|_| inconsistent("a certificate is a SHA-256"))?,
            addresses: serde_json::from_value(row.addresses)
                .map_err(|_| inconsistent("addresses is a list of ranges"))?,
            rights: serde_json::from_value(row.rights)
                .map_err(|_| inconsistent("rights is a list of known rights"))?,
            address: row.host.zip(row.port.and_then(|port| u16::try_from(port).ok())),
            name: row.name,
            called_title: row.called_title,
            peer_title: row.peer_title,
            requires_tls: row.requires_tls,
            takes_private_classes: row.takes_private_classes,
            uses_tls: row.uses_tls,
            is_enabled: row.is_enabled,
            created_at: row.created_at,
        })
    }
}

fn rows(models: Vec<dicom_node::Model>) -> Result<Vec<DicomNodeRow>, StoreError> {
    models.into_iter().map(DicomNodeRow::try_from).collect()
}

impl TenantRead {
    /// The nodes of the facilities inside `scope`, by name.
    pub async fn dicom_nodes(&self, scope: &FacilityScope) -> Result<Vec<DicomNodeRow>, StoreError> {
        let mut query = self.find::<dicom_node::Entity>();
        if let FacilityScope::Only(list) = scope {
            let list = list.iter().map(|facility| facility.uuid());
            query = query.filter(dicom_node::Column::FacilityId.is_in(list));
        }
        rows(
            query
                .order_by_asc(dicom_node::Column::Name)
                .order_by_asc(dicom_node::Column::Id)
                .all(&self.conn)
                .await?,
        )
    }

    /// One node.
    pub async fn dicom_node(&self, id: DicomNodeId) -> Result<Option<DicomNodeRow>, StoreError> {
        let row = self
            .find::<dicom_node::Entity>()
            .filter(dicom_node::Column::Id.eq(id.uuid()))
            .one(&self.conn)
            .await?;
        row.map(DicomNodeRow::try_from).transpose()
    }

    /// The nodes that call us by `called` and themselves `peer` or anything; those of that title first.
    pub async fn dicom_nodes_of_titles(
        &self,
        called: &str,
        peer: &str,
    ) -> Result<Vec<DicomNodeRow>, StoreError> {
        let models = self
            .find::<dicom_node::Entity>()
            .filter(dicom_node::Column::CalledTitle.eq(called))
            .filter(dicom_node::Column::PeerTitle.is_in([peer, ANY_TITLE]))
            .order_by_asc(dicom_node::Column::Id)
            .all(&self.conn)
            .await?;
        let mut nodes = rows(models)?;
        nodes.sort_by_key(|node| node.peer_title == ANY_TITLE);
        Ok(nodes)
    }
}

impl TenantTx {
    /// Adds a node.
    pub async fn insert_dicom_node(&self, row: &DicomNodeRow) -> Result<(), StoreError> {
        self.insert::<dicom_node::Entity>(row.to_active())
            .exec_without_returning(&self.conn)
            .await?;
        Ok(())
    }

    /// Writes a node that is there anew.
    pub async fn update_dicom_node(&self, row: &DicomNodeRow) -> Result<(), StoreError> {
        let updated = self
            .update::<dicom_node::Entity>()
            .filter(dicom_node::Column::Id.eq(row.id.uuid()))
            .set(row.to_active())
            .exec(&self.conn)
            .await?;
        one_row("dicom_node", updated.rows_affected)
    }

    /// Removes a node. False when there is none.
    pub async fn remove_dicom_node(&self, id: DicomNodeId) -> Result<bool, StoreError> {
        let removed = self
            .delete::<dicom_node::Entity>()
            .filter(dicom_node::Column::Id.eq(id.uuid()))
            .exec(&self.conn)
            .await?;
        Ok(removed.rows_affected == 1)
    }

    /// Whether a node calls us by that title.
    pub async fn title_is_used(&self, called: &str) -> Result<bool, StoreError> {
        let row = self
            .find::<dicom_node::Entity>()
            .filter(dicom_node::Column::CalledTitle.eq(called))
            .one(&self.conn)
            .await?;
        Ok(row.is_some())
    }
}

impl PlatformTx {
    /// The nodes of any tenant that call themselves `peer`.
    pub async fn dicom_nodes_of_peer(&self, peer: &str) -> Result<Vec<DicomNodeRow>, StoreError> {
        const MOST: u64 = 100;
        use sea_orm::QuerySelect as _;
        rows(
            self.all_rows::<dicom_node::Entity>()
                .filter(dicom_node::Column::PeerTitle.eq(peer))
                .limit(MOST)
                .all(self.conn())
                .await?,
        )
    }

    /// Whose a called title is.
    pub async fn tenant_of_called_title(&self, title: &str) -> Result<Option<TenantId>, StoreError> {
        titles::owner(self, title).await
    }
}
