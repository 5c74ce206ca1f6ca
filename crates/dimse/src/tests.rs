//! Both sides of associations, spoken with each other: what only shows in the order of messages.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use futures_util::{StreamExt as _, stream};
use tokio::{net::TcpListener, sync::Semaphore};
use tokio_util::sync::CancellationToken;

use crate::{
    AeTitle, Association, Command, Commitment, CommitmentReport, DataSetReader, DataStream, Destination,
    Failure, Field, Handler, Identifier, Item, Limits, Matches, Proposal, Reach, Rejection, RoleSelection,
    Root, ServerSettings, Service, Session, Source, Status, StoreRequest, Wanted, command::element,
    contexts_for, data_set::DataSet, serve,
};

const CLASS: &str = "1.2.840.10008.5.1.4.1.1.7";
/// More than any test waits for.
const IMAGES: usize = 3_000;

#[derive(Debug, Clone)]
struct Image(String);

impl Item for Image {
    fn sop_class_uid(&self) -> &str {
        CLASS
    }

    fn sop_instance_uid(&self) -> &str {
        &self.0
    }

    fn transfer_syntaxes(&self) -> Vec<&str> {
        vec![dicom::EXPLICIT_VR_LITTLE_ENDIAN]
    }
}

/// Finds for ever, has many images, of which so many may be read, and forgets what it is sent.
#[derive(Debug, Clone)]
struct Archive {
    address: SocketAddr,
    readable: Arc<Semaphore>,
    stored: Arc<Mutex<Vec<String>>>,
}

impl Handler for Archive {
    type Session = Self;

    async fn admit(&self, proposal: Proposal) -> Result<Self, Rejection> {
        match proposal.calling.as_str() {
            "STRANGER" => Err(Rejection::CallingNotRecognised),
            _ => Ok(self.clone()),
        }
    }
}

impl Source for Archive {
    type Item = Image;

    async fn open(&self, _item: &Image, _transfer_syntax: &str) -> Result<DataStream, Status> {
        let permit = self
            .readable
            .acquire()
            .await
            .map_err(|_| Status::of(Status::PROCESSING_FAILURE))?;
        permit.forget();
        Ok(stream::iter([Ok(vec![7u8; 1000].into()), Ok(vec![8u8; 1000].into())]).boxed())
    }
}

impl Session for Archive {
    fn offers(&self, service: Service) -> bool {
        service != Service::Commitment
    }

    async fn store(
        &mut self,
        request: StoreRequest,
        data: &mut DataSetReader<'_>,
    ) -> Result<Status, Failure> {
        let mut bytes = Vec::new();
        while let Some(fragment) = data.next().await? {
            bytes.extend_from_slice(&fragment);
        }
        if bytes.len() != 2000 {
            return Ok(Status::of(Status::CANNOT_UNDERSTAND));
        }
        self.stored.lock().unwrap().push(request.sop_instance_uid);
        Ok(Status::success())
    }

    async fn find(&mut self, query: Identifier) -> Result<Matches, Status> {
        let found = stream::repeat_with(move || Ok(query.keys.clone()));
        Ok(Matches {
            is_partial: false,
            found: found.boxed(),
        })
    }

    async fn retrieve(&mut self, _query: Identifier) -> Result<Vec<Image>, Status> {
        Ok((0..IMAGES).map(|at| Image(format!("1.2.{at}"))).collect())
    }

    async fn destination(&mut self, _title: AeTitle) -> Result<Destination, Status> {
        Ok(to(self.address, "ARCHIVE"))
    }

    async fn commit(&mut self, _request: Commitment) -> Result<Option<CommitmentReport>, Status> {
        Ok(None)
    }

    async fn reported(&mut self, _transaction_uid: String) {}
}

fn to(address: SocketAddr, calling: &str) -> Destination {
    Destination {
        host: address.ip().to_string(),
        port: address.port(),
        tls: None,
        called: AeTitle::parse("ARCHIVE").unwrap(),
        calling: AeTitle::parse(calling).unwrap(),
        limits: Limits::default(),
        reach: None,
    }
}

async fn archive(readable: usize) -> Archive {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let archive = Archive {
        address: listener.local_addr().unwrap(),
        readable: Arc::new(Semaphore::new(readable)),
        stored: Arc::default(),
    };
    let served = serve(
        listener,
        archive.clone(),
        ServerSettings::default(),
        CancellationToken::new(),
    );
    tokio::spawn(served);
    archive
}

fn keys() -> DataSet {
    DataSet::default().with_text(dicom::tags::PATIENT_ID, *b"LO", "7")
}

async fn associated(archive: &Archive, service: Service) -> Association {
    let mut wanted = contexts_for(&[Image("1.2".to_owned())]);
    wanted.extend(Wanted::service(service));
    let role = RoleSelection {
        sop_class_uid: CLASS.to_owned(),
        scu: false,
        scp: true,
    };
    to(archive.address, "CT1")
        .associate(wanted, vec![role])
        .await
        .unwrap()
}

async fn cancel(association: &mut Association, context: u8, message_id: u16) {
    let cancel =
        Command::new(Field::CancelRequest).number(element::MESSAGE_ID_BEING_RESPONDED_TO, message_id);
    association.send(context, cancel, None).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endless_search_ends_when_it_is_cancelled_and_the_association_goes_on() {
    let archive = archive(0).await;
    let mut association = associated(&archive, Service::Find(Root::Study)).await;
    for _ in 0..2 {
        let (found, status) = association.find(Root::Study, &keys(), 3).await.unwrap();
        assert_eq!((found.len(), status.code), (3, Status::CANCELLED));
        assert_eq!(found[0], keys());
    }
    association.end().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_get_that_is_cancelled_says_what_is_left() {
    let archive = archive(2).await;
    let service = Service::Get(Root::Study);
    let mut association = associated(&archive, service).await;
    let (message_id, _, context) = association
        .query(service, Field::GetRequest, &keys(), None)
        .await
        .unwrap();
    let mut received = 0;
    let end = loop {
        let patience = association.limits().answer;
        let message = association.receive(patience).await.unwrap().unwrap();
        if message.command.field() == Field::GetResponse {
            if !message.command.status().is_pending() {
                break message.command;
            }
            continue;
        }
        association.skip_data_set().await.unwrap();
        received += 1;
        if received == 2 {
            cancel(&mut association, context, message_id).await;
            archive.readable.add_permits(IMAGES);
        }
        let response = message.command.response(Status::success());
        association
            .send(message.context.id, response, None)
            .await
            .unwrap();
    };
    assert_eq!(end.status().code, Status::CANCELLED);
    let remaining = end.get_number(element::REMAINING_SUBOPERATIONS).unwrap();
    let completed = end.get_number(element::COMPLETED_SUBOPERATIONS).unwrap();
    assert_eq!(usize::from(remaining + completed), IMAGES);
    assert_eq!(usize::from(completed), received);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_that_is_cancelled_says_what_is_left() {
    let archive = archive(1).await;
    let service = Service::Move(Root::Study);
    let mut association = associated(&archive, service).await;
    let title = AeTitle::parse("ANY").unwrap();
    let (message_id, _, context) = association
        .query(service, Field::MoveRequest, &keys(), Some(&title))
        .await
        .unwrap();
    let first = association
        .response_to(message_id, Field::MoveResponse)
        .await
        .unwrap();
    assert!(first.status().is_pending());
    cancel(&mut association, context, message_id).await;
    archive.readable.add_permits(IMAGES);
    let end = loop {
        let answer = association
            .response_to(message_id, Field::MoveResponse)
            .await
            .unwrap();
        if !answer.status().is_pending() {
            break answer;
        }
    };
    assert_eq!(end.status().code, Status::CANCELLED);
    let completed = end.get_number(element::COMPLETED_SUBOPERATIONS).unwrap();
    assert!(end.get_number(element::REMAINING_SUBOPERATIONS).unwrap() > 0);
    assert_eq!(archive.stored.lock().unwrap().len(), usize::from(completed));
}

#[tokio::test(flavor = "multi_thread")]
async fn images_are_stored_and_moved_whole() {
    let archive = archive(10).await;
    let mut association = associated(&archive, Service::Verification).await;
    let image = Image("1.2.3".to_owned());
    assert!(association.echo().await.unwrap().is_success());
    // Without the role of a user nothing can be stored in the context.
    let refused = association.store(&archive, &image).await.unwrap();
    assert_eq!(refused.code, Status::SOP_CLASS_NOT_SUPPORTED);
    association.end().await.unwrap();
    let wanted = contexts_for(std::slice::from_ref(&image));
    let mut association = to(archive.address, "CT1")
        .associate(wanted, Vec::new())
        .await
        .unwrap();
    assert!(association.store(&archive, &image).await.unwrap().is_success());
    assert_eq!(*archive.stored.lock().unwrap(), ["1.2.3"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_may_not_be_called_is_not() {
    let archive = archive(0).await;
    let echo = || Wanted::service(Service::Verification).into_iter().collect();
    let elsewhere = Destination {
        reach: Some(Reach(Arc::new(|address| !address.is_loopback()))),
        ..to(archive.address, "CT1")
    };
    assert!(matches!(
        elsewhere.associate(echo(), Vec::new()).await,
        Err(Failure::Io(_))
    ));
    assert!(
        to(archive.address, "CT1")
            .associate(echo(), Vec::new())
            .await
            .is_ok()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_admitted_hears_why() {
    let archive = archive(0).await;
    let wanted = Wanted::service(Service::Verification).into_iter().collect();
    let rejected = to(archive.address, "STRANGER")
        .associate(wanted, Vec::new())
        .await;
    assert!(matches!(
        rejected,
        Err(Failure::Rejected(Rejection::CallingNotRecognised))
    ));
}
