//! GraphQL by POST. One document a request, as JSON and nothing else: a form on a foreign page can send
//! text and urlencoded bodies in a person's name, and a GET could be a link.

use actix_web::{HttpRequest, HttpResponse, http::header, mime, web};
use async_graphql::{Request, Response};
use domain::ErrorCode;
use serde_json::{Value, json};

use super::{context::request_data, errors::code_of};
use crate::{ApiState, Problem, authenticate, routes::MAX_JSON_BYTES};

pub async fn execute(
    http: HttpRequest,
    state: web::Data<ApiState>,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    let request = parse(&http, &state, body).await.map_err(in_graphql_form)?;
    let response = state.schema.execute(request).await;
    Ok(answer(&response))
}

async fn parse(http: &HttpRequest, state: &ApiState, body: web::Payload) -> Result<Request, Problem> {
    require_json(http)?;
    let actor = authenticate(http).await?;
    let too_large = |_| Problem::new(ErrorCode::PayloadTooLarge, "the body is larger than 1 MB");
    let body = body
        .to_bytes_limited(MAX_JSON_BYTES)
        .await
        .map_err(too_large)?
        .map_err(|_| Problem::new(ErrorCode::BadRequest, "the body could not be read"))?;
    if body.trim_ascii_start().starts_with(b"[") {
        return Err(Problem::new(
            ErrorCode::QueryTooComplex,
            "send one document a request",
        ));
    }
    let mut request: Request = serde_json::from_slice(&body)
        .map_err(|_| Problem::new(ErrorCode::BadRequest, "the body is not a GraphQL request in JSON"))?;
    request.data = request_data(&state.app, actor);
    Ok(request)
}

fn require_json(http: &HttpRequest) -> Result<(), Problem> {
    let value = http
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let is_json = value
        .and_then(|value| value.parse::<mime::Mime>().ok())
        .is_some_and(|kind| kind.essence_str() == mime::APPLICATION_JSON.essence_str());
    if is_json {
        Ok(())
    } else {
        Err(Problem::new(
            ErrorCode::UnsupportedMediaType,
            "send application/json",
        ))
    }
}

/// The same problem, also readable for a GraphQL client.
fn in_graphql_form(problem: Problem) -> Problem {
    let mut extensions = problem.facts.clone();
    extensions.insert("code".to_owned(), problem.code.as_str().into());
    let errors = json!([{ "message": problem.detail, "extensions": extensions }]);
    problem.with("errors", errors)
}

/// A document that was not executed at all is the client's fault and says so in the status, too.
fn answer(response: &Response) -> HttpResponse {
    let refused = response
        .errors
        .first()
        .and_then(code_of)
        .filter(|_| response.data == async_graphql::Value::Null);
    let mut answer = match refused {
        Some(ErrorCode::QueryTooComplex | ErrorCode::BadRequest) => HttpResponse::BadRequest(),
        _ => HttpResponse::Ok(),
    };
    let body = serde_json::to_value(response).unwrap_or(Value::Null);
    answer
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .body(body.to_string())
}
