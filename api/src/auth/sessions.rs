//! Sign-in, refresh, sign-out.

use actix_web::{HttpRequest, HttpResponse, ResponseError, web};
use app::identity::Credentials;
use domain::ErrorCode;
use serde::Deserialize;

use super::{REFRESH_COOKIE, no_cookie, refuse_foreign_page, signed_in};
use crate::{ApiState, ClientOrigin, Problem, bodies::OpenJson};

#[derive(Deserialize)]
pub struct SignIn {
    email: String,
    password: String,
    tenant: Option<String>,
}

/// A body that says nothing but shows that no plain form sent it.
#[derive(Deserialize)]
pub struct Nothing {}

pub async fn sign_in(
    request: HttpRequest,
    state: web::Data<ApiState>,
    ClientOrigin(origin): ClientOrigin,
    OpenJson(input): OpenJson<SignIn>,
) -> Result<HttpResponse, Problem> {
    refuse_foreign_page(&request, &state)?;
    let SignIn {
        email,
        password,
        tenant,
    } = input;
    let session = state
        .app
        .sign_in(
            Credentials {
                email,
                password,
                tenant,
            },
            origin,
        )
        .await?;
    signed_in(&state, session)
}

pub async fn refresh(
    request: HttpRequest,
    state: web::Data<ApiState>,
    ClientOrigin(origin): ClientOrigin,
    _: OpenJson<Nothing>,
) -> Result<HttpResponse, Problem> {
    refuse_foreign_page(&request, &state)?;
    let Some(cookie) = request.cookie(REFRESH_COOKIE) else {
        return Err(Problem::new(ErrorCode::NotAuthenticated, "please sign in"));
    };
    match state
        .app
        .refresh(cookie.value(), origin)
        .await
        .map_err(Problem::from)
    {
        Ok(session) => signed_in(&state, session),
        Err(problem) if problem.code == ErrorCode::SessionRevoked => {
            let mut response = problem.error_response();
            // A cookie that cannot be spelled is no cookie to forget.
            let _ = response.add_cookie(&no_cookie(&state));
            Ok(response)
        }
        Err(problem) => Err(problem),
    }
}

pub async fn sign_out(
    request: HttpRequest,
    state: web::Data<ApiState>,
    ClientOrigin(origin): ClientOrigin,
    _: OpenJson<Nothing>,
) -> Result<HttpResponse, Problem> {
    refuse_foreign_page(&request, &state)?;
    if let Some(cookie) = request.cookie(REFRESH_COOKIE) {
        state.app.sign_out(cookie.value(), origin).await?;
    }
    Ok(HttpResponse::NoContent().cookie(no_cookie(&state)).finish())
}
