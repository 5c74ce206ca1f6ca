//! Storage commitment (PS3.4 annex J): who sent images asks whether they are safe before it deletes its own.

use dicom::Tag;

use super::Serving;
use crate::{
    Command, Commitment, CommitmentReport, Failure, Field, Message, Reference, STORAGE_COMMITMENT,
    STORAGE_COMMITMENT_INSTANCE, Session, Status,
    command::element,
    data_set::{DataSet, Value},
    handler::writing_of,
};

const TRANSACTION_UID: Tag = Tag::new(0x0008, 0x1195);
const REFERENCED_SOP_SEQUENCE: Tag = Tag::new(0x0008, 0x1199);
const FAILED_SOP_SEQUENCE: Tag = Tag::new(0x0008, 0x1198);
const REFERENCED_SOP_CLASS_UID: Tag = Tag::new(0x0008, 0x1150);
const REFERENCED_SOP_INSTANCE_UID: Tag = Tag::new(0x0008, 0x1155);
const FAILURE_REASON: Tag = Tag::new(0x0008, 0x1197);

/// The one action.
const REQUEST_COMMITMENT: u16 = 1;
/// Everything is safe.
const ALL_COMMITTED: u16 = 1;
/// Something is not.
const FAILURES_EXIST: u16 = 2;

/// A report the peer was sent and has not answered.
#[derive(Debug)]
pub(crate) struct Due {
    message_id: u16,
    transaction_uid: String,
}

impl<S: Session> Serving<S> {
    /// Takes a request; where the session has its report at hand, it follows the answer.
    pub(super) async fn commit(&mut self, message: &Message) -> Result<(), Failure> {
        let bytes = self.association.small_data_set().await?;
        let request = match request_of(message, &bytes) {
            Ok(request) => request,
            Err(status) => return self.respond(message, status).await,
        };
        let report = match self.session.commit(request).await {
            Ok(report) => report,
            Err(status) => return self.respond(message, status).await,
        };
        self.respond(message, Status::success()).await?;
        let Some(report) = report else { return Ok(()) };
        let message_id = self.association.message_id();
        let (command, data_set) = report_as_data_set(&report, message_id);
        let bytes = data_set.to_bytes(writing_of(&message.context.transfer_syntax));
        self.association
            .send(message.context.id, command, Some(&bytes))
            .await?;
        // The peer may go on with its own requests before it answers.
        self.due = Some(Due {
            message_id,
            transaction_uid: report.transaction_uid,
        });
        Ok(())
    }

    /// The peer has taken a report.
    pub(super) async fn confirmed(&mut self, answer: &Command) -> Result<(), Failure> {
        match self.due.take() {
            Some(due) if due.message_id == answer.answers() => {
                if answer.status().is_success() {
                    self.session.reported(due.transaction_uid).await;
                }
                Ok(())
            }
            _ => Err(Failure::Protocol("an answer to nothing")),
        }
    }
}

fn request_of(message: &Message, bytes: &[u8]) -> Result<Commitment, Status> {
    if message.command.get_number(element::ACTION_TYPE_ID) != Some(REQUEST_COMMITMENT) {
        return Err(Status::of(Status::NO_SUCH_ACTION));
    }
    if message.command.sop_instance_uid().as_deref() != Some(STORAGE_COMMITMENT_INSTANCE) {
        return Err(Status::of(Status::NO_SUCH_INSTANCE));
    }
    let set = DataSet::parse(bytes, writing_of(&message.context.transfer_syntax))
        .map_err(|error| Status::with(Status::INVALID_ARGUMENT, error.to_string()))?;
    let incomplete = || Status::with(Status::INVALID_ARGUMENT, "it names no transaction or no instance");
    let transaction_uid = set
        .text(TRANSACTION_UID)
        .filter(|uid| dicom::Uid::parse(uid).is_ok())
        .ok_or_else(incomplete)?;
    let references: Option<Vec<Reference>> = set
        .items(REFERENCED_SOP_SEQUENCE)
        .iter()
        .map(|item| {
            Some(Reference {
                sop_class_uid: item.text(REFERENCED_SOP_CLASS_UID)?,
                sop_instance_uid: item.text(REFERENCED_SOP_INSTANCE_UID)?,
            })
        })
        .collect();
    let references = references
        .filter(|list| !list.is_empty())
        .ok_or_else(incomplete)?;
    Ok(Commitment {
        transaction_uid,
        references,
    })
}

/// The N-EVENT-REPORT-RQ of a report.
pub(crate) fn report_as_data_set(report: &CommitmentReport, message_id: u16) -> (Command, DataSet) {
    let event = if report.failed.is_empty() {
        ALL_COMMITTED
    } else {
        FAILURES_EXIST
    };
    let command = Command::new(Field::EventReportRequest)
        .uid(element::AFFECTED_SOP_CLASS_UID, STORAGE_COMMITMENT)
        .uid(element::AFFECTED_SOP_INSTANCE_UID, STORAGE_COMMITMENT_INSTANCE)
        .number(element::MESSAGE_ID, message_id)
        .number(element::EVENT_TYPE_ID, event);
    let item = |reference: &Reference| {
        DataSet::default()
            .with_text(REFERENCED_SOP_CLASS_UID, *b"UI", &reference.sop_class_uid)
            .with_text(REFERENCED_SOP_INSTANCE_UID, *b"UI", &reference.sop_instance_uid)
    };
    let mut set = DataSet::default().with_text(TRANSACTION_UID, *b"UI", &report.transaction_uid);
    if !report.committed.is_empty() {
        let committed = report.committed.iter().map(item).collect();
        set = set.with(REFERENCED_SOP_SEQUENCE, *b"SQ", Value::Items(committed));
    }
    if !report.failed.is_empty() {
        let failed = report.failed.iter().map(|(reference, reason)| {
            item(reference).with(
                FAILURE_REASON,
                *b"US",
                Value::Bytes(reason.to_le_bytes().to_vec()),
            )
        });
        set = set.with(FAILED_SOP_SEQUENCE, *b"SQ", Value::Items(failed.collect()));
    }
    (command, set)
}
