//! Handing out originals as they came (PS3.18 §10.4).

use std::collections::HashMap;

use domain::{
    Actor, ErrorCode, FacilityId, Permission,
    audit::{AuditAction, AuditEvent},
};
use store::{InstanceRow, QuarantinedRow};

use super::address::{ArchiveAddress, object};
use crate::{App, AppError, ports::BlobStream, trail::StudyForm};

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

    /// The original bytes of an instance, chunk by chunk.
    pub async fn stream_original(
        &self,
        actor: &Actor,
        instance: &InstanceRow,
    ) -> Result<BlobStream, AppError> {
        self.authorise(actor, Permission::RetrieveStudies)?;
        let key = object(actor.tenant(), &instance.object_key)?;
        let range = instance.offset..instance.offset + instance.length;
        Ok(self.blobs.stream(&key, range).await?)
    }

    /// One bulk value of an instance: the element at `path`, such as `00420011` (PS3.18 §10.4.1.1.5). Gives the
    /// stream and its length.
    ///
    /// Errors: `NOT_FOUND` when the instance has no such value; `NOT_ACCEPTABLE` when its bytes cannot be
    /// handed out as they are: encapsulated ones go by frames, deflated and big-endian ones in the original.
    pub async fn retrieve_bulk(
        &self,
        actor: &Actor,
        address: &ArchiveAddress,
        path: &str,
    ) -> Result<(BlobStream, u64), AppError> {
        self.authorise(actor, Permission::RetrieveStudies)?;
        let tx = self.store.read(actor).await?;
        let (study, instance) = self.instance_at(&tx, actor, address).await?;
        let missing = || AppError::NotFound { what: "bulk value" };
        let (_, bulk_values) = tx.metadata_of_instance(instance.id).await?.ok_or_else(missing)?;
        drop(tx);
        let values: Vec<dicom::BulkValue> =
            serde_json::from_str(&bulk_values).map_err(|error| AppError::Internal {
                what: format!("the list of bulk values: {error}"),
            })?;
        let value = values
            .into_iter()
            .find(|value| value.path == path)
            .ok_or_else(missing)?;
        let as_stored = ![
            dicom::DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN,
            dicom::EXPLICIT_VR_BIG_ENDIAN,
        ]
        .contains(&instance.transfer_syntax_uid.as_str());
        if value.encapsulated || !as_stored {
            let text =
                "this value is not stored as plain little-endian bytes: retrieve its frames or the instance";
            return Err(AppError::refused(ErrorCode::NotAcceptable, text));
        }
        self.record_study_look(actor, study.id, StudyForm::BulkData)
            .await?;
        let start = instance.offset + value.offset;
        if value.offset.saturating_add(value.length) > instance.length {
            return Err(AppError::Internal {
                what: "a bulk value reaches beyond its instance".to_owned(),
            });
        }
        let key = object(actor.tenant(), &instance.object_key)?;
        Ok((
            self.blobs.stream(&key, start..start + value.length).await?,
            value.length,
        ))
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
