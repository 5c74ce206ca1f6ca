//! C-FIND (PS3.4 §C.4.1).

use futures_util::StreamExt as _;

use super::Serving;
use crate::{Failure, Identifier, Message, Session, Status, handler::writing_of};

impl<S: Session> Serving<S> {
    /// Answers with each match, until there is none left or the peer cancels.
    pub(super) async fn find(&mut self, message: &Message, query: Identifier) -> Result<(), Failure> {
        let mut matches = match self.session.find(query).await {
            Ok(matches) => matches,
            Err(status) => return self.respond(message, status).await,
        };
        let pending = if matches.is_partial {
            Status::PENDING_WITH_WARNING
        } else {
            Status::PENDING
        };
        let writing = writing_of(&message.context.transfer_syntax);
        self.association.forget_cancels();
        let end = loop {
            if self.association.is_cancelled(message.command.message_id())? {
                break Status::of(Status::CANCELLED);
            }
            match matches.found.next().await {
                None => break Status::success(),
                Some(Err(status)) => break status,
                Some(Ok(found)) => {
                    let response = message.command.response(Status::of(pending));
                    self.association
                        .send(message.context.id, response, Some(&found.to_bytes(writing)))
                        .await?;
                }
            }
        };
        self.respond(message, end).await
    }
}
