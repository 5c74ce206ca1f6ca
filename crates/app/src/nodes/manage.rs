//! The administrator's list of nodes.

use domain::{
    Actor, DicomNodeId, ErrorCode, FacilityId, NodeRight, Permission,
    audit::{AuditAction, AuditEvent},
    dicom_node::{ANY_TITLE, AddressRange},
};
use store::{DicomNodeRow, TenantTx};

use crate::{App, AppError, FieldError};

/// A node as an administrator describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DicomNodeInput {
    /// The facility it belongs to.
    pub facility: FacilityId,
    /// What it is called on screens.
    pub name: String,
    /// What it calls us.
    pub called_title: String,
    /// What it calls itself, or `*` for any.
    pub peer_title: String,
    /// Where it may come from, as addresses and ranges.
    pub addresses: Vec<String>,
    /// The SHA-256 of its certificates, in hexadecimal, with colons or not.
    pub certificates: Vec<String>,
    /// Whether it must come encrypted.
    pub requires_tls: bool,
    /// What it may ask of us.
    pub rights: Vec<NodeRight>,
    /// Whether it may store instances of SOP classes that are not the Standard's.
    pub takes_private_classes: bool,
    /// Where it listens.
    pub host: Option<String>,
    /// On which port.
    pub port: Option<u16>,
    /// Whether we come to it encrypted.
    pub uses_tls: bool,
    /// Whether it is let in at all.
    pub is_enabled: bool,
}

/// Most addresses or certificates of a node.
const MOST_LISTED: usize = 64;

impl App {
    /// The nodes of the facilities the actor may see, by name.
    pub async fn dicom_nodes(&self, actor: &Actor) -> Result<Vec<DicomNodeRow>, AppError> {
        self.authorise(actor, Permission::ManageNodes)?;
        Ok(self
            .store
            .read(actor)
            .await?
            .dicom_nodes(actor.facilities())
            .await?)
    }

    /// Adds a node; its called title becomes its facility's.
    ///
    /// Errors: `INVALID_INPUT`; `AE_TITLE_TAKEN`; `NAME_TAKEN`; `NOT_FOUND` when the facility is not the tenant's.
    pub async fn add_dicom_node(
        &self,
        actor: &Actor,
        input: DicomNodeInput,
    ) -> Result<DicomNodeRow, AppError> {
        self.authorise(actor, Permission::ManageNodes)?;
        let now = self.clock.now();
        let row = checked(DicomNodeId::from_uuid(self.ids.next()), input, now)?;
        let mut tx = self.store.begin(actor).await?;
        claim_title(&tx, &row).await?;
        unless_named(tx.insert_dicom_node(&row).await)?;
        tx.audit(AuditEvent::of(actor, now, AuditAction::NodeAdd, row.id).detail(summary(&row)));
        tx.commit().await?;
        Ok(row)
    }

    /// Describes a node anew. Associations that are under way go on as they were let in.
    ///
    /// Errors: those of [`App::add_dicom_node`].
    pub async fn change_dicom_node(
        &self,
        actor: &Actor,
        id: DicomNodeId,
        input: DicomNodeInput,
    ) -> Result<DicomNodeRow, AppError> {
        self.authorise(actor, Permission::ManageNodes)?;
        let now = self.clock.now();
        let mut tx = self.store.begin(actor).await?;
        let before = tx
            .dicom_node(id)
            .await?
            .ok_or(AppError::NotFound { what: "node" })?;
        let row = checked(id, input, before.created_at)?;
        if row == before {
            return Ok(row);
        }
        claim_title(&tx, &row).await?;
        unless_named(tx.update_dicom_node(&row).await)?;
        if row.called_title != before.called_title {
            give_title_up(&tx, &before.called_title).await?;
        }
        tx.audit(AuditEvent::of(actor, now, AuditAction::NodeChange, row.id).detail(summary(&row)));
        tx.commit().await?;
        Ok(row)
    }

    /// Removes a node; its called title is free when it was the last that used it. One that is gone stays gone.
    pub async fn remove_dicom_node(&self, actor: &Actor, id: DicomNodeId) -> Result<(), AppError> {
        self.authorise(actor, Permission::ManageNodes)?;
        let now = self.clock.now();
        let mut tx = self.store.begin(actor).await?;
        let node = tx
            .dicom_node(id)
            .await?
            .ok_or(AppError::NotFound { what: "node" })?;
        if tx.remove_dicom_node(id).await? {
            give_title_up(&tx, &node.called_title).await?;
            tx.audit(AuditEvent::of(actor, now, AuditAction::NodeRemove, id).detail(summary(&node)));
        }
        Ok(tx.commit().await?)
    }
}

async fn claim_title(tx: &TenantTx, row: &DicomNodeRow) -> Result<(), AppError> {
    tx.facility(row.facility)
        .await?
        .ok_or(AppError::NotFound { what: "facility" })?;
    if tx.claim_called_title(&row.called_title, row.facility).await? {
        return Ok(());
    }
    Err(AppError::refused(
        ErrorCode::AeTitleTaken,
        "this called AE title is used for another facility; choose another one, and set it in the other application",
    ))
}

async fn give_title_up(tx: &TenantTx, title: &str) -> Result<(), AppError> {
    if !tx.title_is_used(title).await? {
        tx.release_called_title(title).await?;
    }
    Ok(())
}

fn unless_named<T>(result: Result<T, store::StoreError>) -> Result<T, AppError> {
    result.map_err(|error| {
        if error.is_unique_violation() {
            AppError::refused(
                ErrorCode::NameTaken,
                "a node of this name has these titles already",
            )
        } else {
            error.into()
        }
    })
}

/// What the trail says of a node.
fn summary(row: &DicomNodeRow) -> String {
    let rights: Vec<&str> = row.rights.iter().map(|right| right.as_str()).collect();
    format!(
        "{} to {}, {}{}",
        row.peer_title,
        row.called_title,
        if rights.is_empty() {
            "no rights".to_owned()
        } else {
            rights.join(" ")
        },
        if row.is_enabled { "" } else { ", disabled" }
    )
}

fn checked(
    id: DicomNodeId,
    input: DicomNodeInput,
    created_at: chrono::DateTime<chrono::Utc>,
) -> Result<DicomNodeRow, AppError> {
    let mut fields = Vec::new();
    let mut wrong = |field, message: &str| {
        fields.push(FieldError {
            field,
            message: message.to_owned(),
        });
    };
    let name = input.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > 200 || name.contains(char::is_control) {
        wrong("name", "use 1 to 200 characters");
    }
    let title_rule = "use 1 to 16 letters, digits and signs, without a backslash";
    let called_title = title(&input.called_title).filter(|title| title != ANY_TITLE);
    if called_title.is_none() {
        wrong("calledTitle", title_rule);
    }
    let peer_title = title(&input.peer_title);
    if peer_title.is_none() {
        wrong("peerTitle", title_rule);
    }
    let addresses: Option<Vec<AddressRange>> = input.addresses.iter().map(|text| text.parse().ok()).collect();
    if addresses.as_ref().is_none_or(|list| list.len() > MOST_LISTED) {
        wrong("addresses", "use addresses, or ranges such as 10.1.0.0/16");
    }
    let certificates: Option<Vec<[u8; 32]>> =
        input.certificates.iter().map(|text| fingerprint(text)).collect();
    if certificates.as_ref().is_none_or(|list| list.len() > MOST_LISTED) {
        wrong(
            "certificates",
            "use the SHA-256 of a certificate: 64 hexadecimal digits",
        );
    }
    let address = match (input.host.as_deref().map(str::trim), input.port) {
        (None | Some(""), None) => None,
        (Some(host), Some(port)) if is_host(host) && port > 0 => Some((host.to_owned(), port)),
        _ => {
            wrong("host", "use a host name or address, and a port");
            None
        }
    };
    let node = DicomNodeRow {
        id,
        facility: input.facility,
        name,
        called_title: called_title.unwrap_or_default(),
        peer_title: peer_title.unwrap_or_default(),
        addresses: addresses.unwrap_or_default(),
        certificates: certificates.unwrap_or_default(),
        requires_tls: input.requires_tls,
        rights: NodeRight::ALL
            .iter()
            .copied()
            .filter(|right| input.rights.contains(right))
            .collect(),
        takes_private_classes: input.takes_private_classes,
        address,
        uses_tls: input.uses_tls,
        is_enabled: input.is_enabled,
        created_at,
    };
    if fields.is_empty() && !node.recognition().is_held() {
        fields.push(FieldError {
            field: "addresses",
            message: "a node of any title needs addresses or certificates to be recognised by".to_owned(),
        });
    }
    if fields.is_empty() && node.peer_title == ANY_TITLE && node.address.is_some() {
        fields.push(FieldError {
            field: "peerTitle",
            message: "a node that we call needs a title of its own".to_owned(),
        });
    }
    if fields.is_empty() {
        Ok(node)
    } else {
        Err(AppError::InvalidInput { fields })
    }
}

/// An AE title (PS3.5 §6.2).
fn title(text: &str) -> Option<String> {
    let text = text.trim();
    let is_printable = |byte: u8| (0x20..0x7f).contains(&byte) && byte != b'\\';
    let fits = !text.is_empty() && text.len() <= 16 && text.bytes().all(is_printable);
    fits.then(|| text.to_owned())
}

fn fingerprint(text: &str) -> Option<[u8; 32]> {
    let digits: String = text.chars().filter(|sign| !matches!(sign, ':' | ' ')).collect();
    let mut sha256 = [0; 32];
    hex::decode_to_slice(digits, &mut sha256).ok()?;
    Some(sha256)
}

fn is_host(host: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':');
    !host.is_empty() && host.len() <= 255 && host.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn input() -> DicomNodeInput {
        DicomNodeInput {
            facility: FacilityId::from_uuid(Uuid::from_u128(1)),
            name: "CT 1".to_owned(),
            called_title: "ARCHIVE".to_owned(),
            peer_title: "CT1".to_owned(),
            addresses: vec!["10.0.0.0/8".to_owned()],
            certificates: vec!["AB:".repeat(32)],
            requires_tls: false,
            rights: vec![NodeRight::Find, NodeRight::Store],
            takes_private_classes: true,
            host: None,
            port: None,
            uses_tls: false,
            is_enabled: true,
        }
    }

    fn fields(change: impl FnOnce(&mut DicomNodeInput)) -> Vec<&'static str> {
        let mut input = input();
        change(&mut input);
        match checked(
            DicomNodeId::from_uuid(Uuid::nil()),
            input,
            chrono::DateTime::UNIX_EPOCH,
        ) {
            Ok(_) => Vec::new(),
            Err(AppError::InvalidInput { fields }) => fields.iter().map(|field| field.field).collect(),
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    fn each_field_that_cannot_be_is_named() {
        assert!(fields(|_| {}).is_empty());
        assert_eq!(fields(|input| input.name.clear()), ["name"]);
        assert_eq!(
            fields(|input| input.called_title = "*".to_owned()),
            ["calledTitle"]
        );
        assert_eq!(
            fields(|input| input.peer_title = "A\\B".to_owned()),
            ["peerTitle"]
        );
        assert_eq!(
            fields(|input| input.addresses = vec!["10.0".to_owned()]),
            ["addresses"]
        );
        assert_eq!(
            fields(|input| input.certificates = vec!["ab".to_owned()]),
            ["certificates"]
        );
        assert_eq!(fields(|input| input.port = Some(104)), ["host"]);
        let open = |input: &mut DicomNodeInput| {
            input.peer_title = "*".to_owned();
            input.addresses.clear();
            input.certificates.clear();
        };
        assert_eq!(fields(open), ["addresses"]);
    }
}
