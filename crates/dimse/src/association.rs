//! An association that was granted: messages and data sets in both directions.
//!
//! **Invariant:** a data set is handed on fragment by fragment; none is ever held whole, but those of identifiers.

use std::{collections::VecDeque, time::Duration};

use bytes::Bytes;

use crate::{
    AeTitle, Command, CommandError, DataValue, Failure, Field, MAX_COMMAND_BYTES, Pdu,
    data_set::MAX_DATA_SET_BYTES, wire::Wire,
};

/// A data set that is longer than any object goes on for ever; who takes instances has a lower limit of their own.
const MAX_STREAMED_BYTES: u64 = 1 << 34;

/// A context both sides agreed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// Its id.
    pub id: u8,
    /// The SOP class.
    pub abstract_syntax: String,
    /// How its data sets are written.
    pub transfer_syntax: String,
    /// Whether the requestor may use the service.
    pub requestor_is_scu: bool,
    /// Whether the requestor provides it.
    pub requestor_is_scp: bool,
}

/// A message whose command has come; its data set, if it has one, comes after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The context it was sent in.
    pub context: Context,
    /// What it says.
    pub command: Command,
}

/// What the data set under way is a part of.
#[derive(Debug)]
enum Incoming {
    /// Nothing: the next fragment begins a command.
    Nothing,
    /// Fragments of this context's data set are due.
    DataSet(u8),
}

/// An association.
#[derive(Debug)]
pub struct Association {
    wire: Wire,
    calling: AeTitle,
    called: AeTitle,
    contexts: Vec<Context>,
    fragment_bytes: usize,
    pending: VecDeque<DataValue>,
    incoming: Incoming,
    /// How much of the data set under way has come.
    data_set_bytes: u64,
    /// Requests to cancel that came while something else was waited for.
    cancelled: VecDeque<u16>,
    next_message_id: u16,
}

impl Association {
    pub(crate) fn new(
        wire: Wire,
        titles: (AeTitle, AeTitle),
        contexts: Vec<Context>,
        fragment_bytes: usize,
    ) -> Self {
        let (calling, called) = titles;
        Self {
            wire,
            calling,
            called,
            contexts,
            fragment_bytes,
            pending: VecDeque::new(),
            incoming: Incoming::Nothing,
            data_set_bytes: 0,
            cancelled: VecDeque::new(),
            next_message_id: 0,
        }
    }

    /// Who asked for it.
    pub fn calling(&self) -> &AeTitle {
        &self.calling
    }

    /// Whom it was asked of.
    pub fn called(&self) -> &AeTitle {
        &self.called
    }

    /// What may be spoken of.
    pub fn contexts(&self) -> &[Context] {
        &self.contexts
    }

    /// A fresh number for a request of ours.
    pub(crate) fn message_id(&mut self) -> u16 {
        self.next_message_id = self.next_message_id.wrapping_add(1).max(1);
        self.next_message_id
    }

    /// The next message, or none when the association was released.
    pub(crate) async fn receive(&mut self, patience: Duration) -> Result<Option<Message>, Failure> {
        let mut bytes: Vec<u8> = Vec::new();
        let mut context = None;
        let mut patience = patience;
        loop {
            let Some(value) = self.next_value(patience).await? else {
                return if context.is_none() {
                    Ok(None)
                } else {
                    Err(Failure::Protocol("a release within a message"))
                };
            };
            if !value.is_command {
                return Err(Failure::Protocol("a data set without its command"));
            }
            if *context.get_or_insert(value.context) != value.context {
                return Err(Failure::Protocol("a command in two contexts"));
            }
            if bytes.len() + value.bytes.len() > MAX_COMMAND_BYTES {
                return Err(CommandError::TooLong.into());
            }
            bytes.extend_from_slice(&value.bytes);
            if value.is_last {
                return self.message(value.context, &bytes).map(Some);
            }
            patience = self.wire.limits().pdu;
        }
    }

    fn message(&mut self, context: u8, bytes: &[u8]) -> Result<Message, Failure> {
        let command = Command::parse(bytes)?;
        let context = self
            .contexts
            .iter()
            .find(|known| known.id == context)
            .ok_or(Failure::Protocol("a context that was not agreed on"))?
            .clone();
        if command.has_data_set() {
            self.incoming = Incoming::DataSet(context.id);
            self.data_set_bytes = 0;
        }
        Ok(Message { context, command })
    }

    /// The next fragment of the data set that follows the last message; none at its end.
    pub async fn fragment(&mut self) -> Result<Option<Bytes>, Failure> {
        let Incoming::DataSet(context) = self.incoming else {
            return Ok(None);
        };
        let patience = self.wire.limits().pdu;
        let value = self
            .next_value(patience)
            .await?
            .ok_or(Failure::Protocol("a release within a data set"))?;
        if value.is_command || value.context != context {
            return Err(Failure::Protocol("another message within a data set"));
        }
        self.data_set_bytes += value.bytes.len() as u64;
        if self.data_set_bytes > MAX_STREAMED_BYTES {
            return Err(Failure::Protocol("a data set without end"));
        }
        if value.is_last {
            self.incoming = Incoming::Nothing;
        }
        Ok(Some(value.bytes))
    }

    /// The data set that follows the last message, which must be a small one.
    pub(crate) async fn small_data_set(&mut self) -> Result<Vec<u8>, Failure> {
        let mut bytes = Vec::new();
        while let Some(fragment) = self.fragment().await? {
            if bytes.len() + fragment.len() > MAX_DATA_SET_BYTES {
                return Err(Failure::Protocol("an identifier that is too long"));
            }
            bytes.extend_from_slice(&fragment);
        }
        Ok(bytes)
    }

    /// Reads past what is left of a data set.
    pub(crate) async fn skip_data_set(&mut self) -> Result<(), Failure> {
        while self.fragment().await?.is_some() {}
        Ok(())
    }

    /// Whether the peer has cancelled request `message_id` by now. Looks at what has come and does not wait.
    pub(crate) fn is_cancelled(&mut self, message_id: u16) -> Result<bool, Failure> {
        loop {
            if self.cancelled.contains(&message_id) {
                return Ok(true);
            }
            while let Some(value) = self.pending.pop_front() {
                self.note_cancel(&value)?;
            }
            match self.wire.read_now()? {
                None => return Ok(false),
                Some(Pdu::Data(values)) => self.pending.extend(values),
                Some(Pdu::Abort(abort)) => return Err(Failure::Aborted(abort)),
                Some(_) => {
                    return Err(Failure::Protocol(
                        "something else than a cancel within an operation",
                    ));
                }
            }
        }
    }

    /// Forgets cancels of requests that are over.
    pub(crate) fn forget_cancels(&mut self) {
        self.cancelled.clear();
    }

    fn note_cancel(&mut self, value: &DataValue) -> Result<(), Failure> {
        // A cancel is so short that nobody splits it.
        if !(value.is_command && value.is_last) {
            return Err(Failure::Protocol(
                "something else than a cancel within an operation",
            ));
        }
        let command = Command::parse(&value.bytes)?;
        if command.field() != Field::CancelRequest {
            return Err(Failure::Protocol(
                "something else than a cancel within an operation",
            ));
        }
        self.cancel(&command);
        Ok(())
    }

    /// Remembers a request to cancel.
    pub(crate) fn cancel(&mut self, command: &Command) {
        const REMEMBERED: usize = 8;
        self.cancelled.truncate(REMEMBERED);
        self.cancelled.push_front(command.answers());
    }

    async fn next_value(&mut self, patience: Duration) -> Result<Option<DataValue>, Failure> {
        loop {
            if let Some(value) = self.pending.pop_front() {
                return Ok(Some(value));
            }
            match self.wire.read(patience).await? {
                Pdu::Data(values) => self.pending.extend(values),
                Pdu::ReleaseRequest => {
                    self.wire.write(&Pdu::ReleaseResponse).await?;
                    return Ok(None);
                }
                Pdu::Abort(abort) => return Err(Failure::Aborted(abort)),
                Pdu::ReleaseResponse
                | Pdu::AssociateRequest(_)
                | Pdu::AssociateAccept(_)
                | Pdu::AssociateReject(_) => {
                    return Err(Failure::Protocol("a PDU at the wrong time"));
                }
            }
        }
    }

    /// Sends a message, with its data set when it is at hand.
    pub(crate) async fn send(
        &mut self,
        context: u8,
        command: Command,
        data_set: Option<&[u8]>,
    ) -> Result<(), Failure> {
        let command = match data_set {
            Some(_) => command.with_data_set(),
            None => command,
        };
        self.send_bytes(context, true, &command.to_bytes()).await?;
        match data_set {
            Some(bytes) => self.send_bytes(context, false, bytes).await,
            None => Ok(()),
        }
    }

    async fn send_bytes(&mut self, context: u8, is_command: bool, bytes: &[u8]) -> Result<(), Failure> {
        let mut chunks = bytes.chunks(self.fragment_bytes).peekable();
        if chunks.peek().is_none() {
            return self.wire.write_fragment(context, is_command, true, &[]).await;
        }
        while let Some(chunk) = chunks.next() {
            let is_last = chunks.peek().is_none();
            self.wire
                .write_fragment(context, is_command, is_last, chunk)
                .await?;
        }
        Ok(())
    }

    /// A data set that is sent as it comes, after its command was.
    pub(crate) fn outgoing(&mut self, context: u8) -> Outgoing<'_> {
        Outgoing {
            held: Vec::with_capacity(self.fragment_bytes),
            association: self,
            context,
        }
    }

    /// How long this side waits for what.
    pub(crate) fn limits(&self) -> &crate::Limits {
        self.wire.limits()
    }

    /// Asks for a release and waits for it.
    pub(crate) async fn release(mut self) -> Result<(), Failure> {
        self.wire.write(&Pdu::ReleaseRequest).await?;
        let patience = self.wire.limits().artim;
        loop {
            match self.wire.read(patience).await? {
                Pdu::ReleaseResponse => break,
                // Both at once: the acceptor waits for the requestor's answer (PS3.8 §9.2).
                Pdu::ReleaseRequest => self.wire.write(&Pdu::ReleaseResponse).await?,
                Pdu::Data(_) => {}
                Pdu::Abort(abort) => return Err(Failure::Aborted(abort)),
                _ => return Err(Failure::Protocol("a PDU at the wrong time")),
            }
        }
        self.wire.close().await;
        Ok(())
    }

    /// Ends the association for `failure`, which the peer is told where it can be.
    pub(crate) async fn abort(mut self, failure: &Failure) {
        if let Some(abort) = failure.abort() {
            // Whether it hears us or not, the association is over.
            let _ = self.wire.write(&Pdu::Abort(abort)).await;
        }
        self.wire.close().await;
    }

    /// The peer was answered its release.
    pub(crate) async fn close(self) {
        self.wire.close().await;
    }
}

/// A data set on its way out.
#[derive(Debug)]
pub(crate) struct Outgoing<'a> {
    association: &'a mut Association,
    context: u8,
    held: Vec<u8>,
}

impl Outgoing<'_> {
    /// Sends bytes, or holds them until a fragment is full: the last one must be known as such.
    pub async fn write(&mut self, mut bytes: &[u8]) -> Result<(), Failure> {
        let full = self.association.fragment_bytes;
        while !bytes.is_empty() {
            if self.held.len() == full {
                self.association
                    .wire
                    .write_fragment(self.context, false, false, &self.held)
                    .await?;
                self.held.clear();
            }
            let (now, later) = bytes.split_at(bytes.len().min(full - self.held.len()));
            self.held.extend_from_slice(now);
            bytes = later;
        }
        Ok(())
    }

    /// Sends the last fragment.
    pub async fn end(self) -> Result<(), Failure> {
        self.association
            .wire
            .write_fragment(self.context, false, true, &self.held)
            .await
    }
}
