//! Errors over GraphQL: every one has `extensions.code` of the contract.

use std::sync::Arc;

use app::{AppError, RETRY_AFTER_SECONDS};
use async_graphql::{
    Error, ErrorExtensionValues, ErrorExtensions, Response, ServerError, Value,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextRequest, NextSubscribe},
};
use domain::ErrorCode;
use futures_util::{StreamExt, stream::BoxStream};

use crate::error::{facts_of, log_if_ours};

const CODE: &str = "code";
/// The seconds after which trying again makes sense.
const RETRY_AFTER: &str = "retryAfter";
/// How the library begins to say that an argument does not hold what its type holds, and that a variable it needs
/// was not given. Its errors carry nothing else to tell them from a resolver's.
const OF_INPUT: [&str; 2] = ["Failed to parse \"", "Variable "];

/// What a resolver answers when a use case refuses or fails.
pub fn graphql_error(error: AppError) -> Error {
    log_if_ours(&error);
    Error::new(error.public_message()).extend_with(|_, extensions| {
        extensions.set(CODE, error.code().as_str());
        for (fact, value) in facts_of(&error) {
            let value = Value::from_json(value).unwrap_or_default();
            if fact == RETRY_AFTER_SECONDS {
                extensions.set(RETRY_AFTER, value.clone());
            }
            extensions.set(fact, value);
        }
    })
}

/// An error before any resolver ran.
pub(super) fn refusal(code: ErrorCode, message: impl Into<String>) -> ServerError {
    coded(ServerError::new(message, None), code)
}

fn coded(mut error: ServerError, code: ErrorCode) -> ServerError {
    error
        .extensions
        .get_or_insert_with(ErrorExtensionValues::default)
        .set(CODE, code.as_str());
    error
}

/// Gives a code to errors that come from the library: those about the document are the client's,
/// those of a field are ours and keep their words to themselves.
#[derive(Debug, Clone, Copy)]
pub(super) struct CodedErrors;

impl ExtensionFactory for CodedErrors {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_trait::async_trait]
impl Extension for CodedErrors {
    async fn request(&self, ctx: &ExtensionContext<'_>, next: NextRequest<'_>) -> Response {
        with_codes(next.run(ctx).await)
    }

    fn subscribe<'s>(
        &self,
        ctx: &ExtensionContext<'_>,
        stream: BoxStream<'s, Response>,
        next: NextSubscribe<'_>,
    ) -> BoxStream<'s, Response> {
        next.run(ctx, stream).map(with_codes).boxed()
    }
}

fn with_codes(mut response: Response) -> Response {
    response.errors = response.errors.into_iter().map(with_code).collect();
    response
}

fn with_code(mut error: ServerError) -> ServerError {
    if error
        .extensions
        .as_ref()
        .is_some_and(|extensions| extensions.get(CODE).is_some())
    {
        return error;
    }
    if error.path.is_empty() {
        return coded(error, ErrorCode::BadRequest);
    }
    if OF_INPUT.iter().any(|begin| error.message.starts_with(begin)) {
        return coded(error, ErrorCode::BadRequest);
    }
    tracing::error!(error = %error.message, "a resolver failed without a code");
    ErrorCode::Internal.title().clone_into(&mut error.message);
    coded(error, ErrorCode::Internal)
}

/// After how many seconds trying again makes sense, where an error says so.
pub(super) fn retry_after(error: &ServerError) -> Option<u64> {
    match error.extensions.as_ref()?.get(RETRY_AFTER)? {
        Value::Number(seconds) => seconds.as_u64(),
        _ => None,
    }
}

/// The code of an error that went through [`CodedErrors`].
pub(super) fn code_of(error: &ServerError) -> Option<ErrorCode> {
    match error.extensions.as_ref()?.get(CODE)? {
        Value::String(code) => ErrorCode::from_code(code),
        _ => None,
    }
}
