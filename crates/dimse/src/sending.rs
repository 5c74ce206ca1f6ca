//! Sending instances: what an SCU does, and a C-MOVE or C-GET as its sub-operations.

use futures_util::TryStreamExt as _;

use crate::{AeTitle, Association, Command, Failure, Field, Item, Source, Status, command::element};

/// Which C-MOVE a C-STORE is a part of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Originator {
    /// Who asked for it.
    pub title: AeTitle,
    /// By which message.
    pub message_id: u16,
}

/// On which side of the association the instances are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// With the requestor, who sends.
    Requestor,
    /// With the acceptor, who answers a C-GET.
    Acceptor,
}

impl Association {
    /// The context to send an instance in: in the first of its transfer syntaxes that was agreed on.
    fn context_for(&self, item: &impl Item, side: Side) -> Option<(u8, String)> {
        item.transfer_syntaxes().into_iter().find_map(|transfer_syntax| {
            let context = self.contexts().iter().find(|context| {
                let has_role = match side {
                    Side::Requestor => context.requestor_is_scu,
                    Side::Acceptor => context.requestor_is_scp,
                };
                has_role
                    && context.abstract_syntax == item.sop_class_uid()
                    && context.transfer_syntax == transfer_syntax
            })?;
            Some((context.id, context.transfer_syntax.clone()))
        })
    }

    /// Sends one instance by C-STORE and gives the receiver's status, or ours when it could not be sent.
    ///
    /// Errors: the association is over.
    pub(crate) async fn store_item<S: Source>(
        &mut self,
        source: &S,
        item: &S::Item,
        side: Side,
        originator: Option<&Originator>,
    ) -> Result<Status, Failure> {
        let Some((context, transfer_syntax)) = self.context_for(item, side) else {
            return Ok(Status::with(
                Status::SOP_CLASS_NOT_SUPPORTED,
                "the receiver takes it in no transfer syntax it can be sent in",
            ));
        };
        let mut data = match source.open(item, &transfer_syntax).await {
            Ok(data) => data,
            Err(status) => return Ok(status),
        };
        let message_id = self.message_id();
        let mut command = Command::new(Field::StoreRequest)
            .uid(element::AFFECTED_SOP_CLASS_UID, item.sop_class_uid())
            .uid(element::AFFECTED_SOP_INSTANCE_UID, item.sop_instance_uid())
            .number(element::MESSAGE_ID, message_id)
            .number(element::PRIORITY, 0)
            .with_data_set();
        if let Some(Originator { title, message_id }) = originator {
            command = command
                .text(element::MOVE_ORIGINATOR_AE_TITLE, title.as_str())
                .number(element::MOVE_ORIGINATOR_MESSAGE_ID, *message_id);
        }
        self.send(context, command, None).await?;
        let mut outgoing = self.outgoing(context);
        // What breaks off here cannot be taken back: half a data set must not look like a whole one.
        while let Some(bytes) = data.try_next().await.map_err(|status| {
            Failure::Ended(
                status
                    .comment
                    .unwrap_or_else(|| "an instance could not be read".to_owned()),
            )
        })? {
            outgoing.write(&bytes).await?;
        }
        outgoing.end().await?;
        Ok(self.response_to(message_id, Field::StoreResponse).await?.status())
    }

    /// Waits for the answer to one of our requests. Requests to cancel that come meanwhile are remembered.
    pub(crate) async fn response_to(&mut self, message_id: u16, field: Field) -> Result<Command, Failure> {
        loop {
            let patience = self.limits().answer;
            let message = self.receive(patience).await?.ok_or(Failure::Closed)?;
            match message.command.field() {
                Field::CancelRequest => self.cancel(&message.command),
                of if of == field && message.command.answers() == message_id => return Ok(message.command),
                _ => return Err(Failure::Protocol("another message than the answer")),
            }
        }
    }
}
