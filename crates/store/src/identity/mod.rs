//! People, memberships, sessions, facilities, invitations and keys as rows.
//!
//! **Invariant:** secrets (refresh tokens, invitations, keys) are stored and looked for as SHA-256 only.

mod accounts;
mod api_keys;
mod facilities;
mod invitations;
mod members;
mod sessions;
mod tenants;

pub use accounts::{AccountRow, MembershipRow};
pub use api_keys::ApiKeyRow;
pub use facilities::FacilityRow;
pub use invitations::InvitationRow;
pub use members::{MemberRow, NewMember};
pub use sessions::{RefreshTokenRow, SignedIn};
pub use tenants::{TenantFigures, TenantRow};

use domain::Role;

use crate::StoreError;

fn role_named(table: &'static str, id: impl ToString, name: &str) -> Result<Role, StoreError> {
    Role::from_name(name).ok_or_else(|| StoreError::Inconsistent {
        table,
        id: id.to_string(),
        what: "the role is known",
    })
}
