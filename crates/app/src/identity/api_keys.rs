//! Keys of machines: made by an administrator, shown once, revoked at once.

use domain::{
    Actor, ApiKeyId, ApiScope, FacilityId, Permission,
    audit::{AuditAction, AuditEvent},
};
use store::ApiKeyRow;

use super::{email::parse_name, secret::TenantSecret};
use crate::{App, AppError};

pub(super) const API_KEY_PREFIX: &str = "trk_";

/// A key to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewApiKey {
    /// What the machine is called.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<ApiScope>,
    /// The one facility it works for; none: all of the tenant's.
    pub facility: Option<FacilityId>,
}

/// A key that was just made, with the secret nobody sees again.
#[derive(Clone)]
pub struct CreatedApiKey {
    /// The key.
    pub key: ApiKeyRow,
    /// Its secret.
    pub secret: String,
}

impl std::fmt::Debug for CreatedApiKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CreatedApiKey")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

impl App {
    /// The tenant's keys, newest first, also revoked ones.
    pub async fn api_keys(&self, actor: &Actor) -> Result<Vec<ApiKeyRow>, AppError> {
        self.authorise(actor, Permission::ManageApiKeys)?;
        Ok(self.store.read(actor).await?.api_keys().await?)
    }

    /// Makes a key.
    ///
    /// Errors: `INVALID_INPUT`; `NOT_FOUND` when the facility is not the tenant's.
    pub async fn create_api_key(&self, actor: &Actor, input: NewApiKey) -> Result<CreatedApiKey, AppError> {
        self.authorise(actor, Permission::ManageApiKeys)?;
        let now = self.clock.now();
        let name = parse_name("name", &input.name)?;
        let scopes: Vec<_> = ApiScope::ALL
            .iter()
            .copied()
            .filter(|scope| input.scopes.contains(scope))
            .collect();
        if scopes.is_empty() {
            return Err(AppError::invalid("scopes", "choose at least one scope"));
        }
        let mut tx = self.store.begin(actor).await?;
        if let Some(facility) = input.facility {
            tx.facility(facility)
                .await?
                .ok_or(AppError::NotFound { what: "facility" })?;
        }
        let secret = TenantSecret::mint(API_KEY_PREFIX, actor.tenant(), self.randomness.as_ref());
        let key = ApiKeyRow {
            id: ApiKeyId::from_uuid(self.ids.next()),
            name,
            prefix: secret.beginning(API_KEY_PREFIX),
            scopes,
            facility: input.facility,
            created_at: now,
            last_used_at: None,
            revoked_at: None,
        };
        tx.insert_api_key(&key, &secret.hash()).await?;
        tx.audit(AuditEvent::of(actor, now, AuditAction::ApiKeyCreate, key.id));
        tx.commit().await?;
        Ok(CreatedApiKey {
            key,
            secret: secret.into_text(),
        })
    }

    /// Revokes a key; the next request with it is refused. One that is revoked stays so.
    pub async fn revoke_api_key(&self, actor: &Actor, id: ApiKeyId) -> Result<ApiKeyRow, AppError> {
        self.authorise(actor, Permission::ManageApiKeys)?;
        let now = self.clock.now();
        let mut tx = self.store.begin(actor).await?;
        if tx.revoke_api_key(id, now).await? {
            tx.audit(AuditEvent::of(actor, now, AuditAction::ApiKeyRevoke, id));
        }
        let key = tx
            .api_key(id)
            .await?
            .ok_or(AppError::NotFound { what: "API key" })?;
        tx.commit().await?;
        Ok(key)
    }
}
