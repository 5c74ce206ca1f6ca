//! Inviting people by mail.
//!
//! **Invariant:** an invitation's secret exists only in the mail and, as a hash, in its row. It is made
//! when the mail is: a mail that is sent again carries a new one, and the one before is void.

use std::fmt;

use chrono::{DateTime, Utc};
use domain::{
    Actor, ErrorCode, FacilityId, FacilityScope, InvitationId, Origin, Permission, Principal, Role,
    SessionId, UserId,
    audit::{AuditAction, AuditEvent},
    change::{Change, ChangeTopic},
    job::Job,
};
use serde::{Deserialize, Serialize};
use store::{AccountRow, FacilityRow, InvitationRow, MembershipRow, NewMember, TenantRow};

use super::{
    SignedInSession,
    email::{parse_email, parse_name},
    members::{check_place, join},
    secret::TenantSecret,
    setup::check_password,
    throttle::Try,
    unless_taken,
};
use crate::{App, AppError, ports::Mail};

const INVITATION_PREFIX: &str = "tri_";

/// Somebody to invite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewInvitation {
    /// Their address.
    pub email: String,
    /// As what.
    pub role: Role,
    /// Where, for facility staff.
    pub facilities: Vec<FacilityId>,
}

/// Where an invitation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvitationState {
    /// Waits for an answer.
    Pending,
    /// Was accepted.
    Accepted,
    /// Was withdrawn.
    Revoked,
    /// Was not answered in time.
    Expired,
}

/// An invitation as the administrator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationView {
    /// The invitation.
    pub row: InvitationRow,
    /// Where the person will work.
    pub facilities: Vec<FacilityRow>,
    /// Where it stands now.
    pub state: InvitationState,
}

/// An invitation as the invited person sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitedTo {
    /// Their address.
    pub email: String,
    /// As what.
    pub role: Role,
    /// The tenant that invites.
    pub tenant: TenantRow,
    /// Until when.
    pub expires_at: DateTime<Utc>,
}

/// What the invited person types in.
#[derive(Clone)]
pub struct Acceptance {
    /// The secret from the mail.
    pub token: String,
    /// Their name.
    pub name: String,
    /// A new password, or the one they have.
    pub password: String,
}

impl fmt::Debug for Acceptance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Acceptance")
    }
}

/// Sends the mail of an invitation.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SendInvitation {
    /// Which.
    pub invitation: InvitationId,
}

impl Job for SendInvitation {
    const KIND: &'static str = "invitation.send";
    const PRIORITY: i16 = 5;

    fn dedupe_key(&self) -> Option<String> {
        Some(self.invitation.to_string())
    }
}

fn expired() -> AppError {
    AppError::refused(
        ErrorCode::InvitationExpired,
        "this invitation is no longer valid; ask for a new one",
    )
}

impl App {
    /// All invitations, newest first.
    pub async fn invitations(&self, actor: &Actor) -> Result<Vec<InvitationView>, AppError> {
        self.authorise(actor, Permission::ManageMembers)?;
        let now = self.clock.now();
        let tx = self.store.read(actor).await?;
        let facilities = tx.facilities(&FacilityScope::All).await?;
        Ok(tx
            .invitations()
            .await?
            .into_iter()
            .map(|row| view(row, &facilities, now))
            .collect())
    }

    /// Invites somebody by mail; an older open invitation to the same address is withdrawn.
    ///
    /// Errors: `INVALID_INPUT`; `NOT_FOUND` for a facility; `EMAIL_TAKEN` for a member.
    pub async fn invite_member(
        &self,
        actor: &Actor,
        input: NewInvitation,
    ) -> Result<InvitationView, AppError> {
        self.authorise(actor, Permission::ManageMembers)?;
        let now = self.clock.now();
        let email = parse_email("email", &input.email)?;
        let mut tx = self.store.begin(actor).await?;
        check_place(&tx, input.role, &input.facilities).await?;
        if tx.members().await?.iter().any(|member| member.email == email) {
            return Err(AppError::refused(
                ErrorCode::EmailTaken,
                "this person is a member already",
            ));
        }
        let row = InvitationRow {
            id: InvitationId::from_uuid(self.ids.next()),
            email,
            role: input.role,
            facilities: input.facilities,
            created_at: now,
            expires_at: now + self.settings.invitation_life,
            accepted_at: None,
            revoked_at: None,
        };
        tx.insert_invitation(&row).await?;
        tx.enqueue(self.ids.next(), now, now, &SendInvitation { invitation: row.id })
            .await?;
        tx.audit(AuditEvent::of(actor, now, AuditAction::MemberInvite, row.id).detail(row.role.as_str()));
        tx.announce(Change {
            topic: ChangeTopic::Member,
            object: row.id.uuid(),
            facility: None,
        });
        let facilities = tx.facilities(&FacilityScope::All).await?;
        tx.commit().await?;
        Ok(view(row, &facilities, now))
    }

    /// Withdraws an invitation.
    ///
    /// Errors: `INVITATION_EXPIRED` when it was accepted.
    pub async fn revoke_invitation(
        &self,
        actor: &Actor,
        id: InvitationId,
    ) -> Result<InvitationView, AppError> {
        self.authorise(actor, Permission::ManageMembers)?;
        let now = self.clock.now();
        let mut tx = self.store.begin(actor).await?;
        if tx.revoke_invitation(id, now).await? {
            tx.audit(AuditEvent::of(actor, now, AuditAction::InvitationRevoke, id));
            tx.announce(Change {
                topic: ChangeTopic::Member,
                object: id.uuid(),
                facility: None,
            });
        }
        let row = tx
            .invitation(id)
            .await?
            .ok_or(AppError::NotFound { what: "invitation" })?;
        if row.accepted_at.is_some() {
            return Err(AppError::refused(
                ErrorCode::InvitationExpired,
                "this invitation was accepted already",
            ));
        }
        let facilities = tx.facilities(&FacilityScope::All).await?;
        tx.commit().await?;
        Ok(view(row, &facilities, now))
    }

    /// Makes an invitation's secret and mails it; for the job. One that is not open any more is left alone.
    ///
    /// Errors: of the mail server.
    pub async fn send_invitation(&self, actor: &Actor, job: &SendInvitation) -> Result<(), AppError> {
        self.authorise(actor, Permission::ManageMembers)?;
        let now = self.clock.now();
        let secret = TenantSecret::mint(INVITATION_PREFIX, actor.tenant(), self.randomness.as_ref());
        let tx = self.store.begin(actor).await?;
        let Some(row) = tx
            .invitation(job.invitation)
            .await?
            .filter(|row| row.is_open(now))
        else {
            return Ok(());
        };
        let tenant = tx
            .tenant_row()
            .await?
            .ok_or(AppError::NotFound { what: "tenant" })?;
        if !tx.set_invitation_token(row.id, &secret.hash()).await? {
            return Ok(());
        }
        tx.commit().await?;
        let mail = invitation_mail(&row, &tenant, &self.settings.public_url, secret);
        Ok(self.mailer.send(&mail).await?)
    }

    /// What an invitation is for.
    ///
    /// Errors: `INVITATION_EXPIRED` when it is used, withdrawn, too old or none of ours.
    pub async fn inspect_invitation(&self, token: &str) -> Result<InvitedTo, AppError> {
        let secret = TenantSecret::parse(INVITATION_PREFIX, token).ok_or_else(expired)?;
        let tx = self.store.read(&Actor::system(secret.tenant, None)).await?;
        let row = tx
            .invitation_by_token(&secret.hash())
            .await?
            .ok_or_else(expired)?;
        let tenant = tx.tenant_row().await?.ok_or_else(expired)?;
        if !row.is_open(self.clock.now()) {
            return Err(expired());
        }
        Ok(InvitedTo {
            email: row.email,
            role: row.role,
            tenant,
            expires_at: row.expires_at,
        })
    }

    /// Accepts an invitation and signs in. Who has an account proves it with their password; their name
    /// stays as it is.
    ///
    /// Errors: `INVITATION_EXPIRED`, `INVALID_INPUT`, `WRONG_PASSWORD`, `EMAIL_TAKEN`, `RATE_LIMITED`.
    pub async fn accept_invitation(
        &self,
        input: Acceptance,
        origin: Origin,
    ) -> Result<SignedInSession, AppError> {
        let now = self.clock.now();
        let secret = TenantSecret::parse(INVITATION_PREFIX, &input.token).ok_or_else(expired)?;
        let invited = self.inspect_invitation(&input.token).await?;
        let attempt = Try {
            account: &invited.email,
            origin: &origin,
            known_address: true,
        };
        self.throttle.check(attempt)?;
        let existing = self
            .store
            .read_sign_in()
            .await?
            .account_by_email(&invited.email)
            .await?;
        let is_new = existing.is_none();
        let account = self
            .account_of_invited(existing, &invited.email, input, now)
            .await?;
        self.throttle.forget(attempt);

        let session = SessionId::from_uuid(self.ids.next());
        let principal = Principal::User {
            id: account.id,
            name: account.name.clone(),
            role: invited.role,
            session,
        };
        let actor = Actor::verified(
            secret.tenant,
            principal,
            FacilityScope::Only(Vec::new()),
            origin.clone(),
        );
        let mut tx = self.store.begin(&actor).await?;
        let row = tx
            .invitation_by_token(&secret.hash())
            .await?
            .filter(|row| row.is_open(now))
            .ok_or_else(expired)?;
        if !tx.accept_invitation(row.id, now).await? {
            return Err(expired());
        }
        if is_new {
            unless_taken(tx.insert_account(&account).await, || {
                AppError::refused(
                    ErrorCode::EmailTaken,
                    "an account was made for this address meanwhile; try again",
                )
            })?;
        }
        join(
            &mut tx,
            &NewMember {
                user: account.id,
                role: row.role,
                facilities: row.facilities,
            },
            now,
        )
        .await?;
        tx.audit(AuditEvent::of(&actor, now, AuditAction::InvitationAccept, row.id));
        tx.announce(Change {
            topic: ChangeTopic::Member,
            object: row.id.uuid(),
            facility: None,
        });
        tx.commit().await?;
        let membership = MembershipRow {
            tenant: secret.tenant,
            row: Some(invited.tenant),
            role: row.role,
            disabled: false,
        };
        self.begin_session(&account, &membership, origin, now).await
    }

    async fn account_of_invited(
        &self,
        existing: Option<AccountRow>,
        email: &str,
        input: Acceptance,
        now: DateTime<Utc>,
    ) -> Result<AccountRow, AppError> {
        if let Some(account) = existing {
            let right = self
                .passwords
                .verify(input.password, Some(account.password_hash.clone()))
                .await?;
            return if right {
                Ok(account)
            } else {
                Err(AppError::refused(
                    ErrorCode::WrongPassword,
                    "you have an account; give its password",
                ))
            };
        }
        let name = parse_name("name", &input.name)?;
        check_password("password", &input.password, email)?;
        Ok(AccountRow {
            id: UserId::from_uuid(self.ids.next()),
            email: email.to_owned(),
            name,
            password_hash: self.passwords.hash(input.password).await?,
            created_at: now,
        })
    }
}

fn invitation_mail(row: &InvitationRow, tenant: &TenantRow, public_url: &str, secret: TenantSecret) -> Mail {
    let role = match row.role {
        Role::Operator => "an operator",
        Role::TenantAdmin => "an administrator",
        Role::FacilityStaff => "a member of a facility's staff",
        Role::Radiologist => "a radiologist",
    };
    // After the # it stays in the browser: no server's log ever sees it.
    let link = format!("{public_url}/accept-invitation#{}", secret.into_text());
    Mail {
        to: row.email.clone(),
        subject: format!("Invitation to {}", tenant.name),
        text: format!(
            "{} invites you to work with them as {role}.\n\nTo accept, open this link before {} UTC:\n\n{link}\n\n\
             It works once. If you did not expect it, ignore this mail.\n",
            tenant.name,
            row.expires_at.format("%Y-%m-%d %H:%M"),
        ),
    }
}

fn view(row: InvitationRow, facilities: &[FacilityRow], now: DateTime<Utc>) -> InvitationView {
    let state = match &row {
        InvitationRow {
            accepted_at: Some(_), ..
        } => InvitationState::Accepted,
        InvitationRow {
            revoked_at: Some(_), ..
        } => InvitationState::Revoked,
        row if row.is_open(now) => InvitationState::Pending,
        _ => InvitationState::Expired,
    };
    let facilities = facilities
        .iter()
        .filter(|one| row.facilities.contains(&one.id))
        .cloned()
        .collect();
    InvitationView {
        row,
        facilities,
        state,
    }
}
