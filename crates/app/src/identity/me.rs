//! What a signed-in person is told about themselves.

use domain::{Actor, FacilityScope, Permission, Role};
use store::{AccountRow, FacilityRow, TenantRow};

use crate::{App, AppError};

/// A signed-in person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Me {
    /// Their account.
    pub account: AccountRow,
    /// Their role in the tenant.
    pub role: Role,
    /// The tenant; none for an operator.
    pub tenant: Option<TenantRow>,
    /// The facilities they may see.
    pub facilities: Vec<FacilityRow>,
}

impl App {
    /// Who the actor is; a machine is nobody.
    pub async fn me(&self, actor: &Actor) -> Result<Me, AppError> {
        let (Some(user), Some(role)) = (actor.user(), actor.role()) else {
            return Err(AppError::Forbidden {
                permission: Permission::ViewCases,
            });
        };
        let tx = self.store.read(actor).await?;
        let account = tx
            .account(user)
            .await?
            .ok_or(AppError::NotFound { what: "account" })?;
        let tenant = tx.tenant_row().await?;
        let scope = match role {
            Role::Operator => &FacilityScope::Only(Vec::new()),
            _ => actor.facilities(),
        };
        Ok(Me {
            account,
            role,
            tenant,
            facilities: tx.facilities(scope).await?,
        })
    }
}
