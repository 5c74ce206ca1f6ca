//! Secrets we hand out: refresh tokens, invitations, API keys.
//!
//! **Invariant:** only the SHA-256 of a secret is stored; 256 random bits need no salt and no slow hash.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{Randomness, TenantId};
use sha2::{Digest, Sha256};
use uuid::Uuid;

const RANDOM_BYTES: usize = 32;
const TENANT_BYTES: usize = 16;

/// A secret with the tenant it is looked up in. The tenant is a hint, not a claim: under another
/// tenant's id the hash is not found.
pub struct TenantSecret {
    pub tenant: TenantId,
    text: String,
}

impl TenantSecret {
    /// A fresh secret.
    pub fn mint(prefix: &str, tenant: TenantId, randomness: &dyn Randomness) -> Self {
        let mut bytes = [0; RANDOM_BYTES + TENANT_BYTES];
        bytes[..RANDOM_BYTES].copy_from_slice(&randomness.secret());
        bytes[RANDOM_BYTES..].copy_from_slice(tenant.uuid().as_bytes());
        Self {
            tenant,
            text: format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes)),
        }
    }

    /// The secret a client presents; none when it cannot be one of ours.
    pub fn parse(prefix: &str, text: &str) -> Option<Self> {
        let mut bytes = [0; RANDOM_BYTES + TENANT_BYTES];
        let decoded = URL_SAFE_NO_PAD
            .decode_slice(text.strip_prefix(prefix)?, &mut bytes)
            .ok()?;
        let tenant = Uuid::from_slice(&bytes[RANDOM_BYTES..])
            .ok()
            .filter(|_| decoded == bytes.len())?;
        Some(Self {
            tenant: TenantId::from_uuid(tenant),
            text: text.to_owned(),
        })
    }

    /// What is stored of it.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.text.as_bytes()).into()
    }

    /// How it begins, so that people can tell secrets apart: 48 of its 256 random bits.
    pub fn beginning(&self, prefix: &str) -> String {
        self.text.chars().take(prefix.len() + 8).collect()
    }

    /// The secret itself, to hand out once.
    pub fn into_text(self) -> String {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Sevens;

    impl Randomness for Sevens {
        fn secret(&self) -> [u8; 32] {
            [7; 32]
        }
    }

    #[test]
    fn a_secret_names_its_tenant_and_nothing_else_parses() {
        let tenant = TenantId::from_uuid(Uuid::from_u128(42));
        let minted = TenantSecret::mint("trk_", tenant, &Sevens);
        let (hash, text) = (minted.hash(), minted.into_text());
        let parsed = TenantSecret::parse("trk_", &text).expect("our own secret parses");
        assert_eq!((parsed.tenant, parsed.hash()), (tenant, hash));
        for odd in [
            "",
            "trk_",
            "trk_AAAA",
            &text[..text.len() - 4],
            &format!("{text}AAAA"),
            &text[4..],
        ] {
            assert!(TenantSecret::parse("trk_", odd).is_none(), "{odd} is no secret");
        }
    }
}
