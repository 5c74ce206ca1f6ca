//! Handing out originals as they came (PS3.18 §10.4).

use std::{collections::HashMap, ops::Range};

use bytes::Bytes;
use domain::{
    Actor, FacilityId, Permission, SeriesId,
    audit::{AuditAction, AuditEvent},
};
use futures_util::{StreamExt as _, stream};
use store::{InstanceRow, QuarantinedRow, SeriesRow, StudyRow};

use super::address::ArchiveAddress;
use crate::{App, AppError, integrity::StoredBytes, ports::BlobStream, trail::StudyForm};

/// The instances of an address, in reading order.
#[derive(Debug)]
pub struct FoundInstances {
    /// Their study.
    pub study: StudyRow,
    /// The series of the study.
    pub series: HashMap<SeriesId, SeriesRow>,
    /// The instances.
    pub instances: Vec<InstanceRow>,
}

impl FoundInstances {
    /// The path of one of them below a DICOMweb root, without a slash at either end.
    pub fn path_of(&self, instance: &InstanceRow) -> String {
        let series = self.series.get(&instance.series);
        format!(
            "studies/{}/series/{}/instances/{}",
            self.study.study_instance_uid,
            series.map_or("", |series| series.series_instance_uid.as_str()),
            instance.sop_instance_uid
        )
    }
}

/// How long the file of an instance is that [`App::stream_file`] gives.
pub fn file_length(instance: &InstanceRow) -> u64 {
    match beginning_of(instance) {
        Some(beginning) => beginning.len() as u64 + instance.length - instance.data_set_offset,
        None => instance.length,
    }
}

/// What has to stand before the data set of a file that came without a preamble (PS3.10 §7.1).
fn beginning_of(instance: &InstanceRow) -> Option<Bytes> {
    (!instance.has_preamble).then(|| {
        Bytes::from(dicom::file_meta(
            &instance.sop_class_uid,
            &instance.sop_instance_uid,
            &instance.transfer_syntax_uid,
        ))
    })
}

fn usize_of(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

impl App {
    /// The instances of an address. Their bytes are read with [`App::open_instance`].
    pub async fn retrieve(
        &self,
        actor: &Actor,
        address: &ArchiveAddress,
    ) -> Result<FoundInstances, AppError> {
        self.authorise(actor, Permission::RetrieveStudies)?;
        let found = self.find_instances(actor, address).await?;
        self.record_study_look(actor, found.study.id, StudyForm::Instances)
            .await?;
        Ok(found)
    }

    pub(super) async fn find_instances(
        &self,
        actor: &Actor,
        address: &ArchiveAddress,
    ) -> Result<FoundInstances, AppError> {
        let tx = self.store.read(actor).await?;
        let (study, instances) = self.instances_at(&tx, actor, address).await?;
        let series = tx.series_of_studies(&[study.id]).await?;
        Ok(FoundInstances {
            study,
            series: series.into_iter().map(|series| (series.id, series)).collect(),
            instances,
        })
    }

    /// The file of an instance, chunk by chunk, each compared with its checksum: as it came, bit for bit, or with a
    /// beginning of ours where it came without one.
    ///
    /// Errors: `OBJECT_DAMAGED`.
    pub async fn stream_file(&self, actor: &Actor, instance: &InstanceRow) -> Result<BlobStream, AppError> {
        self.stream_file_range(actor, instance, 0..file_length(instance))
            .await
    }

    /// The same for a range of its bytes, which must lie within it.
    ///
    /// Errors: `OBJECT_DAMAGED`.
    pub async fn stream_file_range(
        &self,
        actor: &Actor,
        instance: &InstanceRow,
        range: Range<u64>,
    ) -> Result<BlobStream, AppError> {
        self.authorise(actor, Permission::RetrieveStudies)?;
        let stored = StoredBytes::original(actor.tenant(), instance)?;
        let Some(beginning) = beginning_of(instance) else {
            return self.open_stored(actor, &stored, range).await;
        };
        let begins = beginning.len() as u64;
        let own = usize_of(range.start.min(begins))..usize_of(range.end.min(begins));
        let own = stream::iter([Ok(beginning.slice(own))]);
        let of_data_set = |at: u64| at.max(begins) - begins + instance.data_set_offset;
        let rest = of_data_set(range.start)..of_data_set(range.end);
        if rest.is_empty() {
            return Ok(own.boxed());
        }
        let rest = self.open_stored(actor, &stored, rest).await?;
        Ok(own.chain(rest).boxed())
    }

    /// The data set of an instance as it came, without preamble and file meta, in the same way.
    ///
    /// Errors: `OBJECT_DAMAGED`.
    pub async fn stream_data_set(
        &self,
        actor: &Actor,
        instance: &InstanceRow,
    ) -> Result<BlobStream, AppError> {
        self.authorise(actor, Permission::RetrieveStudies)?;
        let stored = StoredBytes::original(actor.tenant(), instance)?;
        self.open_stored(actor, &stored, instance.data_set_offset..instance.length)
            .await
    }

    /// What was set aside, newest first, with the name of the facility that sent it.
    pub async fn quarantine(
        &self,
        actor: &Actor,
        first: u64,
    ) -> Result<Vec<(QuarantinedRow, Option<String>)>, AppError> {
        self.authorise(actor, Permission::ManageOperations)?;
        let event = AuditEvent::of(actor, self.clock.now(), AuditAction::QuarantineView, "quarantine");
        self.record_plain_look(actor, event).await?;
        let tx = self.store.read(actor).await?;
        let rows = tx.quarantine(actor.facilities(), first).await?;
        let names: HashMap<FacilityId, String> = tx
            .facilities(actor.facilities())
            .await?
            .into_iter()
            .map(|facility| (facility.id, facility.name))
            .collect();
        Ok(rows
            .into_iter()
            .map(|row| {
                let name = names.get(&row.facility).cloned();
                (row, name)
            })
            .collect())
    }
}
