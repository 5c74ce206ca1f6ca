//! C-MOVE and C-GET (PS3.4 §C.4.2, §C.4.3): each instance is a sub-operation, and each is counted.

use dicom::Tag;

use super::Serving;
use crate::{
    Association, Command, Failure, Identifier, Item, Message, Originator, Session, Status,
    client::{contexts_for, groups_for},
    command::element,
    data_set::DataSet,
    handler::writing_of,
    sending::Side,
};

/// Failed SOP Instance UID List.
const FAILED_SOP_INSTANCE_UID_LIST: Tag = Tag::new(0x0008, 0x0058);

/// How far a retrieval has come.
#[derive(Debug, Default)]
struct Progress {
    total: usize,
    completed: usize,
    warned: usize,
    failed: Vec<String>,
    /// Why the first one failed, where somebody said it.
    why: Option<String>,
}

impl Progress {
    fn count(&mut self, uid: &str, status: &Status) {
        metrics::counter!("telerad_dimse_suboperations_total", "outcome" => outcome(status)).increment(1);
        if status.is_success() {
            self.completed += 1;
        } else if status.is_warning() {
            self.warned += 1;
        } else {
            self.failed.push(uid.to_owned());
            if self.why.is_none() {
                self.why.clone_from(&status.comment);
            }
        }
    }

    fn remaining(&self) -> usize {
        self.total - self.completed - self.warned - self.failed.len()
    }

    fn counts(&self, response: Command, with_remaining: bool) -> Command {
        // More than 65,535 cannot be said; the peer learns the true number of the failed from their list.
        let number = |count: usize| u16::try_from(count).unwrap_or(u16::MAX);
        let response = if with_remaining {
            response.number(element::REMAINING_SUBOPERATIONS, number(self.remaining()))
        } else {
            response
        };
        response
            .number(element::COMPLETED_SUBOPERATIONS, number(self.completed))
            .number(element::FAILED_SUBOPERATIONS, number(self.failed.len()))
            .number(element::WARNING_SUBOPERATIONS, number(self.warned))
    }

    fn end(&self) -> Status {
        match (self.failed.len(), self.completed + self.warned) {
            (0, _) if self.warned == 0 => Status::success(),
            (0, _) => Status::of(Status::SUBOPERATIONS_FAILED),
            (_, 0) => Status::with(
                Status::CANNOT_PERFORM_SUBOPERATIONS,
                self.why.as_deref().unwrap_or("nothing could be sent"),
            ),
            _ => Status::with(Status::SUBOPERATIONS_FAILED, "some instances could not be sent"),
        }
    }
}

fn outcome(status: &Status) -> &'static str {
    if status.is_success() {
        "completed"
    } else if status.is_warning() {
        "warning"
    } else {
        "failed"
    }
}

impl<S: Session> Serving<S> {
    /// Sends what is asked for on this association.
    pub(super) async fn get_instances(
        &mut self,
        message: &Message,
        query: Identifier,
    ) -> Result<(), Failure> {
        let items = match self.session.retrieve(query).await {
            Ok(items) => items,
            Err(status) => return self.respond(message, status).await,
        };
        let mut progress = Progress {
            total: items.len(),
            ..Progress::default()
        };
        self.association.forget_cancels();
        for item in &items {
            if self.association.is_cancelled(message.command.message_id())? {
                return self
                    .end(message, &progress, Some(Status::of(Status::CANCELLED)))
                    .await;
            }
            let sent = self
                .association
                .store_item(&self.session, item, Side::Acceptor, None);
            progress.count(item.sop_instance_uid(), &sent.await?);
            self.tell(message, &progress).await?;
        }
        self.end(message, &progress, None).await
    }

    /// Sends what is asked for to a third party.
    pub(super) async fn move_instances(
        &mut self,
        message: &Message,
        query: Identifier,
    ) -> Result<(), Failure> {
        let Some(title) = message.command.move_destination() else {
            let unknown = Status::of(Status::MOVE_DESTINATION_UNKNOWN);
            return self.respond(message, unknown).await;
        };
        let destination = match self.session.destination(title).await {
            Ok(destination) => destination,
            Err(status) => return self.respond(message, status).await,
        };
        let items = match self.session.retrieve(query).await {
            Ok(items) => items,
            Err(status) => return self.respond(message, status).await,
        };
        let originator = Originator {
            title: self.association.calling().clone(),
            message_id: message.command.message_id(),
        };
        let mut progress = Progress {
            total: items.len(),
            ..Progress::default()
        };
        self.association.forget_cancels();
        for group in groups_for(&items) {
            let mut receiver = match destination.associate(contexts_for(group), Vec::new()).await {
                Ok(receiver) => Some(receiver),
                Err(failure) => {
                    tracing::info!(error = %failure, "cannot associate with a move destination");
                    None
                }
            };
            for item in group {
                if self.association.is_cancelled(message.command.message_id())? {
                    release(receiver).await;
                    return self
                        .end(message, &progress, Some(Status::of(Status::CANCELLED)))
                        .await;
                }
                let status = send_to(&self.session, &mut receiver, item, &originator).await;
                progress.count(item.sop_instance_uid(), &status);
                self.tell(message, &progress).await?;
            }
            release(receiver).await;
        }
        self.end(message, &progress, None).await
    }

    async fn tell(&mut self, message: &Message, progress: &Progress) -> Result<(), Failure> {
        if progress.remaining() == 0 {
            // The last sub-operation is told of by the final answer.
            return Ok(());
        }
        let response = message.command.response(Status::of(Status::PENDING));
        let response = progress.counts(response, true);
        self.association.send(message.context.id, response, None).await
    }

    async fn end(
        &mut self,
        message: &Message,
        progress: &Progress,
        status: Option<Status>,
    ) -> Result<(), Failure> {
        let is_cancelled = status.is_some();
        let status = status.unwrap_or_else(|| progress.end());
        let response = progress.counts(message.command.response(status), is_cancelled);
        let failed = (!progress.failed.is_empty()).then(|| {
            DataSet::default()
                .with_text(FAILED_SOP_INSTANCE_UID_LIST, *b"UI", &progress.failed.join("\\"))
                .to_bytes(writing_of(&message.context.transfer_syntax))
        });
        self.association
            .send(message.context.id, response, failed.as_deref())
            .await
    }
}

/// Sends one instance to the receiver, when it is still there. A receiver that broke off gets nothing more.
async fn send_to<S: Session>(
    session: &S,
    receiver: &mut Option<Association>,
    item: &S::Item,
    originator: &Originator,
) -> Status {
    let Some(association) = receiver else {
        return Status::of(Status::CANNOT_PERFORM_SUBOPERATIONS);
    };
    let sent = association.store_item(session, item, Side::Requestor, Some(originator));
    match sent.await {
        Ok(status) => status,
        Err(failure) => {
            tracing::info!(error = %failure, "a move destination broke off");
            if let Some(broken) = receiver.take() {
                broken.abort(&failure).await;
            }
            Status::of(Status::CANNOT_PERFORM_SUBOPERATIONS)
        }
    }
}

async fn release(receiver: Option<Association>) {
    if let Some(receiver) = receiver
        && let Err(failure) = receiver.release().await
    {
        tracing::debug!(error = %failure, "a move destination did not take its release");
    }
}
