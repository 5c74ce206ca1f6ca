//! Serving an association: messages come in, the session does what they ask.

mod commitment;
mod query;
mod retrieve;

use tokio_util::sync::CancellationToken;

use crate::{
    Association, DataSetReader, Failure, Field, Identifier, Message, Service, Session, Status, StoreRequest,
    data_set::DataSet, handler::writing_of,
};

pub(crate) use commitment::{Due, report_as_data_set};

/// An association that is served.
pub(crate) struct Serving<S> {
    association: Association,
    session: S,
    /// A report of a storage commitment that the peer has not confirmed.
    due: Option<Due>,
}

impl<S: Session> Serving<S> {
    pub fn new(association: Association, session: S) -> Self {
        Self {
            association,
            session,
            due: None,
        }
    }

    /// Answers until the peer releases the association, something fails, or between two messages `stop` comes.
    pub async fn run(mut self, stop: CancellationToken) -> Result<(), Failure> {
        loop {
            match self.step(&stop).await {
                Ok(true) => {}
                Ok(false) => {
                    self.association.close().await;
                    return Ok(());
                }
                Err(failure) => {
                    self.association.abort(&failure).await;
                    return Err(failure);
                }
            }
        }
    }

    async fn step(&mut self, stop: &CancellationToken) -> Result<bool, Failure> {
        let idle = self.association.limits().idle;
        let received = tokio::select! {
            received = self.association.receive(idle) => received?,
            () = stop.cancelled() => return Err(Failure::Ended("the server stops".to_owned())),
        };
        let Some(message) = received else { return Ok(false) };
        self.answer(message).await?;
        // What a handler did not read is read past, so that the next message begins where it does.
        self.association.skip_data_set().await?;
        Ok(true)
    }

    async fn answer(&mut self, message: Message) -> Result<(), Failure> {
        let Message { context, command } = &message;
        let service = Service::of(&context.abstract_syntax);
        let answer = match (command.field(), service) {
            (Field::EventReportResponse, Some(Service::Commitment)) => return self.confirmed(command).await,
            // It came too late: what it cancels is answered.
            (Field::CancelRequest, _) => return Ok(()),
            (field, _) if field.is_response() => {
                return Err(Failure::Protocol("an answer to nothing"));
            }
            (_, Some(service)) if !(context.requestor_is_scu && self.session.offers(service)) => {
                Status::of(Status::NOT_AUTHORISED)
            }
            (Field::EchoRequest, Some(Service::Verification)) => Status::success(),
            (Field::StoreRequest, Some(service)) if service.is_storage() => self.store(&message).await?,
            (Field::FindRequest, Some(Service::Find(root))) => {
                return match self.identifier(&message, root).await? {
                    Ok(query) => self.find(&message, query).await,
                    Err(status) => self.respond(&message, status).await,
                };
            }
            (Field::MoveRequest, Some(Service::Move(root))) => {
                return match self.identifier(&message, root).await? {
                    Ok(query) => self.move_instances(&message, query).await,
                    Err(status) => self.respond(&message, status).await,
                };
            }
            (Field::GetRequest, Some(Service::Get(root))) => {
                return match self.identifier(&message, root).await? {
                    Ok(query) => self.get_instances(&message, query).await,
                    Err(status) => self.respond(&message, status).await,
                };
            }
            (Field::ActionRequest, Some(Service::Commitment)) => return self.commit(&message).await,
            _ => Status::of(Status::UNRECOGNISED_OPERATION),
        };
        // What nobody wants to read comes to its end before the answer goes out.
        self.association.skip_data_set().await?;
        self.respond(&message, answer).await
    }

    async fn respond(&mut self, message: &Message, status: Status) -> Result<(), Failure> {
        let response = message.command.response(status);
        self.association.send(message.context.id, response, None).await
    }

    async fn store(&mut self, message: &Message) -> Result<Status, Failure> {
        let Message { context, command } = message;
        let (Some(sop_class_uid), Some(sop_instance_uid)) =
            (command.sop_class_uid(), command.sop_instance_uid())
        else {
            return Ok(Status::with(
                Status::INVALID_ARGUMENT,
                "the request names no instance",
            ));
        };
        if sop_class_uid != context.abstract_syntax {
            return Ok(Status::with(
                Status::SOP_CLASS_NOT_SUPPORTED,
                "not the SOP class of its context",
            ));
        }
        if !command.has_data_set() {
            return Ok(Status::with(
                Status::CANNOT_UNDERSTAND,
                "the request has no data set",
            ));
        }
        let request = StoreRequest {
            sop_class_uid,
            sop_instance_uid,
            transfer_syntax_uid: context.transfer_syntax.clone(),
        };
        let mut data = DataSetReader {
            association: &mut self.association,
        };
        self.session.store(request, &mut data).await
    }

    /// The keys of a query.
    async fn identifier(
        &mut self,
        message: &Message,
        root: crate::Root,
    ) -> Result<Result<Identifier, Status>, Failure> {
        let bytes = self.association.small_data_set().await?;
        Ok(
            match DataSet::parse(&bytes, writing_of(&message.context.transfer_syntax)) {
                Ok(keys) => Ok(Identifier { root, keys }),
                Err(error) => Err(Status::with(Status::CANNOT_UNDERSTAND, error.to_string())),
            },
        )
    }
}
