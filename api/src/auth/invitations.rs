//! What the page behind an invitation's link asks for. The token comes in the body, never in an address.

use actix_web::{HttpRequest, HttpResponse, Responder, web};
use app::identity::Acceptance;
use serde::Deserialize;
use serde_json::json;

use super::{refuse_foreign_page, signed_in};
use crate::{ApiState, ClientOrigin, Problem, bodies::OpenJson};

#[derive(Deserialize)]
pub struct Inspect {
    token: String,
}

#[derive(Deserialize)]
pub struct Accept {
    token: String,
    name: String,
    password: String,
}

pub async fn inspect(
    state: web::Data<ApiState>,
    OpenJson(input): OpenJson<Inspect>,
) -> Result<impl Responder, Problem> {
    let invited = state.app.inspect_invitation(&input.token).await?;
    Ok(web::Json(json!({
        "email": invited.email,
        "role": invited.role.as_str(),
        "tenant": { "slug": invited.tenant.slug, "name": invited.tenant.name },
        "expires_at": invited.expires_at,
    })))
}

pub async fn accept(
    request: HttpRequest,
    state: web::Data<ApiState>,
    ClientOrigin(origin): ClientOrigin,
    OpenJson(input): OpenJson<Accept>,
) -> Result<HttpResponse, Problem> {
    refuse_foreign_page(&request, &state)?;
    let Accept {
        token,
        name,
        password,
    } = input;
    let session = state
        .app
        .accept_invitation(
            Acceptance {
                token,
                name,
                password,
            },
            origin,
        )
        .await?;
    signed_in(&state, session)
}
