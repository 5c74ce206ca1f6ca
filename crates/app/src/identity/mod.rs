//! Who may come in, as what, and how the administrator says so.
//!
//! **Invariant:** here and in the job runner is the only place where an [`domain::Actor`] is made.
//!
//! **Invariant:** a secret (refresh token, invitation, key) names the tenant it is looked up in, so that
//! looking it up never needs to see across tenants.

mod api_keys;
mod authenticate;
mod email;
mod facilities;
mod invitations;
mod me;
mod members;
mod node;
mod platform;
mod secret;
mod setup;
mod sign_in;
mod throttle;

pub use api_keys::{CreatedApiKey, NewApiKey};
pub use authenticate::Authenticated;
pub(crate) use authenticate::KnownCaller;
pub use email::parse_email;
pub use facilities::NewFacility;
pub use invitations::{
    Acceptance, InvitationState, InvitationView, InvitedTo, NewInvitation, SendInvitation,
};
pub use me::Me;
pub use members::NewPerson;
pub(crate) use node::node_actor;
pub use node::{Admitted, Calling, Unknown};
pub use sign_in::{Credentials, SignedInSession};
pub use throttle::{SignInThrottle, network_of};

use domain::{FacilityId, FacilityScope, Role, audit::AuditEvent};
use store::StoreError;

use crate::{App, AppError};

/// Rows as the use cases hand them out, for transports that do not know the store.
pub mod rows {
    pub use store::{ApiKeyRow, FacilityRow, InvitationRow, MemberRow, TenantFigures, TenantRow};
}

/// What a person of `role` who works at `facilities` may see.
fn scope_of(role: Role, facilities: Vec<FacilityId>) -> FacilityScope {
    match role {
        Role::FacilityStaff => FacilityScope::Only(facilities),
        Role::Operator | Role::TenantAdmin | Role::Radiologist => FacilityScope::All,
    }
}

/// Turns the database's refusal of a second row under the same key into `refusal`.
fn unless_taken<T>(result: Result<T, StoreError>, refusal: impl FnOnce() -> AppError) -> Result<T, AppError> {
    result.map_err(|error| {
        if error.is_unique_violation() {
            refusal()
        } else {
            error.into()
        }
    })
}

impl App {
    /// Records one event of `actor` that changes nothing else, such as a refused attempt.
    pub(crate) async fn audit_alone(&self, actor: &domain::Actor, event: AuditEvent) -> Result<(), AppError> {
        let mut tx = self.store.begin(actor).await?;
        tx.audit(event);
        Ok(tx.commit().await?)
    }
}
