//! Who is asking, for which tenant, and from where.
//!
//! **Invariant:** an [`Actor`] names exactly one tenant. It is made where a token, key or job was
//! verified (`app::identity`, `app::jobs`) and nowhere else; the architecture test looks for that.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{ApiKeyId, DicomNodeId, FacilityId, JobId, NodeRight, Permission, SessionId, TenantId, UserId};

/// What a person is in a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Role {
    /// Runs the platform; belongs to no tenant and sees no patient.
    Operator,
    /// Administers one tenant.
    TenantAdmin,
    /// Works at one or several facilities of a tenant.
    FacilityStaff,
    /// Reads for a tenant.
    Radiologist,
}

impl Role {
    /// Every role.
    pub const ALL: &'static [Self] = &[
        Self::Operator,
        Self::TenantAdmin,
        Self::FacilityStaff,
        Self::Radiologist,
    ];

    /// The name on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "OPERATOR",
            Self::TenantAdmin => "TENANT_ADMIN",
            Self::FacilityStaff => "FACILITY_STAFF",
            Self::Radiologist => "RADIOLOGIST",
        }
    }

    /// The role of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.as_str() == name)
    }
}

/// What a machine's key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ApiScope {
    /// Query and retrieve studies over DICOMweb.
    StudiesRead,
    /// Store studies over DICOMweb and announce uploads.
    StudiesWrite,
    /// Delete studies over DICOMweb, into the trash.
    StudiesDelete,
    /// Read cases and reports over GraphQL.
    CasesRead,
}

impl ApiScope {
    /// Every scope.
    pub const ALL: &'static [Self] = &[
        Self::StudiesRead,
        Self::StudiesWrite,
        Self::StudiesDelete,
        Self::CasesRead,
    ];

    /// The name on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::StudiesRead => "STUDIES_READ",
            Self::StudiesWrite => "STUDIES_WRITE",
            Self::StudiesDelete => "STUDIES_DELETE",
            Self::CasesRead => "CASES_READ",
        }
    }

    /// The scope of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|scope| scope.as_str() == name)
    }
}

/// The verified identity behind a request.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Principal {
    /// A signed-in person.
    User {
        /// Who.
        id: UserId,
        /// The name to show and to record.
        name: String,
        /// What they are in this tenant.
        role: Role,
        /// The session their token belongs to.
        session: SessionId,
    },
    /// A machine with a key.
    ApiKey {
        /// Which key.
        id: ApiKeyId,
        /// The name the administrator gave it.
        name: String,
        /// What it may do.
        scopes: Vec<ApiScope>,
    },
    /// An application that speaks DICOM with us, on an association.
    Node {
        /// Which node.
        id: DicomNodeId,
        /// The name the administrator gave it.
        name: String,
        /// What it may do.
        rights: Vec<NodeRight>,
    },
    /// The program itself, running a job that a tenant's change left behind.
    System {
        /// The job, or none at first start and in the command line's admin commands.
        job: Option<JobId>,
    },
}

/// The facilities of the tenant whose data the actor may see.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum FacilityScope {
    /// All of the tenant's.
    All,
    /// These only, possibly none.
    Only(Vec<FacilityId>),
}

impl FacilityScope {
    /// Whether `facility` lies inside.
    pub fn contains(&self, facility: FacilityId) -> bool {
        match self {
            Self::All => true,
            Self::Only(list) => list.contains(&facility),
        }
    }
}

/// Where a request came from, for the audit trail.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Origin {
    /// The peer's address, or the one a trusted proxy vouches for.
    pub address: Option<String>,
    /// What the client calls itself, cut to 200 characters.
    pub user_agent: Option<String>,
}

/// Who is asking, for which tenant.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Actor {
    tenant: TenantId,
    principal: Principal,
    facilities: FacilityScope,
    origin: Origin,
}

impl Actor {
    /// The actor of a verified token or key.
    pub fn verified(
        tenant: TenantId,
        principal: Principal,
        facilities: FacilityScope,
        origin: Origin,
    ) -> Self {
        Self {
            tenant,
            principal,
            facilities,
            origin,
        }
    }

    /// The program itself, for one tenant.
    pub fn system(tenant: TenantId, job: Option<JobId>) -> Self {
        Self {
            tenant,
            principal: Principal::System { job },
            facilities: FacilityScope::All,
            origin: Origin::default(),
        }
    }

    /// The same actor, at one facility only; none when that is not theirs to see.
    pub fn at(&self, facility: FacilityId) -> Option<Self> {
        self.facilities.contains(facility).then(|| Self {
            facilities: FacilityScope::Only(vec![facility]),
            ..self.clone()
        })
    }

    /// The tenant; every row this actor can reach is this tenant's.
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// The verified identity.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// The facilities whose data the actor may see.
    pub fn facilities(&self) -> &FacilityScope {
        &self.facilities
    }

    /// Where the request came from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The person, when it is one.
    pub fn user(&self) -> Option<UserId> {
        match &self.principal {
            Principal::User { id, .. } => Some(*id),
            Principal::ApiKey { .. } | Principal::Node { .. } | Principal::System { .. } => None,
        }
    }

    /// The role, when it is a person.
    pub fn role(&self) -> Option<Role> {
        match &self.principal {
            Principal::User { role, .. } => Some(*role),
            Principal::ApiKey { .. } | Principal::Node { .. } | Principal::System { .. } => None,
        }
    }

    /// Whether the actor may do `permission` at all (which rows is the scope's question).
    pub fn may(&self, permission: Permission) -> bool {
        match &self.principal {
            Principal::User { role, .. } => permission.allowed_to_role(*role),
            Principal::ApiKey { scopes, .. } => {
                scopes.iter().any(|scope| permission.allowed_to_scope(*scope))
            }
            Principal::Node { rights, .. } => rights.iter().any(|right| permission.allowed_to_node(*right)),
            Principal::System { .. } => true,
        }
    }
}

impl fmt::Display for Actor {
    /// For logs: kind and id, never a name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.principal {
            Principal::User { id, .. } => write!(f, "{id}"),
            Principal::ApiKey { id, .. } => write!(f, "{id}"),
            Principal::Node { id, .. } => write!(f, "{id}"),
            Principal::System { job: Some(job) } => write!(f, "{job}"),
            Principal::System { job: None } => f.write_str("system"),
        }
    }
}
