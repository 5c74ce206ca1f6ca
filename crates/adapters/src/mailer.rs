//! Mail: to an SMTP server, or as `.eml` files into a folder where none is configured.

use std::path::{Path, PathBuf};

use app::ports::{Mail, MailError, Mailer};
use lettre::{
    Address, AsyncFileTransport, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
};

/// The way mails take.
enum Way {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    Folder {
        transport: AsyncFileTransport<Tokio1Executor>,
        folder: PathBuf,
    },
}

/// Sends mails from one address.
pub struct LettreMailer {
    from: Mailbox,
    way: Way,
}

/// The mailer's configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MailerSetupError {
    /// The sender's address is none.
    #[error("`{address}` is not a mail address")]
    Sender {
        /// What was configured.
        address: String,
    },
    /// The server's address is none.
    #[error("the SMTP address cannot be used: {reason}")]
    Server {
        /// Why; without the address, which may hold a password.
        reason: String,
    },
}

impl std::fmt::Debug for LettreMailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let way = match &self.way {
            Way::Smtp(_) => "smtp",
            Way::Folder { .. } => "folder",
        };
        f.debug_struct("LettreMailer")
            .field("way", &way)
            .finish_non_exhaustive()
    }
}

impl LettreMailer {
    /// Hands mails to the server of a `smtp://` or `smtps://` URL; `?tls=required` asks for STARTTLS.
    pub fn smtp(url: &str, from: &str) -> Result<Self, MailerSetupError> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .map_err(|error| MailerSetupError::Server {
                reason: error.to_string(),
            })?
            .build();
        Ok(Self {
            from: sender(from)?,
            way: Way::Smtp(transport),
        })
    }

    /// Writes mails as files into `folder`, which is made when it is missing.
    pub fn folder(folder: &Path, from: &str) -> Result<Self, MailerSetupError> {
        let transport = AsyncFileTransport::new(folder);
        Ok(Self {
            from: sender(from)?,
            way: Way::Folder {
                transport,
                folder: folder.to_owned(),
            },
        })
    }

    fn message(&self, mail: &Mail) -> Result<Message, MailError> {
        let refused = |reason: &str| MailError::Refused {
            reason: reason.to_owned(),
        };
        // An address alone: what stands there is never read as a name with an address.
        let to: Address = mail
            .to
            .parse()
            .map_err(|_not_one| refused("the recipient's address is not valid"))?;
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(&mail.subject)
            .message_id(None)
            .header(ContentType::TEXT_PLAIN)
            .body(mail.text.clone())
            .map_err(|_unfit| refused("the mail cannot be composed"))
    }
}

fn sender(from: &str) -> Result<Mailbox, MailerSetupError> {
    from.parse().map_err(|_not_one| MailerSetupError::Sender {
        address: from.to_owned(),
    })
}

#[async_trait::async_trait]
impl Mailer for LettreMailer {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let message = self.message(mail)?;
        match &self.way {
            Way::Smtp(transport) => match transport.send(message).await {
                Ok(_) => Ok(()),
                Err(error) if error.is_permanent() => Err(MailError::Refused {
                    reason: error.to_string(),
                }),
                Err(error) => Err(MailError::Deferred {
                    reason: error.to_string(),
                }),
            },
            Way::Folder { transport, folder } => {
                let deferred = |reason: String| MailError::Deferred { reason };
                tokio::fs::create_dir_all(folder)
                    .await
                    .map_err(|error| deferred(error.kind().to_string()))?;
                transport
                    .send(message)
                    .await
                    .map(drop)
                    .map_err(|error| deferred(error.to_string()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use app::identity::parse_email;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_address_that_is_taken_at_the_door_can_be_mailed(
            local in "[!-~]{1,70}",
            labels in prop::collection::vec("[!-~]{1,8}|[a-z0-9-]{1,66}", 1..5),
        ) {
            can_be_mailed(&format!("{local}@{}", labels.join(".")))?;
        }

        #[test]
        fn ordinary_addresses_are_taken_and_can_be_mailed(
            local in "[a-zA-Z0-9]([a-zA-Z0-9+_'-]{0,20}[a-zA-Z0-9])?(\\.[a-z0-9]{1,8}){0,2}",
            host in "[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?(\\.[a-z0-9]{1,10}){0,3}",
        ) {
            let address = format!("{local}@{host}");
            prop_assert!(parse_email("email", &address).is_ok(), "{}", address);
            can_be_mailed(&address)?;
        }
    }

    fn can_be_mailed(text: &str) -> Result<(), TestCaseError> {
        let mailer = LettreMailer::folder(Path::new("/nowhere"), "a@example.org").unwrap();
        if let Ok(address) = parse_email("email", text) {
            let message = mailer.message(&mail(&address));
            prop_assert!(message.is_ok(), "{} is taken but cannot be mailed", address);
        }
        Ok(())
    }

    fn mail(to: &str) -> Mail {
        Mail {
            to: to.to_owned(),
            subject: "A report is ready".to_owned(),
            text: "Öffnen: http://localhost/cases/case_1\n".to_owned(),
        }
    }

    #[tokio::test]
    async fn without_a_server_mails_become_files() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = folder.path().join("outbox");
        let mailer = LettreMailer::folder(&outbox, "telerad <no-reply@example.org>").unwrap();
        mailer.send(&mail("desk@example.org")).await.unwrap();
        let file = std::fs::read_dir(&outbox)
            .unwrap()
            .next()
            .unwrap()
            .unwrap()
            .path();
        assert_eq!(file.extension().unwrap(), "eml");
        let text = std::fs::read_to_string(file).unwrap();
        assert!(text.contains("To: desk@example.org") && text.contains("Subject: A report is ready"));
        assert!(text.contains("Date: "));
    }

    #[tokio::test]
    async fn an_address_that_is_none_is_refused_for_good_and_an_absent_server_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let mailer = LettreMailer::folder(folder.path(), "a@example.org").unwrap();
        assert!(matches!(
            mailer.send(&mail("nobody at all")).await,
            Err(MailError::Refused { .. })
        ));
        assert!(matches!(
            mailer.send(&mail("a@b.org\r\nBcc: x@y.org")).await,
            Err(MailError::Refused { .. })
        ));
        let absent = LettreMailer::smtp("smtp://127.0.0.1:9", "a@example.org").unwrap();
        assert!(matches!(
            absent.send(&mail("desk@example.org")).await,
            Err(MailError::Deferred { .. })
        ));
    }
}
