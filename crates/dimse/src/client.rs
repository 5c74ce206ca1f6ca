//! Asking a peer for an association, and what an SCU does with it.

use std::{
    collections::BTreeMap,
    fmt, io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use tokio::{
    net::{TcpStream, lookup_host},
    time::timeout,
};

use crate::{
    AeTitle, AssociateRequest, Association, Command, CommitmentReport, Context, ContextReason, Failure,
    Field, Item, Limits, MAX_CONTEXTS, Pdu, ProposedContext, RoleSelection, Root, STORAGE_COMMITMENT,
    Service, Source, Status, UserInformation, VERIFICATION,
    command::element,
    data_set::DataSet,
    handler::writing_of,
    limits::MAX_ASSOCIATE_BYTES,
    negotiation::{about_us, fragment_bytes},
    pdu::APPLICATION_CONTEXT,
    scp::report_as_data_set,
    sending::Side,
    tls::ClientTls,
    wire::Wire,
};

/// A peer, and who asks it.
#[derive(Debug, Clone)]
pub struct Destination {
    /// Its host name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is encrypted, if it is.
    pub tls: Option<Arc<ClientTls>>,
    /// Its title.
    pub called: AeTitle,
    /// Ours.
    pub calling: AeTitle,
    /// How long to wait for what.
    pub limits: Limits,
    /// Which addresses may be called; any when it is absent.
    pub reach: Option<Reach>,
}

/// Says whether an address may be called. It is asked of the very address that is connected to, so that a name cannot
/// mean another one a moment later.
#[derive(Clone)]
pub struct Reach(pub Arc<dyn Fn(IpAddr) -> bool + Send + Sync>);

impl fmt::Debug for Reach {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Reach")
    }
}

/// What the requestor wants to speak of: a SOP class, and ways to write it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wanted {
    /// The SOP class.
    pub abstract_syntax: String,
    /// Transfer syntaxes, one of which the acceptor picks.
    pub transfer_syntaxes: Vec<String>,
}

/// The ways messages are written.
fn plain() -> Vec<String> {
    [dicom::EXPLICIT_VR_LITTLE_ENDIAN, dicom::IMPLICIT_VR_LITTLE_ENDIAN]
        .map(str::to_owned)
        .to_vec()
}

impl Wanted {
    /// What is needed to use a service that has one SOP class.
    pub fn service(service: Service) -> Option<Self> {
        Some(Self {
            abstract_syntax: service.sop_class_uid()?.to_owned(),
            transfer_syntaxes: plain(),
        })
    }
}

/// The contexts to send `items` in. Each transfer syntax has a context of its own: of several in one the acceptor
/// would pick one, and not the one an image is stored in.
pub fn contexts_for<I: Item>(items: &[I]) -> Vec<Wanted> {
    let mut wanted: BTreeMap<Wanted, ()> = BTreeMap::new();
    for item in items {
        for transfer_syntax in item.transfer_syntaxes() {
            let one = Wanted {
                abstract_syntax: item.sop_class_uid().to_owned(),
                transfer_syntaxes: vec![transfer_syntax.to_owned()],
            };
            wanted.insert(one, ());
        }
    }
    wanted.into_keys().collect()
}

/// Cuts `items` into groups that can be sent on one association each: it has 128 contexts at the most.
pub fn groups_for<I: Item>(items: &[I]) -> Vec<&[I]> {
    let (mut groups, mut begin) = (Vec::new(), 0);
    let mut contexts: BTreeMap<(&str, &str), ()> = BTreeMap::new();
    for (at, item) in items.iter().enumerate() {
        let of_item = move || {
            let syntaxes = item.transfer_syntaxes().into_iter();
            syntaxes.map(move |syntax| (item.sop_class_uid(), syntax))
        };
        let new = of_item()
            .filter(|context| !contexts.contains_key(context))
            .count();
        if contexts.len() + new > MAX_CONTEXTS && at > begin {
            groups.push(&items[begin..at]);
            begin = at;
            contexts.clear();
        }
        contexts.extend(of_item().map(|context| (context, ())));
    }
    if begin < items.len() {
        groups.push(&items[begin..]);
    }
    groups
}

impl Destination {
    /// Asks for an association. Contexts that the peer does not accept are missing from it.
    pub async fn associate(
        &self,
        wanted: Vec<Wanted>,
        roles: Vec<RoleSelection>,
    ) -> Result<Association, Failure> {
        let limits = self.limits;
        let connection = timeout(limits.connect, self.connect())
            .await
            .map_err(|_| Failure::TimedOut("take a connection"))??;
        connection.set_nodelay(true)?;
        let mut wire = match &self.tls {
            None => Wire::new(connection, MAX_ASSOCIATE_BYTES, limits),
            Some(tls) => {
                let encrypted = timeout(limits.connect, tls.connect(&self.host, connection))
                    .await
                    .map_err(|_| Failure::TimedOut("agree on encryption"))??;
                Wire::new(encrypted, MAX_ASSOCIATE_BYTES, limits)
            }
        };
        let request = self.request(wanted, roles);
        wire.write(&Pdu::AssociateRequest(request.clone())).await?;
        match wire.read(limits.artim).await? {
            Pdu::AssociateAccept(accept) => {
                let contexts = agreed(&request, &accept.contexts, &accept.user);
                let fragment_bytes = fragment_bytes(&accept.user)?;
                wire.take_up_to(limits.max_pdu_bytes);
                let titles = (self.calling.clone(), self.called.clone());
                Ok(Association::new(wire, titles, contexts, fragment_bytes))
            }
            Pdu::AssociateReject(rejection) => Err(Failure::Rejected(rejection)),
            Pdu::Abort(abort) => Err(Failure::Aborted(abort)),
            _ => Err(Failure::Protocol("something else than an answer to the request")),
        }
    }

    async fn connect(&self) -> io::Result<TcpStream> {
        let found = lookup_host((self.host.as_str(), self.port)).await?;
        let may_be_called =
            |address: &SocketAddr| self.reach.as_ref().is_none_or(|reach| (reach.0)(address.ip()));
        let addresses: Vec<SocketAddr> = found.filter(may_be_called).collect();
        if addresses.is_empty() {
            return Err(io::Error::new(
                io::ErrorKind::PermissionDenied,
                "no address that may be called",
            ));
        }
        TcpStream::connect(addresses.as_slice()).await
    }

    fn request(&self, wanted: Vec<Wanted>, roles: Vec<RoleSelection>) -> AssociateRequest {
        let contexts = wanted.into_iter().take(MAX_CONTEXTS).enumerate();
        AssociateRequest {
            protocol_version: 1,
            called: self.called.to_field(),
            calling: self.calling.to_field(),
            application_context: APPLICATION_CONTEXT.to_owned(),
            contexts: contexts
                .map(|(at, wanted)| ProposedContext {
                    id: u8::try_from(2 * at + 1).unwrap_or(u8::MAX),
                    abstract_syntax: wanted.abstract_syntax,
                    transfer_syntaxes: wanted.transfer_syntaxes,
                })
                .collect(),
            user: UserInformation {
                roles,
                ..about_us(self.limits.max_pdu_bytes)
            },
        }
    }
}

fn agreed(
    request: &AssociateRequest,
    results: &[crate::ContextResult],
    acceptor: &UserInformation,
) -> Vec<Context> {
    let accepted = results
        .iter()
        .filter(|result| result.reason == ContextReason::Accepted);
    accepted
        .filter_map(|result| {
            let proposed = request.contexts.iter().find(|context| context.id == result.id)?;
            // What was not proposed cannot be agreed on.
            proposed
                .transfer_syntaxes
                .contains(&result.transfer_syntax)
                .then_some(())?;
            let of_class = |role: &&RoleSelection| role.sop_class_uid == proposed.abstract_syntax;
            let asked = request.user.roles.iter().find(of_class);
            let granted = acceptor.roles.iter().find(of_class);
            let (requestor_is_scu, requestor_is_scp) = match (asked, granted) {
                (Some(asked), Some(granted)) => (asked.scu && granted.scu, asked.scp && granted.scp),
                _ => (true, false),
            };
            Some(Context {
                id: result.id,
                abstract_syntax: proposed.abstract_syntax.clone(),
                transfer_syntax: result.transfer_syntax.clone(),
                requestor_is_scu,
                requestor_is_scp,
            })
        })
        .collect()
}

/// How a retrieval we asked for went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retrieved {
    /// How it ended.
    pub status: Status,
    /// Sub-operations that went well.
    pub completed: u16,
    /// Those that did not.
    pub failed: u16,
    /// Those that did with a warning.
    pub warned: u16,
}

impl Retrieved {
    fn of(answer: &Command) -> Self {
        let number = |element| answer.get_number(element).unwrap_or_default();
        Self {
            status: answer.status(),
            completed: number(element::COMPLETED_SUBOPERATIONS),
            failed: number(element::FAILED_SUBOPERATIONS),
            warned: number(element::WARNING_SUBOPERATIONS),
        }
    }
}

impl Association {
    fn context_of(&self, service: Service) -> Result<(u8, String, String), Failure> {
        let uid = service.sop_class_uid();
        self.contexts()
            .iter()
            .find(|context| Some(context.abstract_syntax.as_str()) == uid)
            .map(|context| {
                (
                    context.id,
                    context.abstract_syntax.clone(),
                    context.transfer_syntax.clone(),
                )
            })
            .ok_or_else(|| Failure::Ended("the peer does not offer the service".to_owned()))
    }

    /// Verifies that the peer is there and speaks with us.
    pub async fn echo(&mut self) -> Result<Status, Failure> {
        let (context, _, _) = self.context_of(Service::Verification)?;
        let message_id = self.message_id();
        let command = Command::new(Field::EchoRequest)
            .uid(element::AFFECTED_SOP_CLASS_UID, VERIFICATION)
            .number(element::MESSAGE_ID, message_id);
        self.send(context, command, None).await?;
        Ok(self.response_to(message_id, Field::EchoResponse).await?.status())
    }

    /// Sends one instance.
    pub async fn store<S: Source>(&mut self, source: &S, item: &S::Item) -> Result<Status, Failure> {
        self.store_item(source, item, Side::Requestor, None).await
    }

    /// Searches; gives at most `most` matches and how it ended. One more, and the search is cancelled.
    pub async fn find(
        &mut self,
        root: Root,
        keys: &DataSet,
        most: usize,
    ) -> Result<(Vec<DataSet>, Status), Failure> {
        let (message_id, transfer_syntax, context) = self
            .query(Service::Find(root), Field::FindRequest, keys, None)
            .await?;
        let mut found = Vec::new();
        loop {
            let answer = self.response_to(message_id, Field::FindResponse).await?;
            if !answer.status().is_pending() {
                return Ok((found, answer.status()));
            }
            let bytes = self.small_data_set().await?;
            if found.len() < most {
                let set = DataSet::parse(&bytes, writing_of(&transfer_syntax));
                found.push(set.map_err(|_| Failure::Protocol("a match that cannot be read"))?);
            } else if found.len() == most {
                let cancel = Command::new(Field::CancelRequest)
                    .number(element::MESSAGE_ID_BEING_RESPONDED_TO, message_id);
                self.send(context, cancel, None).await?;
            }
        }
    }

    /// Has the peer send what matches to `destination`.
    pub async fn move_to(
        &mut self,
        root: Root,
        keys: &DataSet,
        destination: &AeTitle,
    ) -> Result<Retrieved, Failure> {
        let service = Service::Move(root);
        let (message_id, _, _) = self
            .query(service, Field::MoveRequest, keys, Some(destination))
            .await?;
        loop {
            let answer = self.response_to(message_id, Field::MoveResponse).await?;
            if answer.has_data_set() {
                self.skip_data_set().await?;
            }
            if !answer.status().is_pending() {
                return Ok(Retrieved::of(&answer));
            }
        }
    }

    /// Has the peer send what matches here; `receiver` takes each instance.
    pub async fn get<R: Receiver>(
        &mut self,
        root: Root,
        keys: &DataSet,
        receiver: &mut R,
    ) -> Result<Retrieved, Failure> {
        let (message_id, _, _) = self
            .query(Service::Get(root), Field::GetRequest, keys, None)
            .await?;
        loop {
            let patience = self.limits().answer;
            let message = self.receive(patience).await?.ok_or(Failure::Closed)?;
            match message.command.field() {
                Field::GetResponse if message.command.answers() == message_id => {
                    self.skip_data_set().await?;
                    if !message.command.status().is_pending() {
                        return Ok(Retrieved::of(&message.command));
                    }
                }
                Field::StoreRequest if message.context.requestor_is_scp => {
                    let status = receiver.receive(&message, self).await?;
                    self.skip_data_set().await?;
                    let response = message.command.response(status);
                    self.send(message.context.id, response, None).await?;
                }
                _ => {
                    return Err(Failure::Protocol(
                        "another message than an instance or the answer",
                    ));
                }
            }
        }
    }

    pub(crate) async fn query(
        &mut self,
        service: Service,
        field: Field,
        keys: &DataSet,
        destination: Option<&AeTitle>,
    ) -> Result<(u16, String, u8), Failure> {
        let (context, sop_class_uid, transfer_syntax) = self.context_of(service)?;
        let message_id = self.message_id();
        let mut command = Command::new(field)
            .uid(element::AFFECTED_SOP_CLASS_UID, &sop_class_uid)
            .number(element::MESSAGE_ID, message_id)
            .number(element::PRIORITY, 0);
        if let Some(title) = destination {
            command = command.text(element::MOVE_DESTINATION, title.as_str());
        }
        let bytes = keys.to_bytes(writing_of(&transfer_syntax));
        self.send(context, command, Some(&bytes)).await?;
        Ok((message_id, transfer_syntax, context))
    }

    /// Tells the peer what we answer for.
    pub async fn report(&mut self, report: &CommitmentReport) -> Result<Status, Failure> {
        let (context, _, transfer_syntax) = self.context_of(Service::Commitment)?;
        let message_id = self.message_id();
        let (command, set) = report_as_data_set(report, message_id);
        self.send(
            context,
            command,
            Some(&set.to_bytes(writing_of(&transfer_syntax))),
        )
        .await?;
        Ok(self
            .response_to(message_id, Field::EventReportResponse)
            .await?
            .status())
    }

    /// The roles of one who reports on a storage commitment to the peer that asked.
    pub fn roles_of_reporter() -> Vec<RoleSelection> {
        vec![RoleSelection {
            sop_class_uid: STORAGE_COMMITMENT.to_owned(),
            scu: false,
            scp: true,
        }]
    }

    /// Ends the association in good order.
    pub async fn end(self) -> Result<(), Failure> {
        self.release().await
    }
}

/// Takes the instances of a C-GET.
pub trait Receiver: Send {
    /// Takes one; its bytes come from [`Association::fragment`].
    fn receive(
        &mut self,
        message: &crate::Message,
        association: &mut Association,
    ) -> impl Future<Output = Result<Status, Failure>> + Send;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Image(String, Vec<String>);

    impl Item for Image {
        fn sop_class_uid(&self) -> &str {
            &self.0
        }
        fn sop_instance_uid(&self) -> &str {
            "1.2"
        }
        fn transfer_syntaxes(&self) -> Vec<&str> {
            self.1.iter().map(String::as_str).collect()
        }
    }

    #[test]
    fn what_needs_more_contexts_than_there_are_is_sent_in_groups() {
        let image = |class: usize| Image(format!("1.{class}"), vec!["2.1".to_owned(), "2.2".to_owned()]);
        let images: Vec<Image> = (0..200).map(|at| image(at / 2)).collect();
        let groups = groups_for(&images);
        assert!(groups.len() > 1);
        assert_eq!(groups.iter().map(|group| group.len()).sum::<usize>(), 200);
        for group in groups {
            assert!(contexts_for(group).len() <= MAX_CONTEXTS);
        }
    }
}
