//! Handing out originals as they came (PS3.18 §10.4).

use std::collections::HashMap;

use domain::{
    Actor, FacilityId, Permission,
    audit::{AuditAction, AuditEvent},
};
use store::{InstanceRow, QuarantinedRow};

use super::address::ArchiveAddress;
use crate::{App, AppError, integrity::StoredBytes, ports::BlobStream, trail::StudyForm};

impl App {
    /// The instances of an address, in reading order. Their bytes are read with [`App::stream_original`].
    pub async fn retrieve(
        &self,
        actor: &Actor,
        address: &ArchiveAddress,
    ) -> Result<Vec<InstanceRow>, AppError> {
        self.authorise(actor, Permission::RetrieveStudies)?;
        let tx = self.store.read(actor).await?;
        let (study, instances) = if address.instance.is_some() {
            let (study, instance) = self.instance_at(&tx, actor, address).await?;
            (study, vec![instance])
        } else if address.series.is_some() {
            let (study, series) = self.series_at(&tx, actor, address).await?;
            (study, tx.instances_of_series(series.id).await?)
        } else {
            let study = self.study_at(&tx, actor, address).await?;
            let instances = tx.instances_of_study(study.id).await?;
            (study, instances)
        };
        drop(tx);
        self.record_study_look(actor, study.id, StudyForm::Instances)
            .await?;
        Ok(instances)
    }

    /// The original bytes of an instance, chunk by chunk, each compared with its checksum.
    ///
    /// Errors: `OBJECT_DAMAGED`.
    pub async fn stream_original(
        &self,
        actor: &Actor,
        instance: &InstanceRow,
    ) -> Result<BlobStream, AppError> {
        self.authorise(actor, Permission::RetrieveStudies)?;
        let stored = StoredBytes::original(actor.tenant(), instance)?;
        self.open_stored(actor, &stored, 0..instance.length).await
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
