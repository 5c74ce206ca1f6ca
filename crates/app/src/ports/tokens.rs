//! Access tokens: short-lived, signed with a key that never leaves the signer.

use std::fmt;

use chrono::{DateTime, Utc};
use domain::{Role, SessionId, TenantId, UserId};

/// What an access token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessClaims {
    /// Whose it is.
    pub user: UserId,
    /// The session it belongs to.
    pub session: SessionId,
    /// The one tenant it is good for; none for an operator.
    pub tenant: Option<TenantId>,
    /// The role in that tenant.
    pub role: Role,
    /// Not before.
    pub issued_at: DateTime<Utc>,
    /// Not after.
    pub expires_at: DateTime<Utc>,
}

/// The token is not one of ours, or no longer valid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid access token")]
pub struct TokenError;

/// Issues and verifies access tokens.
pub trait AccessTokens: Send + Sync + fmt::Debug {
    /// Signs `claims`.
    fn issue(&self, claims: &AccessClaims) -> Result<String, TokenError>;

    /// Checks signature, algorithm, key id, audience, issuer, type and times.
    fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<AccessClaims, TokenError>;

    /// Whose token this was, if it is one of ours and only too old: for the audit trail, never to let anybody in.
    fn expired(&self, token: &str, now: DateTime<Utc>) -> Option<AccessClaims>;

    /// The public keys (RFC 7517).
    fn jwks(&self) -> serde_json::Value;
}
