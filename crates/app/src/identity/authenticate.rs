//! From a bearer token to an actor.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{Actor, ErrorCode, FacilityScope, Origin, Principal, Role, TenantId};
use sha2::{Digest as _, Sha256};
use store::Writes;

use super::{api_keys::API_KEY_PREFIX, scope_of, secret::TenantSecret};
use crate::{
    App, AppError,
    ports::AccessClaims,
    trail::{Asked, Refusal},
};

/// A key's last use is noted at most so often: the note costs a synced write.
const NOTE_USE_EVERY: TimeDelta = TimeDelta::minutes(5);

/// A verified caller.
#[derive(Debug, Clone)]
pub struct Authenticated {
    /// Who.
    pub actor: Actor,
    /// When the token ends; a key has no end.
    pub expires_at: Option<DateTime<Utc>>,
}

/// Whom a token or a key was found to be.
#[derive(Debug, Clone)]
pub(crate) struct KnownCaller {
    tenant: TenantId,
    principal: Principal,
    facilities: FacilityScope,
    expires_at: Option<DateTime<Utc>>,
    /// From then on it is looked up again, whatever is remembered.
    until: DateTime<Utc>,
}

fn turned_away(what: &str, code: ErrorCode) -> Refusal {
    Refusal {
        request: what.to_owned(),
        asked: Asked::Nothing,
        code,
    }
}

fn not_authenticated() -> AppError {
    AppError::refused(ErrorCode::NotAuthenticated, "please sign in")
}

impl App {
    /// Who stands behind a user's access token or an API key, as they are now: a member who was
    /// disabled or whose role changed a moment ago is told so at once, whatever the token says.
    ///
    /// Errors: `NOT_AUTHENTICATED`; `SESSION_REVOKED` when the session was ended.
    pub async fn authenticate(&self, bearer: &str, origin: Origin) -> Result<Actor, AppError> {
        Ok(self.authenticate_until(bearer, origin).await?.actor)
    }

    /// As [`App::authenticate`], with the moment the token ends.
    pub async fn authenticate_until(&self, bearer: &str, origin: Origin) -> Result<Authenticated, AppError> {
        let token = Sha256::digest(bearer).into();
        let known = self.lately.callers.get(&token, &self.store);
        let caller = match known.filter(|caller| self.clock.now() < caller.until) {
            Some(caller) => caller,
            None => {
                let (writes, caller) = if bearer.starts_with(API_KEY_PREFIX) {
                    self.key_holder(bearer, &origin).await?
                } else {
                    self.token_holder(bearer, &origin).await?
                };
                self.lately.callers.keep(token, writes, caller.clone());
                caller
            }
        };
        Ok(Authenticated {
            actor: Actor::verified(caller.tenant, caller.principal, caller.facilities, origin),
            expires_at: caller.expires_at,
        })
    }

    async fn token_holder(&self, bearer: &str, origin: &Origin) -> Result<(Writes, KnownCaller), AppError> {
        let now = self.clock.now();
        let claims = match self.tokens.verify(bearer, now) {
            Ok(claims) => claims,
            Err(_) => {
                if let Some(claims) = self.tokens.expired(bearer, now) {
                    self.record_old_token(&claims, origin.clone()).await?;
                }
                return Err(not_authenticated());
            }
        };
        let tenant = claims.tenant.unwrap_or(TenantId::PLATFORM);
        let scoped = Actor::system(tenant, None);
        let writes = self.store.writes_of(&scoped);
        let tx = self.store.read(&scoped).await?;
        let person = tx
            .signed_in(claims.user, claims.session)
            .await?
            .ok_or_else(not_authenticated)?;
        if person.ended {
            self.record_old_token(&claims, origin.clone()).await?;
            return Err(AppError::refused(
                ErrorCode::SessionRevoked,
                "this session has ended",
            ));
        }
        // Operators belong to the platform and nobody else does.
        if (person.role == Role::Operator) != (tenant == TenantId::PLATFORM) {
            return Err(not_authenticated());
        }
        let caller = KnownCaller {
            tenant,
            principal: Principal::User {
                id: person.user,
                name: person.name,
                role: person.role,
                session: claims.session,
            },
            facilities: scope_of(person.role, person.facilities),
            expires_at: Some(claims.expires_at),
            until: claims.expires_at,
        };
        Ok((writes, caller))
    }

    /// Records that somebody came with a token that was theirs and is no longer good. They get in with nothing:
    /// the actor serves the trail alone.
    async fn record_old_token(&self, claims: &AccessClaims, origin: Origin) -> Result<(), AppError> {
        let tenant = claims.tenant.unwrap_or(TenantId::PLATFORM);
        let tx = self.store.read(&Actor::system(tenant, None)).await?;
        let person = tx.signed_in(claims.user, claims.session).await?;
        drop(tx);
        let (what, code) = match &person {
            Some(person) if person.ended => ("ended session", ErrorCode::SessionRevoked),
            _ => ("expired token", ErrorCode::NotAuthenticated),
        };
        let principal = Principal::User {
            id: claims.user,
            name: person.map(|person| person.name).unwrap_or_default(),
            role: claims.role,
            session: claims.session,
        };
        let actor = Actor::verified(tenant, principal, FacilityScope::Only(Vec::new()), origin);
        self.record_refusal(&actor, turned_away(what, code)).await;
        Ok(())
    }

    async fn key_holder(&self, bearer: &str, origin: &Origin) -> Result<(Writes, KnownCaller), AppError> {
        let secret = TenantSecret::parse(API_KEY_PREFIX, bearer).ok_or_else(not_authenticated)?;
        let scoped = Actor::system(secret.tenant, None);
        let writes = self.store.writes_of(&scoped);
        let key = self
            .store
            .read(&scoped)
            .await?
            .api_key_by_secret(&secret.hash())
            .await?;
        let key = key.ok_or_else(not_authenticated)?;
        if key.revoked_at.is_some() {
            let principal = Principal::ApiKey {
                id: key.id,
                name: key.name,
                scopes: Vec::new(),
            };
            let nothing = FacilityScope::Only(Vec::new());
            let actor = Actor::verified(secret.tenant, principal, nothing, origin.clone());
            self.record_refusal(&actor, turned_away("revoked key", ErrorCode::NotAuthenticated))
                .await;
            return Err(not_authenticated());
        }
        let now = self.clock.now();
        let noted = key.last_used_at.filter(|last| now - *last < NOTE_USE_EVERY);
        if noted.is_none() {
            let tx = self.store.begin(&scoped).await?;
            tx.touch_api_key(key.id, now).await?;
            tx.commit().await?;
        }
        let facilities = match key.facility {
            Some(facility) => FacilityScope::Only(vec![facility]),
            None => FacilityScope::All,
        };
        let caller = KnownCaller {
            tenant: secret.tenant,
            principal: Principal::ApiKey {
                id: key.id,
                name: key.name,
                scopes: key.scopes,
            },
            facilities,
            expires_at: None,
            until: noted.unwrap_or(now) + NOTE_USE_EVERY,
        };
        Ok((writes, caller))
    }

    /// Whether a caller who was let in a while ago would still be: for connections that stay open.
    pub async fn is_still_welcome(&self, actor: &Actor) -> Result<bool, AppError> {
        let tx = self.store.read(actor).await?;
        Ok(match actor.principal() {
            Principal::User {
                id, role, session, ..
            } => tx
                .signed_in(*id, *session)
                .await?
                .is_some_and(|person| !person.ended && person.role == *role),
            Principal::ApiKey { id, .. } => {
                tx.api_key(*id).await?.is_some_and(|key| key.revoked_at.is_none())
            }
            Principal::Node { id, .. } => tx.dicom_node(*id).await?.is_some_and(|node| node.is_enabled),
            Principal::System { .. } => true,
        })
    }
}
