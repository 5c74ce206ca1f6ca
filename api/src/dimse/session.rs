//! What a node does on its association.

use std::collections::{HashMap, HashSet};

use adapters::dicom_peers::report_of;
use app::{
    App, AppError,
    archive::{ArchiveAddress, rows::InstanceRow},
    nodes::{Admitted, CommittedInstance, rows::DicomNodeRow},
};
use dicom::{JsonObject, Uid, query::Query, tags};
use dimse::{
    AeTitle, Commitment, CommitmentReport, DataSetReader, DataStream, Destination, Failure, Identifier, Item,
    Matches, Service, Session, Source, Status, StoreRequest, sendable_in, sent_in,
};
use domain::{Actor, CommitmentId, DicomNodeId, ErrorCode, NodeRight};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::{Map, Value as Json};

use super::{
    DimseOptions,
    answer::{identifier, text_of},
    gate::Place,
    question::{QueryLevel, Wanted, parameters},
    status::status_of,
    store::store,
};

/// So many matches are looked up at a time.
const PAGE: usize = 200;
/// Beyond so many matches a query is ended: whoever needs more narrows it.
const MOST_MATCHES: usize = 20_000;

/// One association of a node.
#[derive(Debug)]
pub(super) struct NodeSession {
    app: App,
    actor: Actor,
    node: DicomNodeRow,
    called: AeTitle,
    options: DimseOptions,
    /// Where the next retrieval goes, when it is a C-MOVE.
    destination: Option<DicomNodeId>,
    /// Commitments whose report the node has not confirmed, by Transaction UID.
    commitments: HashMap<String, CommitmentId>,
    _place: Place,
}

/// An instance to be sent.
#[derive(Debug)]
pub(super) struct StoredInstance(InstanceRow);

impl Item for StoredInstance {
    fn sop_class_uid(&self) -> &str {
        &self.0.sop_class_uid
    }

    fn sop_instance_uid(&self) -> &str {
        &self.0.sop_instance_uid
    }

    fn transfer_syntaxes(&self) -> Vec<&str> {
        sendable_in(&self.0.transfer_syntax_uid)
    }
}

impl NodeSession {
    pub fn new(app: App, admitted: Admitted, called: AeTitle, options: DimseOptions, place: Place) -> Self {
        Self {
            app,
            actor: admitted.actor,
            node: admitted.node,
            called,
            options,
            destination: None,
            commitments: HashMap::new(),
            _place: place,
        }
    }

    fn has(&self, right: NodeRight) -> bool {
        self.node.rights.contains(&right)
    }
}

impl Source for NodeSession {
    type Item = StoredInstance;

    async fn open(&self, item: &StoredInstance, transfer_syntax: &str) -> Result<DataStream, Status> {
        let stream = self.app.stream_data_set(&self.actor, &item.0).await;
        let stream = stream.map_err(|error| status_of(&error))?;
        let data = stream.map_err(|error| status_of(&AppError::from(error))).boxed();
        Ok(sent_in(data, &item.0.transfer_syntax_uid, transfer_syntax))
    }
}

impl Session for NodeSession {
    fn offers(&self, service: Service) -> bool {
        match service {
            Service::Verification => true,
            Service::Storage => self.has(NodeRight::Store),
            Service::PrivateStorage => self.has(NodeRight::Store) && self.node.takes_private_classes,
            Service::Find(_) => self.has(NodeRight::Find),
            Service::Move(_) => self.has(NodeRight::Move),
            Service::Get(_) => self.has(NodeRight::Get),
            Service::Commitment => self.has(NodeRight::Commit),
        }
    }

    async fn store(
        &mut self,
        request: StoreRequest,
        data: &mut DataSetReader<'_>,
    ) -> Result<Status, Failure> {
        let source = data.calling().clone();
        store(&self.app, &self.actor, &source, request, data).await
    }

    async fn find(&mut self, query: Identifier) -> Result<Matches, Status> {
        let level = QueryLevel::of(&query)?;
        let mut search = Search {
            app: self.app.clone(),
            actor: self.actor.clone(),
            parameters: parameters(&query.keys),
            level,
            offset: 0,
            is_done: false,
            patients: HashSet::new(),
        };
        // The first page is looked up before the first answer: what cannot be searched for is an error.
        let first = search.page().await?;
        let is_partial = first.is_partial;
        let pages = stream::iter([Ok(first.found)]).chain(search.rest());
        let (keys, title) = (query.keys, self.called.clone());
        let found = pages
            .map_ok(|page| stream::iter(page.into_iter().map(Ok::<_, Status>)))
            .try_flatten()
            .map_ok(move |object| identifier(&keys, level, title.as_str(), &object));
        Ok(Matches {
            is_partial,
            found: found.boxed(),
        })
    }

    async fn retrieve(&mut self, query: Identifier) -> Result<Vec<StoredInstance>, Status> {
        let wanted = Wanted::of(&query)?;
        let destination = self.destination.take();
        let studies = match wanted.level {
            QueryLevel::Patient => self.studies_of_patient(wanted.patient.as_deref()).await?,
            _ => wanted.studies.clone(),
        };
        let mut instances = Vec::new();
        for study in studies {
            if wanted.series.is_empty() || wanted.level == QueryLevel::Study {
                instances.extend(self.instances(study, None).await?);
            } else {
                for series in &wanted.series {
                    instances.extend(self.instances(study.clone(), Some(series.clone())).await?);
                }
            }
        }
        if wanted.level == QueryLevel::Image {
            let named: HashSet<&str> = wanted.instances.iter().map(Uid::as_str).collect();
            instances.retain(|instance| named.contains(instance.sop_instance_uid.as_str()));
        }
        if let Some(node) = destination {
            let studies: Vec<_> = instances.iter().map(|instance| instance.study).collect();
            let recorded = self
                .app
                .record_handover(&self.actor, &studies, node, "C-MOVE")
                .await;
            recorded.map_err(|error| status_of(&error))?;
        }
        Ok(instances.into_iter().map(StoredInstance).collect())
    }

    async fn destination(&mut self, title: AeTitle) -> Result<Destination, Status> {
        let node = match self.app.move_destination(&self.actor, title.as_str()).await {
            Ok(node) => node,
            Err(error) if error.code() == ErrorCode::NotFound => {
                return Err(Status::of(Status::MOVE_DESTINATION_UNKNOWN));
            }
            Err(error) => return Err(status_of(&error)),
        };
        let destination = self.options.peers.destination(&node).map_err(|error| {
            tracing::warn!(error = %error, node.id = %node.id, "a move destination cannot be reached");
            Status::of(Status::CANNOT_PERFORM_SUBOPERATIONS)
        })?;
        self.destination = Some(node.id);
        Ok(destination)
    }

    async fn commit(&mut self, request: Commitment) -> Result<Option<CommitmentReport>, Status> {
        let uid = request.transaction_uid;
        let instances = request.references.into_iter().map(|reference| CommittedInstance {
            sop_class_uid: reference.sop_class_uid,
            sop_instance_uid: reference.sop_instance_uid,
        });
        let instances = instances.collect();
        let committed = self.app.commit_to_storage(&self.actor, &uid, instances).await;
        let (id, answer) = committed.map_err(|error| status_of(&error))?;
        if self.node.address.is_some() {
            // A job tells the node where it listens, also when this association is gone.
            return Ok(None);
        }
        let report = report_of(&uid, answer);
        self.commitments.insert(uid, id);
        Ok(Some(report))
    }

    async fn reported(&mut self, transaction_uid: String) {
        let Some(id) = self.commitments.remove(&transaction_uid) else {
            return;
        };
        if let Err(error) = self.app.commitment_reported(&self.actor, id).await {
            tracing::error!(error = %error, commitment.id = %id, "a confirmed report could not be noted");
        }
    }
}

impl NodeSession {
    /// The instances of a study or series; none when there is no such study for this node.
    async fn instances(&self, study: Uid, series: Option<Uid>) -> Result<Vec<InstanceRow>, Status> {
        let address = ArchiveAddress {
            study,
            series,
            instance: None,
        };
        match self.app.retrieve(&self.actor, &address).await {
            Ok(found) => Ok(found.instances),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(Vec::new()),
            Err(error) => Err(status_of(&error)),
        }
    }

    async fn studies_of_patient(&self, patient: Option<&str>) -> Result<Vec<Uid>, Status> {
        let mut search = Search {
            app: self.app.clone(),
            actor: self.actor.clone(),
            parameters: url::form_urlencoded::Serializer::new(String::new())
                .append_pair(&tags::PATIENT_ID.to_string(), patient.unwrap_or_default())
                .finish(),
            level: QueryLevel::Study,
            offset: 0,
            is_done: false,
            patients: HashSet::new(),
        };
        let mut studies = Vec::new();
        while !search.is_done {
            let page = search.page().await?;
            let uids = page
                .found
                .iter()
                .filter_map(|study| text_of(study, tags::STUDY_INSTANCE_UID));
            studies.extend(uids.filter_map(|uid| Uid::parse(uid).ok()));
        }
        Ok(studies)
    }
}

/// A search, page by page.
struct Search {
    app: App,
    actor: Actor,
    parameters: String,
    level: QueryLevel,
    offset: usize,
    is_done: bool,
    /// The patients that were told of: several studies tell of one.
    patients: HashSet<(String, String)>,
}

struct Page {
    is_partial: bool,
    found: Vec<Map<String, Json>>,
}

impl Search {
    async fn page(&mut self) -> Result<Page, Status> {
        let query = format!("{}&limit={PAGE}&offset={}", self.parameters, self.offset);
        let query = Query::parse(self.level.searched(), &query)
            .map_err(|error| Status::with(Status::DATA_SET_DOES_NOT_MATCH, error.to_string()))?;
        let answer = self.app.search(&self.actor, None, &query).await;
        let answer = answer.map_err(|error| status_of(&error))?;
        self.offset += answer.objects.len();
        self.is_done = !answer.has_more;
        let mut found: Vec<Map<String, Json>> = answer.objects.iter().filter_map(parsed).collect();
        if self.level == QueryLevel::Patient {
            found.retain(|study| {
                let text = |tag| text_of(study, tag).unwrap_or_default().to_owned();
                self.patients
                    .insert((text(tags::PATIENT_ID), text(tags::ISSUER_OF_PATIENT_ID)))
            });
        }
        Ok(Page {
            is_partial: !answer.ignored.is_empty(),
            found,
        })
    }

    /// The pages after those that were looked up.
    fn rest(self) -> impl stream::Stream<Item = Result<Vec<Map<String, Json>>, Status>> + Send {
        stream::try_unfold(self, |mut search| async move {
            if search.is_done {
                return Ok(None);
            }
            if search.offset >= MOST_MATCHES {
                return Err(Status::with(
                    Status::OUT_OF_RESOURCES,
                    format!("there are more than {MOST_MATCHES} matches; narrow the query"),
                ));
            }
            let page = search.page().await?;
            Ok(Some((page.found, search)))
        })
    }
}

fn parsed(object: &JsonObject) -> Option<Map<String, Json>> {
    serde_json::from_str(&object.to_string()).ok()
}
