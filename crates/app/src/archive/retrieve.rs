//! Handing out originals as they came (PS3.18 §10.4).

use std::{collections::HashMap, ops::Range};

use domain::{
    Actor, FacilityId, Permission, SeriesId,
    audit::{AuditAction, AuditEvent},
};
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

    /// The original bytes of an instance, chunk by chunk, each compared with its checksum.
    ///
    /// Errors: `OBJECT_DAMAGED`.
    pub async fn stream_original(
        &self,
        actor: &Actor,
        instance: &InstanceRow,
    ) -> Result<BlobStream, AppError> {
        self.stream_original_range(actor, instance, 0..instance.length)
            .await
    }

    /// The same for a range of its bytes, which must lie within it.
    ///
    /// Errors: `OBJECT_DAMAGED`.
    pub async fn stream_original_range(
        &self,
        actor: &Actor,
        instance: &InstanceRow,
        range: Range<u64>,
    ) -> Result<BlobStream, AppError> {
        self.authorise(actor, Permission::RetrieveStudies)?;
        let stored = StoredBytes::original(actor.tenant(), instance)?;
        self.open_stored(actor, &stored, range).await
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
