//! The line to a client: messages in and out, and whether somebody is still at its other end.

use std::{future::Future, time::Duration};

use actix_ws::{AggregatedMessage, AggregatedMessageStream, CloseCode, CloseReason, Session};
use futures_util::StreamExt as _;
use tokio::time::{Instant, timeout};

use super::messages::{ClientMessage, close};

/// A client that says nothing for so long, not even a pong, is gone.
const SILENCE: Duration = Duration::from_secs(45);
/// A client that takes nothing off the line for so long is gone, too.
pub const SLOWEST: Duration = Duration::from_secs(10);

/// The end of a conversation; without a reason when there is nobody left to tell.
pub type Ended = Option<CloseReason>;

/// The line to a client.
pub struct Line {
    session: Session,
    client: AggregatedMessageStream,
    heard: Instant,
}

impl Line {
    /// The line of a socket that was just opened.
    pub fn open(session: Session, client: AggregatedMessageStream) -> Self {
        Self {
            session,
            client,
            heard: Instant::now(),
        }
    }

    /// The client's next message; pings of the line itself are answered on the way.
    pub async fn hear(&mut self) -> Result<ClientMessage, Ended> {
        loop {
            let message = self.client.next().await.ok_or(None)?;
            self.heard = Instant::now();
            match message {
                Ok(AggregatedMessage::Text(text)) => return ClientMessage::parse(&text),
                Ok(AggregatedMessage::Ping(payload)) => {
                    Self::in_time(self.session.pong(&payload)).await?;
                }
                Ok(AggregatedMessage::Pong(_)) => {}
                Ok(AggregatedMessage::Binary(_)) => return Err(close(CloseCode::Unsupported, "send text")),
                Ok(AggregatedMessage::Close(_)) => return Err(None),
                Err(_) => {
                    let why = "the message is malformed or too large";
                    return Err(close(CloseCode::Protocol, why));
                }
            }
        }
    }

    /// Sends one message.
    pub async fn say(&mut self, text: String) -> Result<(), Ended> {
        Self::in_time(self.session.text(text)).await
    }

    /// Asks the client for a sign of life, unless it gave none for too long.
    pub async fn is_alive(&mut self) -> Result<(), Ended> {
        if self.heard.elapsed() > SILENCE {
            return Err(None);
        }
        Self::in_time(self.session.ping(b"")).await
    }

    async fn in_time(sent: impl Future<Output = Result<(), actix_ws::Closed>>) -> Result<(), Ended> {
        match timeout(SLOWEST, sent).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(None),
        }
    }
}
