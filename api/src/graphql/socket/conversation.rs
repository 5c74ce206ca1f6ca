//! One conversation: messages between client and schema until one of them ends it, or we do.

use std::time::Duration;

use actix_web::web;
use actix_ws::{AggregatedMessage, AggregatedMessageStream, CloseCode, CloseReason, Session};
use domain::{ErrorCode, Origin};
use futures_util::StreamExt as _;
use tokio::time::{Instant, timeout};

use super::{
    introduction::introduce,
    messages::{self, ClientMessage, close, closed},
    operations::{MAX_OPERATIONS, NotBegun, Operations},
    seats::Seat,
    welcome::{Standing, Watchman},
};
use crate::{ApiState, graphql::context::request_data};

/// How often it is asked whether the caller is still welcome, and whether the client still lives.
const LOOK_EVERY: Duration = Duration::from_secs(3);
/// A client that says nothing for so long, not even a pong, is gone.
const SILENCE: Duration = Duration::from_secs(45);
/// A client that takes nothing off the line for so long is gone, too.
const SLOWEST: Duration = Duration::from_secs(10);

/// The end of a conversation; without a reason when there is nobody left to tell.
pub type Ended = Option<CloseReason>;

/// Holds a conversation until its end.
pub async fn hold(
    state: web::Data<ApiState>,
    session: Session,
    client: AggregatedMessageStream,
    origin: Origin,
    seat: Seat,
) {
    let mut line = Line {
        session: session.clone(),
        client,
        heard: Instant::now(),
    };
    let reason = converse(&state, &mut line, origin, seat).await;
    // The client may be gone already, or take nothing.
    let farewell = async {
        let mut session = session;
        let _ = session.ping(b"").await;
        let _ = session.close(reason).await;
    };
    let _ = timeout(SLOWEST, farewell).await;
}

async fn converse(
    state: &web::Data<ApiState>,
    line: &mut Line,
    origin: Origin,
    mut seat: Seat,
) -> Option<CloseReason> {
    let mut stopping = state.stopping();
    let caller = tokio::select! {
        caller = introduce(state, line, origin) => match caller {
            Ok(caller) => caller,
            Err(reason) => return reason,
        },
        _ = stopping.wait_for(|stopping| *stopping) => return restarting(),
    };
    if !seat.belongs_to(&caller.actor) {
        return closed(messages::TOO_MANY, "you have too many connections open");
    }
    let data = request_data(&state.live, caller.actor.clone());
    let operations = Operations::new(state.schema.clone(), data);
    let longest_doubt = state.options.sockets.longest_doubt;
    let watchman = Watchman::new(state.checks.clone(), caller, longest_doubt);
    tokio::select! {
        reason = talk(line, operations, watchman) => reason.err().flatten(),
        _ = stopping.wait_for(|stopping| *stopping) => restarting(),
    }
}

async fn talk(line: &mut Line, mut operations: Operations, mut watchman: Watchman) -> Result<(), Ended> {
    line.say(messages::acknowledged()).await?;
    let mut look = tokio::time::interval(LOOK_EVERY);
    loop {
        tokio::select! {
            message = line.hear() => match message? {
                ClientMessage::Subscribe { id, payload } => match operations.begin(id.clone(), *payload) {
                    Ok(()) => {}
                    Err(NotBegun::IdTaken) => return Err(closed(messages::ID_TAKEN, "an operation of this id still runs")),
                    Err(NotBegun::TooMany) => line.say(too_many(&id)).await?,
                },
                ClientMessage::Complete { id } => operations.end(&id),
                ClientMessage::Ping {} => line.say(messages::pong()).await?,
                ClientMessage::Pong {} => {}
                ClientMessage::ConnectionInit { .. } => {
                    return Err(closed(messages::TOO_MANY, "you said already who you are"));
                }
            },
            message = operations.next() => match message {
                Some(text) => line.say(text).await?,
                None => return Err(close(CloseCode::Error, "something went wrong on our side")),
            },
            standing = watchman.answer() => may_stay(standing)?,
            _ = look.tick() => {
                may_stay(watchman.look())?;
                line.is_alive().await?;
            }
        }
    }
}

fn too_many(id: &str) -> String {
    metrics::counter!("telerad_live_refused_total", "what" => "operation").increment(1);
    let why = format!("at most {MAX_OPERATIONS} operations run on one connection");
    messages::error(id, ErrorCode::RateLimited, &why)
}

fn may_stay(standing: Standing) -> Result<(), Ended> {
    match standing {
        Standing::Welcome => Ok(()),
        Standing::NotWelcome => Err(closed(
            messages::NOT_WELCOME,
            "the token has expired or was revoked",
        )),
        Standing::Unknown => Err(close(CloseCode::Again, "nobody can say who you are just now")),
    }
}

fn restarting() -> Ended {
    close(CloseCode::Away, "the server is restarting")
}

/// The line to a client.
pub struct Line {
    session: Session,
    client: AggregatedMessageStream,
    heard: Instant,
}

impl Line {
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
    async fn is_alive(&mut self) -> Result<(), Ended> {
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
