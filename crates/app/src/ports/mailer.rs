//! Mail. Never with patient data: it travels in the clear and lies in foreign mailboxes.

use std::fmt;

/// One mail to one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The recipient's address.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// The body as plain text.
    pub text: String,
}

/// Why a mail was not handed over.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The address or content is refused for good.
    #[error("mail refused: {reason}")]
    Refused {
        /// What the server said.
        reason: String,
    },
    /// The server cannot be reached or says to come back.
    #[error("mail deferred: {reason}")]
    Deferred {
        /// What happened.
        reason: String,
    },
}

/// Hands mails to an SMTP server, or to a folder where none is configured.
#[async_trait::async_trait]
pub trait Mailer: Send + Sync + fmt::Debug {
    /// Hands over `mail`; success means the server took responsibility for it.
    async fn send(&self, mail: &Mail) -> Result<(), MailError>;
}
