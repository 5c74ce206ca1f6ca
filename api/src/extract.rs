//! Who calls, and from where.

use std::{future::Future, net::IpAddr, ops::Deref, pin::Pin};

use actix_web::{FromRequest, HttpMessage as _, HttpRequest, dev::Payload, http::header, web};
use app::identity::Authenticated;
use domain::{Actor, ErrorCode, Origin, text::is_unfit_on_a_line};

use crate::{ApiState, Problem};

const USER_AGENT_CHARACTERS: usize = 200;

/// The verified actor of a request with `Authorization: Bearer`.
#[derive(Debug, Clone)]
pub struct Caller(pub Actor);

impl Deref for Caller {
    type Target = Actor;

    fn deref(&self) -> &Actor {
        &self.0
    }
}

impl FromRequest for Caller {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Ok(Self(authenticate(&request).await?)) })
    }
}

/// The actor of a request, for handlers that stream their body and extract by hand.
///
/// Errors: `NOT_AUTHENTICATED`, `SESSION_REVOKED`.
pub async fn authenticate(request: &HttpRequest) -> Result<Actor, Problem> {
    let state = state_of(request);
    let bearer = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(bearer_of)
        .ok_or_else(|| {
            Problem::new(
                ErrorCode::NotAuthenticated,
                "send Authorization: Bearer with a token",
            )
        })?;
    let actor = state.app.authenticate(bearer, origin_of(request)).await?;
    // Should it be refused, the trail learns who asked.
    request.extensions_mut().insert(actor.clone());
    Ok(actor)
}

/// The token of an `Authorization` value.
pub(crate) fn bearer_of(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim())
        .filter(|token| !token.is_empty())
}

/// As [`App::authenticate_until`](app::App::authenticate_until), from the value of an `Authorization` header.
pub(crate) async fn authenticate_until(
    state: &ApiState,
    authorization: &str,
    origin: Origin,
) -> Result<Authenticated, Problem> {
    let bearer = bearer_of(authorization)
        .ok_or_else(|| Problem::new(ErrorCode::NotAuthenticated, "send \"Bearer \" and a token"))?;
    Ok(state.app.authenticate_until(bearer, origin).await?)
}

/// Where a request comes from, for sign-in and the audit trail.
#[derive(Debug, Clone)]
pub struct ClientOrigin(pub Origin);

impl FromRequest for ClientOrigin {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(Ok(Self(origin_of(request))))
    }
}

/// Where a request comes from.
pub(crate) fn origin_of(request: &HttpRequest) -> Origin {
    let peer = request.peer_addr().map(|peer| peer.ip().to_canonical());
    let headers = request.headers();
    let forwarded = headers
        .get(header::X_FORWARDED_FOR)
        .and_then(|value| value.to_str().ok());
    let address = client_address(peer, forwarded, &state_of(request).options.trusted_proxies);
    let user_agent = headers
        .get(header::USER_AGENT)
        .map(|value| readable(value.as_bytes()));
    Origin {
        address: address.map(|address| address.to_string()),
        user_agent,
    }
}

/// What a client calls itself, in any bytes, as the audit trail shows it.
fn readable(name: &[u8]) -> String {
    String::from_utf8_lossy(name)
        .chars()
        .filter(|c| !is_unfit_on_a_line(*c))
        .take(USER_AGENT_CHARACTERS)
        .collect()
}

/// The peer's address, or, when the peer is a proxy we trust, the nearest one it vouches for that is
/// not a proxy itself. What stands further left was written by the client.
fn client_address(peer: Option<IpAddr>, forwarded: Option<&str>, trusted: &[IpAddr]) -> Option<IpAddr> {
    let peer = peer?;
    if !trusted.contains(&peer) {
        return Some(peer);
    }
    let hops = forwarded
        .unwrap_or_default()
        .rsplit(',')
        .map(|hop| hop.trim().parse::<IpAddr>());
    for hop in hops {
        match hop {
            Ok(hop) if trusted.contains(&hop) => {}
            Ok(hop) => return Some(hop),
            Err(_) => break,
        }
    }
    Some(peer)
}

/// The state that `server::application` registered.
pub(crate) fn state_of(request: &HttpRequest) -> web::Data<ApiState> {
    request
        .app_data::<web::Data<ApiState>>()
        .expect("every application of this crate carries its state")
        .clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, forwarded: Option<&str>) -> String {
        let trusted = ["10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap()];
        client_address(peer.parse().ok(), forwarded, &trusted)
            .unwrap()
            .to_string()
    }

    #[test]
    fn a_forged_forwarded_header_changes_nothing_without_a_trusted_proxy() {
        assert_eq!(seen("203.0.113.9", Some("192.0.2.1")), "203.0.113.9");
    }

    #[test]
    fn behind_trusted_proxies_the_nearest_stranger_counts() {
        assert_eq!(
            seen("10.0.0.1", Some("192.0.2.66, 203.0.113.9, 10.0.0.2")),
            "203.0.113.9"
        );
        assert_eq!(seen("10.0.0.1", None), "10.0.0.1");
        assert_eq!(seen("10.0.0.1", Some("nonsense")), "10.0.0.1");
    }

    #[test]
    fn a_client_is_written_down_whatever_bytes_it_calls_itself() {
        assert_eq!(readable(b"PACS/1.0"), "PACS/1.0");
        assert_eq!(readable("Röntgen/1.0".as_bytes()), "Röntgen/1.0");
        assert_eq!(readable(b"R\xf6ntgen/1.0"), "R\u{fffd}ntgen/1.0");
        assert_eq!(readable("a\tb\u{85}c\u{202e}d".as_bytes()), "abcd");
        assert_eq!(readable("山".repeat(300).as_bytes()), "山".repeat(200));
    }

    #[test]
    fn only_a_bearer_is_a_bearer() {
        assert_eq!(bearer_of("Bearer abc"), Some("abc"));
        assert_eq!(bearer_of("bearer  abc"), Some("abc"));
        for odd in ["abc", "Basic abc", "Bearer ", "Bearer"] {
            assert_eq!(bearer_of(odd), None, "{odd}");
        }
    }
}
