//! GraphQL by POST. One document a request, as JSON and nothing else: a form on a foreign page can send
//! text and urlencoded bodies in a person's name, and a GET could be a link.

use actix_web::{HttpRequest, HttpResponse, http::header, web};
use async_graphql::{Request, Response};
use domain::ErrorCode;
use serde_json::{Value, json};

use super::{
    context::request_data,
    errors::{code_of, retry_after},
};
use crate::{
    ApiState, Problem, authenticate,
    bodies::{self, require_json, whole},
    routes::MAX_JSON_BYTES,
};

pub async fn execute(
    http: HttpRequest,
    state: web::Data<ApiState>,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    let request = parse(&http, &state, body).await.map_err(in_graphql_form)?;
    let response = state.schema.execute(request).await;
    Ok(answer(&response))
}

async fn parse(http: &HttpRequest, state: &ApiState, mut body: web::Payload) -> Result<Request, Problem> {
    require_json(http)?;
    let actor = authenticate(http).await?;
    let body = whole(http, &mut body, MAX_JSON_BYTES, state.options.body_idle).await?;
    if body.trim_ascii_start().starts_with(b"[") {
        return Err(Problem::new(
            ErrorCode::QueryTooComplex,
            "send one document a request",
        ));
    }
    let mut request: Request = bodies::parse(&body, "a GraphQL request in JSON")?;
    request.data = request_data(&state.app, actor);
    Ok(request)
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
    if let Some(seconds) = response.errors.iter().filter_map(retry_after).max() {
        answer.insert_header((header::RETRY_AFTER, seconds));
    }
    let body = serde_json::to_value(response).unwrap_or(Value::Null);
    answer
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .body(body.to_string())
}

#[cfg(test)]
mod tests {
    use app::AppError;
    use async_graphql::{Pos, Response};

    use super::*;
    use crate::graphql::graphql_error;

    #[test]
    fn who_asks_too_often_is_told_when_to_come_back() {
        let limited = |seconds: u64| {
            let error = AppError::try_again(ErrorCode::RateLimited, "too many tries", seconds);
            graphql_error(error).into_server_error(Pos::default())
        };
        let response = Response::from_errors(vec![limited(7), limited(30)]);
        assert_eq!(
            answer(&response).headers().get(header::RETRY_AFTER).unwrap(),
            "30"
        );
        let body = serde_json::to_value(&response).unwrap();
        assert_eq!(body["errors"][0]["extensions"]["retryAfter"], 7);
        let other = Response::from_errors(vec![
            graphql_error(AppError::NotFound { what: "case" }).into_server_error(Pos::default()),
        ]);
        assert!(!answer(&other).headers().contains_key(header::RETRY_AFTER));
    }
}
