//! Password hashing, away from the threads that serve requests.

use std::fmt;

/// A password could not be hashed, or a stored hash not be read.
#[derive(Debug, thiserror::Error)]
#[error("password hashing failed: {reason}")]
pub struct PasswordHashError {
    /// Why.
    pub reason: String,
}

/// Hashes and checks passwords (argon2id).
#[async_trait::async_trait]
pub trait PasswordHasher: Send + Sync + fmt::Debug {
    /// The PHC string of `password` under a fresh salt.
    async fn hash(&self, password: String) -> Result<String, PasswordHashError>;

    /// Whether `password` is the one behind `hash`. Without a hash the same work is done and the answer
    /// is no, so that an unknown account takes as long as a wrong password.
    async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, PasswordHashError>;
}
