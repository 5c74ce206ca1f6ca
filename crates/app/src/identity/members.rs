//! The members of a tenant.

use std::fmt;

use chrono::{DateTime, Utc};
use domain::{
    Actor, ErrorCode, FacilityId, Permission, Role, TenantId, UserId,
    audit::{AuditAction, AuditEvent},
    change::{Change, ChangeTopic},
};
use store::{AccountRow, MemberRow, NewMember, TenantRead, TenantTx};

use super::{
    email::{parse_email, parse_name},
    setup::check_password,
    unless_taken,
};
use crate::{App, AppError};

/// A person without an account yet.
pub struct NewPerson {
    /// The address to sign in with.
    pub email: String,
    /// The name to show and to sign reports with.
    pub name: String,
    /// The password to sign in with.
    pub password: String,
}

impl fmt::Debug for NewPerson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewPerson")
    }
}

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
            AuditAction::MemberDisable
        } else {
            AuditAction::MemberEnable
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

    /// Makes an account and its membership at once; for the command line and the first start. An operator
    /// is made with `Actor::system(TenantId::PLATFORM, None)`.
    ///
    /// Errors: `INVALID_INPUT`; `EMAIL_TAKEN` when the address has an account, which stays as it was.
    pub async fn create_member(
        &self,
        actor: &Actor,
        person: NewPerson,
        role: Role,
        facilities: Vec<FacilityId>,
    ) -> Result<UserId, AppError> {
        self.authorise(actor, Permission::ManageMembers)?;
        let now = self.clock.now();
        let email = parse_email("email", &person.email)?;
        let name = parse_name("name", &person.name)?;
        check_password("password", &person.password, &email)?;
        let account = AccountRow {
            id: UserId::from_uuid(self.ids.next()),
            email,
            name,
            password_hash: self.passwords.hash(person.password).await?,
            created_at: now,
        };
        let mut tx = self.store.begin(actor).await?;
        check_place(&tx, role, &facilities).await?;
        unless_taken(tx.insert_account(&account).await, || {
            AppError::refused(ErrorCode::EmailTaken, "this address has an account already")
        })?;
        let member = NewMember {
            user: account.id,
            role,
            facilities,
        };
        join(&mut tx, &member, now).await?;
        tx.audit(AuditEvent::of(actor, now, AuditAction::MemberAdd, account.id).detail(role.as_str()));
        tx.commit().await?;
        Ok(account.id)
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
        tx.audit(AuditEvent::of(actor, now, AuditAction::MemberAdd, user).detail(role.as_str()));
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
