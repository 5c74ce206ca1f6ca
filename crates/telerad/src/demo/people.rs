//! The demo's tenant, facilities, accounts, key and DICOM node.

use anyhow::Context as _;
use app::{
    App,
    identity::{NewApiKey, NewFacility, NewPerson},
    nodes::DicomNodeInput,
};
use domain::{Actor, ApiScope, FacilityId, NodeRight, Role, TenantId, dicom_node::ANY_TITLE};

use super::{AE_TITLE, DemoFile, file::DemoAccount};

/// The demo's facilities: name, code, where report links are mailed.
const FACILITIES: &[(&str, &str, &str)] = &[
    ("Lakeside Imaging", "LAKE", "reports@lakeside.example"),
    ("Hill Street Clinic", "HILL", "reports@hillstreet.example"),
];

/// Makes what is missing. Gives the program's own actor in the tenant.
pub async fn seed(app: &App, file: &mut DemoFile) -> anyhow::Result<Actor> {
    let tenant = match app.tenant_by_slug(&file.tenant.slug).await? {
        Some(known) => known,
        None => app
            .create_tenant(&file.tenant.slug, &file.tenant.name)
            .await
            .context("founding the tenant")?,
    };
    let actor = Actor::system(tenant.id, None);
    let mut facilities = Vec::with_capacity(FACILITIES.len());
    for place in FACILITIES {
        facilities.push(facility(app, &actor, place).await?);
    }
    for account in &file.accounts {
        seed_account(app, &actor, account, &facilities)
            .await
            .with_context(|| account.email.clone())?;
    }
    if file.api_key.is_empty() {
        let new = NewApiKey {
            name: "Demo gateway".to_owned(),
            scopes: ApiScope::ALL.to_vec(),
            facility: facilities.first().copied(),
        };
        file.api_key = app
            .create_api_key(&actor, new)
            .await
            .context("making the API key")?
            .secret;
    }
    if let Some(facility) = facilities.first() {
        seed_node(app, &actor, *facility).await?;
    }
    Ok(actor)
}

/// Lets every application of this machine in, whatever it calls itself.
async fn seed_node(app: &App, actor: &Actor, facility: FacilityId) -> anyhow::Result<()> {
    if !app.dicom_nodes(actor).await?.is_empty() {
        return Ok(());
    }
    let node = DicomNodeInput {
        facility,
        name: "This machine".to_owned(),
        called_title: AE_TITLE.to_owned(),
        peer_title: ANY_TITLE.to_owned(),
        addresses: vec!["127.0.0.0/8".to_owned(), "::1".to_owned()],
        certificates: Vec::new(),
        requires_tls: false,
        rights: NodeRight::ALL.to_vec(),
        takes_private_classes: true,
        host: None,
        port: None,
        uses_tls: false,
        is_enabled: true,
    };
    app.add_dicom_node(actor, node)
        .await
        .context("adding the DICOM node")?;
    Ok(())
}

async fn facility(app: &App, actor: &Actor, place: &(&str, &str, &str)) -> anyhow::Result<FacilityId> {
    let &(name, code, mail) = place;
    let known = app
        .facilities(actor)
        .await?
        .into_iter()
        .find(|facility| facility.code == code);
    if let Some(known) = known {
        return Ok(known.id);
    }
    let new = NewFacility {
        name: name.to_owned(),
        code: code.to_owned(),
        report_email: Some(mail.to_owned()),
    };
    Ok(app
        .add_facility(actor, new)
        .await
        .with_context(|| format!("adding {name}"))?
        .id)
}

async fn seed_account(
    app: &App,
    tenant: &Actor,
    account: &DemoAccount,
    facilities: &[FacilityId],
) -> anyhow::Result<()> {
    let role = Role::from_name(&account.role).context("a role")?;
    let actor = match role {
        Role::Operator => Actor::system(TenantId::PLATFORM, None),
        _ => tenant.clone(),
    };
    let places = if role == Role::FacilityStaff {
        facilities.to_vec()
    } else {
        Vec::new()
    };
    if app.user_by_email(&account.email).await?.is_none() {
        let person = NewPerson {
            email: account.email.clone(),
            name: account.name.clone(),
            password: account.password.clone(),
        };
        app.create_member(&actor, person, role, places).await?;
    }
    Ok(())
}
