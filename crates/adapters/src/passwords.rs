//! Argon2id on threads of its own, a few at a time.

use std::sync::Arc;

use app::ports::{PasswordHashError, PasswordHasher};
use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher as _, PasswordVerifier, phc::PasswordHash},
};
use tokio::sync::Semaphore;

/// OWASP's first choice for argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Argon2id. At most `threads` hashes are computed at once, so that a flood of sign-ins costs bounded
/// memory and leaves the other threads to the readers.
#[derive(Debug)]
pub struct Argon2Passwords {
    places: Arc<Semaphore>,
    /// The hash of nothing anybody knows, verified against when there is no account.
    nobody: String,
}

impl Argon2Passwords {
    /// Errors when the operating system hands out no randomness.
    pub fn new(threads: usize) -> Result<Self, PasswordHashError> {
        Ok(Self {
            places: Arc::new(Semaphore::new(threads.max(1))),
            nobody: hash_now("nobody's password")?,
        })
    }

    async fn on_a_place<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, PasswordHashError> + Send + 'static,
    ) -> Result<T, PasswordHashError> {
        let place = Arc::clone(&self.places).acquire_owned().await.map_err(failed)?;
        tokio::task::spawn_blocking(move || {
            let result = work();
            drop(place);
            result
        })
        .await
        .map_err(failed)?
    }
}

#[async_trait::async_trait]
impl PasswordHasher for Argon2Passwords {
    async fn hash(&self, password: String) -> Result<String, PasswordHashError> {
        self.on_a_place(move || hash_now(&password)).await
    }

    async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, PasswordHashError> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.nobody.clone());
        self.on_a_place(move || {
            let hash = PasswordHash::new(&hash).map_err(failed)?;
            let right = argon2()?.verify_password(password.as_bytes(), &hash).is_ok();
            Ok(right && known)
        })
        .await
    }
}

fn argon2() -> Result<Argon2<'static>, PasswordHashError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(failed)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash_now(password: &str) -> Result<String, PasswordHashError> {
    Ok(argon2()?
        .hash_password(password.as_bytes())
        .map_err(failed)?
        .to_string())
}

fn failed(reason: impl std::fmt::Display) -> PasswordHashError {
    PasswordHashError {
        reason: reason.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_known_again_and_no_other_passes() {
        let passwords = Argon2Passwords::new(1).unwrap();
        let hash = passwords.hash("correct horse".to_owned()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(
            passwords
                .verify("correct horse".to_owned(), Some(hash.clone()))
                .await
                .unwrap()
        );
        assert!(
            !passwords
                .verify("correct house".to_owned(), Some(hash))
                .await
                .unwrap()
        );
    }

    #[tokio::test]
    async fn nobody_signs_in_without_an_account() {
        let passwords = Argon2Passwords::new(1).unwrap();
        assert!(
            !passwords
                .verify("nobody's password".to_owned(), None)
                .await
                .unwrap()
        );
    }
}
