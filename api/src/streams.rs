//! Answers that are made while they are sent.

use app::AppError;
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};

use crate::Problem;

/// The stream as a body: what fails after the answer has begun breaks the connection off, so that the client sees
/// less than was announced, never something wrong.
pub(crate) fn breaking_off(
    pieces: impl Stream<Item = Result<Bytes, AppError>>,
) -> impl Stream<Item = Result<Bytes, actix_web::Error>> {
    pieces.map(|piece| {
        piece.map_err(|error| {
            tracing::error!(error = %error, "an answer breaks off");
            actix_web::Error::from(Problem::from(error))
        })
    })
}

/// A piece of an answer that is text.
pub(crate) fn text(piece: String) -> impl Stream<Item = Result<Bytes, AppError>> {
    stream::iter([Ok(Bytes::from(piece))])
}
