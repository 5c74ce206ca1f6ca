//! The words of `graphql-transport-ws`, and the codes a conversation ends with.

use actix_ws::{CloseCode, CloseReason};
use async_graphql::{Request, Response};
use domain::ErrorCode;
use serde::Deserialize;
use serde_json::{Value, json};

/// The message is not one of the sub-protocol.
pub const INVALID: u16 = 4400;
/// An operation was asked for before the caller said who they are.
pub const NOT_INTRODUCED: u16 = 4401;
/// The token is not, or no longer, good for anything.
pub const NOT_WELCOME: u16 = 4403;
/// The caller did not say who they are in time.
pub const TOO_LATE: u16 = 4408;
/// The id of an operation that still runs.
pub const ID_TAKEN: u16 = 4409;
/// Too many introductions, or too many sockets.
pub const TOO_MANY: u16 = 4429;

/// What a client says.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientMessage {
    /// Who it is.
    ConnectionInit { payload: Option<Value> },
    /// Begin an operation.
    Subscribe { id: String, payload: Box<Request> },
    /// End it.
    Complete { id: String },
    /// Are you there?
    Ping {},
    /// I am.
    Pong {},
}

impl ClientMessage {
    pub fn parse(text: &str) -> Result<Self, Option<CloseReason>> {
        // Never with the parser's own words: they quote the message, and messages hold tokens.
        serde_json::from_str(text).map_err(|_| closed(INVALID, "this is no message of graphql-transport-ws"))
    }
}

pub fn acknowledged() -> String {
    json!({ "type": "connection_ack" }).to_string()
}

pub fn pong() -> String {
    json!({ "type": "pong" }).to_string()
}

pub fn next(id: &str, response: &Response) -> String {
    let payload = serde_json::to_value(response).unwrap_or(Value::Null);
    json!({ "type": "next", "id": id, "payload": payload }).to_string()
}

pub fn complete(id: &str) -> String {
    json!({ "type": "complete", "id": id }).to_string()
}

/// The answer to an operation that is not begun.
pub fn error(id: &str, code: ErrorCode, message: &str) -> String {
    let error = json!({ "message": message, "extensions": { "code": code.as_str() } });
    json!({ "type": "error", "id": id, "payload": [error] }).to_string()
}

/// The end of a conversation, with one of the sub-protocol's codes.
pub fn closed(code: u16, why: &str) -> Option<CloseReason> {
    close(CloseCode::from(code), why)
}

/// The end of a conversation, with one of RFC 6455's codes.
pub fn close(code: CloseCode, why: &str) -> Option<CloseReason> {
    Some(CloseReason {
        code,
        description: Some(why.to_owned()),
    })
}
