//! Access tokens: EdDSA-signed JWTs (RFC 7519, RFC 8037) under a key made at the first start.
//!
//! **Invariant:** a token is checked with our key and our algorithm, whatever its header asks for:
//! `alg` and `kid` must be ours, and `jwk`, `jku`, `x5u` and `x5c` are never looked at.

use std::{
    fmt,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use app::ports::{AccessClaims, AccessTokens, TokenError};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{Role, SessionId, TenantId, UserId};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation,
    jwk::{AlgorithmParameters, Jwk},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

const AUDIENCE: &str = "telerad";
const ISSUER: &str = "telerad";
/// RFC 9068.
const TOKEN_TYPE: &str = "at+jwt";
/// A token from so far ahead in time is none of ours.
const SKEW_SECONDS: i64 = 60;
/// PKCS #8 (RFC 8410) of an Ed25519 private key: these bytes and then the 32 of the seed.
const PKCS8_ED25519: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];
const KEY_FILE: &str = "access-token.ed25519";

/// Signs with, and checks against, one Ed25519 key.
pub struct EdDsaTokens {
    key_id: String,
    public_key: String,
    signer: EncodingKey,
    checker: DecodingKey,
    rules: Validation,
}

impl fmt::Debug for EdDsaTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EdDsaTokens")
            .field("key_id", &self.key_id)
            .finish_non_exhaustive()
    }
}

/// The key cannot be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The folder or file.
    #[error("the signing key in {folder} cannot be kept or read: {source}")]
    Io {
        /// The folder of the keys.
        folder: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file's content.
    #[error("the signing key in {folder} is not an Ed25519 key")]
    Content {
        /// The folder of the keys.
        folder: String,
    },
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: UserId,
    sid: SessionId,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    tenant: Option<TenantId>,
    role: Role,
    iat: i64,
    exp: i64,
}

impl EdDsaTokens {
    /// The key in `folder`, made there if there is none. Only this user can read it.
    pub fn open(folder: &Path, fresh_seed: impl FnOnce() -> [u8; 32]) -> Result<Self, KeyError> {
        let failed = |source| KeyError::Io {
            folder: folder.display().to_string(),
            source,
        };
        let path = folder.join(KEY_FILE);
        let seed = match std::fs::read(&path) {
            Ok(seed) => seed,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                keep(folder, &path, &fresh_seed()).map_err(failed)?;
                // Another process may have been faster: what lies there now is the key.
                std::fs::read(&path).map_err(failed)?
            }
            Err(error) => return Err(failed(error)),
        };
        let seed: [u8; 32] = seed.try_into().map_err(|_| KeyError::Content {
            folder: folder.display().to_string(),
        })?;
        Self::from_seed(&seed).ok_or_else(|| KeyError::Content {
            folder: folder.display().to_string(),
        })
    }

    /// Tokens under the key of `seed` (RFC 8032).
    pub fn from_seed(seed: &[u8; 32]) -> Option<Self> {
        let signer = EncodingKey::from_ed_der(&[PKCS8_ED25519.as_slice(), seed].concat());
        let public_key = public_key_of(&signer)?;
        // RFC 7638: the thumbprint of the key is its name.
        let thumbprint = Sha256::digest(format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{public_key}"}}"#));
        let mut rules = Validation::new(Algorithm::EdDSA);
        rules.set_audience(&[AUDIENCE]);
        rules.set_issuer(&[ISSUER]);
        rules.set_required_spec_claims(&["aud", "iss", "sub"]);
        // The library would ask the machine's clock; the times are checked against ours.
        rules.validate_exp = false;
        Some(Self {
            key_id: URL_SAFE_NO_PAD.encode(thumbprint),
            signer,
            checker: DecodingKey::from_ed_components(&public_key).ok()?,
            public_key,
            rules,
        })
    }
}

impl AccessTokens for EdDsaTokens {
    fn issue(&self, claims: &AccessClaims) -> Result<String, TokenError> {
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(TOKEN_TYPE.to_owned());
        header.kid = Some(self.key_id.clone());
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: claims.user,
            sid: claims.session,
            tenant: claims.tenant,
            role: claims.role,
            iat: claims.issued_at.timestamp(),
            exp: claims.expires_at.timestamp(),
        };
        jsonwebtoken::encode(&header, &claims, &self.signer).map_err(|_| TokenError)
    }

    fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<AccessClaims, TokenError> {
        let claims = self.opened(token)?;
        let latest = now + TimeDelta::seconds(SKEW_SECONDS);
        if now >= claims.expires_at || claims.issued_at > latest {
            return Err(TokenError);
        }
        Ok(claims)
    }

    fn expired(&self, token: &str, now: DateTime<Utc>) -> Option<AccessClaims> {
        let claims = self.opened(token).ok()?;
        (now >= claims.expires_at).then_some(claims)
    }

    fn jwks(&self) -> serde_json::Value {
        serde_json::json!({ "keys": [{
            "kty": "OKP", "crv": "Ed25519", "x": self.public_key, "kid": self.key_id, "alg": "EdDSA", "use": "sig",
        }] })
    }
}

impl EdDsaTokens {
    /// What a token of ours says, whenever it was good.
    fn opened(&self, token: &str) -> Result<AccessClaims, TokenError> {
        let data =
            jsonwebtoken::decode::<Claims>(token, &self.checker, &self.rules).map_err(|_| TokenError)?;
        if data.header.kid.as_deref() != Some(&self.key_id) || data.header.typ.as_deref() != Some(TOKEN_TYPE)
        {
            return Err(TokenError);
        }
        let claims = data.claims;
        Ok(AccessClaims {
            user: claims.sub,
            session: claims.sid,
            tenant: claims.tenant,
            role: claims.role,
            issued_at: DateTime::from_timestamp(claims.iat, 0).ok_or(TokenError)?,
            expires_at: DateTime::from_timestamp(claims.exp, 0).ok_or(TokenError)?,
        })
    }
}

/// The public half (RFC 8037), in base64url.
fn public_key_of(signer: &EncodingKey) -> Option<String> {
    match Jwk::from_encoding_key(signer, Algorithm::EdDSA).ok()?.algorithm {
        AlgorithmParameters::OctetKeyPair(pair) => Some(pair.x),
        _ => None,
    }
}

fn keep(folder: &Path, path: &Path, seed: &[u8; 32]) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    // Whole or not at all, also when the power fails or two processes start at once.
    let fresh = folder.join(format!("{KEY_FILE}.{}", std::process::id()));
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&fresh)?;
    file.write_all(seed)?;
    file.sync_all()?;
    let linked = std::fs::hard_link(&fresh, path);
    std::fs::remove_file(&fresh)?;
    match linked {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other.and_then(|()| std::fs::File::open(folder)?.sync_all()),
    }
}

mod seal;
#[cfg(test)]
mod tests;
