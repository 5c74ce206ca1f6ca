//! The members of a tenant.

use chrono::{DateTime, Utc};
use domain::{
    Actor, ErrorCode, FacilityId, Permission, Role, TenantId, UserId,
    audit::AuditEvent,
    change::{Change, ChangeTopic},
};
use store::{MemberRow, NewMember, TenantRead, TenantTx};

use super::unless_taken;
use crate::{App, AppError};

impl App {
    /// The members, by name, also disabled ones.
    pub async fn members(&self, actor: &Actor) -> Result<Vec<MemberRow>, AppError> {
        self.authorise(actor, Permission::ManageMembers)?;
        Ok(self.store.read(actor).await?.members().await?)
    }

    /// Disables a member, which ends all their sessions at once, or enables them again.
    ///
    /// Errors: `INVALID_INPUT` for oneself: a tenant must not lose its last administrator by a slip.
    pub async fn set_member_disabled(
        &self,
        actor: &Actor,
        user: UserId,
        disabled: bool,
    ) -> Result<MemberRow, AppError> {
        self.authorise(actor, Permission::ManageMembers)?;
        if actor.user() == Some(user) {
            return Err(AppError::invalid("userId", "you cannot disable yourself"));
        }
        let now = self.clock.now();
        let mut tx = self.store.begin(actor).await?;
        let before = tx
            .member(user)
            .await?
            .ok_or(AppError::NotFound { what: "member" })?;
        if before.disabled == disabled {
            return Ok(before);
        }
        tx.set_member_disabled(user, disabled.then_some(now)).await?;
        if disabled {
            tx.revoke_sessions_of(user, now).await?;
        }
        let action = if disabled {
            "member.disable"
        } else {
            "member.enable"
        };
        tx.audit(AuditEvent::of(actor, now, action, user));
        tx.announce(Change {
            topic: ChangeTopic::Member,
            object: user.uuid(),
            facility: None,
        });
        tx.commit().await?;
        Ok(MemberRow { disabled, ..before })
    }

    /// Makes a person with an account a member; for the command line and the first start.
    ///
    /// Errors: `INVALID_INPUT` when role and facilities do not fit; `EMAIL_TAKEN` for a member.
    pub async fn add_member(
        &self,
        actor: &Actor,
        user: UserId,
        role: Role,
        facilities: Vec<FacilityId>,
    ) -> Result<(), AppError> {
        self.authorise(actor, Permission::ManageMembers)?;
        let now = self.clock.now();
        let mut tx = self.store.begin(actor).await?;
        check_place(&tx, role, &facilities).await?;
        join(
            &mut tx,
            &NewMember {
                user,
                role,
                facilities,
            },
            now,
        )
        .await?;
        tx.audit(AuditEvent::of(actor, now, "member.add", user).detail(role.as_str()));
        tx.commit().await?;
        Ok(())
    }
}

/// Adds the membership and announces it.
pub(super) async fn join(tx: &mut TenantTx, member: &NewMember, now: DateTime<Utc>) -> Result<(), AppError> {
    unless_taken(tx.insert_member(member, now).await, || {
        AppError::refused(ErrorCode::EmailTaken, "this person is a member already")
    })?;
    tx.announce(Change {
        topic: ChangeTopic::Member,
        object: member.user.uuid(),
        facility: None,
    });
    Ok(())
}

/// Operators belong to the platform alone, staff to facilities, and nobody else to any.
pub(super) async fn check_place(
    tx: &TenantRead,
    role: Role,
    facilities: &[FacilityId],
) -> Result<(), AppError> {
    if (role == Role::Operator) != (tx.tenant() == TenantId::PLATFORM) {
        return Err(AppError::invalid(
            "role",
            "operators, and nobody else, belong to the platform",
        ));
    }
    match (role, facilities.is_empty()) {
        (Role::FacilityStaff, true) => {
            return Err(AppError::invalid("facilityIds", "choose at least one facility"));
        }
        (Role::FacilityStaff, false) => {}
        (_, true) => {}
        (_, false) => {
            return Err(AppError::invalid(
                "facilityIds",
                "only facility staff belong to facilities",
            ));
        }
    }
    for facility in facilities {
        tx.facility(*facility)
            .await?
            .ok_or(AppError::NotFound { what: "facility" })?;
    }
    Ok(())
}
