//! The port: one association a call.

use app::{
    archive::rows::InstanceRow,
    nodes::{CommitmentAnswer, rows::DicomNodeRow},
    ports::{DicomPeers, Exchanged, InstanceBytes, InstanceSink, PeerError, PeerQuestion, PeerStudy},
};
use async_trait::async_trait;
use dicom::{Tag, tags};
use dimse::{
    AeTitle, Association, CommitmentReport, DataStream, Failure, Item, Reference, Root, Service, Source,
    Status, Wanted, contexts_for, data_set::DataSet, groups_for, sendable_in, sent_in,
};
use futures_util::{StreamExt as _, TryStreamExt as _};

use super::{NoDestination, Peers, fetching};

const QUERY_RETRIEVE_LEVEL: Tag = Tag::new(0x0008, 0x0052);

pub(super) fn unreachable(failure: &Failure) -> PeerError {
    PeerError::Unreachable {
        cause: failure.to_string(),
    }
}

pub(super) fn broke_off(failure: &Failure) -> PeerError {
    PeerError::Refused {
        cause: failure.to_string(),
    }
}

pub(super) fn refused(status: &Status) -> PeerError {
    PeerError::Refused {
        cause: described(status),
    }
}

pub(super) fn described(status: &Status) -> String {
    match &status.comment {
        Some(comment) => format!("status {:#06x}, {comment}", status.code),
        None => format!("status {:#06x}", status.code),
    }
}

impl From<NoDestination> for PeerError {
    fn from(error: NoDestination) -> Self {
        Self::Unreachable {
            cause: error.to_string(),
        }
    }
}

impl Peers {
    pub(super) async fn associate(
        &self,
        node: &DicomNodeRow,
        service: Service,
    ) -> Result<Association, PeerError> {
        let wanted = Wanted::service(service).into_iter().collect();
        let destination = self.destination(node)?;
        let associated = destination.associate(wanted, Vec::new()).await;
        associated.map_err(|failure| unreachable(&failure))
    }
}

pub(super) async fn end(association: Association) {
    if let Err(failure) = association.end().await {
        tracing::debug!(error = %failure, "a node did not take its release");
    }
}

#[async_trait]
impl DicomPeers for Peers {
    async fn verify(&self, node: &DicomNodeRow) -> Result<(), PeerError> {
        let mut association = self.associate(node, Service::Verification).await?;
        let status = association.echo().await.map_err(|failure| broke_off(&failure))?;
        end(association).await;
        if status.is_success() {
            Ok(())
        } else {
            Err(refused(&status))
        }
    }

    async fn send(
        &self,
        node: &DicomNodeRow,
        instances: &[InstanceRow],
        bytes: &dyn InstanceBytes,
    ) -> Result<Exchanged, PeerError> {
        let items: Vec<Instance<'_>> = instances.iter().map(Instance).collect();
        let source = Bytes(bytes);
        let destination = self.destination(node)?;
        let mut exchanged = Exchanged::default();
        for group in groups_for(&items) {
            let associated = destination.associate(contexts_for(group), Vec::new()).await;
            let mut association = associated.map_err(|failure| unreachable(&failure))?;
            for item in group {
                let status = association.store(&source, item).await;
                let status = status.map_err(|failure| broke_off(&failure))?;
                if status.is_success() || status.is_warning() {
                    exchanged.done += 1;
                } else {
                    exchanged.failed += 1;
                    exchanged.problem.get_or_insert_with(|| described(&status));
                }
            }
            end(association).await;
        }
        Ok(exchanged)
    }

    async fn find(
        &self,
        node: &DicomNodeRow,
        question: &PeerQuestion,
        most: usize,
    ) -> Result<Vec<PeerStudy>, PeerError> {
        let mut association = self.associate(node, Service::Find(Root::Study)).await?;
        let found = association.find(Root::Study, &keys_of(question), most).await;
        let (found, status) = found.map_err(|failure| broke_off(&failure))?;
        end(association).await;
        if status.is_success() || status.code == Status::CANCELLED {
            Ok(found.iter().map(study_of).collect())
        } else {
            Err(refused(&status))
        }
    }

    async fn fetch(
        &self,
        node: &DicomNodeRow,
        study_instance_uid: &str,
        sink: &mut dyn InstanceSink,
    ) -> Result<Exchanged, PeerError> {
        fetching::fetch(self, node, study_instance_uid, sink).await
    }

    async fn report_commitment(
        &self,
        node: &DicomNodeRow,
        transaction_uid: &str,
        answer: CommitmentAnswer,
    ) -> Result<(), PeerError> {
        let wanted = Wanted::service(Service::Commitment).into_iter().collect();
        let destination = self.destination(node)?;
        let associated = destination
            .associate(wanted, Association::roles_of_reporter())
            .await;
        let mut association = associated.map_err(|failure| unreachable(&failure))?;
        let report = report_of(transaction_uid, answer);
        let status = association.report(&report).await;
        let status = status.map_err(|failure| broke_off(&failure))?;
        end(association).await;
        if status.is_success() {
            Ok(())
        } else {
            Err(refused(&status))
        }
    }
}

/// The report of an answer, with the failure reasons of PS3.3 §C.14.1.1.
pub fn report_of(transaction_uid: &str, answer: CommitmentAnswer) -> CommitmentReport {
    let reference = |instance: app::nodes::CommittedInstance| Reference {
        sop_class_uid: instance.sop_class_uid,
        sop_instance_uid: instance.sop_instance_uid,
    };
    let absent = answer.absent.into_iter();
    let absent = absent.map(|one| (reference(one), Status::NO_SUCH_INSTANCE));
    let of_other_class = answer.of_other_class.into_iter();
    let of_other_class = of_other_class.map(|one| (reference(one), Status::CLASS_INSTANCE_CONFLICT));
    let damaged = answer.damaged.into_iter();
    let damaged = damaged.map(|one| (reference(one), Status::PROCESSING_FAILURE));
    CommitmentReport {
        transaction_uid: transaction_uid.to_owned(),
        committed: answer.kept.into_iter().map(reference).collect(),
        failed: absent.chain(of_other_class).chain(damaged).collect(),
    }
}

#[derive(Debug)]
struct Instance<'a>(&'a InstanceRow);

impl Item for Instance<'_> {
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

struct Bytes<'a>(&'a dyn InstanceBytes);

impl<'a> Source for Bytes<'a> {
    type Item = Instance<'a>;

    async fn open(&self, item: &Instance<'a>, transfer_syntax: &str) -> Result<DataStream, Status> {
        let unreadable = || Status::with(Status::PROCESSING_FAILURE, "an instance could not be read");
        let stream = self.0.data_set(item.0).await.map_err(|_| unreadable())?;
        let data = stream.map_err(move |_| unreadable()).boxed();
        Ok(sent_in(data, &item.0.transfer_syntax_uid, transfer_syntax))
    }
}

fn keys_of(question: &PeerQuestion) -> DataSet {
    let value = |value: &Option<String>| value.clone().unwrap_or_default();
    DataSet::default()
        .with_text(tags::SPECIFIC_CHARACTER_SET, *b"CS", "ISO_IR 192")
        .with_text(QUERY_RETRIEVE_LEVEL, *b"CS", "STUDY")
        .with_text(tags::STUDY_DATE, *b"DA", &value(&question.study_date))
        .with_text(tags::ACCESSION_NUMBER, *b"SH", &value(&question.accession_number))
        .with_text(tags::MODALITIES_IN_STUDY, *b"CS", "")
        .with_text(tags::STUDY_DESCRIPTION, *b"LO", "")
        .with_text(tags::PATIENT_NAME, *b"PN", &value(&question.patient_name))
        .with_text(tags::PATIENT_ID, *b"LO", &value(&question.patient_id))
        .with_text(tags::PATIENT_BIRTH_DATE, *b"DA", "")
        .with_text(
            tags::STUDY_INSTANCE_UID,
            *b"UI",
            &value(&question.study_instance_uid),
        )
        .with_text(tags::NUMBER_OF_STUDY_RELATED_INSTANCES, *b"IS", "")
}

fn study_of(found: &DataSet) -> PeerStudy {
    let character_set = found.text(tags::SPECIFIC_CHARACTER_SET).unwrap_or_default();
    let text = |tag| {
        let bytes = found.bytes(tag).unwrap_or_default();
        let text = dicom::decode_text(&character_set, bytes, tag == tags::PATIENT_NAME);
        text.trim_matches(['\0', ' ']).to_owned()
    };
    let modalities = text(tags::MODALITIES_IN_STUDY);
    PeerStudy {
        study_instance_uid: text(tags::STUDY_INSTANCE_UID),
        patient_id: text(tags::PATIENT_ID),
        patient_name: text(tags::PATIENT_NAME),
        patient_birth_date: text(tags::PATIENT_BIRTH_DATE),
        study_date: text(tags::STUDY_DATE),
        accession_number: text(tags::ACCESSION_NUMBER),
        description: text(tags::STUDY_DESCRIPTION),
        modalities: modalities
            .split('\\')
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect(),
        instances: text(tags::NUMBER_OF_STUDY_RELATED_INSTANCES).parse().ok(),
    }
}

/// The keys of one study.
pub(super) fn study_keys(study_instance_uid: &str) -> DataSet {
    DataSet::default()
        .with_text(QUERY_RETRIEVE_LEVEL, *b"CS", "STUDY")
        .with_text(tags::STUDY_INSTANCE_UID, *b"UI", study_instance_uid)
}

pub(super) fn our_title(node: &DicomNodeRow) -> Result<AeTitle, PeerError> {
    AeTitle::parse(&node.called_title).map_err(|_| NoDestination::Title.into())
}
