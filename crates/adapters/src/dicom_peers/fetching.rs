//! Fetching a study: by C-GET on one association, or by C-MOVE to our own listener.

use app::{
    archive::SentInstance,
    nodes::rows::DicomNodeRow,
    ports::{Exchanged, InstanceSink, PeerError},
};
use dimse::{
    Association, Failure, Message, Receiver, Retrieved, RoleSelection, Root, Service, Status, StoreRequest,
    Wanted, file_meta,
};

use super::{
    Peers,
    calls::{broke_off, described, end, our_title, refused, study_keys, unreachable},
};

/// The SOP classes that are fetched by C-GET, which must be named before anybody knows what will come. Two contexts
/// for each and one for the query fill an association.
const FETCHED: [&str; 60] = [
    "1.1", "1.1.1", "1.1.1.1", "1.1.2", "1.1.2.1", "1.1.3", "1.1.3.1", "2", "2.1", "2.2", "3.1", "4", "4.1",
    "4.2", "4.3", "4.4", "6.1", "6.2", "7", "7.1", "7.2", "7.3", "7.4", "9.1.1", "9.1.2", "9.1.3", "9.2.1",
    "11.1", "11.2", "12.1", "12.1.1", "12.2", "12.2.1", "13.1.1", "13.1.2", "13.1.3", "14.1", "20", "30",
    "66", "66.4", "67", "77.1.1", "77.1.2", "77.1.4", "77.1.4.1", "77.1.5.1", "77.1.5.4", "88.11", "88.22",
    "88.33", "88.59", "88.67", "104.1", "128", "128.1", "130", "481.1", "481.2", "481.3",
];
const STORAGE: &str = "1.2.840.10008.5.1.4.1.1.";

/// Compressed, the lossless ones first.
const COMPRESSED: [&str; 11] = [
    "1.2.840.10008.1.2.4.70",
    "1.2.840.10008.1.2.4.57",
    "1.2.840.10008.1.2.4.80",
    "1.2.840.10008.1.2.4.90",
    "1.2.840.10008.1.2.4.201",
    "1.2.840.10008.1.2.5",
    "1.2.840.10008.1.2.4.50",
    "1.2.840.10008.1.2.4.51",
    "1.2.840.10008.1.2.4.81",
    "1.2.840.10008.1.2.4.91",
    "1.2.840.10008.1.2.4.203",
];

pub(super) async fn fetch(
    peers: &Peers,
    node: &DicomNodeRow,
    study_instance_uid: &str,
    sink: &mut dyn InstanceSink,
) -> Result<Exchanged, PeerError> {
    let keys = study_keys(study_instance_uid);
    let destination = peers.destination(node)?;
    let associated = destination.associate(wanted(), roles()).await;
    let mut association = associated.map_err(|failure| unreachable(&failure))?;
    let get = Service::Get(Root::Study).sop_class_uid();
    let has_get = association
        .contexts()
        .iter()
        .any(|context| Some(context.abstract_syntax.as_str()) == get);
    if has_get {
        let mut taking = Taking {
            sink,
            stored: 0,
            problem: None,
        };
        let got = association.get(Root::Study, &keys, &mut taking).await;
        let got = got.map_err(|failure| broke_off(&failure))?;
        let (stored, problem) = (taking.stored, taking.problem);
        end(association).await;
        return exchanged(&got, Some(stored), problem);
    }
    end(association).await;
    let mut association = peers.associate(node, Service::Move(Root::Study)).await?;
    let moved = association.move_to(Root::Study, &keys, &our_title(node)?).await;
    let moved = moved.map_err(|failure| broke_off(&failure))?;
    end(association).await;
    exchanged(&moved, None, None)
}

fn exchanged(
    retrieved: &Retrieved,
    stored: Option<u32>,
    problem: Option<String>,
) -> Result<Exchanged, PeerError> {
    let status = &retrieved.status;
    if !(status.is_success() || status.is_warning()) && retrieved.completed == 0 {
        return Err(problem.map_or_else(|| refused(status), |cause| PeerError::Refused { cause }));
    }
    Ok(Exchanged {
        done: stored.unwrap_or(u32::from(retrieved.completed) + u32::from(retrieved.warned)),
        failed: u32::from(retrieved.failed),
        problem: problem.or_else(|| (retrieved.failed > 0).then(|| described(status))),
    })
}

fn wanted() -> Vec<Wanted> {
    let list = |syntaxes: &[&str]| syntaxes.iter().map(|uid| (*uid).to_owned()).collect::<Vec<_>>();
    let plain = list(&[dicom::EXPLICIT_VR_LITTLE_ENDIAN, dicom::IMPLICIT_VR_LITTLE_ENDIAN]);
    let query = Wanted::service(Service::Get(Root::Study));
    let storage = FETCHED.iter().flat_map(|class| {
        [list(&COMPRESSED), plain.clone()].map(|transfer_syntaxes| Wanted {
            abstract_syntax: format!("{STORAGE}{class}"),
            transfer_syntaxes,
        })
    });
    query.into_iter().chain(storage).collect()
}

fn roles() -> Vec<RoleSelection> {
    let role = |class: &&str| RoleSelection {
        sop_class_uid: format!("{STORAGE}{class}"),
        scu: false,
        scp: true,
    };
    FETCHED.iter().map(role).collect()
}

struct Taking<'a> {
    sink: &'a mut dyn InstanceSink,
    stored: u32,
    problem: Option<String>,
}

impl Receiver for Taking<'_> {
    async fn receive(&mut self, message: &Message, association: &mut Association) -> Result<Status, Failure> {
        match self.take(message, association).await? {
            Ok(()) => {
                self.stored += 1;
                Ok(Status::success())
            }
            Err(problem) => {
                let status = Status::with(Status::PROCESSING_FAILURE, problem.clone());
                self.problem.get_or_insert(problem);
                Ok(status)
            }
        }
    }
}

impl Taking<'_> {
    async fn take(
        &mut self,
        message: &Message,
        association: &mut Association,
    ) -> Result<Result<(), String>, Failure> {
        let (Some(sop_class_uid), Some(sop_instance_uid)) = (
            message.command.sop_class_uid(),
            message.command.sop_instance_uid(),
        ) else {
            return Ok(Err("an instance without a name".to_owned()));
        };
        let request = StoreRequest {
            sop_class_uid: sop_class_uid.clone(),
            sop_instance_uid: sop_instance_uid.clone(),
            transfer_syntax_uid: message.context.transfer_syntax.clone(),
        };
        let sent = SentInstance {
            sop_class_uid,
            sop_instance_uid,
        };
        // The peer is the source, as if it had come by itself.
        let meta = file_meta(&request, association.called());
        if let Err(error) = self.sink.begin(sent).await {
            return Ok(Err(error.public_message()));
        }
        if let Err(error) = self.sink.write(meta.into()).await {
            return Ok(Err(error.public_message()));
        }
        while let Some(bytes) = association.fragment().await? {
            if let Err(error) = self.sink.write(bytes).await {
                return Ok(Err(error.public_message()));
            }
        }
        Ok(self.sink.end().await.map_err(|error| error.public_message()))
    }
}
