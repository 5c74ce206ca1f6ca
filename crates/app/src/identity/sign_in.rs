//! Signing in, staying signed in, signing out, and proving again who one is.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Actor, CaseId, ErrorCode, Origin, Principal, Role, SessionId, TenantId,
    audit::{AuditAction, AuditEvent},
    session::{Redemption, RefreshToken},
};
use serde_json::json;
use store::{AccountRow, MembershipRow, RefreshTokenRow, TenantRow, TenantTx};

use super::{scope_of, secret::TenantSecret, throttle::Try};
use crate::{App, AppError, ports::AccessClaims};

const REFRESH_PREFIX: &str = "trr_";

/// An address from which somebody signed in within so long is known.
const ADDRESS_KNOWN_FOR: TimeDelta = TimeDelta::days(30);

/// What somebody typed in.
#[derive(Clone)]
pub struct Credentials {
    /// Their address.
    pub email: String,
    /// Their password.
    pub password: String,
    /// The slug of the tenant they mean; needed only by members of several.
    pub tenant: Option<String>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials")
    }
}

/// A session that just began or went on.
#[derive(Clone)]
pub struct SignedInSession {
    /// The short-lived token for every request.
    pub access_token: String,
    /// When it ends.
    pub access_expires_at: DateTime<Utc>,
    /// The secret that gets the next pair, once.
    pub refresh_token: String,
    /// When the session ends unless it is used.
    pub refresh_expires_at: DateTime<Utc>,
    /// Who signed in, as what.
    pub actor: Actor,
    /// Their address.
    pub email: String,
    /// The tenant; none for an operator.
    pub tenant: Option<TenantRow>,
}

impl fmt::Debug for SignedInSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedInSession")
            .field("actor", &self.actor)
            .finish_non_exhaustive()
    }
}

impl App {
    /// Checks a password and begins a session in one tenant.
    ///
    /// Errors: `SIGN_IN_REFUSED`, the same in text and time for an unknown account, a wrong password
    /// and a disabled member; `TENANT_CHOICE_REQUIRED` with the fact `tenants`; `RATE_LIMITED`.
    pub async fn sign_in(
        &self,
        credentials: Credentials,
        origin: Origin,
    ) -> Result<SignedInSession, AppError> {
        let now = self.clock.now();
        let email = credentials.email.trim().to_lowercase();
        let (account, memberships, known_address) = self.who_signs_in(&email, &origin, now).await?;
        let attempt = Try {
            account: &email,
            origin: &origin,
            known_address,
        };
        self.throttle.check(attempt)?;
        let hash = account.as_ref().map(|account| account.password_hash.clone());
        let right = self.passwords.verify(credentials.password, hash).await?;
        if right {
            self.throttle.forget(attempt);
        }
        let open: Vec<_> = memberships
            .into_iter()
            .filter(|membership| !membership.disabled)
            .collect();
        let wanted = credentials.tenant.as_deref();
        let chosen = || {
            open.iter()
                .filter(|one| wanted.is_none_or(|slug| one.slug() == slug))
        };
        match (account, right) {
            (Some(account), true) if chosen().count() == 1 => {
                let membership = chosen().next().cloned().expect("one was counted");
                self.begin_session(&account, &membership, origin, now).await
            }
            (Some(_), true) if wanted.is_none() && open.len() > 1 => Err(choose_tenant(&open)),
            (account, _) => {
                let membership = chosen().next().filter(|_| chosen().count() == 1);
                self.refuse_sign_in(account.as_ref(), membership, origin, now)
                    .await
            }
        }
    }

    async fn who_signs_in(
        &self,
        email: &str,
        origin: &Origin,
        now: DateTime<Utc>,
    ) -> Result<(Option<AccountRow>, Vec<MembershipRow>, bool), AppError> {
        let tx = self.store.read_sign_in().await?;
        let Some(account) = tx.account_by_email(email).await? else {
            return Ok((None, Vec::new(), false));
        };
        let memberships = tx.memberships_of(account.id).await?;
        let tenants: Vec<_> = memberships.iter().map(|membership| membership.tenant).collect();
        let known = match origin.address.as_deref() {
            Some(address) => {
                tx.signed_in_from(account.id, &tenants, address, now - ADDRESS_KNOWN_FOR)
                    .await?
            }
            None => false,
        };
        Ok((Some(account), memberships, known))
    }

    /// Records the refusal where it belongs. Every refusal costs one write, so that the time it takes
    /// does not tell whether the account exists.
    async fn refuse_sign_in<T>(
        &self,
        account: Option<&AccountRow>,
        membership: Option<&MembershipRow>,
        origin: Origin,
        now: DateTime<Utc>,
    ) -> Result<T, AppError> {
        let tenant = membership.map_or(TenantId::PLATFORM, |membership| membership.tenant);
        let nobody = Actor::system(tenant, None);
        let object = account.map_or_else(|| "unknown account".to_owned(), |account| account.id.to_string());
        let event = AuditEvent {
            address: origin.address,
            user_agent: origin.user_agent,
            ..AuditEvent::of(&nobody, now, AuditAction::SignInRefused, object).denied()
        };
        self.audit_alone(&nobody, event).await?;
        Err(AppError::refused(
            ErrorCode::SignInRefused,
            "e-mail or password is wrong",
        ))
    }

    /// Begins a session and records the sign-in.
    pub(super) async fn begin_session(
        &self,
        account: &AccountRow,
        membership: &MembershipRow,
        origin: Origin,
        now: DateTime<Utc>,
    ) -> Result<SignedInSession, AppError> {
        let session = SessionId::from_uuid(self.ids.next());
        let principal = Principal::User {
            id: account.id,
            name: account.name.clone(),
            role: membership.role,
            session,
        };
        let facilities = {
            let tx = self.store.read(&Actor::system(membership.tenant, None)).await?;
            tx.facilities_of(account.id).await?
        };
        let actor = Actor::verified(
            membership.tenant,
            principal,
            scope_of(membership.role, facilities),
            origin,
        );
        let mut tx = self.store.begin(&actor).await?;
        tx.insert_session(session, account.id, actor.origin().address.as_deref(), now)
            .await?;
        let (secret, refresh_expires_at) = self.next_refresh_token(&tx, session, now).await?;
        tx.audit(AuditEvent::of(&actor, now, AuditAction::SignIn, session));
        tx.commit().await?;
        self.hand_out(
            actor,
            account.email.clone(),
            membership.row.clone(),
            secret,
            refresh_expires_at,
            now,
        )
    }

    async fn next_refresh_token(
        &self,
        tx: &TenantTx,
        session: SessionId,
        now: DateTime<Utc>,
    ) -> Result<(TenantSecret, DateTime<Utc>), AppError> {
        let secret = TenantSecret::mint(REFRESH_PREFIX, tx.tenant(), self.randomness.as_ref());
        let expires_at = now + self.settings.session_life;
        tx.insert_refresh_token(&RefreshTokenRow {
            id: self.ids.next(),
            session,
            token_hash: secret.hash(),
            issued_at: now,
            expires_at,
            used_at: None,
        })
        .await?;
        Ok((secret, expires_at))
    }

    fn hand_out(
        &self,
        actor: Actor,
        email: String,
        tenant: Option<TenantRow>,
        secret: TenantSecret,
        refresh_expires_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<SignedInSession, AppError> {
        let Principal::User {
            id, role, session, ..
        } = actor.principal()
        else {
            return Err(AppError::Internal {
                what: "only people have sessions".to_owned(),
            });
        };
        let access_expires_at = now + self.settings.access_token_life;
        let access_token = self.tokens.issue(&AccessClaims {
            user: *id,
            session: *session,
            tenant: (*role != Role::Operator).then_some(actor.tenant()),
            role: *role,
            issued_at: now,
            expires_at: access_expires_at,
        })?;
        let refresh_token = secret.into_text();
        Ok(SignedInSession {
            access_token,
            access_expires_at,
            refresh_token,
            refresh_expires_at,
            actor,
            email,
            tenant,
        })
    }

    /// Exchanges a refresh token for the next pair.
    ///
    /// Errors: `SESSION_REVOKED` when the token was used some time before (which ends the family), is too old
    /// or is none of ours.
    pub async fn refresh(&self, refresh_token: &str, origin: Origin) -> Result<SignedInSession, AppError> {
        let ended = || AppError::refused(ErrorCode::SessionRevoked, "this session has ended");
        let now = self.clock.now();
        let presented = TenantSecret::parse(REFRESH_PREFIX, refresh_token).ok_or_else(ended)?;
        let mut tx = self.store.begin(&Actor::system(presented.tenant, None)).await?;
        let token = tx.refresh_token(&presented.hash()).await?.ok_or_else(ended)?;
        let user = tx.session_user(token.session).await?.ok_or_else(ended)?;
        let person = tx.signed_in(user, token.session).await?.ok_or_else(ended)?;
        let principal = Principal::User {
            id: user,
            name: person.name,
            role: person.role,
            session: token.session,
        };
        let actor = Actor::verified(
            presented.tenant,
            principal,
            scope_of(person.role, person.facilities),
            origin,
        );
        let state = RefreshToken {
            expires_at: token.expires_at,
            used_at: token.used_at,
            family_ended: person.ended,
        };
        let verdict = match state.redeem(now) {
            // Between the look and the write another request may have used it: then this is an answer again.
            Redemption::Rotate if tx.use_refresh_token(token.id, now).await? => {
                tx.use_other_refresh_tokens(token.session, now).await?;
                Redemption::Rotate
            }
            Redemption::Rotate => Redemption::AnswerAgain,
            verdict => verdict,
        };
        if matches!(verdict, Redemption::Rotate | Redemption::AnswerAgain) {
            let tenant = tx.tenant_row().await?;
            let (secret, expires_at) = self.next_refresh_token(&tx, token.session, now).await?;
            tx.commit().await?;
            return self.hand_out(actor, person.email, tenant, secret, expires_at, now);
        }
        if verdict == Redemption::EndFamily && tx.revoke_session(token.session, now).await? {
            let event = AuditEvent::of(&actor, now, AuditAction::SessionRevoked, token.session);
            tx.audit(event.denied().detail("a used refresh token came again"));
            tx.commit().await?;
        }
        Err(ended())
    }

    /// Ends the session a refresh token belongs to; a token that is none of ours ends nothing.
    pub async fn sign_out(&self, refresh_token: &str, origin: Origin) -> Result<(), AppError> {
        let now = self.clock.now();
        let Some(presented) = TenantSecret::parse(REFRESH_PREFIX, refresh_token) else {
            return Ok(());
        };
        let mut tx = self.store.begin(&Actor::system(presented.tenant, None)).await?;
        let Some(token) = tx.refresh_token(&presented.hash()).await? else {
            return Ok(());
        };
        let Some(user) = tx.session_user(token.session).await? else {
            return Ok(());
        };
        let Some(person) = tx.signed_in(user, token.session).await? else {
            return Ok(());
        };
        if tx.revoke_session(token.session, now).await? {
            let principal = Principal::User {
                id: user,
                name: person.name,
                role: person.role,
                session: token.session,
            };
            let actor = Actor::verified(
                presented.tenant,
                principal,
                scope_of(person.role, person.facilities),
                origin,
            );
            tx.audit(AuditEvent::of(&actor, now, AuditAction::SignOut, token.session));
        }
        Ok(tx.commit().await?)
    }

    /// Asks a signed-in person for their password again, before a signature.
    ///
    /// Errors: `WRONG_PASSWORD`, recorded; `RATE_LIMITED`; `FORBIDDEN` for machines.
    pub async fn verify_own_password(
        &self,
        actor: &Actor,
        case: CaseId,
        password: String,
    ) -> Result<(), AppError> {
        let user = actor.user().ok_or(AppError::Forbidden {
            permission: domain::Permission::ReadCases,
        })?;
        // Whoever has the session has signed in, so the address is as good as known.
        let attempt = Try {
            account: &user.to_string(),
            origin: actor.origin(),
            known_address: true,
        };
        self.throttle.check(attempt)?;
        let account = self.store.read(actor).await?.account(user).await?;
        if self
            .passwords
            .verify(password, account.map(|account| account.password_hash))
            .await?
        {
            self.throttle.forget(attempt);
            return Ok(());
        }
        let event = AuditEvent::of(actor, self.clock.now(), AuditAction::PasswordCheck, user)
            .case(case)
            .denied();
        self.audit_alone(actor, event).await?;
        Err(AppError::refused(
            ErrorCode::WrongPassword,
            "the password is wrong",
        ))
    }
}

fn choose_tenant(open: &[MembershipRow]) -> AppError {
    let tenants: Vec<_> = open
        .iter()
        .map(|one| json!({ "slug": one.slug(), "name": one.name() }))
        .collect();
    AppError::Refused {
        code: ErrorCode::TenantChoiceRequired,
        message: "choose the organisation you sign in to".to_owned(),
        facts: serde_json::Map::from_iter([("tenants".to_owned(), tenants.into())]),
    }
}
