//! One conversation: messages between client and schema until one of them ends it, or we do.

use std::time::Duration;

use actix_web::web;
use actix_ws::{AggregatedMessageStream, CloseCode, CloseReason, Session};
use domain::{ErrorCode, Origin};
use tokio::time::timeout;

use super::{
    introduction::introduce,
    line::{Ended, Line, SLOWEST},
    messages::{self, ClientMessage, close, closed},
    operations::{MAX_OPERATIONS, NotBegun, Operations},
    seats::Seat,
    welcome::{Standing, Watchman},
};
use crate::{ApiState, graphql::context::request_data};

/// How often it is asked whether the caller is still welcome, and whether the client still lives.
const LOOK_EVERY: Duration = Duration::from_secs(3);

/// Holds a conversation until its end.
pub async fn hold(
    state: web::Data<ApiState>,
    session: Session,
    client: AggregatedMessageStream,
    origin: Origin,
    seat: Seat,
) {
    let mut line = Line::open(session.clone(), client);
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
