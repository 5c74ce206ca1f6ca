//! The authorisation table: which role and which key scope may do what.
//!
//! **Invariant:** every use case names exactly one permission; both matches are exhaustive, so a new
//! permission does not compile until somebody decides who has it.

use crate::{ApiScope, NodeRight, Role};

/// Something an actor may or may not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Permission {
    /// Send images and announce uploads.
    StoreStudies,
    /// Query and retrieve images.
    RetrieveStudies,
    /// See cases, their clock and their signed reports.
    ViewCases,
    /// Change a case's priority.
    PrioritiseCases,
    /// Claim cases and write, sign and amend reports.
    ReadCases,
    /// Create work items, change them and their state.
    PerformWorkitems,
    /// Confirm that a report was received.
    AcknowledgeReports,
    /// Invite and disable members.
    ManageMembers,
    /// Add facilities.
    ManageFacilities,
    /// Create and revoke API keys.
    ManageApiKeys,
    /// Ask whether instances are safely kept.
    ConfirmStorage,
    /// Send studies to other archives, and fetch from them.
    ExchangeStudies,
    /// Say which applications speak DICOM with us.
    ManageNodes,
    /// See jobs, retry dead ones, see the quarantine.
    ManageOperations,
    /// Read and verify the audit trail.
    ViewAudit,
    /// See the tenants of the platform.
    OperatePlatform,
}

impl Permission {
    /// Every permission.
    pub const ALL: &'static [Self] = &[
        Self::StoreStudies,
        Self::RetrieveStudies,
        Self::ViewCases,
        Self::PrioritiseCases,
        Self::ReadCases,
        Self::PerformWorkitems,
        Self::AcknowledgeReports,
        Self::ManageMembers,
        Self::ManageFacilities,
        Self::ManageApiKeys,
        Self::ConfirmStorage,
        Self::ExchangeStudies,
        Self::ManageNodes,
        Self::ManageOperations,
        Self::ViewAudit,
        Self::OperatePlatform,
    ];

    /// Whether people of `role` have it.
    pub const fn allowed_to_role(self, role: Role) -> bool {
        match self {
            Self::StoreStudies | Self::PrioritiseCases | Self::AcknowledgeReports | Self::ExchangeStudies => {
                matches!(role, Role::TenantAdmin | Role::FacilityStaff)
            }
            Self::RetrieveStudies | Self::ViewCases | Self::PerformWorkitems => {
                !matches!(role, Role::Operator)
            }
            Self::ReadCases => matches!(role, Role::Radiologist),
            Self::ManageMembers
            | Self::ManageFacilities
            | Self::ManageApiKeys
            | Self::ManageNodes
            | Self::ManageOperations
            | Self::ViewAudit => matches!(role, Role::TenantAdmin),
            Self::OperatePlatform => matches!(role, Role::Operator),
            // Only who sent images asks, and that is a machine.
            Self::ConfirmStorage => false,
        }
    }

    /// Whether a key with `scope` has it.
    pub const fn allowed_to_scope(self, scope: ApiScope) -> bool {
        match self {
            Self::StoreStudies | Self::PerformWorkitems => matches!(scope, ApiScope::StudiesWrite),
            Self::RetrieveStudies => matches!(scope, ApiScope::StudiesRead),
            Self::ViewCases => matches!(scope, ApiScope::CasesRead),
            // A machine never reads, signs, administers or operates.
            Self::PrioritiseCases
            | Self::ReadCases
            | Self::AcknowledgeReports
            | Self::ManageMembers
            | Self::ManageFacilities
            | Self::ManageApiKeys
            | Self::ConfirmStorage
            | Self::ExchangeStudies
            | Self::ManageNodes
            | Self::ManageOperations
            | Self::ViewAudit
            | Self::OperatePlatform => false,
        }
    }

    /// Whether a node with `right` has it.
    pub const fn allowed_to_node(self, right: NodeRight) -> bool {
        match self {
            Self::StoreStudies => matches!(right, NodeRight::Store),
            Self::RetrieveStudies => matches!(right, NodeRight::Find | NodeRight::Move | NodeRight::Get),
            Self::ConfirmStorage => matches!(right, NodeRight::Commit),
            Self::ViewCases
            | Self::PrioritiseCases
            | Self::ReadCases
            | Self::PerformWorkitems
            | Self::AcknowledgeReports
            | Self::ManageMembers
            | Self::ManageFacilities
            | Self::ManageApiKeys
            | Self::ExchangeStudies
            | Self::ManageNodes
            | Self::ManageOperations
            | Self::ViewAudit
            | Self::OperatePlatform => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operator_sees_no_patient_and_a_machine_signs_nothing() {
        for permission in Permission::ALL {
            assert_eq!(
                permission.allowed_to_role(Role::Operator),
                *permission == Permission::OperatePlatform
            );
        }
        for scope in ApiScope::ALL {
            assert!(!Permission::ReadCases.allowed_to_scope(*scope));
        }
        for right in NodeRight::ALL {
            assert!(!Permission::ReadCases.allowed_to_node(*right));
        }
    }
}
