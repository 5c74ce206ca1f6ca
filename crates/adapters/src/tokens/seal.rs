//! Checkpoints of the audit trail as JWS (RFC 7515) under the key of the access tokens, whose public half the
//! server publishes: anybody can check one without us.
//!
//! **Invariant:** the type in the protected header keeps the two apart: a checkpoint is no access token, and no
//! access token a checkpoint.

use app::ports::{TokenError, TrailSeal};
use domain::audit::Checkpoint;
use jsonwebtoken::{Algorithm, Header, Validation};

use super::EdDsaTokens;

const CHECKPOINT_TYPE: &str = "telerad-audit-checkpoint+jwt";

impl TrailSeal for EdDsaTokens {
    fn seal(&self, checkpoint: &Checkpoint) -> Result<String, TokenError> {
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(CHECKPOINT_TYPE.to_owned());
        header.kid = Some(self.key_id.clone());
        jsonwebtoken::encode(&header, checkpoint, &self.signer).map_err(|_| TokenError)
    }

    fn open(&self, sealed: &str) -> Result<Checkpoint, TokenError> {
        let mut rules = Validation::new(Algorithm::EdDSA);
        rules.set_required_spec_claims::<&str>(&[]);
        // It states what was, and never ends.
        rules.validate_exp = false;
        rules.validate_aud = false;
        let data = jsonwebtoken::decode::<Checkpoint>(sealed.trim(), &self.checker, &rules)
            .map_err(|_| TokenError)?;
        let ours = data.header.typ.as_deref() == Some(CHECKPOINT_TYPE)
            && data.header.kid.as_deref() == Some(&self.key_id);
        ours.then_some(data.claims).ok_or(TokenError)
    }
}

#[cfg(test)]
mod tests {
    use app::ports::{AccessClaims, AccessTokens as _};
    use chrono::DateTime;
    use domain::{Role, SessionId, TenantId, UserId};
    use uuid::Uuid;

    use super::*;

    fn checkpoint() -> Checkpoint {
        let tenant = TenantId::from_uuid(Uuid::from_u128(3));
        Checkpoint::new(tenant, 42, &[7; 32], DateTime::UNIX_EPOCH)
    }

    #[test]
    fn a_checkpoint_comes_back_as_it_was_and_under_our_key_only() {
        let (ours, theirs) = (
            EdDsaTokens::from_seed(&[7; 32]).unwrap(),
            EdDsaTokens::from_seed(&[8; 32]).unwrap(),
        );
        let sealed = ours.seal(&checkpoint()).unwrap();
        assert_eq!(ours.open(&sealed), Ok(checkpoint()));
        assert_eq!(theirs.open(&sealed), Err(TokenError));
        let tail = if sealed.ends_with("AA") { "BB" } else { "AA" };
        let forged = format!("{}{tail}", &sealed[..sealed.len() - 2]);
        assert_eq!(ours.open(&forged), Err(TokenError));
    }

    #[test]
    fn a_checkpoint_is_no_access_token_and_the_other_way_round() {
        let tokens = EdDsaTokens::from_seed(&[7; 32]).unwrap();
        let now = DateTime::UNIX_EPOCH;
        assert_eq!(
            tokens.verify(&tokens.seal(&checkpoint()).unwrap(), now),
            Err(TokenError)
        );
        let claims = AccessClaims {
            user: UserId::from_uuid(Uuid::from_u128(1)),
            session: SessionId::from_uuid(Uuid::from_u128(2)),
            tenant: None,
            role: Role::Operator,
            issued_at: now,
            expires_at: now + chrono::TimeDelta::minutes(1),
        };
        assert_eq!(tokens.open(&tokens.issue(&claims).unwrap()), Err(TokenError));
    }
}
