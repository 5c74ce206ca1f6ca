//! What an operator sees: tenants and their figures, never a patient.

use domain::{
    Actor, Permission,
    audit::{AuditAction, AuditEvent},
};
use store::TenantFigures;

use crate::{App, AppError};

impl App {
    /// Every tenant with its figures. The look and its reason are recorded in the platform's own trail
    /// before anything is shown.
    ///
    /// Errors: `INVALID_INPUT` without a reason.
    pub async fn platform_tenants(
        &self,
        actor: &Actor,
        reason: &str,
    ) -> Result<Vec<TenantFigures>, AppError> {
        self.authorise(actor, Permission::OperatePlatform)?;
        let operator = actor.user().ok_or(AppError::Forbidden {
            permission: Permission::OperatePlatform,
        })?;
        let reason = reason.trim();
        if reason.is_empty() || reason.len() > 500 {
            return Err(AppError::invalid(
                "reason",
                "say in 1 to 500 characters why you look",
            ));
        }
        let event = AuditEvent::of(
            actor,
            self.clock.now(),
            AuditAction::PlatformTenants,
            "all tenants",
        )
        .detail(reason);
        self.audit_alone(actor, event).await?;
        Ok(self
            .store
            .begin_operator(operator, reason)
            .await?
            .tenant_figures()
            .await?)
    }
}
