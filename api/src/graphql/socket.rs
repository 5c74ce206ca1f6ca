//! GraphQL over WebSocket (sub-protocol `graphql-transport-ws`).
//!
//! **Invariant:** a socket lives no longer than what let it in: it closes when its token expires, and
//! within seconds when the session is revoked, the role changes or the key is.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use actix_web::{HttpRequest, HttpResponse, http::header, rt, web};
use actix_ws::{AggregatedMessage, AggregatedMessageStream, CloseCode, CloseReason, Session};
use app::identity::Authenticated;
use async_graphql::{
    Data, Error,
    http::{WebSocket, WebSocketProtocols, WsMessage},
};
use bytes::Bytes;
use domain::{ErrorCode, Origin};
use futures_util::{Stream, StreamExt};
use tokio::{sync::mpsc, time::Instant};
use tokio_stream::wrappers::ReceiverStream;

use super::context::request_data;
use crate::{
    ApiState, Problem,
    extract::{authenticate_until, origin_of},
    routes::method_not_allowed,
};

const PROTOCOL: &str = "graphql-transport-ws";
/// The largest message a client may send.
const MAX_MESSAGE_BYTES: usize = 256 * 1024;
/// Messages of a client that wait to be looked at; one that sends faster is cut off.
const WAITING_MESSAGES: usize = 64;
/// How long a client may take to say who it is.
const TIME_TO_INTRODUCE: Duration = Duration::from_secs(10);
/// How often it is asked whether the caller is still welcome, and whether the client still lives.
const LOOK_EVERY: Duration = Duration::from_secs(3);
/// A client that says nothing for so long, not even a pong, is gone.
const SILENCE: Duration = Duration::from_secs(45);

/// Close codes as the sub-protocol and its clients know them.
const CLOSE_TOO_LATE: u16 = 4408;
const CLOSE_NOT_WELCOME: u16 = 4403;
const CLOSE_TOO_FAST: u16 = 4429;

/// Who the client said it is; empty until it did.
type Introduced = Arc<OnceLock<Authenticated>>;

pub async fn open(
    request: HttpRequest,
    body: web::Payload,
    state: web::Data<ApiState>,
) -> Result<HttpResponse, actix_web::Error> {
    let is_upgrade = request
        .headers()
        .get(header::UPGRADE)
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"));
    if !is_upgrade {
        return Ok(method_not_allowed("POST"));
    }
    if let Some(origin) = request.headers().get(header::ORIGIN)
        && !origin.to_str().is_ok_and(|origin| state.origins.contains(origin))
    {
        return Err(Problem::new(ErrorCode::Forbidden, "this page may not connect").into());
    }
    let offered = request
        .headers()
        .get_all(header::SEC_WEBSOCKET_PROTOCOL)
        .filter_map(|value| value.to_str().ok());
    if !offered
        .flat_map(|value| value.split(','))
        .any(|one| one.trim() == PROTOCOL)
    {
        return Err(Problem::new(
            ErrorCode::BadRequest,
            "offer the sub-protocol graphql-transport-ws",
        )
        .into());
    }
    let (response, session, messages) = actix_ws::handle_with_protocols(&request, body, &[PROTOCOL])?;
    let messages = messages
        .max_frame_size(MAX_MESSAGE_BYTES)
        .aggregate_continuations()
        .max_continuation_size(MAX_MESSAGE_BYTES);
    let origin = origin_of(&request);
    rt::spawn(async move {
        let mut end = session.clone();
        let reason = converse(&state, session, messages, origin).await;
        // The client may be gone already.
        let _ = end.ping(b"").await;
        let _ = end.close(reason).await;
    });
    Ok(response)
}

/// Carries messages between client and schema until one of them ends it, or we do.
async fn converse(
    state: &web::Data<ApiState>,
    mut session: Session,
    mut client: AggregatedMessageStream,
    origin: Origin,
) -> Option<CloseReason> {
    let introduced = Introduced::default();
    let (to_schema, from_client) = mpsc::channel::<Bytes>(WAITING_MESSAGES);
    let mut schema = std::pin::pin!(speak(state, from_client, origin, Arc::clone(&introduced)));
    let mut stopping = state.stopping();
    let mut look = tokio::time::interval(LOOK_EVERY);
    let began = Instant::now();
    let mut heard = began;
    loop {
        tokio::select! {
            message = client.next() => {
                heard = Instant::now();
                let text = match message? {
                    Ok(AggregatedMessage::Text(text)) => text.into_bytes(),
                    Ok(AggregatedMessage::Ping(payload)) => {
                        session.pong(&payload).await.ok()?;
                        continue;
                    }
                    Ok(AggregatedMessage::Pong(_)) => continue,
                    Ok(AggregatedMessage::Binary(_)) => return close(CloseCode::Unsupported, "send text"),
                    Ok(AggregatedMessage::Close(_)) => return None,
                    Err(_) => return close(CloseCode::Protocol, "the message is malformed or too large"),
                };
                if to_schema.try_send(text).is_err() {
                    return close(CloseCode::Other(CLOSE_TOO_FAST), "too many messages at once");
                }
            }
            message = schema.next() => match message? {
                WsMessage::Text(text) => session.text(text).await.ok()?,
                WsMessage::Close(code, reason) => return close(CloseCode::from(code), &reason),
            },
            _ = look.tick() => {
                if heard.elapsed() > SILENCE {
                    return None;
                }
                match introduced.get() {
                    None if began.elapsed() > TIME_TO_INTRODUCE => {
                        return close(CloseCode::Other(CLOSE_TOO_LATE), "say who you are in connection_init");
                    }
                    Some(caller) if !is_welcome(state, caller).await => {
                        return close(CloseCode::Other(CLOSE_NOT_WELCOME), "the token has expired or was revoked");
                    }
                    _ => session.ping(b"").await.ok()?,
                }
            }
            _ = stopping.wait_for(|stopping| *stopping) => {
                return close(CloseCode::Away, "the server is restarting");
            }
        }
    }
}

/// The schema's side of the conversation. The first message must say who speaks.
fn speak(
    state: &web::Data<ApiState>,
    from_client: mpsc::Receiver<Bytes>,
    origin: Origin,
    introduced: Introduced,
) -> impl Stream<Item = WsMessage> + use<> {
    let schema = state.schema.clone();
    let state = state.clone();
    WebSocket::new(
        schema,
        ReceiverStream::new(from_client),
        WebSocketProtocols::GraphQLWS,
    )
    .on_connection_init(move |payload: serde_json::Value| async move {
        let authorization = payload
            .get("authorization")
            .and_then(|value| value.as_str())
            .unwrap_or_default();
        let caller = authenticate_until(&state, authorization, origin)
            .await
            .map_err(|problem| Error::new(problem.code.as_str()))?;
        let data: Data = request_data(&state.app, caller.actor.clone());
        introduced
            .set(caller)
            .map_err(|_| Error::new(ErrorCode::BadRequest.as_str()))?;
        Ok(data)
    })
}

async fn is_welcome(state: &ApiState, caller: &Authenticated) -> bool {
    if caller.expires_at.is_some_and(|end| state.app.clock.now() >= end) {
        return false;
    }
    match state.app.is_still_welcome(&caller.actor).await {
        Ok(welcome) => welcome,
        Err(error) => {
            tracing::warn!(error = %error, "cannot tell whether a connected caller is still welcome");
            // The database is away for everybody; the token's own end still holds.
            true
        }
    }
}

fn close(code: CloseCode, why: &str) -> Option<CloseReason> {
    Some(CloseReason {
        code,
        description: Some(why.to_owned()),
    })
}
