//! Errors over HTTP: problem documents (RFC 9457) with a code of the contract.

use std::fmt;

use actix_web::{
    HttpResponse, ResponseError,
    error::{PathError, QueryPayloadError},
    http::{StatusCode, header},
};
use app::{AppError, RETRY_AFTER_SECONDS};
use domain::ErrorCode;
use serde_json::{Map, Value, json};

/// What a client is told when a request is not done.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// The code of the contract.
    pub code: ErrorCode,
    /// What happened, free of internals.
    pub detail: String,
    /// Facts a client may act on.
    pub facts: Map<String, Value>,
}

impl Problem {
    /// A problem without facts.
    pub fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            facts: Map::new(),
        }
    }

    /// A problem that is over in so many seconds.
    pub fn try_again(code: ErrorCode, detail: impl Into<String>, seconds: u64) -> Self {
        Self::new(code, detail).with(RETRY_AFTER_SECONDS, seconds.into())
    }

    /// The same problem with one more fact.
    #[must_use]
    pub fn with(mut self, fact: &str, value: Value) -> Self {
        self.facts.insert(fact.to_owned(), value);
        self
    }

    fn document(&self) -> Value {
        let mut document = json!({
            "type": format!("urn:telerad:problem:{}", self.code.as_str()),
            "title": self.code.title(),
            "status": self.code.http_status(),
            "detail": self.detail,
            "code": self.code.as_str(),
        });
        for (fact, value) in &self.facts {
            document[fact] = value.clone();
        }
        document
    }
}

/// The facts of an error, as clients get them.
pub(crate) fn facts_of(error: &AppError) -> Map<String, Value> {
    match error {
        AppError::Refused { facts, .. } => facts.clone(),
        AppError::InvalidInput { fields } => {
            let fields: Map<_, _> = fields
                .iter()
                .map(|field| (field.field.to_owned(), field.message.clone().into()))
                .collect();
            Map::from_iter([("fields".to_owned(), fields.into())])
        }
        error => error
            .retry_after_seconds()
            .map(|seconds| (RETRY_AFTER_SECONDS.to_owned(), seconds.into()))
            .into_iter()
            .collect(),
    }
}

/// Writes an error that is ours into the log, once, beside the request's correlation id.
pub(crate) fn log_if_ours(error: &AppError) {
    if error.code().http_status() >= 500 {
        tracing::error!(error = %error, error.code = error.code().as_str(), "a request failed");
    }
}

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        log_if_ours(&error);
        Self {
            code: error.code(),
            detail: error.public_message(),
            facts: facts_of(&error),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.code.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        if let Some(seconds) = self.facts.get(RETRY_AFTER_SECONDS).and_then(Value::as_u64) {
            response.insert_header((header::RETRY_AFTER, seconds));
        }
        if self.status_code() == StatusCode::REQUEST_TIMEOUT {
            // What is left of the request is not waited for.
            response.force_close();
        }
        if self.status_code() == StatusCode::UNAUTHORIZED {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        response
            .content_type("application/problem+json")
            .body(self.document().to_string())
    }
}

impl From<&PathError> for Problem {
    fn from(_: &PathError) -> Self {
        Self::new(ErrorCode::NotFound, "not found")
    }
}

impl From<&QueryPayloadError> for Problem {
    fn from(_: &QueryPayloadError) -> Self {
        Self::new(ErrorCode::BadRequest, "the query string is not as expected here")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_internal_cause_stays_inside() {
        let cause = AppError::Internal {
            what: "password column missing".to_owned(),
        };
        let problem = Problem::from(cause);
        assert_eq!(problem.document()["code"], "INTERNAL");
        assert!(!problem.document().to_string().contains("password"));
    }

    #[test]
    fn a_field_is_named_with_what_to_do_about_it() {
        let problem = Problem::from(AppError::invalid("email", "this is not an e-mail address"));
        assert_eq!(
            problem.document()["fields"]["email"],
            "this is not an e-mail address"
        );
        assert_eq!(problem.document()["status"], 422);
    }
}
