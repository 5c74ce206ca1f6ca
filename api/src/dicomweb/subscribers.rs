//! Subscribing to work items, and the WebSocket on which their events come (PS3.18 §11.10 to §11.12, §8.10).
//!
//! **Invariant:** a socket lives no longer than what let it in, and takes one of the places of all sockets.

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, http::header, rt, web};
use actix_ws::{AggregatedMessage, AggregatedMessageStream, CloseCode, CloseReason, Session};
use app::{AppError, identity::Authenticated, ups::EventListener};
use domain::ErrorCode;
use futures_util::StreamExt as _;
use tokio::time::{interval, timeout};

use super::address::Asker;
use crate::{
    ApiState, Problem,
    extract::{authenticate_until, origin_of},
    graphql::{Seat, Standing, Watchman},
};

/// The largest message a subscriber may send; it has nothing to say.
const MAX_MESSAGE_BYTES: usize = 4 << 10;
/// How often it is asked whether the subscriber is still welcome and lives.
const LOOK_EVERY: Duration = Duration::from_secs(3);
/// A subscriber that takes nothing off the line for so long is gone.
const SLOWEST: Duration = Duration::from_secs(10);
/// When somebody for whom there was no room may try again.
const TRY_AGAIN_SECONDS: u64 = 10;

type Target = web::Path<(String, String, String)>;

pub async fn subscribe(request: HttpRequest, asker: Asker, target: Target) -> Result<HttpResponse, Problem> {
    let (_, uid, title) = target.into_inner();
    let filter = filter_of(request.query_string());
    asker
        .app
        .subscribe_to_workitems(&asker.actor, &title, &uid, Some(&filter))
        .await?;
    let url = format!("{}/subscribers/{title}", asker.root().replacen("http", "ws", 1));
    Ok(HttpResponse::Created()
        .insert_header((header::CONTENT_LOCATION, url))
        .finish())
}

pub async fn unsubscribe(asker: Asker, target: Target) -> Result<HttpResponse, Problem> {
    let (_, uid, title) = target.into_inner();
    asker
        .app
        .unsubscribe_from_workitems(&asker.actor, &title, &uid)
        .await?;
    Ok(HttpResponse::Ok().finish())
}

/// The search of a filtered subscription: everything but what is about the subscription itself.
fn filter_of(query: &str) -> String {
    let pairs = url::form_urlencoded::parse(query.as_bytes());
    let kept = pairs.filter(|(key, _)| !key.eq_ignore_ascii_case("deletionlock"));
    let mut filter = String::new();
    for (key, value) in kept {
        // PS3.18 §11.10.1.1 puts the conditions into one parameter, separated by commas.
        if key.eq_ignore_ascii_case("filter") {
            let conditions: Vec<&str> = value.split(',').collect();
            filter = [filter, conditions.join("&")].join("&");
        } else {
            let pair = url::form_urlencoded::Serializer::new(String::new())
                .append_pair(&key, &value)
                .finish();
            filter = [filter, pair].join("&");
        }
    }
    filter.trim_matches('&').to_owned()
}

pub async fn listen(
    request: HttpRequest,
    asker: Asker,
    title: web::Path<(String, String)>,
    state: web::Data<ApiState>,
    body: web::Payload,
) -> Result<HttpResponse, actix_web::Error> {
    let listener = asker
        .app
        .listen_to_workitems(&asker.actor, &title.1)
        .await
        .map_err(Problem::from)?;
    let origin = origin_of(&request);
    let full = || {
        Problem::try_again(
            ErrorCode::RateLimited,
            "too many connections are open",
            TRY_AGAIN_SECONDS,
        )
    };
    let mut seat = state
        .sockets
        .stranger(origin.address.as_deref())
        .ok_or_else(full)?;
    if !seat.belongs_to(&asker.actor) {
        return Err(full().into());
    }
    let authorization = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let caller = authenticate_until(&state, authorization.unwrap_or_default(), origin).await?;
    let (response, session, messages) = actix_ws::handle(&request, body)?;
    let messages = messages
        .max_frame_size(MAX_MESSAGE_BYTES)
        .aggregate_continuations()
        .max_continuation_size(MAX_MESSAGE_BYTES);
    rt::spawn(hold(state, session, messages, listener, caller, seat));
    Ok(response)
}

async fn hold(
    state: web::Data<ApiState>,
    mut session: Session,
    mut client: AggregatedMessageStream,
    mut listener: EventListener,
    caller: Authenticated,
    seat: Seat,
) {
    let longest_doubt = state.options.sockets.longest_doubt;
    let mut watchman = Watchman::new(state.checks.clone(), caller, longest_doubt);
    let mut stopping = state.stopping();
    let mut look = interval(LOOK_EVERY);
    let reason = loop {
        let told = tokio::select! {
            message = client.next() => match message {
                Some(Ok(AggregatedMessage::Ping(payload))) => timeout(SLOWEST, session.pong(&payload)).await.is_ok_and(|sent| sent.is_ok()),
                Some(Ok(AggregatedMessage::Close(_)) | Err(_)) | None => break None,
                Some(Ok(_)) => true,
            },
            changed = listener.changed() => {
                if !changed {
                    break closed(CloseCode::Away, "the server is restarting");
                }
                tell(&mut session, &mut listener).await.unwrap_or_else(|error| {
                    tracing::warn!(error = %error, "events of work items cannot be told");
                    true
                })
            }
            standing = watchman.answer() => match standing {
                Standing::Welcome => true,
                Standing::NotWelcome | Standing::Unknown => break closed(CloseCode::Policy, "the token has expired or was revoked"),
            },
            _ = look.tick() => {
                if watchman.look() != Standing::Welcome {
                    break closed(CloseCode::Policy, "the token has expired or was revoked");
                }
                timeout(SLOWEST, session.ping(b"")).await.is_ok_and(|sent| sent.is_ok())
            }
            _ = stopping.wait_for(|stopping| *stopping) => break closed(CloseCode::Away, "the server is restarting"),
        };
        if !told {
            break None;
        }
    };
    drop(seat);
    let _ = timeout(SLOWEST, session.close(reason)).await;
}

/// Sends what happened since the last time. False when nobody takes it.
async fn tell(session: &mut Session, listener: &mut EventListener) -> Result<bool, AppError> {
    for event in listener.events().await? {
        match timeout(SLOWEST, session.text(event.to_string())).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) | Err(_) => return Ok(false),
        }
    }
    Ok(true)
}

fn closed(code: CloseCode, text: &str) -> Option<CloseReason> {
    Some(CloseReason {
        code,
        description: Some(text.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_a_search_however_it_is_written() {
        assert_eq!(filter_of("deletionlock=true"), "");
        assert_eq!(
            filter_of("filter=ProcedureStepState=SCHEDULED,WorklistLabel=READING"),
            "ProcedureStepState=SCHEDULED&WorklistLabel=READING"
        );
        assert_eq!(
            filter_of("WorklistLabel=READING&deletionlock=false"),
            "WorklistLabel=READING"
        );
    }
}
