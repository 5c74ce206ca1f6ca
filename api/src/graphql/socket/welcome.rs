//! Whether a connected caller is still welcome.
//!
//! **Invariant:** asking never holds up the conversation, and an answer that does not come is no answer:
//! who cannot be vouched for any more is let go.

use std::time::Duration;

use app::{App, AppError, identity::Authenticated};
use tokio::{task::JoinSet, time::Instant};

/// What is known about a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// They may stay.
    Welcome,
    /// The token expired or was revoked.
    NotWelcome,
    /// It could not be found out for too long.
    Unknown,
}

/// Asks again and again about one caller.
pub struct Watchman {
    app: App,
    caller: Authenticated,
    asking: JoinSet<Result<bool, AppError>>,
    sure: Instant,
    longest_doubt: Duration,
}

impl Watchman {
    /// `longest_doubt`: how long the last certainty holds.
    pub fn new(app: App, caller: Authenticated, longest_doubt: Duration) -> Self {
        Self {
            app,
            caller,
            asking: JoinSet::new(),
            sure: Instant::now(),
            longest_doubt,
        }
    }

    /// Judges by what is known already, and asks unless that is being done.
    pub fn look(&mut self) -> Standing {
        let now = self.app.clock.now();
        if self.caller.expires_at.is_some_and(|end| now >= end) {
            return Standing::NotWelcome;
        }
        if self.sure.elapsed() > self.longest_doubt {
            return Standing::Unknown;
        }
        if self.asking.is_empty() {
            let (app, actor) = (self.app.clone(), self.caller.actor.clone());
            self.asking
                .spawn(async move { app.is_still_welcome(&actor).await });
        }
        Standing::Welcome
    }

    /// Waits for the answer to what was asked; for ever when nothing was.
    pub async fn answer(&mut self) -> Standing {
        match self.asking.join_next().await {
            None => std::future::pending().await,
            Some(Ok(Ok(true))) => {
                self.sure = Instant::now();
                Standing::Welcome
            }
            Some(Ok(Ok(false))) => Standing::NotWelcome,
            Some(Ok(Err(error))) => {
                tracing::warn!(error = %error, "cannot tell whether a connected caller is still welcome");
                Standing::Welcome
            }
            Some(Err(error)) => {
                tracing::error!(error = %error, "asking about a connected caller broke");
                Standing::Welcome
            }
        }
    }
}
