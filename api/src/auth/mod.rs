//! Signing in and out over HTTP. The refresh token travels in a cookie no script can read.

mod invitations;
mod sessions;

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    cookie::{Cookie, SameSite, time},
    http::header,
    web,
};
use app::identity::SignedInSession;
use domain::{ErrorCode, Principal};
use serde_json::{Value, json};

use crate::{ApiState, Doc, Problem, Routes};

const REFRESH_COOKIE: &str = "telerad_refresh";
const COOKIE_PATH: &str = "/auth";

pub fn register(routes: &mut Routes<'_>) {
    let json = "application/json";
    routes.post(
        "/auth/sign-in",
        sessions::sign_in,
        Doc::new("Begins a session with e-mail and password")
            .open()
            .takes(json)
            .answers(200, "Access token; refresh cookie"),
    );
    routes.post(
        "/auth/refresh",
        sessions::refresh,
        Doc::new("Exchanges the refresh cookie for the next pair")
            .open()
            .takes(json)
            .answers(200, "As sign-in"),
    );
    routes.post(
        "/auth/sign-out",
        sessions::sign_out,
        Doc::new("Ends the session of the refresh cookie")
            .open()
            .takes(json)
            .answers(204, "Ended"),
    );
    routes.post(
        "/auth/invitations/inspect",
        invitations::inspect,
        Doc::new("What an invitation is for")
            .open()
            .takes(json)
            .answers(200, "E-mail, role, tenant, expiry"),
    );
    routes.post(
        "/auth/invitations/accept",
        invitations::accept,
        Doc::new("Accepts an invitation and signs in")
            .open()
            .takes(json)
            .answers(200, "As sign-in"),
    );
    routes.get(
        "/auth/jwks",
        jwks,
        Doc::new("The public keys of access tokens (RFC 7517)")
            .open()
            .answers(200, "Keys"),
    );
}

async fn jwks(state: web::Data<ApiState>) -> impl Responder {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .json(state.app.tokens.jwks())
}

/// Errors with `FORBIDDEN` when a browser says that a foreign page sent this.
fn refuse_foreign_page(request: &HttpRequest, state: &ApiState) -> Result<(), Problem> {
    match request.headers().get(header::ORIGIN) {
        None => Ok(()),
        Some(origin) if origin.to_str().is_ok_and(|origin| state.origins.contains(origin)) => Ok(()),
        Some(_) => Err(Problem::new(
            ErrorCode::Forbidden,
            "this page may not sign anybody in",
        )),
    }
}

/// The answer to every request that leaves somebody signed in.
fn signed_in(state: &ApiState, session: SignedInSession) -> Result<HttpResponse, Problem> {
    let now = state.app.clock.now();
    let Principal::User { id, name, role, .. } = session.actor.principal() else {
        return Err(Problem::new(ErrorCode::Internal, ErrorCode::Internal.title()));
    };
    let tenant = session
        .tenant
        .as_ref()
        .map(|tenant| json!({ "slug": tenant.slug, "name": tenant.name }));
    let body: Value = json!({
        "access_token": session.access_token,
        "token_type": "Bearer",
        "expires_in": (session.access_expires_at - now).num_seconds(),
        "role": role.as_str(),
        "tenant": tenant,
        "user": { "id": id.to_string(), "name": name, "email": session.email },
    });
    let lives = time::Duration::seconds((session.refresh_expires_at - now).num_seconds());
    Ok(HttpResponse::Ok()
        .cookie(cookie(state, session.refresh_token, lives))
        .json(body))
}

fn cookie(state: &ApiState, value: String, lives: time::Duration) -> Cookie<'static> {
    Cookie::build(REFRESH_COOKIE, value)
        .path(COOKIE_PATH)
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(state.is_https())
        .max_age(lives)
        .finish()
}

/// A cookie that makes the browser forget the one it has.
fn no_cookie(state: &ApiState) -> Cookie<'static> {
    cookie(state, String::new(), time::Duration::ZERO)
}
