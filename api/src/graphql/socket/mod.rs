//! GraphQL over WebSocket (sub-protocol `graphql-transport-ws`): who may open one.
//!
//! **Invariant:** a socket lives no longer than what let it in: it closes when its token expires, and
//! within seconds when the session is revoked, the role changes or the key is.
//!
//! **Invariant:** sockets, operations on a socket and the database connections of all of them are bounded,
//! so that whoever listens takes nothing from whoever asks.

mod conversation;
mod introduction;
mod line;
mod messages;
mod operations;
mod seats;
mod welcome;

use actix_web::{HttpRequest, HttpResponse, http::header, rt, web};
use domain::ErrorCode;

pub use seats::SocketLimits;
pub(crate) use seats::{Seat, Sockets};
pub(crate) use welcome::{Standing, Watchman};

use crate::{ApiState, Problem, extract::origin_of, method_not_allowed};

const PROTOCOL: &str = "graphql-transport-ws";
/// The largest message a client may send.
const MAX_MESSAGE_BYTES: usize = 256 * 1024;
/// When somebody for whom there was no room may try again.
const TRY_AGAIN_SECONDS: u64 = 10;

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
    require_our_page(&request, &state)?;
    require_protocol(&request)?;
    let origin = origin_of(&request);
    let seat = state.sockets.stranger(origin.address.as_deref()).ok_or_else(|| {
        Problem::try_again(
            ErrorCode::RateLimited,
            "too many connections are open",
            TRY_AGAIN_SECONDS,
        )
    })?;
    let (response, session, messages) = actix_ws::handle_with_protocols(&request, body, &[PROTOCOL])?;
    let messages = messages
        .max_frame_size(MAX_MESSAGE_BYTES)
        .aggregate_continuations()
        .max_continuation_size(MAX_MESSAGE_BYTES);
    rt::spawn(conversation::hold(state, session, messages, origin, seat));
    Ok(response)
}

fn require_our_page(request: &HttpRequest, state: &ApiState) -> Result<(), Problem> {
    match request.headers().get(header::ORIGIN) {
        Some(origin) if !origin.to_str().is_ok_and(|origin| state.origins.contains(origin)) => {
            Err(Problem::new(ErrorCode::Forbidden, "this page may not connect"))
        }
        _ => Ok(()),
    }
}

fn require_protocol(request: &HttpRequest) -> Result<(), Problem> {
    let mut offered = request
        .headers()
        .get_all(header::SEC_WEBSOCKET_PROTOCOL)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    if offered.any(|one| one.trim() == PROTOCOL) {
        Ok(())
    } else {
        Err(Problem::new(
            ErrorCode::BadRequest,
            "offer the sub-protocol graphql-transport-ws",
        ))
    }
}
