//! The first words: a client says who it is, or is not heard.

use std::time::Duration;

use actix_ws::CloseCode;
use app::identity::Authenticated;
use domain::Origin;
use serde_json::Value;
use tokio::time::timeout;

use super::{
    line::{Ended, Line},
    messages::{self, ClientMessage, close, closed},
};
use crate::{ApiState, Problem, extract::authenticate_until};

/// How long a client may take to say who it is.
const TIME_TO_INTRODUCE: Duration = Duration::from_secs(10);

/// Who the client is.
pub async fn introduce(state: &ApiState, line: &mut Line, origin: Origin) -> Result<Authenticated, Ended> {
    let introduced = async {
        let authorization = authorization(line).await?;
        authenticate_until(state, &authorization, origin)
            .await
            .map_err(|problem| turned_away(&problem))
    };
    timeout(TIME_TO_INTRODUCE, introduced).await.unwrap_or_else(|_| {
        let why = "say who you are in connection_init";
        Err(closed(messages::TOO_LATE, why))
    })
}

/// What the client presents in `connection_init`.
async fn authorization(line: &mut Line) -> Result<String, Ended> {
    loop {
        match line.hear().await? {
            ClientMessage::ConnectionInit { payload } => {
                let payload = payload.unwrap_or_default();
                let authorization = payload.get("authorization").and_then(Value::as_str);
                return Ok(authorization.unwrap_or_default().to_owned());
            }
            ClientMessage::Ping {} => line.say(messages::pong()).await?,
            ClientMessage::Pong {} => {}
            ClientMessage::Subscribe { .. } | ClientMessage::Complete { .. } => {
                let why = "say first who you are in connection_init";
                return Err(closed(messages::NOT_INTRODUCED, why));
            }
        }
    }
}

/// The code is the reason: a client acts on it.
fn turned_away(problem: &Problem) -> Ended {
    if problem.code.http_status() < 500 {
        closed(messages::NOT_WELCOME, problem.code.as_str())
    } else {
        close(CloseCode::Again, problem.code.as_str())
    }
}
