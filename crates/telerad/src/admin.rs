//! Commands of the person who runs the machine: tenants, accounts and keys that nobody invited.
//!
//! **Invariant:** a password or key never stands in an argument, where other users of the machine read it.

use std::io::{BufRead as _, IsTerminal as _};

use anyhow::{Context as _, bail};
use app::{App, identity};
use clap::{Args, Subcommand};
use domain::{Actor, ApiScope, ErrorCode, FacilityId, Role, TenantId};

/// The commands below `telerad admin`.
#[derive(Debug, Subcommand)]
pub enum Admin {
    /// Found a tenant.
    CreateTenant {
        /// Its name in addresses: lower-case letters, digits and hyphens.
        slug: String,
        /// Its name for people.
        name: String,
    },
    /// Add an imaging centre to a tenant.
    CreateFacility(CreateFacility),
    /// Make an account that belongs to a tenant, or an operator's. The password is the first line of
    /// standard input.
    CreateUser(CreateUser),
    /// Make somebody who has an account a member of a tenant, too. Their name and password stay.
    AddMember(AddMember),
    /// Make a machine's key and print its secret, this once.
    CreateApiKey(CreateApiKey),
    /// Verify a tenant's audit trail: its hash chain, and the checkpoints in the object store. Fails when anything
    /// speaks against it.
    VerifyAudit {
        /// The tenant's slug.
        #[arg(long)]
        tenant: String,
    },
}

/// A facility.
#[derive(Debug, Args)]
pub struct CreateFacility {
    /// The tenant's slug.
    #[arg(long)]
    tenant: String,
    /// Its short code.
    #[arg(long)]
    code: String,
    /// Its name.
    #[arg(long)]
    name: String,
    /// Where the links to its reports are mailed.
    #[arg(long)]
    report_email: Option<String>,
}

/// A person.
#[derive(Debug, Args)]
pub struct CreateUser {
    /// The name to show and to sign reports with.
    #[arg(long)]
    name: String,
    #[command(flatten)]
    member: AddMember,
}

/// A membership.
#[derive(Debug, Args)]
pub struct AddMember {
    /// The address to sign in with.
    #[arg(long)]
    email: String,
    /// OPERATOR, or with a tenant TENANT_ADMIN, FACILITY_STAFF or RADIOLOGIST.
    #[arg(long, value_parser = parse_role)]
    role: Role,
    /// The tenant's slug; not for operators.
    #[arg(long, required_if_eq_any = [("role", "TENANT_ADMIN"), ("role", "FACILITY_STAFF"), ("role", "RADIOLOGIST")])]
    tenant: Option<String>,
    /// The codes of the facilities a member of staff works at.
    #[arg(long)]
    facility: Vec<String>,
}

/// A key.
#[derive(Debug, Args)]
pub struct CreateApiKey {
    /// The tenant's slug.
    #[arg(long)]
    tenant: String,
    /// What the machine is called.
    #[arg(long)]
    name: String,
    /// What it may do: STUDIES_READ, STUDIES_WRITE, STUDIES_DELETE, CASES_READ.
    #[arg(long, required = true, value_parser = parse_scope)]
    scope: Vec<ApiScope>,
    /// The code of the one facility it works for; all of the tenant's when absent.
    #[arg(long)]
    facility: Option<String>,
}

/// Runs one command and prints the id or the secret of what was made.
pub async fn run(app: &App, command: Admin) -> anyhow::Result<()> {
    let made = match command {
        Admin::CreateTenant { slug, name } => app.create_tenant(&slug, &name).await?.id.to_string(),
        Admin::CreateFacility(input) => {
            let actor = actor_of(app, &input.tenant).await?;
            let new = identity::NewFacility {
                name: input.name,
                code: input.code,
                report_email: input.report_email,
            };
            app.add_facility(&actor, new).await?.id.to_string()
        }
        Admin::CreateUser(input) => create_user(app, input).await?,
        Admin::AddMember(input) => add_member(app, input).await?,
        Admin::CreateApiKey(input) => {
            let actor = actor_of(app, &input.tenant).await?;
            let facility = match &input.facility {
                Some(code) => Some(facility_of(app, &actor, code).await?),
                None => None,
            };
            let new = identity::NewApiKey {
                name: input.name,
                scopes: input.scope,
                facility,
            };
            app.create_api_key(&actor, new).await?.secret
        }
        Admin::VerifyAudit { tenant } => {
            let verdict = app.verify_audit_trail(&actor_of(app, &tenant).await?).await?;
            if !verdict.is_intact() {
                bail!("{}", verdict.summary());
            }
            verdict.summary()
        }
    };
    #[expect(clippy::print_stdout, reason = "this is the command's answer")]
    {
        println!("{made}");
    }
    Ok(())
}

async fn create_user(app: &App, input: CreateUser) -> anyhow::Result<String> {
    let (actor, facilities) = place_of(app, &input.member).await?;
    let person = identity::NewPerson {
        email: input.member.email,
        name: input.name,
        password: read_password()?,
    };
    let made = app
        .create_member(&actor, person, input.member.role, facilities)
        .await;
    if let Err(error) = &made
        && error.code() == ErrorCode::EmailTaken
    {
        bail!("{error}, and was left as it is; `telerad admin add-member` makes it a member of a tenant");
    }
    Ok(made?.to_string())
}

async fn add_member(app: &App, input: AddMember) -> anyhow::Result<String> {
    let (actor, facilities) = place_of(app, &input).await?;
    let user = app
        .user_by_email(&input.email)
        .await?
        .with_context(|| format!("there is no account of {}", input.email))?;
    app.add_member(&actor, user, input.role, facilities).await?;
    Ok(user.to_string())
}

/// Where a membership is: the program working there, and the facilities meant.
async fn place_of(app: &App, input: &AddMember) -> anyhow::Result<(Actor, Vec<FacilityId>)> {
    let actor = match &input.tenant {
        Some(slug) => actor_of(app, slug).await?,
        None => Actor::system(TenantId::PLATFORM, None),
    };
    let mut facilities = Vec::with_capacity(input.facility.len());
    for code in &input.facility {
        facilities.push(facility_of(app, &actor, code).await?);
    }
    Ok((actor, facilities))
}

/// The program itself, working for the tenant of a slug.
pub async fn actor_of(app: &App, slug: &str) -> anyhow::Result<Actor> {
    let tenant = app
        .tenant_by_slug(slug)
        .await?
        .with_context(|| format!("there is no tenant `{slug}`"))?;
    Ok(Actor::system(tenant.id, None))
}

/// The facility of a code.
pub async fn facility_of(app: &App, actor: &Actor, code: &str) -> anyhow::Result<FacilityId> {
    let facilities = app.facilities(actor).await?;
    let found = facilities
        .into_iter()
        .find(|facility| facility.code.eq_ignore_ascii_case(code));
    Ok(found
        .with_context(|| format!("there is no facility `{code}`"))?
        .id)
}

fn read_password() -> anyhow::Result<String> {
    let input = std::io::stdin();
    if input.is_terminal() {
        eprintln!("password (shown as you type; pipe it in to avoid that):");
    }
    let mut line = String::new();
    input
        .lock()
        .read_line(&mut line)
        .context("reading the password from standard input")?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        bail!("the password is the first line of standard input, and it was empty");
    }
    Ok(password.to_owned())
}

fn parse_role(name: &str) -> Result<Role, String> {
    Role::from_name(name)
        .ok_or_else(|| "one of OPERATOR, TENANT_ADMIN, FACILITY_STAFF, RADIOLOGIST".to_owned())
}

fn parse_scope(name: &str) -> Result<ApiScope, String> {
    ApiScope::from_name(name)
        .ok_or_else(|| "one of STUDIES_READ, STUDIES_WRITE, STUDIES_DELETE, CASES_READ".to_owned())
}
